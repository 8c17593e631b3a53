// One pose of a session: the slider of its hold, and its other options, folded below it.

import { control, withValue } from "./choices.js";
import { el, formatClock, formatWords } from "./dom.js";
import { figure } from "./figure.js";
import { slider } from "./slider.js";

let count = 0;

// `first` is the hold as the server describes it, `library` all poses as [id, name, targets, sides]. `set(key, value)`
// sets one of the session's `options`. Returns { element, show }; `show(hold)` shows a later answer, undefined for
// "left out".
export function poseOptions(first, library, options, set) {
  const { select, targets } = first;
  const id = `pose-${++count}`;
  const each = () => (current.per_rep ? " a rep" : "");
  let current = first;
  const hold = slider({
    label: first.name,
    none: "left out",
    format: (seconds) => formatClock(seconds) + each(),
    words: (seconds) => formatWords(seconds) + each(),
    onChange: (seconds) => set("holds", withValue(options.holds, select, formatSeconds(seconds))),
    onReset: () => set("holds", withValue(options.holds, select)),
  });
  const body = el("fieldset", {});
  const what = el("span", { class: "visually-hidden" });
  const more = el("details", {}, el("summary", {}, "More", what), body);
  let parts = [];
  let picture = el("span", {});

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
        .map(([pose, name, others]) => [pose, name, shared(others) ? "Same targets" : "Others"]);
    },
    sides() {
      const other = current.name !== first.name && library.find(([, name]) => name === current.name);
      const sides = other ? other[3] : current.sides;
      const twice = (side) => sides.flatMap((one) => (one === side ? [one, one] : [one])).join();
      return [...sides.map((side) => [side, side, ""]), ...sides.map((side) => [twice(side), `${side}, twice`, ""])];
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
    what.textContent = ` for ${current.name}`;
    const legend = el("legend", { class: "visually-hidden" }, current.name);
    body.replaceChildren(legend, ...parts.map(({ element }) => element));
    if (focused) document.getElementById(focused)?.focus();
  }

  function show(now) {
    const isOther = now && now.name !== current.name;
    if (isOther) picture = putFigure(now);
    current = now ?? current;
    hold.show(now && { ...now, label: now.name, step: now.unit_seconds ?? 1, value: now.seconds }, isHeld());
    if (!now) return;
    if (isOther) return build();
    for (const option of now.more) parts.find(({ key }) => key === option.key)?.show?.(option, isChosen(option));
  }

  // Instead of the figure that is there. A later answer has only those of poses that are in the place of another one.
  function putFigure(now) {
    const drawing = now.figure ?? (now.name === first.name ? first.figure : null);
    const next = drawing ? figure(drawing) : el("span", {});
    picture.replaceWith(next);
    return next;
  }

  const isHeld = () => select in (options.holds ?? {});
  build();
  more.open = first.more.some(isChosen);
  show(first);
  const element = el("div", { class: "one" }, picture, hold.element, more);
  picture = putFigure(first);
  return { element, show };
}

// Seconds as the server reads them, rounded up to the millisecond so that ten breaths do not become nine.
export const formatSeconds = (seconds) => `${Math.ceil(seconds * 1000) / 1000}s`;
