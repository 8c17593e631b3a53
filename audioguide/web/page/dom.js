// Elements, times as text, and messages for screen readers. Data only becomes text, never markup.

import { language, say } from "./words.js";

const AGO = [[2_592_000, "month"], [604_800, "week"], [86_400, "day"], [3600, "hour"]]; // seconds

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

// Sets the text of a node, only if it is another one: otherwise each frame would cost a layout.
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Seconds as a clock shows them: 0:45, 17:04, 1:02:03.
export function formatClock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value) => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

// Seconds in words, for screen readers: "12 minutes 30 seconds".
export function formatWords(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    [Math.floor(whole / 3600), "time.hours"],
    [Math.floor(whole / 60) % 60, "time.minutes"],
    [whole % 60, "time.seconds"],
  ];
  const words = parts.filter(([count]) => count).map(([count, unit]) => say(unit, { count }));
  return words.join(" ") || say("time.seconds", { count: 0 });
}

// Seconds as a person says the length of a session: "16 min", "1 h 5 min".
export function formatMinutes(seconds) {
  const whole = Math.max(1, Math.round(seconds / 60));
  const [hours, minutes] = [Math.floor(whole / 60), whole % 60];
  if (!hours) return say("time.min", { minutes });
  return minutes ? say("time.h.min", { hours, minutes }) : say("time.h", { hours });
}

// How long ago, in words: "yesterday", "3 days ago".
export function formatAgo(seconds) {
  const [size, unit] = AGO.find(([size]) => seconds >= size) ?? [60, "minute"];
  return new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(-Math.round(seconds / size), unit);
}

// Builds the current view again.
export function reloadView() {
  dispatchEvent(new HashChangeEvent("hashchange"));
}

// Loads a style sheet, once.
export function loadStyle(name) {
  const href = new URL(name, import.meta.url).href;
  if ([...document.styleSheets].some((sheet) => sheet.href === href)) return Promise.resolve();
  return new Promise((done) => {
    document.head.append(el("link", { rel: "stylesheet", href, onload: done, onerror: done }));
  });
}

export function formatMegabytes(bytes) {
  const size = (bytes / 1e6).toLocaleString(language(), { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  return say("size.megabytes", { size });
}

let pending = 0;

// Has a screen reader say the text, if no other one follows within half a second, as while a slider is moved.
export function announce(text) {
  clearTimeout(pending);
  pending = setTimeout(() => setText(document.getElementById("announcement"), text), 500);
}

// An error: what went wrong, what to do next, and a button that does it.
export function errorBox(error, retry, label = say("page.again")) {
  return el(
    "div",
    { class: "error", role: "alert" },
    el("p", {}, error.message),
    error.hint ? el("p", {}, error.hint) : null,
    retry ? el("button", { type: "button", onclick: retry }, label) : null,
  );
}
