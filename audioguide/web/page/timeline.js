// The timeline of a session as the player uses it, with times in seconds.

// The last of `parts` (sorted by start) that has begun by then and not ended; undefined where there is none.
export function partAt(parts, seconds) {
  const part = parts[indexAt(parts, seconds)];
  return part && seconds < part.end ? part : undefined;
}

// The index of the last of `parts` that has begun by then; -1 before the first.
export function indexAt(parts, seconds) {
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (parts[middle].start <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

// What was said last, a line of it at a time, and whether that is over. Within a pose it stays to be read, but not
// during a hold.
export function captionAt({ lines, holds, chapters }, seconds) {
  const last = lines[indexAt(lines, seconds)];
  if (!last || seconds < last.end) return { text: last?.text ?? "", over: !last };
  const stays = !partAt(holds, seconds) && last.start >= (partAt(chapters, seconds)?.start ?? 0);
  return { text: stays ? last.text : "", over: true };
}

// What is counted down: { kind, start, end, hold }. The kind is that of a hold or a rest, or "until" the next hold or,
// after the last one, until the "end" of the session.
export function momentAt({ holds, rests, duration }, seconds) {
  const index = indexAt(holds, seconds);
  const [hold, rest] = [partAt(holds, seconds), partAt(rests, seconds)];
  if (hold) return { kind: "hold", start: hold.start, end: hold.end, hold };
  if (rest) return { kind: "rest", start: rest.start, end: rest.end, hold: holds[index + 1] };
  const next = holds[index + 1];
  const start = holds[index]?.end ?? 0;
  return { kind: next ? "until" : "end", start, end: next?.start ?? duration, hold: next };
}

// What comes after the hold of this moment: { side } of the same pose, or { pose }; null at the end.
export function nextAt({ holds, chapters }, seconds) {
  const current = indexAt(chapters, seconds);
  const chapter = chapters[current];
  const index = partAt(holds, seconds) ? indexAt(holds, seconds) : indexAt(holds, seconds) + 1;
  const [hold, other] = [holds[index], holds[index + 1]];
  const here = (one) => one && chapter && one.start >= chapter.start && one.start < chapter.end;
  if (here(hold) && here(other) && other.side && other.side !== hold.side) return { side: other.side };
  const next = chapters[current + 1];
  return next ? { pose: next.title } : null;
}

// The side of the pose at a moment, as it was named or will be; "" where it has none.
export function sideAt({ holds, chapters }, seconds) {
  const chapter = partAt(chapters, seconds);
  const index = indexAt(holds, seconds);
  const upcoming = holds[index + 1];
  const hold = partAt(holds, seconds) ?? (chapter && upcoming?.start < chapter.end ? upcoming : holds[index]);
  return chapter && hold?.start >= chapter.start && hold.start < chapter.end ? (hold.side ?? "") : "";
}

const LONGEST = 80; // letters of a line
const SENTENCE = /[^.!?…。！？]+(?:[.!?…。！？]+["'”’»)]*\s*|$)/g;
const STOP = 8; // letters that the pause after a sentence lasts as long as

// A text in lines that can be read at a glance: whole sentences where they fit, else parts of one.
export function splitLines(text) {
  const lines = [];
  for (const sentence of (text.match(SENTENCE) ?? [text]).map((one) => one.trim()).filter(Boolean)) {
    const joined = lines.length ? `${lines.at(-1)} ${sentence}` : sentence;
    if (lines.length && joined.length <= LONGEST) lines[lines.length - 1] = joined;
    else lines.push(...splitSentence(sentence));
  }
  return lines;
}

function splitSentence(sentence) {
  if (sentence.length <= LONGEST) return [sentence];
  const share = sentence.length / Math.ceil(sentence.length / LONGEST);
  const start = sentence.slice(0, LONGEST + 1);
  const comma = Math.max(...[",", ";", ":", "–"].map((sign) => start.lastIndexOf(`${sign} `))) + 1;
  const space = start.lastIndexOf(" ", Math.max(share, start.indexOf(" ")));
  const half = /[\uDC00-\uDFFF]/.test(sentence[LONGEST]) ? 1 : 0; // no letter is cut in two
  const cut = comma > share / 2 ? comma : space > 0 ? space : LONGEST - half;
  return [sentence.slice(0, cut).trim(), ...splitSentence(sentence.slice(cut).trim())];
}

// The lines of what is said, each for its share of the time.
function timeLines({ text, start, end }) {
  const lines = splitLines(text);
  const weights = lines.map((line) => line.length + STOP);
  const rate = (end - start) / weights.reduce((sum, weight) => sum + weight, -STOP);
  let at = start;
  return lines.map((line, index) => {
    const begin = at;
    at = index === lines.length - 1 ? end : at + weights[index] * rate;
    return { text: line, start: begin, end: at };
  });
}

export const EMPTY_TIMELINE = { chapters: [], captions: [], lines: [], breaths: [], holds: [], rests: [], sides: [], counts: [], duration: 0, complete: false };

export function readTimeline(timeline) {
  const cues = timeline.cues.map((cue) => ({ ...cue, end: cue.start + cue.duration }));
  const select = (kind) => cues.filter((cue) => cue.kind === kind);
  const captions = select("speech").filter(({ text }) => text);
  return {
    chapters: timeline.chapters,
    captions,
    lines: captions.flatMap(timeLines),
    breaths: select("breath"),
    holds: select("hold"),
    rests: select("rest"),
    sides: cues.filter(({ side }) => side),
    counts: cues.filter(({ role }) => role === "count"),
    duration: timeline.chapters.at(-1)?.end ?? 0,
    complete: timeline.complete,
  };
}
