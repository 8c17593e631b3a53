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
CHAINS = ("spine", "head", *LIMBS)

JOINTS = {
    "spine": (("hips", -180, 180), ("spine", -100, 65)),
    "head": (("neck", -85, 80),),
    "arm": (("shoulder", -290, 70), ("elbow", -8, 160), ("wrist", -100, 105)),
    "leg": (("hip", -235, -25), ("knee", -165, 8), ("ankle", -25, 140)),
}
"""How far the joint at the start of each segment turns, seen from the side, from the segment that it hangs on."""

FORESHORTENED = 20.0  # degrees out of the page from which an angle on it says nothing about the joint


@dataclass(frozen=True, slots=True)
class KeyFrame:
    """One posture: the spine's halves from the hips up, neck with head, and the limbs from the trunk outwards."""

    spine: Limb
    head: Limb
    near_arm: Limb
    far_arm: Limb
    near_leg: Limb
    far_leg: Limb

    def turn(self, chain: str, index: int, centre: float) -> float:
        """The direction of a segment from that of the one that it hangs on, within 180 degrees of `centre`."""
        parent, at = (chain, index - 1) if index else ("spine", 0 if "leg" in chain else 1)
        base = getattr(self, parent)[at][0] if index or chain != "spine" else 0.0
        return wrap(getattr(self, chain)[index][0] - base, centre)


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


def wrap(angle: float, centre: float = 0.0) -> float:
    """The same direction within 180 degrees of `centre`."""
    return (angle - centre + 180.0) % 360.0 - 180.0 + centre


def joint_faults(frame: KeyFrame, slack: float = 0.0) -> list[str]:
    """The joints of a posture seen from the side that turn further than a body's do (`near knee`)."""
    faults = []
    for chain in CHAINS:
        segments = getattr(frame, chain)
        for index, (joint, least, most) in enumerate(JOINTS[chain[-3:] if chain in LIMBS else chain]):
            flat = all(abs(depth) < FORESHORTENED for _, depth in segments[max(0, index - 1) : index + 1])
            angle = frame.turn(chain, index, (least + most) / 2)
            if flat and not least - slack <= angle <= most + slack:
                faults.append(f"{chain.partition('_')[0]} {joint}" if chain in LIMBS else joint)
    return faults
