// How a session felt: three buttons, and a menu of its poses if one hurt. In the language of the session.

import { el } from "./dom.js";

const WORDS = {
  en: {
    question: "How was it?",
    felt: { easier: "Easy", right: "Right", harder: "Hard" },
    hurt: "Did something hurt?",
    nothing: "No",
    skip: "No answer",
    thanks: "Noted. It stays on your computer.",
    ask: "If it hurts again or goes on hurting, ask a doctor or a physiotherapist before you do it again.",
  },
  de: {
    question: "Wie war es?",
    felt: { easier: "Leicht", right: "Richtig", harder: "Schwer" },
    hurt: "Hat etwas wehgetan?",
    nothing: "Nein",
    skip: "Keine Antwort",
    thanks: "Notiert. Es bleibt auf deinem Rechner.",
    ask: "Wenn es wieder oder weiter wehtut, frag ärztlichen oder physiotherapeutischen Rat, bevor du es noch einmal machst.",
  },
  es: {
    question: "¿Cómo ha ido?",
    felt: { easier: "Fácil", right: "Bien", harder: "Difícil" },
    hurt: "¿Te ha dolido algo?",
    nothing: "No",
    skip: "Sin respuesta",
    thanks: "Anotado. Se queda en tu ordenador.",
    ask: "Si vuelve a doler o sigue doliendo, consulta a un médico o fisioterapeuta antes de repetirlo.",
  },
};

// `poses` are [id, name]; `answer` gets { felt, hurt }. Whoever says nothing is not asked again.
export function feltQuestion({ language, poses }, answer) {
  const lang = language.slice(0, 2) in WORDS ? language.slice(0, 2) : "en";
  const words = WORDS[lang];
  const items = [["", words.nothing], ...poses].map(([id, name]) => el("option", { value: id }, name));
  const menu = el("select", { id: "hurt" }, ...items);
  const button = (text, felt, kind) => el("button", { type: "button", class: kind, onclick: () => choose(felt) }, text);
  const done = el("p", { role: "status" });
  const form = el(
    "div",
    {},
    el("div", { class: "choice" }, el("label", { for: "hurt" }, words.hurt), menu),
    el("div", { class: "answers" }, ...Object.entries(words.felt).map(([felt, text]) => button(text, felt))),
    button(words.skip, undefined, "quiet"),
  );

  function choose(felt) {
    const hurt = menu.value ? [menu.value] : [];
    form.remove();
    if (!felt && !hurt.length) return section.remove();
    done.textContent = hurt.length ? `${words.thanks} ${words.ask}` : words.thanks;
    answer({ felt, hurt });
  }

  const section = el("section", { class: "felt", lang, "aria-labelledby": "felt" });
  section.append(el("h2", { id: "felt" }, words.question), form, done);
  return section;
}
