// What the lock screen, a headset and the keyboard's media keys show and do.

export function lockscreen(actions, session, cover) {
  const media = navigator.mediaSession;
  if (!media) return { show() {}, leave() {} };
  for (const [action, act] of Object.entries(actions)) handle(media, action, act);
  let shown = "";

  // `pose` is what is done now; `duration` and `position` are seconds.
  function show({ pose, playing, duration, position, ready }) {
    const state = `${pose} ${ready}`;
    if (state !== shown) {
      const src = new URL(cover, document.baseURI).href;
      const artwork = ready ? [{ src, sizes: "1000x1000", type: "image/jpeg" }] : [];
      media.metadata = new MediaMetadata({ title: pose, artist: session, album: "audioguide", artwork });
      shown = state;
    }
    media.playbackState = playing ? "playing" : "paused";
    if (duration > 0) media.setPositionState({ duration, position: Math.min(position, duration), playbackRate: 1 });
  }

  function leave() {
    for (const action of Object.keys(actions)) handle(media, action, null);
    media.metadata = null;
    media.playbackState = "none";
  }

  return { show, leave };
}

function handle(media, action, act) {
  try {
    media.setActionHandler(action, act);
  } catch {
    // an action that this browser does not know is one that its lock screen does not offer
  }
}
