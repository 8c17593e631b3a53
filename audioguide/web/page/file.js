// The file of a session: it is made if it has to be, then saved or handed on to another app.

import { apiPath, ask, follow } from "./api.js";
import { el, setText } from "./dom.js";
import { icon } from "./icon.js";
import { canShare, shareFile } from "./share.js";
import { say } from "./words.js";

// `order()` returns the job that makes the file. `onError` gets what went wrong, and what to do again. Returns
// { elements, reset }: after a change of the session, `reset()` forgets its file.
export function fileButtons(order, onError) {
  let current = null; // the job
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

  async function share(state) {
    if (!(await shareFile(state))) setText(status, say("file.again"));
  }

  function reset(keep = null) {
    unfollow();
    current = keep;
    setText(status, "");
  }

  return { elements: [status, save, hand].filter(Boolean), reset };
}
