// One tab sounds at a time: one that begins to play has the others pause.

// `pause` is called when another tab plays. Returns { claim, leave }; `claim` is to be called when this one plays.
export function createClaim(pause) {
  if (!globalThis.BroadcastChannel) return { claim() {}, leave() {} };
  const channel = new BroadcastChannel("audioguide player");
  channel.onmessage = () => pause();
  return { claim: () => channel.postMessage("playing"), leave: () => channel.close() };
}
