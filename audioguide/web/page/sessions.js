// The first view: what goes on, what is due, what was made here, and all sessions, mine first. It stays as it is while
// another view is shown, and is brought up to date when one comes back.

import { apiPath, ask } from "./api.js";
import { art, sessionCard, sessionPath } from "./card.js";
import { announce, el, errorBox, formatMinutes } from "./dom.js";
import { USES, chosenLanguage, createFilters, useOf } from "./filters.js";
import { foot } from "./foot.js";
import { icon } from "./icon.js";
import { madeHere } from "./made.js";
import { whenBack } from "./network.js";
import { uploadSection } from "./upload.js";
import { language, say } from "./words.js";

const USED_LATELY = 14 * 24 * 3600; // seconds: what was heard since then comes first of mine

// The server has looked at some sessions by then; it is asked again for the others.
const [SOON, AGAIN] = [0.7, 1000]; // seconds, and milliseconds

const load = (page = language()) => {
  const sessions = `${apiPath("sessions")}?language=${chosenLanguage() ?? page}&within=${SOON}`;
  return Promise.all([ask(sessions), ask(apiPath("home")), ask(apiPath("jobs"))]);
};

let early = null;

// Asks for what the view shows while the words of the page are still on their way.
export function prefetch(page) {
  early = load(page);
  early.catch(() => {}); // whoever waits for it is told
}

export async function sessionList() {
  const asked = early ?? load();
  early = null;
  let [{ sessions, problems, pending }, home, jobs] = await asked;
  const cards = new Map(); // by id: what a card was made of, and the card
  const top = el("div", { class: "first" });
  const list = el("div", { class: "list" });
  const found = el("p", { class: "found", hidden: true });
  const filters = createFilters(showList, refresh);
  const upload = uploadSection();
  const content = el(
    "div",
    { class: "home" },
    el("h1", { tabindex: -1 }, say("home.title")),
    top,
    filters.element,
    found,
    list,
    upload.element,
    foot(),
  );

  const isFavourite = (id) => home.favourites.includes(id);
  const isMine = ({ id, own }) => own || isFavourite(id);

  function cardOf(session) {
    const facts = [isFavourite(session.id), home.used[session.id]];
    const made = JSON.stringify([session, facts[0], facts[1] && Math.round(facts[1] / 3600)]);
    if (cards.get(session.id)?.made !== made) cards.set(session.id, { made, card: sessionCard(session, ...facts) });
    return cards.get(session.id).card;
  }

  // Favourites first, then what was heard lately, then by title.
  function rank(one, other) {
    const used = ({ id }) => Math.min(home.used[id] ?? Infinity, USED_LATELY);
    const by = [isFavourite(other.id) - isFavourite(one.id), used(one) - used(other) || 0];
    return by.find(Boolean) ?? one.title.localeCompare(other.title, language());
  }

  // The sections of the list: [key of its heading, its sessions].
  function arrange() {
    const spoken = (session) => session.language.slice(0, 2) === (chosenLanguage() ?? language());
    const mine = sessions.filter(isMine).sort(rank);
    const others = sessions.filter((session) => !isMine(session) && spoken(session));
    const byUse = [...Object.keys(USES), undefined].map((use) => [
      `chip.use.${use ?? "other"}`,
      others.filter((session) => useOf(session) === use),
    ]);
    const foreign = sessions.filter((session) => !isMine(session) && !spoken(session));
    return [["home.mine", mine], ...byUse, ["home.foreign", foreign]].filter(([, rows]) => rows.length);
  }

  function showList() {
    const on = filters.isOn();
    const sections = on ? [["", filters.select(sessions).sort((one, other) => isMine(other) - isMine(one) || rank(one, other))]] : arrange();
    const parts = sections.map(([key, rows]) => {
      const heading = key ? say(key) : say("home.matches");
      return el(
        "section",
        {},
        el("h2", { class: key ? "" : "visually-hidden" }, heading),
        el("ul", { class: "cards" }, ...rows.map(cardOf)),
      );
    });
    list.replaceChildren(...parts);
    const count = on ? sections[0][1].length : sessions.length;
    const text = say("home.found", { count });
    const clear = el("button", { type: "button", class: "quiet", onclick: filters.clear }, say("home.clear"));
    found.hidden = !on;
    found.replaceChildren(count ? text : say("home.none"), " ", clear);
    if (on) announce(text);
  }

  function showTop() {
    const isOpen = top.querySelector(".made")?.open;
    top.replaceChildren(
      ...problems.map(({ error, hint }) => errorBox({ message: error, hint })),
      ...[home.going && goingCard(home.going, sessions), ...home.due.map(dueCard)].filter(Boolean),
      el("a", { class: "card-link today", href: "#compose" }, say("compose.title"), el("span", {}, say("home.today"))),
      madeHere(jobs, refresh, isOpen) ?? "",
    );
  }

  function show() {
    showTop();
    filters.update(sessions, isFavourite);
    showList();
  }

  let told = JSON.stringify([sessions, home, jobs]);

  // Nothing moves under the eye: what stood first on the screen stays where it was.
  async function refresh() {
    let answers;
    try {
      answers = await load();
    } catch (error) {
      if (error.lost) whenBack(refresh);
      return;
    }
    if (answers[0].pending) setTimeout(refresh, AGAIN);
    if (JSON.stringify([answers[0].sessions, ...answers.slice(1)]) === told) return;
    [{ sessions, problems }, home, jobs] = answers;
    told = JSON.stringify([sessions, home, jobs]);
    const anchor = [...content.querySelectorAll(".card")].find((card) => card.getBoundingClientRect().bottom > 0);
    const before = anchor?.getBoundingClientRect().top;
    const focused = document.activeElement;
    const inCard = focused?.closest(".card")?.dataset.id;
    show();
    if (content.contains(focused)) focused.focus({ preventScroll: true });
    else cards.get(inCard)?.card.querySelector("a").focus({ preventScroll: true });
    const same = anchor && cards.get(anchor.dataset.id)?.card;
    if (same?.isConnected && scrollY > 0) scrollBy(0, same.getBoundingClientRect().top - before);
  }

  show();
  if (pending) setTimeout(refresh, AGAIN);
  return { title: say("home.title"), content, enter: upload.enter, leave: upload.leave, refresh };
}

// What goes on where it was left: at once, with one touch.
function goingCard(going, sessions) {
  const session = sessions.find(({ id }) => id === going.session);
  const left = say("home.left", { time: formatMinutes(going.duration - going.position) });
  return el(
    "a",
    { class: "card-link going", href: `#job/${encodeURIComponent(going.job)}/play` },
    session ? el("span", { class: "art" }, ...art(session)) : "",
    el("span", { class: "go" }, icon("play")),
    el("span", { class: "kicker" }, say("home.going")),
    el("strong", { lang: session?.language }, going.title),
    el("span", { class: "about" }, [left, going.chapter].filter(Boolean).join(" · ")),
  );
}

function dueCard({ session, title, plan, number, of }) {
  return el(
    "a",
    { class: "card-link due", href: sessionPath(session) },
    el("span", { class: "kicker" }, say("home.due", { plan, number, of })),
    el("strong", {}, title),
  );
}
