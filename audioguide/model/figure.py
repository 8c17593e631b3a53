"""A figure: how the body lies, sits or stands in a pose, as angles. Frozen data; the drawing adds all proportions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

View = Literal["side", "front", "above"]
Prop = Literal["mat", "wall", "chair", "roller", "towel", "ice-pack", "cushion", "block", "strap"]
# fmt: off
BodyPart = Literal[
    "head", "neck", "shoulders", "back", "hips",
    "near_elbow", "near_hand", "near_thigh", "near_knee", "near_calf", "near_heel", "near_foot", "near_toes",
    "far_elbow", "far_hand", "far_thigh", "far_knee", "far_calf", "far_heel", "far_foot", "far_toes",
]
# fmt: on
Segment = tuple[float, float]
"""A direction on the page (0 right, 90 up) and the depth out of it towards the viewer, both in degrees."""

Limb = tuple[Segment, ...]
LIMBS = ("near_arm", "far_arm", "near_leg", "far_leg")


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """One posture: the spine's halves from the hips up, neck with head, and the limbs from the trunk outwards."""

    spine: Limb
    head: Segment
    near_arm: Limb
    far_arm: Limb
    near_leg: Limb
    far_leg: Limb


@dataclass(frozen=True, slots=True)
class Figure:
    """The key frames of a pose. `on_floor` rests on the ground in all of them; each prop touches a part of the body."""

    frames: tuple[KeyFrame, ...]
    view: View = "side"
    props: tuple[tuple[Prop, BodyPart], ...] = ()
    on_floor: tuple[BodyPart, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether it has more than one posture."""
        return len(self.frames) > 1


JOINTS: dict[str, tuple[float, float]] = {
    "knee": (-8, 165),
    "elbow": (-8, 160),
    "hip": (-50, 155),
    "spine": (-100, 65),
    "neck": (-85, 80),
    "ankle": (-25, 140),
    "wrist": (-100, 105),
}
"""How far joints go, in degrees, seen from the side: the knee and the elbow bend one way only."""

FORESHORTENED = 20.0  # degrees out of the page from which an angle on it says nothing about the joint


def joint_angles(frame: KeyFrame) -> dict[str, float]:
    """The angle of each joint seen from the side, by its name (`near knee`), within -180..180 (the ankle's: -90..270).

    A knee, an elbow or a hip that is bent has more than 0; the spine and the neck have less where they are rounded.
    Joints of a segment that points out of the page are left out.
    """
    pairs = {"spine": (frame.spine[1], frame.spine[0], 0.0, 1), "neck": (frame.head, frame.spine[1], 0.0, 1)}
    for side in ("near", "far"):
        arm, leg = getattr(frame, f"{side}_arm"), getattr(frame, f"{side}_leg")
        pairs[f"{side} elbow"], pairs[f"{side} wrist"] = (arm[1], arm[0], 0.0, 1), (arm[2], arm[1], 0.0, 1)
        pairs[f"{side} hip"], pairs[f"{side} knee"] = (leg[0], frame.spine[0], 180.0, 1), (leg[1], leg[0], 0.0, -1)
        pairs[f"{side} ankle"] = (leg[2], leg[1], 0.0, 1)
    return {
        name: wrap(sign * (outer[0] - inner[0] + turn), 57.5 if "ankle" in name else 52.5 if "hip" in name else 0.0)
        for name, (outer, inner, turn, sign) in pairs.items()
        if max(abs(outer[1]), abs(inner[1])) < FORESHORTENED
    }


def wrap(angle: float, centre: float = 0.0) -> float:
    """The same direction within 180 degrees of `centre`."""
    return (angle - centre + 180.0) % 360.0 - 180.0 + centre


def joint_faults(frame: KeyFrame, slack: float = 0.0) -> dict[str, float]:
    """The joints of a posture, seen from the side, that bend further than a joint does, with their angles."""
    return {
        name: angle
        for name, angle in joint_angles(frame).items()
        if not JOINTS[name.split()[-1]][0] - slack <= angle <= JOINTS[name.split()[-1]][1] + slack
    }
