"""The session's own words in one language: data of `voices/prompts/`, and how numbers and durations are said in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from audioguide.model.routine import BreathPattern, Length
from audioguide.model.timeline import Phase
from audioguide.schema.document import Document, read_document
from audioguide.schema.validate import validate
from audioguide.system import paths
from audioguide.system.files import cache_by_file
from audioguide.timeline.phrase_forms import Language

Wordings = tuple[str, ...]
"""Wordings of one cue, the fullest first: where it does not fit, the next one is tried."""


@dataclass(frozen=True)
class Phrases:
    """One language. Every method returns text ready to be spoken.

    What people wait for with closed eyes ("begin", ten seconds, the countdown, names, counts) is always said alike.
    Of the rest there are several wordings: they take turns from step to step, and in a step from hold to hold. The
    turn follows from the step alone, so a chapter keeps its words whatever changes in those before it.
    """

    data: Language
    turn: int = 0

    def at(self, step: int, nth: int = 0) -> Phrases:
        """The words for the `nth` hold (from 0) of a step, all its sides and rounds counted.

        Within a step two wordings alternate, downwards: so of three wordings none is heard twice in a row, also where
        the next step begins.
        """
        return replace(self, turn=step - nth % 2)

    @property
    def code(self) -> str:
        """The language by its code of ISO 639-2, as tags have it."""
        return self.data.code

    @property
    def begin(self) -> str:
        """What opens a hold."""
        return self.data.begin

    @property
    def release(self) -> str:
        """What follows the release chime where a pose has no words of its own."""
        return self._choose(self.data.release)

    @property
    def nothing(self) -> str:
        """What a placeholder for a pose says where there is none."""
        return self.data.nothing

    @property
    def halfway(self) -> str:
        """Said at half of a hold."""
        return self._choose(self.data.halfway)

    @property
    def ten(self) -> str:
        """Said ten seconds before the end of a hold."""
        return self.data.ten

    @property
    def countdown(self) -> tuple[str, ...]:
        """Said three, two and one seconds before the end."""
        return self.data.countdown

    @property
    def introduction(self) -> str:
        """The title of the first chapter."""
        return self.data.introduction

    def name(self, pose: str, side: str | None, round: int, rounds: int) -> str:
        """`Pigeon, left side. Round two of three.`"""
        text = _sentence(fill_placeholders(self.data.side if side else self.data.plain, pose=pose, side=side or ""))
        if rounds > 1:
            text += " " + _sentence(
                fill_placeholders(self.data.round, round=self.number(round), rounds=self.number(rounds))
            )
        return text

    def title(self, pose: str, round: int, rounds: int) -> str:
        """A chapter's title."""
        if rounds == 1:
            return pose
        return fill_placeholders(self.data.title_round, pose=pose, round=str(round), rounds=str(rounds))

    def breath(self, phase: Phase, own: str | None = None, further: int = 0) -> Wordings:
        """The words of a phase of the breath; a moving pose has its own, which may be shortened to the session's.

        `further` is the number of breaths led by the voice before this one, in the same hold. In and out go in pairs.
        """
        forms = self.data.breath.of(phase)
        return own or self._choose(forms.full, further), forms.short

    def rest(self, next: str | None) -> Wordings:
        """What a rest announces."""
        if next is None:
            forms = self.data.last_rest
            return self._choose(forms.full), forms.short
        going_on = self.data.rest
        return _sentence(fill_placeholders(self._choose(going_on.full), next=next)), going_on.short

    def breathing(self, pattern: BreathPattern) -> str:
        """How a breathing exercise is announced: `In for four. Out for six.`"""
        parts = self.data.breathing
        seconds: dict[Phase, float]
        seconds = {"in": pattern.inhale, "hold": pattern.hold, "out": pattern.exhale, "rest": pattern.rest}
        said = [
            fill_placeholders(parts.of(phase), seconds=self.number(length))
            for phase, length in seconds.items()
            if length
        ]
        return " ".join([self._choose(parts.name), *map(_sentence, said)])

    def breathing_title(self, pattern: BreathPattern) -> str:
        """The chapter of a breathing exercise."""
        return fill_placeholders(self.data.breathing.title, pattern=str(pattern))

    @property
    def breathing_next(self) -> str:
        """How a breathing exercise is named in words before it."""
        return self.data.breathing.next

    @property
    def breathing_release(self) -> str:
        """What ends a breathing exercise."""
        return self._choose(self.data.breathing.release)

    def count(self, number: int) -> str:
        """The count of a rep."""
        return _sentence(self.number(number))

    def number(self, value: float) -> str:
        """A number in words where the language's table has it, else in digits."""
        numbers = self.data.numbers
        if value == int(value) and 1 <= value <= len(numbers):
            return numbers[int(value) - 1]
        return f"{value:g}".replace(".", self.data.point)

    def duration(self, length: Length) -> str:
        """`thirty seconds`, `1 minute and 30 seconds`, `five breaths`.

        Nobody says `73.42 seconds`: what is not whole is said to the nearest second, or five of them beyond a minute.
        """
        if length.unit == "breaths":
            return self._amount(length.amount, self.data.duration.breath, self.data.duration.breaths)
        duration, seconds = self.data.duration, length.amount
        if seconds != int(seconds) and seconds >= 10:
            seconds = round(seconds) if seconds < 60 else 5 * round(seconds / 5)
        whole_minutes, rest = divmod(seconds, 60)
        minutes = self._amount(whole_minutes, duration.minute, duration.minutes)
        if whole_minutes and not rest:
            return minutes
        part = self._amount(rest, duration.second, duration.seconds)
        return fill_placeholders(duration.both, minutes=minutes, seconds=part) if whole_minutes else part

    def _amount(self, value: float, one: str, many: str) -> str:
        return fill_placeholders(one if value == 1 else many, n=self.number(value))

    def _choose(self, wordings: Sequence[str], further: int = 0) -> str:
        return wordings[(self.turn + further) % len(wordings)]


def fill_placeholders(template: str, **values: str) -> str:
    """A text with each `{word}` replaced; a word that has no value here is left out."""
    return " ".join(re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], ""), template).split())


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def find_phrases(language: str) -> Phrases:
    """The words of a language; RequestError when there are none, or with all that is wrong with their file."""
    return load_phrases(paths.prompts_file(language))


@cache_by_file
def load_phrases(path: Path) -> Phrases:
    """The words in a file. RoutineError with all that is wrong with it."""
    return parse_phrases(read_document(path))


def parse_phrases(document: Document) -> Phrases:
    """The words in a document of a language. RoutineError with all that is wrong with it."""
    return Phrases(validate(document, Language))
