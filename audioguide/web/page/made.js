// The sessions that were made here, by what tells them apart; each can be renamed and deleted in its place.

import { apiPath, ask } from "./api.js";
import { el, errorBox, formatMinutes } from "./dom.js";
import { icon } from "./icon.js";
import { say } from "./words.js";

const SHOWN = ["waiting", "making", "ready", "kept"];

// `onChange` is called when one is gone. Returns an element; null where nothing is made.
export function madeHere(jobs, onChange, isOpen) {
  const shown = jobs.filter(({ state }) => SHOWN.includes(state));
  if (!shown.length) return null;
  const title = el("summary", {}, say("made.title", { count: shown.length }));
  return el("details", { class: "made", open: isOpen }, title, el("ul", {}, ...shown.map((job) => madeRow(job, onChange))));
}

function madeRow(job, onChange) {
  const path = apiPath("jobs", job.job);
  const problem = el("div", { class: "problem" });
  const name = el("a", { href: `#job/${encodeURIComponent(job.job)}` }, job.title);
  const state = ["ready", "kept"].includes(job.state) ? job.duration && formatMinutes(job.duration) : say(`made.${job.state}`);
  const facts = el("p", { class: "about" }, [state, job.label].filter(Boolean).join(" · "));
  const tool = (drawing, key, onclick) =>
    el("button", { type: "button", class: "tool", "aria-label": say(key, { title: job.title }), onclick }, icon(drawing));
  const pen = tool("pen", "made.rename", rename);
  const bin = tool("bin", "made.delete", remove);
  const line = el("div", { class: "line" }, el("div", {}, name, facts), pen, bin);
  const item = el("li", {}, line, problem);

  async function attempt(act, retry) {
    problem.replaceChildren();
    try {
      await act();
    } catch (error) {
      problem.replaceChildren(errorBox(error, retry));
    }
  }

  function rename() {
    const input = el("input", { type: "text", value: name.textContent, maxlength: 100, "aria-label": say("made.name") });
    const close = () => {
      form.replaceWith(line);
      pen.focus();
    };
    const save = (event) => {
      event.preventDefault();
      const wanted = input.value.trim();
      if (!wanted) return close();
      return attempt(async () => {
        await ask(path, { method: "PATCH", data: { name: wanted } });
        name.textContent = wanted;
        close();
      });
    };
    const form = el(
      "form",
      { class: "rename", onsubmit: save, onkeydown: ({ key }) => key === "Escape" && close() },
      input,
      el("button", { type: "submit" }, say("page.save")),
      el("button", { type: "button", class: "quiet", onclick: close }, say("page.cancel")),
    );
    line.replaceWith(form);
    input.select();
  }

  // Asks once more in the same place, so that nothing is deleted by a thumb that slipped.
  function remove() {
    const close = () => {
      question.replaceWith(line);
      bin.focus();
    };
    const go = () =>
      attempt(async () => {
        await ask(path, { method: "DELETE" });
        onChange();
      }, go);
    const sure = el("button", { type: "button", class: "warn", onclick: go }, say("page.delete"));
    const question = el(
      "div",
      { class: "line", role: "group", "aria-label": say("made.delete", { title: job.title }) },
      el("p", {}, say("made.sure", { title: name.textContent })),
      sure,
      el("button", { type: "button", class: "quiet", onclick: close }, say("page.cancel")),
    );
    line.replaceWith(question);
    sure.focus();
  }

  return item;
}
