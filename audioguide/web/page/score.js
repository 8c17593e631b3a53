// A timeline as the player reads it: who is when.

// The last of `parts` (sorted by start) that has begun at `seconds` and not ended; undefined where there is none.
export function at(parts, seconds) {
  const part = parts[before(parts, seconds)];
  return part && seconds < part.end ? part : undefined;
}

// The index of the last of `parts` that has begun at `seconds`; -1 before the first.
export function before(parts, seconds) {
  let [low, high] = [0, parts.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (parts[middle].start <= seconds) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

// What was said last, and whether it is over. Around a hold it stays to be read; within one that would mislead.
export function said({ captions, holds, chapters }, seconds) {
  const last = captions[before(captions, seconds)];
  if (!last || seconds < last.end) return { text: last?.text ?? "", over: !last };
  const stays = !at(holds, seconds) && last.start >= (at(chapters, seconds)?.start ?? 0);
  return { text: stays ? last.text : "", over: true };
}

export const EMPTY = { chapters: [], captions: [], breaths: [], holds: [], duration: 0, complete: false };

export function score(timeline) {
  const of = (kind) =>
    timeline.cues
      .filter((cue) => cue.kind === kind)
      .map(({ start, duration, text, phase }) => ({ start, end: start + duration, duration, text, phase }));
  return {
    chapters: timeline.chapters,
    captions: of("speech").filter(({ text }) => text),
    breaths: of("breath"),
    holds: of("hold"),
    duration: timeline.chapters.at(-1)?.end ?? 0,
    complete: timeline.complete,
  };
}
