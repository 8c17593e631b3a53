// A session for today: for what, how long, and what hurts. What is put together opens as any other session does.

import { apiPath, ask } from "./api.js";
import { languageName } from "./card.js";
import { el, errorBox, loadStyle } from "./dom.js";
import { loadWishes, saveWishes } from "./storage.js";
import { has, language, say } from "./words.js";

// What is sent, by the names of its words: parts of the body, occasions, minutes, and what is left out.
const PARTS = {
  "lower-back": "lower back",
  "upper-back": "upper back,spine",
  neck: "neck,shoulders",
  hips: "hips",
  legs: "hamstrings,calves,front thighs",
  core: "core",
  "whole-body": "whole body",
  relaxation: "relaxation",
};
const OCCASIONS = ["", "after-run", "before-run", "desk", "morning", "before-sleep"];
const MINUTES = [5, 10, 15, 20, 30];
const PAINS = ["wrists", "knees", "neck", "shoulders", "kneeling", "head-down", "balance", "floor"];
const USUAL = { for: ["lower back"], when: "", length: 15, without: [] };

export async function composeView() {
  const [{ languages }] = await Promise.all([ask(apiPath("compose")), loadStyle("session.css")]);
  const spoken = languages.map(([code]) => code);
  const own = spoken.includes(language()) ? language() : "en";
  const kept = { ...USUAL, language: own, ...loadWishes() };
  const problem = el("div", { class: "problem" });
  const button = el("button", { type: "submit", class: "main start" }, say("compose.make"));

  const several = (name) => [...form.querySelectorAll(`[name=${name}]:checked`)].map(({ value }) => value);
  const wishes = () => ({
    for: several("for"),
    when: form.elements.when.value,
    length: Number(form.elements.minutes.value),
    without: several("without"),
    language: form.elements.language.value,
  });

  // The same wishes once more are a wish for another session: the next seed.
  async function compose(event) {
    event.preventDefault();
    const now = wishes();
    const { seed = -1, ...before } = loadWishes();
    const next = JSON.stringify(before) === JSON.stringify(now) ? seed + 1 : 0;
    if (await open({ ...now, when: now.when || null, length: `${now.length}:00`, seed: next })) {
      saveWishes({ ...now, seed: next });
    }
  }

  async function open({ without = [], ...others }) {
    const data = { without, ...others };
    problem.replaceChildren();
    button.disabled = true;
    try {
      const { id } = await ask(apiPath("compose"), { method: "POST", data });
      location.hash = `session/${encodeURIComponent(id)}`;
      return true;
    } catch (error) {
      // Nothing is offered that brings back what hurts.
      const near = data.without.every((one) => error.nearest?.without?.includes(one)) ? error.nearest : null;
      if (error.nearest && !near) error.hint = say("compose.other-wish");
      problem.replaceChildren(errorBox(error, near && (() => open(near)), near && describe(near)));
    } finally {
      button.disabled = false;
    }
  }

  function changed() {
    const { seed, ...before } = loadWishes();
    const same = JSON.stringify(before) === JSON.stringify(wishes());
    button.textContent = say(same ? "compose.another" : "compose.make");
  }

  const form = el(
    "form",
    { class: "compose", onsubmit: compose, onchange: changed },
    boxes("checkbox", "for", Object.entries(PARTS).map(([name, sent]) => [sent, say(`compose.part.${name}`)]), kept.for),
    menu("when", OCCASIONS.map((one) => [one, say(`compose.when.${one || "any"}`)]), kept.when),
    boxes("radio", "minutes", MINUTES.map((count) => [count, say("time.minutes", { count })]), [kept.length], "length"),
    boxes("checkbox", "without", PAINS.map((one) => [one, say(`compose.pain.${one}`)]), kept.without),
    el("p", { class: "help" }, say("compose.doctor")),
    menu("language", languages.map(([code]) => [code, languageName(code)]), kept.language),
    el("div", { class: "making" }, problem, button),
  );
  changed();
  const title = say("compose.title");
  const content = el("article", {}, el("h1", { tabindex: -1 }, title), el("p", {}, say("compose.about")), form);
  return { title, content };
}

// Wishes as the server writes them, for a button.
function describe(wishes) {
  const named = (kinds, one) => kinds.map((kind) => `${kind}.${one.replaceAll(" ", "-")}`).find(has);
  const list = (kinds, ones) => ones.map((one) => (named(kinds, one) ? say(named(kinds, one)) : one)).join(", ");
  const values = { parts: list(["target"], wishes.for), time: wishes.length };
  if (!wishes.without?.length) return say("compose.nearest", values);
  return say("compose.nearest-without", { ...values, without: list(["compose.pain", "target"], wishes.without) });
}

function boxes(type, name, listed, chosen, key = name) {
  const labels = listed.map(([value, words]) => {
    const input = el("input", { type, name, value, checked: chosen.includes(value) });
    return el("label", {}, input, el("span", {}, words));
  });
  return el("fieldset", { class: "radios" }, el("legend", {}, say(`compose.${key}`)), ...labels);
}

function menu(name, listed, chosen) {
  const items = listed.map(([value, words]) => el("option", { value, selected: value === chosen }, words));
  const id = `compose-${name}`;
  return el("div", { class: "choice" }, el("label", { for: id }, say(`compose.${name}`)), el("select", { id, name }, ...items));
}
