"""The real command in a real terminal: tmux shows what a person would see, and presses real keys."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from pulse import wait_until
from tmux import Tmux

pytestmark = pytest.mark.real("tmux")

ROUTINE = """\
title: Morning
steps:
  - {pose: {name: Cobra, hold: 50s, settle: 1s}, breath: 2-3, background: none}
"""


@pytest.fixture
def start(tmux: Tmux, write):
    """Plays on the terminal; the number of the process is left in a file."""
    path = write(ROUTINE)

    def start(*options: str) -> None:
        command = shlex.join([sys.executable, "-m", "audioguide", "play", str(path), "--output", "null", *options])
        tmux.run(f"clear; {command}; echo code $?")

    return start


HOLD = "█▀█ █  █ █   █ █"  # hold, in large letters


def test_a_session_is_steered_and_the_terminal_is_put_back(tmux: Tmux, start):
    before = tmux.modes("before")
    start()
    tmux.sees(HOLD)
    tmux.press("Space")
    tmux.sees("█▀  █▀█ █ █  ▀▄ █▀  █ █")  # paused, in large letters
    tmux.press("Space")
    tmux.press("9")
    tmux.sees("Voice -2 dB")
    tmux.press("?")
    tmux.sees("skip this pose")
    tmux.press("x", "x")
    tmux.sees("? lists the keys")
    tmux.press("+")
    tmux.sees("55 s")
    tmux.press("q")
    tmux.sees("Save this")  # the longer hold
    tmux.press("Enter")
    tmux.sees("code 0")
    assert tmux.modes("after") == before


@pytest.mark.slow
def test_what_was_changed_is_kept_under_a_name_that_can_be(tmux: Tmux, start):
    start("--plain", "--background-level", "-3")
    tmux.sees("Cobra · hold")
    tmux.press("+")
    tmux.sees("55 s")
    tmux.press("7", "7", "8", "9")
    tmux.sees("Voice -2 dB")
    tmux.press("q")
    tmux.sees("Save this")
    assert "Changed: background-level -3 → -5" in tmux.shown
    assert "Changed: voice-level +0 → -2" in tmux.shown
    tmux.run("No Such Name")
    tmux.sees("Try --save no-such-name")
    tmux.run("longer-cobra")
    tmux.sees("Saved as")
    shown = subprocess.run([sys.executable, "-m", "audioguide", "show", "longer-cobra", "--json"], capture_output=True)
    assert [cue["asked"] for cue in json.loads(shown.stdout)["cues"] if cue["kind"] == "hold"] == [55.0]
    kept = (Path(os.environ["AUDIOGUIDE_HOME"]) / "presets/longer-cobra.yaml").read_text()
    assert "voice-level: -2" in kept
    assert "background-level: -5" in kept


def test_next_is_the_next_side_as_the_screen_says(tmux: Tmux, start, write):
    write(ROUTINE.replace("hold: 50s", "hold: 50s, sides: [left, right]"))
    start()
    tmux.sees("next  right")
    tmux.press(">")
    wait_until(lambda: "“Cobra, right." in tmux.shown and "next" not in tmux.shown, "the right side")
    tmux.press("<", "<")
    tmux.sees("next  right")
    tmux.press("q")
    tmux.sees("code 0")


@pytest.mark.slow
def test_a_volume_that_no_option_has_is_told(tmux: Tmux, start):
    start("--plain", "--background-level", "-19")
    tmux.sees("Cobra · hold")
    tmux.press("7", "q")
    tmux.sees("code 0")
    assert "The background-level is not saved. A level of -21 is too far out. Give one" in tmux.shown.replace("\n", "")
    assert "Save this" not in tmux.shown


@pytest.mark.slow
def test_ctrl_c_tells_what_was_changed_and_asks_nothing(tmux: Tmux, start):
    start("--plain")
    tmux.sees("Cobra · hold")
    tmux.press("-")
    tmux.sees("45 s")
    tmux.press("C-c")
    tmux.sees("code 130")
    assert "Changed: Cobra: 50s → 45s" in tmux.shown
    assert "Save this" not in tmux.shown


@pytest.mark.slow
def test_ctrl_z_gives_the_terminal_back_and_fg_goes_on(tmux: Tmux, start):
    before = tmux.modes("before")
    start()
    tmux.sees(HOLD)
    for name in ("first", "second"):
        tmux.press("C-z")
        tmux.sees("Stopped")
        assert tmux.modes(name) == before
        tmux.run("clear; fg")
        tmux.sees(HOLD)
    tmux.press("q")
    tmux.sees("ready>")
    assert tmux.modes("after") == before


@pytest.mark.slow
def test_a_process_that_was_stopped_from_outside_goes_on(tmux: Tmux, start):
    tmux.run("stty sane")
    before = tmux.modes("before")
    start()
    tmux.sees(HOLD)
    os.kill(tmux.process, signal.SIGSTOP)
    tmux.sees("Stopped")
    tmux.run("stty sane; clear; fg")  # as a shell may do
    # What does not move is there again only when all has been set up anew.
    wait_until(lambda: "Stopped" not in tmux.shown and "space pause" in tmux.shown, "the screen to be back")
    tmux.press("q")
    tmux.sees("ready>")
    assert tmux.modes("after") == before


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--plain"]], ids=["screen", "plain"])
def test_ctrl_c_twice(tmux: Tmux, start, options):
    before = tmux.modes("before")
    start(*options)
    tmux.sees(HOLD if not options else "hold 0:")
    tmux.press("C-c", "C-c")
    tmux.sees("code 130")
    assert "Traceback" not in tmux.shown
    assert tmux.modes("after") == before


@pytest.mark.parametrize("options", [[], ["--plain"]], ids=["screen", "plain"])
def test_sigterm(tmux: Tmux, start, options):
    before = tmux.modes("before")
    start(*options)
    tmux.sees(HOLD if not options else "hold 0:")
    os.kill(tmux.process, signal.SIGTERM)
    tmux.sees("code 130")
    assert "Traceback" not in tmux.shown
    assert tmux.modes("after") == before


@pytest.mark.slow
def test_a_terminal_that_is_closed_ends_it(tmux: Tmux, start):
    start()
    tmux.sees(HOLD)
    number = tmux.process
    tmux.tell("kill-server")
    wait_until(lambda: not Path(f"/proc/{number}").exists(), "the end", seconds=20)


@pytest.mark.slow
def test_a_terminal_that_is_resized(tmux: Tmux, start):
    start()
    tmux.sees(HOLD)
    tmux.tell("resize-window", "-x", "20", "-y", "5")
    wait_until(lambda: "Cobra\n0:" in tmux.shown, "the small screen")
    tmux.press("Space")
    tmux.sees("paused")
    tmux.tell("resize-window", "-x", "100", "-y", "30")
    tmux.sees("space pause")
    tmux.press("q")
    tmux.sees("code 0")


@pytest.mark.slow
def test_plain_with_ctrl_z(tmux: Tmux, start):
    before = tmux.modes("before")
    start("--plain")
    tmux.sees("Cobra · hold 0:")
    tmux.press("C-z")
    tmux.sees("Stopped")
    assert tmux.modes("stopped") == before
    tmux.run("clear; fg")
    tmux.sees("Cobra · hold 0:")
    tmux.press("q")
    tmux.sees("ready>")
    assert tmux.modes("after") == before


@pytest.mark.slow
@pytest.mark.parametrize("setting", ["LC_ALL=C TERM=linux", "TERM=dumb", "NO_COLOR=1 TERM=vt100"])
def test_terminals_that_can_do_less(tmux: Tmux, start, setting):
    tmux.run(f"export {setting}")
    start()
    tmux.sees("0:")
    if "LC_ALL=C" in setting:
        assert tmux.shown.isascii()
    tmux.press("q")
    tmux.sees("code 0")


@pytest.mark.slow
@pytest.mark.real("pulseaudio")
def test_a_clicker_and_keys_of_ones_own_steer_and_what_cannot_be_kept_awake_is_told_once(
    tmux: Tmux, sound_server, write, tmp_path
):
    (tmp_path / "home").mkdir()
    (tmp_path / "home/config.yaml").write_text("keys:\n  longer: [a]\n  stop: [f9]\n")
    path = write(ROUTINE.replace("hold: 50s", "hold: 50s, sides: [left, right]"))
    play = shlex.join([sys.executable, "-m", "audioguide", "play", str(path), "--plain", "--no-resume"])
    own = {"AUDIOGUIDE_HOME": tmp_path / "home", "AUDIOGUIDE_CACHE": tmp_path / "cache", **sound_server.environment}
    # There is no login manager on this bus, so nothing keeps the machine awake.
    own["DBUS_SYSTEM_BUS_ADDRESS"] = "unix:path=/nowhere"
    set_up = " ".join(f"{name}={shlex.quote(str(value))}" for name, value in own.items())
    for round in (1, 2):
        tmux.run(f"clear; {set_up} {play}; echo code $?")
        if round == 1:
            tmux.sees("This machine may go to sleep", seconds=60)
        tmux.sees("hold 0:", seconds=60)
        tmux.press("F5")
        tmux.sees("paused")
        tmux.press("PageDown")
        tmux.sees("right · paused")
        tmux.press("a")
        tmux.sees("55 s")
        tmux.press("q")
        tmux.sees("? lists the keys")
        assert "may go to sleep" not in tmux.shown
        tmux.press("F9")
        tmux.sees("Save this")
        tmux.press("Enter")
        tmux.sees("code 0")
