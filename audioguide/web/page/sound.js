// The sound of a session. It can be played while it is made, as far as it is; after that, it is a finished file, which
// is fetched as a whole, so that it goes on when the network is gone.

import { crossOver } from "./crossing.js";
import { bless, decks, empty, isLoaded, put } from "./decks.js";

const AGAIN = 5000; // milliseconds after which a file that could not be fetched is asked for again
const SHORT = 2; // seconds before the end at which a sound that stops has not ended, but broken off

// `growing(from)` is the address of the sound while it is made, from a second on; `whole` that of the finished file.
// `onChange` is called when anything about the sound has changed, `onLost` when it has broken off.
export function createSound(first, { place = {}, keepPlace = () => {}, onChange, onLost = () => {} }) {
  let [deck, spare] = decks();
  let { growing = null, whole } = first;
  const saved = { seconds: 0, playing: false, ...place };
  let begin = 0; // second of the session at which the sound of the deck begins
  let local = null; // the address of the finished file, once it is here
  let finalLoaded = false; // whether the finished sound is loaded, or being loaded
  let finished = false; // whether there is a finished sound
  let available = 0; // seconds of the sound that are made
  let duration = Infinity;
  let isQuiet = () => true; // whether nobody speaks at a position
  let target = saved.seconds || null; // the position to go to as soon as possible
  let playWhenReady = false; // whether to play as soon as possible
  let turn = 0; // of what is prepared in the other deck
  let changing = 0; // changes that are not heard yet
  let heard = Promise.resolve(); // until a crossing that has begun to sound is over

  const seconds = () => target ?? begin + deck.currentTime;
  const playing = () => playWhenReady || (!deck.paused && !deck.error);
  const waiting = () => playWhenReady && deck.paused; // for a part that is not made yet
  const ended = () => deck.ended && target === null;

  function canSeek(to) {
    if (deck.readyState === 0) return false;
    if (finalLoaded) return true;
    const { seekable, buffered } = deck;
    if (begin) return to >= begin && buffered.length > 0 && to - begin <= buffered.end(buffered.length - 1);
    return to <= available && seekable.length > 0 && to <= seekable.end(0);
  }

  function applySeek() {
    if (target === null || !canSeek(target)) return;
    deck.currentTime = target - begin;
    target = null;
    if (playWhenReady) play();
  }

  function seek(to) {
    target = Math.max(0, to);
    applySeek();
    if (target !== null && !finalLoaded) wait();
    onChange();
  }

  // The target is not there yet: it is made next, and until then there is silence rather than something else.
  function wait() {
    if (finished) return load();
    playWhenReady = playing();
    deck.pause();
    if (playWhenReady && growing) restart(target);
  }

  function restart(from) {
    [begin, target] = [from, null];
    put(deck, growing(from));
    play();
  }

  // Asks again for a sound that has broken off.
  function retry() {
    if (playWhenReady && !finished && growing && (deck.error || deck.ended)) restart(seconds());
  }

  async function play() {
    if (finished && (!finalLoaded || deck.error)) load();
    if (!finished && growing && (!isLoaded(deck) || deck.error)) {
      [begin, target] = [target ?? 0, null];
      put(deck, growing(begin));
    }
    if (!finalLoaded && (target !== null || !growing)) {
      playWhenReady = true;
      deck.preload = "auto";
      return onChange();
    }
    const one = deck;
    one.volume = 1;
    bless([spare]);
    try {
      await one.play();
      if (one === deck) playWhenReady = false;
    } catch (error) {
      // AbortError: the finished sound was loaded over it. NotSupportedError: this browser plays no growing sound.
      // NotAllowedError: after a reload, some browsers want a click first.
      playWhenReady = error.name !== "NotAllowedError" && !finalLoaded;
    }
    onChange();
  }

  function pause() {
    playWhenReady = false;
    deck.pause();
    onChange();
  }

  // Switches to the finished sound, at the same position.
  function load() {
    const wasPlaying = playing();
    target = seconds();
    [finalLoaded, begin] = [true, 0];
    turn++;
    deck.preload = wasPlaying ? "auto" : "metadata";
    put(deck, local ?? whole);
    if (wasPlaying) play();
  }

  // Takes over how many seconds of the sound are made.
  function grow(seconds) {
    available = seconds;
    applySeek();
  }

  // The sound is finished and lasts `length` seconds. `isQuietAt` says whether nobody speaks at a position, so that the
  // switch is not heard there.
  function finish(isQuietAt, length) {
    [finished, isQuiet, duration] = [true, isQuietAt, length];
    if (deck.paused || deck.error || target !== null) load();
    if (/^(blob|data):/.test(whole)) local = whole;
    else fetchWhole(whole);
  }

  async function fetchWhole(address) {
    if (local || address !== whole) return;
    try {
      const answer = await fetch(address);
      if (!answer.ok) throw new Error();
      const file = await answer.blob();
      if (address !== whole) return;
      local = URL.createObjectURL(file);
    } catch {
      if (address === whole) setTimeout(fetchWhole, AGAIN, address);
      return;
    }
    onChange();
    if (deck.paused) load();
    else if (changing) return; // what comes has a file of its own
    else cross(() => local, 0, 0, () => isQuiet(seconds()), () => (finalLoaded = true)).catch(() => {});
  }

  // Crosses over to the sound at `address(from)`, which begins at second `from` of a session in which everything is
  // `shift` seconds later. `done()` is called as soon as that is heard.
  async function cross(address, from, shift, may, done = () => {}) {
    const mine = ++turn;
    await heard; // what has begun to sound is finished first: there are two decks only
    if (mine !== turn) return false;
    const [old, other] = [deck, spare];
    const now = () => seconds() + shift;
    let finish = () => {};
    const begun = () => (heard = new Promise((settle) => (finish = settle)));
    try {
      const how = { address, begin: from, now, wanted: () => mine === turn, may, begun };
      const started = await crossOver(old, other, how);
      if (started === null) return false;
      if (old.paused || old.error || old.ended) target = now();
      [deck, spare, begin] = [other, old, started];
      done();
      empty(old);
    } finally {
      finish();
    }
    applySeek();
    onChange();
    return true;
  }

  // Crosses over to a changed session while it is made: `position` in it is where the old one was at `since`. Returns
  // whether that is what sounds now, and not a later one.
  async function change(addresses, since, position) {
    changing++;
    try {
      return await cross(addresses.growing, position, position - since, () => true, () => {
        forget();
        ({ growing, whole } = addresses);
        [finished, finalLoaded, available] = [false, false, 0];
      });
    } finally {
      changing--;
    }
  }

  function onTimeUpdate() {
    keepPlace(ended() ? 0 : seconds(), playing());
    onChange();
  }

  // The connection is lost, or the browser can't play what grows.
  function onBroken() {
    playWhenReady ||= !deck.paused || deck.ended;
    target = seconds();
    if (finished && (!finalLoaded || (local && deck.src !== local))) load();
    onLost();
    onChange();
  }

  function onEnded() {
    if (!finalLoaded && seconds() < duration - SHORT) onBroken();
    else onChange();
  }

  const acts = { timeupdate: onTimeUpdate, loadedmetadata: applySeek, error: onBroken, ended: onEnded };
  for (const name of ["play", "pause", "playing", "seeked", "waiting"]) acts[name] = () => onChange();
  const listeners = Object.entries(acts).map(([name, act]) => [name, ({ target: one }) => one === deck && isLoaded(one) && act()]);
  for (const one of [deck, spare]) for (const [name, act] of listeners) one.addEventListener(name, act);

  function forget() {
    if (local && local !== whole) URL.revokeObjectURL(local);
    local = null;
  }

  function leave() {
    for (const one of [deck, spare]) for (const [name, act] of listeners) one.removeEventListener(name, act);
    turn++;
    keepPlace(ended() ? 0 : seconds(), false);
    whole = null;
    forget();
    [deck, spare].forEach(empty);
  }

  if (saved.playing) play();

  // Plays, where it is to play at once.
  function start() {
    if (saved.playing) play();
  }

  // Mutes both decks, or lets them be heard again.
  function mute() {
    const now = !deck.muted;
    deck.muted = spare.muted = now;
  }

  return {
    get audio() {
      return deck;
    },
    get local() {
      return local !== null;
    },
    ...{ start, seconds, playing, waiting, ended, seek, play, pause, mute, retry, grow, finish, change, leave },
    muted: () => deck.muted,
    loaded: () => isLoaded(deck),
    prepare: () => bless(),
  };
}
