// The player. It knows no server: what it plays and shows is handed to it, and what happens goes to callbacks.

import { createPoses, createTimers, createVolumes } from "./aside.js";
import { JUMP, button, createControls } from "./controls.js";
import { countIn } from "./countin.js";
import { isDark, setDark } from "./darkroom.js";
import { announce, el } from "./dom.js";
import { createEnding } from "./ending.js";
import { createHold } from "./hold.js";
import { glyph } from "./glyphs.js";
import { createKeys } from "./keys.js";
import { createLockScreen } from "./lockscreen.js";
import { createClaim } from "./onetab.js";
import { loadChoice, saveChoice } from "./storage.js";
import { createScreen } from "./screen.js";
import { createSound } from "./sound.js";
import { EMPTY_TIMELINE, indexAt, partAt } from "./timeline.js";
import { say } from "./words.js";

const MARGIN = 2; // seconds that are made, but may not have arrived
const RESTART = 3; // seconds after the start of a pose from which "previous" means that start
const EDGE = 0.3; // seconds before the end of a pose at which it stops there

// `title` and `language` are the session's; `cover` is the address of a picture, or null. `sound` are addresses:
// `growing(from)` that of the sound while it is made, from a second on; `whole` that of the finished one. `place` is
// { seconds, playing }, where it begins and whether it plays as soon as it can; `keepPlace(seconds, playing)` is called
// when that changes. `change(wish)` has the session changed while it plays, and `levels` are its volumes; without it
// there is nothing to change. `onEnd(add)` may add elements to the end. `top` are elements beside the title, `below`
// some at the end of all.
export function createPlayer(about) {
  const { title, language = null, cover = null, change = null, levels = {}, onEnd = () => {}, top = [], below = [] } = about;
  let timeline = EMPTY_TIMELINE;
  let ready = false;
  let made = 0; // seconds
  let frame = 0;
  let stopCount = null; // ends the count before the start
  let count = 0;
  let stopAt = "session";
  let last = null; // the chapter in the last drawing
  let wasPlaying = false;
  let noticed = "";

  const sound = createSound(about.sound, { place: about.place, keepPlace: about.keepPlace, onChange: draw, onLost: about.onLost });
  const hold = createHold({ change, sound, now: () => ({ timeline, seconds: sound.seconds() }), tell });
  const screen = createScreen({ title, language, hold: change && hold });
  const controls = createControls({ toggle, seek, jump, skip });
  const ending = createEnding(again);
  const poses = createPoses(seek);
  const timers = createTimers(loadChoice("delay", "0"), {
    setDelay: (seconds) => saveChoice("delay", seconds),
    setStop: (when) => (stopAt = when),
  });
  const claim = createClaim(() => {
    if (!sound.playing()) return;
    sound.pause();
    tell(say("player.elsewhere"));
  });

  function toggle() {
    if (stopCount) cancelCount();
    else if (sound.playing()) sound.pause();
    else start();
    draw();
  }

  function start() {
    if (sound.ended()) sound.seek(0);
    const delay = sound.seconds() < 0.5 ? Number(loadChoice("delay", "0")) : 0;
    if (!delay) return sound.play();
    sound.prepare();
    const show = (left) => {
      count = left;
      draw();
    };
    const go = () => {
      cancelCount();
      sound.play();
    };
    stopCount = countIn(delay, show, go);
  }

  function cancelCount() {
    stopCount?.();
    [stopCount, count] = [null, 0];
  }

  function again() {
    sound.seek(0);
    start();
    draw();
  }

  function seek(seconds) {
    last = null;
    if (hold.leaves(seconds)) return;
    sound.seek(Math.min(seconds, timeline.complete ? timeline.duration : Infinity));
  }

  function jump(seconds) {
    seek(sound.seconds() + seconds);
  }

  function skip(direction) {
    const current = indexAt(timeline.chapters, sound.seconds());
    const restart = direction < 0 && sound.seconds() - (timeline.chapters[current]?.start ?? 0) > RESTART;
    const target = timeline.chapters[restart ? current : current + direction];
    if (target) seek(target.start);
  }

  function mute() {
    sound.mute();
    tell(say(sound.muted() ? "player.muted" : "player.unmuted"));
  }

  function toggleDark() {
    setDark(!isDark());
    dark.setAttribute("aria-pressed", isDark());
  }

  const lock = createLockScreen(
    {
      play: start,
      pause: sound.pause,
      previoustrack: () => skip(-1),
      nexttrack: () => skip(1),
      seekto: ({ seekTime }) => seek(seekTime),
      seekbackward: ({ seekOffset }) => jump(-(seekOffset ?? JUMP)),
      seekforward: ({ seekOffset }) => jump(seekOffset ?? JUMP),
    },
    title,
    cover,
  );

  // Shows a message, also to who does not see it.
  function tell(text) {
    screen.tell(text);
    announce(text);
    setTimeout(draw, 5100);
  }

  // Stops at the end of a pose, where that was chosen.
  function checkStop(current, seconds) {
    const chapter = timeline.chapters[current];
    const passed = last !== null && current === last + 1;
    last = current;
    if (stopAt !== "pose" || !sound.playing() || !chapter) return;
    const next = timeline.chapters[current + 1];
    if (!passed && !(next && chapter.end - seconds < EDGE)) return;
    sound.pause();
    seek(passed ? chapter.start : next.start);
    stopAt = "session";
    timers.resetStop();
    tell(say("player.stopped"));
  }

  function draw() {
    const seconds = sound.seconds();
    const playing = sound.playing();
    const chapters = timeline.chapters;
    const current = indexAt(chapters, seconds);
    checkStop(current, seconds);
    const notice = sound.waiting() ? say("player.waiting") : noticed;
    screen.draw(timeline, seconds, { notice, count, ...hold.state() });
    const duration = timeline.duration - hold.reserve();
    const share = ready ? 1 : Math.min(1, made / Math.max(duration, 1));
    controls.draw({ seconds, duration, sure: timeline.complete, isPlaying: playing || count > 0, made: share });
    poses.mark(current);
    const pose = chapters[current]?.title ?? title;
    if (sound.loaded()) lock.show({ pose, chapters, playing, duration, position: seconds, ready });
    if (playing && !wasPlaying) claim.claim();
    wasPlaying = playing;
    if (sound.ended() && timeline.complete) end();
    else ending.hide();
    element.classList.toggle("ended", !ending.element.hidden);
    about.onDraw?.({ pose, playing, seconds, duration, ended: sound.ended() });
    if (playing && !frame) frame = requestAnimationFrame(next);
  }

  function end() {
    if (!ending.element.hidden) return;
    ending.show(timeline.duration, new Set(timeline.holds.map(({ step }) => step)).size);
    announce(say("player.done"));
    onEnd(ending.add);
  }

  function next() {
    frame = 0;
    draw();
  }

  // Takes over a timeline that may still grow to `estimate` seconds; `whole` says that the sound is finished.
  function update(newTimeline, estimate, whole) {
    const { complete, duration } = newTimeline;
    timeline = { ...newTimeline, duration: complete ? duration : Math.max(duration, estimate) };
    poses.update(timeline.chapters, language);
    screen.reserve(timeline);
    if (whole && !ready) {
      ready = true;
      sound.finish((seconds) => !partAt(timeline.captions, seconds), timeline.duration);
    }
    const jumpTo = hold.takeJump();
    if (jumpTo) seek(jumpTo.start);
    draw();
  }

  // Takes over how many seconds of the sound are made.
  function grow(seconds) {
    made = seconds;
    sound.grow(Math.max(0, seconds - MARGIN));
  }

  // Begins with another session that is changed from this one: its timeline and sound are to come.
  function renew() {
    [ready, made] = [false, 0];
  }

  const keys = createKeys(
    {
      toggle: [[" ", "k"], toggle],
      back: [["ArrowLeft"], () => jump(-JUMP)],
      on: [["ArrowRight"], () => jump(JUMP)],
      more: [["+"], change && (() => hold.step(1))],
      less: [["-"], change && (() => hold.step(-1))],
      keep: [["="], change && hold.toggle],
      next: [["n"], () => skip(1)],
      previous: [["p"], () => skip(-1)],
      mute: [["m"], mute],
      dark: [["d"], toggleDark],
      help: [["?"], () => keys.show()],
    },
    () => element.isConnected,
  );
  const dark = button(say("player.dark"), glyph("dark"), toggleDark, "plain");
  dark.setAttribute("aria-pressed", isDark());
  const more = button(say("player.more"), glyph("list"), () => showAside(), "plain unfold");
  const showKeys = el("button", { type: "button", class: "show-keys", onclick: () => keys.show() }, say("player.keys"));
  const aside = el(
    "div",
    { class: "aside" },
    poses.element,
    change && createVolumes(levels, (options) => hold.send({ options })),
    timers.element,
    showKeys,
    ...below,
  );
  const notices = el("div", { class: "notices" });
  const scroller = el("div", { class: "scroller" }, el("div", { class: "face" }, screen.element, ending.element), aside);
  const heading = el("h1", { tabindex: -1, lang: language }, title);
  const element = el(
    "section",
    { class: "player", "aria-label": say("player.title") },
    el("div", { class: "topbar" }, ...top.slice(0, 1), heading, dark, ...top.slice(1), more),
    notices,
    scroller,
    controls.element,
    keys.dialog,
  );

  function showAside() {
    const away = scroller.scrollTop > 40;
    scroller.scrollTo({ top: away ? 0 : aside.offsetTop - scroller.offsetTop });
    (away ? heading : poses.element.querySelector("button"))?.focus({ preventScroll: true });
  }

  function leave() {
    cancelAnimationFrame(frame);
    frame = -1; // so that draw() asks for no other frame
    cancelCount();
    sound.leave();
    lock.leave();
    keys.leave();
    claim.leave();
  }

  // Shows a sentence in the place of what is said, for as long as it is true; "" takes it away.
  function notice(text) {
    noticed = text;
    draw();
  }

  function showFigures(figures) {
    screen.load(figures);
    draw();
  }

  sound.start();
  draw();
  return { element, notices, sound, update, grow, renew, showFigures, notice, tell, toggle, draw, leave };
}
