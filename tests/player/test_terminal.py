"""Keys from a real pseudo-terminal, in a process of its own that has it as its controlling terminal."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

if sys.platform == "win32":
    pytest.skip("a POSIX terminal", allow_module_level=True)

import pty
import termios

from audioguide.player.keys import NoKeys, keyboard

READER = """
import sys
from audioguide.player.keys import keyboard
with keyboard() as keys:
    print("ready", flush=True)
    while (key := keys.read(0.05)) != "q":
        if key:
            print(f"key {key!r}", flush=True)
        if key == "!":
            raise SystemExit(3)
"""


@dataclass
class Child:
    """A process on a pseudo-terminal."""

    pid: int
    terminal: int
    before: list[object]

    def expect(self, text: str) -> str:
        """Read until `text` comes."""
        seen = ""
        while text not in seen:
            seen += os.read(self.terminal, 1_024).decode()
        return seen

    def press(self, keys: str) -> None:
        os.write(self.terminal, keys.encode())

    def modes(self) -> list[object]:
        return termios.tcgetattr(self.terminal)

    def wait(self, options: int = 0) -> int:
        return os.waitpid(self.pid, options)[1]


@pytest.fixture
def child() -> Iterator[Child]:
    pid, terminal = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", READER])
    child = Child(pid, terminal, termios.tcgetattr(terminal))
    child.expect("ready")
    yield child
    os.close(terminal)
    try:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        pass  # it has ended, as it should


def echoes(modes: list[object]) -> bool:
    flags = modes[3]
    assert isinstance(flags, int)
    return bool(flags & termios.ECHO)


def test_gives_each_key_without_echo(child: Child) -> None:
    assert not echoes(child.modes())
    child.press(" x")
    assert child.expect("'x'").split() == ["key", "'", "'", "key", "'x'"]
    child.press("q")
    assert child.wait() == 0
    assert child.modes() == child.before


def test_an_arrow_is_one_key(child: Child) -> None:
    child.press("\x1b[C")
    child.expect(r"key '\x1b[C'")


@pytest.mark.parametrize(
    ("press", "check"),
    [
        ("!", lambda status: os.waitstatus_to_exitcode(status) == 3),
        ("\x03", lambda status: os.WTERMSIG(status) == signal.SIGINT),
    ],
    ids=["exit", "Ctrl-C"],
)
def test_is_put_back_when_it_ends(child: Child, press: str, check: object) -> None:
    child.press(press)
    assert callable(check)
    assert check(child.wait())
    assert child.modes() == child.before


def test_is_put_back_when_it_is_terminated(child: Child) -> None:
    os.kill(child.pid, signal.SIGTERM)
    assert os.WTERMSIG(child.wait()) == signal.SIGTERM
    assert child.modes() == child.before


def test_is_put_back_while_it_is_stopped(child: Child) -> None:
    for _ in range(2):
        child.press("\x1a")
        assert os.WIFSTOPPED(child.wait(os.WUNTRACED))
        assert child.modes() == child.before
        os.kill(child.pid, signal.SIGCONT)
        child.press("a")
        child.expect("key 'a'")
        assert not echoes(child.modes())


def test_without_a_terminal_there_are_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        with keyboard() as keys:
            assert isinstance(keys, NoKeys)
            assert keys.read(0) is None
