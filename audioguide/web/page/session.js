// One session: its options, with the length that they lead to.

import { Refusal, apiPath, ask } from "./api.js";
import { control } from "./choices.js";
import { announce, el, errorBox, formatClock, formatWords, reloadView, setText } from "./dom.js";
import { picture } from "./picture.js";
import { formatSeconds, poseOptions } from "./pose.js";
import { slider } from "./slider.js";
import { forgetOptions, loadOptions, saveOptions } from "./storage.js";

// The options that are not folded, in their order on the page.
const FIRST = "level voice pace voice-level background background-level chime breath cues".split(" ");
const REST = 80; // milliseconds without a change before the server is asked

export async function sessionView(id) {
  const about = await ask(apiPath("sessions", id));
  const drawing = el("div", { class: "drawing" }, picture(about.bars, about.palette));
  const length = el("output", { class: "total" });
  const notes = el("div", { class: "notes", role: "status" });
  const problem = el("div", { class: "problem" });
  const make = el("button", { type: "submit", class: "main" }, "Make it");
  const options = loadOptions(id);

  const poses = about.holds.map((hold) => poseOptions(hold, about.poses, options, set));
  const range = about.length && roundEnds(about.length);
  const whole =
    range &&
    slider({
      label: "Whole session",
      format: formatClock,
      words: formatWords,
      onChange: (seconds) => set("length", formatSeconds(seconds)),
      onReset: () => set("length", undefined),
    });
  const choices = about.options.map((option) => {
    const { key } = option;
    const { element } = control(option, `choice-${key}`, options[key], (chosen) => set(key, chosen));
    return { key, element };
  });
  const first = FIRST.flatMap((wanted) => choices.filter(({ key }) => key === wanted));
  const others = choices.filter((one) => !first.includes(one));
  const more = { class: "more", open: others.some(({ key }) => key in options) };

  let latest = 0;
  let timer = 0;
  let request = new AbortController();

  function set(key, value) {
    if (value === undefined) delete options[key];
    else options[key] = value;
    saveOptions(id, options);
    latest++; // an answer to what was chosen before would move the slider back
    clearTimeout(timer);
    timer = setTimeout(measure, REST);
  }

  // Asks for the length. An answer is dropped when something else was chosen meanwhile.
  async function measure() {
    request.abort();
    request = new AbortController();
    const turn = ++latest;
    try {
      const call = { method: "POST", data: { options }, signal: request.signal };
      const answer = await ask(apiPath("sessions", id, "length"), call);
      if (turn === latest) show(answer);
    } catch (error) {
      if (turn !== latest || !(error instanceof Refusal)) return;
      make.disabled = true;
      problem.replaceChildren(errorBox(error, measure));
    }
  }

  function show({ duration, estimated, holds: current, bars, notes: lines }) {
    make.disabled = false;
    problem.replaceChildren();
    setText(length, `${estimated ? "~" : ""}${formatClock(duration)}`);
    length.setAttribute("aria-label", `${estimated ? "about " : ""}${formatWords(duration)}`);
    announce([`${estimated ? "About " : ""}${formatWords(duration)}.`, ...lines].join(" "));
    notes.replaceChildren(...lines.map((line) => el("p", {}, line)));
    drawing.replaceChildren(picture(bars, about.palette));
    const now = new Map(current.map((hold) => [hold.select, hold]));
    about.holds.forEach(({ select }, index) => poses[index].show(now.get(select)));
    whole?.show({ ...range, value: duration }, "length" in options);
  }

  async function start(event) {
    event.preventDefault();
    make.disabled = true;
    try {
      const { job } = await ask(apiPath("jobs"), { method: "POST", data: { session: id, options } });
      location.hash = `job/${encodeURIComponent(job)}`;
    } catch (error) {
      make.disabled = false;
      problem.replaceChildren(errorBox(error));
    }
  }

  function startOver() {
    forgetOptions(id);
    reloadView();
  }

  const form = el(
    "form",
    { onsubmit: start },
    el("section", { class: "lengths" }, whole && el("h2", {}, "Length"), whole && whole.element, notes),
    el("section", { class: "holds" }, el("h2", {}, "Holds"), ...poses.map(({ element }) => element)),
    el(
      "section",
      { class: "choices" },
      el("h2", {}, "Sound and words"),
      ...first.map(({ element }) => element),
      el("details", more, el("summary", {}, "More"), ...others.map(({ element }) => element)),
      el("button", { type: "button", class: "quiet", onclick: startOver }, "Start over"),
    ),
    el("div", { class: "making" }, problem, el("p", {}, el("span", {}, "Length "), length), make),
  );
  const content = el(
    "article",
    { class: "session" },
    el("h1", { tabindex: -1, lang: about.language }, about.title),
    el("p", { lang: about.language }, about.description),
    drawing,
    form,
  );
  show(about);
  if (Object.keys(options).length) await measure();
  return { title: about.title, content, leave: () => clearTimeout(timer) };
}

// The ends and the step of the slider for the whole session: round times, as far as there is one between its ends.
function roundEnds({ shortest, longest }) {
  const step = longest > 1200 ? 15 : 5;
  const [first, last] = [Math.ceil(shortest / step) * step, Math.floor(longest / step) * step];
  return first < last ? { shortest: first, longest: last, step } : { shortest, longest, step: 1 };
}
