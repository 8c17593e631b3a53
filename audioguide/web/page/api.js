// Requests to the server. All paths are relative to that of the page, which may begin with a token.

import { say, translate } from "./words.js";

// A refused request: one sentence, what to do next, and the problems of a routine or the nearest wishes where it is
// about them.
export class Refusal extends Error {
  constructor(message, hint = "", problems = [], nearest = null) {
    super(message);
    this.hint = hint;
    this.problems = problems;
    this.nearest = nearest;
  }
}

export async function ask(path, { method = "GET", data, body, type, signal } = {}) {
  const headers = {};
  if (data !== undefined) [body, type] = [JSON.stringify(data), "application/json"];
  if (type) headers["Content-Type"] = type;
  let response;
  try {
    response = await fetch(path, { method, headers, body, signal });
  } catch (error) {
    throw error.name === "AbortError" ? error : unreachable();
  }
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  const refusal = new Refusal(
    answer?.error ? translate(answer.error) : say("error.status", { status: response.status }),
    translate(answer?.hint ?? ""),
    answer?.problems ?? [],
    answer?.nearest,
  );
  throw Object.assign(refusal, { status: response.status });
}

// No answer at all: it is worth trying again.
export function unreachable() {
  const refusal = new Refusal(say("error.unreachable"), say("error.unreachable.hint"));
  return Object.assign(refusal, { lost: true });
}

export const apiPath = (...parts) => ["api", ...parts.map(encodeURIComponent)].join("/");

// Follows a job to its end. `onUpdate` gets each state; `onLost(final)` is called when the connection is lost, and
// `final` says that it will not be made again. Returns a function that stops this.
export function follow(job, onUpdate, onLost) {
  const source = new EventSource(apiPath("jobs", job, "events"));
  for (const state of ["waiting", "progress", "ready", "failed", "cancelled"]) {
    source.addEventListener(state, (event) => {
      const answer = JSON.parse(event.data);
      if (["ready", "failed", "cancelled"].includes(answer.state)) source.close();
      onUpdate(answer);
    });
  }
  source.onerror = () => onLost(source.readyState === EventSource.CLOSED);
  return () => source.close();
}
