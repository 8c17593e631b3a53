"""The one line, with keys from a script or from nowhere."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from itertools import product

import pytest
from player_fakes import FakeDevice, Written, noise
from player_views import SECTIONS, Part, Puppet, hold, now, second, section

from audioguide.player.commands import Command
from audioguide.player.player import Player
from audioguide.player.transport import TransportState
from audioguide.player.ui import status_line as module
from audioguide.player.ui.keyboard import KeyReader
from audioguide.player.ui.status_line import format_status_line, run_status_line
from audioguide.player.ui.view import ViewBuilder
from audioguide.units import to_frames


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
        monkeypatch.setattr(module, "open_keyboard", lambda: nullcontext(Script(keys, moved)))

    return type


def test_every_key_is_a_command(stderr, typing):
    player = Puppet(42)
    typing(*(key for command in Command for key in command.keys if key != "q"))
    assert run_status_line(player, lambda now: None) == "stopped"
    others = [command for command in Command for key in command.keys if key != "q"]
    assert player.asked == [*others, Command.STOP]


def test_the_line_is_written_over_and_gone_at_the_end(stderr, typing):
    player = Puppet(42)
    typing(None, None, None, moved=lambda: setattr(player, "moment", now(86)))
    run_status_line(player, lambda now: None)
    line = "Bird dog, round 2 of 3 · left side · hold 0:04 · 1:04 left"
    assert stderr.getvalue() == f"\r{line}\r{' ' * len(line)}\r"  # once, though it was looked at four times


def test_help_stands_above_the_line(stderr, typing):
    typing(None, "?")
    player = Puppet(42)
    run_status_line(player, lambda now: None)
    lines = [line.strip("\r ") for line in stderr.getvalue().split("\n")]
    assert "skip this pose" in "".join(lines)
    assert len(lines) == len(Command) + 1
    assert player.asked == [Command.STOP]


def test_an_unknown_key_gets_a_hint(stderr, typing):
    typing("x")
    run_status_line(Puppet(42), lambda now: None)
    assert "\r? lists the keys" in stderr.getvalue()


def test_in_ascii(stderr, typing):
    typing(None, "?")
    run_status_line(Puppet(86), lambda now: None, unicode=False)
    assert stderr.getvalue().isascii()


def test_no_terminal_no_line(stderr, typing):
    typing(None, "question_mark", "x", "space")
    player = Puppet(42)
    assert run_status_line(player, lambda now: None, line=False) == "stopped"
    assert stderr.getvalue() == ""
    assert player.asked == [Command.PAUSE, Command.STOP]


def test_without_a_line_what_is_told_is_printed(stderr, typing):
    player = Puppet(42)
    typing(
        None,
        None,
        moved=lambda: setattr(player, "moment", now(42, message_count=1, message="The sound device has gone.")),
    )
    run_status_line(player, lambda now: None, line=False)
    assert stderr.getvalue() == "The sound device has gone.\n"


def test_ctrl_c_interrupts_and_clears_the_line(stderr, typing):
    typing(None, KeyboardInterrupt())
    assert run_status_line(Puppet(42), lambda now: None) == "interrupted"
    assert stderr.getvalue().endswith(" \r")


def test_what_is_done_on_the_side_sees_every_look(stderr, typing):
    seen = []
    typing(None, None)
    run_status_line(Puppet(42), seen.append)
    assert seen == [now(42)] * 2 + [now(42, end="stopped")]


@pytest.mark.parametrize("stdin", [None, io.StringIO()], ids=["none", "closed"])
def test_without_keys_it_plays_on(stderr, monkeypatch, stdin):
    if stdin is not None:
        stdin.close()
    monkeypatch.setattr(sys, "stdin", stdin)
    device = FakeDevice()
    with Player(Written(noise(to_frames(1)), sections=SECTIONS[:1]), device) as player:
        monkeypatch.setattr(KeyReader, "read", lambda self, timeout: device.take(4_410))
        assert run_status_line(player, lambda now: None) == "finished"
    assert "Introduction" in stderr.getvalue()


def line(at: float, part: Part | None = None, *, width: int = 80, unicode: bool = True, **more: object) -> str:
    view = ViewBuilder("Morning").build(now(at, *([part] if part else []), **more))
    return format_status_line(view, width, unicode=unicode)


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (0, "Introduction · Child's pose in 0:30 · 2:30 left"),
        (39, "Child's pose · 1:51 left"),
        (40, "Child's pose · hold 0:30 · 1:50 left"),
        (67.001, "Child's pose · hold 0:03 · 1:23 left"),
        (69.9, "Child's pose · hold 0:01 · 1:21 left"),
        (70, "Child's pose · 1:20 left"),
        (86, "Bird dog, round 2 of 3 · left side · hold 0:04 · 1:04 left"),
        (93, "Bird dog, round 2 of 3 · right side · 0:57 left"),
        (106, "Bird dog, round 2 of 3 · rest 0:09 · 0:44 left"),
        (150, "0:00 left"),
    ],
)
def test_says_where_it_is(at: float, shown: str) -> None:
    assert line(at) == shown


def test_marks_an_estimate() -> None:
    view = ViewBuilder("", second(100)).build(now(0, Part([], whole=False), waiting=True))
    assert format_status_line(view) == "getting ready · ~1:40 left"


def test_a_hold_that_is_kept_counts_up() -> None:
    part = Part([section("Cobra", 0, 3700, hold(10, 3600, kept=True))])
    assert line(22, part) == "Cobra · hold +0:12 until you end it · ~1:30 left"


def test_what_there_is_to_tell_comes_before_the_times() -> None:
    assert line(47, transport=TransportState(paused=True)) == "Child's pose · paused · hold 0:23 · 1:43 left"
    assert line(47, transport=TransportState(muted=True)) == "Child's pose · muted · hold 0:23 · 1:43 left"
    told = line(47, transport=TransportState(paused=True), message="Voice -2 dB", message_count=1)
    assert told == "Child's pose · Voice -2 dB · hold 0:23 · 1:43 left"


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (53, "Bird dog, round… · left side · hold 0:04 · 1:04 left"),
        (34, "Bird dog,… · hold 0:04 · 1:04 left"),
        (24, "hold 0:04 · 1:04 left"),
        (12, "1:04 left"),
        (5, "1:04…"),
    ],
)
def test_fits_the_terminal(width: int, shown: str) -> None:
    assert line(86, width=width) == shown


@pytest.mark.parametrize("unicode", [True, False])
def test_never_wider_than_asked(unicode: bool) -> None:
    for width, at in product(range(81), (0, 47, 86, 106, 150)):
        assert len(line(at, width=width, unicode=unicode, transport=TransportState(paused=True))) <= width


def test_wide_letters_count_twice() -> None:
    assert line(0, Part([section("猫と牛のポーズ", 0, 60)]), width=20) == "猫と牛… · 1:00 left"


def test_in_ascii_alone() -> None:
    assert line(0, Part([section("Étirement du chat", 0, 60)]), unicode=False) == "Etirement du chat - 1:00 left"
