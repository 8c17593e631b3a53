// The page as an app: its service worker, which browsers have only over HTTPS or on this machine.

export function register() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.register("sw.js").catch(() => {}); // without it, all else works
  navigator.storage?.persist?.().catch(() => {}); // what is kept is not cleared for room
}
