// A number between its limits: a slider, buttons for a step less and a step more, and one to reset it. Where it can go
// no further, it says why.

import { el, setText } from "./dom.js";
import { say } from "./words.js";

let count = 0;

// `of` is what the label belongs to, for ears. `format` and `words` give the text of a value, for eyes and for ears;
// `none` is that of no value. `why` has a text for each end that the slider may be at: { least, most, fixed }.
// `onChange` gets the value that is chosen; `onReset` is called to go back to the routine's own. `show(state, chosen)`
// sets the slider: the state is { of, shortest, longest, step, value }, or undefined where there is nothing to set any
// more.
export function slider({ label, of, help, none, format, words, why = {}, onChange, onReset }) {
  const id = `slider-${++count}`;
  let shortest, longest, step, steps;
  const name = el("label", { for: id }, label);
  const about = help && el("p", { class: "help", id: `${id}-help` }, help);
  const reason = el("span", { class: "why", id: `${id}-why` });
  const text = el("span", { class: "value", "aria-hidden": "true" });
  const described = [about && about.id, reason.id].filter(Boolean).join(" ");
  const range = el("input", { type: "range", id, min: 0, "aria-describedby": described });
  const less = el("button", { type: "button", class: "step" }, "−");
  const more = el("button", { type: "button", class: "step" }, "+");
  const undo = el("button", { type: "button", class: "quiet undo" }, "↺");
  const limits = [el("span", { "aria-hidden": "true" }), el("span", { "aria-hidden": "true" })];
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
    show({ of, shortest, longest, step, value: chosen }, true);
    onChange(chosen);
  }

  function show(state, chosen) {
    const value = state?.value;
    const known = value !== undefined && value !== null;
    if (state) {
      ({ shortest, longest, step } = state);
      of = state.of ?? of;
      steps = Math.max(0, Math.round((longest - shortest) / step));
      range.max = steps;
      if (of) range.setAttribute("aria-label", `${of}: ${label}`);
      [shortest, longest].forEach((end, index) => setText(limits[index], format(end)));
      for (const [button, verb] of [[less, "less"], [more, "more"], [undo, "reset"]])
        button.setAttribute("aria-label", say(`slider.${verb}`, { name: of ?? label }));
    }
    range.value = known ? (value - shortest) / step : 0;
    setText(text, known ? format(value) : none);
    range.setAttribute("aria-valuetext", known ? words(value) : none);
    range.disabled = !state || steps === 0;
    less.disabled = range.disabled || (known && range.valueAsNumber <= 0);
    more.disabled = range.disabled || range.valueAsNumber >= steps;
    undo.disabled = !chosen;
    const end = less.disabled && more.disabled ? "fixed" : less.disabled ? "least" : more.disabled ? "most" : "";
    setText(reason, (state && known && why[end]) || "");
    element.classList.toggle("chosen", chosen);
    element.classList.toggle("unset", !known);
  }

  const element = el(
    "div",
    { class: "slider" },
    name,
    text,
    undo,
    about,
    el("div", { class: "track" }, less, range, more),
    el("div", { class: "limits" }, limits[0], reason, limits[1]),
  );
  return { element, show };
}
