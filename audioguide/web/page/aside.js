// Beside the screen, or below it on a phone: the poses, the volumes of voice and background, and how it starts and ends.

import { el, formatClock } from "./dom.js";
import { slider } from "./slider.js";
import { say } from "./words.js";

const VOLUMES = { "voice-level": [-12, 6], "background-level": [-20, 10] }; // LU, from and to
const REST = 400; // milliseconds without a move of a slider before it is sent
const DELAYS = ["0", "5", "10", "20"]; // seconds

export function createPoses(go) {
  const list = el("ol", { class: "chapters" });
  const element = el("nav", { "aria-label": say("player.poses") }, el("h2", {}, say("player.poses")), list);
  let shown = "";
  let marked = null;

  function update(chapters, language) {
    const state = JSON.stringify(chapters);
    if (state === shown) return;
    shown = state;
    marked = null;
    const items = chapters.map(({ title, start }) => {
      const name = el("span", { lang: language }, title);
      const time = el("span", { class: "time" }, formatClock(start));
      return el("li", {}, el("button", { type: "button", onclick: () => go(start) }, name, " ", time));
    });
    list.replaceChildren(...items);
  }

  function mark(current) {
    const item = list.children[current]?.firstElementChild ?? null;
    if (item === marked) return;
    marked?.removeAttribute("aria-current");
    item?.setAttribute("aria-current", "true");
    marked = item;
    if (item) list.scrollTop = item.offsetTop - list.offsetTop - list.clientHeight / 3;
  }

  return { element, update, mark };
}

// `levels` are those of now; `change` gets { key: value } when the listener has stopped moving a slider.
export function createVolumes(levels, change) {
  const sliders = Object.entries(VOLUMES).map(([key, [shortest, longest]]) => {
    const sign = (value) => `${value > 0 ? "+" : ""}${value}`.replace("-", "−");
    let timer = 0;
    const send = (value) => {
      clearTimeout(timer);
      timer = setTimeout(change, REST, { [key]: value });
    };
    const one = slider({
      label: say(`player.${key}`),
      none: "0",
      format: sign,
      words: sign,
      onChange: send,
      onReset: () => {
        one.show({ shortest, longest, step: 1, value: 0 }, false);
        send(0);
      },
    });
    const value = levels[key] ?? 0;
    one.show({ shortest, longest, step: 1, value }, value !== 0);
    return one.element;
  });
  return el("section", { class: "volumes" }, el("h2", {}, say("player.sound")), ...sliders);
}

function menu(id, label, items, value, choose) {
  const options = items.map(([key, text]) => el("option", { value: key, selected: key === value }, text));
  const select = el("select", { id, onchange: () => choose(select.value) }, ...options);
  return { element: el("div", { class: "choice" }, el("label", { for: id }, label), select), select };
}

// `delay` is what is chosen; the acts get what is chosen then.
export function createTimers(delay, { setDelay, setStop }) {
  const waits = DELAYS.map((seconds) => [seconds, Number(seconds) ? say("time.seconds", { count: Number(seconds) }) : say("player.delay.none")]);
  const ends = ["session", "pose"].map((key) => [key, say(`player.stop.${key}`)]);
  const start = menu("player-delay", say("player.delay"), waits, delay, setDelay);
  const stop = menu("player-stop", say("player.stop"), ends, "session", setStop);
  const element = el("section", { class: "timers" }, el("h2", {}, say("player.timers")), start.element, stop.element);
  return { element, resetStop: () => (stop.select.value = "session") };
}
