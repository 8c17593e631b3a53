// The keyboard: what each key does while the player is seen. No key is taken from a field, nor from a button that has it.

import { el } from "./dom.js";
import { say } from "./words.js";

const FIELD = "input, select, textarea, [contenteditable], dialog";
const OWN = { " ": "button, a, summary", Enter: "button, a, summary" };
const SIGNS = { " ": "␣", ArrowLeft: "←", ArrowRight: "→", "-": "−" };

// `acts` maps the name of an act to [keys, function]; those without a function are not there.
export function createKeys(acts, isSeen) {
  const present = Object.entries(acts).filter(([, [, act]]) => act);
  const list = el("dl", {}, ...present.flatMap(([name, [keys]]) => [
    el("dt", {}, ...keys.map((key) => el("kbd", {}, SIGNS[key] ?? key))),
    el("dd", {}, say(`player.key.${name}`)),
  ]));
  const close = el("button", { type: "button", class: "main", onclick: () => dialog.close() }, say("player.close"));
  const dialog = el("dialog", { class: "keys", "aria-labelledby": "keys-title" });
  dialog.append(el("h2", { id: "keys-title" }, say("player.keys")), list, close);

  function onKey(event) {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || !isSeen()) return;
    if (dialog.open) return key === "?" ? dialog.close() : undefined;
    if (target.closest?.(FIELD) || (OWN[key] && target.closest?.(OWN[key]))) return;
    const act = present.find(([, [keys]]) => keys.includes(key) || keys.includes(key.toLowerCase()))?.[1][1];
    if (!act) return;
    event.preventDefault();
    act();
  }

  document.addEventListener("keydown", onKey);
  return { dialog, show: () => dialog.showModal(), leave: () => document.removeEventListener("keydown", onKey) };
}
