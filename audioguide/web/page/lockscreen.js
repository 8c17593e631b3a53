// What the lock screen shows, and what its buttons, a headset and media keys do.

const STEP = 0.5; // seconds of the position that are not told

// `actions` are those of a media session; `session` is its title, `cover` the address of a picture of it, or null.
export function createLockScreen(actions, session, cover) {
  const media = navigator.mediaSession;
  if (!media) return { show() {}, leave() {} };
  for (const [action, act] of Object.entries(actions)) setHandler(media, action, act);
  let shown = "";
  let last = {};

  // `pose` is what is done now, `chapters` are all; `duration` and `position` are seconds.
  function show({ pose, chapters, playing, duration, position, ready }) {
    const state = `${pose} ${ready} ${chapters.length}`;
    if (state !== shown) {
      const artwork = ready && cover ? [{ src: new URL(cover, document.baseURI).href, sizes: "1000x1000", type: "image/jpeg" }] : [];
      const chapterInfo = chapters.map(({ title, start }) => ({ title, startTime: start, artwork }));
      media.metadata = new MediaMetadata({ title: pose, artist: session, album: "audioguide", artwork, chapterInfo });
      shown = state;
    }
    const played = playing ? "playing" : "paused";
    if (media.playbackState !== played) media.playbackState = played; // WebKit takes it back with other metadata
    const moved = Math.abs(position - (last.position ?? -1)) > STEP || duration !== last.duration || playing !== last.playing;
    if (!moved) return;
    last = { playing, position, duration };
    if (duration > 0) media.setPositionState({ duration, position: Math.min(position, duration), playbackRate: 1 });
  }

  function leave() {
    for (const action of Object.keys(actions)) setHandler(media, action, null);
    media.metadata = null;
    media.playbackState = "none";
  }

  return { show, leave };
}

function setHandler(media, action, act) {
  try {
    media.setActionHandler(action, act);
  } catch {
    // this browser does not know the action, so its lock screen does not offer it
  }
}
