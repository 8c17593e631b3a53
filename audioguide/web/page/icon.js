// The drawings on buttons, in the colour of their text. They are for eyes only: the button has a name of its own.

const NAMESPACE = "http://www.w3.org/2000/svg";

const PATHS = {
  heart: "M12 20.5C5 15.6 3 12.2 3 8.9 3 6.2 5.1 4.2 7.6 4.2c1.8 0 3.4 1 4.4 2.6 1-1.6 2.6-2.6 4.4-2.6C18.9 4.2 21 6.2 21 8.9c0 3.3-2 6.7-9 11.6z",
  play: "M7.5 4.6v14.8L19.6 12z",
  down: "M12 4v11m-4.6-4.4L12 15.2l4.6-4.6M5 19.5h14",
  share: "M12 15V4m-4 3.8L12 4l4 3.8M7 10.5H5.2v9h13.6v-9H17",
  pen: "M4.5 19.5l.9-4L15.8 5.1l3.1 3.1L8.5 18.6zM13.8 7.1l3.1 3.1",
  bin: "M5 7h14M9.5 7V4.8h5V7M6.8 7l.9 12.5h8.6L17.2 7",
};

export function icon(name) {
  return drawPath(PATHS[name], `icon icon-${name}`);
}

// A drawing on 24 × 24 as an element of some class.
export function drawPath(drawing, kind) {
  const svg = document.createElementNS(NAMESPACE, "svg");
  const path = document.createElementNS(NAMESPACE, "path");
  path.setAttribute("d", drawing);
  for (const [key, value] of [["viewBox", "0 0 24 24"], ["class", kind], ["aria-hidden", "true"]]) svg.setAttribute(key, value);
  svg.append(path);
  return svg;
}
