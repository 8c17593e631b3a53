// One session: its options, with the length that they lead to, and one large button that starts it.

import { Refusal, apiPath, ask } from "./api.js";
import { art, heart, languageName, sessionPath, targetWords } from "./card.js";
import { control } from "./choices.js";
import { announce, el, errorBox, formatClock, formatWords, loadStyle, reloadView, setText } from "./dom.js";
import { fileButtons } from "./file.js";
import { chosenLanguage } from "./filters.js";
import { icon } from "./icon.js";
import { whenBack } from "./network.js";
import { picture } from "./picture.js";
import { formatSeconds, poseOptions } from "./pose.js";
import { presetForm } from "./preset.js";
import { slider } from "./slider.js";
import { forgetOptions, loadOptions, saveOptions } from "./storage.js";
import { language, say, translate } from "./words.js";

// The options that are not folded, in their order on the page.
const FIRST = ["level", "voice", "pace", "voice-level", "background", "background-level", "chime", "breath", "cues"];
const REST = 80; // milliseconds without a change before the server is asked

// `job` is one whose options are to be changed. They are this tab's from then on.
export async function sessionView(id, job) {
  if (job) saveOptions(id, (await ask(apiPath("jobs", job))).options);
  const options = loadOptions(id);
  const wanted = options.language ?? chosenLanguage() ?? language();
  const form = ask(`${apiPath("sessions", id)}?language=${wanted}`);
  const [about, home] = await Promise.all([form, ask(apiPath("home")), loadStyle("session.css")]);
  const drawing = el("div", { class: "drawing art" });
  const total = el("output", { class: "total" });
  const notes = el("div", { class: "notes", role: "status" });
  const problem = el("div", { class: "problem" });
  const begin = el("button", { type: "submit", class: "main start" }, icon("play"), el("span", {}, say("session.start")), total);
  // With the language that the page asked for, where the routine is written in another one.
  const chosen = () => (about.language === about.languages[0] ? options : { language: about.language, ...options });
  const order = () => ask(apiPath("jobs"), { method: "POST", data: { session: id, options: chosen() } });
  const file = fileButtons(order, fail);

  const poses = about.holds.map((hold) => poseOptions(hold, about.poses, options, set));
  const range = about.length && roundEnds(about.length);
  const whole =
    range &&
    slider({
      label: say("session.whole"),
      format: formatClock,
      words: formatWords,
      why: { least: say("session.least"), most: say("session.most") },
      onChange: (seconds) => set("length", formatSeconds(seconds)),
      onReset: () => set("length", undefined),
    });
  const choices = about.options.map((option) => {
    const { key } = option;
    const { element } = control(option, `choice-${key}`, options[key], (value) => {
      set(key, value);
      if (key === "language") reloadView();
    });
    return { key, element };
  });
  const first = FIRST.flatMap((wanted) => choices.filter(({ key }) => key === wanted));
  const others = choices.filter((one) => !first.includes(one));
  const more = { class: "more", open: others.some(({ key }) => key in options) };

  let latest = 0;
  let timer = 0;
  let request = new AbortController();
  let forget = () => {};

  function set(key, value) {
    if (value === undefined) delete options[key];
    else options[key] = value;
    saveOptions(id, options);
    file.reset();
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
      const call = { method: "POST", data: { options: chosen() }, signal: request.signal };
      const answer = await ask(apiPath("sessions", id, "length"), call);
      if (turn === latest) show(answer);
    } catch (error) {
      if (turn !== latest || !(error instanceof Refusal)) return;
      if (error.lost) return void (forget = whenBack(measure));
      begin.disabled = true;
      problem.replaceChildren(errorBox(error, measure));
    }
  }

  function show({ duration, estimated, holds: current, bars, notes: said, missing }) {
    const lines = said.map(translate);
    const line = (text, index) => el("p", { lang: text === said[index] ? "en" : null }, text);
    begin.disabled = Boolean(missing);
    problem.replaceChildren(missing ? voiceBox(missing) : "");
    setText(total, formatClock(duration));
    const words = estimated ? say("session.about", { time: formatWords(duration) }) : formatWords(duration);
    total.setAttribute("aria-label", words);
    announce([`${words}.`, ...lines].join(" "));
    notes.replaceChildren(...lines.map(line));
    drawing.firstElementChild?.replaceWith(picture(bars, about.palette, about.frieze));
    const now = new Map(current.map((hold) => [hold.select, hold]));
    about.holds.forEach(({ select }, index) => poses[index].show(now.get(select)));
    whole?.show({ ...range, value: duration }, "length" in options);
  }

  // Says before the start that there is no voice, why, and offers one that is there: at home before one of the internet.
  function voiceBox(reason) {
    const { value, choices: voices } = about.options.find(({ key }) => key === "voice");
    const usable = voices.filter(([name]) => name !== (options.voice ?? value));
    const other = usable.find(([, , group]) => !group.endsWith("online")) ?? usable[0];
    const take = () => {
      set("voice", other[0]);
      const menu = document.getElementById("choice-voice");
      if (menu) menu.value = other[0];
      begin.focus();
    };
    const label = other && say("voice.take", { voice: other[1] });
    return errorBox({ message: say("voice.missing"), hint: reason }, other && take, label);
  }

  async function start(event) {
    event?.preventDefault();
    begin.disabled = true;
    try {
      const { job } = await order();
      location.hash = `job/${encodeURIComponent(job)}/play`;
    } catch (error) {
      begin.disabled = false;
      fail(error, start);
    }
  }

  function fail(error, retry) {
    problem.replaceChildren(errorBox(error, retry));
    if (error.lost) forget = whenBack(() => problem.replaceChildren());
  }

  function startOver() {
    forgetOptions(id);
    reloadView();
  }

  const foreign = about.language.slice(0, 2) !== language() && languageName(about.language);
  const facts = [say("session.poses", { count: about.holds.length }), foreign, targetWords(about)].filter(Boolean);
  const choosing = el(
    "form",
    { onsubmit: start },
    el(
      "section",
      { class: "lengths" },
      el("h2", {}, say("session.length")),
      whole ? whole.element : el("p", { class: "help" }, say("session.no-length")),
      notes,
    ),
    el("section", { class: "holds" }, el("h2", {}, say("session.holds")), ...poses.map(({ element }) => element)),
    el(
      "section",
      { class: "choices" },
      el("h2", {}, say("session.choices")),
      ...first.map(({ element }) => element),
      el("details", more, el("summary", {}, say("session.more")), ...others.map(({ element }) => element)),
      presetForm(id, chosen),
      el("button", { type: "button", class: "quiet", onclick: startOver }, say("session.over")),
    ),
    el("div", { class: "making" }, problem, begin, ...file.elements),
  );
  const content = el(
    "article",
    { class: "session" },
    el(
      "div",
      { class: "heading" },
      el("h1", { tabindex: -1, lang: about.language }, about.title),
      heart(id, about.title, home.favourites.includes(id)),
    ),
    el("p", { class: "about" }, facts.join(" · ")),
    el("p", { lang: about.language }, about.description),
    drawing,
    choosing,
  );
  drawing.append(...art(about));
  show(about);
  if (Object.keys(options).length) await measure();
  setTimeout(() => import("./job.js").catch(() => {}), 1000); // the start is at once then
  const leave = () => {
    clearTimeout(timer);
    forget();
    file.reset();
  };
  return { title: about.title, content, address: job && sessionPath(id), leave };
}

// The ends and the step of the slider for the whole session: round times, as far as there is one between its ends.
function roundEnds({ shortest, longest }) {
  const step = longest > 1200 ? 15 : 5;
  const [first, last] = [Math.ceil(shortest / step) * step, Math.floor(longest / step) * step];
  return first < last ? { shortest: first, longest: last, step } : { shortest, longest, step: 1 };
}
