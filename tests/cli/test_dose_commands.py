"""Doses from the command line to the sound."""

import json

import numpy as np
import pytest
from waves import in_steps

from audioguide.units import RATE

DIARY = """\
title: Knee, week 1
defaults: {hold: 20s, background: none}
steps:
  - pose: {name: Quad set, reps: 10, hold: 5s, instructions: Tighten your thigh., release: Rest your leg.}
    rest: 5s
  - pose: {name: Heel slide, release: Rest.}
    sets: 2
    reps: 12
    rest: 10s
  - pose: {name: Straight-leg raise, reps: 2, tempo: 3-5-3, sides: [left, right], release: Rest.}
    sides: [left, left, right]
  - say: Well done.
"""


@pytest.fixture
def shown(call, tmp_path):
    """The cues of the diary with options, and what was told."""
    (tmp_path / "knee.yaml").write_text(DIARY, "utf-8")

    def show(*options):
        code, out, err = call("show", "knee.yaml", "--json", *options)
        assert code == 0, err
        return json.loads(out)["cues"]

    return show


def holds(cues):
    return [cue["asked"] for cue in cues if cue["kind"] == "hold"]


def test_the_lines_of_a_diary(shown):
    cues = shown()
    assert holds(cues) == [95, 60, 60, 22, 22, 22]
    counts = {step: [cue["text"] for cue in cues if cue["step"] == step and cue["role"] == "count"] for step in (1, 2)}
    assert [len(texts) for texts in counts.values()] == [10, 24]
    assert [cue["side"] for cue in cues if cue["kind"] == "hold"][3:] == ["left", "left", "right"]


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        (["--hold", "6"], [95, 60, 60, 22, 22, 22]),
        (["--scale", "0.5"], [95, 60, 60, 22, 22, 22]),
        (["--hold", "quad set=8s"], [125, 60, 60, 22, 22, 22]),
        (["--hold", "quad set=+3s"], [125, 60, 60, 22, 22, 22]),
        (["--reps", "quad set=3"], [25, 60, 60, 22, 22, 22]),
        (["--rounds", "heel slide=1", "--sides", "3=right"], [95, 60, 22]),
    ],
)
def test_options_on_doses(shown, options, seconds):
    assert holds(shown(*options)) == seconds


def test_every_word_is_heard_when_it_is_due(call, shown):
    """In the exported file, frame by frame: silence but for the words and the chimes, which begin where they should."""
    cues = shown("--skip", "2", "--reps", "1=3")
    code, _, err = call("export", "knee.yaml", "--skip", "2", "--reps", "1=3", "-o", "knee.wav")
    assert code == 0, err
    loud = np.flatnonzero(np.abs(in_steps(call.folder / "knee.wav")).max(axis=1) > 0)
    for cue in (cue for cue in cues if cue["kind"] in ("speech", "chime") and cue["role"] != "release"):
        first = loud[np.searchsorted(loud, cue["start_frame"] - RATE // 20)]
        assert 0 <= first - cue["start_frame"] <= RATE // 100, "a clip begins up to 10 ms before it is heard"
    (quad, *raises) = [cue for cue in cues if cue["kind"] == "hold"]
    relaxed = [cue["start"] - quad["start"] for cue in cues if "elax" in (cue["text"] or "")]
    assert relaxed == pytest.approx([5, 15], abs=1e-4)
    assert [hold["frames"] for hold in (quad, *raises)] == [25 * RATE, *[22 * RATE] * 3]
