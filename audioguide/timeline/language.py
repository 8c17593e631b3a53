"""The words of a language as the program knows them: what stands in a file of `voices/prompts/`."""

from __future__ import annotations

from typing import NamedTuple

from audioguide.timeline.model import Phase


class Wordings(NamedTuple):
    """What is said where it fits (`full`, several in turn), and what is said where it does not."""

    full: tuple[str, ...]
    short: str


class BreathTexts(NamedTuple):
    """The words of each phase of the breath."""

    inhale: Wordings
    hold: Wordings
    exhale: Wordings
    rest: Wordings

    def of(self, phase: Phase) -> Wordings:
        """The words of a phase."""
        return {"in": self.inhale, "hold": self.hold, "out": self.exhale, "rest": self.rest}[phase]


class BreathingTexts(NamedTuple):
    """A breathing exercise: how it is announced, phase by phase, and how it ends."""

    name: tuple[str, ...]
    inhale: str
    hold: str
    exhale: str
    rest: str
    release: tuple[str, ...]
    next: str
    title: str

    def of(self, phase: Phase) -> str:
        """How a phase is announced."""
        return {"in": self.inhale, "hold": self.hold, "out": self.exhale, "rest": self.rest}[phase]


class DurationTexts(NamedTuple):
    """A length of time; `{n}` is a number, in words or figures."""

    second: str
    seconds: str
    minute: str
    minutes: str
    breath: str
    breaths: str
    both: str


class Language(NamedTuple):
    """All the words that a session itself says in a language, and a few that texts are searched for."""

    code: str
    begin: str
    ten: str
    countdown: tuple[str, str, str]
    halfway: tuple[str, ...]
    release: tuple[str, ...]
    rest: Wordings
    last_rest: Wordings
    side: str
    plain: str
    round: str
    breath: BreathTexts
    breathing: BreathingTexts
    introduction: str
    nothing: str
    title_round: str
    numbers: tuple[str, ...]
    point: str
    duration: DurationTexts
    sides: tuple[tuple[str, ...], ...]
    own_side: tuple[str, ...]
    articles: tuple[str, ...]
