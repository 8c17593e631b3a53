// A dark room: pure black and dim, so that a screen of OLED gives next to no light. Kept on this device.

import { loadChoice, saveChoice } from "./storage.js";

export const isDark = () => document.documentElement.classList.contains("dark-room");

export function setDark(on) {
  saveChoice("dark", on ? "on" : "off");
  showDark(on);
}

// Only while the player is seen.
export function showDark(on = loadChoice("dark", "off") === "on") {
  document.documentElement.classList.toggle("dark-room", on);
}
