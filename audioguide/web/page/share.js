// Hands the finished file to another app of the device, where the browser can do that.

import { apiPath } from "./api.js";

export function canShare() {
  const probe = new File([""], "a.mp3", { type: "audio/mpeg" });
  return Boolean(navigator.canShare?.({ files: [probe] }));
}

export async function shareFile({ job, name, title }) {
  const answer = await fetch(apiPath("jobs", job, "file"));
  const file = new File([await answer.blob()], name, { type: "audio/mpeg" });
  try {
    await navigator.share({ files: [file], title });
  } catch (error) {
    if (error.name !== "AbortError") throw error; // the listener changed their mind
  }
}
