// The two audio elements of the page. They lie outside its views, so that a sound goes on while views change, and are
// two, so that one sound can be crossed over to another.

import { el } from "./dom.js";

const pair = [];

export function decks() {
  if (!pair.length) {
    pair.push(...[0, 1].map(() => el("audio", { preload: "none" })));
    document.body.append(el("div", { hidden: true }, ...pair));
  }
  return pair;
}

// To be called while the listener taps: from then on a browser lets these sound without another tap.
export function bless(some = decks()) {
  for (const deck of some.filter((one) => !one.dataset.blessed && !one.hasAttribute("src"))) {
    const address = URL.createObjectURL(new Blob([silence()], { type: "audio/wav" }));
    deck.dataset.blessed = "true";
    deck.src = address;
    const done = () => {
      if (deck.src === address) empty(deck);
      URL.revokeObjectURL(address);
    };
    deck.play().then(done, done);
  }
}

// Whether a deck has a sound of a session, and not only the silence of a moment.
export const isLoaded = (deck) => deck.hasAttribute("src") && deck.dataset.session === deck.src;

// Loads a sound of a session.
export function put(deck, address) {
  deck.src = address;
  deck.dataset.session = deck.src;
}

// Leaves nothing loaded in a deck.
export function empty(deck) {
  deck.pause();
  deck.removeAttribute("src");
  deck.load();
}

// A twentieth of a second of nothing: a WAV file of 8-bit samples.
function silence() {
  const [rate, count] = [8000, 400];
  const file = new DataView(new ArrayBuffer(44 + count));
  const text = (at, letters) => [...letters].forEach((letter, index) => file.setUint8(at + index, letter.charCodeAt(0)));
  text(0, "RIFF");
  file.setUint32(4, 36 + count, true);
  text(8, "WAVEfmt ");
  file.setUint32(16, 16, true);
  file.setUint16(20, 1, true);
  file.setUint16(22, 1, true);
  file.setUint32(24, rate, true);
  file.setUint32(28, rate, true);
  file.setUint16(32, 1, true);
  file.setUint16(34, 8, true);
  text(36, "data");
  file.setUint32(40, count, true);
  for (let index = 0; index < count; index++) file.setUint8(44 + index, 128);
  return file.buffer;
}
