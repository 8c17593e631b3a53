// A routine of one's own, as a text or in a sound file that carries it: chosen, or dropped anywhere on the page. What
// is wrong with it is listed by line.

import { Refusal, ask, at } from "./api.js";
import { el } from "./dom.js";

const LARGEST = 200_000; // bytes of a text: the server refuses more, and need not be sent them to say so
const HEAD = 1_000_000; // bytes of a sound file, in front of which stands the routine that it carries
const TYPES = { yaml: "text/yaml", yml: "text/yaml", md: "text/markdown", txt: "text/plain", mp3: "audio/mpeg" };

export function adding() {
  const report = el("div", { role: "alert" });
  const input = el("input", {
    type: "file",
    id: "routine-file",
    accept: ".yaml,.yml,.txt,.md,.mp3",
    onchange: () => input.files.length && take(input.files[0]),
  });

  async function take(file) {
    report.replaceChildren();
    try {
      const type = TYPES[file.name.split(".").pop().toLowerCase()] ?? "text/plain";
      const sound = type === TYPES.mp3;
      if (!sound && file.size > LARGEST) throw new Refusal(`${file.name} is too large for a routine.`);
      const { id } = await ask(at("routines"), { method: "POST", body: sound ? file.slice(0, HEAD) : file, type });
      location.hash = `session/${encodeURIComponent(id)}`;
    } catch (error) {
      report.append(...problems(file.name, error));
    } finally {
      input.value = ""; // the same file, mended, is a new choice
    }
  }

  const over = (event) => event.preventDefault();
  const drop = (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  };
  addEventListener("dragover", over);
  addEventListener("drop", drop);
  const leave = () => {
    removeEventListener("dragover", over);
    removeEventListener("drop", drop);
  };
  const element = el(
    "section",
    { class: "adding" },
    el("h2", {}, "Your own routine"),
    el("label", { for: "routine-file" }, "Choose a routine or a session that was sent to you (MP3), or drop it here"),
    input,
    report,
  );
  return { element, leave };
}

function problems(name, error) {
  const lines = error.problems.map(({ line, column, message, hint }) => {
    const place = line ? `Line ${line}${column ? `, column ${column}` : ""}: ` : "";
    return el("li", {}, el("strong", {}, place), [message, hint].filter(Boolean).join(" "));
  });
  const head = lines.length ? `${name} cannot be used yet:` : [error.message, error.hint].filter(Boolean).join(" ");
  return [el("p", { class: "trouble" }, head), lines.length ? el("ul", { class: "problems" }, ...lines) : ""];
}
