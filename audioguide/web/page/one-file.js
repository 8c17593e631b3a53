// The page of a session in one file: what the page of `serve` asks its server for, it has in itself.

import { showDark } from "./darkroom.js";
import { el } from "./dom.js";
import { createPlayer } from "./player.js";
import { readTimeline } from "./timeline.js";
import { useWords } from "./words.js";

const PIECE = 1 << 20; // characters that are decoded at once: a multiple of four
const [BEFORE, AFTER] = ["base64,", '"></audio>'];

// The address of the sound. It lies as text in an element for browsers without scripts; that of an hour has 80 MB, so
// each node of it is let go as soon as it is read, and each piece given to the browser, which may keep it on its disk.
function takeSound(holder) {
  const bytes = new Uint8Array((PIECE / 4) * 3);
  const parts = [];
  let text = "";

  function decode(length) {
    const binary = atob(text.slice(0, length));
    text = text.slice(length);
    for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
    parts.push(new Blob([bytes.subarray(0, binary.length)]));
  }

  for (let node; (node = holder.firstChild); node.remove()) {
    text += node.data;
    if (text.startsWith("<")) text = text.slice(text.indexOf(BEFORE) + BEFORE.length);
    while (text.length > PIECE + AFTER.length) decode(PIECE);
  }
  decode(text.length - AFTER.length);
  holder.remove();
  return URL.createObjectURL(new Blob(parts, { type: "audio/mpeg" }));
}

// Where the listener was, in this browser; nothing where it forbids that.
function createPlace(key) {
  try {
    const store = localStorage;
    return {
      seconds: Number(store.getItem(key)) || 0,
      keep: (seconds) => {
        try {
          store.setItem(key, seconds);
        } catch {
          // it is full: all else works
        }
      },
    };
  } catch {
    return { seconds: 0, keep() {} };
  }
}

function start() {
  const { language, words, timeline, figures } = JSON.parse(document.getElementById("page").textContent);
  useWords(...Object.entries(words)[0]);
  const place = createPlace(`audioguide ${timeline.title} ${timeline.frames}`);
  const cover = document.getElementById("cover");
  const player = createPlayer({
    title: timeline.title,
    language,
    cover: cover.src,
    sound: { whole: takeSound(document.getElementById("sound")) },
    place: { seconds: place.seconds, playing: false },
    keepPlace: place.keep,
    top: [cover],
  });
  document.body.classList.add("on-the-mat");
  showDark();
  document.getElementById("view").append(el("article", { class: "job" }, player.element));
  player.update(readTimeline({ ...timeline, complete: true }), 0, true);
  player.showFigures(figures);
}

start();
