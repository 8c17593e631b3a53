"""`audioguide show`: a session on one screen, and a pose of the library."""

import json
import re
import shlex
import sys

import pytest
from tmux import Tmux

COOL_DOWN = ("show", "lower-back-cool-down", "--voice", "pico-us")
CHANGED = """\
Lower-back cool-down  TIME  voice pico-us, level normal, warm-drone
Options: --hold 35s --voice pico-us --skip bird-dog
 TIME  Introduction                                               Well done on…
 TIME  Breathing 4-6               8 breaths 4-6                  We breathe to…
 TIME  Standing hamstring stretch  2 × 20s, rest 10s              Stand with yo…
 TIME    round 2 of 2
 TIME  Cat-cow                     6 → 3 breaths                  Come onto you…
    –  Bird dog                    4 × 5s a side                  left out
 TIME  Downward dog split          20s → 35s a side               left leg, rig…
 TIME  Child's pose                45s → 35s                      Kneel with yo…
 TIME  Pelvic tilt                 3 × 2 breaths → 30s, rest 10s  Lie on your b…
 TIME    round 2 of 3
 TIME    round 3 of 3
 TIME  Bridge                      2 × 30s → 35s, rest 15s        Lie on your b…
 TIME    round 2 of 2
 TIME  Breathing 4-6               8 breaths 4-6                  Now let your…
"""
OWN = """\
title: Own
defaults: {background: none, voice: pico-us, hold: 90s}
steps:
  - {pose: {name: First, limits: 5s..2m, sides: [left, right]}}
  - {pose: {name: Only at full}, optional: full}
  - {pose: childs-pose}
  - repeat: 2
    steps: [{pose: {name: Twice, hold: 7s}}]
"""


def without_times(text):
    """The voice decides on the times, and the words of later rounds have tests of their own."""
    text = re.sub(r"(?m)^ ?\d+:\d\d(?=  )", " TIME", re.sub(r"(?<=\w  )\d+:\d\d(?=  )", "TIME", text))
    return re.sub(r"(round . of .) +\S.*", r"\1", text)


@pytest.mark.slow
def test_what_options_change_is_read_on_one_screen(call):
    code, out, _ = call(*COOL_DOWN, "--hold", "35s", "--skip", "bird-dog")
    assert (code, without_times(out)) == (0, CHANGED)
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.slow
def test_all_options_are_read(call):
    options = "--hold bridge=35s --rounds bridge=2 --voice pico-us --skip bird-dog --title 'My own evening on the mat'"
    lines = call("show", "lower-back-cool-down", *shlex.split(options))[1].splitlines()[1:3]
    assert max(map(len, lines)) <= 80
    assert " ".join(" ".join(lines).split()) == f"Options: {options}"


def test_what_is_not_changed_is_not_marked(call, write):
    """A default over a limit is cut to it, and a pose of a fuller level is not there: that is how it is written."""
    out = call("show", write(OWN))[1]
    assert "→" not in out
    assert "left out" not in out
    assert "Only at full" not in out
    assert re.search(r"First +1m30s a side +left, right", out)
    out = call("show", write(OWN), "--hold", "Twice=9s", "--hold", "5=7s", "--skip", "First")[1]
    assert re.findall(r"Twice +(7s(?: → 9s)?)", out) == ["7s → 9s", "7s"]
    assert re.search(r"–  First +1m30s a side +left out\n.*Child's pose", out)
    out = call("show", write(OWN), "--level", "full")[1]
    assert re.search(r"Only at full +1m", out)


@pytest.mark.slow
def test_what_a_length_moves_is_read_there_too(call):
    words = ("show", "four-poses", "--voice", "pico-us", "--length")
    short = call(*words, "5:00", "--keep", "bridge", "--swap", "childs-pose=squats")[1]
    assert re.search(r"–  (Cat-cow|Downward dog split) .+left out\n", short)
    assert re.search(r"Bridge +2 → 1 × 30s → ", short)
    assert re.search(r"Squats +10 reps at 2-1-2 +instead of Child's pose: ", short)
    long = call(*words, "35:00")[1]
    assert re.search(r"\d  Bridge, once more +1m ", long)
    assert re.search(r"\d  Bridge +2 → 4 × 30s → 1m, rest 15s → \d", long)
    assert "left out" not in long


def test_chapters_are_at_their_times_and_all_cues_are_listed_on_request(call, write):
    path = write(OWN)
    found = [line.split()[0] for line in call("show", path)[1].splitlines()[1:]]
    chapters = [chapter["start"] for chapter in json.loads(call("show", path, "--json")[1])["chapters"]]
    assert found == [f"{round(start) // 60}:{round(start) % 60:02}" for start in chapters]
    assert call("show", path, "--all")[1].count("HOLD") == 5


@pytest.mark.slow
@pytest.mark.real("tmux")
def test_it_fits_a_terminal_and_marks_what_differs(tmux: Tmux, call):
    command = shlex.join((sys.executable, "-m", "audioguide", *COOL_DOWN, "--hold", "35s"))
    call(*COOL_DOWN, "--hold", "35s")  # everything is spoken
    tmux.run(f"clear; {command}")
    tmux.sees("Bridge ")
    tmux.sees("ready>")
    assert "Lower-back cool-down  1" in tmux.shown
    assert len(tmux.shown.rstrip().splitlines()) <= 24
    before, cat_cow, _ = re.split(r"\n(?=.*Cat-cow)|\n(?=.*Bird dog  )", tmux.tell("capture-pane", "-p", "-e"))
    assert "\x1b[1m" in cat_cow  # the first that differs
    assert "\x1b[1m" not in before


def test_a_pose_is_shown_by_id_and_by_name_on_one_screen(call):
    code, out, err = call("show", "pigeon")
    assert (code, err) == (0, "")
    assert out == call("show", "Pigeon")[1]
    lines = dict(line.split(maxsplit=1) for line in out.splitlines()[1:])
    assert out.splitlines()[0] == "Pigeon, Eka Pada Rajakapotasana, all-fours"
    assert lines["dose"] == "45s a side: left leg in front, right leg in front; 15s..60s; breath 4-6"
    assert lines["targets"] == "hips, glutes, hip flexors; loads wrists, knees"
    assert lines["full"].startswith("… Flex your front foot")
    assert lines["routines"] == "hip-openers"
    facts = json.loads(call("show", "pigeon", "--json")[1])
    assert (facts["id"], facts["limits"], facts["loads"]) == ("pigeon", "15s..60s", ["wrists", "knees"])
    assert facts["instructions"]["full"].startswith(facts["instructions"]["normal"])


def test_a_routine_comes_before_a_pose_of_its_name(call):
    code, out, err = call("show", "icing", "--voice", "pico-us", "--level", "brief")
    assert code == 0
    assert out.startswith("Icing  ")
    assert err == "icing is a pose, too: `audioguide show Icing`.\n"
    assert call("show", "Icing")[1].startswith("Icing, seated\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["pigoen"], "There is no routine 'pigoen'. Did you mean pigeon?"),
        (["lower-back"], "Did you mean lower-back-cool-down?"),
        (["zzz"], "There is no routine 'zzz'. See `audioguide list` and `audioguide poses`."),
        (["pigeon", "--hold", "40s"], "pigeon is a pose, not a routine, so no option changes it."),
        (["pigeon", "--save", "mine"], "Leave the options out."),
        (["pigeon", "--plot", "a.png"], "Leave the options out."),
        ([""], "There is no routine ''."),
    ],
)
def test_what_is_neither_is_told(call, words, message):
    code, out, err = call("show", *words)
    assert (code, out) == (2, "")
    assert message in err
