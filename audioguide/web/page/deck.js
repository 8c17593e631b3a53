// The sound of a job. While it is made it grows, and can be heard as far as it is made; then it is a file as any other.

import { at } from "./api.js";
import { keepPlace, place } from "./memory.js";

// `changed` is called whenever something about the sound has.
export function deck(job, changed) {
  const audio = new Audio();
  const kept = place(job);
  let whole = false; // whether the finished sound is loaded, or being loaded
  let made = false; // whether there is a finished sound
  let reach = 0; // seconds of it that are made
  let quiet = () => true; // whether nobody speaks at these seconds
  let wanted = kept.seconds || null; // where to be as soon as one can
  let eager = false; // whether to play as soon as one can

  audio.preload = "none";

  const seconds = () => wanted ?? audio.currentTime;
  const playing = () => eager || (!audio.paused && !audio.error);
  const waiting = () => eager && audio.paused; // for what is not made yet

  function reachable(to) {
    if (audio.readyState === 0) return false;
    const { seekable } = audio;
    return whole || (to <= reach && seekable.length > 0 && to <= seekable.end(0));
  }

  function arrive() {
    if (wanted === null || !reachable(wanted)) return;
    audio.currentTime = wanted;
    wanted = null;
    if (eager) play();
  }

  function seek(to) {
    wanted = Math.max(0, to);
    arrive();
    if (wanted !== null && !whole) wait();
    changed();
  }

  // The place that is asked for is not made yet: silence until it is, rather than another place.
  function wait() {
    if (made) return load();
    eager = playing();
    audio.pause();
  }

  async function play() {
    if (made && (!whole || audio.error)) load();
    if (!audio.src) audio.src = at("jobs", job, "sound");
    if (!whole && wanted !== null) {
      eager = true;
      audio.preload = "auto";
      return changed();
    }
    try {
      await audio.play();
      eager = false;
    } catch (error) {
      // AbortError: the finished sound was loaded over it. NotSupportedError: this browser plays no growing sound.
      // NotAllowedError: after a reload, a browser wants a click first.
      eager = error.name !== "NotAllowedError" && !whole;
    }
    changed();
  }

  function pause() {
    eager = false;
    audio.pause();
    changed();
  }

  // Go over to the finished sound, at the same place.
  function load() {
    const go = playing();
    wanted = seconds();
    whole = true;
    audio.preload = go ? "auto" : "metadata";
    audio.src = `${at("jobs", job, "sound")}?whole`;
    if (go) play();
  }

  // So much of it is made now.
  function grow(seconds) {
    reach = seconds;
    arrive();
  }

  // The sound is whole; `nobody` tells whether it is quiet at some seconds, where going over to it is not heard.
  function finish(nobody) {
    [made, quiet] = [true, nobody];
    if (audio.paused || audio.error || wanted !== null) load();
    if (kept.playing) play();
    kept.playing = false;
  }

  function moved() {
    if (made && !whole && quiet(seconds())) load();
    keepPlace(job, audio.ended ? 0 : seconds(), playing());
    changed();
  }

  function broken() {
    eager ||= !audio.paused;
    if (made && !whole) load();
    else if (made) eager = false; // Play tries it again
    else wanted = seconds();
    changed();
  }

  for (const event of ["play", "pause", "playing", "ended", "seeked"]) audio.addEventListener(event, changed);
  audio.addEventListener("timeupdate", moved);
  audio.addEventListener("loadedmetadata", arrive);
  audio.addEventListener("error", broken);

  function leave() {
    audio.removeEventListener("timeupdate", moved);
    keepPlace(job, audio.ended ? 0 : seconds(), false);
    audio.pause();
    audio.removeAttribute("src");
    audio.load();
  }

  return { audio, seconds, playing, waiting, seek, play, pause, grow, finish, leave };
}
