"""`audioguide play` steered with real keys and with what may happen to it, as the sound server hears it."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from itertools import pairwise

import numpy as np
import pytest
from pulse import Recording, SoundServer, wait_until
from tmux import Tmux
from waves import gaps, in_steps, place, trimmed

from audioguide.units import RATE, frames

TWO = """\
title: Two
defaults: {level: brief, background: warm-drone}
steps:
  - say: Sit down on the floor, and stretch your legs out in front of you.
  - {pose: {name: Twist, hold: 20s}, breath: 2-3, settle: 1s}
  - {pose: {name: Cobra, instructions: Push yourself up with both hands., hold: 10s}, settle: 1s}
"""
COMMAND = [sys.executable, "-m", "audioguide"]


def told(*arguments) -> str:
    return subprocess.run([*COMMAND, *arguments], check=True, capture_output=True, text=True).stdout


def exported(routine, tmp_path, *options) -> np.ndarray:
    target = tmp_path / "exported.wav"
    told("export", routine, "-o", target, *options)
    return in_steps(target)


def starts(routine, *options, **wanted) -> list[int]:
    """The first frames of the cues that are as it is wanted."""
    cues = json.loads(told("show", routine, "--json", *options))["cues"]
    return [cue["start_frame"] for cue in cues if all(cue[key] == value for key, value in wanted.items())]


def sounds(recording: Recording) -> bool:
    """Whether something is heard just now."""
    return bool(recording.frames[-RATE // 4 :].any())


def silences(heard: np.ndarray) -> list[tuple[int, int]]:
    """First and last frames of silences of more than half a second inside what was heard."""
    loud = np.flatnonzero(heard.any(axis=1))
    return [(int(a) + 1, int(b)) for a, b in pairwise(loud) if b - a > RATE // 2]


@pytest.fixture
def steps(write):
    """The file of a routine with two poses, all of which is spoken already: what is measured is the player."""
    path = write(TWO)
    told("show", path)
    return path


@pytest.mark.real("pulseaudio", "parec", "tmux")
def test_real_keys_are_heard(sound_server: SoundServer, tmux: Tmux, steps, tmp_path):
    before = tmux.modes("before")
    with sound_server.recording() as recording:
        tmux.run("clear; " + shlex.join([*COMMAND, "play", str(steps)]) + "; echo code $?")
        wait_until(lambda: len(recording.sound) > RATE, "the session to be heard", seconds=20)
        tmux.press("Space")
        wait_until(lambda: not sounds(recording), "the pause to be heard")
        tmux.press("Space")
        wait_until(lambda: sounds(recording), "it to go on")
        tmux.press("Right")
        tmux.sees("breathe")
        tmux.press("+")
        tmux.sees("25 s")
        tmux.sees("Keep this")
        tmux.press("Enter")
        tmux.sees("code 0")
    assert tmux.modes("after") == before

    heard, short, written = recording.sound, exported(steps, tmp_path), exported(steps, tmp_path, "--hold", "2=25s")
    [hold, _], [chime, _] = starts(steps, kind="hold"), starts(steps, kind="chime")
    begin = place(short[hold - RATE // 2 : hold], heard) + RATE // 2  # the word "begin"
    release = place(short[chime : chime + RATE], heard)
    assert release - begin == frames(25)
    assert gaps(heard[begin:], written[hold:]) == []

    (paused, on), *_ = silences(heard)
    assert gaps(heard[: paused - frames(0.1)], written[: len(heard)]) == []


@pytest.mark.real("pulseaudio", "parec")
def test_a_sink_that_goes_and_comes_back_costs_no_frame(tmp_path): ...
