// The words of the page, in one of its languages. They are data: words/en.json, and the same keys in the others.

export const LANGUAGES = { de: "Deutsch", en: "English", es: "Español" };

let code = "en";
let words = {};
let rules = new Intl.PluralRules(code);

// The code of the language of the page.
export const language = () => code;

// Takes over the words of a language. A page without a server has them in itself.
export function useWords(chosen, found) {
  [code, words, rules] = [chosen, found, new Intl.PluralRules(chosen)];
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

// Whether there is a text.
export const has = (key) => key in words;

const number = (value) => (typeof value === "number" ? value.toLocaleString(code) : value);
