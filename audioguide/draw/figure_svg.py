"""Draws the figure of a pose as SVG: a body with a front and a back, near and far in two tones, on the ground."""

from __future__ import annotations

import cmath
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from math import radians

from audioguide.draw.skeleton import SUPPORTS, TRUNK, Skeleton, solve
from audioguide.draw.svg import document, element, number
from audioguide.model.figure import LIMBS, Figure, Limb

WIDTH, HEIGHT = 100.0, 80.0
GROUND = 73.0  # the ground's upper edge
_LARGEST, _WIDEST, _TALLEST = 88.0, 94.0, 69.0  # units a body height; the most a figure takes
_SAMPLES = 5  # moments at which a moving figure is measured


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of figures: the near and the far limbs, the line around what lies over the trunk, props, ground."""

    near: str
    far: str
    line: str
    prop: str
    ground: str


DAY = Palette("#1f6169", "#94b9b8", "#f2efe7", "#d08a5b", "#ddd5c5")
NIGHT = Palette("#a9d6d3", "#4f7f82", "#1c2a2e", "#d99a6c", "#3d4a50")
PRINT = Palette("#3a3a3a", "#a3a3a3", "#ffffff", "#7a7a7a", "#c9c9c9")
PAGE = Palette(
    "var(--figure-near)", "var(--figure-far)", "var(--figure-line)", "var(--figure-prop)", "var(--figure-ground)"
)

_ARM = ((0.031, 0.03, 0.03, 0.023), (0.023, 0.025, 0.024, 0.017), (0.017, 0.019, 0.019, 0.014))
_LEG = ((0.06, 0.056, 0.052, 0.036), (0.036, 0.031, 0.043, 0.025))
"""Half the width of each segment: at its start, a third on at its front and its back, and at its end."""

_SIDE = ((0.0, 0.05, 0.062), (0.22, 0.05, 0.058), (0.5, 0.048, 0.044), (0.76, 0.06, 0.05), (1.0, 0.046, 0.05))
_FRONT = ((0.0, 0.098, 0.098), (0.22, 0.088, 0.088), (0.5, 0.066, 0.066), (0.78, 0.083, 0.083), (1.0, 0.09, 0.09))
"""The trunk: at which part of the spine, and how far it reaches to the front and to the back (left and right)."""

# fmt: off
_PROFILE = (
    (.60, -.95), (.80, -.62), (.83, -.36), (1.0, -.10), (.85, .12), (.82, .48), (.42, .92), (-.2, 1.0), (-.76, .68),
    (-.96, .15), (-.80, -.35), (-.46, -.72), (.1, -.86),
)
_FACE = (
    (.0, -1.0), (.42, -.86), (.70, -.45), (.78, .1), (.66, .62), (.3, .95), (.0, 1.0), (-.3, .95), (-.66, .62),
    (-.78, .1), (-.70, -.45), (-.42, -.86), (-.2, -.96),
)
_HAIR = (
    (.66, .66), (.30, .50), (.02, .34), (-.06, -.06), (-.30, -.16), (-.46, -.62), (-.78, -.44), (-1.02, .0),
    (-.98, .52), (-.62, .92), (-.1, 1.10), (.42, .98),
)
_FRINGE = (
    (.72, .02), (.60, .42), (.24, .60), (-.30, .56), (-.60, .36), (-.72, .02), (-.84, .30), (-.72, .74), (-.36, 1.04),
    (.0, 1.09), (.36, 1.04), (.72, .74), (.84, .30),
)
# fmt: on
"""Outlines of the head and the hair from the chin, to the front and up, in halves of its height."""


class _Pen:
    """Turns points in body heights to units of the picture."""

    def __init__(self, scale: float, left: float, mirrored: bool, bottom: float) -> None:
        self.scale, self.left, self.mirrored, self.bottom = scale, left, mirrored, bottom

    def at(self, point: complex) -> str:
        x = self.left + point.real * self.scale
        return f"{number(WIDTH - x if self.mirrored else x)} {number(self.bottom - point.imag * self.scale)}"

    def curve(self, *points: complex) -> str:
        return f"C{' '.join(map(self.at, points))}"

    def arc(self, radius: float, point: complex) -> str:
        size = number(radius * self.scale)
        return f"A{size} {size} 0 0 {int(not self.mirrored)} {self.at(point)}"

    def disc(self, point: complex, radius: float) -> str:
        return f"M{self.at(point - radius)}{self.arc(radius, point + radius)}{self.arc(radius, point - radius)}Z"

    def tube(self, start: complex, end: complex, widths: Sequence[float], *, edges: bool = False) -> str:
        """A rounded limb, the front of which is on the left of its direction; or the edges of its outer part."""
        first, front, back, last = widths
        along = end - start
        across = along / (abs(along) or 1) * 1j
        left, right = ([across * sign * one for one in (first, wide, last)] for sign, wide in ((1, front), (-1, back)))
        belly = start + along * 0.36
        near, far = along * 0.18, along * 0.32

        def out(side: Sequence[complex]) -> str:
            return self.curve(belly + side[1] + far, end + side[2] - far, end + side[2])

        if edges:
            return "".join(f"M{self.at(belly + side[1])}{out(side)}" for side in (left, right))
        return (
            f"M{self.at(start + left[0])}"
            + self.curve(start + left[0] + near, belly + left[1] - near, belly + left[1])
            + out(left)
            + self.arc(last, end + right[2])
            + self.curve(end + right[2] - far, belly + right[1] + far, belly + right[1])
            + self.curve(belly + right[1] - near, start + right[0] + near, start + right[0])
            + self.arc(first, start + left[0])
            + "Z"
        )

    def smooth(self, points: Sequence[complex]) -> str:
        """A closed curve through points."""
        count, parts = len(points), [f"M{self.at(points[0])}"]
        for index in range(count):
            before, here, after, next = (points[(index + step) % count] for step in (-1, 0, 1, 2))
            parts.append(self.curve(here + (after - before) / 6, after - (next - here) / 6, after))
        return "".join(parts) + "Z"


def _trunk(body: Skeleton) -> list[complex]:
    """The outline of the trunk along a soft spine."""
    hip, waist, top = body.joints["spine"]
    low, high = hip + (waist - hip) * 0.85, top - (top - waist) * 0.85
    front, back = [], []
    for at, ahead, behind in _SIDE if body.view == "side" else _FRONT:
        to = 1 - at
        point = to**3 * hip + 3 * to * to * at * low + 3 * to * at * at * high + at**3 * top
        along = to * to * (low - hip) + 2 * to * at * (high - low) + at * at * (top - high)
        across = along / (abs(along) or 1) * -1j
        front.append(point + across * ahead)
        back.append(point - across * behind)
    seat = hip - (waist - hip) / (abs(waist - hip) or 1) * 0.058
    crest = top + (top - waist) / (abs(top - waist) or 1) * 0.032
    return [seat, *back, crest, *front[::-1]]


def _head(body: Skeleton, pen: _Pen) -> tuple[str, str]:
    """The outline of neck and head, and that of the hair."""
    top, centre = body.joints["head"]
    up = cmath.rect(TRUNK["head"], radians(body.angle("head", 0)))
    outlines = (_PROFILE, _HAIR) if body.view == "side" else (_FACE, _FRINGE)
    neck = pen.tube(top, centre, (0.036, 0.029, 0.029, 0.032))
    head, hair = (pen.smooth([centre + up * (high - 1j * ahead) for ahead, high in reversed(one)]) for one in outlines)
    return neck + head, hair


def _limb(body: Skeleton, limb: str, pen: _Pen) -> tuple[str, str]:
    """The outline of a limb, and that of the line around it, which leaves out where it grows from the trunk."""
    joints, arm = body.joints[limb], limb.endswith("arm")
    widths = _ARM if arm else _LEG
    parts = [pen.tube(a, b, w) for a, b, w in zip(joints, joints[1:], widths, strict=False)]
    if not arm:
        (ankle, wide), (heel, low), (ball, flat), (toes, tip) = body.foot(limb)
        ends = ((ankle, wide, heel, low), (ankle, wide, ball, flat), (heel, low, ball, flat), (ball, flat, toes, tip))
        parts += [pen.tube(a, b, (r, r, r, s)) for a, r, b, s in ends]
    return "".join(parts), pen.tube(joints[0], joints[1], widths[0], edges=True) + "".join(parts[1:])


def _draw_props(figure: Figure, body: Skeleton, pen: _Pen) -> Iterator[tuple[str, bool]]:
    """The outline of each prop, and whether it is in front of the body."""

    def box(left: float, bottom: float, right: float, top: float) -> str:
        corners = (complex(left, bottom), complex(left, top), complex(right, top), complex(right, bottom))
        return f"M{'L'.join(map(pen.at, corners))}Z"

    for prop, part in figure.props:
        point, radius = body.discs(part)[0]
        x, height = point.real, SUPPORTS.get(prop, 0.0)
        if prop == "wall":
            away = 1 if x >= (body.joints["spine"][0].real + body.joints["spine"][2].real) / 2 else -1
            edge = x + away * (radius + 0.002)
            yield box(min(edge, edge + away * 0.03), 0, max(edge, edge + away * 0.03), 0.9), False
        elif prop == "chair":
            yield (
                "".join(
                    box(*sides)
                    for sides in (
                        (x - 0.11, height - 0.025, x + 0.13, height),
                        (x - 0.11, 0, x - 0.085, height),
                        (x + 0.105, 0, x + 0.13, height),
                        (x - 0.115, height - 0.02, x - 0.09, height + 0.26),
                    )
                ),
                False,
            )
        elif prop in ("roller", "towel") and part in body.heights and height:
            yield pen.disc(complex(x, height / 2), height / 2), False
        elif prop in ("cushion", "block"):
            half = 0.1 if prop == "cushion" else 0.06
            yield pen.tube(complex(x - half, height / 2), complex(x + half, height / 2), (height / 2,) * 4), False
        elif prop in ("towel", "strap"):
            hand, other = (body.joints[f"{side}_arm"][3] for side in ("near", "far"))
            goal = other if part.endswith("hand") else point
            width = 0.012 if prop == "towel" else 0.007
            yield pen.tube(hand, goal, (width,) * 4), True
        elif prop == "ice-pack":
            above = point + 1j * (radius + 0.012)
            yield pen.tube(above - 0.045, above + 0.045, (0.016,) * 4), True


@lru_cache(maxsize=256)
def _measure(figure: Figure) -> tuple[float, float, float, float]:
    """The edges of all that a figure covers while it moves: left, bottom, right, top, in body heights."""
    points = []
    for index in range(_SAMPLES if figure.moves else 1):
        body = solve(figure, index / max(1, _SAMPLES - 1))
        points += [point for chain in body.joints.values() for point in chain]
        points.append(body.joints["head"][1] + 0.04j)
    xs, ys = [point.real for point in points], [point.imag for point in points]
    return min(xs) - 0.04, min(ys) - 0.04, max(xs) + 0.04, max(ys) + 0.03


def _pen_for(figure: Figure, mirrored: bool) -> _Pen:
    left, bottom, right, top = _measure(figure)
    above = figure.view == "above"
    height = top - bottom if above else top
    scale = min(_LARGEST, _WIDEST / (right - left), (76.0 if above else _TALLEST) / height)
    ground = HEIGHT / 2 + (top + bottom) / 2 * scale if above else GROUND
    return _Pen(scale, WIDTH / 2 - (left + right) / 2 * scale, mirrored, ground)


def _swap(figure: Figure) -> Figure:
    def swap(name: str) -> str:
        return name.replace("near", "*").replace("far", "near").replace("*", "far")

    frames = tuple(replace(one, **{limb: getattr(one, swap(limb)) for limb in LIMBS}) for one in figure.frames)
    props = tuple((prop, swap(part)) for prop, part in figure.props)
    return replace(figure, frames=frames, props=props, on_floor=tuple(map(swap, figure.on_floor)))  # type: ignore[arg-type]


def _shapes(figure: Figure, moment: float, side: int, palette: Palette) -> str:
    """All elements of a figure; their number and order are the same at every moment."""
    flat = figure.view == "side"
    if side % 2 and flat:
        figure = _swap(figure)
    body, pen = solve(figure, moment), _pen_for(figure, bool(side % 2) and not flat)
    props = list(_draw_props(figure, body, pen))
    limbs = {limb: _limb(body, limb, pen) for limb in LIMBS}
    line: dict[str, str | float] = {"fill": "none", "stroke": palette.line, "stroke_width": 1.3}
    shapes = [element("path", d=shape, fill=palette.prop) for shape, front in props if not front]
    under, over = (LIMBS[1::2], LIMBS[2::-2]) if flat else ((), sorted(LIMBS, key=partial(_depth, figure)))
    shapes += [element("path", d=limbs[limb][0], fill=palette.far) for limb in under]
    head, hair = _head(body, pen)
    shapes.append(element("path", d=pen.smooth(_trunk(body)) + head, fill=palette.near))
    shapes.append(element("path", d=hair, fill=palette.near, stroke=palette.line, stroke_width=0.5))
    for limb in over:  # a line around what lies over the trunk
        shapes += [element("path", d=limbs[limb][1], **line), element("path", d=limbs[limb][0], fill=palette.near)]
    shapes += [element("path", d=shape, fill=palette.prop) for shape, front in props if front]
    return "".join(shapes)


def _depth(figure: Figure, limb: str) -> float:
    """How far a limb comes out of the page in the first posture."""
    segments: Limb = getattr(figure.frames[0], limb)
    return sum(depth for _, depth in segments) - 0.1 * LIMBS.index(limb)


def _ground(figure: Figure, palette: Palette) -> str:
    if figure.view == "above":
        return element("rect", x=1, y=8, width=98, height=64, rx=3, fill=palette.ground)
    on_mat = any(prop == "mat" for prop, _ in figure.props)
    return element("rect", x=4, y=GROUND, width=92, height=1.6, rx=0.8, fill=palette.prop if on_mat else palette.ground)


def draw_figure(
    figure: Figure, *, moment: float = 0.0, side: int = 0, palette: Palette = DAY, scale: float = 1.0
) -> str:
    """The figure as an SVG document of 100 × 80 units, times `scale`, without a background.

    `moment` goes from 0, the first key frame, to 1, the last one; `side` is the number of the pose's side, from 0.
    """
    width = WIDTH * scale
    shape = place_figure(figure, 0, 0, width, moment=moment, side=side, palette=palette)
    return document(width, HEIGHT * scale, shape)


def place_figure(
    figure: Figure, left: float, top: float, width: float, *, moment: float = 0.0, side: int = 0, palette: Palette = DAY
) -> str:
    """The figure as a group within another picture, `width` wide and four fifths of it high."""
    place = f"translate({number(left)} {number(top)}) scale({width / WIDTH:.4f})"
    layers = [_shapes(figure, moment, side, palette), _ground(figure, palette)]
    return element("g", *layers[:: -1 if figure.view == "above" else 1], transform=place)


def figure_moments(figure: Figure, count: int, side: int = 0, palette: Palette = PAGE) -> list[str]:
    """The figure at `count` even moments, with the same elements and path commands in each, to go between them."""
    return [draw_figure(figure, moment=at / max(1, count - 1), side=side, palette=palette) for at in range(count)]
