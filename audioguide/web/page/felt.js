// How a session felt: three buttons, and a menu of its poses if one hurt.

import { el } from "./dom.js";
import { say } from "./words.js";

const FELT = ["easier", "right", "harder"];

// `poses` are [id, name]; `answer` gets { felt, hurt }. Whoever says nothing is not asked again.
export function feltQuestion({ language, poses }, answer) {
  const names = poses.map(([id, name]) => el("option", { value: id, lang: language }, name));
  const items = [el("option", { value: "" }, say("felt.nothing")), ...names];
  const menu = el("select", { id: "hurt" }, ...items);
  const button = (text, felt, kind) => el("button", { type: "button", class: kind, onclick: () => choose(felt) }, text);
  const done = el("p", { role: "status" });
  const form = el(
    "div",
    {},
    el("div", { class: "choice" }, el("label", { for: "hurt" }, say("felt.hurt")), menu),
    el("div", { class: "answers" }, ...FELT.map((felt) => button(say(`felt.${felt}`), felt))),
    button(say("felt.skip"), undefined, "quiet"),
  );

  function choose(felt) {
    const hurt = menu.value ? [menu.value] : [];
    form.remove();
    if (!felt && !hurt.length) return section.remove();
    done.textContent = hurt.length ? `${say("felt.thanks")} ${say("felt.ask")}` : say("felt.thanks");
    answer({ felt, hurt });
  }

  const section = el("section", { class: "felt", "aria-labelledby": "felt" });
  section.append(el("h2", { id: "felt" }, say("felt.question")), form, done);
  return section;
}
