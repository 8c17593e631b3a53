// One session with everything that can be set about it, and its new length at once.

import { Refusal, ask, at } from "./api.js";
import { announce, clock, el, put, showAgain, spoken, trouble } from "./dom.js";
import { backgrounds, breaths, chimes, choices, level, voices } from "./choices.js";
import { picture } from "./picture.js";
import { slider } from "./slider.js";
import { forget, recall, remember } from "./memory.js";

const PATIENCE = 80; // milliseconds that a slider has to rest before the server is asked

export async function session(id) {
  const about = await ask(at("sessions", id));
  const drawing = el("div", { class: "drawing" }, picture(about.bars, about.palette));
  const length = el("output", { class: "total" });
  const notes = el("div", { class: "notes", role: "status" });
  const make = el("button", { type: "submit", class: "main" }, "Make it");
  const options = recall(id);

  const holds = about.holds.map((hold) =>
    slider({
      label: hold.name,
      shortest: hold.shortest,
      longest: hold.longest,
      step: hold.unit_seconds ?? 1,
      value: hold.seconds,
      moved: (seconds) => set("holds", { ...options.holds, [hold.select]: written(seconds) }),
      back: () => {
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
      moved: (seconds) => set("length", written(seconds)),
      back: () => set("length", undefined),
    });

  let asked = 0;
  let resting = 0;
  let answer = new AbortController();

  function set(key, value) {
    if (value === undefined) delete options[key];
    else options[key] = value;
    remember(id, options);
    clearTimeout(resting);
    resting = setTimeout(measure, PATIENCE);
  }

  // Ask for the length; an answer that a newer question has overtaken is dropped.
  async function measure() {
    answer.abort();
    answer = new AbortController();
    const turn = ++asked;
    try {
      const request = { method: "POST", data: { options }, signal: answer.signal };
      const told = await ask(at("sessions", id, "length"), request);
      if (turn === asked) tell(told);
    } catch (error) {
      if (turn !== asked || !(error instanceof Refusal)) return;
      make.disabled = true;
      notes.replaceChildren(trouble(error, measure));
    }
  }

  function tell({ duration, estimated, holds: now, bars, notes: lines }) {
    make.disabled = false;
    put(length, `${estimated ? "~" : ""}${clock(duration)}`);
    length.setAttribute("aria-label", `${estimated ? "about " : ""}${spoken(duration)}`);
    announce([`${estimated ? "About " : ""}${spoken(duration)}.`, ...lines].join(" "));
    notes.replaceChildren(...lines.map((line) => el("p", {}, line)));
    drawing.replaceChildren(picture(bars, about.palette));
    const seconds = new Map(now.map((hold) => [hold.select, hold.seconds]));
    about.holds.forEach(({ select }, index) => {
      holds[index].show(seconds.get(select), select in (options.holds ?? {}));
    });
    whole?.show(duration, "length" in options);
  }

  async function start(event) {
    event.preventDefault();
    make.disabled = true;
    try {
      const { job } = await ask(at("jobs"), { method: "POST", data: { session: id, options } });
      location.hash = `job/${encodeURIComponent(job)}`;
    } catch (error) {
      make.disabled = false;
      notes.replaceChildren(trouble(error));
    }
  }

  function startOver() {
    forget(id);
    showAgain();
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
      level(about, options, set),
      choices("Breath", "breath", breaths(about), about, options, set),
      choices("Voice", "voice", voices(about), about, options, set),
      choices("Background", "background", backgrounds(about), about, options, set),
      choices("Chime at the end of a hold", "chime", chimes(about), about, options, set),
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
  tell(about);
  if (Object.keys(options).length) await measure();
  return { title: about.title, content, leave: () => clearTimeout(resting) };
}

// Seconds as the server reads them. Rounded up to the millisecond: ten breaths must not become nine.
const written = (seconds) => `${Math.ceil(seconds * 1000) / 1000}s`;
