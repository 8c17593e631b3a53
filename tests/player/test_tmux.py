"""The real command in a real terminal: tmux shows what a person would see, and presses real keys."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulse import wait_until

pytestmark = pytest.mark.real("tmux")

ROUTINE = """\
title: Morning
steps:
  - {pose: {name: Cobra, hold: 50s, settle: 1s}, breath: 2-3, background: none}
"""


class Tmux:
    """One terminal with a shell in it."""

    def __init__(self, folder: Path) -> None:
        self._socket = str(folder / "tmux")
        self._folder = folder
        environment = os.environ | {
            "HOME": str(folder),
            "AUDIOGUIDE_CACHE": str(folder / "cache"),
            "LC_ALL": "C.UTF-8",
        }
        environment.pop("NO_COLOR", None)
        shell = ["-x", "80", "-y", "24", "env 'PS1=ready> ' bash --norc --noprofile"]
        command = ["tmux", "-S", self._socket, "-f", os.devnull, "new-session", "-d", *shell]
        subprocess.run(command, env=environment, check=True, cwd=folder)

    def tell(self, *arguments: str) -> str:
        command = ["tmux", "-S", self._socket, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def press(self, *keys: str) -> None:
        self.tell("send-keys", *keys)

    def run(self, line: str) -> None:
        self.press(line, "Enter")

    @property
    def shown(self) -> str:
        return self.tell("capture-pane", "-p")

    def sees(self, text: str) -> None:
        wait_until(lambda: text in self.shown, f"{text!r} to be shown", seconds=20)

    def modes(self, name: str) -> str:
        """How the terminal is set."""
        file = self._folder / name
        self.run(f"stty -a > {file}.new; mv {file}.new {file}")
        wait_until(file.exists, "the modes")
        return file.read_text()


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    terminal = Tmux(tmp_path)
    try:
        terminal.sees("ready>")
        yield terminal
    finally:
        terminal.tell("kill-server")


@pytest.fixture
def start(tmux: Tmux, write):
    """Plays on the terminal; the number of the process is left in a file."""
    path = write(ROUTINE)

    def start(*options: str) -> None:
        command = shlex.join([sys.executable, "-m", "audioguide", "play", str(path), "--output", "null", *options])
        tmux.run(f"clear; {command}; echo code $?")

    return start


def process(tmux: Tmux) -> int:
    """The process in the foreground of the terminal, which the shell has started."""
    shell = tmux.tell("display-message", "-p", "#{pane_pid}").strip()
    found = subprocess.run(["ps", "--ppid", shell, "-o", "pid="], capture_output=True, text=True, check=True)
    return int(found.stdout.split()[-1])


HOLD = "breathe"


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
    tmux.sees("Keep this")  # the longer hold
    tmux.press("Enter")
    tmux.sees("code 0")
    assert tmux.modes("after") == before


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


def test_a_process_that_was_stopped_from_outside_goes_on(tmux: Tmux, start):
    tmux.run("stty sane")
    before = tmux.modes("before")
    start()
    tmux.sees(HOLD)
    os.kill(process(tmux), signal.SIGSTOP)
    tmux.sees("Stopped")
    tmux.run("stty sane; clear; fg")  # as a shell may do
    tmux.sees(HOLD)
    tmux.press("q")
    tmux.sees("ready>")
    assert tmux.modes("after") == before


@pytest.mark.parametrize("options", [[], ["--plain"]], ids=["screen", "plain"])
def test_ctrl_c_twice(tmux: Tmux, start, options):
    before = tmux.modes("before")
    start(*options)
    tmux.sees("breathe" if not options else "hold 0:")
    tmux.press("C-c", "C-c")
    tmux.sees("code 130")
    assert "Traceback" not in tmux.shown
    assert tmux.modes("after") == before


@pytest.mark.parametrize("options", [[], ["--plain"]], ids=["screen", "plain"])
def test_sigterm(tmux: Tmux, start, options):
    before = tmux.modes("before")
    start(*options)
    tmux.sees("breathe" if not options else "hold 0:")
    os.kill(process(tmux), signal.SIGTERM)
    tmux.sees("code 130")
    assert "Traceback" not in tmux.shown
    assert tmux.modes("after") == before


def test_a_terminal_that_is_closed_ends_it(tmux: Tmux, start):
    start()
    tmux.sees(HOLD)
    number = process(tmux)
    tmux.tell("kill-server")
    wait_until(lambda: not Path(f"/proc/{number}").exists(), "the end", seconds=20)


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


@pytest.mark.parametrize("setting", ["LC_ALL=C", "TERM=dumb", "NO_COLOR=1", "TERM=vt100", "TERM=linux"])
def test_terminals_that_can_do_less(tmux: Tmux, start, setting):
    tmux.run(f"export {setting}")
    start()
    tmux.sees("0:" if setting == "TERM=dumb" else "breathe")
    if setting == "LC_ALL=C":
        assert tmux.shown.isascii()
    tmux.press("q")
    tmux.sees("code 0")
