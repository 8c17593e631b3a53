// The page of a session in one file: what the page of `serve` asks its server for, it has in itself.

import { el } from "./dom.js";
import { createPlayer } from "./player.js";
import { readTimeline } from "./timeline.js";
import { useWords } from "./words.js";

const PIECE = 1 << 20; // characters that are decoded at once: a multiple of four
const BEFORE = "base64,";

function decode(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < binary.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

// The address of the sound. It lies as text in an element for browsers without scripts; that of an hour has 80 MB, so
// each node of it is let go as soon as it is decoded.
function takeSound(holder) {
  const parts = [];
  let rest = "";
  for (let node; (node = holder.firstChild); ) {
    let text = node.data;
    node.remove();
    if (!parts.length && !rest) text = text.slice(text.indexOf(BEFORE) + BEFORE.length);
    const end = text.indexOf('"');
    text = rest + (end < 0 ? text : text.slice(0, end));
    const whole = text.length - (text.length % 4);
    for (let at = 0; at < whole; at += PIECE) parts.push(decode(text.slice(at, Math.min(at + PIECE, whole))));
    rest = text.slice(whole);
    if (end >= 0) break;
  }
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
  const player = createPlayer({
    title: timeline.title,
    language,
    cover: document.getElementById("cover").src,
    sound: { whole: takeSound(document.getElementById("sound")) },
    place: { seconds: place.seconds, playing: false },
    keepPlace: place.keep,
  });
  document.getElementById("view").append(el("article", { class: "job" }, player.element));
  player.update(readTimeline({ ...timeline, complete: true }), 0, true);
  player.showFigures(figures);
}

start();
