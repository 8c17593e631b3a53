// The player: the pose, the breath, what is said, the chapters, and the buttons.

import { at as address } from "./api.js";
import { clock, el, put, spoken } from "./dom.js";
import { deck } from "./deck.js";
import { lockscreen } from "./lockscreen.js";
import { pacer } from "./pacer.js";
import { EMPTY, at, before, said } from "./score.js";

const JUMP = 15; // seconds
const MARGIN = 2; // seconds that are made, but may still be on their way
const AGAIN = 3; // seconds into a pose after which "previous" means its beginning

const LATE = "This part is still being made. It plays as soon as it is.";

export function player(job, title) {
  let score = EMPTY;
  let ready = false;
  let dragged = false;
  let frame = 0;
  const breath = pacer();
  const sound = deck(job, draw);

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
  const [gone, whole] = [el("span"), el("span")];
  const button = (label, text, act, kind = "") =>
    el("button", { type: "button", class: kind, "aria-label": label, onclick: act }, text);
  const toggle = button("Play", "", () => (sound.playing() ? sound.pause() : start()), "toggle");
  const chapters = el("ol", { class: "chapters" });

  function start() {
    if (sound.audio.ended) sound.seek(0);
    sound.play();
  }

  function skip(direction) {
    const now = before(score.chapters, sound.seconds());
    const again = direction < 0 && sound.seconds() - (score.chapters[now]?.start ?? 0) > AGAIN;
    const target = score.chapters[again ? now : now + direction];
    if (target) sound.seek(target.start);
  }

  const lock = lockscreen(
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
    address("jobs", job, "cover.jpg"),
  );

  function draw() {
    const seconds = sound.seconds();
    const playing = sound.playing();
    const current = before(score.chapters, seconds);
    put(pose, score.chapters[current]?.title ?? title);
    const words = said(score, seconds);
    put(caption, sound.waiting() ? LATE : words.text);
    caption.classList.toggle("over", words.over);
    breath.draw(score, seconds, !words.over);
    toggle.setAttribute("aria-label", playing ? "Pause" : "Play");
    toggle.classList.toggle("playing", playing);
    if (!dragged) position.value = seconds;
    position.setAttribute("aria-valuetext", `${spoken(seconds)} of ${spoken(score.duration)}`);
    put(gone, clock(seconds));
    put(whole, `${score.complete ? "" : "~"}${clock(score.duration)}`);
    mark(current);
    const now = score.chapters[current]?.title ?? title;
    if (sound.audio.src) lock.show({ pose: now, playing, duration: score.duration, position: seconds, ready });
    if (playing && !frame) frame = requestAnimationFrame(next);
  }

  function next() {
    frame = 0;
    draw();
  }

  let marked = null;
  function mark(current) {
    const item = chapters.children[current]?.firstElementChild ?? null;
    if (item === marked) return;
    marked?.removeAttribute("aria-current");
    item?.setAttribute("aria-current", "true");
    marked = item;
    if (item) chapters.scrollTop = item.offsetTop - chapters.offsetTop - chapters.clientHeight / 3;
  }

  // What is known of the session now, and its length as far as it can be told; `made`: its sound is whole.
  function know(timeline, guess, made) {
    score = { ...timeline, duration: timeline.complete ? timeline.duration : Math.max(timeline.duration, guess) };
    position.max = Math.max(1, Math.ceil(score.duration));
    for (const { title, start } of score.chapters.slice(chapters.children.length)) {
      const go = el("button", { type: "button", onclick: () => sound.seek(start) }, el("span", {}, title), " ");
      go.append(el("span", { class: "time" }, clock(start)));
      chapters.append(el("li", {}, go));
    }
    if (made && !ready) {
      ready = true;
      sound.finish((seconds) => !at(score.captions, seconds));
    }
    draw();
  }

  // So many seconds of it are made.
  const grow = (seconds) => sound.grow(Math.max(0, seconds - MARGIN));

  const buttons = el(
    "div",
    { class: "buttons" },
    button("Previous pose", "", () => skip(-1), "previous"),
    button(`${JUMP} seconds back`, `−${JUMP}`, () => sound.seek(sound.seconds() - JUMP), "jump"),
    toggle,
    button(`${JUMP} seconds on`, `+${JUMP}`, () => sound.seek(sound.seconds() + JUMP), "jump"),
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
      breath.element,
      caption,
      el("div", { class: "controls" }, position, el("p", { class: "times" }, gone, whole), buttons),
    ),
    el("nav", { "aria-label": "Poses" }, el("h2", {}, "Poses"), chapters),
  );

  function leave() {
    cancelAnimationFrame(frame);
    frame = -1; // no frame after the last
    sound.leave();
    lock.leave();
  }

  return { element, know, grow, leave };
}
