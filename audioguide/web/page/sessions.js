// The first view: the sessions, the latest jobs, the upload of a routine, and a QR code for the phone.

import { apiPath, ask } from "./api.js";
import { announce, el, errorBox, formatClock, formatWords, setText } from "./dom.js";
import { picture } from "./picture.js";
import { uploadSection } from "./upload.js";

export async function sessionList() {
  const [{ sessions: found, problems }, jobs] = await Promise.all([ask(apiPath("sessions")), ask(apiPath("jobs"))]);
  const recent = jobs.filter(({ state }) => state in STATES).slice(0, MAX_RECENT);
  const cards = found.map((session) => ({ words: searchText(session), card: sessionCard(session) }));
  const none = el("p", { hidden: true }, "No session matches. Try one word, such as a part of the body.");
  const search = el("input", { type: "search", id: "search", autocomplete: "off", oninput: filter });

  function filter() {
    const wanted = foldCase(search.value).split(/\s+/).filter(Boolean);
    for (const { words, card } of cards) card.hidden = !wanted.every((word) => words.includes(word));
    const left = cards.filter(({ card }) => !card.hidden).length;
    none.hidden = left > 0;
    announce(`${left} ${left === 1 ? "session" : "sessions"}`);
  }

  const upload = uploadSection();
  const content = el(
    "div",
    {},
    el("h1", { tabindex: -1 }, "Sessions"),
    recent.length > 0 && el("nav", { "aria-label": "Made here" }, el("ul", { class: "jobs" }, ...recent.map(jobLink))),
    ...problems.map(({ error, hint }) => errorBox({ message: error, hint })),
    el("p", { class: "today" }, el("a", { href: "#compose", class: "main" }, "A session for today")),
    el("div", { class: "search" }, el("label", { for: "search" }, "Search"), search),
    none,
    el("ul", { class: "cards" }, ...cards.map(({ card }) => card)),
    upload.element,
    phoneSection(),
  );
  return { title: "Sessions", content, leave: upload.leave };
}

const friezePath = ({ id }) => `${apiPath("sessions", id)}/frieze.svg`;

// Poses are drawn when their card comes near the screen.
const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      watcher.unobserve(target);
      target.src = target.dataset.src;
    }
  },
  { rootMargin: "200px" },
);

function seen(image) {
  watcher.observe(image);
  return image;
}

// Without case and accents, so that "rucken" finds "Rücken".
const foldCase = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const searchText = ({ title, description, tags }) => foldCase([title, description, ...tags].join(" "));

function sessionCard(session) {
  const about = session.estimated ? "about " : "";
  return el(
    "li",
    {},
    el(
      "a",
      { class: "card", href: `#session/${encodeURIComponent(session.id)}`, lang: session.language },
      picture(session.bars, session.palette, session.frieze),
      session.frieze && seen(el("img", { class: "frieze", alt: "", "data-src": friezePath(session) })),
      el("h2", {}, session.title),
      el(
        "p",
        { class: "length" },
        el("span", { "aria-hidden": "true" }, `${session.estimated ? "~" : ""}${formatClock(session.duration)}`),
        el("span", { class: "visually-hidden", lang: "en" }, about + formatWords(session.duration)),
      ),
      el("p", {}, session.description),
      session.missing && el("p", { lang: "en" }, `No voice here: ${session.missing}`),
      session.tags.length ? el("p", { class: "tags" }, session.tags.join(", ")) : null,
    ),
  );
}

const STATES = { waiting: "waiting", making: "being made", ready: "ready to play" };
const MAX_RECENT = 5;

function jobLink(job) {
  const link = el("a", { href: `#job/${encodeURIComponent(job.job)}` });
  setText(link, `${job.title}${job.duration ? ` (${formatClock(job.duration)})` : ""}: ${STATES[job.state]}`);
  return el("li", {}, link);
}

function phoneSection() {
  const here = ["127.0.0.1", "localhost", "[::1]"].includes(location.hostname);
  const how = here
    ? [el("p", {}, "This address works on this computer only. Start ", el("code", {}, "audioguide serve --lan"), ".")]
    : [
        el("p", {}, "Point the phone's camera at this code. The phone has to be in the same network."),
        el("img", { src: "qr.svg", alt: "QR code with the address of this page", width: 240, height: 240 }),
      ];
  return el("details", { class: "phone" }, el("summary", {}, "Open it on a phone"), ...how);
}
