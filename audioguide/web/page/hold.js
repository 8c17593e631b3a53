// Changes of a session while it plays: the hold longer or shorter, or as long as the listener likes; and volumes.

import { button } from "./controls.js";
import { el, setText } from "./dom.js";
import { indexAt, momentAt } from "./timeline.js";
import { say } from "./words.js";

const STEP = 5; // seconds, as the server changes a hold
const SAME = 0.5; // seconds that two starts of one hold may differ by

// `change(wish)` asks for it and answers with { changed, message, position, sound, crossed }; `now()` is the timeline and
// where it is. A wish is sent when the one before it is answered, and each shows at once what it will come to.
export function createHold({ change, sound, now, tell }) {
  if (!change) return { state: () => ({ open: null, extra: 0 }), reserve: () => 0, leaves: () => false, takeJump() {} };
  let open = null; // the hold that is wished to go on, before the server has made it so: { start, end }
  let extra = 0; // seconds that are wished for, and not heard yet
  let latest = Promise.resolve();
  let jump = null; // the pose to go to when a hold that was kept has ended
  let pending = 0; // wishes that are not answered

  function send(wish) {
    pending++;
    latest = latest.then(() => ask(wish));
  }

  async function ask(wish) {
    const since = sound.seconds();
    try {
      const answer = await change({ ...wish, position: since });
      pending--;
      if (answer.message && !pending) tell(answer.message);
      if (answer.changed) hear(answer, since); // it need not be heard before the next one is sent
      else settle();
    } catch (error) {
      pending--;
      refuse(error);
    }
  }

  async function hear(answer, since) {
    try {
      if (!(await sound.change(answer.sound, since, answer.position))) return;
      answer.crossed();
      settle();
    } catch {
      refuse({ message: say("player.change.failed") });
    }
  }

  function settle() {
    if (!pending) extra = 0;
  }

  function refuse({ message, hint }) {
    settle();
    open = null;
    tell([message, hint].filter(Boolean).join(" "));
  }

  function step(direction) {
    const { timeline, seconds } = now();
    const { kind, hold } = momentAt(timeline, seconds);
    const isOpen = state().open !== null;
    if (!isOpen) extra += direction * STEP;
    const title = timeline.chapters[indexAt(timeline.chapters, hold?.start ?? seconds)]?.title;
    if (kind !== "rest" && hold?.asked && !isOpen)
      tell(say("player.hold.asked", { pose: title, seconds: Math.max(0, Math.round(hold.asked + extra)) }));
    send({ hold: direction > 0 ? "longer" : "shorter" });
  }

  function toggle() {
    const { timeline, seconds } = now();
    const { kind, start, end } = momentAt(timeline, seconds);
    const isOpen = state().open !== null;
    open = null;
    if (isOpen) send({ hold: "end" });
    else if (kind !== "hold") tell(say("player.keep.later"));
    else {
      open = { start, end };
      send({ hold: "keep" });
      tell(say("player.kept"));
    }
  }

  const word = el("span", {}, say("player.keep"));
  const keep = el("button", { type: "button", class: "keep", "aria-pressed": "false", onclick: toggle }, word);

  // The hold that goes on until the listener says so, as the timeline has it; undefined where there is none.
  const keptHold = () => now().timeline.holds.find(({ asked }) => asked === null);

  // How the hold of now differs from what the timeline says.
  function state() {
    const { timeline, seconds } = now();
    const { kind, hold } = momentAt(timeline, seconds);
    const wished = open !== null && kind === "hold" && Math.abs(hold.start - open.start) < SAME;
    const isOpen = kind === "hold" && (hold.asked === null || wished);
    if (open && !wished) open = null; // left by a jump
    keep.setAttribute("aria-pressed", String(isOpen));
    setText(word, say(isOpen ? "player.keep.end" : "player.keep"));
    return { open: isOpen ? hold : null, extra };
  }

  // Seconds that the timeline has in reserve for such a hold.
  function reserve() {
    const kept = keptHold();
    return kept ? Math.max(0, kept.end - Math.max(kept.start, now().seconds)) : 0;
  }

  // Whether a jump to a second leaves such a hold: then it ends first, or its reserve would lie in between. The jump is
  // made as soon as that is heard, to the same pose.
  function leaves(to) {
    const { timeline, seconds } = now();
    const kept = keptHold() ?? open; // what is wished counts, too: its timeline may not be here yet
    if (!kept || seconds < kept.start || seconds >= kept.end || (to >= kept.start && to < kept.end)) return false;
    jump = indexAt(timeline.chapters, to);
    open = null;
    send({ hold: "end" });
    return true;
  }

  // The chapter to go to, once the hold has ended; undefined where there is none.
  function takeJump() {
    const chapter = jump !== null && !keptHold() ? now().timeline.chapters[jump] : undefined;
    if (chapter) jump = null;
    return chapter;
  }

  return {
    less: button(say("player.less", { count: STEP }), "−", () => step(-1), "less"),
    more: button(say("player.longer", { count: STEP }), "+", () => step(1), "more-time"),
    ...{ keep, step, toggle, send, state, reserve, leaves, takeJump },
  };
}
