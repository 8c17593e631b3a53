// A length of time between its limits: a slider for the thumb, a step less, a step more, and back to what was written.

import { clock, el, put, spoken } from "./dom.js";

let made = 0;

// `moved` is told the seconds that were chosen, `back` that the choice is taken back. `show(seconds, chosen)` sets it.
export function slider({ label, shortest, longest, step, value, moved, back }) {
  const id = `slider-${++made}`;
  const steps = Math.max(0, Math.round((longest - shortest) / step));
  const text = el("span", { class: "value", "aria-hidden": "true" });
  const range = el("input", { type: "range", id, min: 0, max: steps, oninput: () => choose(range.valueAsNumber) });
  const less = el("button", { type: "button", class: "step", "aria-label": `${label}: less` }, "−");
  const more = el("button", { type: "button", class: "step", "aria-label": `${label}: more` }, "+");
  const undo = el("button", { type: "button", class: "quiet undo", "aria-label": `${label}: as written` }, "↺");
  less.addEventListener("click", () => choose(range.valueAsNumber - 1));
  more.addEventListener("click", () => choose(range.valueAsNumber + 1));
  undo.addEventListener("click", () => {
    range.focus();
    back();
  });

  function choose(count) {
    const seconds = Math.min(longest, shortest + Math.min(steps, Math.max(0, count)) * step);
    show(seconds, true);
    moved(seconds);
  }

  function show(seconds, chosen) {
    const known = seconds !== undefined && seconds !== null;
    range.value = known ? (seconds - shortest) / step : 0;
    put(text, known ? clock(seconds) : "left out");
    range.setAttribute("aria-valuetext", known ? spoken(seconds) : "left out");
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
      el("span", {}, clock(shortest)),
      el("span", {}, clock(longest)),
    ),
  );
  show(value, false);
  return { element, show };
}
