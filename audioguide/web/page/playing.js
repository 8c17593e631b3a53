// A session that plays from the server: its job is followed, its player is told, and what was heard is reported. It
// goes on when its view is left, until another one is begun.

import { Refusal, apiPath, ask, follow } from "./api.js";
import { el, setText } from "./dom.js";
import { feltQuestion } from "./felt.js";
import { createHearing, report } from "./heard.js";
import { createPlayer } from "./player.js";
import { loadPosition, savePosition } from "./storage.js";
import { readTimeline } from "./timeline.js";
import { suggestNext } from "./next.js";
import { say } from "./words.js";

const TIMELINE_PERIOD = 2000; // milliseconds between two requests for the growing timeline
const PLACE_PERIOD = 5000; // milliseconds between two notes of the place

const addressesOf = (id) => ({
  growing: (from) => `${apiPath("jobs", id, "sound")}${from ? `?from=${from}` : ""}`,
  whole: `${apiPath("jobs", id, "sound")}?whole`,
});

// `first` is the job as the server tells it. `play` has it play at once. `onState(job)` gets each later state, `onDraw`
// what the small player shows, `onMove(id)` the id of the job that goes on in the place of this one.
export function createPlaying(first, { play, top, below, onState, onDraw, onMove }) {
  let state = first; // of the job that is heard
  let latest = first.job; // the job that the last change has led to
  let unfollow = null;
  let complete = false;
  let chapterCount = 0;
  let lastRequest = 0;
  let lastPlace = 0;
  let left = false;
  let hasFigures = false;
  const hearing = createHearing(first.job);
  const kept = loadPosition(first.job);

  const player = createPlayer({
    title: first.title,
    language: first.language,
    cover: apiPath("jobs", first.job, "cover.jpg"),
    sound: addressesOf(first.job),
    place: { seconds: kept.seconds || first.resume || 0, playing: play || kept.playing },
    levels: first.options,
    ...{ keepPlace, change, onEnd, onDraw: drawn, top, below },
    onLost: () => watch(),
  });

  function drawn(view) {
    if (view.playing && !unfollow && state.state === "kept") watch();
    onDraw(view);
  }

  function keepPlace(seconds, playing) {
    savePosition(state.job, seconds, playing);
    hearing.at(seconds);
    if (playing && Date.now() - lastPlace < PLACE_PERIOD) return;
    lastPlace = Date.now();
    const data = { method: "PUT", headers: { "Content-Type": "application/json" }, keepalive: true };
    fetch(apiPath("jobs", state.job, "place"), { ...data, body: JSON.stringify({ position: seconds }) }).catch(() => {});
  }

  async function loadTimeline() {
    const ready = state.state === "ready";
    if (complete && !ready) return;
    lastRequest = Date.now();
    const about = state;
    try {
      const timeline = await ask(apiPath("jobs", about.job, "timeline"));
      if (left || about.job !== state.job) return;
      complete = timeline.complete;
      chapterCount = timeline.chapters.length;
      player.update(readTimeline(timeline), state.stage === "making" ? state.total : 0, ready && complete);
    } catch (error) {
      if (ready) tellLost(error);
    }
  }

  function show(newState) {
    const isSuperseded = newState.job !== latest && ["failed", "cancelled"].includes(newState.state);
    if (left || isSuperseded) return; // its successor is about to be heard
    state = newState;
    if (!hasFigures && state.state !== "kept") {
      hasFigures = true;
      ask(apiPath("jobs", state.job, "figures")).then(player.showFigures, () => {}); // without them, all else works
    }
    if (state.state === "making" && state.stage === "making") player.grow(state.done);
    player.notices.replaceChildren(...(unnoticed() ? [] : state.notes.map((note) => el("p", {}, note))));
    if (state.state === "making") {
      player.sound.retry();
      const due = !chapterCount || Date.now() - lastRequest > TIMELINE_PERIOD;
      if (state.chapters > chapterCount && due) loadTimeline();
    } else if (state.state === "ready") {
      stopWatching();
      loadTimeline();
    } else if (state.state === "failed" || state.state === "cancelled") {
      stopWatching();
      player.sound.pause();
    }
    onState(state);
  }

  const unnoticed = () => player.sound.seconds() > 20; // what gave way is read at the beginning

  function stopWatching() {
    unfollow?.();
    unfollow = null;
  }

  function watch() {
    if (unfollow || left) return;
    unfollow = follow(state.job, show, (final) => {
      tellLost(new Refusal(say("player.lost"), say(player.sound.playing() ? "player.lost.goes.on" : "player.lost.waits")));
      if (!final) return;
      stopWatching();
      setTimeout(makeAgain, 2000);
    });
  }

  function tellLost({ message, hint }) {
    setText(lost, [message, hint].filter(Boolean).join(" "));
    player.notices.replaceChildren(lost);
  }

  const lost = el("p", { class: "lost", role: "alert" });

  // A server that was started anew may not know the job any more: the same session is made again.
  async function makeAgain() {
    if (left) return;
    try {
      const data = { session: state.session, options: state.options };
      const another = await ask(apiPath("jobs"), { method: "POST", data });
      const since = player.sound.seconds();
      if (another.job === state.job) return watch();
      if (player.sound.local) return adopt(another);
      latest = another.job;
      await player.sound.change(addressesOf(another.job), since, since);
      adopt(another);
    } catch (error) {
      if (error.lost) setTimeout(makeAgain, 2000);
      else tellLost(error);
    }
  }

  // The job that is heard from now on.
  function adopt(another) {
    stopWatching();
    [complete, chapterCount, lastRequest, latest] = [false, 0, 0, another.job];
    player.renew();
    show(another);
    onMove(another.job);
    if (state.state !== "ready") watch();
  }

  // Has the session changed from where it is.
  async function change(wish) {
    const answer = await ask(apiPath("jobs", latest, "change"), { method: "POST", data: wish });
    const { changed, message, position } = answer;
    if (changed) latest = answer.job;
    return { changed, message, position, sound: addressesOf(answer.job), crossed: () => adopt(answer) };
  }

  // It was heard to its end: that is logged, and asked is how it felt; then comes what could be next.
  async function onEnd(add) {
    const heard = hearing.end();
    suggestNext(state).then((link) => link && add(link), () => {});
    if (!heard) return;
    const about = { session: state.session, options: state.options, ...heard };
    const answer = await report(about);
    if (answer?.ask) add(feltQuestion(answer, (felt) => report({ ...about, ...felt })));
  }

  function leave() {
    left = true;
    stopWatching();
    player.leave();
  }

  if (["waiting", "making"].includes(first.state) || (play && first.state === "kept")) watch();
  return { player, show, leave };
}
