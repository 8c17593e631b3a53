"""From the angles of a figure to the points of its joints, in body heights, with the ground at y = 0.

What rests on the ground is brought there, and stays where it is between key frames: the figure is moved as a whole,
limbs are bent at the elbow or the knee. Points are complex numbers, y upwards.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from math import degrees, radians
from pathlib import Path
from typing import Any

import yaml

from audioguide.model.figure import CHAINS, JOINTS, LIMBS, Figure, KeyFrame, Segment, wrap

BODY: dict[str, Any] = yaml.load(Path(__file__).with_name("body.yaml").read_text("utf-8"), yaml.CSafeLoader)
PARTS = BODY["parts"]
TRUNK = ("hips", "back", "shoulders", "neck", "head")

_ONE_BONE = ("elbow", "knee", "thigh", "calf")  # brought down by the segment that hangs from the trunk
_ALL = [f"{side}{part}" for part in PARTS for side in (("",) if part in TRUNK else ("near_", "far_"))]
_FRONT_CENTRES = {"near_arm": 90.0, "far_arm": -90.0, "near_leg": 180.0, "far_leg": 180.0}

Disc = tuple[complex, float]


def kind_of(chain: str) -> str:
    """`arm`, `leg`, or the chain itself."""
    return chain[-3:] if chain in LIMBS else chain


def chain_of(part: str) -> str:
    """The chain that a part of the body is on."""
    side, _, name = part.rpartition("_")
    return f"{side}_{PARTS[name][0]}" if side else str(PARTS[name][0])


def _seen(length: float, segment: Segment) -> float:
    return length * math.cos(radians(segment[1]))


class Skeleton:
    """The joints of one posture, which can be turned and moved; `heights` are those that its parts are to rest at."""

    def __init__(self, frame: KeyFrame, view: str, heights: dict[str, float]) -> None:
        self.view, self.heights, self.root = view, heights, 0j
        self.parts: dict[str, list[Segment]] = {chain: list(getattr(frame, chain)) for chain in CHAINS}
        self.lengths = {chain: list(map(_seen, BODY["lengths"][kind_of(chain)], self.parts[chain])) for chain in CHAINS}
        self.joints: dict[str, list[complex]] = {}
        self.move(0j)

    def angle(self, chain: str, index: int) -> float:
        """The direction of a segment."""
        return self.parts[chain][index][0]

    def move(self, by: complex) -> None:
        """Move it as a whole, and put every joint where the angles have it."""
        self.root += by
        for chain in CHAINS:
            above = chain == "head" or chain.endswith("arm")
            point = self.root if chain == "spine" else self.joints["spine"][2 if above else 0]
            if chain in LIMBS and self.view != "side":
                across = self.angle("spine", int(above)) + (90 if chain.startswith("near") else -90)
                point += cmath.rect(BODY["roots"][kind_of(chain)], radians(across))
            joints = self.joints[chain] = [point]
            for (angle, _), length in zip(self.parts[chain], self.lengths[chain], strict=True):
                joints.append(joints[-1] + cmath.rect(length, radians(angle)))
            if chain.endswith("leg"):
                joints += self._foot(chain, *self.parts[chain][2])

    def _foot(self, leg: str, angle: float, depth: float) -> list[complex]:
        """Heel, ball and toes. Toes that rest on the ground bend; from the front, a foot comes out of the page."""
        ankle, ahead, seen = self.joints[leg][2], cmath.rect(1, radians(angle)), math.cos(radians(depth))
        if self.view != "side":
            tip = ankle + ahead * (0.03 if abs(depth) > 40 else 0.09 * seen)
            return [ankle, tip, tip]
        heel, ball, toes = (ankle + ahead * complex(seen * x, -y) for x, y in BODY["foot"])
        bend = max(0.0, min(75.0, wrap(-angle))) if f"{leg[:-4]}_toes" in self.heights else 0.0
        return [heel, ball, ball + (toes - ball) * cmath.rect(1, radians(bend))]

    def turn(self, chain: str, indices: Sequence[int], by: float) -> None:
        """Turn segments of a chain by an angle."""
        for index in indices:
            angle, depth = self.parts[chain][index]
            self.parts[chain][index] = (angle + by, depth)
        self.move(0j)

    def discs(self, part: str) -> list[Disc]:
        """What may touch the ground there, the first of it where the part is."""
        joints, across = self.joints[chain_of(part)], float(self.view != "side")
        if part in TRUNK:
            across = abs(math.cos(radians(self.angle("spine", 0)))) if self.view == "front" else 0.0
        found = []
        for at, radius, wide in PARTS[part.rpartition("_")[2]][1:]:
            first, last = joints[math.floor(at)], joints[math.ceil(at)]
            found.append(((first + last) / 2, radius + (wide - radius) * across))
        return found

    def x(self, part: str) -> float:
        """Where a part is."""
        return self.discs(part)[0][0].real

    def gap(self, part: str) -> float:
        """How far a part is above the ground, or the prop under it; below 0 where it is in there."""
        return min(point.imag - radius for point, radius in self.discs(part)) - self.heights.get(part, 0.0)

    def bend(self, chain: str, indices: Sequence[int], drop: float, end: complex | None = None) -> None:
        """Turn segments that follow each other until their end is lower by `drop`, or as near to that as it gets."""
        chord = (end or self.joints[chain][indices[-1] + 1]) - self.joints[chain][indices[0]]
        if abs(chord) > 0.01:
            angle = degrees(cmath.phase(chord))
            first = degrees(math.asin(max(-1.0, min(1.0, (chord.imag - drop) / abs(chord)))))
            self.turn(chain, indices, min((wrap(first - angle), wrap(180 - first - angle)), key=abs))

    def goal(self, part: str, anchors: dict[str, float]) -> complex:
        """Where the wrist or the ankle has to be from where the limb begins, for a part to touch the ground."""
        first, _, end, *_ = self.joints[chain_of(part)]
        return end - first + complex(anchors.get(part, self.x(part)) - self.x(part), -self.gap(part))

    def deficit(self, part: str, anchors: dict[str, float]) -> float:
        """How much too high a limb begins to reach the ground where it should."""
        limb, goal = chain_of(part), self.goal(part, anchors)
        reach = sum(self.lengths[limb][:2]) * 0.9999
        return -goal.imag - math.sqrt(max(0.0, reach**2 - min(goal.real**2, reach**2 * 0.96)))

    def reach(self, limb: str, goal: complex) -> None:
        """Bend a limb at its elbow or knee until wrist or ankle are there; where that is too far, as far down."""
        upper, lower, _ = self.lengths[limb]
        most, least = (upper + lower) * 0.9999, abs(upper - lower) * 1.0001 + 1e-4
        if abs(goal) > most:
            down = max(-most, min(most, goal.imag))
            goal = complex(math.copysign(math.sqrt(most**2 - down**2), goal.real), down)
        if abs(goal) < least:
            goal = cmath.rect(least, cmath.phase(goal))
        first, second = self.angle(limb, 0), self.angle(limb, 1)
        side = 1 if limb.endswith("leg") else -1  # to which a knee, or an elbow, bends
        if self.view != "side":
            side = -1 if wrap(second - first) > 0 else 1
        cosine = (upper**2 + abs(goal) ** 2 - lower**2) / (2 * max(upper * abs(goal), 1e-9))
        wanted = cmath.phase(goal) + side * math.acos(max(-1.0, min(1.0, cosine)))
        self.turn(limb, [0], degrees(wanted) - first)
        self.turn(limb, [1], degrees(cmath.phase(goal - cmath.rect(upper, wanted))) - second)


def _settle(body: Skeleton, anchors: dict[str, float]) -> None:
    """Bring what rests on the ground there: the trunk, or the knees and elbows, or else hands and feet lead."""
    rests = list(body.heights)
    trunk = [part for part in ("hips", "back", "shoulders") if part in rests]
    bones = [part for part in rests if part.endswith(_ONE_BONE)]
    ends = [part for part in rests if part not in TRUNK and part not in bones]
    held, bent = {chain_of(part) for part in ends}, {chain_of(part) for part in bones}
    hands = [part for part in ends if part.endswith("hand") and chain_of(part) not in bent]
    if not trunk and not _level(body, bones, held):
        _level(body, bones + ends, held)
    leaders = trunk[:1] or bones or ends or rests
    aside = [anchors[part] - body.x(part) for part in leaders if part in anchors]
    lifts = [body.gap(part) for part in leaders] or [min(body.gap(part) for part in _ALL)]
    body.move(complex(sum(aside) / max(1, len(aside)), -sum(lifts) / len(lifts)))
    if trunk[:1] == ["hips"]:
        for part, indices in (("back", [0]), ("shoulders", [1] if "back" in trunk else [0, 1])):
            if part in trunk:
                body.bend("spine", indices, body.gap(part))
    for _ in range(2):
        for part in bones:
            body.bend(chain_of(part), [0, 1] if "calf" in part else [0], body.gap(part), body.discs(part)[0][0])
        if bones and not trunk:  # all of it comes down to one that hangs straight
            body.move(-1j * max(map(body.gap, bones)))
    if bones and hands and not trunk:  # the trunk comes down to the hands, so that arms stay as straight as they are
        body.bend("spine", [0, 1], max(map(body.gap, hands)))
    short = max((body.deficit(part, anchors) for part in (hands if trunk or bones else ends)), default=0.0)
    if short > 0 and (bones or trunk == ["hips"]):
        body.bend("spine", [0, 1], short)
    elif short > 0 and not trunk:
        body.move(-1j * short)
    for part in ends:
        limb = chain_of(part)
        if limb in bent:
            body.bend(limb, [1], body.gap(part))
        else:
            body.reach(limb, body.goal(part, anchors))
    if "head" in rests or body.gap("head") < 0:
        body.bend("head", [0], body.gap("head"))
    for limb in LIMBS:
        if limb not in held:
            _lay_down(body, limb, rests)


def _level(body: Skeleton, parts: Sequence[str], held: set[str]) -> bool:
    """Turn the whole figure so that parts far from each other are level. Hands and feet there keep their direction."""
    points = [complex(body.x(part), body.gap(part)) for part in parts]
    middle = sum(points) / max(1, len(points))
    spread = sum((point.real - middle.real) ** 2 for point in points)
    if spread < 0.04:
        return False
    slope = sum((point.real - middle.real) * point.imag for point in points) / spread
    for chain, segments in body.parts.items():
        by = max(-20.0, min(20.0, -degrees(math.atan(slope))))
        body.turn(chain, range(2 if chain in held else len(segments)), by)
    return True


def _lay_down(body: Skeleton, limb: str, rests: Sequence[str]) -> None:
    """Lift what would be under the ground, and lay down a forearm or a shin that is nearly there."""
    side, _, kind = limb.partition("_")
    middle, end = (f"{side}_{part}" for part in (("elbow", "hand") if kind == "arm" else ("knee", "foot")))
    if kind == "arm" and "shoulders" in body.heights and 0 < body.gap(end) < 0.04:
        body.bend(limb, [0, 1], body.gap(end))
    if body.gap(middle) < 0:
        body.bend(limb, [0], body.gap(middle))
    if middle in rests and (body.gap(end) < 0 or abs(math.sin(radians(body.angle(limb, 1)))) < 0.35):
        body.bend(limb, [1], body.gap(end))
    elif body.gap(end) < 0:
        body.reach(limb, body.goal(end, {}))


def _between(first: KeyFrame, last: KeyFrame, share: float, figure: Figure) -> KeyFrame:
    """The posture between two: each joint turns within its limits; a hand or foot on the ground as it is seen."""
    made: dict[str, tuple[Segment, ...]] = {}
    held = {chain_of(part) for part in resting(figure) if part not in TRUNK and not part.endswith(_ONE_BONE)}
    for chain in CHAINS:
        base = 0.0 if chain == "spine" else made["spine"][0 if "leg" in chain else 1][0]
        segments: list[Segment] = []
        for index, (_, least, most) in enumerate(JOINTS[kind_of(chain)]):
            centre = (least + most) / 2
            if figure.view != "side":
                centre = _FRONT_CENTRES.get(chain, 0.0) if index == 0 else 0.0
            start, stop = (frame.turn(chain, index, centre) for frame in (first, last))
            (angle, depth), (angle2, depth2) = (getattr(frame, chain)[index] for frame in (first, last))
            if chain in held and index == 2:
                base, start, stop = 0.0, angle, angle + wrap(angle2 - angle)
            base += start + (stop - start) * share
            segments.append((base, depth + (depth2 - depth) * share))
        made[chain] = tuple(segments)
    return KeyFrame(**made)


def resting(figure: Figure) -> dict[str, float]:
    """The parts that rest on the ground, or on a prop, with its height."""
    heights = {
        part: BODY["props"].get(prop_of(prop, part, figure.view), {}).get("height") for prop, part in figure.props
    }
    return dict.fromkeys(figure.on_floor, 0.0) | {part: height for part, height in heights.items() if height}


def prop_of(prop: str, part: str, view: str) -> str:
    """The kind of a prop: a chair is another one from the front, and for a hand; a towel is only under the trunk."""
    if prop == "chair":
        return "chair-hand" if part.endswith("hand") else "chair" if view == "side" else "chair-front"
    return "strap" if prop == "towel" and part not in TRUNK else prop


def solve(figure: Figure, moment: float = 0.0) -> Skeleton:
    """The joints at a moment from 0 (first key frame) to 1 (the last one)."""
    place = max(0.0, min(1.0, moment)) * (len(figure.frames) - 1)
    index = min(int(place), max(0, len(figure.frames) - 2))
    frame = figure.frames[index]
    if place > index:
        frame = _between(frame, figure.frames[index + 1], place - index, figure)
    body = Skeleton(frame, figure.view, resting(figure))
    if figure.view != "above":
        _settle(body, _anchors(figure) if place > 0 else {})
    return body


@lru_cache(maxsize=256)
def _anchors(figure: Figure) -> dict[str, float]:
    body = solve(replace(figure, frames=figure.frames[:1]))
    return {part: body.x(part) for part in body.heights}
