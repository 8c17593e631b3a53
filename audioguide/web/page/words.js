// The words of the page, in one of its languages. They are data: words/en.json, and the same keys in the others.

export const LANGUAGES = { de: "Deutsch", en: "English", es: "Español" };

let code = "en";
let words = {};
let rules = new Intl.PluralRules(code);
let sentences = null; // of the server: [pattern, text]

// The code of the language of the page.
export const language = () => code;

// Takes over the words of a language. A page without a server has them in itself.
export function useWords(chosen, found) {
  [code, words, rules, sentences] = [chosen, found, new Intl.PluralRules(chosen), null];
  document.documentElement.lang = chosen;
}

// The language that `?lang=` asks for, else the one that was chosen here, else the first that the device wants.
export function chooseLanguage(chosen) {
  const wanted = [new URLSearchParams(location.search).get("lang"), chosen, ...navigator.languages];
  return wanted.map((one) => one?.slice(0, 2).toLowerCase()).find((code) => code in LANGUAGES) ?? "en";
}

// The text of a key, with the values in the place of their names in braces. Where one of them is a `count`, the key has
// a form for one and one for others: "home.found.one", "home.found.other". A key without a text is shown itself.
export function say(key, values = {}) {
  const form = "count" in values ? `${key}.${rules.select(values.count) === "one" ? "one" : "other"}` : key;
  const text = words[form] ?? words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? number(values[name]) : whole));
}

const SERVER = "server: ";

// What the server says, in the language of the page where that is known: it says it in English, and the keys are its
// sentences, with names in braces for what changes.
export function translate(text) {
  sentences ??= Object.keys(words)
    .filter((key) => key.startsWith(SERVER))
    .map((key) => [key.slice(SERVER.length).replace(/[.?*+^$()[\]\\|]/g, "\\$&"), words[key]])
    .map(([pattern, other]) => [new RegExp(`^${pattern.replace(/\{(\w+)\}/g, "(?<$1>.+)")}$`), other]);
  for (const [pattern, other] of sentences) {
    const match = pattern.exec(text);
    if (match) return other.replace(/\{(\w+)\}/g, (whole, name) => match.groups[name]);
  }
  return text;
}

// Whether there is a text.
export const has = (key) => key in words;

const number = (value) => (typeof value === "number" ? value.toLocaleString(code) : value);
