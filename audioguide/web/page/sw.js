// The service worker: the page without a network. The server puts VERSION and FILES, the page's files, before this.
// Whatever the network answers is shown; only where it does not, what is stored here takes its place.

const SHELL = `page ${VERSION}`;
const ANSWERS = "answers"; // the last ones about sessions
const KEPT = "kept"; // finished sessions with their sound: those that were fetched as a whole, to be played
const MOST = 12; // sessions that are kept; the oldest give way
const PATIENCE = 4000; // milliseconds for the network, where there is another answer
const TOLD = /^api\/(home|sessions(\/[^/]+(\/\w+\.svg)?)?)$/;
const JOB = /^api\/jobs\/[^/]+(\/timeline|\/figures|\/cover\.jpg)?$/;
const IS_JOB = /\/api\/jobs\/[^/]+$/;
const SOUND = /^api\/jobs\/[^/]+\/sound$/;

addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll(["./", ...FILES.filter((name) => !/\.(png|html)$|sw\.js$/.test(name))])));
});

// A new version comes here when no page of the old one is open any more: none is left without its files.
addEventListener("activate", (event) => {
  event.waitUntil(tidy().then(() => clients.claim()));
  for (const path of ["api/sessions", "api/home"]) tell(new Request(path)).catch(() => {}); // asked before it was here
});

async function tidy() {
  const old = (await caches.keys()).filter((name) => ![SHELL, ANSWERS, KEPT].includes(name));
  await Promise.all(old.map((name) => caches.delete(name)));
  for (const name of [ANSWERS, KEPT]) {
    const cache = await caches.open(name);
    const foreign = (await cache.keys()).filter(({ url }) => !url.startsWith(registration.scope));
    await Promise.all(foreign.map((request) => cache.delete(request))); // of an earlier secret address
  }
}

addEventListener("fetch", (event) => {
  const { request } = event;
  if (!request.url.startsWith(registration.scope)) return;
  const [path, query] = request.url.slice(registration.scope.length).split("#")[0].split("?");
  const answer = choose(request, path, query);
  if (answer) event.respondWith(answer(request, event));
});

function choose({ method, mode }, path, query) {
  if (method === "DELETE" && JOB.test(path)) return forget;
  if (method !== "GET") return null;
  if (mode === "navigate") return path === "" ? showPage : null;
  if (path.startsWith("assets/")) return async (request) => (await stored(SHELL, request)) ?? fetch(request);
  if (TOLD.test(path)) return tell;
  if (JOB.test(path)) return (request) => first(request, () => stored(KEPT, request));
  if (path === "api/jobs") return (request) => first(request, listKept);
  if (SOUND.test(path) && query === "whole") return play;
  return null;
}

const stored = async (name, key, how) => (await caches.open(name)).match(key, how);

// What the network answers; where that takes long or fails, what `other` finds, which is marked.
async function first(request, other) {
  const network = fetch(request);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE));
  try {
    const answer = await Promise.race([network, late]);
    if (answer) return answer;
  } catch {
    // no network
  }
  const found = await other();
  if (!found) return network;
  network.catch(() => {});
  const headers = new Headers(found.headers);
  headers.set("offline", "1");
  return new Response(found.body, { headers });
}

const showPage = (request) => first(request, () => stored(SHELL, "./"));

// The last answer counts, in whatever language it was.
async function tell(request) {
  const any = { ignoreSearch: true };
  const answer = await first(request, () => stored(ANSWERS, request, any));
  if (answer.ok && answer.headers.get("offline") === null) {
    const copy = answer.clone();
    const store = async (cache) => (await cache.delete(request, any), cache.put(request, copy));
    caches.open(ANSWERS).then(store).catch(() => {});
  }
  return answer;
}

async function listKept() {
  const cache = await caches.open(KEPT);
  const jobs = (await cache.keys()).filter(({ url }) => IS_JOB.test(url)).reverse();
  const list = await Promise.all(jobs.map(async (request) => (await cache.match(request)).json()));
  return new Response(JSON.stringify(list), { headers: { "Content-Type": "application/json" } });
}

// Keeps a job whose whole sound is being fetched. The job itself is stored last, when all else is there.
async function keep(job, sound) {
  const cache = await caches.open(KEPT);
  try {
    await cache.put(`${job}/sound?whole`, sound);
    for (const part of ["/cover.jpg", "/figures", "/timeline", ""]) {
      const answer = await fetch(job + part);
      const fits = answer.ok && (part || (await answer.clone().json()).state === "ready");
      if (fits) await cache.put(job + part, answer);
      else if (part !== "/cover.jpg") throw answer;
    }
    const jobs = (await cache.keys()).map(({ url }) => url).filter((url) => IS_JOB.test(url));
    for (const url of jobs.slice(0, -MOST)) await drop(url);
  } catch {
    await drop(job); // the network went away, or there is no room
  }
}

async function drop(job) {
  const cache = await caches.open(KEPT);
  const its = (await cache.keys()).filter(({ url }) => url === job || url.startsWith(`${job}/`));
  await Promise.all(its.map((request) => cache.delete(request)));
}

async function forget(request) {
  const answer = await fetch(request);
  if (answer.ok) await drop(request.url);
  return answer;
}

// Players ask for ranges, and Safari plays nothing without them.
async function play(request, event) {
  const found = await stored(KEPT, request.url);
  if (!found) {
    const answer = await fetch(request);
    if (answer.status === 200) event.waitUntil(keep(request.url.replace("/sound?whole", ""), answer.clone()));
    return answer;
  }
  const sound = await found.blob();
  const type = found.headers.get("Content-Type");
  const headers = { "Content-Type": type, "Accept-Ranges": "bytes", "Content-Length": sound.size };
  const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get("range") ?? "");
  if (!range || range[0] === "bytes=-") return new Response(sound, { headers });
  const start = range[1] ? Number(range[1]) : Math.max(0, sound.size - Number(range[2]));
  const end = range[1] && range[2] ? Math.min(Number(range[2]) + 1, sound.size) : sound.size;
  if (start >= end) return new Response(null, { status: 416, headers: { "Content-Range": `bytes */${sound.size}` } });
  headers["Content-Range"] = `bytes ${start}-${end - 1}/${sound.size}`;
  headers["Content-Length"] = end - start;
  return new Response(sound.slice(start, end, type), { status: 206, headers });
}
