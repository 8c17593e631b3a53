// Keeps a session with its options as a preset, under a name.

import { apiPath, ask } from "./api.js";
import { sessionPath } from "./card.js";
import { el, errorBox } from "./dom.js";
import { say } from "./words.js";

// `chosen()` returns the options. It lies in the form of the session, so it is none itself.
export function presetForm(id, chosen) {
  const report = el("div", { role: "status" });
  const input = el("input", { type: "text", id: "preset-name", autocomplete: "off", maxlength: 60, onkeydown: onKey });
  const save = el("button", { type: "button", onclick: keep }, say("page.save"));

  function onKey(event) {
    if (event.key !== "Enter") return;
    event.preventDefault();
    keep();
  }

  async function keep() {
    const name = input.value.trim();
    if (!name) return input.focus();
    save.disabled = true;
    try {
      const answer = await ask(`${apiPath("sessions", id)}/preset`, { method: "POST", data: { name, options: chosen() } });
      const link = el("a", { href: sessionPath(answer.id) }, name);
      report.replaceChildren(el("p", {}, say("preset.saved"), " ", link));
      input.value = "";
    } catch (error) {
      report.replaceChildren(errorBox(error));
    } finally {
      save.disabled = false;
    }
  }

  return el(
    "details",
    { class: "preset" },
    el("summary", {}, say("preset.title")),
    el("div", { class: "choice" }, el("label", { for: "preset-name" }, say("preset.name")), el("div", { class: "line" }, input, save)),
    report,
  );
}
