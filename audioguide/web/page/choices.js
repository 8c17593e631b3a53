// The options that are chosen from a list: level, breath, voice, background and chime.

import { el } from "./dom.js";

const PATTERNS = ["4-4", "4-6", "5-5", "4-8", "4-7-8", "4-4-4-4"];
const PARTS = { 2: ["in", "out"], 3: ["in", "hold", "out"], 4: ["in", "hold", "out", "hold"] };
const AS_WRITTEN = "As in the routine";

const capitalize = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// Sets an option; the routine's own value needs none.
function choose(key, value, about, set) {
  set(key, value === (about[key] ?? "") ? undefined : value);
}

export function levelChoice(about, options, set) {
  const current = options.level ?? about.level;
  const inputs = about.levels.map((name) => {
    const input = el("input", {
      type: "radio",
      name: "level",
      value: name,
      checked: name === current,
      onchange: () => choose("level", name, about, set),
    });
    return el("label", {}, input, el("span", {}, capitalize(name)));
  });
  return el("fieldset", { class: "level" }, el("legend", {}, "How much is said"), ...inputs);
}

// A labelled list. `groups` are [label or "", [[value, text], …]].
export function listChoice(label, key, groups, about, options, set) {
  const id = `choice-${key}`;
  const current = options[key] ?? about[key] ?? "";
  const item = ([value, text]) => el("option", { value, selected: value === current }, text);
  const select = el(
    "select",
    { id, onchange: () => choose(key, select.value, about, set) },
    ...groups.flatMap(([name, items]) =>
      name ? [el("optgroup", { label: name }, ...items.map(item))] : items.map(item),
    ),
  );
  return el("div", { class: "choice" }, el("label", { for: id }, label), select);
}

export function breathGroups(about) {
  const words = (pattern) => {
    const seconds = pattern.split("-");
    return capitalize(seconds.map((count, at) => `${PARTS[seconds.length]?.[at] ?? ""} ${count}`).join(", "));
  };
  const patterns = [...new Set([...(about.breath ? [about.breath] : []), ...PATTERNS])];
  const own = about.breath ? [] : [["", AS_WRITTEN]];
  return [["", [...own, ...patterns.map((pattern) => [pattern, words(pattern)])]]];
}

export function voiceGroups(about) {
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  const groups = new Map();
  for (const { name, title, language, online } of about.voices) {
    const group = names.of(language.split("-")[0]);
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push([name, online ? `${title}, over the internet` : title]);
  }
  return [...groups];
}

// Names, shown as words; "none" comes last.
function nameGroups(names, own) {
  const words = (name) => capitalize(name.replaceAll("-", " "));
  const others = names.filter((name) => name !== "none").map((name) => [name, words(name)]);
  return [["", [...(own ? [] : [["", AS_WRITTEN]]), ...others, ["none", "None"]]]];
}

export const backgroundGroups = (about) => nameGroups(about.backgrounds, about.background);
export const chimeGroups = (about) => nameGroups(about.chimes, about.chime);
