// The end of a session: that it is done, how long it was, and what the page has to say and to ask then.

import { el, formatMinutes, setText } from "./dom.js";
import { say } from "./words.js";

export function createEnding(again) {
  const length = el("p", { class: "length" });
  const more = el("div", { class: "further" });
  const once = el("button", { type: "button", class: "main", onclick: again }, say("player.again"));
  const head = el("h2", { tabindex: -1 }, say("player.done"));
  const element = el("section", { class: "ending", hidden: true }, el("div", {}, head, length), more, el("div", { class: "after" }, once));

  function show(seconds, poses) {
    if (!element.hidden) return;
    setText(length, [formatMinutes(seconds), poses ? say("player.poses.done", { count: poses }) : ""].filter(Boolean).join(" · "));
    more.replaceChildren();
    element.hidden = false;
  }

  function hide() {
    element.hidden = true;
  }

  // Takes in an element that belongs to the end, such as a question.
  const add = (node) => more.append(node);

  return { element, show, hide, add };
}
