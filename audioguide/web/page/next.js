// What could be done after a session: what is due today, else a favourite.

import { apiPath, ask } from "./api.js";
import { el } from "./dom.js";
import { say } from "./words.js";

// A link to it; null where there is nothing.
export async function suggestNext({ session }) {
  const { due, favourites } = await ask(apiPath("home"));
  const planned = due.find((one) => one.session !== session);
  const favourite = favourites.find((id) => id !== session);
  const id = planned?.session ?? favourite;
  if (!id) return null;
  const title = planned?.title ?? (await ask(apiPath("sessions", id))).title;
  const text = say(planned ? "player.due" : "player.favourite", { title });
  return el("p", {}, el("a", { href: `#session/${encodeURIComponent(id)}`, class: "onward" }, text));
}
