"""From the angles of a figure to the points of its joints, in body heights, with the ground at y = 0.

What rests on the ground is brought there, and stays where it is between key frames: the figure is moved as a whole,
limbs are bent at the elbow or the knee. Points are complex numbers, y upwards.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from math import radians

from audioguide.model.figure import LIMBS, Figure, KeyFrame, Limb, wrap

LENGTHS = {"spine": (0.15, 0.15), "head": (0.122,), "arm": (0.158, 0.138, 0.075), "leg": (0.245, 0.235, 0.112)}
RADII = {"arm": (0.031, 0.023, 0.017, 0.014), "leg": (0.06, 0.036, 0.025, 0.013)}  # at the joints, from the trunk on
TRUNK = {"hips": 0.064, "back": 0.05, "shoulders": 0.056, "neck": 0.03, "head": 0.068}
SOLE, BALL, HEEL = 0.042, (0.082, 0.026, 0.016), (-0.03, 0.02, 0.022)
"""Of a foot: from the ankle to the sole; how far ahead of the ankle and below it a disc is, and its radius."""

HALF_WIDTH = {"arm": 0.09, "leg": 0.043}  # of shoulders and hips, seen from the front

SUPPORTS = {"chair": 0.27, "roller": 0.09, "cushion": 0.06, "block": 0.09, "towel": 0.035}
"""The heights of props that the body rests on; a towel only where it is under the trunk."""

_LEVEL_SPREAD, _MOST_TILT = 0.3, 20.0
_ONE_BONE = ("elbow", "knee", "thigh", "calf")
_FLESH = {"thigh": 0.052, "calf": 0.036}
Disc = tuple[complex, float]


class Skeleton:
    """The joints of one posture, which can be turned and moved until they touch the ground."""

    def __init__(self, frame: KeyFrame, view: str, heights: Mapping[str, float]) -> None:
        self.view, self.heights = view, heights
        self.parts: dict[str, list[tuple[float, float]]] = {
            name: list(getattr(frame, name)) for name in ("spine", *LIMBS)
        }
        self.parts["head"] = [frame.head]
        self.root = 0j
        self.joints: dict[str, list[complex]] = {}
        self.place()

    def place(self) -> None:
        """Put every joint where the angles have it."""
        spine = self.joints["spine"] = self._chain("spine", self.root)
        self.joints["head"] = self._chain("head", spine[2])
        for limb in LIMBS:
            base, angle = (
                (spine[2], self.angle("spine", 1)) if limb.endswith("arm") else (spine[0], self.angle("spine", 0))
            )
            if self.view != "side":
                side = 90.0 if limb.startswith("near") else -90.0
                base += cmath.rect(HALF_WIDTH[limb[-3:]], radians(angle + side))
            self.joints[limb] = self._chain(limb, base)

    def _chain(self, name: str, point: complex) -> list[complex]:
        points = [point]
        for index in range(len(self.parts[name])):
            points.append(points[-1] + cmath.rect(self.length(name, index), radians(self.angle(name, index))))
        return points

    def angle(self, name: str, index: int) -> float:
        """The direction of a segment."""
        return self.parts[name][index][0]

    def length(self, name: str, index: int) -> float:
        """The length of a segment as it is seen."""
        return LENGTHS[name[-3:] if name in LIMBS else name][index] * math.cos(radians(self.parts[name][index][1]))

    def turn(self, name: str, index: int, angle: float) -> None:
        """Give a segment another direction; call `place` after it."""
        self.parts[name][index] = (angle, self.parts[name][index][1])

    def foot(self, leg: str) -> tuple[Disc, Disc, Disc, Disc]:
        """The discs of a foot: ankle, heel, ball, toes."""
        ankle = self.joints[leg][2]
        ahead = cmath.rect(1, radians(self.angle(leg, 2)))
        below = ahead * -1j if self.view == "side" else 0j
        bend = max(0.0, min(75.0, wrap(-self.angle(leg, 2)))) if f"{leg[:-4]}_toes" in self.heights else 0.0
        flat = math.cos(radians(self.parts[leg][2][1]))
        heel, ball = (ankle + ahead * flat * x + below * y for x, y, _ in (HEEL, BALL))
        if self.view != "side":
            return (ankle, 0.025), (ankle, 0.026), (ball, 0.026), (ankle + ahead * 0.112 * flat, 0.02)
        toes = ball + (ahead * 0.033 * flat + below * 0.003) * cmath.rect(1, radians(bend))
        return (ankle, RADII["leg"][2]), (heel, HEEL[2]), (ball, BALL[2]), (toes, 0.013)

    def discs(self, part: str) -> Sequence[Disc]:
        """What may touch the ground there, the first of it where the part is."""
        if part in TRUNK:
            points = {
                "hips": self.joints["spine"][0],
                "back": self.joints["spine"][1],
                "shoulders": self.joints["spine"][2],
            }
            points |= {"neck": self.joints["head"][0], "head": self.joints["head"][1]}
            return ((points[part], TRUNK[part]),)
        side, _, joint = part.partition("_")
        limb = f"{side}_arm" if joint in ("elbow", "hand") else f"{side}_leg"
        points_of = self.joints[limb]
        match joint:
            case "elbow" | "knee":
                return ((points_of[1], RADII[limb[-3:]][1]),)
            case "thigh" | "calf":
                first = 0 if joint == "thigh" else 1
                return (((points_of[first] + points_of[first + 1]) / 2, _FLESH[joint]),)
            case "hand":
                return (points_of[2], RADII["arm"][2]), (points_of[3], RADII["arm"][3])
            case "heel":
                return (self.foot(limb)[1],)
            case "toes":
                return self.foot(limb)[3:1:-1]
        return self.foot(limb)[2], *self.foot(limb)

    def gap(self, part: str) -> float:
        """How far a part is above the ground, or the prop under it; below 0 where it is in there."""
        return min(point.imag - radius for point, radius in self.discs(part)) - self.heights.get(part, 0.0)

    def move(self, by: complex) -> None:
        """Move it as a whole."""
        self.root += by
        self.place()

    def touch(self, name: str, indices: Sequence[int], part: str) -> None:
        """Turn segments that follow each other, until a part at their end touches the ground, or nearly does."""
        joints = self.joints[name]
        end = self.discs(part)[0][0] if part.endswith(("thigh", "calf")) else joints[indices[-1] + 1]
        chord = end - joints[indices[0]]
        size, angle = abs(chord), math.degrees(cmath.phase(chord)) if chord else 0.0
        if size < 0.01:
            return
        sine = max(-1.0, min(1.0, (chord.imag - self.gap(part)) / size))
        first = math.degrees(math.asin(sine))
        by = min((wrap(first - angle), wrap(180 - first - angle)), key=abs)
        for index in indices:
            self.turn(name, index, self.angle(name, index) + by)
        self.place()

    def reach(self, limb: str, part: str, x: float | None) -> None:
        """Bend a limb until a part at its end touches the ground, at `x` if given and within its reach."""
        base, _, end, _ = self.joints[limb]
        upper, lower = self.length(limb, 0), self.length(limb, 1)
        goal = end - 1j * self.gap(part)
        if x is not None:
            goal += x - self.discs(part)[0][0].real
        away = goal - base
        far = (upper + lower) * 0.9999
        if abs(away) > far:
            side = math.copysign(math.sqrt(max(0.0, far**2 - away.imag**2)), away.real)
            away = complex(side, max(-far, min(far, away.imag)))
        if (near := abs(upper - lower) * 1.0001 + 1e-4) > abs(away):
            away = cmath.rect(near, cmath.phase(away))
        bend = 1.0 if limb.endswith("leg") else -1.0
        if self.view != "side":
            bend = -1.0 if wrap(self.angle(limb, 1) - self.angle(limb, 0)) > 0 else 1.0
        distance = abs(away)
        inner = math.acos(max(-1.0, min(1.0, (upper**2 + distance**2 - lower**2) / (2 * max(upper * distance, 1e-9)))))
        first = cmath.phase(away) + bend * inner
        self.turn(limb, 0, math.degrees(first))
        self.turn(limb, 1, math.degrees(cmath.phase(away - cmath.rect(upper, first))))
        self.place()


def _limb_of(part: str) -> str:
    return f"{part.partition('_')[0]}_{'arm' if part.endswith(('elbow', 'hand')) else 'leg'}"


def _settle(body: Skeleton, on_floor: Sequence[str], anchors: dict[str, float]) -> None:
    """Bring it to the ground."""
    trunk = [part for part in ("hips", "back", "shoulders") if part in on_floor]
    limbs = [part for part in on_floor if part not in TRUNK]
    bones = [part for part in limbs if part.endswith(_ONE_BONE)]
    ends = [part for part in limbs if part not in bones]
    held = {_limb_of(part) for part in ends}
    if not trunk and len(limbs) > 1:
        _level(body, limbs, held)
    choices: tuple[list[str], ...] = trunk[:1], bones, ends, [part for part in on_floor if part in ("neck", "head")]
    for leaders in filter(None, choices):
        lift = -sum(map(body.gap, leaders)) / len(leaders)
        known = [part for part in leaders if part in anchors]
        aside = sum(anchors[part] - body.discs(part)[0][0].real for part in known) / max(1, len(known))
        body.move(complex(aside, lift))
        break
    else:
        body.move(-1j * min(map(body.gap, _ALL)))
    if trunk[:1] == ["hips"]:
        if "back" in trunk:
            body.touch("spine", [0], "back")
        if "shoulders" in trunk:
            body.touch("spine", [1] if "back" in trunk else [0, 1], "shoulders")
    for part in bones:
        body.touch(_limb_of(part), [0, 1] if part.endswith("calf") else [0], part)
    hands = [part for part in ends if part.endswith("hand")]
    if not trunk and bones and hands:  # the trunk comes down to the hands, so that arms stay as straight as they are
        body.touch("spine", [0, 1], max(hands, key=body.gap))
    elif not trunk:
        body.move(-1j * max(0.0, *(_deficit(body, part) for part in ends), 0.0))
    for part in ends:
        limb = _limb_of(part)
        if any(_limb_of(bone) == limb for bone in bones):
            body.touch(limb, [1], part)
        else:
            body.reach(limb, part, anchors.get(part))
    if "head" in on_floor or body.gap("head") < 0:
        body.touch("head", [0], "head")
    for limb in LIMBS:
        _lift(body, limb, limb in held, bones)


_ALL = tuple(TRUNK) + tuple(
    f"{side}_{joint}" for side in ("near", "far") for joint in ("elbow", "hand", "knee", "foot")
)


def _deficit(body: Skeleton, part: str) -> float:
    """How much too high the joint is that a limb hangs from, for the limb to reach the ground below its end."""
    limb = _limb_of(part)
    base, _, end, _ = body.joints[limb]
    away = end - 1j * body.gap(part) - base
    reach = (body.length(limb, 0) + body.length(limb, 1)) * 0.9999
    return -away.imag - math.sqrt(max(0.0, reach**2 - min(away.real**2, reach**2 * 0.96)))


def _level(body: Skeleton, parts: Sequence[str], held: set[str]) -> None:
    """Turn the whole figure so that what rests on the ground is level. Hands and feet there keep their direction."""
    points = [complex(body.discs(part)[0][0].real, body.gap(part)) for part in parts]
    middle = sum(points) / len(points)
    spread = sum((point.real - middle.real) ** 2 for point in points)
    if max(point.real for point in points) - min(point.real for point in points) < _LEVEL_SPREAD:
        return
    slope = sum((point.real - middle.real) * point.imag for point in points) / spread
    by = max(-_MOST_TILT, min(_MOST_TILT, -math.degrees(math.atan(slope))))
    for name, segments in body.parts.items():
        for index in range(2 if name in held else len(segments)):
            body.turn(name, index, body.angle(name, index) + by)
    body.place()


def _lift(body: Skeleton, limb: str, held: bool, bones: Sequence[str]) -> None:
    """Turn what would be under the ground, and lay down the shin of a resting knee, the forearm of an elbow."""
    side, _, kind = limb.partition("_")
    middle, end = ("elbow", "hand") if kind == "arm" else ("knee", "foot")
    if held:
        return
    if kind == "arm" and "shoulders" in body.heights and 0 < body.gap(f"{side}_hand") < 0.04:
        body.touch(limb, [0, 1], f"{side}_hand")
    if body.gap(f"{side}_{middle}") < 0:
        body.touch(limb, [0], f"{side}_{middle}")
    lies = f"{side}_{middle}" in bones and abs(math.sin(radians(body.angle(limb, 1)))) < 0.35
    if lies or body.gap(f"{side}_{end}") < 0:
        body.touch(limb, [1], f"{side}_{end}")


_CENTRES = {"knee": 78.0, "elbow": 76.0, "hip": 52.0}


def _between(first: KeyFrame, last: KeyFrame, share: float, view: str) -> KeyFrame:
    """The posture between two: joints turn within their limits, the rest of the body the short way."""

    def mix(a: Limb, b: Limb, inner: Sequence[float], centres: Sequence[float | None]) -> Iterator[tuple[float, float]]:
        (before, after), base = inner[:2], inner[2]
        for (angle, depth), (angle2, depth2), centre in zip(a, b, centres, strict=True):
            start, by = angle - before, 0.0
            if centre is not None and view == "side":
                start = wrap(start, centre)
                by = wrap(angle2 - after, centre) - start
            else:
                by = wrap(angle2 - after - start)
            base += start + by * share
            before, after = angle, angle2
            yield wrap(base), depth + (depth2 - depth) * share

    spine = tuple(mix(first.spine, last.spine, (0, 0, 0), (None, -17.0)))
    ends = first.spine[0][0], last.spine[0][0], spine[0][0]
    tops = first.spine[1][0], last.spine[1][0], spine[1][0]
    (head,) = mix((first.head,), (last.head,), tops, (0.0,))
    arms = [tuple(mix(a, b, tops, (None, 76.0, 0.0))) for a, b in _pairs(first, last, "arm")]
    legs = [tuple(mix(a, b, ends, (-128.0, -78.0, 57.5))) for a, b in _pairs(first, last, "leg")]
    return KeyFrame(spine, head, arms[0], arms[1], legs[0], legs[1])


def _pairs(first: KeyFrame, last: KeyFrame, kind: str) -> Iterator[tuple[Limb, Limb]]:
    for side in ("near", "far"):
        yield getattr(first, f"{side}_{kind}"), getattr(last, f"{side}_{kind}")


def posture_at(figure: Figure, moment: float) -> KeyFrame:
    """The angles at a moment from 0 to 1, as they are between the key frames, before the ground is known."""
    place = max(0.0, min(1.0, moment)) * (len(figure.frames) - 1)
    index = min(int(place), max(0, len(figure.frames) - 2))
    if place == index:
        return figure.frames[index]
    frame = _between(figure.frames[index], figure.frames[index + 1], place - index, figure.view)
    for part in figure.on_floor:  # a hand or a foot that rests there turns as it is seen, not as its joint does
        if part not in TRUNK and not part.endswith(_ONE_BONE):
            limb, share = _limb_of(part), place - index
            (start, _), (stop, _) = (getattr(one, limb)[2] for one in figure.frames[index : index + 2])
            *upper, (_, depth) = getattr(frame, limb)
            frame = replace(frame, **{limb: (*upper, (start + wrap(stop - start) * share, depth))})
    return frame


def resting(figure: Figure) -> dict[str, float]:
    """The parts that rest on the ground, or on a prop, with its height."""
    held: dict[str, float] = {
        part: SUPPORTS[prop] for prop, part in figure.props if prop in SUPPORTS and not _is_held(prop, part)
    }
    rests: dict[str, float] = dict.fromkeys(figure.on_floor, 0.0)
    return rests | held


def _is_held(prop: str, part: str) -> bool:
    return prop == "towel" and part not in TRUNK


def solve(figure: Figure, moment: float = 0.0) -> Skeleton:
    """The joints at a moment from 0 (first key frame) to 1 (the last one)."""
    rests = resting(figure)
    body = Skeleton(posture_at(figure, moment), figure.view, rests)
    if figure.view != "above":
        _settle(body, [*rests], _anchors(figure) if moment > 0 else {})
    return body


@lru_cache(maxsize=256)
def _anchors(figure: Figure) -> dict[str, float]:
    body = solve(figure)
    return {part: body.discs(part)[0][0].real for part in resting(figure)}
