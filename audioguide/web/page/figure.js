// The figure of a pose, as the server draws it: numbers become paths, and no text of a routine is in it.

import { el } from "./dom.js";
import { indexAt, partAt } from "./timeline.js";

const NUMBER = /-?\d+(?:\.\d+)?/g;
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

// A drawing as an element. The name of the pose stands beside it, so screen readers skip it.
export function figure(drawing) {
  const { documentElement } = new DOMParser().parseFromString(drawing, "image/svg+xml");
  const node = document.importNode(documentElement, true);
  node.setAttribute("class", "figure");
  node.setAttribute("aria-hidden", "true");
  return node;
}

// A drawing at several moments: { element, show }; `show(moment)` goes to a moment between 0 and 1.
function moving(moments) {
  const element = figure(moments[0]);
  const paths = moments.map((drawing) => [...figure(drawing).querySelectorAll("path")].map((path) => path.getAttribute("d")));
  const parts = [...element.querySelectorAll("path")].map((path, index) => ({
    path,
    words: paths[0][index].split(NUMBER),
    numbers: paths.map((shapes) => shapes[index].match(NUMBER).map(Number)),
  }));
  let shown = 0;

  function show(moment) {
    const place = Math.round(moment * 500) / 500 * (moments.length - 1);
    if (place === shown) return;
    shown = place;
    const before = Math.min(Math.floor(place), moments.length - 2);
    for (const { path, words, numbers } of parts) {
      const [first, last] = [numbers[before], numbers[before + 1]];
      const at = first.map((value, index) => Math.round(10 * (value + (last[index] - value) * (place - before))) / 10);
      path.setAttribute("d", words.map((word, index) => word + (at[index] ?? "")).join(""));
    }
  }

  return { element, show };
}

const ease = (share) => (1 - Math.cos(Math.PI * Math.min(1, Math.max(0, share)))) / 2;

// Where the movement of a rep is, so many seconds after its start.
function repMoment([effort, pause, back], seconds) {
  return ease(Math.min(seconds / Math.max(effort, 0.01), (effort + pause + back - seconds) / Math.max(back, 0.01)));
}

// The figure of the pose that is done, on its side. It has nothing to show until `load` has the figures of the session.
export function createFigure() {
  const element = el("div", { class: "posture", hidden: true });
  const made = [];
  let [steps, drawings, current] = [{}, [], null];

  function load(figures) {
    ({ steps, drawings } = figures);
  }

  // `full` says how full the lungs are, 0 to 1.
  function draw({ chapters, holds, sides, counts }, seconds, full) {
    const chapter = partAt(chapters, seconds);
    const hold = chapter && holds[indexAt(holds, chapter.start) + 1];
    const pose = hold && hold.start < chapter.end ? steps[hold.step] : undefined;
    element.hidden = !pose;
    if (!pose) return;
    const named = sides[indexAt(sides, seconds)];
    const number = pose.sides[named?.start >= chapter.start ? named.side : ""] ?? pose.sides[""];
    made[number] ??= moving(drawings[number]);
    if (current !== made[number]) element.replaceChildren((current = made[number]).element);
    if (drawings[number].length < 2) return;
    const now = partAt(holds, seconds);
    let moment = pose.moves ? full : 1;
    if (pose.rep) {
      const last = now && indexAt(counts, seconds);
      const start = now && (counts[last - 1]?.start >= now.start ? counts[last].start : now.start); // the first may be late
      moment = now ? repMoment(pose.rep, seconds - start) : 0;
    }
    current.show(STILL.matches ? 1 : moment);
  }

  return { element, load, draw };
}
