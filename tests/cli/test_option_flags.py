"""A session changed without its file: the options of one pose, and changes of what is written."""

import json

import pytest

ROUTINE = """\
title: Mine
defaults: {voice: pico-us, background: none, level: brief, breath: 4-6}
steps:
  - say: Hello.
  - {pose: childs-pose, hold: 30s}
  - {pose: pelvic-tilt, hold: 2 breaths}
  - {pose: standing-hamstring-stretch, rounds: 3}
  - {pose: {name: Squat, reps: 10, tempo: 2-1-2}}
  - breathe: {pattern: 4-6, rounds: 2}
"""
HAMSTRINGS = "standing-hamstring-stretch"


@pytest.fixture
def mine(call, write):
    """Shows the routine with options: its cues, and what is said of them."""
    path = write(ROUTINE, "mine.yaml")

    def mine(*options, source=path):
        code, out, err = call("show", source, "--json", *options)
        assert code == 0, err
        return json.loads(out)["cues"], err

    return mine


def held(cues, pose):
    return [cue["asked"] for cue in cues if cue["kind"] == "hold" and cue["pose"] == pose]


def refused(call, write, *options):
    code, _, err = call("show", write(ROUTINE, "mine.yaml"), *options)
    assert code == 2
    return err


def test_a_hold_changes_by_so_much(mine):
    cues, err = mine("--hold", "+5s")
    assert (held(cues, "childs-pose"), held(cues, "pelvic-tilt"), held(cues, HAMSTRINGS)) == ([35], [30], [20] * 3)
    assert err == "Stayed at their limits: Standing hamstring stretch (20s).\n"
    assert held(mine("--hold", "-5s")[0], "childs-pose") == [25]
    assert held(mine("--hold", "45s", "--hold", "+5s")[0], "childs-pose") == [50]
    assert held(mine("--hold", "45s", "--hold", "childs-pose=+5s")[0], "childs-pose") == [50]
    assert held(mine("--hold", "+5s", "--hold", "childs-pose=+10s")[0], "childs-pose") == [40]
    assert held(mine("--hold", "pelvic-tilt=+1 breath")[0], "pelvic-tilt") == [30]


def test_a_change_is_one_of_the_preset(mine, home):
    """What the command changes is what the preset has, not what the routine has; saved, it is one number."""
    mine("--hold", "childs-pose=40s", "--hold", f"{HAMSTRINGS}=-2s", "--save", "kept")
    cues, _ = mine("--hold", "childs-pose=+5s", "--hold", f"{HAMSTRINGS}=-1s", "--save", "kept", source="kept")
    assert (held(cues, "childs-pose"), held(cues, HAMSTRINGS)) == ([45], [17] * 3)
    kept = (home / "presets/kept.yaml").read_text()
    assert "childs-pose: 45s" in kept
    assert "stretch: -3s" in kept
    assert held(mine(source="kept")[0], HAMSTRINGS) == [17] * 3


def test_rounds_and_reps_of_one_pose(mine):
    cues, _ = mine("--rounds", f"{HAMSTRINGS}=2", "--rounds", "6=4", "--reps", "squat=12", "--reps", "childs-pose=4")
    assert held(cues, HAMSTRINGS) == [20, 20]
    assert sum(cue["kind"] == "breath" and cue["step"] == 6 for cue in cues) == 8
    counts = [cue["step"] for cue in cues if cue["role"] == "count"]
    assert counts == [2] * 4 + [5] * 12


def test_the_time_to_settle(mine):
    def settled(cues):
        begin = next(cue for cue in cues if cue["role"] == "begin")
        said = [cue for cue in cues if cue["kind"] == "speech" and cue["start"] < begin["start"]]
        return begin["start"] - said[-1]["start"] - said[-1]["duration"]

    assert settled(mine("--settle", "20s")[0]) == pytest.approx(20, abs=0.1)
    assert settled(mine("--settle", "0")[0]) == pytest.approx(0.25, abs=0.1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ("--hold childs-pose=+5m", 'A hold of 5m30s is over the limit of "Child\'s pose", which is 1m.'),
        ("--hold childs-pose=-16s", '-16s leaves too little of "Child\'s pose", which is held for 30s: 15s is its'),
        ("--hold childs-pose=-40s --beyond-limits", "1s is its shortest. Take away less."),
        (
            "--hold squat=+5s",
            "'Squat' is counted, so its hold cannot change by +5s. Change its reps, as --reps Squat=12",
        ),
        ("--hold childs-pose=+soon", "'soon' is not a length of time. Write 45s, 1m30s, 1:30 or 2 min."),
        ("--hold 1=+5s", "Step 1 is not a pose, so it has no hold."),
        ("--rounds 2", "--rounds 2: name the pose before it, as --rounds POSE=NUMBER."),
        ("--rounds childs-pose=0", "0 times cannot be done here. Write a whole number from 1 to 999."),
        ("--rounds childs-pose=many", "'many' is no number of times. Write a whole number from 1 to 999."),
        ("--rounds 1=2", "Step 1 is not a pose, so it has no rounds."),
        ("--rounds childs-pse=2", "Did you mean childs-pose?"),
        ("--reps squat=1000000", "1000000 times cannot be done here. Write a whole number from 1 to 999."),
        ("--reps 6=5", "Step 6 is not a pose, so it has no reps."),
        ("--keep pigeon", "No pose of this routine is called 'pigeon'."),
        ("--keep 1", "Step 1 is not a pose"),
        (
            "--keep 2 --skip childs-pose",
            "--skip childs-pose and --keep 2 contradict each other. Leave one of them out.",
        ),
        ("--settle soon", "--settle: 'soon' is not a length of time."),
        ("--settle 13h", "13h is longer than a session may be (12 hours)."),
    ],
)
def test_what_cannot_be_says_why(call, write, options, message):
    assert message in refused(call, write, *options.split())
