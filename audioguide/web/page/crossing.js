// Crosses over from the sound of one deck to that of another, where the other has the same moment.

import { put } from "./decks.js";

const LEAD = 0.4; // seconds after which the other sound is to begin, which it needs to be ready
const AHEAD = 2; // the same where it cannot be entered but at its beginning, so that it is asked for anew
const FADE = 40; // milliseconds
const APART = 0.03; // seconds that the two may be apart before the other is put right

const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

// Waits for an event of a deck; fails with its error.
function event(deck, name) {
  return new Promise((done, fail) => {
    const off = () => {
      deck.removeEventListener(name, good);
      deck.removeEventListener("error", bad);
    };
    const good = () => {
      off();
      done();
    };
    const bad = () => {
      off();
      fail(deck.error);
    };
    deck.addEventListener(name, good);
    deck.addEventListener("error", bad);
  });
}

async function load(deck, address) {
  deck.volume = 0;
  deck.preload = "auto";
  put(deck, address);
  const known = event(deck, "loadeddata");
  deck.load();
  await known;
}

// Has a deck stand at `to` seconds of its sound, as soon as that is there. Returns false where it cannot.
async function enter(deck, to, wanted) {
  if (to <= 0) return true;
  const has = ({ buffered, duration }) => (Number.isFinite(duration) ? duration : buffered.length && buffered.end(0));
  while (wanted() && has(deck) <= to) await pause(30);
  if (!wanted() || !deck.seekable.length) return false;
  const there = event(deck, "seeked");
  deck.currentTime = to;
  await there;
  return true;
}

// `address(from)` is that of the sound from a second of the session on; `begin` is that second. `now()` is where the old
// sound is, in seconds of the new session. Nothing comes of it when `wanted()` becomes false. `may()` says whether this
// moment is one to cross over at; `begun()` is called when it is. Returns the second at which the sound in the other deck
// begins; null when unwanted.
export async function crossOver(old, other, { address, begin, now, wanted, may, begun }) {
  const sounds = () => !old.paused && !old.error && !old.ended;
  await load(other, address(begin));
  let start = Math.max(begin, now() + LEAD);
  while (wanted()) {
    if (!(await enter(other, start - begin, wanted)) && wanted()) {
      begin = start = now() + AHEAD;
      await load(other, address(begin));
    }
    while (wanted() && sounds() && now() < start) await pause(10);
    if (!wanted()) return null;
    if (!sounds() || (may() && now() < start + LEAD)) break;
    if (!may()) await pause(100); // somebody speaks: a little later
    start = now() + LEAD;
  }
  if (!wanted()) return null;
  begun();
  if (sounds()) {
    await other.play();
    const apart = now() - begin - other.currentTime;
    if (Math.abs(apart) > APART && other.currentTime + apart > 0) other.currentTime += apart;
    await fade(old, other);
  }
  return begin;
}

// A phone with its screen off lets timers wait for a second, so nothing is faded there.
async function fade(old, other) {
  const began = performance.now();
  let part = document.hidden ? 1 : 0;
  while (part < 1) {
    await pause(4);
    part = Math.min(1, (performance.now() - began) / FADE);
    [old.volume, other.volume] = [1 - part, part];
  }
  other.volume = 1;
}
