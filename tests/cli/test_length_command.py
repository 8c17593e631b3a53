"""`--length` at the command line: what it says, and what it says when that cannot be."""

import json
import shlex
from itertools import pairwise
from pathlib import Path

import pytest

ROUTINE = """\
title: Floor
defaults: {breath: 4-6}
steps:
  - say: Welcome.
  - pose: {name: Fold, hold: 20s, limits: 10s..30s, position: standing, targets: [back, hamstrings]}
  - say: Come down to the floor.
  - pose: {name: Cat, hold: 20s, limits: 10s..30s, position: all-fours, targets: [back]}
    rounds: 2
    rest: 10s
  - pose: {name: Dog, hold: 20s, limits: 10s..30s, sides: [left, right], position: all-fours, targets: [calves]}
  - rest: 10s
  - pose: {name: Bridge, hold: 20s, limits: 10s..30s, position: supine, targets: [back]}
  - breathe: {pattern: 4-6, rounds: 4}
  - say: Goodbye.
"""
TRY = "Try: audioguide "


@pytest.fixture
def floor(call):
    Path("my floor.yaml").write_text(ROUTINE)
    return "my floor.yaml"


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("--length 0:20", "This session cannot take 0:20: with these options it takes "),
        ("--length 3h --level brief", "These stay as they are: the level. "),
        ("--length 1:00 --hold cat=30s --rounds dog=4", "These stay as they are: Cat (held 30s), Dog (4 rounds). "),
        ("--length 2:00 --only holds", "with only its holds changed it takes 3:"),
        ("--length 2:00 --only holds", "Without --only holds it can."),
        ("--length 9:00 --only holds --skip dog --hold 'Bridge=25s'", "with only its holds changed it takes "),
        ("--length 1s --keep dog", "Dog (kept)"),
    ],
)
def test_an_impossible_length_is_answered_with_a_command_that_works(call, floor, options, says):
    code, out, err = call("show", floor, *shlex.split(options))
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1
    command = err[err.index(TRY) + len(TRY) :]
    code, out, err = call(*shlex.split(command))
    assert code == 0, (command, err)
    assert out.splitlines()[0].startswith("Floor")


def test_the_command_names_the_preset_and_only_what_was_typed(call, floor):
    assert call("show", floor, "--hold", "cat=25s", "--length", "3:40", "--save", "mine")[0] == 0
    err = call("show", "mine", "--length", "20s", "--chime", "wood")[2]
    assert f"{TRY}show mine --chime wood --length " in err
    assert call(*shlex.split(err[err.index(TRY) + len(TRY) :]))[0] == 0


@pytest.mark.parametrize("wrong", ["0", "soon", "13h", "-1:00"])
def test_what_is_no_length_is_refused(call, floor, wrong):
    code, out, err = call("show", floor, f"--length={wrong}")
    assert (code, out) == (2, "")
    assert err.startswith("--length: ")


def test_one_line_says_what_gave_way(call, floor):
    usual = json.loads(call("show", floor, "--json")[1])["duration"]
    assert call("show", floor, "--length", f"{usual + 10:.0f}s")[2] == ""
    for length, says in (
        ("2:00", "2:00: shorter rests, without cat and bridge.\n"),
        ("8:00", "8:00: longer rests, longer breathing, fold twice, cat 3 times.\n"),
    ):
        code, out, err = call("show", floor, "--length", length, "--json")
        data = json.loads(out)
        assert code == 0
        assert (data["duration"], err) == (pytest.approx(60 * int(length[0])), says)
        assert all(first["start_frame"] <= second["start_frame"] for first, second in pairwise(data["cues"]))


def test_a_file_of_another_length_is_made_again_the_same(call, floor):
    assert call("export", floor, "--length", "2:00", "-o", "a.flac")[0] == 0
    code, _, err = call("export", "a.flac", "-o", "b.flac")
    assert code == 0
    assert "without cat and bridge" in err
    assert Path("a.flac").read_bytes() == Path("b.flac").read_bytes()
    assert call("play", floor, "--length", "2:00", "--start-at", "dog", "--output", "wav:c.wav")[0] == 0
