// Uploads a routine, as text or in an exported file: chosen, or dropped anywhere on the page. Lists its problems by line.

import { Refusal, apiPath, ask } from "./api.js";
import { el } from "./dom.js";
import { SOUND_TYPES, readHead } from "./sound_file.js";
import { say } from "./words.js";

const MAX_TEXT_BYTES = 200_000; // the server refuses more
const TYPES = {
  yaml: "text/yaml",
  yml: "text/yaml",
  md: "text/markdown",
  markdown: "text/markdown",
  txt: "text/plain",
  lrc: "text/plain", // known by what stands in it
  html: "text/html",
  htm: "text/html",
  csv: "text/csv",
  tsv: "text/tab-separated-values",
  vtt: "text/vtt",
  srt: "application/x-subrip",
  ssml: "application/ssml+xml",
  ...SOUND_TYPES,
};

export function uploadSection() {
  const report = el("div", { role: "alert" });
  const input = el("input", {
    type: "file",
    id: "routine-file",
    accept: Object.keys(TYPES).map((ending) => `.${ending}`).join(","),
    onchange: () => input.files.length && upload(input.files[0]),
  });

  async function upload(file) {
    report.replaceChildren();
    try {
      const type = TYPES[file.name.split(".").pop().toLowerCase()] ?? "text/plain";
      const isSound = Object.values(SOUND_TYPES).includes(type);
      if (!isSound && file.size > MAX_TEXT_BYTES) throw new Refusal(say("upload.large", { name: file.name }));
      const body = isSound ? await readHead(file, type) : file;
      const { id } = await ask(apiPath("routines"), { method: "POST", body, type });
      location.hash = `session/${encodeURIComponent(id)}`;
    } catch (error) {
      report.append(...describeProblems(file.name, error));
    } finally {
      input.value = ""; // so that the same file can be chosen again once it is corrected
    }
  }

  const allowDrop = (event) => event.preventDefault();
  const drop = (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) upload(event.dataTransfer.files[0]);
  };
  const enter = () => {
    addEventListener("dragover", allowDrop);
    addEventListener("drop", drop);
  };
  const leave = () => {
    removeEventListener("dragover", allowDrop);
    removeEventListener("drop", drop);
  };
  const element = el(
    "section",
    { class: "upload" },
    el("h2", {}, say("upload.title")),
    el("label", { for: "routine-file" }, say("upload.label")),
    input,
    report,
  );
  return { element, enter, leave };
}

function describeProblems(name, error) {
  const lines = error.problems.map(({ line, column, message, hint }) => {
    const place = column ? say("upload.place", { line: String(line), column: String(column) }) : say("upload.line", { line: String(line) });
    return el("li", {}, el("strong", {}, line ? `${place} ` : ""), [message, hint].filter(Boolean).join(" "));
  });
  const head = lines.length ? say("upload.problems", { name }) : [error.message, error.hint].filter(Boolean).join(" ");
  return [el("p", { class: "error" }, head), lines.length ? el("ul", { class: "problems" }, ...lines) : ""];
}
