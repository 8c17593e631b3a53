// A session for today: for what, how long, and what hurts. What is put together opens as any other session does.

import { apiPath, ask } from "./api.js";
import { el, errorBox } from "./dom.js";
import { loadWishes, saveWishes } from "./storage.js";

// [what is sent, what is shown]: parts of the body, occasions, minutes, and what is left out.
const PARTS = [
  ["lower back", "Lower back"],
  ["upper back,spine", "Upper back"],
  ["neck,shoulders", "Neck and shoulders"],
  ["hips", "Hips"],
  ["hamstrings,calves,front thighs", "Legs"],
  ["core", "Core"],
  ["whole body", "Whole body"],
  ["relaxation", "To relax"],
];
const OCCASIONS = [
  ["", "Any time"],
  ["after-run", "After a run"],
  ["before-run", "Before a run"],
  ["desk", "At the desk"],
  ["morning", "In the morning"],
  ["before-sleep", "Before sleep"],
];
const MINUTES = [5, 10, 15, 20, 30];
const PAINS = [
  ["wrists", "Wrists"],
  ["knees", "Knees"],
  ["neck", "Neck"],
  ["shoulders", "Shoulders"],
  ["kneeling", "Kneeling"],
  ["head-down", "Head hanging low"],
  ["balance", "Standing on one leg"],
  ["floor", "Getting down to the floor"],
];
const USUAL = { for: ["lower back"], when: "", length: 15, without: [] };

export async function composeView() {
  const { languages } = await ask(apiPath("compose"));
  const spoken = languages.map(([code]) => code);
  const own = navigator.languages.map((one) => one.slice(0, 2)).find((code) => spoken.includes(code));
  const kept = { ...USUAL, language: own ?? "en", ...loadWishes() };
  const problem = el("div", { class: "problem" });
  const button = el("button", { type: "submit", class: "main" }, "Put it together");

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
      if (error.nearest && !near) error.hint = "Choose another part of the body, or leave less out.";
      problem.replaceChildren(errorBox(error, near && (() => open(near)), near && describe(near)));
    } finally {
      button.disabled = false;
    }
  }

  function changed() {
    const { seed, ...before } = loadWishes();
    const same = JSON.stringify(before) === JSON.stringify(wishes());
    button.textContent = same ? "Put together another one" : "Put it together";
  }

  const form = el(
    "form",
    { class: "compose", onsubmit: compose, onchange: changed },
    boxes("checkbox", "for", "For what?", PARTS, kept.for),
    menu("when", "When", OCCASIONS, kept.when),
    boxes("radio", "minutes", "How long?", MINUTES.map((one) => [one, `${one} minutes`]), [kept.length]),
    boxes("checkbox", "without", "What hurts, or should be left out?", PAINS, kept.without),
    el("p", { class: "help" }, "If a pain is new, strong or does not go away, ask a doctor or a physiotherapist first."),
    menu("language", "Language of the session", languages, kept.language),
    el("div", { class: "making" }, problem, button),
  );
  changed();
  const about = "What you did yesterday comes a little less often today.";
  const content = el("article", {}, el("h1", { tabindex: -1 }, "A session for today"), el("p", {}, about), form);
  return { title: "A session for today", content };
}

// Wishes as the server writes them, for a button.
function describe(wishes) {
  const without = wishes.without?.length ? `, without ${wishes.without.join(", ")}` : "";
  return `Take ${wishes.for.join(", ")}, ${wishes.length}${without} instead`;
}

function boxes(type, name, legend, listed, chosen) {
  const labels = listed.map(([value, words]) => {
    const input = el("input", { type, name, value, checked: chosen.includes(value) });
    return el("label", {}, input, el("span", {}, words));
  });
  return el("fieldset", { class: "radios" }, el("legend", {}, legend), ...labels);
}

function menu(name, label, listed, chosen) {
  const items = listed.map(([value, words]) => el("option", { value, selected: value === chosen }, words));
  const id = `compose-${name}`;
  return el("div", { class: "choice" }, el("label", { for: id }, label), el("select", { id, name }, ...items));
}
