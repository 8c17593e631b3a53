// Asking the server. All addresses are relative to the page's own, which may begin with a token.

// An answer that is a refusal: a sentence, what to do next, and the problems of a routine if it is about one.
export class Refusal extends Error {
  constructor(message, hint = "", problems = []) {
    super(message);
    this.hint = hint;
    this.problems = problems;
  }
}

const UNREACHABLE = new Refusal(
  "The computer with the sessions does not answer.",
  "See that audioguide serve is still running there, and that this device is in the same network.",
);

export async function ask(path, { method = "GET", data, body, type, signal } = {}) {
  const headers = {};
  if (data !== undefined) [body, type] = [JSON.stringify(data), "application/json"];
  if (type) headers["Content-Type"] = type;
  let response;
  try {
    response = await fetch(path, { method, headers, body, signal });
  } catch (error) {
    throw error.name === "AbortError" ? error : UNREACHABLE;
  }
  const answer = await response.json().catch(() => null);
  if (response.ok) return answer;
  throw new Refusal(
    answer?.error ?? `The server refused this (${response.status}).`,
    answer?.hint ?? "",
    answer?.problems ?? [],
  );
}

export const at = (...parts) => ["api", ...parts.map(encodeURIComponent)].join("/");

// Follow a job until it has ended; `told` gets each state, `lost` is called when the line breaks. Returns how to stop.
export function follow(job, told, lost) {
  const source = new EventSource(at("jobs", job, "events"));
  for (const state of ["waiting", "progress", "ready", "failed", "cancelled"]) {
    source.addEventListener(state, (event) => {
      const answer = JSON.parse(event.data);
      if (["ready", "failed", "cancelled"].includes(answer.state)) source.close();
      told(answer);
    });
  }
  source.onerror = () => lost(source.readyState === EventSource.CLOSED);
  return () => source.close();
}
