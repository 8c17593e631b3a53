// A length of time between its limits: a slider, buttons for a step less and a step more, and one to reset it.

import { el, formatClock, formatWords, setText } from "./dom.js";

let count = 0;

// `onChange` gets the seconds that are chosen; `onReset` is called to go back to the routine's own.
// `show(seconds, chosen)` sets the slider; without seconds, the pose is left out.
export function slider({ label, shortest, longest, step, value, onChange, onReset }) {
  const id = `slider-${++count}`;
  const steps = Math.max(0, Math.round((longest - shortest) / step));
  const text = el("span", { class: "value", "aria-hidden": "true" });
  const range = el("input", { type: "range", id, min: 0, max: steps, oninput: () => choose(range.valueAsNumber) });
  const less = el("button", { type: "button", class: "step", "aria-label": `${label}: less` }, "−");
  const more = el("button", { type: "button", class: "step", "aria-label": `${label}: more` }, "+");
  const undo = el("button", { type: "button", class: "quiet undo", "aria-label": `${label}: reset` }, "↺");
  less.addEventListener("click", () => choose(range.valueAsNumber - 1));
  more.addEventListener("click", () => choose(range.valueAsNumber + 1));
  undo.addEventListener("click", () => {
    range.focus();
    onReset();
  });

  function choose(index) {
    const seconds = Math.min(longest, shortest + Math.min(steps, Math.max(0, index)) * step);
    show(seconds, true);
    onChange(seconds);
  }

  function show(seconds, chosen) {
    const known = seconds !== undefined && seconds !== null;
    range.value = known ? (seconds - shortest) / step : 0;
    setText(text, known ? formatClock(seconds) : "left out");
    range.setAttribute("aria-valuetext", known ? formatWords(seconds) : "left out");
    range.disabled = !known || steps === 0;
    less.disabled = range.disabled || range.valueAsNumber <= 0;
    more.disabled = range.disabled || range.valueAsNumber >= steps;
    undo.disabled = !chosen;
    element.classList.toggle("chosen", chosen);
  }

  const element = el(
    "div",
    { class: "slider" },
    el("label", { for: id }, label),
    text,
    undo,
    el("div", { class: "track" }, less, range, more),
    el(
      "p",
      { class: "limits", "aria-hidden": "true" },
      el("span", {}, formatClock(shortest)),
      el("span", {}, formatClock(longest)),
    ),
  );
  show(value, false);
  return { element, show };
}
