"""`audioguide play` steered with real keys and with what may happen to it, as the sound server hears it."""

import contextlib
import functools
import json
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from extras import need_simpleaudio
from pulse import Recording, SoundServer, retry_in_real_time, wait_until
from tmux import Tmux
from waves import gaps, in_steps, place, trimmed

from audioguide.player.buffer import FADE
from audioguide.units import RATE, to_frames

pytestmark = pytest.mark.slow

LONG = """\
title: Long
defaults: {level: brief, background: warm-drone}
steps:
  - say: Sit down on the floor, and stretch your legs out in front of you.
  - {pose: {name: Twist, hold: 12s}, breath: 2-3, settle: 1s}
"""
SHORT = """\
title: Short
defaults: {level: brief, background: warm-drone}
steps:
  - say: Sit down on the floor, and stretch your legs out in front of you.
  - {pose: {name: Cobra, hold: 5s}, settle: 1s}
"""
PAUSED = "█▀  █▀█ █ █  ▀▄ █▀  █ █"
"""In large letters."""

QUIET = FADE // 2
"""A fade begins and ends with frames that are silence in 16 bits: fewer than so many, the more the softer the sound."""

COMMAND = [sys.executable, "-m", "audioguide"]
# What is heard is looked for between silences, and compared with what is exported.
PLAY = [*COMMAND, "play", "--silence", "digital", "--cues", "keys=off,end=off"]


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


def sounds(recording: Recording, seconds: float = 0.25) -> bool:
    """Whether something was heard in the last moment."""
    return bool(recording.frames[-to_frames(seconds) :].any())


def silences(heard: np.ndarray) -> list[tuple[int, int]]:
    """First frames of silences of more than 0.8 s inside what was heard, and of the sound after each."""
    loud = np.flatnonzero(heard.any(axis=1))
    return [(int(loud[n]) + 1, int(loud[n + 1])) for n in np.flatnonzero(np.diff(loud) > to_frames(0.8))]


class Disturbed(Exception):
    """There was silence that the program knows nothing of: its own mistake, or the sound server had no processor."""


def undisturbed(test):
    """A test that is tried up to three times if it is disturbed: what the program does wrong, it does each time."""

    @functools.wraps(test)
    def tried(*arguments, **named):
        for _ in range(2):
            with contextlib.suppress(Disturbed):
                return test(*arguments, **named)
        return test(*arguments, **named)

    return tried


def heard_whole(shown: str) -> None:
    """Go on only if the sound did not break off, as it may where others need the processor."""
    if "broke off" in shown:
        pytest.skip("this machine is too busy for its sound")


def find(part: np.ndarray, heard: np.ndarray) -> int:
    """Where a part was heard; where it has a gap in it, that is a disturbance, too."""
    try:
        return place(part, heard)
    except AssertionError as error:
        raise Disturbed(str(error)) from None


def no_gaps(heard: np.ndarray, written: np.ndarray, *, to_the_end: bool = True) -> None:
    """All is heard as it was written, with no silence in between."""
    if found := gaps(heard, written, to_the_end=to_the_end):
        raise Disturbed(f"silences of {found} frames")


@pytest.fixture
def steps(write):
    """The file of a routine, all of which is spoken already: what is measured is the player."""
    path = write(LONG)
    told("show", path)
    return path


@pytest.fixture
def step(write):
    """The same with a short pose, where it does not matter how much there is to be heard."""
    path = write(SHORT)
    told("show", path)
    return path


@pytest.mark.real("pulseaudio", "parec", "tmux")
@undisturbed
def test_real_keys_are_heard(sound_server: SoundServer, tmux: Tmux, steps, tmp_path):
    before = tmux.modes("before")
    with sound_server.recording() as recording:
        tmux.run("clear; " + shlex.join([*PLAY, str(steps)]) + "; echo code $?")
        wait_until(lambda: len(recording.sound) > RATE, "the session to be heard", seconds=20)
        tmux.press("Space")
        wait_until(lambda: not sounds(recording, 1), "the pause to be heard")
        tmux.press("Space")
        wait_until(lambda: sounds(recording), "it to go on")
        tmux.press("Right")
        tmux.sees("breathe")
        tmux.press("+")
        tmux.sees("17 s")
        tmux.sees("Save this", seconds=60)
        tmux.press("Enter")
        tmux.sees("code 0")
    assert tmux.modes("after") == before

    heard_whole(tmux.shown)

    heard, written = recording.sound, exported(steps, tmp_path, "--hold", "2=17s")
    hold = starts(steps, kind="hold")[0]
    begin = find(written[hold - RATE // 2 : hold], heard) + RATE // 2  # the word "begin"
    no_gaps(heard[begin:], written[hold:])

    (paused, on), *_ = silences(heard)
    before = find(heard[paused - to_frames(0.4) : paused - to_frames(0.1)], written) + to_frames(0.4)
    after = find(heard[on + FADE : on + to_frames(0.1)], written)
    assert abs(after - before - FADE) < QUIET
    assert begin - on < hold - before - to_frames(2)  # a part was left out


@pytest.mark.real("pulseaudio", "parec", "tmux")
def test_a_key_is_answered_in_a_pause_and_the_start_says_that_it_waits(sound_server: SoundServer, tmux: Tmux, step):
    play = shlex.join([*COMMAND, "play", "--silence", "digital", "--start-in", "1h", str(step)])
    with sound_server.recording() as recording:
        tmux.run(f"clear; {play}; echo code $?")
        wait_until(lambda: sounds(recording), "the announcement to be heard", seconds=30)
        wait_until(lambda: not sounds(recording, 1), "it to be over")
        said = len(recording.sound)
        tmux.press("Space")
        wait_until(lambda: len(recording.sound) > said + 2 * RATE, "the session to be heard", seconds=30)
        tmux.press("Space")
        wait_until(lambda: not sounds(recording, 1), "the pause to be heard")
        tmux.press("+")
        wait_until(lambda: sounds(recording, 1), "the answer to be heard")
        wait_until(lambda: not sounds(recording, 1), "it to be over")
        answer = recording.frames[silences(recording.frames)[-1][1] :]
        tmux.press("q")
        tmux.sees("code 0")
    assert to_frames(0.05) < len(trimmed(answer)) < to_frames(0.3)
    assert 2_000 < np.abs(answer).max() < 12_000


@pytest.mark.real("pulseaudio", "parec", "tmux")
@undisturbed
def test_next_is_heard_to_be_the_other_side(sound_server: SoundServer, tmux: Tmux, write, tmp_path):
    path = write(SHORT.replace("hold: 5s", "hold: 20s, sides: [left, right]"))
    name = starts(path, role="name", side="right")[0]
    with sound_server.recording() as recording:
        tmux.run("clear; " + shlex.join([*PLAY, str(path)]) + "; echo code $?")
        tmux.sees("next  right")
        tmux.press(">")
        pressed = len(recording.sound)
        wait_until(lambda: len(recording.sound) > pressed + 4 * RATE, "the other side to be heard")
        tmux.press("q")
        tmux.sees("code 0")
    heard_whole(tmux.shown)
    heard, written = recording.sound, exported(path, tmp_path)
    right = place(written[name + FADE : name + RATE], heard) - FADE
    assert right < name - to_frames(10)  # most of the left side was left out
    no_gaps(heard[right + FADE : -to_frames(1)], written[name + FADE :], to_the_end=False)


@pytest.fixture
def server(tmp_path_factory) -> Iterator[SoundServer]:
    """A sound server of this test alone, which may be broken."""
    server = SoundServer(tmp_path_factory.mktemp("pulse"))
    yield server
    server.stop()


@pytest.mark.real("pulseaudio", "parec", "tmux")
@pytest.mark.parametrize(
    ("part", "come_back"),
    [(SoundServer.unplug, SoundServer.plug), (SoundServer.stop, SoundServer.restart)],
    ids=["sink", "server"],
)
@undisturbed
def test_a_device_that_comes_back_goes_on_where_it_was(server: SoundServer, tmux, step, tmp_path, part, come_back):
    """It is paused meanwhile, so that all is heard from the first frame on."""
    environment = [f"{name}={value}" for name, value in server.environment.items()]
    with server.recording() as recording:
        tmux.run("clear; env " + shlex.join([*environment, *PLAY, str(step)]) + "; echo code $?")
        wait_until(lambda: len(recording.sound) > 2 * RATE, "the session to be heard", seconds=20)
        part(server)
        tmux.sees("The sound device has gone")
    first = recording.sound
    tmux.press("Space")
    tmux.sees(PAUSED)
    come_back(server)
    with server.recording() as recording:
        tmux.sees("now plays on")
        tmux.press("Space")
        tmux.sees("code 0", seconds=60)
    heard_whole(tmux.shown)

    written, second = exported(step, tmp_path), recording.sound
    left = place(first[-to_frames(0.3) :], written) + to_frames(0.3)
    again = place(second[FADE : FADE + to_frames(0.3)], written) - FADE
    assert left - to_frames(0.35) < again <= left + QUIET
    no_gaps(second[FADE:], written[again + FADE :])


@pytest.mark.real("pulseaudio", "parec")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
@undisturbed
def test_it_goes_on_with_the_pose_it_was_left_in(sound_server: SoundServer, write, tmp_path, how):
    """Left in its hold; that nobody goes on with the first half minute is why it has a rest before."""
    path = write("title: Late\nsteps:\n- rest: 30s\n- {pose: {name: Twist, hold: 20s}, breath: 2-3, settle: 1s}")
    name, hold = *starts(path, role="name"), *starts(path, kind="hold")
    play = [*PLAY, path]
    with sound_server.recording() as recording:
        child = subprocess.Popen([*play, "--start-at", "Twist"], stderr=subprocess.DEVNULL)
        enough = hold - name + (6 if how == signal.SIGKILL else 1) * RATE  # it is noted every 5 seconds, and at its end
        wait_until(lambda: len(recording.sound) > enough, "the hold to be heard", seconds=30)
        child.send_signal(how)
        child.wait()
    with sound_server.recording() as recording:
        child = subprocess.Popen([*play, "--resume"], stderr=subprocess.PIPE, text=True)
        wait_until(lambda: len(recording.sound) > 3 * RATE, "the session to be heard again", seconds=20)
        child.send_signal(signal.SIGINT)
        heard_whole(child.communicate()[1])
    written = exported(path, tmp_path)[name:]
    no_gaps(recording.sound[: -to_frames(0.1)], written, to_the_end=False)


@pytest.mark.real("pulseaudio", "parec")
@retry_in_real_time
def test_the_second_output(server: SoundServer, step, tmp_path):
    """Its buffers may come 20 ms sooner or later than they should, so it is the course of the loudness that counts."""
    need_simpleaudio()
    with server.recording() as recording:
        played = subprocess.run(
            [*PLAY, step, "--output", "simpleaudio"], env=os.environ | server.as_alsa(), capture_output=True
        )
    assert played.returncode == 0
    heard_whole(played.stderr.decode())
    heard, written = loudness(recording.sound), loudness(trimmed(exported(step, tmp_path)))
    assert abs(len(heard) - len(written)) <= 1
    count = min(len(heard), len(written))
    assert np.corrcoef(heard[:count], written[:count])[0, 1] > 0.95


def loudness(sound: np.ndarray) -> np.ndarray:
    """The root mean square of each tenth of a second."""
    count = len(sound) // (RATE // 10)
    parts = sound[: count * (RATE // 10)].astype(float).reshape(count, -1)
    return np.sqrt(np.square(parts).mean(axis=1))
