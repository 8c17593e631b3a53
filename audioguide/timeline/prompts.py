"""What is said inside a hold: what is due when, and what is left out where it does not fit.

All frames are counted from the start of the hold.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from operator import attrgetter

from audioguide.model.cues import Cues
from audioguide.model.routine import Prompt
from audioguide.model.timeline import Breath, Cue, Role, Utterance
from audioguide.timeline.phrases import Phrases, Wordings
from audioguide.units import to_frames

Measure = Callable[[Utterance], int]  # the length of an utterance's clip in frames
GAP = to_frames(0.25)  # the least silence between two clips
LATEST_HALFWAY = 3.0  # so many seconds after half of a breathing exercise it may be said, after a breath word


@dataclass(frozen=True, slots=True)
class Candidate:
    """A prompt that is due at `start`, in the first of its wordings that takes at most `room` frames.

    One with `once` is not repeated when the hold is made longer after it was said. It may begin up to `late` frames
    later, after what is being said.
    """

    role: Role
    start: int
    wordings: Wordings
    room: int
    once: bool = False
    late: int = 0


def place_candidates(
    candidates: Iterable[Candidate], measure: Measure, said: Sequence[Cue] = (), change: int = 0
) -> list[Cue]:
    """The candidates that can be said, as cues in order. Earlier ones win, nothing moves, `GAP` separates any two.

    In a hold that is being played, what was `said` before the frame `change` stays.
    """
    placed, candidates = list(said), list(candidates)
    regular = {(candidate.start, text) for candidate in candidates if not candidate.once for text in candidate.wordings}
    said_once = {(cue.role, cue.text) for cue in said if (cue.start, cue.text) not in regular}
    for candidate in candidates:
        repeats = candidate.once and any((candidate.role, text) in said_once for text in candidate.wordings)
        if candidate.start < change or repeats:
            continue
        lengths = ((text, measure(Utterance(text, candidate.role))) for text in candidate.wordings)
        text, length = next((wording for wording in lengths if wording[1] <= candidate.room), ("", 0))
        start = candidate.start
        if candidate.late:
            free = max((cue.end + GAP for cue in placed if cue.start <= start), default=start)
            start = free if start < free <= start + candidate.late else start
        index = bisect_left(placed, start, key=attrgetter("start"))
        is_clear = index == 0 or placed[index - 1].end + GAP <= start
        if text and is_clear and (index == len(placed) or start + length + GAP <= placed[index].start):
            placed.insert(index, Cue("speech", start, length, candidate.role, text))
    return placed


def list_candidates(
    hold: int,
    phrases: Phrases,
    breaths: Iterable[Breath],
    cues: Cues,
    own: Iterable[Prompt] = (),
    *,
    open_ended: bool = False,
    breath_first: bool = False,
) -> Iterator[Candidate]:
    """Every prompt of a still hold of `hold` frames; later ones give way to earlier ones.

    In an `open_ended` hold nothing is said that depends on its end. With `breath_first` no breath word gives way.
    """
    words, texts = list_breath_words(breaths, phrases), phrases.texts
    if breath_first:
        yield from words
    for prompt in own:
        half = prompt.at == "half"
        from_end = half or (isinstance(prompt.at, float | int) and prompt.at < 0)
        for start in () if open_ended and from_end else find_prompt_starts(prompt, hold):
            yield Candidate("prompt", start, (prompt.say,), hold - start, once=half)
    if hold >= to_frames(10) and cues.countdown != "off" and not open_ended:
        for left, text in zip((3, 2, 1), texts.countdown, strict=False):
            if cues.countdown == "on" or left == 1:
                yield Candidate("countdown", hold - to_frames(left), (text,), to_frames(left))
    if hold >= to_frames(30) and cues.ten != "off" and texts.ten and not open_ended:
        ten = texts.ten if cues.ten == "on" else phrases.count(10)
        yield Candidate("ten", hold - to_frames(10), (ten,), to_frames(10))
    if hold >= to_frames(20) and cues.halfway != "off" and texts.halfway and not open_ended:
        halfway = phrases.choose(texts.halfway) if cues.halfway == "on" else min(texts.halfway, key=len)
        late = to_frames(LATEST_HALFWAY) if breath_first else 0
        yield Candidate("halfway", hold // 2, (halfway,), hold - hold // 2, once=True, late=late)
    yield from words  # nothing more, where they came first


def list_breath_words(
    breaths: Iterable[Breath], phrases: Phrases, own: dict[str, str] | None = None
) -> Iterator[Candidate]:
    """The words of the voiced breaths, `GAP` before a voiced next phase; `own` are a moving pose's, by phase."""
    phases, cycle = list(breaths), -1
    for breath, following in zip_longest(phases, phases[1:]):
        if breath.voiced:
            cycle += breath.part == "in"
            wordings = phrases.breath(breath.part, (own or {}).get(breath.part), cycle)
            gap = GAP if following and following.voiced else 0
            yield Candidate("breath", breath.start, wordings, breath.frames - gap)


def find_prompt_starts(prompt: Prompt, hold: int) -> Iterator[int]:
    """When a routine's own prompt is due in a hold of `hold` frames."""
    if prompt.every:
        interval = to_frames(prompt.every)
        yield from range(interval, hold, max(interval, 1))
    elif prompt.at == "half":
        yield hold // 2
    elif isinstance(prompt.at, float | int):
        start = to_frames(prompt.at) if prompt.at >= 0 else hold + to_frames(prompt.at)
        if 0 <= start < hold:
            yield start
