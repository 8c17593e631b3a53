// Shows the view that the address names after its #, so that Back and a reload find it again.

import { Refusal } from "./api.js";
import { el, errorBox } from "./dom.js";
import { sendReports } from "./heard.js";
import { sessionList } from "./sessions.js";
import { loadLanguage } from "./storage.js";
import { chooseLanguage, say, useWords } from "./words.js";

// A view is a function of the id after its name, and returns { title, content, leave }. These are loaded when needed.
const VIEWS = {
  session: async (id) => (await import("./session.js")).sessionView(id),
  compose: async () => (await import("./compose.js")).composeView(),
  job: async (id) => (await import("./job.js")).jobView(id),
};

let leave = () => {};
let latest = 0;

async function show() {
  const turn = ++latest;
  leave();
  leave = () => {};
  const main = document.getElementById("view");
  main.setAttribute("aria-busy", "true");
  const [name, id = ""] = location.hash.slice(1).split("/");
  for (const link of name in VIEWS ? document.querySelectorAll(`[data-view=${name}]`) : []) link.rel = "modulepreload";
  let view;
  try {
    view = await (VIEWS[name] ?? sessionList)(decodeURIComponent(id));
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error);
    view = errorView(error);
  }
  if (turn !== latest) return view.leave?.();
  leave = view.leave ?? leave;
  document.title = `${view.title} · audioguide`;
  main.replaceChildren(view.content);
  main.removeAttribute("aria-busy");
  scrollTo(0, 0);
  if (turn > 1) main.querySelector("h1").focus({ preventScroll: true });
}

function errorView(error) {
  const shown = error instanceof Refusal ? error : new Refusal(say("page.broken"), say("page.reload"));
  const title = say("page.failed");
  const home = el("p", {}, el("a", { href: "#" }, say("page.home")));
  return { title, content: el("section", {}, el("h1", { tabindex: -1 }, title), errorBox(shown, show), home) };
}

const language = chooseLanguage(loadLanguage());
const words = await fetch(new URL(`./words/${language}.json`, import.meta.url));
useWords(language, await words.json());
addEventListener("hashchange", show);
show().then(async () => (await import("./offline.js")).register());
sendReports();
