// The dial: the time left as the largest thing on the screen, in a ring that closes with the hold, over a disc that
// grows and shrinks with the breath. Where reduced motion is wanted, the disc stands still and the words say it.

import { el, formatClock, formatWords, setText } from "./dom.js";
import { momentAt, partAt } from "./timeline.js";
import { say } from "./words.js";

const SMALLEST = 0.4; // of the disc's full size, with empty lungs
const STEPS = 200; // of the ring

// How full the lungs are, 0 to 1, at a fraction of a phase: slow at both ends, as breath is.
export function fullness(phase, fraction) {
  const eased = (1 - Math.cos(Math.PI * fraction)) / 2;
  return { in: eased, hold: 1, out: 1 - eased, rest: 0 }[phase];
}

// Less than a minute is only its seconds, so that they can be larger.
const formatLeft = (seconds) => (seconds < 60 ? String(Math.max(0, seconds)) : formatClock(seconds));

// `figure` is that of the pose, and moves with the breath.
export function createDial(figure) {
  const disc = el("div", { class: "disc" });
  const ring = el("div", { class: "ring", "aria-hidden": "true" }, el("div", { class: "arc" }), disc);
  const time = el("p", { class: "left", role: "timer", "aria-live": "off" });
  const word = el("p", { class: "word" });
  const bar = { class: "visually-hidden", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 };
  const progress = el("div", { ...bar, "aria-label": say("player.hold.bar") });
  const element = el("div", { class: "pacer" }, ring, el("div", { class: "reading" }, time, word), progress);
  let part = -1;

  // `open` is the hold that goes on until the listener says so, or null; `extra` are seconds that are about to be added
  // to the hold; `count` those before the start, 0 after it.
  function draw(timeline, seconds, { open, extra, count }) {
    const breath = partAt(timeline.breaths, seconds);
    const moment = momentAt(timeline, seconds);
    const full = breath ? fullness(breath.phase, (seconds - breath.start) / breath.duration) : 0;
    const kind = count ? "start" : open ? "open" : moment.kind;
    const left = count || (open ? seconds - open.start : Math.max(0, moment.end - seconds + (kind === "hold" ? extra : 0)));
    const clock = open && !count ? `+${formatClock(Math.floor(left))}` : formatLeft(Math.ceil(left));
    disc.style.transform = `scale(${(SMALLEST + (1 - SMALLEST) * full).toFixed(4)})`;
    figure.draw(timeline, seconds, full);
    element.dataset.phase = breath?.phase ?? "";
    element.dataset.kind = kind;
    element.dataset.letters = clock.length;
    const known = timeline.duration > 0 || count > 0;
    setText(time, known ? clock : "");
    time.setAttribute("aria-label", known ? say(`player.left.${kind}`, { time: formatWords(left) }) : "");
    setText(word, !known ? "" : breath && !count ? say(`player.breath.${breath.phase}`) : say(`player.word.${kind}`));
    const share = kind === "open" || count || moment.end <= moment.start ? 0 : (seconds - moment.start) / (moment.end - moment.start);
    showPart(Math.min(STEPS, Math.max(0, Math.round(STEPS * share))));
  }

  function showPart(now) {
    if (now === part) return;
    part = now;
    element.style.setProperty("--part", part / STEPS);
    progress.setAttribute("aria-valuenow", Math.round((100 * part) / STEPS));
  }

  return { element, draw };
}
