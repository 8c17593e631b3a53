// A picture of a session: a bar for each hold, at its time and with its length, in the colours of the cover.

const NAMESPACE = "http://www.w3.org/2000/svg";
const [WIDTH, HEIGHT, MARGIN, LOW] = [200, 80, 8, 14];
let count = 0;

function svg(tag, attributes, ...children) {
  const node = document.createElementNS(NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function mix(first, last, fraction) {
  const parts = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  const [begin, end] = [parts(first), parts(last)];
  return `rgb(${begin.map((value, index) => Math.round(value + (end[index] - value) * fraction)).join(" ")})`;
}

// `bars` are [start, end] as fractions of the session; `palette` the colours above, below, of the first and last bar.
// Where poses stand above them, the bars are `low`.
export function picture(bars, [above, below, first, last], low = false) {
  const shade = `shade-${++count}`;
  const gradient = svg(
    "linearGradient",
    { id: shade, x1: 0, y1: 0, x2: 0, y2: 1 },
    svg("stop", { offset: 0, "stop-color": above }),
    svg("stop", { offset: 1, "stop-color": below }),
  );
  const longest = Math.max(...bars.map(([start, end]) => end - start));
  const room = { width: WIDTH - 2 * MARGIN, height: low ? LOW : HEIGHT - 2 * MARGIN };
  const columns = bars.map(([start, end]) => {
    const height = Math.max(3, (room.height * (end - start)) / longest);
    return svg("rect", {
      x: (MARGIN + start * room.width).toFixed(2),
      y: (HEIGHT - MARGIN - height).toFixed(2),
      width: Math.max(1, (end - start) * room.width).toFixed(2),
      height: height.toFixed(2),
      rx: 1,
      fill: mix(first, last, (start + end) / 2),
    });
  });
  return svg(
    "svg",
    { class: "picture", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", "aria-hidden": "true" },
    gradient,
    svg("rect", { width: WIDTH, height: HEIGHT, fill: `url(#${shade})` }),
    ...columns,
  );
}
