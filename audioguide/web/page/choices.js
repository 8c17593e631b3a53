// An option as an element: a slider, a switch, a text, or a choice, of which few are radio buttons and more are a menu.

import { languageName } from "./card.js";
import { el, formatClock, formatWords } from "./dom.js";
import { slider } from "./slider.js";
import { has, language, say } from "./words.js";

const MAX_RADIOS = 3;

// `option` is as the server describes it; `value` in it is what is done where nothing is chosen, "" where that is not
// one value: then `unset` says it. `chosen` is what is chosen, if anything; `set` gets what is chosen now, undefined for
// nothing. Returns { element, show }; `show(option, chosen)` is there where a later answer can change what is shown.
export function control(option, id, chosen, set) {
  const choose = (value) => set(value === option.value ? undefined : value);
  if (option.parts.length) return { element: group(option, id, chosen ?? {}, set) };
  if (option.range) return number(option, chosen, set);
  if (typeof option.value === "boolean") return { element: check(option, id, chosen, set) };
  if (option.choices.length) return { element: choice(option, id, chosen ?? option.value, choose) };
  return { element: text(option, id, chosen ?? option.value, choose) };
}

const capital = (words) => words.charAt(0).toUpperCase() + words.slice(1);
const keyed = (key, other) => (has(key) ? say(key) : other);
const label = ({ key, about = "option" }) => keyed(`${about}.${key}`, capital(key.replaceAll("-", " ")));
const helpOf = ({ key, help, about = "option" }) => keyed(`${about}.${key}.help`, help.split(/[:.]/)[0]);
const unsetOf = ({ unset }) => keyed(`unset.${unset}`.replaceAll(" ", "-"), String(unset));

const VOICES = ["voice", "fallback"]; // their group is the code of their language, and "online" over the internet
const COMPUTER = ["keys", "end"]; // cues that are heard on the computer alone

const PHASES = { 2: ["in", "out"], 3: ["in", "hold", "out"], 4: ["in", "hold", "out", "hold"] };

// What a value is called: a breath pattern by its phases, a language by its name, others by the words of the page.
function nameOf(key, [value, text, group]) {
  if (key === "language") return languageName(value);
  if (VOICES.includes(key) && group.endsWith("online")) return say("choice.online", { voice: text });
  if (key !== "breath") return keyed(`choice.${value}`, text);
  const counts = value.split("-");
  const phases = PHASES[counts.length] ?? [];
  if (value === "" || phases.length !== counts.length) return keyed(`choice.${value}`, text);
  return capital(phases.map((phase, index) => say(`breath.${phase}`, { seconds: counts[index] })).join(", "));
}

// The heading over some values: of voices it is their language.
const groupName = (key, group) => (group && VOICES.includes(key) ? capital(languageName(group.split(" ")[0])) : group);

// Several in one, folded: an object with a value for each of its parts, which are [key, [choices, help]].
function group(option, id, chosen, set) {
  const here = option.parts.filter(([key]) => !COMPUTER.includes(key));
  const parts = here.map(([key, [choices, help]]) => {
    const setPart = (value) => {
      chosen = withValue(chosen, key, value) ?? {};
      set(Object.keys(chosen).length ? chosen : undefined);
    };
    const listed = choices.map((choice) => [choice, capital(choice), ""]);
    const part = { key, help, about: "cue", unset: option.unset, value: option.value[key] ?? "", choices: listed, parts: [] };
    return control(part, `${id}-${key}`, chosen[key], setPart).element;
  });
  const legend = el("legend", { class: "visually-hidden" }, label(option));
  const help = el("p", { class: "help" }, helpOf(option));
  const open = Object.keys(chosen).length > 0;
  return el("details", { open }, el("summary", {}, label(option)), el("fieldset", {}, legend, help, ...parts));
}

// An object with another value for a key, or without that key; undefined where nothing is left.
export function withValue(object, key, value) {
  const { [key]: _, ...rest } = object ?? {};
  if (value !== undefined) rest[key] = value;
  return Object.keys(rest).length ? rest : undefined;
}

function number(option, chosen, set) {
  const [shortest, longest, step] = option.range;
  const isTime = option.unit === "TIME";
  const sign = (value) => value.toLocaleString(language(), { signDisplay: shortest < 0 ? "exceptZero" : "auto" });
  const format = (value) => (option.unit === "LU" ? `${sign(value)} LU` : sign(value));
  const state = ({ value }, now) => {
    const current = now ?? (value === "" ? undefined : value);
    return { shortest, longest: Math.max(longest, current ?? 0), step, value: current };
  };
  const { element, show } = slider({
    label: label(option),
    help: helpOf(option),
    none: unsetOf(option),
    format: isTime ? formatClock : format,
    words: isTime ? formatWords : format,
    onChange: set,
    onReset() {
      showOption(option, undefined);
      set(undefined);
    },
  });
  const showOption = (now, value) => show(state(now, value), value !== undefined);
  showOption(option, chosen);
  return { element, show: showOption };
}

function check(option, id, chosen, set) {
  const input = { type: "checkbox", id, checked: option.value || chosen, disabled: option.value };
  const box = el("input", { ...input, onchange: () => set(box.checked || undefined) });
  return el("label", { class: "check" }, box, el("span", {}, helpOf(option)));
}

function text(option, id, current, choose) {
  const about = el("p", { class: "help", id: `${id}-help` }, helpOf(option));
  const hint = { placeholder: unsetOf(option), "aria-describedby": about.id };
  const input = el("input", { type: "text", id, value: current, autocomplete: "off", ...hint });
  input.addEventListener("change", () => {
    input.value = input.value.trim() || option.value;
    choose(input.value);
  });
  return el("div", { class: "choice" }, el("label", { for: id }, label(option)), about, input);
}

// `choices` are [value, text, group].
function choice(option, id, current, choose) {
  const { key, value, choices } = option;
  const about = el("p", { class: "help", id: `${id}-help` }, helpOf(option));
  const onchange = ({ target }) => choose(target.value);
  if (value && choices.length <= MAX_RADIOS) {
    const radios = choices.map((one) => {
      const input = { type: "radio", name: id, value: one[0], checked: one[0] === current, onchange };
      return el("label", {}, el("input", input), el("span", {}, nameOf(key, one)));
    });
    const legend = el("legend", {}, label(option));
    return el("fieldset", { class: "radios", "aria-describedby": about.id }, legend, about, ...radios);
  }
  const item = (one) => el("option", { value: one[0], selected: one[0] === current }, nameOf(key, one));
  const groups = [...new Set(choices.map((one) => groupName(key, one[2])))].flatMap((group) => {
    const items = choices.filter((one) => groupName(key, one[2]) === group).map(item);
    return group ? [el("optgroup", { label: group }, ...items)] : items;
  });
  const own = value ? [] : [el("option", { value: "", selected: current === "" }, capital(unsetOf(option)))];
  const menu = el("select", { id, "aria-describedby": about.id, onchange }, ...own, ...groups);
  return el("div", { class: "choice" }, el("label", { for: id }, label(option)), about, menu);
}
