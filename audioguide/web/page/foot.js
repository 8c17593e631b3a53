// The foot of the first view: the page on a phone, and its language.

import { el } from "./dom.js";
import { saveLanguage } from "./storage.js";
import { LANGUAGES, language, say } from "./words.js";

const HERE = ["127.0.0.1", "localhost", "[::1]"];

export function foot() {
  return el("footer", {}, phoneSection(), languageMenu());
}

function phoneSection() {
  const command = el("code", {}, "audioguide serve --lan");
  const how = HERE.includes(location.hostname)
    ? [el("p", {}, say("phone.here"), " ", command)]
    : [el("p", {}, say("phone.code")), el("img", { src: "qr.svg", alt: say("phone.alt"), width: 240, height: 240 })];
  return el("details", { class: "phone" }, el("summary", {}, say("phone.title")), ...how);
}

function languageMenu() {
  const items = Object.entries(LANGUAGES).map(([code, name]) =>
    el("option", { value: code, lang: code, selected: code === language() }, name),
  );
  const menu = el("select", { id: "page-language", onchange: change }, ...items);

  // The page is loaded anew, at the same view.
  function change() {
    saveLanguage(menu.value);
    const address = new URL(location.href);
    address.searchParams.delete("lang");
    history.replaceState(null, "", address);
    location.reload();
  }

  return el("div", { class: "choice language" }, el("label", { for: "page-language" }, say("page.language")), menu);
}
