// Sessions that play without a network. It needs HTTPS or localhost: elsewhere a browser has no service worker.

import { apiPath } from "./api.js";

const KEPT = "kept"; // the cache that the service worker reads
const MOST = 12; // sessions that are kept; the oldest give way
const PARTS = ["", "/timeline", "/figures", "/cover.jpg", "/sound?whole"];

export const canKeep = () => "serviceWorker" in navigator && "caches" in window;

export function register() {
  if (canKeep()) navigator.serviceWorker.register("sw.js").catch(() => {}); // without it, all else works
}

const address = (job) => new URL(apiPath("jobs", job), document.baseURI).href;

// The jobs that are kept here, the latest first.
export async function kept() {
  if (!canKeep()) return [];
  const urls = (await (await caches.open(KEPT)).keys()).map(({ url }) => url);
  const jobs = urls.map((url) => /\/api\/jobs\/([^/]+)$/.exec(url)?.[1]);
  return jobs.filter(Boolean).map(decodeURIComponent).reverse();
}

export async function forget(job) {
  const cache = await caches.open(KEPT);
  await Promise.all(PARTS.map((part) => cache.delete(address(job) + part)));
}

const underWay = new Map();

// Keeps a finished job, with its whole sound; whether it is kept. The job itself is stored last, when all else is.
export function keep(job) {
  if (!underWay.has(job)) underWay.set(job, store(job).finally(() => underWay.delete(job)));
  return underWay.get(job);
}

async function store(job) {
  const before = await kept();
  if (!canKeep() || before.includes(job)) return before.includes(job);
  navigator.storage?.persist?.().catch(() => {});
  try {
    const cache = await caches.open(KEPT);
    for (const part of [...PARTS].reverse()) {
      const answer = await fetch(address(job) + part);
      if (answer.ok && answer.headers.get("offline") === null) await cache.put(address(job) + part, answer);
      else if (part !== "/cover.jpg") throw answer;
    }
    for (const oldest of before.slice(MOST - 1)) await forget(oldest);
    return true;
  } catch {
    await forget(job); // the network went away, or there is no room
    return false;
  }
}
