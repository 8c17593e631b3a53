"""What a spoken sentence asks for: "hold for 30 seconds" a hold, "rest for a minute" a rest, "wait" a pause."""

from dataclasses import dataclass
from typing import Literal

from audioguide.routine.importers import phrasing
from audioguide.routine.importers.lengths import Duration
from audioguide.routine.importers.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Asked:
    """A time that words ask for. The words go on being spoken; the silence comes after their first `end` characters.

    `text`: the words that ask for it. `certain`: a verb says so.
    """

    kind: Literal["pause", "hold", "rest"]
    duration: Duration
    end: int
    certain: bool
    text: str


def find_asked(sentence: str, vocabulary: Vocabulary, breathing: bool = False) -> Asked | None:
    """What a sentence asks for. `breathing`: it leads a breath, to which a few seconds belong."""
    found = phrasing.find_timing(sentence, breathing)
    if found is None:
        return None
    length = Duration(found.amount.seconds, found.amount.breaths, found.amount.upper)
    return Asked(found.kind, length, found.end, found.certain, found.text)


def is_exercise(text: str, vocabulary: Vocabulary) -> bool:
    """Whether something is done in a silence after these words, rather than felt or thought about."""
    return phrasing.is_exercise(text)


def is_movement(sentence: str, vocabulary: Vocabulary) -> bool:
    """Whether a sentence tells to move: it begins with a verb that does."""
    return phrasing.is_movement(sentence)


def is_release(sentence: str, vocabulary: Vocabulary) -> bool:
    """Whether a sentence leads out of a hold, and only that."""
    return phrasing.is_release(sentence)


def is_rest(name: str, vocabulary: Vocabulary) -> bool:
    """Whether a name (of a line, a heading, a cell) is that of a rest between exercises."""
    return phrasing.is_rest(name)


def is_breathing(text: str, vocabulary: Vocabulary) -> bool:
    """Whether the words lead a breath: a few seconds after them belong to it."""
    return phrasing.is_breathing(text)
