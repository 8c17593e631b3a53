// The remote of a session that plays on another machine: shows what it does, and asks it for things.

import { chooseLanguage, say, useWords } from "./assets/words.js";

const RETRY = 2000; // milliseconds until a lost session is looked for again
const SILENCE = 40000; // without a sign of life for so long, the connection is dead
const SURE = 4000; // for so long a second tap stops the session

const at = (id) => document.getElementById(id);
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

let events = null;
let paused = false;
let heard = 0;
let over = false;

function show(now) {
  paused = now.paused;
  const [kind, seconds] = now.count ?? ["", 0];
  at("session").textContent = now.pose ? now.session : "";
  at("left").textContent = say("left", { time: clock(now.left) });
  at("pose").textContent = now.pose || now.session;
  at("side").textContent = now.side;
  at("count").textContent = kind && `${kind === "up" ? "+" : ""}${clock(seconds)}`;
  at("count").className = kind;
  at("stage").textContent = paused ? say("paused") : say(`stage.${now.stage}`);
  at("next").textContent = now.following && say("following", { pose: now.following });
  at("message").textContent = now.message;
  at("pause").textContent = say(paused ? "go" : "pause");
}

function lose(text) {
  document.body.classList.add("gone");
  at("message").textContent = say(text);
}

// Listens to the session; a phone that was asleep, or a session that is over, is tried again and again.
function connect() {
  events?.close();
  events = new EventSource("events");
  heard = Date.now();
  events.onmessage = (event) => {
    heard = Date.now();
    over = false;
    document.body.classList.remove("gone");
    show(JSON.parse(event.data));
  };
  events.addEventListener("end", () => {
    over = true;
    events.close();
    lose("over");
  });
  events.onerror = () => {
    events.close();
    lose(over ? "over" : "gone");
  };
}

async function ask(what) {
  try {
    const answer = await fetch(`do/${what}`, { method: "POST" });
    if (!answer.ok) throw new Error(String(answer.status));
  } catch {
    connect();
  }
}

function makeButtons() {
  for (const button of document.querySelectorAll("[data-say]")) button.textContent = say(button.dataset.say);
  for (const button of document.querySelectorAll("[data-do]")) {
    const label = say(`${button.dataset.do}.label`);
    if (!label.endsWith(".label")) button.setAttribute("aria-label", label);
    button.addEventListener("click", () => ask(button.dataset.do));
  }
  at("pause").addEventListener("click", () => ask(paused ? "go" : "hold"));
  at("stop").addEventListener("click", () => {
    const sure = at("stop").classList.toggle("sure");
    at("stop").textContent = say(sure ? "sure" : "stop");
    if (!sure) ask("stop");
    else setTimeout(() => at("stop").classList.contains("sure") && resetStop(), SURE);
  });
}

function resetStop() {
  at("stop").classList.remove("sure");
  at("stop").textContent = say("stop");
}

const words = await (await fetch("words.json")).json();
const language = chooseLanguage();
useWords(language, words[language]);
makeButtons();
connect();
setInterval(() => {
  if (events.readyState === EventSource.CLOSED || Date.now() - heard > SILENCE) connect();
}, RETRY);
addEventListener("visibilitychange", () => document.hidden || connect());
addEventListener("online", connect);
