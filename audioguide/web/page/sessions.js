// The first view: what there is to listen to, what is being made, a routine of one's own, and the way to the phone.

import { adding } from "./adding.js";
import { ask, at } from "./api.js";
import { announce, clock, el, put, spoken, trouble } from "./dom.js";
import { picture } from "./picture.js";

export async function sessions() {
  const [{ sessions: found, problems }, jobs] = await Promise.all([ask(at("sessions")), ask(at("jobs"))]);
  const recent = jobs.filter(({ state }) => state in STATES).slice(0, MOST_RECENT);
  const cards = found.map((session) => ({ words: words(session), card: card(session) }));
  const none = el("p", { hidden: true }, "No session is like that. Try one word, such as a part of the body.");
  const search = el("input", { type: "search", id: "search", autocomplete: "off", oninput: look });

  function look() {
    const asked = plain(search.value).split(/\s+/).filter(Boolean);
    for (const { words, card } of cards) card.hidden = !asked.every((word) => words.includes(word));
    const left = cards.filter(({ card }) => !card.hidden).length;
    none.hidden = left > 0;
    announce(`${left} ${left === 1 ? "session" : "sessions"}`);
  }

  const upload = adding();
  const content = el(
    "div",
    {},
    el("h1", { tabindex: -1 }, "Sessions"),
    recent.length ? el("nav", { "aria-label": "Made here" }, el("ul", { class: "jobs" }, ...recent.map(made))) : null,
    ...problems.map(({ error, hint }) => trouble({ message: error, hint })),
    el("div", { class: "search" }, el("label", { for: "search" }, "Search"), search),
    none,
    el("ul", { class: "cards" }, ...cards.map(({ card }) => card)),
    upload.element,
    phone(),
  );
  return { title: "Sessions", content, leave: upload.leave };
}

// Letters without case and accents, so that "rucken" finds "Rücken".
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const words = ({ title, description, tags }) => plain([title, description, ...tags].join(" "));

function card(session) {
  const about = session.estimated ? "about " : "";
  return el(
    "li",
    {},
    el(
      "a",
      { class: "card", href: `#session/${encodeURIComponent(session.id)}`, lang: session.language },
      picture(session.bars, session.palette),
      el("h2", {}, session.title),
      el(
        "p",
        { class: "length" },
        el("span", { "aria-hidden": "true" }, `${session.estimated ? "~" : ""}${clock(session.duration)}`),
        el("span", { class: "unseen", lang: "en" }, about + spoken(session.duration)),
      ),
      el("p", {}, session.description),
      session.tags.length ? el("p", { class: "tags" }, session.tags.join(", ")) : null,
    ),
  );
}

const STATES = { waiting: "waiting", making: "being made", ready: "ready to play" };
const MOST_RECENT = 5;

function made(job) {
  const link = el("a", { href: `#job/${encodeURIComponent(job.job)}` });
  put(link, `${job.title}${job.duration ? ` (${clock(job.duration)})` : ""}: ${STATES[job.state]}`);
  return el("li", {}, link);
}

function phone() {
  const here = ["127.0.0.1", "localhost", "[::1]"].includes(location.hostname);
  const how = here
    ? [el("p", {}, "This address works on this computer only. Start ", el("code", {}, "audioguide serve --lan"), ".")]
    : [
        el("p", {}, "Point the phone's camera at this. It has to be in the same network."),
        el("img", { src: "qr.svg", alt: "QR code with the address of this page", width: 240, height: 240 }),
      ];
  return el("details", { class: "phone" }, el("summary", {}, "Open it on a phone"), ...how);
}
