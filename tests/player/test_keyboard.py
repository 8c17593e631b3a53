"""Keys from a real pseudo-terminal, in a process of its own that has it as its controlling terminal."""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("a POSIX terminal", allow_module_level=True)

import pty
import termios

from audioguide.player.ui.keyboard import KeyReader, open_keyboard

OWN_TERMINAL = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
"""

READER = """
from audioguide.player.ui.keyboard import open_keyboard
with open_keyboard() as keys:
    print("ready", flush=True)
    while (key := keys.read(0.05)) != "q":
        if key:
            print(f"key {key!r}", flush=True)
        if key == "!":
            raise SystemExit(3)
"""

SHELL = f"""
import os, subprocess, sys
job = subprocess.Popen([sys.executable, "-c", {READER!r}], process_group=0)
os.tcsetpgrp(0, job.pid)
while not os.WIFEXITED(status := os.waitpid(job.pid, os.WUNTRACED)[1]):
    print("stopped", job.pid, "end of line", flush=True)
"""
"""Runs the reader as a shell does: in a process group of its own, in the foreground, told when it stops."""


@dataclass
class Child:
    """A process on a pseudo-terminal."""

    process: subprocess.Popen[bytes]
    terminal: int
    before: list[object]

    def expect(self, text: str) -> str:
        """Read until `text` comes."""
        seen = ""
        while text not in seen:
            assert select.select([self.terminal], [], [], 60)[0], f"waited for {text!r} in vain: {seen}"
            seen += os.read(self.terminal, 1_024).decode()
        return seen

    def press(self, keys: str) -> None:
        os.write(self.terminal, keys.encode())

    def modes(self) -> list[object]:
        return termios.tcgetattr(self.terminal)

    def wait(self) -> int:
        return self.process.wait()


@contextmanager
def on_a_terminal(code: str) -> Iterator[Child]:
    terminal, inside = pty.openpty()
    before = termios.tcgetattr(terminal)
    process = subprocess.Popen(
        [sys.executable, "-c", OWN_TERMINAL + code], stdin=inside, stdout=inside, stderr=inside, start_new_session=True
    )
    try:
        child = Child(process, terminal, before)
        child.expect("ready")
        yield child
    finally:
        process.kill()
        process.wait()
        os.close(terminal)
        os.close(inside)


@pytest.fixture
def child() -> Iterator[Child]:
    """The reader, alone on its terminal."""
    with on_a_terminal(READER) as child:
        yield child


def echoes(modes: list[object]) -> bool:
    flags = modes[3]
    assert isinstance(flags, int)
    return bool(flags & termios.ECHO)


def test_gives_each_key_without_echo(child: Child) -> None:
    assert not echoes(child.modes())
    child.press(" x")
    assert child.expect("'x'").split() == ["key", "'space'", "key", "'x'"]
    child.press("q")
    assert child.wait() == 0
    assert child.modes() == child.before


def test_each_key_has_its_name(child: Child) -> None:
    child.press("\x1b[A\x1b[B\x1bOC\x1b[D\x1b[5~\x1b[6~\x1b[1;5C\x1b[15~\x1b[[E\x1bOP\x1b[24~<+-=?")
    names = "up down right left pageup pagedown unknown f5 f5 f1 f12"
    signs = "< + - = ?"
    assert re.findall(r"key '(\S+)'", child.expect("'?'")) == f"{names} {signs}".split()


def test_escape_is_a_key_of_its_own(child: Child) -> None:
    child.press("\x1b")
    child.expect("key 'escape'")


@pytest.mark.parametrize(("press", "code"), [("!", 3), ("\x03", -signal.SIGINT)], ids=["exit", "Ctrl-C"])
def test_is_put_back_when_it_ends(child: Child, press: str, code: int) -> None:
    child.press(press)
    assert child.wait() == code
    assert child.modes() == child.before


def test_is_put_back_when_it_is_terminated(child: Child) -> None:
    child.process.terminate()
    assert child.wait() == -signal.SIGTERM
    assert child.modes() == child.before


def test_is_put_back_while_it_is_stopped() -> None:
    with on_a_terminal(SHELL) as child:
        for _ in range(2):
            assert not echoes(child.modes())
            child.press("\x1a")
            job = int(child.expect("end of line").split("stopped ")[1].split()[0])
            assert child.modes() == child.before
            os.kill(job, signal.SIGCONT)
            child.press("a")
            child.expect("key 'a'")
        child.press("q")
        assert child.wait() == 0
        assert child.modes() == child.before


def test_without_a_terminal_there_are_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        with open_keyboard() as keys:
            assert isinstance(keys, KeyReader)
            assert keys.read(0) is None
