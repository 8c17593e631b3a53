"""The session's own words in one language: data of `voices/prompts/`, and how numbers and durations are said in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from audioguide import resources
from audioguide.routine.document import read
from audioguide.routine.model import BreathPattern, Length
from audioguide.timeline.model import Phase

Forms = tuple[str, ...]
"""Wordings of one cue, the fullest first: where it does not fit, the next one is tried."""


@dataclass(frozen=True)
class Words:
    """One language. Every method returns text ready to be spoken."""

    data: dict[str, Any]

    @property
    def begin(self) -> str:
        """What opens a hold."""
        return str(self.data["begin"])

    @property
    def release(self) -> str:
        """What follows the release chime where a pose has no words of its own."""
        return str(self.data["release"])

    @property
    def nothing(self) -> str:
        """What a placeholder for a pose says where there is none."""
        return str(self.data["nothing"])

    @property
    def halfway(self) -> str:
        """Said at half of a hold."""
        return str(self.data["halfway"])

    @property
    def ten(self) -> str:
        """Said ten seconds before the end of a hold."""
        return str(self.data["ten"])

    @property
    def countdown(self) -> tuple[str, str, str]:
        """Said three, two and one seconds before the end."""
        three, two, one = self.data["countdown"]
        return str(three), str(two), str(one)

    @property
    def introduction(self) -> str:
        """The title of the first chapter."""
        return str(self.data["introduction"])

    def name(self, pose: str, side: str | None, round: int, rounds: int) -> str:
        """`Pigeon, left side. Round two of three.`"""
        text = self._fill("side" if side else "plain", pose=pose, side=side or "")
        if rounds > 1:
            text += " " + self._fill("round", round=self.number(round), rounds=self.number(rounds))
        return text

    def title(self, pose: str, round: int, rounds: int) -> str:
        """A chapter's title."""
        if rounds == 1:
            return pose
        return fill(self.data["title_round"], pose=pose, round=str(round), rounds=str(rounds))

    def breath(self, phase: Phase, own: str | None = None) -> Forms:
        """The words of a phase of the breath; a moving pose has its own, which may be shortened to the session's."""
        forms = self.data["breath"][phase]
        return (own, forms["short"]) if own else (forms["full"], forms["short"])

    def rest(self, next: str | None) -> Forms:
        """What a rest announces."""
        forms = self.data["rest"] if next else self.data["last_rest"]
        return tuple(_sentence(fill(form, next=next or "")) for form in (forms["full"], forms["short"]))

    def breathing(self, pattern: BreathPattern) -> str:
        """How a breathing exercise is announced: `In for four. Out for six.`"""
        parts = self.data["breathing"]
        seconds = {"in": pattern.inhale, "hold": pattern.hold, "out": pattern.exhale, "rest": pattern.rest}
        said = [fill(parts[phase], seconds=self.number(length)) for phase, length in seconds.items() if length]
        return " ".join([parts["name"], *said])

    def breathing_title(self, pattern: BreathPattern) -> str:
        """The chapter of a breathing exercise."""
        return fill(self.data["breathing"]["title"], pattern=str(pattern))

    @property
    def breathing_release(self) -> str:
        """What ends a breathing exercise."""
        return str(self.data["breathing"]["release"])

    def count(self, number: int) -> str:
        """The count of a rep."""
        return _sentence(self.number(number))

    def number(self, value: float) -> str:
        """A number in words where the language's table has it, else in digits."""
        numbers: list[str] = self.data["numbers"]
        return numbers[int(value) - 1] if value == int(value) and 1 <= value <= len(numbers) else f"{value:g}"

    def duration(self, length: Length) -> str:
        """`thirty seconds`, `1 minute and 30 seconds`, `five breaths`.

        Nobody says `73.42 seconds`: what is not whole is said to the nearest second, or five of them beyond a minute.
        """
        if length.unit == "breaths":
            return self._amount(length.amount, "breath")
        seconds = length.amount
        if seconds != int(seconds) and seconds >= 10:
            seconds = round(seconds) if seconds < 60 else 5 * round(seconds / 5)
        minutes, rest = divmod(seconds, 60)
        parts = [self._amount(minutes, "minute")] if minutes else []
        parts += [self._amount(rest, "second")] if rest or not minutes else []
        return str(self.data["duration"]["and"]).join(parts)

    def _amount(self, value: float, unit: str) -> str:
        return fill(self.data["duration"][unit if value == 1 else f"{unit}s"], n=self.number(value))

    def _fill(self, key: str, **values: str) -> str:
        return _sentence(fill(self.data[key], **values))


def fill(template: str, **values: str) -> str:
    """A text with each `{word}` replaced; a word that has no value here is left out."""
    return " ".join(re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], ""), template).split())


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


@cache
def words(language: str) -> Words:
    """The words of a language; RequestError when there are none."""
    return Words(read(resources.prompts_file(language)).data)
