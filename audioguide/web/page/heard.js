// What was heard: it is counted while a sound plays, and reported to the computer when the sound has ended.

import { apiPath, ask } from "./api.js";
import { loadHeard, loadReports, saveHeard, saveReports } from "./storage.js";

const SLACK = 1; // seconds that a player may be ahead of the clock between two events

// Counts what is heard of a job. `at(seconds)` is called again and again while it plays, and `end()` at its end: it
// returns { heard, started }, in seconds and in milliseconds since 1970, or null where nothing was heard. Jumps are not
// heard. A reload goes on counting.
export function createHearing(job) {
  let state = loadHeard(job);
  let last = null;

  function at(position) {
    const now = { position, time: Date.now() };
    const step = position - (last?.position ?? position);
    if (step > 0 && step <= (now.time - last.time) / 1000 + SLACK) {
      state.started ||= last.time;
      state.heard += step;
      saveHeard(job, state);
    }
    last = now;
  }

  function end() {
    const heard = state;
    [state, last] = [{ heard: 0, started: 0 }, null];
    saveHeard(job, state);
    return heard.heard ? heard : null;
  }

  return { at, end };
}

// Sends a report. Returns the answer; null where the computer does not answer or its log cannot be written: then it
// is sent when the page is opened the next time.
export async function report(one) {
  const same = (other) => other.started === one.started && other.session === one.session;
  saveReports([...loadReports().filter((other) => !same(other)), one]);
  return sendReports(same);
}

// Sends all reports that wait. Returns the answer to the one that is `wanted`.
export async function sendReports(wanted = () => false) {
  let found = null;
  for (const one of loadReports()) {
    const { session, started, ...data } = one;
    data.ago = (Date.now() - started) / 1000;
    try {
      const answer = await ask(apiPath("sessions", session, "heard"), { method: "POST", data });
      if (wanted(one)) found = answer;
    } catch (error) {
      if (!(error.status < 500)) break; // the report itself is good: it is sent the next time
    }
    const sent = JSON.stringify(one);
    saveReports(loadReports().filter((other) => JSON.stringify(other) !== sent));
  }
  return found;
}
