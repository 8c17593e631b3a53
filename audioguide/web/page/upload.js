// Uploads a routine, as text or in an MP3: chosen, or dropped anywhere on the page. Lists its problems by line.

import { Refusal, apiPath, ask } from "./api.js";
import { el } from "./dom.js";

const MAX_TEXT_BYTES = 200_000; // the server refuses more
const MP3_HEAD_BYTES = 1_000_000; // the first part of an MP3, which holds the routine
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
  mp3: "audio/mpeg",
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
      const isMp3 = type === TYPES.mp3;
      if (!isMp3 && file.size > MAX_TEXT_BYTES) throw new Refusal(`${file.name} is too large for a routine.`);
      const body = isMp3 ? file.slice(0, MP3_HEAD_BYTES) : file;
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
  addEventListener("dragover", allowDrop);
  addEventListener("drop", drop);
  const leave = () => {
    removeEventListener("dragover", allowDrop);
    removeEventListener("drop", drop);
  };
  const element = el(
    "section",
    { class: "upload" },
    el("h2", {}, "Your own routine"),
    el("label", { for: "routine-file" }, "Choose a routine or a session that was sent to you (MP3), or drop it here"),
    input,
    report,
  );
  return { element, leave };
}

function describeProblems(name, error) {
  const lines = error.problems.map(({ line, column, message, hint }) => {
    const place = line ? `Line ${line}${column ? `, column ${column}` : ""}: ` : "";
    return el("li", {}, el("strong", {}, place), [message, hint].filter(Boolean).join(" "));
  });
  const head = lines.length ? `${name} has problems:` : [error.message, error.hint].filter(Boolean).join(" ");
  return [el("p", { class: "error" }, head), lines.length ? el("ul", { class: "problems" }, ...lines) : ""];
}
