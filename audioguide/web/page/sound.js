// The sound of a session. It can be played while it is made, as far as it is; after that, it is a finished file.

// `growing` is its address while it is made, `whole` that of the finished file. `onChange` is called when anything about
// the sound has changed.
export function createSound({ growing = null, whole }, { place = {}, keepPlace = () => {}, onChange }) {
  const audio = new Audio();
  const saved = { seconds: 0, playing: false, ...place };
  let finalLoaded = false; // whether the finished sound is loaded, or being loaded
  let finished = false; // whether there is a finished sound
  let available = 0; // seconds of the sound that are made
  let isQuiet = () => true; // whether nobody speaks at a position
  let target = saved.seconds || null; // the position to go to as soon as possible
  let playWhenReady = false; // whether to play as soon as possible

  audio.preload = "none";

  const seconds = () => target ?? audio.currentTime;
  const playing = () => playWhenReady || (!audio.paused && !audio.error);
  const waiting = () => playWhenReady && audio.paused; // for a part that is not made yet

  function canSeek(to) {
    if (audio.readyState === 0) return false;
    const { seekable } = audio;
    return finalLoaded || (to <= available && seekable.length > 0 && to <= seekable.end(0));
  }

  function applySeek() {
    if (target === null || !canSeek(target)) return;
    audio.currentTime = target;
    target = null;
    if (playWhenReady) play();
  }

  function seek(to) {
    target = Math.max(0, to);
    applySeek();
    if (target !== null && !finalLoaded) wait();
    onChange();
  }

  // The target is not made yet: be silent until it is, rather than play something else.
  function wait() {
    if (finished) return load();
    playWhenReady = playing();
    audio.pause();
  }

  async function play() {
    if (finished && (!finalLoaded || audio.error)) load();
    if (!audio.src) audio.src = growing;
    if (!finalLoaded && target !== null) {
      playWhenReady = true;
      audio.preload = "auto";
      return onChange();
    }
    try {
      await audio.play();
      playWhenReady = false;
    } catch (error) {
      // AbortError: the finished sound was loaded over it. NotSupportedError: this browser plays no growing sound.
      // NotAllowedError: after a reload, some browsers want a click first.
      playWhenReady = error.name !== "NotAllowedError" && !finalLoaded;
    }
    onChange();
  }

  function pause() {
    playWhenReady = false;
    audio.pause();
    onChange();
  }

  // Switches to the finished sound, at the same position.
  function load() {
    const wasPlaying = playing();
    target = seconds();
    finalLoaded = true;
    audio.preload = wasPlaying ? "auto" : "metadata";
    audio.src = whole;
    if (wasPlaying) play();
  }

  // Takes over how many seconds of the sound are made.
  function grow(seconds) {
    available = seconds;
    applySeek();
  }

  // The sound is finished. `isQuietAt` says whether nobody speaks at a position, so that the switch is not heard there.
  function finish(isQuietAt) {
    [finished, isQuiet] = [true, isQuietAt];
    if (audio.paused || audio.error || target !== null) load();
    if (saved.playing) play();
    saved.playing = false;
  }

  function onTimeUpdate() {
    if (finished && !finalLoaded && isQuiet(seconds())) load();
    keepPlace(audio.ended ? 0 : seconds(), playing());
    onChange();
  }

  function onError() {
    playWhenReady ||= !audio.paused;
    if (finished && !finalLoaded) load();
    else if (finished) playWhenReady = false; // the Play button tries again
    else target = seconds();
    onChange();
  }

  for (const event of ["play", "pause", "playing", "ended", "seeked"]) audio.addEventListener(event, onChange);
  audio.addEventListener("timeupdate", onTimeUpdate);
  audio.addEventListener("loadedmetadata", applySeek);
  audio.addEventListener("error", onError);

  function leave() {
    audio.removeEventListener("timeupdate", onTimeUpdate);
    keepPlace(audio.ended ? 0 : seconds(), false);
    audio.pause();
    audio.removeAttribute("src");
    audio.load();
  }

  return { audio, seconds, playing, waiting, seek, play, pause, grow, finish, leave };
}
