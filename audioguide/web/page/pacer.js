// Shows when to breathe: a disc that grows and shrinks or, where reduced motion is wanted, a bar that fills.

import { el, formatClock, setText } from "./dom.js";
import { partAt } from "./timeline.js";

const WORDS = { in: "Breathe in", hold: "Hold your breath", out: "Breathe out", rest: "Rest" };
const SMALLEST = 0.4; // of the disc's full size, with empty lungs

// How full the lungs are, 0 to 1, at a fraction of a phase: slow at both ends, as breath is.
export function fullness(phase, fraction) {
  const eased = (1 - Math.cos(Math.PI * fraction)) / 2;
  return { in: eased, hold: 1, out: 1 - eased, rest: 0 }[phase];
}

// `figure` is that of the pose, and moves with the breath.
export function createPacer(figure) {
  const disc = el("div", { class: "disc" });
  const fill = el("div", { class: "fill" });
  const word = el("p", { class: "word" });
  const left = el("p", { class: "left" });
  const element = el(
    "div",
    { class: "pacer" },
    el("div", { class: "breath" }, figure.element, el("div", { class: "ring", "aria-hidden": "true" }, disc)),
    el("div", { class: "bar", "aria-hidden": "true" }, fill),
    word,
    left,
  );

  function draw(timeline, seconds, spoken) {
    const { breaths, holds } = timeline;
    const breath = partAt(breaths, seconds);
    const hold = partAt(holds, seconds);
    const full = breath ? fullness(breath.phase, (seconds - breath.start) / breath.duration) : 0;
    disc.style.transform = `scale(${(SMALLEST + (1 - SMALLEST) * full).toFixed(4)})`;
    fill.style.transform = `scaleX(${full.toFixed(4)})`;
    figure.draw(timeline, seconds, full);
    element.dataset.phase = breath?.phase ?? "";
    element.classList.toggle("calm", !breath);
    const idle = hold ? "Hold" : spoken ? "Listen" : "";
    setText(word, breath ? `${WORDS[breath.phase]} ${Math.ceil(breath.end - seconds)}` : idle);
    setText(left, hold ? `${formatClock(Math.ceil(hold.end - seconds))} left` : "");
  }

  return { element, draw };
}
