// The small player at the bottom of every other view, while a session goes on: tapping it leads back.

import { el, formatClock, setText } from "./dom.js";
import { glyph } from "./glyphs.js";
import { say } from "./words.js";

// `toggle` plays and pauses, `end` ends the session.
export function createSmall({ address, title, toggle, end }) {
  const name = el("span", { class: "what" }, title);
  const left = el("span", { class: "time" });
  const [playing, paused] = [glyph("pause"), glyph("play")];
  const button = el("button", { type: "button", class: "toggle", onclick: toggle });
  const close = el("button", { type: "button", class: "plain", onclick: end, "aria-label": say("player.end") }, glyph("close"));
  const link = el("a", { href: address, "aria-label": say("player.return", { title }) }, name, left);
  const bar = el("div", { class: "through" });
  const element = el("section", { class: "small-player", "aria-label": say("player.title") }, bar, link, button, close);
  let shown = null;

  function draw({ pose, playing: isPlaying, seconds, duration, ended }) {
    setText(name, ended ? say("player.done") : pose);
    setText(left, ended ? title : `${formatClock(seconds)} / ${formatClock(duration)}`);
    bar.style.transform = `scaleX(${(duration ? Math.min(1, seconds / duration) : 0).toFixed(3)})`;
    if (shown === isPlaying) return;
    shown = isPlaying;
    button.setAttribute("aria-label", say(isPlaying ? "player.pause" : "player.play"));
    button.replaceChildren(isPlaying ? playing : paused);
  }

  // `on`: whether it is there. The page keeps room for it, so that it covers nothing.
  function show(on) {
    document.body.classList.toggle("with-small-player", on);
    if (on) document.body.append(element);
    else element.remove();
  }

  return { draw, show, point: (to) => link.setAttribute("href", to) };
}
