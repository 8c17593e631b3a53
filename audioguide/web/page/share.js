// Hands the finished file to another app of the device, where the browser can do that: it can only over HTTPS.

import { apiPath } from "./api.js";

const TYPE = "audio/mpeg";

let fetched = { job: null, file: null }; // some browsers hand on only right after a tap: then the next tap finds it here

export function canShare() {
  return Boolean(navigator.canShare?.({ files: [new File([""], "a.mp3", { type: TYPE })] }));
}

// Returns whether it was handed on, or the listener changed their mind; false where that takes another tap.
export async function shareFile({ job, name, title }) {
  if (fetched.job !== job) {
    const answer = await fetch(apiPath("jobs", job, "file"));
    fetched = { job, file: new File([await answer.blob()], name, { type: TYPE }) };
  }
  try {
    await navigator.share({ files: [fetched.file], title });
  } catch (error) {
    if (error.name === "NotAllowedError") return false;
    if (error.name !== "AbortError") throw error;
  }
  return true;
}
