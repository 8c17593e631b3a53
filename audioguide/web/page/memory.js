// What this tab remembers: a session's options, and where in a job's sound one was. Nothing, where that is forbidden.

function storage() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

function read(key) {
  try {
    return JSON.parse(storage()?.getItem(key)) ?? {};
  } catch {
    return {};
  }
}

function write(key, value) {
  try {
    storage()?.setItem(key, JSON.stringify(value));
  } catch {
    // a full or forbidden storage forgets, and all else works
  }
}

export const recall = (session) => read(`options ${session}`);
export const remember = (session, options) => write(`options ${session}`, options);
export const forget = (session) => storage()?.removeItem(`options ${session}`);

export const place = (job) => ({ seconds: 0, playing: false, ...read(`place ${job}`) });
export const keepPlace = (job, seconds, playing) => write(`place ${job}`, { seconds, playing });
