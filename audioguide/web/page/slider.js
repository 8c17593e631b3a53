// A number between its limits: a slider, buttons for a step less and a step more, and one to reset it.

import { el, setText } from "./dom.js";

let count = 0;

// `format` and `words` give the text of a value, for eyes and for ears; `none` is that of no value. `onChange` gets the
// value that is chosen; `onReset` is called to go back to the routine's own. `show(state, chosen)` sets the slider: the
// state is { label, shortest, longest, step, value }, or undefined where there is nothing to set any more.
export function slider({ label, help, none, format, words, onChange, onReset }) {
  const id = `slider-${++count}`;
  let shortest, longest, step, steps;
  const name = el("label", { for: id }, label);
  const about = help && el("p", { class: "help", id: `${id}-help` }, help);
  const text = el("span", { class: "value", "aria-hidden": "true" });
  const range = el("input", { type: "range", id, min: 0, "aria-describedby": about && about.id });
  const less = el("button", { type: "button", class: "step" }, "−");
  const more = el("button", { type: "button", class: "step" }, "+");
  const undo = el("button", { type: "button", class: "quiet undo" }, "↺");
  const limits = [el("span", {}), el("span", {})];
  range.addEventListener("input", () => choose(range.valueAsNumber));
  less.addEventListener("click", () => choose(range.valueAsNumber - 1));
  more.addEventListener("click", () => choose(range.valueAsNumber + 1));
  undo.addEventListener("click", () => {
    range.focus();
    onReset();
  });

  function choose(index) {
    const value = Math.min(longest, shortest + Math.min(steps, Math.max(0, index)) * step);
    const chosen = Number(value.toFixed(3));
    show({ shortest, longest, step, value: chosen }, true);
    onChange(chosen);
  }

  function show(state, chosen) {
    const value = state?.value;
    const known = value !== undefined && value !== null;
    if (state) {
      ({ shortest, longest, step } = state);
      steps = Math.max(0, Math.round((longest - shortest) / step));
      range.max = steps;
      setText(name, state.label ?? label);
      [shortest, longest].forEach((end, index) => setText(limits[index], format(end)));
      for (const [button, verb] of [[less, "less"], [more, "more"], [undo, "reset"]])
        button.setAttribute("aria-label", `${name.textContent}: ${verb}`);
    }
    range.value = known ? (value - shortest) / step : 0;
    setText(text, known ? format(value) : none);
    range.setAttribute("aria-valuetext", known ? words(value) : none);
    range.disabled = !state || steps === 0;
    less.disabled = range.disabled || (known && range.valueAsNumber <= 0);
    more.disabled = range.disabled || range.valueAsNumber >= steps;
    undo.disabled = !chosen;
    element.classList.toggle("chosen", chosen);
  }

  const element = el(
    "div",
    { class: "slider" },
    name,
    text,
    undo,
    about,
    el("div", { class: "track" }, less, range, more),
    el("p", { class: "limits", "aria-hidden": "true" }, ...limits),
  );
  return { element, show };
}
