// One session: its options, with the length that they lead to.

import { Refusal, apiPath, ask } from "./api.js";
import { optionChoice } from "./choices.js";
import { announce, el, errorBox, formatClock, formatWords, reloadView, setText } from "./dom.js";
import { picture } from "./picture.js";
import { slider } from "./slider.js";
import { forgetOptions, loadOptions, saveOptions } from "./storage.js";

const REST = 80; // milliseconds without a change before the server is asked

export async function sessionView(id) {
  const about = await ask(apiPath("sessions", id));
  const drawing = el("div", { class: "drawing" }, picture(about.bars, about.palette));
  const length = el("output", { class: "total" });
  const notes = el("div", { class: "notes", role: "status" });
  const make = el("button", { type: "submit", class: "main" }, "Make it");
  const options = loadOptions(id);

  const holds = about.holds.map((hold) =>
    slider({
      label: hold.name,
      shortest: hold.shortest,
      longest: hold.longest,
      step: hold.unit_seconds ?? 1,
      value: hold.seconds,
      onChange: (seconds) => set("holds", { ...options.holds, [hold.select]: formatSeconds(seconds) }),
      onReset: () => {
        const { [hold.select]: _, ...others } = options.holds ?? {};
        set("holds", Object.keys(others).length ? others : undefined);
      },
    }),
  );
  const whole =
    about.length &&
    slider({
      label: "Whole session",
      ...about.length,
      step: about.length.longest > 1200 ? 15 : 5,
      value: about.duration,
      onChange: (seconds) => set("length", formatSeconds(seconds)),
      onReset: () => set("length", undefined),
    });

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
      notes.replaceChildren(errorBox(error, measure));
    }
  }

  function show({ duration, estimated, holds: current, bars, notes: lines }) {
    make.disabled = false;
    setText(length, `${estimated ? "~" : ""}${formatClock(duration)}`);
    length.setAttribute("aria-label", `${estimated ? "about " : ""}${formatWords(duration)}`);
    announce([`${estimated ? "About " : ""}${formatWords(duration)}.`, ...lines].join(" "));
    notes.replaceChildren(...lines.map((line) => el("p", {}, line)));
    drawing.replaceChildren(picture(bars, about.palette));
    const seconds = new Map(current.map((hold) => [hold.select, hold.seconds]));
    about.holds.forEach(({ select }, index) => {
      holds[index].show(seconds.get(select), select in (options.holds ?? {}));
    });
    whole?.show(duration, "length" in options);
  }

  async function start(event) {
    event.preventDefault();
    make.disabled = true;
    try {
      const { job } = await ask(apiPath("jobs"), { method: "POST", data: { session: id, options } });
      location.hash = `job/${encodeURIComponent(job)}`;
    } catch (error) {
      make.disabled = false;
      notes.replaceChildren(errorBox(error));
    }
  }

  function startOver() {
    forgetOptions(id);
    reloadView();
  }

  const form = el(
    "form",
    { onsubmit: start },
    whole ? el("section", { class: "lengths" }, el("h2", {}, "Length"), whole.element) : null,
    el("section", { class: "holds" }, el("h2", {}, "Holds"), ...holds.map(({ element }) => element)),
    el(
      "section",
      { class: "choices" },
      el("h2", {}, "Sound and words"),
      ...about.options.map((option) => optionChoice(option, options, set)),
      el("button", { type: "button", class: "quiet", onclick: startOver }, "Start over"),
    ),
    el("div", { class: "making" }, el("p", {}, el("span", {}, "Length "), length), make),
    notes,
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

// Seconds as the server reads them, rounded up to the millisecond so that ten breaths do not become nine.
const formatSeconds = (seconds) => `${Math.ceil(seconds * 1000) / 1000}s`;
