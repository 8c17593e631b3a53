// A session in the list: its poses, its title, how long it is and for what, and a heart.

import { apiPath, ask } from "./api.js";
import { announce, el, formatAgo, formatMinutes } from "./dom.js";
import { icon } from "./icon.js";
import { whenNear } from "./near.js";
import { picture } from "./picture.js";
import { has, language, say } from "./words.js";

const MAX_TARGETS = 3;

export const sessionPath = (id) => `#session/${encodeURIComponent(id)}`;
const friezePath = ({ id }) => `${apiPath("sessions", id)}/frieze.svg`;

// The poses of a session over the bars of its holds.
export function art(session) {
  const image = session.frieze && el("img", { class: "frieze", alt: "", fetchpriority: "low", src: friezePath(session) });
  return [picture(session.bars, session.palette, session.frieze), image].filter(Boolean);
}

// What it is for, in the words of the page: the targets, as far as they have words.
export function targetWords({ targets }) {
  const words = targets.map((one) => `target.${one.replaceAll(" ", "-")}`).filter(has).map((key) => say(key));
  return words.slice(0, MAX_TARGETS).join(", ");
}

export function languageName(code) {
  try {
    return new Intl.DisplayNames([language()], { type: "language" }).of(code);
  } catch {
    return code;
  }
}

// `ago` is how many seconds ago it was heard, if it was.
export function sessionCard(session, favourite, ago) {
  const drawing = el("div", { class: "art" });
  const foreign = session.language.slice(0, 2) !== language() && languageName(session.language);
  const about = [formatMinutes(session.duration), foreign, targetWords(session)].filter(Boolean).join(" · ");
  const card = el(
    "li",
    { class: "card", "data-id": session.id },
    drawing,
    el("h3", { lang: session.language }, el("a", { href: sessionPath(session.id) }, session.title)),
    el("p", { class: "about" }, about),
    el("p", { class: "text", lang: session.language }, session.description),
    ago !== undefined && el("p", { class: "about" }, say("home.heard", { ago: formatAgo(ago) })),
    session.missing && el("p", { class: "without" }, say("home.no-voice")),
    heart(session.id, session.title, favourite),
  );
  whenNear(drawing, () => drawing.replaceChildren(...art(session)));
  return card;
}

// A favourite is one at once; it is undone where the computer does not take it.
export function heart(id, title, favourite) {
  const label = say("home.favourite", { title });
  const button = el("button", { type: "button", class: "heart", "aria-label": label, onclick: toggle }, icon("heart"));
  const show = (on) => button.setAttribute("aria-pressed", on);

  async function toggle() {
    const on = button.getAttribute("aria-pressed") !== "true";
    show(on);
    try {
      await ask(`${apiPath("sessions", id)}/favourite`, { method: "PUT", data: { on } });
    } catch (error) {
      show(!on);
      announce(error.message);
    }
  }

  show(favourite);
  return button;
}
