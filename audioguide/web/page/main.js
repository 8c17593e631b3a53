// Shows the view that the address names after its #, so that Back and a reload find it again.

import { Refusal, unreachable } from "./api.js";
import { el, errorBox } from "./dom.js";
import { sendReports } from "./heard.js";
import { whenBack } from "./network.js";
import { prefetch, sessionList } from "./sessions.js";
import { loadLanguage, loadScroll, saveScroll } from "./storage.js";
import { chooseLanguage, say, useWords } from "./words.js";

// A view is a function of what comes after its name, and returns { title, content, leave }, and `address` where that is
// to be another one. These are loaded when needed. The first view is kept while another one is shown: it has `enter` and
// `refresh`, too.
const VIEWS = {
  session: async (id, job) => (await import("./session.js")).sessionView(id, job),
  compose: async () => (await import("./compose.js")).composeView(),
  job: async (id, how) => (await import("./job.js")).jobView(id, how),
};

const main = document.getElementById("view");
let leave = () => {};
let latest = 0;
let home = null; // the first view, once it was shown
let isLost = false; // whether a module did not come the last time
let focused = null; // what had the focus in it

async function show() {
  const turn = ++latest;
  leave();
  leave = () => {};
  main.setAttribute("aria-busy", "true");
  const [name, ...rest] = location.hash.slice(1).split("/");
  const isHome = !(name in VIEWS);
  const isBack = isHome && home !== null;
  const needed = isHome ? [] : document.querySelectorAll(`[data-view=${name}]`);
  for (const link of needed) link.rel = link.as ? "preload" : "modulepreload";
  let view;
  try {
    view = isHome ? (home ??= await sessionList()) : await VIEWS[name](...rest.map(decodeURIComponent));
  } catch (error) {
    const isModule = error instanceof TypeError && /import/i.test(error.message); // one that did not come
    if (!(error instanceof Refusal || isModule)) console.error(error);
    // Some browsers ask for such a module only once.
    view = isModule ? errorView(unreachable(), isLost ? () => location.reload() : show) : errorView(error, show);
    isLost = isModule;
  }
  if (turn !== latest) return view === home || view.leave?.();
  if (view.address) history.replaceState(history.state, "", view.address); // only where it is still this view's
  view.enter?.();
  leave = view === home ? leaveHome : (view.leave ?? leave);
  document.title = `${view.title} · audioguide`;
  main.replaceChildren(view.content);
  main.removeAttribute("aria-busy");
  scrollTo(0, isHome ? loadScroll() : 0);
  const target = isBack && focused?.isConnected ? focused : main.querySelector("h1");
  if (turn > 1) target.focus({ preventScroll: true });
  if (isBack) view.refresh();
}

function leaveHome() {
  saveScroll(scrollY);
  focused = main.contains(document.activeElement) ? document.activeElement : null;
  home?.leave();
}

function errorView(error, again) {
  const shown = error instanceof Refusal ? error : new Refusal(say("page.broken"), say("page.reload"));
  const title = say("page.failed");
  const link = el("p", {}, el("a", { href: "#" }, say("page.home")));
  const leave = error.lost ? whenBack(again) : undefined;
  return { title, content: el("section", {}, el("h1", { tabindex: -1 }, title), errorBox(shown, again), link), leave };
}

const language = chooseLanguage(loadLanguage());
if (!(location.hash.slice(1).split("/")[0] in VIEWS)) prefetch(language); // beside the words
const words = await fetch(new URL(`./words/${language}.json`, import.meta.url));
useWords(language, await words.json());
history.scrollRestoration = "manual";
addEventListener("hashchange", show);
addEventListener("pagehide", () => leave === leaveHome && saveScroll(scrollY));
show().then(async () => (await import("./offline.js")).register());
sendReports();
