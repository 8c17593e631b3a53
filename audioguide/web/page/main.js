// Which view is shown: the part of the address after # says it, so that Back and a reload find it again.

import { Refusal } from "./api.js";
import { el, trouble } from "./dom.js";
import { sessions } from "./sessions.js";

// A view is a function from what stands after its name to { title, content, leave }. The others come when asked for.
const VIEWS = {
  session: async (id) => (await import("./session.js")).session(id),
  job: async (id) => (await import("./job.js")).job(id),
};

let leave = () => {};
let shown = 0;

async function show() {
  const turn = ++shown;
  leave();
  leave = () => {};
  const place = document.getElementById("view");
  place.setAttribute("aria-busy", "true");
  const [name, id = ""] = location.hash.slice(1).split("/");
  let view;
  try {
    view = await (VIEWS[name] ?? sessions)(decodeURIComponent(id));
  } catch (error) {
    if (!(error instanceof Refusal)) console.error(error);
    view = failed(error);
  }
  if (turn !== shown) return view.leave?.();
  leave = view.leave ?? leave;
  document.title = `${view.title} · audioguide`;
  place.replaceChildren(view.content);
  place.removeAttribute("aria-busy");
  scrollTo(0, 0);
  if (turn > 1) place.querySelector("h1").focus({ preventScroll: true });
}

function failed(error) {
  const told = error instanceof Refusal ? error : new Refusal("This page could not be shown.", "Load it again.");
  const title = "That did not work";
  const home = el("p", {}, el("a", { href: "#" }, "All sessions"));
  return { title, content: el("section", {}, el("h1", { tabindex: -1 }, title), trouble(told, show), home) };
}

addEventListener("hashchange", show);
show();
