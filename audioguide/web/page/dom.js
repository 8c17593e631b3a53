// Elements, lengths of time as text, and what a screen reader is told. Data only ever becomes text, never markup.

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

// The text of a node, set only when it is another one: a frame that changes nothing costs no layout.
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

// Seconds as a clock shows them: 0:45, 17:04, 1:02:03.
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value) => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

// Seconds as they are said: "12 minutes 30 seconds".
export function spoken(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [
    [Math.floor(whole / 3600), "hour"],
    [Math.floor(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ];
  const said = parts.filter(([count]) => count).map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`);
  return said.join(" ") || "0 seconds";
}

// Build the view that is shown anew.
export function showAgain() {
  dispatchEvent(new HashChangeEvent("hashchange"));
}

export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

let pending = 0;

// Tell a screen reader, once nothing newer has come for half a second: a slider that is moved would flood it.
export function announce(text) {
  clearTimeout(pending);
  pending = setTimeout(() => put(document.getElementById("announcement"), text), 500);
}

// What went wrong, in one sentence, what to do next, and a way to do it.
export function trouble(error, again, label = "Try again") {
  return el(
    "div",
    { class: "trouble", role: "alert" },
    el("p", {}, error.message),
    error.hint ? el("p", {}, error.hint) : null,
    again ? el("button", { type: "button", onclick: again }, label) : null,
  );
}
