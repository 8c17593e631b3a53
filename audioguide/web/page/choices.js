// An option that is chosen from a list: few values are radio buttons, more are a menu.

import { el } from "./dom.js";

const MAX_RADIOS = 3;
const LANGUAGES = new Intl.DisplayNames(["en"], { type: "language" });

// `value` is the routine's own, "" where it has none, and needs no option; `choices` are [value, text, language].
export function optionChoice({ key, help, value, choices }, options, set) {
  const id = `choice-${key}`;
  const label = key.charAt(0).toUpperCase() + key.slice(1);
  const about = el("p", { class: "help", id: `${id}-help` }, help);
  const current = options[key] ?? value;
  const choose = ({ target }) => set(key, target.value === value ? undefined : target.value);
  if (choices.length <= MAX_RADIOS) {
    const radios = choices.map(([name, text]) => {
      const input = { type: "radio", name: id, value: name, checked: name === current, onchange: choose };
      return el("label", {}, el("input", input), el("span", {}, text));
    });
    return el("fieldset", { class: "radios", "aria-describedby": about.id }, el("legend", {}, label), about, ...radios);
  }
  const item = ([name, text]) => el("option", { value: name, selected: name === current }, text);
  const groups = [...new Set(choices.map(([, , language]) => language))].flatMap((language) => {
    const items = choices.filter((choice) => choice[2] === language).map(item);
    return language ? [el("optgroup", { label: LANGUAGES.of(language) }, ...items)] : items;
  });
  const own = value ? [] : [item(["", "As in the routine"])];
  const menu = el("select", { id, "aria-describedby": about.id, onchange: choose }, ...own, ...groups);
  return el("div", { class: "choice" }, el("label", { for: id }, label), about, menu);
}
