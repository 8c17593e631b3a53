// What was heard: it is counted while a sound plays, and reported to the computer when the sound has ended.

import { apiPath, ask } from "./api.js";
import { loadHeard, loadReports, saveHeard, saveReports } from "./storage.js";

const SLACK = 1; // seconds that a player may be ahead of the clock between two events

// Calls `onEnd` with { heard, started }, in seconds and in milliseconds since 1970, when the sound of a job has ended.
// Jumps are not heard. A reload goes on counting. Returns a function that stops this.
export function followHearing(audio, job, onEnd) {
  let state = loadHeard(job);
  let last = { position: 0, time: Date.now() };

  function count() {
    const now = { position: audio.currentTime, time: Date.now() };
    const step = now.position - last.position;
    if (step > 0 && step <= (now.time - last.time) / 1000 + SLACK) {
      state.started ||= last.time;
      state.heard += step;
      saveHeard(job, state);
    }
    last = now;
  }

  function end() {
    count();
    const heard = state;
    state = { heard: 0, started: 0 };
    saveHeard(job, state);
    if (heard.heard) onEnd(heard);
  }

  const acts = { timeupdate: count, seeking: () => (last = { position: audio.currentTime, time: Date.now() }), ended: end };
  for (const [event, act] of Object.entries(acts)) audio.addEventListener(event, act);
  return () => {
    for (const [event, act] of Object.entries(acts)) audio.removeEventListener(event, act);
  };
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
