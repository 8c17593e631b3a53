// The filled drawings on the player's buttons. A label says what they mean, so screen readers skip them.

import { drawPath } from "./icon.js";

const PATHS = {
  play: "M7 4v16l13-8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  previous: "M5 5h2.6v14H5zM20 5v14L9 12z",
  next: "M16.4 5H19v14h-2.6zM4 5l11 7-11 7z",
  back: "M15.5 4 17 5.5 10.5 12l6.5 6.5-1.5 1.5-8-8z",
  download: "M10.9 3h2.2v9l3.2-3.2 1.5 1.5L12 16.1l-5.8-5.8 1.5-1.5 3.2 3.2zM4 18.8h16V21H4z",
  share: "M18 15.6a3 3 0 0 0-2.2 1l-6.9-4a3 3 0 0 0 0-1.2l6.9-4a3 3 0 1 0-.9-1.7L8 9.700a3 3 0 1 0 0 4.600l6.9 4a3 3 0 1 0 3.1-2.700z",
  list: "M4 6h2.200v2.200H4zM8.5 6H20v2.200H8.500zM4 11h2.200v2.200H4zM8.5 11H20v2.200H8.500zM4 16h2.200v2.200H4zM8.5 16H20v2.200H8.500z",
  dark: "M12.5 3a9 9 0 1 0 8.5 11.500A7 7 0 0 1 12.5 3z",
  close: "M6.4 5 12 10.6 17.6 5 19 6.4 13.4 12l5.6 5.6-1.4 1.400L12 13.4 6.4 19 5 17.6 10.6 12 5 6.400z",
};

export function glyph(name) {
  return drawPath(PATHS[name], "glyph");
}
