// What the lock screen shows, and what its buttons, a headset and media keys do.

export function createLockScreen(actions, session, cover) {
  const media = navigator.mediaSession;
  if (!media) return { show() {}, leave() {} };
  for (const [action, act] of Object.entries(actions)) setHandler(media, action, act);
  let shown = "";

  // `pose` is what is done now; `duration` and `position` are seconds.
  function show({ pose, playing, duration, position, ready }) {
    const state = `${pose} ${ready}`;
    if (state !== shown) {
      const src = cover && new URL(cover, document.baseURI).href;
      const artwork = ready && cover ? [{ src, sizes: "1000x1000", type: "image/jpeg" }] : [];
      media.metadata = new MediaMetadata({ title: pose, artist: session, album: "audioguide", artwork });
      shown = state;
    }
    media.playbackState = playing ? "playing" : "paused";
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
