// The controls: always in sight, in a row of their own, so that they cover nothing and nothing covers them.

import { el, formatClock, formatWords, setText } from "./dom.js";
import { glyph } from "./glyphs.js";
import { say } from "./words.js";

export const JUMP = 15; // seconds

export const button = (label, content, onclick, kind) =>
  el("button", { type: "button", class: kind, "aria-label": label, title: label, onclick }, content);

// `acts` are toggle, seek(seconds), jump(seconds) and skip(direction).
export function createControls(acts) {
  let dragged = false;
  const position = el("input", { type: "range", class: "position", min: 0, max: 1, value: 0 });
  position.setAttribute("aria-label", say("player.position"));
  position.addEventListener("input", () => {
    dragged = true;
    setText(elapsed, formatClock(position.valueAsNumber));
  });
  position.addEventListener("change", () => {
    dragged = false;
    acts.seek(position.valueAsNumber);
  });
  const [elapsed, total] = [el("span"), el("span")];
  const [playing, paused] = [glyph("pause"), glyph("play")];
  const toggle = button(say("player.play"), paused, acts.toggle, "toggle");
  const element = el(
    "div",
    { class: "controls" },
    el("div", { class: "seek" }, elapsed, position, total),
    el(
      "div",
      { class: "buttons" },
      button(say("player.previous"), glyph("previous"), () => acts.skip(-1)),
      button(say("player.jump.back", { count: JUMP }), `−${JUMP}`, () => acts.jump(-JUMP), "jump"),
      toggle,
      button(say("player.jump.on", { count: JUMP }), `+${JUMP}`, () => acts.jump(JUMP), "jump"),
      button(say("player.skip"), glyph("next"), () => acts.skip(1)),
    ),
  );

  // `made` is the share of the sound that is there, `sure` whether its length is known.
  function draw({ seconds, duration, sure, isPlaying, made }) {
    const label = say(isPlaying ? "player.pause" : "player.play");
    if (toggle.getAttribute("aria-label") !== label) {
      toggle.setAttribute("aria-label", label);
      toggle.title = label;
      toggle.replaceChildren(isPlaying ? playing : paused);
      toggle.classList.toggle("playing", isPlaying);
    }
    const max = Math.max(1, Math.ceil(duration));
    if (Number(position.max) !== max) position.max = max;
    position.style.setProperty("--made", `${(100 * made).toFixed(1)}%`);
    if (dragged) return;
    position.value = seconds;
    const text = say("player.of", { time: formatWords(seconds), total: formatWords(duration) });
    if (position.getAttribute("aria-valuetext") !== text) position.setAttribute("aria-valuetext", text);
    setText(elapsed, formatClock(seconds));
    setText(total, `${sure ? "" : "~"}${formatClock(duration)}`);
  }

  return { element, draw };
}
