"""The shipped poses and routines, as written: texts that can be followed by ear, and the facts under them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

SCRIPTS = Path(__file__).resolve().parents[1] / "scripts"
LEVELS = ("brief", "normal", "full")
LONGEST_SENTENCE = 25
"""Words: a longer sentence is hard to follow by ear."""

HOMOGRAPHS = {"lead", "close", "live", "wind", "tear", "bow", "read", "wound", "minute"}
"""Words that a speech engine may say in the wrong one of two ways."""


def load(folder: Path) -> dict[str, dict[str, Any]]:
    return {path.stem: YAML(typ="safe", pure=True).load(path) for path in sorted(folder.glob("*.yaml"))}


POSES = load(SCRIPTS / "poses")
ROUTINES = load(SCRIPTS)


def spoken() -> Iterator[tuple[str, str]]:
    """Where a spoken text is written, and the text."""
    for id, pose in POSES.items():
        yield f"{id} name", pose["name"] + "."
        yield f"{id} release", pose["release"]
        yield f"{id} caution", pose["caution"]
        for level, text in pose["instructions"].items():
            yield f"{id} {level}", text
        for word in (*pose.get("sides", ()), *pose.get("breath_words", {}).values()):
            yield f"{id} {word}", word + "."
    for id, routine in ROUTINES.items():
        for number, step in enumerate(routine["steps"], 1):
            if "say" in step:
                yield f"{id} step {number}", step["say"]


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.?!])\s+", text.strip())


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


every_text = pytest.mark.parametrize("text", [pytest.param(text, id=where) for where, text in spoken()])
every_pose = pytest.mark.parametrize("id", POSES)
every_routine = pytest.mark.parametrize("id", ROUTINES)


@every_text
def test_sentences_can_be_followed_by_ear(text: str) -> None:
    assert [s for s in sentences(text) if len(s.split()) > LONGEST_SENTENCE] == []
    assert text.endswith((".", "?", "!"))


@every_text
def test_text_holds_only_what_an_engine_says_well(text: str) -> None:
    assert re.findall(r"[^A-Za-z,.?!' -]", text) == []
    assert HOMOGRAPHS.isdisjoint(re.findall(r"[a-z']+", text.lower()))


@every_pose
def test_pose_is_complete(id: str) -> None:
    pose = POSES[id]
    assert pose["id"] == id
    assert tuple(pose["instructions"]) == LEVELS
    assert all(pose[key] for key in ("name", "position", "hold", "caution", "release", "targets", "source"))


@every_pose
def test_each_level_says_more_than_the_one_before(id: str) -> None:
    brief, normal, full = (POSES[id]["instructions"][level] for level in LEVELS)
    assert len(brief) < len(normal) < len(full)
    assert full.startswith(normal)
    assert "skip what hurts" in full.lower()


@every_pose
def test_player_says_the_name_the_begin_and_the_times(id: str) -> None:
    """The pose's own texts leave them out, or they would be heard twice."""
    for text in POSES[id]["instructions"].values():
        assert not re.search(rf"\b(begin|seconds|minutes|{POSES[id]['name']})\b", text, re.IGNORECASE)


@pytest.mark.parametrize(
    ("id", "limits"),
    [
        ("standing-hamstring-stretch", "10s..20s"),
        ("pelvic-tilt", "5s..30s"),
        ("bird-dog", "5s..5s"),
        ("childs-pose", "15s..60s"),
        ("bridge", "5s..60s"),
        ("downward-dog-split", "5s..60s"),
    ],
)
def test_holds_are_within_the_limits_of_the_source(id: str, limits: str) -> None:
    shortest, longest = map(seconds, limits.split(".."))
    assert POSES[id]["limits"] == limits
    assert shortest <= seconds(POSES[id]["hold"]) <= longest


def test_cat_cow_moves_with_the_breath() -> None:
    assert set(POSES["cat-cow"]["breath_words"]) == {"in", "out"}
    assert "limits" not in POSES["cat-cow"]


@every_routine
def test_routine_settles_in_and_closes(id: str) -> None:
    steps = ROUTINES[id]["steps"]
    first_pose = next(number for number, step in enumerate(steps) if "pose" in step)
    assert "say" in steps[0]
    assert any("breathe" in step for step in steps[:first_pose])
    assert "say" in steps[-1]
    assert "hold" not in ROUTINES[id]["defaults"], "poses have holds of their own"


@every_routine
def test_routine_names_poses_of_the_library(id: str) -> None:
    assert {step["pose"] for step in ROUTINES[id]["steps"] if "pose" in step} <= set(POSES)


@every_routine
def test_way_down_to_the_floor_is_gone_once(id: str) -> None:
    """From standing to kneeling to lying: a tired runner need not get up in between."""
    height = {"standing": 0, "all-fours": 1, "kneeling": 1, "supine": 2}
    heights = [height[POSES[step["pose"]]["position"]] for step in ROUTINES[id]["steps"] if "pose" in step]
    assert heights == sorted(heights)


def test_cool_down_has_every_pose_of_the_source() -> None:
    assert {step["pose"] for step in ROUTINES["lower-back-cool-down"]["steps"] if "pose" in step} >= {
        "standing-hamstring-stretch",
        "pelvic-tilt",
        "bird-dog",
        "childs-pose",
        "bridge",
        "cat-cow",
        "downward-dog-split",
    }


def test_four_poses_are_the_four() -> None:
    poses = [step["pose"] for step in ROUTINES["four-poses"]["steps"] if "pose" in step]
    assert sorted(poses) == ["bridge", "cat-cow", "childs-pose", "downward-dog-split"]
