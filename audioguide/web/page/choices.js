// What is chosen from a few: the level, the breath, the voice, the background.

import { el } from "./dom.js";

const PATTERNS = ["4-4", "4-6", "5-5", "4-8", "4-7-8", "4-4-4-4"];
const PARTS = { 2: ["in", "out"], 3: ["in", "hold", "out"], 4: ["in", "hold", "out", "hold"] };

const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

// What the routine says itself is the first choice, and asks for nothing.
function chosen(key, value, about, set) {
  set(key, value === (about[key] ?? "") ? undefined : value);
}

export function level(about, options, set) {
  const now = options.level ?? about.level;
  const ways = about.levels.map((name) => {
    const input = el("input", {
      type: "radio",
      name: "level",
      value: name,
      checked: name === now,
      onchange: () => chosen("level", name, about, set),
    });
    return el("label", {}, input, el("span", {}, capital(name)));
  });
  return el("fieldset", { class: "level" }, el("legend", {}, "How much is said"), ...ways);
}

// `groups` are [label or "", [[value, text], …]]; the key's own value stands first when it is none of them.
export function choices(label, key, groups, about, options, set) {
  const id = `choice-${key}`;
  const now = options[key] ?? about[key] ?? "";
  const item = ([value, text]) => el("option", { value, selected: value === now }, text);
  const select = el(
    "select",
    { id, onchange: () => chosen(key, select.value, about, set) },
    ...groups.flatMap(([name, items]) =>
      name ? [el("optgroup", { label: name }, ...items.map(item))] : items.map(item),
    ),
  );
  return el("div", { class: "choice" }, el("label", { for: id }, label), select);
}

export function breaths(about) {
  const words = (pattern) => {
    const seconds = pattern.split("-");
    return capital(seconds.map((count, at) => `${PARTS[seconds.length]?.[at] ?? ""} ${count}`).join(", "));
  };
  const patterns = [...new Set([...(about.breath ? [about.breath] : []), ...PATTERNS])];
  const own = about.breath ? [] : [["", "As written"]];
  return [["", [...own, ...patterns.map((pattern) => [pattern, words(pattern)])]]];
}

export function voices(about) {
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  const groups = new Map();
  for (const { name, title, language, online } of about.voices) {
    const group = names.of(language.split("-")[0]);
    if (!groups.has(group)) groups.set(group, []);
    groups.get(group).push([name, online ? `${title}, over the internet` : title]);
  }
  return [...groups];
}

// Names as they are written, as text; the one that is none stands last.
function named(names, own) {
  const words = (name) => capital(name.replaceAll("-", " "));
  const some = names.filter((name) => name !== "none").map((name) => [name, words(name)]);
  return [["", [...(own ? [] : [["", "As written"]]), ...some, ["none", "None"]]]];
}

export const backgrounds = (about) => named(about.backgrounds, about.background);
export const chimes = (about) => named(about.chimes, about.chime);
