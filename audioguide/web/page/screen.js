// What is seen from the mat: the pose with its figure and side, the dial, what comes next, and the words that are said.

import { createDial } from "./dial.js";
import { el, setText } from "./dom.js";
import { createFigure } from "./figure.js";
import { captionAt, indexAt, nextAt, sideAt } from "./timeline.js";
import { say } from "./words.js";

const SHOWN = 5000; // milliseconds for which a message stands in the place of what comes next

// An element that keeps room for the longest text that it will show, and the one in it that shows a text.
function roomy(tag, attributes) {
  const inner = el("span");
  return [el(tag, attributes, inner), inner];
}

// `language` is that of the session; `hold` has the buttons that change the hold, or is null.
export function createScreen({ title, language, hold }) {
  const figure = createFigure();
  const dial = createDial(figure);
  const [nameBox, name] = roomy("h2", { class: "pose", lang: language });
  const [sideBox, side] = roomy("p", { class: "side", lang: language });
  const [nextBox, next] = roomy("p", { class: "next" });
  const [captionBox, caption] = roomy("p", { class: "caption", lang: language });
  const middle = el("div", { class: "middle" }, hold?.less, dial.element, hold?.more, hold?.keep);
  const head = el("div", { class: "naming" }, nameBox, sideBox);
  const element = el("div", { class: "stage" }, head, figure.element, middle, nextBox, captionBox);
  let until = 0;
  let message = "";

  // Room is kept for the longest of each, so that nothing moves when another is shown.
  function reserve({ chapters, holds, lines }) {
    const longest = (texts) => texts.reduce((one, other) => (other.length > one.length ? other : one), "");
    const names = chapters.map((chapter) => chapter.title);
    const sides = holds.map((one) => one.side ?? "");
    nameBox.dataset.longest = longest(names);
    sideBox.dataset.longest = longest(sides);
    nextBox.dataset.longest = longest([...names, ...sides].map((pose) => say("player.next", { pose })));
    captionBox.dataset.longest = longest(lines.map(({ text }) => text));
  }

  // `notice` stands in the place of the words that are said; the rest is for the dial.
  function draw(timeline, seconds, { notice, ...now }) {
    const chapter = timeline.chapters[indexAt(timeline.chapters, seconds)];
    const after = nextAt(timeline, seconds);
    const upcoming = after?.side ? say("player.next.side", after) : after ? say("player.next", after) : say("player.last");
    const told = Date.now() < until;
    setText(name, chapter?.title ?? title);
    setText(side, sideAt(timeline, seconds));
    setText(next, told ? message : timeline.duration ? upcoming : "");
    nextBox.classList.toggle("told", told);
    const spoken = captionAt(timeline, seconds);
    setText(caption, notice || spoken.text);
    captionBox.classList.toggle("over", spoken.over && !notice);
    dial.draw(timeline, seconds, now);
  }

  // Shows a message for some seconds.
  function tell(text) {
    [message, until] = [text, Date.now() + SHOWN];
    setText(next, text);
  }

  return { element, draw, tell, reserve, load: figure.load };
}
