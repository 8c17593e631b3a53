// What this tab stores: the options of a session, the wishes for one, where the list was, the position in the sound of a
// job, and what was heard of it; and what this browser stores: the filters of the list, the language of the page, what
// was chosen for the player, and reports that could not be sent. Nothing where the browser forbids it.

function storage(name = "sessionStorage") {
  try {
    return window[name];
  } catch {
    return null;
  }
}

function read(key, place) {
  try {
    return JSON.parse(storage(place)?.getItem(key)) ?? {};
  } catch {
    return {};
  }
}

function write(key, value, place) {
  try {
    storage(place)?.setItem(key, JSON.stringify(value));
  } catch {
    // full or forbidden: everything else works without it
  }
}

export const loadOptions = (session) => read(`options ${session}`);
export const saveOptions = (session, options) => write(`options ${session}`, options);
export const forgetOptions = (session) => storage()?.removeItem(`options ${session}`);

export const loadWishes = () => read("wishes");
export const saveWishes = (wishes) => write("wishes", wishes);

export const loadPosition = (job) => ({ seconds: 0, playing: false, ...read(`position ${job}`) });
export const savePosition = (job, seconds, playing) => write(`position ${job}`, { seconds, playing });

export const loadHeard = (job) => ({ heard: 0, started: 0, ...read(`heard ${job}`) });
export const saveHeard = (job, state) => write(`heard ${job}`, state);

export const loadReports = () => Object.values(read("reports", "localStorage"));
export const saveReports = (reports) => write("reports", { ...reports }, "localStorage");

export const loadLanguage = () => read("language", "localStorage").code;
export const saveLanguage = (code) => write("language", { code }, "localStorage");

export const loadFilters = () => ({ search: read("search").text ?? "", chips: read("chips", "localStorage").on ?? [] });
export function saveFilters({ search, chips }) {
  write("search", { text: search });
  write("chips", { on: chips }, "localStorage");
}

export const loadChoice = (name, otherwise) => read(`player ${name}`, "localStorage").value ?? otherwise;
export const saveChoice = (name, value) => write(`player ${name}`, { value }, "localStorage");

export const loadScroll = () => read("scroll").top ?? 0;
export const saveScroll = (top) => write("scroll", { top });
