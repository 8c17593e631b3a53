// A lost network: a line says so, and the page tries again by itself until the computer answers.

import { el, setText } from "./dom.js";
import { say } from "./words.js";

const [SOONEST, LATEST] = [1000, 20_000]; // milliseconds between two attempts
const waiting = new Set();
let timer = 0;
let pause = SOONEST;
let line = null;

// Tells that there was no answer. `act` is called when the next one comes; it may tell so again. Returns a function that
// takes this back.
export function whenBack(act) {
  waiting.add(act);
  if (!line) {
    line = el("p", { class: "lost", role: "status" });
    document.body.prepend(line);
    setTimeout(() => line && setText(line, say("page.lost"))); // a screen reader says what comes into it
  }
  plan();
  return () => waiting.delete(act);
}

function plan() {
  clearTimeout(timer);
  timer = setTimeout(attempt, pause);
  pause = Math.min(LATEST, pause * 2);
}

async function attempt() {
  clearTimeout(timer);
  if (!line) return;
  try {
    await fetch(document.baseURI, { method: "HEAD", cache: "no-store", signal: AbortSignal.timeout(LATEST) });
  } catch {
    return plan();
  }
  line.remove();
  [line, pause] = [null, SOONEST];
  const acts = [...waiting];
  waiting.clear();
  for (const act of acts) act();
}

addEventListener("online", attempt);
document.addEventListener("visibilitychange", () => !document.hidden && attempt());
