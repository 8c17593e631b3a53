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

// What was said last, and whether that is over. Within a pose it stays to be read, but not during a hold.
export function captionAt({ captions, holds, chapters }, seconds) {
  const last = captions[indexAt(captions, seconds)];
  if (!last || seconds < last.end) return { text: last?.text ?? "", over: !last };
  const stays = !partAt(holds, seconds) && last.start >= (partAt(chapters, seconds)?.start ?? 0);
  return { text: stays ? last.text : "", over: true };
}

export const EMPTY_TIMELINE = { chapters: [], captions: [], breaths: [], holds: [], sides: [], counts: [], duration: 0, complete: false };

export function readTimeline(timeline) {
  const cues = timeline.cues.map((cue) => ({ ...cue, end: cue.start + cue.duration }));
  const select = (kind) => cues.filter((cue) => cue.kind === kind);
  return {
    chapters: timeline.chapters,
    captions: select("speech").filter(({ text }) => text),
    breaths: select("breath"),
    holds: select("hold"),
    sides: cues.filter(({ side }) => side),
    counts: cues.filter(({ role }) => role === "count"),
    duration: timeline.chapters.at(-1)?.end ?? 0,
    complete: timeline.complete,
  };
}
