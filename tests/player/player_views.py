"""A session to look at, and a player that goes exactly where it is told to: nothing here depends on the clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from audioguide.model.timeline import Chapter, Cue, Section
from audioguide.player.commands import Command, SeekTo
from audioguide.player.transport import PlayerState, TransportState
from audioguide.sound.mixer import Stems
from audioguide.units import RATE


def second(at: float) -> int:
    return round(at * RATE)


def section(title: str, start: float, end: float, *cues: Cue) -> Section:
    return Section(Chapter(title, second(start), second(end)), tuple(sorted(cues, key=lambda cue: cue.start)))


def speech(at: float, text: str, role: str, side: str | None = None) -> Cue:
    return Cue("speech", second(at), second(1), text=text, role=role, side=side)  # type: ignore[arg-type]


def hold(at: float, length: float, side: str | None = None, *, kept: bool = False) -> Cue:
    return Cue("hold", second(at), second(length), side=side, asked=None if kept else length)


def breaths(at: float, count: int) -> list[Cue]:
    """In 4, hold 1, out 4, rest 1."""
    phases = (("in", 0, 4), ("hold", 4, 1), ("out", 5, 4), ("rest", 9, 1))
    return [
        Cue("breath", second(at + 10 * n + start), second(length), phase=phase)  # type: ignore[arg-type]
        for n in range(count)
        for phase, start, length in phases
    ]


SECTIONS = (
    section("Introduction", 0, 30, speech(0.5, "Welcome.", "say")),
    section(
        "Child's pose",
        30,
        80,
        speech(31, "Child's pose.", "name"),
        hold(40, 30),
        *breaths(40, 3),
        speech(55, "Halfway.", "halfway"),
        speech(72, "Come up.", "release"),
    ),
    section(
        "Bird dog, round 2 of 3",
        80,
        120,
        speech(81, "Left side.", "name", "left side"),
        hold(85, 5, "left side"),
        speech(92, "Right side.", "name", "right side"),
        hold(95, 5, "right side"),
        Cue("rest", second(105), second(10)),
    ),
    section(
        "Cobra",
        120,
        150,
        speech(121, "Cobra.", "name"),
        hold(125, 10),
        speech(136, "Let go.", "release"),
        speech(140, "Well done.", "say"),
    ),
)


class Part:
    """A take of which there are so many sections."""

    def __init__(self, sections: Sequence[Section] = SECTIONS, *, whole: bool = True) -> None:
        self.sections = list(sections)
        self.whole = whole

    @property
    def available(self) -> int:
        return self.sections[-1].chapter.end if self.sections else 0

    @property
    def frames(self) -> int | None:
        return self.available if self.whole else None

    def stems(self, start: int, count: int) -> Stems:
        raise NotImplementedError


WHOLE = Part()


def now(at: float, take: Part = WHOLE, **more: object) -> PlayerState:
    return replace(PlayerState(take, second(at), TransportState(), False, 0, 0, "", 0, None), **more)  # type: ignore[arg-type]


class Puppet:
    """A player that stands at a moment, keeps what it is asked, and pauses and stops when it is told to."""

    def __init__(self, at: float = 0.0) -> None:
        self.moment = now(at)
        self.asked: list[Command | SeekTo] = []
        self.happened: list[str] = []
        self.looking: Callable[[], None] = lambda: None

    def do(self, command: Command | SeekTo) -> None:
        self.asked.append(command)
        if command is Command.PAUSE:
            state = replace(self.moment.transport, paused=not self.moment.transport.paused)
            self.moment = replace(self.moment, transport=state)
        if command is Command.STOP:
            self.moment = replace(self.moment, end="stopped")

    def now(self) -> PlayerState:
        self.looking()
        return self.moment

    def wait(self, timeout: float) -> bool:
        return self.moment.end is not None

    def suspend(self) -> None:
        self.happened.append("suspend")

    def resume(self) -> None:
        self.happened.append("resume")
