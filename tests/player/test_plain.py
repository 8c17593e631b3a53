"""The one line, with keys from a script or from nowhere."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext

import pytest
from player_fakes import FakeDevice, Written, noise
from player_views import SECTIONS, Puppet, now

from audioguide.player import plain as module
from audioguide.player.command import BINDINGS, Command
from audioguide.player.keys import NoKeys
from audioguide.player.plain import plain
from audioguide.player.player import Player
from audioguide.units import frames


class Script:
    """Keys that come by script, each after `moved` has been called; then q."""

    def __init__(self, keys: Iterable[str | BaseException | None], moved=lambda: None) -> None:
        self._keys: Iterator[str | BaseException | None] = iter(keys)
        self._moved = moved

    def read(self, timeout: float) -> str | None:
        self._moved()
        key = next(self._keys, "q")
        if isinstance(key, BaseException):
            raise key
        return key


class Stderr:
    """What has been written to stderr."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def getvalue(self) -> str:
        return self._capsys.readouterr().err


@pytest.fixture
def stderr(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Stderr:
    monkeypatch.setenv("COLUMNS", "81")
    return Stderr(capsys)


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch):
    """Sets the keys that come."""

    def type(*keys: str | BaseException | None, moved=lambda: None) -> None:
        monkeypatch.setattr(module, "keyboard", lambda: nullcontext(Script(keys, moved)))

    return type


def test_every_key_is_a_command(stderr, typing):
    player = Puppet(42)
    typing(*(key for binding in BINDINGS for key in binding.keys if key != "q"))
    assert plain(player, lambda now: None) == "stopped"
    others = [binding.command for binding in BINDINGS for key in binding.keys if key != "q"]
    assert player.asked == [*others, Command.STOP]


def test_the_line_is_written_over_and_gone_at_the_end(stderr, typing):
    player = Puppet(42)
    typing(None, None, None, moved=lambda: setattr(player, "moment", now(86)))
    plain(player, lambda now: None)
    line = "Bird dog, round 2 of 3 · left side · hold 0:04 · 1:04 left"
    assert stderr.getvalue() == f"\r{line}\r{' ' * len(line)}\r"  # once, though it was looked at four times


def test_help_stands_above_the_line(stderr, typing):
    typing(None, "question_mark")
    player = Puppet(42)
    plain(player, lambda now: None)
    lines = [line.strip("\r ") for line in stderr.getvalue().split("\n")]
    assert "skip this pose" in "".join(lines)
    assert len(lines) == len(BINDINGS) + 1
    assert player.asked == [Command.STOP]


def test_an_unknown_key_gets_a_hint(stderr, typing):
    typing("x")
    plain(Puppet(42), lambda now: None)
    assert "\r? lists the keys" in stderr.getvalue()


def test_in_ascii(stderr, typing):
    typing(None, "question_mark")
    plain(Puppet(86), lambda now: None, unicode=False)
    assert stderr.getvalue().isascii()


def test_no_terminal_no_line(stderr, typing):
    typing(None, "question_mark", "x", "space")
    player = Puppet(42)
    assert plain(player, lambda now: None, line=False) == "stopped"
    assert stderr.getvalue() == ""
    assert player.asked == [Command.PAUSE, Command.STOP]


def test_without_a_line_what_is_told_is_printed(stderr, typing):
    player = Puppet(42)
    typing(None, None, moved=lambda: setattr(player, "moment", now(42, told=1, message="The sound device has gone.")))
    plain(player, lambda now: None, line=False)
    assert stderr.getvalue() == "The sound device has gone.\n"


def test_ctrl_c_interrupts_and_clears_the_line(stderr, typing):
    typing(None, KeyboardInterrupt())
    assert plain(Puppet(42), lambda now: None) == "interrupted"
    assert stderr.getvalue().endswith(" \r")


def test_what_is_done_on_the_side_sees_every_look(stderr, typing):
    seen = []
    typing(None, None)
    plain(Puppet(42), seen.append)
    assert seen == [now(42)] * 2 + [now(42, end="stopped")]


@pytest.mark.parametrize("stdin", [None, io.StringIO()], ids=["none", "closed"])
def test_without_keys_it_plays_on(stderr, monkeypatch, stdin):
    if stdin is not None:
        stdin.close()
    monkeypatch.setattr(sys, "stdin", stdin)
    device = FakeDevice()
    with Player(Written(noise(frames(1)), sections=SECTIONS[:1]), device) as player:
        monkeypatch.setattr(NoKeys, "read", lambda self, timeout: device.take(4_410))
        assert plain(player, lambda now: None) == "finished"
    assert "Introduction" in stderr.getvalue()
