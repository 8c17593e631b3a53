// The file of a session: it is made if it has to be, then saved or handed on to another app.

import { apiPath, ask, follow } from "./api.js";
import { el, setText } from "./dom.js";
import { icon } from "./icon.js";
import { say } from "./words.js";

const TYPE = "audio/mpeg";

// Whether this browser can hand on sound. It can only where the page comes over HTTPS.
function canShare() {
  return navigator.canShare?.({ files: [new File([""], "session.mp3", { type: TYPE })] }) ?? false;
}

// `order()` returns the job that makes the file. `onError` gets what went wrong, and what to do again. Returns
// { elements, reset }: after a change of the session, `reset()` forgets its file.
export function fileButtons(order, onError) {
  let current = null; // the job
  let sound = null; // the file, once it was fetched to be handed on
  let unfollow = () => {};
  const status = el("span", { class: "share-of", role: "status" });
  const button = (drawing, key, onclick) =>
    el("button", { type: "button", class: "file", "aria-label": say(key), onclick }, icon(drawing));
  const save = button("down", "file.save", () => withFile(download));
  const hand = canShare() && button("share", "file.share", () => withFile(share));

  async function withFile(act) {
    reset(current);
    try {
      current ??= await order();
      unfollow = follow(current.job, (state) => update(state, act), (final) => final && fail(act));
    } catch (error) {
      onError(error, () => withFile(act));
    }
  }

  function update(state, act) {
    if (state.state === "failed") return fail(act, state);
    if (state.state !== "ready") {
      const share = state.total && state.stage === "making" ? state.done / state.total : 0;
      return setText(status, `${Math.floor(100 * share)} %`);
    }
    setText(status, "");
    current = state;
    act(state).catch((error) => onError(error, () => withFile(act)));
  }

  function fail(act, { error = say("file.failed"), hint = "" } = {}) {
    reset();
    onError({ message: error, hint }, () => withFile(act));
  }

  async function download({ job, name }) {
    el("a", { href: apiPath("jobs", job, "file"), download: name }).click();
  }

  // Some browsers hand on only right after a touch: then the next touch does it, with the file that is there.
  async function share({ job, name, title }) {
    sound ??= await (await fetch(apiPath("jobs", job, "file"))).blob();
    try {
      await navigator.share({ files: [new File([sound], name, { type: TYPE })], title });
    } catch (error) {
      if (error.name === "NotAllowedError") setText(status, say("file.again"));
      else if (error.name !== "AbortError") throw error;
    }
  }

  function reset(keep = null) {
    unfollow();
    if (!keep) sound = null;
    current = keep;
    setText(status, "");
  }

  return { elements: [status, save, hand].filter(Boolean), reset };
}
