"""What is said inside a hold, and what gives way when it does not fit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import zip_longest

from audioguide.routine.model import Prompt
from audioguide.timeline.breathing import Breath
from audioguide.timeline.model import Role, Utterance
from audioguide.timeline.words import Forms, Words
from audioguide.units import frames

Measure = Callable[[Utterance], int]
"""The length in frames of an utterance's clip."""

GAP = frames(0.25)
"""The least silence between two spoken clips."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that would be said at `start` (frames from the hold's start), in the first of its forms that fits.

    `room` is the most frames it may take: a breath word keeps within its phase.
    """

    role: Role
    start: int
    forms: Forms
    room: int


@dataclass(frozen=True, slots=True)
class Placed:
    """What is said, from `start` for `frames` frames."""

    role: Role
    start: int
    frames: int
    text: str


def place(candidates: Iterable[Candidate], measure: Measure) -> list[Placed]:
    """The candidates that can be said, by start. Earlier ones win, nothing moves, `GAP` is kept between any two."""
    placed: list[Placed] = []
    for candidate in candidates:
        lengths = ((text, measure(Utterance(text, candidate.role))) for text in candidate.forms)
        text, length = next((form for form in lengths if form[1] <= candidate.room), ("", 0))
        end = candidate.start + length
        if text and all(
            end + GAP <= other.start or other.start + other.frames + GAP <= candidate.start for other in placed
        ):
            placed.append(Placed(candidate.role, candidate.start, length, text))
    return sorted(placed, key=lambda item: item.start)


def candidates(hold: int, words: Words, breaths: Iterable[Breath], own: Iterable[Prompt] = ()) -> Iterator[Candidate]:
    """All that would be said in a still hold of `hold` frames; what stands later gives way to what stands earlier."""
    for prompt in own:
        for start in moments(prompt, hold):
            yield Candidate("prompt", start, (prompt.say,), hold - start)
    if hold >= frames(10):
        for left, text in zip((3, 2, 1), words.countdown, strict=True):
            yield Candidate("countdown", hold - frames(left), (text,), frames(left))
    if hold >= frames(30):
        yield Candidate("ten", hold - frames(10), (words.ten,), frames(10))
    if hold >= frames(20):
        yield Candidate("halfway", hold // 2, (words.halfway,), hold - hold // 2)
    yield from voiced(breaths, words)


def voiced(breaths: Iterable[Breath], words: Words, own: dict[str, str] | None = None) -> Iterator[Candidate]:
    """The words of the voiced phases. Each leaves `GAP` before the next phase, if that has a word of its own."""
    phases, led = list(breaths), -1
    for breath, following in zip_longest(phases, phases[1:]):
        if breath.voiced:
            led += breath.phase == "in"
            forms = words.breath(breath.phase, (own or {}).get(breath.phase), led)
            yield Candidate(
                "breath", breath.start, forms, breath.frames - (GAP if following and following.voiced else 0)
            )


def moments(prompt: Prompt, hold: int) -> Iterator[int]:
    """When a person's own words are due in a hold, in frames from its start."""
    if prompt.every:
        step = frames(prompt.every)
        yield from range(step, hold, max(step, 1))
    elif prompt.at == "half":
        yield hold // 2
    elif isinstance(prompt.at, float | int):
        start = frames(prompt.at) if prompt.at >= 0 else hold + frames(prompt.at)
        if 0 <= start < hold:
            yield start
