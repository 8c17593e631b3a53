"""What is said inside a hold, and what gives way when it does not fit."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from audioguide.model.routine import Prompt
from audioguide.model.timeline import Breath, Role, Utterance
from audioguide.timeline.phrases import Phrases, Wordings
from audioguide.units import to_frames

Measure = Callable[[Utterance], int]
"""The length in frames of an utterance's clip."""

GAP = to_frames(0.25)
"""The least silence between two spoken clips."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Something that would be said at `start` (frames from the hold's start), in the first of its forms that fits.

    `room` is the most frames it may take: a breath word keeps within its phase. What is said `once` is not said again
    where the hold has become longer since.
    """

    role: Role
    start: int
    forms: Wordings
    room: int
    once: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """What is said, from `start` for `frames` frames."""

    role: Role
    start: int
    frames: int
    text: str

    @property
    def end(self) -> int:
        """The first frame after it."""
        return self.start + self.frames


def place_candidates(
    candidates: Iterable[Candidate], measure: Measure, said: Sequence[Placed] = (), since: int = 0
) -> list[Placed]:
    """The candidates that can be said, by start. Earlier ones win, nothing moves, `GAP` is kept between any two.

    Of a hold that is heard already, what was `said` (by start) before the frame `since` stays, and only what comes
    after it is placed.
    """
    placed, wanted = list(said), list(candidates)
    regular = {(candidate.start, form) for candidate in wanted if not candidate.once for form in candidate.forms}
    before = {(item.role, item.text) for item in said if (item.start, item.text) not in regular}
    for candidate in wanted:
        again = candidate.once and any((candidate.role, form) in before for form in candidate.forms)
        if candidate.start < since or again:
            continue
        lengths = ((text, measure(Utterance(text, candidate.role))) for text in candidate.forms)
        text, length = next((form for form in lengths if form[1] <= candidate.room), ("", 0))
        index = bisect_left(placed, candidate.start, key=lambda item: item.start)
        clear = index == 0 or placed[index - 1].end + GAP <= candidate.start
        if text and clear and (index == len(placed) or candidate.start + length + GAP <= placed[index].start):
            placed.insert(index, Placed(candidate.role, candidate.start, length, text))
    return placed


def list_candidates(
    hold: int, words: Phrases, breaths: Iterable[Breath], own: Iterable[Prompt] = (), *, kept: bool = False
) -> Iterator[Candidate]:
    """All that would be said in a still hold of `hold` frames; what stands later gives way to what stands earlier.

    In one that is `kept` going nothing is said that counts from its end.
    """
    for prompt in own:
        half = prompt.at == "half"
        if not (kept and (half or (isinstance(prompt.at, float | int) and prompt.at < 0))):
            for start in find_prompt_starts(prompt, hold):
                yield Candidate("prompt", start, (prompt.say,), hold - start, once=half)
    if not kept:
        yield from _ending(hold, words)
    yield from list_breath_words(breaths, words)


def _ending(hold: int, words: Phrases) -> Iterator[Candidate]:
    """What tells how much is left."""
    if hold >= to_frames(10):
        for left, text in zip((3, 2, 1), words.countdown, strict=True):
            yield Candidate("countdown", hold - to_frames(left), (text,), to_frames(left))
    if hold >= to_frames(30):
        yield Candidate("ten", hold - to_frames(10), (words.ten,), to_frames(10))
    if hold >= to_frames(20):
        yield Candidate("halfway", hold // 2, (words.halfway,), hold - hold // 2, once=True)


def list_breath_words(
    breaths: Iterable[Breath], words: Phrases, own: dict[str, str] | None = None
) -> Iterator[Candidate]:
    """The words of the voiced phases. Each leaves `GAP` before the next phase, if that has a word of its own."""
    phases, led = list(breaths), -1
    for breath, following in zip_longest(phases, phases[1:]):
        if breath.voiced:
            led += breath.phase == "in"
            forms = words.breath(breath.phase, (own or {}).get(breath.phase), led)
            yield Candidate(
                "breath", breath.start, forms, breath.frames - (GAP if following and following.voiced else 0)
            )


def find_prompt_starts(prompt: Prompt, hold: int) -> Iterator[int]:
    """When a person's own words are due in a hold, in frames from its start."""
    if prompt.every:
        step = to_frames(prompt.every)
        yield from range(step, hold, max(step, 1))
    elif prompt.at == "half":
        yield hold // 2
    elif isinstance(prompt.at, float | int):
        start = to_frames(prompt.at) if prompt.at >= 0 else hold + to_frames(prompt.at)
        if 0 <= start < hold:
            yield start
