// The job that makes a session: its progress, the player, and the file to download.

import { Refusal, apiPath, ask, follow } from "./api.js";
import { announce, el, errorBox, formatMegabytes, loadStyle, reloadView, setText } from "./dom.js";
import { feltQuestion } from "./felt.js";
import { followHearing, report } from "./heard.js";
import { createPlayer } from "./player.js";
import { loadPosition, savePosition } from "./storage.js";
import { readTimeline } from "./timeline.js";

const STAGES = { speaking: "Speaking the text", making: "Making the sound" };
const TIMELINE_PERIOD = 2000; // milliseconds between two requests for the growing timeline

export async function jobView(id) {
  const [first] = await Promise.all([ask(apiPath("jobs", id)), loadStyle("player.css")]);
  let state = first;
  const player = createPlayer({
    title: state.title,
    cover: apiPath("jobs", id, "cover.jpg"),
    sound: { growing: apiPath("jobs", id, "sound"), whole: `${apiPath("jobs", id, "sound")}?whole` },
    place: loadPosition(id),
    keepPlace: (seconds, playing) => savePosition(id, seconds, playing),
  });
  ask(apiPath("jobs", id, "figures")).then(player.showFigures, () => {}); // without them, all else works
  const words = el("p", { id: "progress" });
  const bar = el("progress", { "aria-labelledby": "progress" });
  const cancel = el("button", { type: "button", onclick: stop }, "Cancel");
  const progress = el("section", { class: "progress", "aria-label": "Progress" }, words, bar, cancel);
  const message = el("div", {});
  const notes = el("div", { class: "notes" });
  const file = el("a", { class: "main", href: apiPath("jobs", id, "file"), download: state.name ?? "" });
  const back = el("a", { href: `#session/${encodeURIComponent(state.session)}` }, "Change it");
  const question = el("div", {});
  const content = el(
    "article",
    { class: "job" },
    el("h1", { tabindex: -1 }, state.title),
    message,
    notes,
    progress,
    player.element,
    question,
    el("p", { class: "after" }, file, back),
  );

  let complete = false;
  let lastRequest = 0;
  let chapterCount = 0;
  let unfollow = () => {};

  async function loadTimeline(ready) {
    if (complete && !ready) return;
    lastRequest = Date.now();
    try {
      const timeline = await ask(apiPath("jobs", id, "timeline"));
      complete = timeline.complete;
      chapterCount = timeline.chapters.length;
      player.update(readTimeline(timeline), state.stage === "making" ? state.total : 0, ready);
      if (chapterCount) player.element.hidden = false;
    } catch (error) {
      if (ready) message.replaceChildren(errorBox(error, () => loadTimeline(true)));
    }
  }

  let announced = "";
  function show(newState) {
    state = newState;
    const fraction = state.total ? state.done / state.total : 0;
    message.replaceChildren();
    notes.replaceChildren(...state.notes.map((note) => el("p", {}, note)));
    progress.hidden = !["waiting", "making"].includes(state.state);
    file.hidden = state.state !== "ready";
    if (state.state === "waiting") {
      setText(words, state.place > 1 ? `Waiting: ${state.place - 1} before this one` : "Waiting to start");
      bar.removeAttribute("value");
    } else if (state.state === "making") {
      setText(words, `${STAGES[state.stage]}: ${Math.floor(100 * fraction)} %`);
      bar.value = fraction;
      if (state.stage === "making") player.grow(state.done);
      const due = !chapterCount || Date.now() - lastRequest > TIMELINE_PERIOD;
      if (state.chapters > chapterCount && due) loadTimeline(false);
    } else if (state.state === "ready") {
      setText(file, `Download (${formatMegabytes(state.bytes)})`);
      file.download = state.name;
      loadTimeline(true);
    } else {
      unfollow();
      player.leave();
      player.element.hidden = true;
      const why = state.state === "cancelled" ? "This session was cancelled. Nothing of it was kept." : state.error;
      message.replaceChildren(errorBox(new Refusal(why, state.hint), retry, "Make it again"));
    }
    const quarter = `${state.state} ${state.stage} ${Math.floor(4 * fraction)}`;
    if (quarter !== announced && state.state === "ready") announce("The session is ready to play and to download.");
    else if (quarter !== announced) announce(words.textContent);
    announced = quarter;
  }

  // It was heard to its end: that is logged, and asked is how it felt.
  const unhear = followHearing(player.audio, id, async (heard) => {
    const about = { session: state.session, options: state.options, ...heard };
    const answer = await report(about);
    if (!answer?.ask) return;
    question.replaceChildren(feltQuestion(answer, (felt) => report({ ...about, ...felt })));
    question.scrollIntoView({ block: "nearest" });
  });

  async function stop() {
    cancel.disabled = true;
    try {
      show(await ask(apiPath("jobs", id), { method: "DELETE" }));
    } catch (error) {
      cancel.disabled = false;
      message.replaceChildren(errorBox(error, stop));
    }
  }

  async function retry() {
    try {
      const data = { session: state.session, options: state.options };
      const { job: another } = await ask(apiPath("jobs"), { method: "POST", data });
      if (another === id) reloadView();
      else location.hash = `job/${encodeURIComponent(another)}`;
    } catch (error) {
      message.replaceChildren(errorBox(error, retry));
    }
  }

  function watch() {
    unfollow();
    message.replaceChildren();
    unfollow = follow(id, show, (final) => {
      const hint = final ? "" : "The page keeps trying to connect.";
      const lost = new Refusal("The connection to the computer is lost.", hint);
      message.replaceChildren(errorBox(lost, final && retry)); // a restarted server does not know the job
    });
  }

  player.element.hidden = true;
  show(first);
  if (!progress.hidden) watch();
  const leave = () => {
    unfollow();
    unhear();
    player.leave();
  };
  return { title: state.title, content, leave };
}
