// The player: the pose, the breath, the caption, the chapters and the buttons. It knows no server: what it plays and
// shows is handed to it, and what happens goes to callbacks.

import { el, formatClock, formatWords, setText } from "./dom.js";
import { createFigure } from "./figure.js";
import { createSound } from "./sound.js";
import { createLockScreen } from "./lockscreen.js";
import { createPacer } from "./pacer.js";
import { EMPTY_TIMELINE, captionAt, indexAt, partAt } from "./timeline.js";

const JUMP = 15; // seconds
const MARGIN = 2; // seconds that are made, but may not have arrived
const RESTART = 3; // seconds after the start of a pose from which "previous" means that start

const NOT_MADE_YET = "This part is still being made. It will play as soon as it is ready.";

// `title` is the session's; `cover` the address of a picture, or null. `sound` are addresses: `growing` of the sound
// while it is made, null where there is none; `whole` of the finished one. `place` is { seconds, playing }, where it
// begins and whether it plays as soon as it can; `keepPlace(seconds, playing)` is called when that changes.
export function createPlayer({ title, cover = null, sound: addresses, place, keepPlace }) {
  let timeline = EMPTY_TIMELINE;
  let ready = false;
  let dragged = false;
  let frame = 0;
  const figure = createFigure();
  const pacer = createPacer(figure);
  const sound = createSound(addresses, { place, keepPlace, onChange: draw });

  const pose = el("h2", { class: "pose" }, title);
  const caption = el("p", { class: "caption" });
  const position = el("input", {
    type: "range",
    class: "position",
    "aria-label": "Position",
    min: 0,
    max: 1,
    value: 0,
    oninput: () => (dragged = true),
    onchange: () => {
      dragged = false;
      sound.seek(position.valueAsNumber);
    },
  });
  const [elapsed, total] = [el("span"), el("span")];
  const button = (label, text, onclick, kind = "") =>
    el("button", { type: "button", class: kind, "aria-label": label, onclick }, text);
  const toggle = button("Play", "", () => (sound.playing() ? sound.pause() : start()), "toggle");
  const chapters = el("ol", { class: "chapters" });

  function start() {
    if (sound.audio.ended) sound.seek(0);
    sound.play();
  }

  function skip(direction) {
    const current = indexAt(timeline.chapters, sound.seconds());
    const restart = direction < 0 && sound.seconds() - (timeline.chapters[current]?.start ?? 0) > RESTART;
    const target = timeline.chapters[restart ? current : current + direction];
    if (target) sound.seek(target.start);
  }

  const lock = createLockScreen(
    {
      play: start,
      pause: sound.pause,
      previoustrack: () => skip(-1),
      nexttrack: () => skip(1),
      seekto: ({ seekTime }) => sound.seek(seekTime),
      seekbackward: ({ seekOffset }) => sound.seek(sound.seconds() - (seekOffset ?? JUMP)),
      seekforward: ({ seekOffset }) => sound.seek(sound.seconds() + (seekOffset ?? JUMP)),
    },
    title,
    cover,
  );

  function draw() {
    const seconds = sound.seconds();
    const playing = sound.playing();
    const current = indexAt(timeline.chapters, seconds);
    setText(pose, timeline.chapters[current]?.title ?? title);
    const spoken = captionAt(timeline, seconds);
    setText(caption, sound.waiting() ? NOT_MADE_YET : spoken.text);
    caption.classList.toggle("over", spoken.over);
    pacer.draw(timeline, seconds, !spoken.over);
    toggle.setAttribute("aria-label", playing ? "Pause" : "Play");
    toggle.classList.toggle("playing", playing);
    if (!dragged) position.value = seconds;
    position.setAttribute("aria-valuetext", `${formatWords(seconds)} of ${formatWords(timeline.duration)}`);
    setText(elapsed, formatClock(seconds));
    setText(total, `${timeline.complete ? "" : "~"}${formatClock(timeline.duration)}`);
    markChapter(current);
    const name = timeline.chapters[current]?.title ?? title;
    if (sound.audio.src) lock.show({ pose: name, playing, duration: timeline.duration, position: seconds, ready });
    if (playing && !frame) frame = requestAnimationFrame(next);
  }

  function next() {
    frame = 0;
    draw();
  }

  let marked = null;
  function markChapter(current) {
    const item = chapters.children[current]?.firstElementChild ?? null;
    if (item === marked) return;
    marked?.removeAttribute("aria-current");
    item?.setAttribute("aria-current", "true");
    marked = item;
    if (item) chapters.scrollTop = item.offsetTop - chapters.offsetTop - chapters.clientHeight / 3;
  }

  // Takes over a timeline that may still grow to `estimate` seconds; `made` says that the sound is finished.
  function update(newTimeline, estimate, made) {
    const { complete, duration } = newTimeline;
    timeline = { ...newTimeline, duration: complete ? duration : Math.max(duration, estimate) };
    position.max = Math.max(1, Math.ceil(timeline.duration));
    for (const { title, start } of timeline.chapters.slice(chapters.children.length)) {
      const go = el("button", { type: "button", onclick: () => sound.seek(start) }, el("span", {}, title), " ");
      go.append(el("span", { class: "time" }, formatClock(start)));
      chapters.append(el("li", {}, go));
    }
    if (made && !ready) {
      ready = true;
      sound.finish((seconds) => !partAt(timeline.captions, seconds));
    }
    draw();
  }

  // Takes over how many seconds of the sound are made.
  const grow = (seconds) => sound.grow(Math.max(0, seconds - MARGIN));

  const buttons = el(
    "div",
    { class: "buttons" },
    button("Previous pose", "", () => skip(-1), "previous"),
    button(`${JUMP} seconds back`, `−${JUMP}`, () => sound.seek(sound.seconds() - JUMP), "jump"),
    toggle,
    button(`${JUMP} seconds forward`, `+${JUMP}`, () => sound.seek(sound.seconds() + JUMP), "jump"),
    button("Next pose", "", () => skip(1), "next"),
  );
  const element = el(
    "section",
    { class: "player", "aria-label": "Player" },
    sound.audio,
    el(
      "div",
      { class: "stage" },
      pose,
      pacer.element,
      caption,
      el("div", { class: "controls" }, position, el("p", { class: "times" }, elapsed, total), buttons),
    ),
    el("nav", { "aria-label": "Poses" }, el("h2", {}, "Poses"), chapters),
  );

  function leave() {
    cancelAnimationFrame(frame);
    frame = -1; // so that draw() asks for no other frame
    sound.leave();
    lock.leave();
  }

  // Takes over the figures of the session.
  function showFigures(figures) {
    figure.load(figures);
    draw();
  }

  return { element, audio: sound.audio, update, grow, showFigures, leave };
}
