// The view of a job: the player of its session, how far it is made, and its file. The session goes on when the view is
// left: then a small player is at the bottom of the others.

import { Refusal, apiPath, ask } from "./api.js";
import { showDark } from "./darkroom.js";
import { announce, el, errorBox, formatMegabytes, loadStyle, reloadView, setText } from "./dom.js";
import { glyph } from "./glyphs.js";
import { createPlaying } from "./playing.js";
import { canShare, shareFile } from "./share.js";
import { createSmall } from "./small.js";
import { say } from "./words.js";

let going = null; // what plays, or is paused: { id, title, content, seen, end }

// `how` is "play" where it is to play at once.
export async function jobView(id, how) {
  const play = how === "play";
  if (going?.id !== id) {
    const [state] = await Promise.all([ask(apiPath("jobs", id)), loadStyle("session.css"), loadStyle("player.css")]);
    going?.end();
    going = openJob(state, play);
  } else if (play) going.play();
  const now = going;
  now.seen(true);
  const address = play && `#job/${encodeURIComponent(id)}`; // a reload does not start it anew
  return { title: now.title, content: now.content, address, leave: () => now.seen(false) };
}

function openJob(first, play) {
  const percent = el("span", { class: "percent", "aria-hidden": "true" });
  const download = el("a", { class: "plain download", href: apiPath("jobs", first.job, "file") }, glyph("download"));
  const share = el("button", { type: "button", class: "plain", "aria-label": say("player.share"), title: say("player.share") });
  share.append(glyph("share"));
  share.addEventListener("click", handOn);
  const back = el("a", { class: "plain", href: "#", "aria-label": say("player.back"), title: say("player.back") }, glyph("back"));
  const words = el("p", { id: "progress" });
  const bar = el("progress", { "aria-labelledby": "progress" });
  const cancel = el("button", { type: "button", onclick: stop }, say("player.cancel"));
  const progress = el("section", { class: "progress", "aria-label": say("player.progress") }, words, bar, cancel);
  const edit = el("a", { class: "edit" }, say("player.change"));
  const message = el("div", { class: "message" });
  const content = el("article", { class: "job" });
  let state = first;
  let announced = "";
  let seen = false;

  const small = createSmall({
    address: `#job/${encodeURIComponent(first.job)}`,
    title: first.title,
    toggle: () => playing.player.toggle(),
    end,
  });
  const one = { id: first.job, title: first.title, content, seen: setSeen, end, play: () => playing.player.sound.play() };
  const playing = createPlaying(first, {
    play,
    top: [back, percent, download, share],
    below: [progress, el("p", { class: "after" }, edit)],
    onState: show,
    onDraw: (view) => seen || small.draw(view),
    onMove: move,
  });
  content.append(message, playing.player.element);
  playing.show(first);

  function show(newState) {
    state = newState;
    const isMaking = ["waiting", "making"].includes(state.state);
    const fraction = state.total ? state.done / state.total : 0;
    const isOver = ["failed", "cancelled"].includes(state.state);
    progress.hidden = percent.hidden = !isMaking;
    download.hidden = isMaking || isOver;
    share.hidden = state.state !== "ready" || !canShare();
    edit.href = `#session/${encodeURIComponent(state.session)}/${encodeURIComponent(state.job)}`;
    download.href = apiPath("jobs", state.job, "file");
    download.download = state.name ?? "";
    const label = state.bytes ? say("player.download.size", { size: formatMegabytes(state.bytes) }) : say("player.download");
    download.setAttribute("aria-label", label);
    download.title = label;
    const whole = Math.floor(100 * fraction);
    setText(percent, state.state === "making" ? `${whole} %` : "…");
    if (state.state === "waiting") {
      setText(words, state.place > 1 ? say("player.queue", { count: state.place - 1 }) : say("player.queue.first"));
      bar.removeAttribute("value");
    } else if (isMaking) {
      setText(words, say(`player.stage.${state.stage}`, { percent: whole }));
      bar.value = fraction;
    }
    if (isOver) refuse(state.state === "cancelled" ? new Refusal(say("player.cancelled")) : new Refusal(state.error, state.hint ?? ""));
    const told = `${state.state} ${state.stage} ${Math.floor(4 * fraction)}`;
    if (told !== announced && announced && state.state === "ready") announce(say("player.ready"));
    announced = told;
  }

  // There is nothing to play: what happened, and what can be done.
  function refuse(error) {
    content.classList.add("refused");
    playing?.player.element.remove();
    const home = el("p", {}, el("a", { href: "#" }, say("page.home")));
    const head = el("h1", { tabindex: -1 }, state.title);
    message.replaceChildren(head, errorBox(error, retry, say("player.remake")), el("p", {}, edit), home);
  }

  async function stop() {
    cancel.disabled = true;
    try {
      playing.show(await ask(apiPath("jobs", state.job), { method: "DELETE" }));
    } catch (error) {
      cancel.disabled = false;
      playing.player.tell(error.message);
    }
  }

  async function handOn() {
    try {
      if (!(await shareFile(state))) playing.player.tell(say("file.again"));
    } catch (error) {
      playing.player.tell(error.message);
    }
  }

  async function retry() {
    try {
      const data = { session: state.session, options: state.options };
      const { job } = await ask(apiPath("jobs"), { method: "POST", data });
      end();
      if (location.hash.startsWith(`#job/${encodeURIComponent(job)}`)) reloadView();
      else location.hash = `job/${encodeURIComponent(job)}`;
    } catch (error) {
      refuse(error);
    }
  }

  // Another job goes on in the place of this one: the address follows, and Back still leads to what was before it.
  function move(id) {
    one.id = id;
    const address = `#job/${encodeURIComponent(id)}`;
    small.point(address);
    if (seen) history.replaceState(history.state, "", address);
  }

  function setSeen(now) {
    seen = now;
    document.body.classList.toggle("on-the-mat", now && !content.classList.contains("refused"));
    showDark(now ? undefined : false);
    const { sound, draw } = playing.player;
    const goesOn = sound.playing() || sound.seconds() > 0;
    if (now || !goesOn || content.classList.contains("refused")) small.show(false);
    else small.show(true);
    if (!now && !goesOn) end();
    else draw();
  }

  function end() {
    small.show(false);
    playing.leave();
    document.body.classList.remove("on-the-mat");
    if (going === one) going = null;
  }

  return one;
}
