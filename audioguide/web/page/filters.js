// Which sessions are listed: a search, and chips that combine. Of the chips of one group one is enough.

import { languageName } from "./card.js";
import { el } from "./dom.js";
import { loadFilters, saveFilters } from "./storage.js";
import { has, say } from "./words.js";

const TENS = 600; // seconds

// What sessions are for, by their tags, in the order of the list; and parts of the body, by their targets.
export const USES = {
  "after-run": ["after-run", "cool-down", "recovery"],
  "before-run": ["before-run", "warm-up"],
  desk: ["desk", "posture"],
  evening: ["evening", "calm", "breathing", "sleep", "before-sleep", "abend", "calma"],
  strength: ["strength", "core"],
};
const PARTS = {
  back: ["lower back", "upper back", "spine"],
  neck: ["neck", "shoulders", "chest"],
  hips: ["hips", "glutes", "hip flexors"],
  legs: ["hamstrings", "calves", "front thighs", "inner thighs", "outer thighs", "feet", "ankles"],
  core: ["core", "abdominals"],
};

const some = (wanted, found) => wanted.some((one) => found.includes(one));

export const useOf = ({ tags }) => Object.keys(USES).find((use) => some(USES[use], tags));

// Without case, accents and apostrophes, so that "rucken" finds "Rücken" and "childs pose" "Child's pose".
const fold = (text) => text.normalize("NFKD").replace(/[\p{M}'’]/gu, "").replace(/[-_/]/g, " ").toLowerCase();

const LENGTHS = {
  short: ({ duration }) => duration < TENS,
  medium: ({ duration }) => duration >= TENS && duration <= 2 * TENS,
  long: ({ duration }) => duration > 2 * TENS,
};

const each = (table, of) =>
  Object.entries(table).map(([name, wanted]) => [name, (session) => some(wanted, session[of])]);

// The groups of chips: [name, text, whether a session fits].
function describe(sessions, isFavourite) {
  const named = (group, rows) => rows.map(([name, fits]) => [`${group}.${name}`, say(`chip.${group}.${name}`), fits]);
  const codes = [...new Set(sessions.flatMap(({ languages }) => languages))].sort();
  const spoken = codes.map((code) => [`language.${code}`, languageName(code), ({ languages }) => languages.includes(code)]);
  return [
    named("mine", [["favourite", ({ id }) => isFavourite(id)], ["own", ({ own }) => own]]),
    named("length", Object.entries(LENGTHS)),
    named("use", each(USES, "tags")),
    named("part", each(PARTS, "targets")),
    codes.length > 1 ? spoken : [],
  ].map((group) => group.filter(([, , fits]) => sessions.some(fits)));
}

// The language that is chosen for the sessions, if one is.
export const chosenLanguage = () => loadFilters().chips.find((chip) => chip.startsWith("language."))?.slice(9);

const wordsOf = ({ title, description, tags, targets, poses }) => {
  const shown = (kind, one) => (has(`${kind}.${one.replaceAll(" ", "-")}`) ? say(`${kind}.${one.replaceAll(" ", "-")}`) : "");
  return fold([title, description, ...poses, ...tags, ...targets, ...targets.map((one) => shown("target", one))].join(" "));
};

// `onChange` is called when others are to be listed, and `onLanguage` when sessions are wanted in another language.
// Returns { element, select, isOn }: `select(sessions)` are those that fit.
export function createFilters(onChange, onLanguage) {
  let state = loadFilters();
  let groups = [];
  let words = new Map();
  const search = el("input", { type: "search", id: "search", autocomplete: "off", value: state.search });
  const strip = el("div", { class: "chips", role: "group", "aria-label": say("home.filter") });
  search.addEventListener("input", () => set({ search: search.value }));

  function set(change) {
    state = { ...state, ...change };
    saveFilters(state);
    onChange();
  }

  function press(name, group) {
    const isLanguage = name.startsWith("language.");
    const others = state.chips.filter((one) => one !== name && !(isLanguage && group.some(([other]) => other === one)));
    const on = !state.chips.includes(name);
    mark(on ? [...others, name] : others);
    set({ chips: on ? [...others, name] : others });
    if (isLanguage) onLanguage();
  }

  function mark(chips) {
    for (const chip of strip.querySelectorAll("button")) chip.setAttribute("aria-pressed", chips.includes(chip.value));
  }

  // Takes over the sessions that there are. A chip that fits none of them is not offered.
  function update(sessions, isFavourite) {
    groups = describe(sessions, isFavourite);
    words = new Map(sessions.map((session) => [session.id, wordsOf(session)]));
    const offered = groups.flat().map(([name]) => name);
    state.chips = state.chips.filter((chip) => offered.includes(chip));
    const focused = strip.contains(document.activeElement) && document.activeElement.value;
    const at = strip.scrollLeft;
    const chip = (group) => ([name, text]) =>
      el("button", { type: "button", value: name, onclick: () => press(name, group) }, text);
    strip.replaceChildren(...groups.flatMap((group) => group.map(chip(group))));
    strip.scrollLeft = at;
    mark(state.chips);
    if (focused) strip.querySelector(`[value="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  function select(sessions) {
    const wanted = fold(state.search).split(/\s+/).filter(Boolean);
    const chosen = groups
      .map((group) => group.filter(([name]) => state.chips.includes(name)))
      .filter((group) => group.length);
    return sessions.filter(
      (session) =>
        wanted.every((word) => words.get(session.id).includes(word)) &&
        chosen.every((group) => group.some(([, , fits]) => fits(session))),
    );
  }

  function clear() {
    search.value = "";
    const again = Boolean(chosenLanguage());
    mark([]);
    set({ search: "", chips: [] });
    if (again) onLanguage();
  }

  const isOn = () => Boolean(state.search.trim() || state.chips.length);
  const element = el(
    "div",
    { class: "filters" },
    el("div", { class: "search" }, el("label", { for: "search" }, say("home.search")), search),
    strip,
  );
  return { element, update, select, clear, isOn };
}
