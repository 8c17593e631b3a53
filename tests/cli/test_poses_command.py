"""`audioguide poses`: the library, what is looked for in it, and how a pose sounds."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from waves import in_steps

from audioguide.model.holds import describe_dose
from audioguide.model.routine import TARGETS, Equipment, Load, PoseStep
from audioguide.routine.load import load
from audioguide.system.paths import pose_files
from audioguide.units import RATE

BROKEN = "name: Broken\nloads: [wrist, knees]\n"
OWN = "name: Wall sit\nposition: standing\nhold: 20s\ntargets: [front thighs]\nequipment: [wall]\nloads: [knees]\n"


@pytest.fixture
def own(home):
    """Write a pose of one's own."""
    (home / "scripts/poses").mkdir(parents=True)
    return lambda name, text: (home / f"scripts/poses/{name}.yaml").write_text(text)


def ids(call, *words):
    code, out, err = call("poses", *words, "--json")
    assert (code, err) == (0, "")
    return [row["id"] for row in json.loads(out)]


def test_all_are_listed_with_their_dose(call):
    code, out, err = call("poses")
    assert (code, err) == (0, "")
    lines = {line.split()[0]: " ".join(line.split()[1:]) for line in out.splitlines()}
    assert list(lines) == sorted(pose_files())
    assert lines["cat-cow"] == "all-fours 5 breaths spine, lower back, abdominals"
    assert lines["leg-swings"] == "standing 10 reps at 1-0-1 a side hips, hamstrings, hip flexors"
    assert lines["foam-roll-calves"] == "seated 45s a side Calf roll: calves"
    rows = json.loads(call("poses", "--json")[1])
    assert all(
        {"id", "name", "position", "dose", "sides", "targets", "equipment", "loads", "file"} <= row.keys()
        for row in rows
    )


def test_what_is_looked_for_is_found(call):
    rows = {row["id"]: row for row in json.loads(call("poses", "--json")[1])}
    assert ids(call, "--target", "Lower Back") == [id for id, row in rows.items() if "lower back" in row["targets"]]
    assert ids(call, "--position", "prone") == ["cobra", "foam-roll-front-thigh", "forearm-plank", "locust", "sphinx"]
    spared = ids(call, "--without", "wrists", "--without", "knees", "--target", "core")
    assert spared == ["dead-bug", "forearm-plank"]
    assert ids(call, "--equipment", "roller", "--position", "prone") == ["foam-roll-front-thigh"]
    nothing = ids(call, "--equipment", "none")
    assert "bridge" in nothing
    assert not {*nothing} & {id for id, row in rows.items() if row["equipment"]}
    code, out, err = call("poses", "--position", "prone", "--target", "hips")
    assert (code, out, err) == (0, "", "No pose fits. Ask for less.\n")


def test_what_a_pose_asks_of_the_body_follows_from_it(call):
    """Who leans on the hands leans on the wrists, and who kneels on the knees; a pose does not hide its own warning."""
    for row in json.loads(call("poses", "--json")[1]):
        text = f"{row['instructions']['normal']} {row['caution']}".lower()
        if row["position"] == "all-fours":
            assert "wrists" in row["loads"], row["id"]
        if row["position"] == "kneeling" or "hands and knees" in text:
            assert {"knees", "wrists", "head-down"} & {*row["loads"]}, row["id"]
        if "your knees hurt" in text or "hurts your knees" in text or "if a knee hurts" in text:
            assert "knees" in row["loads"], row["id"]
        if "dizzy" in text:
            assert {"head-down", "neck"} & {*row["loads"]}, row["id"]
        if "hold on to" in text:
            assert "balance" in row["loads"], row["id"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--target", "hip"], "No pose has the target 'hip'. Did you mean hips?"),
        (["--target", ""], "There are abdominals, ankles, arms, balance"),
        (["--equipment", "sofa"], "'sofa' is not one of 'none', 'cushion', 'chair'"),
        (["--without", "elbows"], "'wrists', 'knees', 'neck', 'balance', 'head-down'"),
        (["--position", "upside-down"], "'upside-down' is not one of 'standing'"),
        (["preview", "pigoen"], "There is no pose 'pigoen'. Did you mean pigeon?"),
        (["preview", "zzz"], "See `audioguide poses`."),
        (["preview", "bridge", "-o", "a.txt"], ".txt is not a format"),
    ],
)
def test_what_is_wrong_is_told(call, words, message):
    code, out, err = call("poses", *words)
    assert (code, out) == (2, "")
    assert message in err


def test_ones_own_stand_beside_them_and_a_broken_one_is_told(call, own):
    own("wall-sit", OWN)
    own("broken", BROKEN)
    code, out, err = call("poses", "--target", "front thighs")
    assert code == 0
    assert re.search(r"wall-sit +standing +20s +front thighs \(your own\)", out)
    assert "broken.yaml:2:9: 'loads' cannot be 'wrist'. Write 'wrists', 'knees'" in err
    assert err.count("\n") == 1
    assert "broken" not in out
    assert re.search(r"loads knees\nneeds +wall", call("show", "wall sit")[1])
    assert "needs" not in call("show", "bridge")[1]
    assert call("show", "wall-sit", "--json")[0] == 0


def test_the_words_that_poses_are_found_by_are_those_of_the_manual_and_of_the_library(call):
    manual = Path(__file__).parents[2] / "docs/routines.md"
    table = dict(
        re.findall(r"^\| `(targets|equipment|loads)` \|.*\| (.*) \|$", manual.read_text("utf-8"), re.MULTILINE)
    )
    words = {key: tuple(text.split(", ")) for key, text in table.items()}
    assert words == {"targets": tuple(TARGETS), "equipment": get_args(Equipment), "loads": get_args(Load)}
    for row in json.loads(call("poses", "--json")[1]):
        assert {*row["targets"]} <= {*TARGETS}, row["id"]
        assert row["targets"], row["id"]


def test_a_preview_says_the_pose_and_holds_it_shortly(call, own, tmp_path):
    own("wall-sit", OWN + "instructions: Slide down the wall.\nlimits: 4s..6s\n")
    (tmp_path / "home/config.yaml").write_text(
        "options: {voice: pico-us, background: none, hold: 40s, length: 20:00}\n"
    )
    code, _, err = call("poses", "preview", "Wall Sit", "-o", "a.wav")
    assert (code, err) == (0, "")
    sound = in_steps(tmp_path / "a.wav")
    assert 10 < len(sound) / RATE < 20
    assert sound.any()


def test_a_dose_is_written_as_it_is_prescribed(write):
    steps = """\
title: Doses
defaults: {breath: 4-6}
steps:
  - {pose: {name: Still, hold: 30s, sides: [left, right]}, rounds: 2}
  - {pose: {name: Rested, hold: 90s, limits: 5s..2m}, rounds: 3, rest: 10s}
  - {pose: {name: Counted, reps: 10}, rounds: 3}
  - {pose: {name: Once, reps: 1}}
  - {pose: {name: Leg raise, reps: 8, tempo: 3-5-3}}
  - {pose: {name: Both legs, tempo: 2-1.5-2, sides: [left, right]}, reps: 8, sets: 2}
  - {pose: {name: Quad sets}, reps: 10, hold: 5s, rest: 5s}
  - {pose: {name: Heel slides, sides: [left, right]}, reps: 12, sets: 2}
  - {pose: {name: By breath, hold: 3 breaths}, rounds: 2}
  - {pose: {name: Moved, hold: 45s, breath_words: {in: Up, out: Down}}}
  - {breathe: {pattern: 4-7-8, rounds: 4}}
  - {breathe: {pattern: 4-4, to: 6-8, rounds: 8}}
  - {rest: 5s}
"""
    found = load(write(steps)).steps
    assert [describe_dose(step) for step in found] == [
        "2 × 30s a side",
        "3 × 1m30s, rest 10s",
        "3 × 10",
        "1 rep",
        "8 reps at 3-5-3",
        "2 × 8 at 2-1.5-2 a side",
        "10 × 5s, rest 5s",
        "2 × 12 a side",
        "2 × 3 breaths",
        "4 breaths",
        "4 breaths 4-7-8",
        "8 breaths 4-4 → 6-8",
        "",
    ]
    assert all(isinstance(step, PoseStep) for step in found[:10])
    assert describe_dose(found[0], found[1]) == "3 → 2 × 1m30s → 30s a side"
    raised = replace(found[4], pose=replace(found[4].pose, reps=12))
    assert describe_dose(raised, found[4]) == "8 → 12 reps at 3-5-3"
    assert describe_dose(found[6], replace(found[6], rest=3.04, rep_hold=8.0)) == "10 × 8s → 10 × 5s, rest 3s → 5s"
