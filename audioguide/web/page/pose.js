// One pose of a session: a line with its figure, its name, how much of it is done and how long it is held, which unfolds
// to the slider of its hold and its other options.

import { control, withValue } from "./choices.js";
import { el, formatClock, formatWords, setText } from "./dom.js";
import { figure } from "./figure.js";
import { slider } from "./slider.js";
import { say } from "./words.js";

let count = 0;

// `first` is the hold as the server describes it, `library` all poses as [id, name, targets, sides]. `set(key, value)`
// sets one of the session's `options`. Returns { element, show }; `show(hold)` shows a later answer, undefined for
// "left out".
export function poseOptions(first, library, options, set) {
  const { select, targets } = first;
  const id = `pose-${++count}`;
  let current = first;
  let parts = null; // its other options, once they were unfolded
  const name = el("span", { class: "name" });
  const dose = el("span", { class: "dose" });
  const time = el("span", { class: "time" });
  let picture = el("span", { class: "figure" });
  const body = el("fieldset", {});
  const line = el("summary", {}, picture, el("span", { class: "what" }, name, dose), time);
  const each = (text) => (current.per_rep ? say("pose.each-rep", { time: text }) : text);
  const hold = slider({
    label: say("pose.hold"),
    of: first.name,
    none: say("pose.left-out"),
    format: (seconds) => each(formatClock(seconds)),
    words: (seconds) => each(formatWords(seconds)),
    why: { least: say("pose.least"), most: say("pose.most"), fixed: say("pose.fixed") },
    onChange(seconds) {
      showLine({ ...current, seconds });
      set("holds", withValue(options.holds, select, formatSeconds(seconds)));
    },
    onReset: () => set("holds", withValue(options.holds, select)),
  });
  const element = el("details", { class: "one", ontoggle: () => element.open && !parts && build() }, line, hold.element, body);

  const isChosen = ({ key, kind }) =>
    kind === "poses" ? (options[key]?.includes(select) ? true : undefined) : options[key]?.[select];

  function put({ key, kind }, value) {
    if (kind !== "poses") return set(key, withValue(options[key], select, value));
    const others = (options[key] ?? []).filter((pose) => pose !== select);
    if (value) others.push(select);
    set(key, others.length ? others : undefined);
  }

  function change(option, value) {
    const lost = { skip: current.more, swap: current.more.filter(({ key }) => key === "sides" || key === "reps") };
    if (option.key in lost) {
      [{ key: "holds" }, ...lost[option.key]].forEach((other) => put(other)); // they are for the pose that was there
    }
    put(option, value);
    if (option.key === "skip") build();
  }

  // What can be chosen for some options: for the others the server says it. Poses with the most targets in common come
  // first.
  const list = {
    swap() {
      const shared = (others) => others.filter((target) => targets.includes(target)).length;
      return library
        .filter(([pose]) => pose !== select)
        .sort(([, , one], [, , other]) => shared(other) - shared(one))
        .map(([pose, name, others]) => [pose, name, say(shared(others) ? "pose.same-targets" : "pose.others")]);
    },
    sides() {
      const other = current.name !== first.name && library.find(([, name]) => name === current.name);
      const sides = other ? other[3] : current.sides;
      const twice = (side) => sides.flatMap((one) => (one === side ? [one, one] : [one])).join();
      const named = (side) => [twice(side), say("pose.twice", { side }), ""];
      return [...sides.map((side) => [side, side, ""]), ...sides.map(named)];
    },
  };

  function build() {
    const focused = body.contains(document.activeElement) && document.activeElement.id;
    const isSkipped = isChosen({ key: "skip", kind: "poses" });
    const isOffered = ({ key, choices }) => key === "skip" || !(isSkipped || (key === "sides" && choices.length < 4));
    const choices = ({ key, choices }) => list[key]?.() ?? choices;
    const offered = current.more.map((option) => ({ ...option, choices: choices(option) })).filter(isOffered);
    parts = offered.map((option) => {
      const made = control(option, `${id}-${option.key}`, isChosen(option), (value) => change(option, value));
      return { key: option.key, ...made };
    });
    const legend = el("legend", { class: "visually-hidden" }, current.name);
    body.replaceChildren(legend, ...parts.map(({ element }) => element));
    if (focused) document.getElementById(focused)?.focus();
  }

  function show(now) {
    const isOther = now && now.name !== current.name;
    if (isOther) putFigure(now);
    current = now ?? current;
    hold.show(now && { ...now, of: now.name, step: now.unit_seconds ?? 1, value: now.seconds }, isHeld());
    showLine(now);
    if (!now) return;
    if (isOther) return parts && build();
    for (const option of now.more) parts?.find(({ key }) => key === option.key)?.show?.(option, isChosen(option));
  }

  function showLine(now) {
    setText(name, current.name);
    setText(dose, now ? describeDose(now) : say("pose.left-out"));
    setText(time, now ? each(formatClock(now.seconds)) : "");
    element.classList.toggle("out", !now);
    element.classList.toggle("changed", isHeld() || current.more.some((option) => isChosen(option) !== undefined));
  }

  // Instead of the figure that is there. A later answer has only those of poses that are in the place of another one.
  function putFigure(now) {
    const drawing = now.figure ?? (now.name === first.name ? first.figure : null);
    const next = drawing ? figure(drawing) : el("span", { class: "figure" });
    picture.replaceWith(next);
    picture = next;
  }

  const isHeld = () => select in (options.holds ?? {});
  putFigure(first);
  show(first);
  return { element, show };
}

// How much of a pose is done, beside how long it is held: "2 rounds · each side".
function describeDose({ more, sides }) {
  const value = (key) => more.find((option) => option.key === key)?.value || 0;
  const [rounds, reps] = [value("rounds"), value("reps")];
  return [
    rounds > 1 && say("dose.rounds", { count: rounds }),
    reps > 0 && say("dose.reps", { count: reps }),
    sides.length > 1 && say("dose.sides"),
  ]
    .filter(Boolean)
    .join(" · ");
}

// Seconds as the server reads them, rounded up to the millisecond so that ten breaths do not become nine.
export const formatSeconds = (seconds) => `${Math.ceil(seconds * 1000) / 1000}s`;
