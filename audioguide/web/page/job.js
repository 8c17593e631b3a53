// A session that is being made, and then is there: its progress, the player, the file.

import { Refusal, ask, at, follow } from "./api.js";
import { announce, el, megabytes, put, showAgain, trouble } from "./dom.js";
import { player } from "./player.js";
import { score } from "./score.js";

const STAGES = { speaking: "Speaking it", making: "Making it" };
const PAUSE = 2000; // milliseconds between two looks at what is known of a session in the making

export async function job(id) {
  let now = await ask(at("jobs", id));
  const play = player(id, now.title);
  const words = el("p", { id: "progress" });
  const bar = el("progress", { "aria-labelledby": "progress" });
  const cancel = el("button", { type: "button", onclick: stop }, "Cancel");
  const progress = el("section", { class: "progress", "aria-label": "Progress" }, words, bar, cancel);
  const message = el("div", {});
  const notes = el("div", { class: "notes" });
  const file = el("a", { class: "main", href: at("jobs", id, "file"), download: now.name ?? "" });
  const back = el("a", { href: `#session/${encodeURIComponent(now.session)}` }, "Change it");
  const content = el(
    "article",
    { class: "job" },
    el("h1", { tabindex: -1 }, now.title),
    message,
    notes,
    progress,
    play.element,
    el("p", { class: "after" }, file, back),
  );

  let complete = false;
  let looked = 0;
  let known = 0; // chapters
  let unfollow = () => {};

  async function look(made) {
    if (complete && !made) return;
    looked = Date.now();
    try {
      const timeline = await ask(at("jobs", id, "timeline"));
      complete = timeline.complete;
      known = timeline.chapters.length;
      play.know(score(timeline), now.stage === "making" ? now.total : 0, made);
      if (known) play.element.hidden = false;
    } catch (error) {
      if (made) message.replaceChildren(trouble(error, () => look(true)));
    }
  }

  let told = "";
  function tell(state) {
    now = state;
    const share = state.total ? state.done / state.total : 0;
    message.replaceChildren();
    notes.replaceChildren(...state.notes.map((note) => el("p", {}, note)));
    progress.hidden = !["waiting", "making"].includes(state.state);
    file.hidden = state.state !== "ready";
    if (state.state === "waiting") {
      put(words, state.place > 1 ? `Waiting: ${state.place - 1} before it` : "Waiting for its turn");
      bar.removeAttribute("value");
    } else if (state.state === "making") {
      put(words, `${STAGES[state.stage]}: ${Math.floor(100 * share)} %`);
      bar.value = share;
      if (state.stage === "making") play.grow(state.done);
      if (state.chapters > known && (!known || Date.now() - looked > PAUSE)) look(false);
    } else if (state.state === "ready") {
      put(file, `Download (${megabytes(state.bytes)})`);
      file.download = state.name;
      look(true);
    } else {
      unfollow();
      play.leave();
      play.element.hidden = true;
      const why = state.state === "cancelled" ? "This was cancelled, and nothing of it is kept." : state.error;
      message.replaceChildren(trouble(new Refusal(why, state.hint), again, "Make it again"));
    }
    const quarter = `${state.state} ${state.stage} ${Math.floor(4 * share)}`;
    if (quarter !== told && state.state === "ready") announce("It is ready to play and to download.");
    else if (quarter !== told) announce(words.textContent);
    told = quarter;
  }

  async function stop() {
    cancel.disabled = true;
    try {
      tell(await ask(at("jobs", id), { method: "DELETE" }));
    } catch (error) {
      cancel.disabled = false;
      message.replaceChildren(trouble(error, stop));
    }
  }

  async function again() {
    try {
      const data = { session: now.session, options: now.options };
      const { job: another } = await ask(at("jobs"), { method: "POST", data });
      if (another === id) showAgain();
      else location.hash = `job/${encodeURIComponent(another)}`;
    } catch (error) {
      message.replaceChildren(trouble(error, again));
    }
  }

  function watch() {
    unfollow();
    message.replaceChildren();
    unfollow = follow(id, tell, (forever) => {
      const broken = new Refusal("The line to the computer is broken.", forever ? "" : "It is tried again by itself.");
      message.replaceChildren(trouble(broken, forever && again)); // a server that was started anew knows no job
    });
  }

  play.element.hidden = true;
  tell(now);
  if (!progress.hidden) watch();
  const leave = () => {
    unfollow();
    play.leave();
  };
  return { title: now.title, content, leave };
}
