"""Draws the figure of a pose as SVG: a body with a front and a back, near and far in two tones, on the ground."""

from __future__ import annotations

import cmath
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import radians
from typing import Any

from audioguide.draw.skeleton import BODY, Skeleton, kind_of, prop_of, solve
from audioguide.draw.svg import document, element, number
from audioguide.model.chapter_figure import ChapterFigure, figure_of
from audioguide.model.figure import LIMBS, Figure
from audioguide.model.holds import rep_phases
from audioguide.model.routine import PoseStep, Step

WIDTH, HEIGHT = 100.0, 80.0
GROUND = 73.0  # the ground's upper edge
_UNIT = 1000  # a body height in the units of the paths, which are whole
_LARGEST, _WIDEST, _TALLEST = 88.0, 94.0, 69.0  # a body height in units of the picture; the most a figure takes
_CROSSES = 45.0  # degrees out of the page from which a far shin or forearm lies over the near leg
_SAMPLES = 5  # moments at which a moving figure is measured, and drawn for the page, which goes between them


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of figures: the near and the far limbs, the line around what lies over the trunk, props, ground."""

    near: str
    far: str
    line: str
    prop: str
    ground: str


DAY, NIGHT, PRINT, PAGE = (Palette(*BODY["palettes"][name]) for name in ("DAY", "NIGHT", "PRINT", "PAGE"))


def _at(*points: complex) -> str:
    return " ".join(f"{point.real * _UNIT:.0f} {-point.imag * _UNIT:.0f}" for point in points)


def _cap(centre: complex, start: complex, end: complex) -> str:
    """Half a circle, as curves: fpdf fails at an arc of no length."""
    out, first, last = (start - centre) * -1j, (start - centre) * 0.5523, (end - centre) * 0.5523
    tip, near = centre + out, out * 0.5523
    return f"C{_at(start + near, tip + first, tip)}C{_at(tip + last, end + near, end)}"


def _tube(start: complex, end: complex, widths: Sequence[float]) -> str:
    """A rounded limb; half its width at the start, a third on at its front (the left) and its back, and at the end."""
    first, front, back, last = widths
    along = end - start
    across = along / abs(along) * 1j if along else 1j
    belly, near, far = start + along * 0.36, along * 0.18, along * 0.32
    (a, b, c), (d, e, f) = (
        (start + across * s * first, belly + across * s * w, end + across * s * last)
        for s, w in ((1, front), (-1, back))
    )
    there = f"M{_at(a)}C{_at(a + near, b - near, b)}C{_at(b + far, c - far, c)}{_cap(end, c, f)}"
    return f"{there}C{_at(f - far, e + far, e)}C{_at(e - near, d + near, d)}{_cap(start, d, a)}Z"


def _smooth(points: Sequence[complex]) -> str:
    """A closed curve through points."""
    ring = [*points[-1:], *points, *points[:2]]
    curves = (
        _at(here + (after - before) / 6, after - (next - here) / 6, after)
        for before, here, after, next in zip(ring, ring[1:], ring[2:], ring[3:], strict=False)
    )
    return f"M{_at(points[0])}{''.join(f'C{curve}' for curve in curves)}Z"


def _trunk(body: Skeleton) -> str:
    """The outline of the trunk along a soft spine."""
    hip, waist, top = body.joints["spine"]
    low, high = hip + (waist - hip) * 0.85, top - (top - waist) * 0.85
    front, back = [], []
    for at, ahead, behind in BODY["side" if body.view == "side" else "front"]:
        to = 1 - at
        point = to**3 * hip + 3 * to * to * at * low + 3 * to * at * at * high + at**3 * top
        along = to * to * (low - hip) + 2 * to * at * (high - low) + at * at * (top - high)
        across = along / (abs(along) or 1) * -1j
        front.append(point + across * ahead)
        back.append(point - across * behind)
    seat, crest = (
        end + step / (abs(step) or 1) * BODY[name]
        for end, step, name in ((hip, hip - waist, "seat"), (top, top - waist, "crest"))
    )
    return _smooth([seat, *back, crest, *front[::-1]])


def _head(body: Skeleton) -> tuple[str, str]:
    """The outlines of neck and head, and of the hair."""
    top, centre = body.joints["head"]
    up = cmath.rect(body.discs("head")[0][1], radians(body.angle("head", 0)))
    outlines = BODY["heads"]["side" if body.view == "side" else "front"]
    head, hair = (_smooth([centre + up * complex(high, -ahead) for ahead, high in one]) for one in outlines)
    return _tube(top, centre, BODY["tubes"]["head"][0][2]) + head, hair


def _limb(body: Skeleton, limb: str) -> tuple[str, str, str]:
    """The outline of a limb; that of the line around it, without where it grows from the trunk; its lower part."""
    joints = body.joints[limb]
    tubes = BODY["tubes"]["leg-front" if "leg" in limb and body.view != "side" else kind_of(limb)]
    upper, *parts = (_tube(joints[first], joints[last], widths) for first, last, widths in tubes)
    _, front, back, last = tubes[0][2]
    outer = _tube(joints[0] + (joints[1] - joints[0]) * 0.36, joints[1], (front, front, back, last))
    lower = "".join(parts)
    return upper + lower, outer + lower, lower


def _draw_props(figure: Figure, body: Skeleton) -> Iterator[tuple[str, bool]]:
    """The outline of each prop, and whether it is in front of the body."""
    top = measure_figure(figure)[3]
    for prop, part in figure.props:
        point, radius = body.discs(part)[0]
        kind = prop_of(prop, part, figure.view)
        shape = BODY["props"].get(kind)
        if shape:
            middle = (body.joints["spine"][0] + body.joints["spine"][2]).real / 2
            away = -1 if kind in ("wall", "chair-hand") and point.real < middle else 1
            edge = point.real + (away * radius if prop == "wall" else 0.0)
            boxes = (
                (edge + left * away, low, edge + right * away, high or top) for left, low, right, high in shape["boxes"]
            )

            yield "".join(_box(*box) for box in boxes), False
        elif kind == "strap":
            hand, other = (body.joints[f"{side}_arm"][3] for side in ("near", "far"))
            width = 0.012 if prop == "towel" else 0.007
            yield _tube(hand, other if part.endswith("hand") else point, (width,) * 4), True
        elif prop == "ice-pack":
            above = point + 1j * (radius + 0.012)
            yield _tube(above - 0.045, above + 0.045, (0.016,) * 4), True


def _box(left: float, bottom: float, right: float, top: float) -> str:
    """A box with rounded ends along its longer side."""
    half = min(abs(right - left), top - bottom) / 2
    start, end = complex(min(left, right) + half, bottom + half), complex(max(left, right) - half, top - half)
    return _tube(start, end, (half,) * 4)


@lru_cache(maxsize=256)
def measure_figure(figure: Figure) -> tuple[float, float, float, float]:
    """The edges of all that a figure covers while it moves: left, bottom, right, top, in body heights."""
    points = []
    for index in range(_SAMPLES if figure.moves else 1):
        body = solve(figure, index / max(1, _SAMPLES - 1))
        points += [point for chain in body.joints.values() for point in chain]
        points += [body.joints["head"][1] + side * 0.035 for side in (1, -1, 1j, -1j)]
        for prop, part in figure.props:
            spot, width = body.discs(part)[0][0], 0.1 if prop == "wall" else 0.25 if prop == "chair" else 0.12
            points += [spot - width, spot + width] * (prop not in ("mat", "ice-pack", "strap"))
    xs, ys = [point.real for point in points], [point.imag for point in points]
    return min(xs) - 0.04, min(ys) - 0.04, max(xs) + 0.04, max(ys) + 0.03


def _swap(figure: Figure) -> Figure:
    """What is near is far, and the other way round."""

    def swap(name: str) -> str:
        return name.replace("near", "*").replace("far", "near").replace("*", "far")

    frames = tuple(replace(one, **{limb: getattr(one, swap(limb)) for limb in LIMBS}) for one in figure.frames)
    props = tuple((prop, swap(part)) for prop, part in figure.props)
    return replace(figure, frames=frames, props=props, on_floor=tuple(map(swap, figure.on_floor)))  # type: ignore[arg-type]


def _shapes(figure: Figure, moment: float, palette: Palette) -> Iterator[str]:
    """All elements of a figure but the ground; their number and order are the same at every moment."""
    body, flat = solve(figure, moment), figure.view == "side"
    props, line = list(_draw_props(figure, body)), palette.line
    limbs = {limb: _limb(body, limb) for limb in LIMBS}
    yield from (element("path", d=shape, fill=palette.prop) for shape, in_front in props if not in_front)
    depth = {limb: sum(depth for _, depth in getattr(figure.frames[0], limb)) for limb in LIMBS}
    under, over = (
        (LIMBS[1::2], LIMBS[2::-2]) if flat else ((), sorted(LIMBS, key=lambda limb: (depth[limb], -LIMBS.index(limb))))
    )
    yield from (element("path", d=limbs[limb][0], fill=palette.far) for limb in under)
    head, hair = _head(body)
    yield element("path", d=_trunk(body) + head, fill=palette.near)
    yield element("path", d=hair, fill=palette.near, stroke=line, stroke_width=_UNIT / 160)
    shapes = [(*limbs[limb][:2], palette.near) for limb in over]
    crossing = [limbs[limb][2] for limb in under if getattr(figure.frames[0], limb)[1][1] > _CROSSES]
    for shape, outer, colour in [*shapes[:1], *((lower, lower, palette.far) for lower in crossing), *shapes[1:]]:
        yield element("path", d=outer, fill="none", stroke=line, stroke_width=_UNIT / 62)
        yield element("path", d=shape, fill=colour)
    yield from (element("path", d=shape, fill=palette.prop) for shape, in_front in props if in_front)


def stand_figure(
    figure: Figure, left: float, ground: float, scale: float, *, moment: float, side: int, palette: Palette
) -> str:
    """The figure without its ground, within another picture: from `left` on, on a line, `scale` units a body height."""
    if side % 2 and figure.view == "side":
        figure, side = _swap(figure), 0
    first, _, last, _ = measure_figure(figure)
    x, sign = (left + last * scale, "-") if side % 2 else (left - first * scale, "")
    size = f"{scale / _UNIT:.6f}"
    place = f"translate({number(x)} {number(ground)}) scale({sign}{size} {size})"
    return element("g", *_shapes(figure, moment, palette), transform=place)


def place_figure(
    figure: Figure, left: float, top: float, width: float, *, moment: float = 0.0, side: int = 0, palette: Palette = DAY
) -> str:
    """The figure as a group within another picture, `width` wide and four fifths of it high."""
    west, south, east, north = measure_figure(figure)
    above = figure.view == "above"
    scale = min(
        _LARGEST, (86 if above else _WIDEST) / (east - west), (60 if above else _TALLEST) / (north - south * above)
    )
    base = HEIGHT / 2 + (north + south) / 2 * scale if above else GROUND
    x = WIDTH / 2 - (east - west) / 2 * scale
    body = stand_figure(figure, x, base, scale, moment=moment, side=side, palette=palette)
    if above:  # a mat
        ground = element(
            "rect", x=2, y=7, width=96, height=66, rx=3, fill="none", stroke=palette.ground, stroke_width=1.6
        )
    else:
        colour = palette.prop if any(prop == "mat" for prop, _ in figure.props) else palette.ground
        ground = element("rect", x=4, y=GROUND, width=92, height=1.6, rx=0.8, fill=colour)
    place = f"translate({number(left)} {number(top)}) scale({width / WIDTH:.4f})"
    return element("g", *((ground, body) if above else (body, ground)), transform=place)


def draw_figure(
    figure: Figure, *, moment: float = 0.0, side: int = 0, palette: Palette = DAY, scale: float = 1.0
) -> str:
    """The figure as an SVG document of 100 × 80 units, times `scale`, without a background.

    `moment` goes from 0, the first key frame, to 1, the last one; `side` is the number of the pose's side, from 0.
    """
    width = WIDTH * scale
    shape = place_figure(figure, 0, 0, width, moment=moment, side=side, palette=palette)
    return document(width, HEIGHT * scale, shape)


def figure_moments(figure: Figure, count: int, side: int = 0, palette: Palette = PAGE) -> list[str]:
    """The figure at `count` even moments, with the same elements and path commands in each, to go between them."""
    return [draw_figure(figure, moment=at / max(1, count - 1), side=side, palette=palette) for at in range(count)]


def describe_figures(session_steps: Iterable[Step]) -> dict[str, Any]:
    """The figures of a session, each once: `drawings` of one at its moments, and for each step by number which of them
    shows a side ("" before one is named), whether it moves, and the phases of a rep in seconds.
    """
    drawings: dict[ChapterFigure, int] = {}
    steps = {}
    for step in session_steps:
        if isinstance(step, PoseStep) and step.pose.figure:
            shown = {side: figure_of(step, side) for side in ("", *step.pose.sides)}
            sides = {side: drawings.setdefault(one, len(drawings)) for side, one in shown.items() if one}
            rep = rep_phases(step) if step.pose.reps else None
            steps[step.number] = {"sides": sides, "moves": step.pose.is_moving, "rep": rep}
    moments = [figure_moments(one.figure, _SAMPLES if one.moves else 1, one.side) for one in drawings]
    return {"steps": steps, "drawings": moments}
