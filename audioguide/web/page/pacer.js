// The breath, in step with the sound: a disc that grows and falls or, where motion is not wanted, a bar that fills.

import { clock, el, put } from "./dom.js";
import { at } from "./score.js";

const WORDS = { in: "Breathe in", hold: "Hold your breath", out: "Breathe out", rest: "Rest" };
const SMALLEST = 0.4; // of the disc's full size, with empty lungs

// How full the lungs are, 0 to 1, at a share of a phase: slow at both of its ends, as breath is.
export function fullness(phase, share) {
  const eased = (1 - Math.cos(Math.PI * share)) / 2;
  return { in: eased, hold: 1, out: 1 - eased, rest: 0 }[phase];
}

export function pacer() {
  const disc = el("div", { class: "disc" });
  const fill = el("div", { class: "fill" });
  const word = el("p", { class: "word" });
  const left = el("p", { class: "left" });
  const element = el(
    "div",
    { class: "pacer" },
    el("div", { class: "ring", "aria-hidden": "true" }, disc),
    el("div", { class: "bar", "aria-hidden": "true" }, fill),
    word,
    left,
  );

  function draw({ breaths, holds }, seconds, spoken) {
    const breath = at(breaths, seconds);
    const hold = at(holds, seconds);
    const full = breath ? fullness(breath.phase, (seconds - breath.start) / breath.duration) : 0;
    disc.style.transform = `scale(${(SMALLEST + (1 - SMALLEST) * full).toFixed(4)})`;
    fill.style.transform = `scaleX(${full.toFixed(4)})`;
    element.dataset.phase = breath?.phase ?? "";
    element.classList.toggle("calm", !breath);
    const otherwise = hold ? "Hold" : spoken ? "Listen" : "";
    put(word, breath ? `${WORDS[breath.phase]} ${Math.ceil(breath.end - seconds)}` : otherwise);
    put(left, hold ? `${clock(Math.ceil(hold.end - seconds))} left` : "");
  }

  return { element, draw };
}
