// What this tab stores: the options of a session, and the position in the sound of a job. Nothing where the browser
// forbids it.

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
    // full or forbidden: everything else works without it
  }
}

export const loadOptions = (session) => read(`options ${session}`);
export const saveOptions = (session, options) => write(`options ${session}`, options);
export const forgetOptions = (session) => storage()?.removeItem(`options ${session}`);

export const loadPosition = (job) => ({ seconds: 0, playing: false, ...read(`position ${job}`) });
export const savePosition = (job, seconds, playing) => write(`position ${job}`, { seconds, playing });
