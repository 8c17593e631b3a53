"""What is said inside a hold: what is due when, and what is left out where it does not fit.

All frames are counted from the start of the hold.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from operator import attrgetter

from audioguide.model import holds
from audioguide.model.cues import Cues
from audioguide.model.routine import PoseStep, Prompt
from audioguide.model.timeline import Breath, Cue, Role, Utterance
from audioguide.timeline.phrases import Phrases, Wordings
from audioguide.units import RATE, to_frames

Measure = Callable[[Utterance], int]  # the length of an utterance's clip in frames
GAP = to_frames(0.25)  # the least silence between two clips
SPOKEN_PHASE = 2.0  # seconds of a phase of a tempo, from which on it is said
PhaseWords = tuple[str, str, str]  # what is said in effort, pause and return of a rep
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
    holding: Cue, phrases: Phrases, breaths: Iterable[Breath], cues: Cues, own: Iterable[Prompt] | None = None
) -> Iterator[Candidate]:
    """Every prompt of a still hold; later ones give way to earlier ones.

    In an open-ended hold nothing is said that depends on its end. In a breathing exercise, which has no prompts of its
    `own`, no breath word gives way.
    """
    hold, open_ended = holding.frames, holding.asked is None
    words, texts = list_breath_words(breaths, phrases), phrases.texts
    if own is None:
        yield from words
    for prompt in own or ():
        from_end = prompt.at == "half" or (prompt.at is not None and prompt.at < 0)
        for start in () if open_ended and from_end else find_prompt_starts(prompt, hold):
            yield Candidate("prompt", start, (prompt.say,), hold - start, once=prompt.at == "half")
    if hold >= to_frames(10) and cues.countdown != "off" and not open_ended:
        for left, text in zip((3, 2, 1), texts.countdown, strict=False):
            if cues.countdown == "on" or left == 1:
                yield Candidate("countdown", hold - to_frames(left), (text,), to_frames(left))
    if hold >= to_frames(30) and cues.ten != "off" and texts.ten and not open_ended:
        ten = texts.ten if cues.ten == "on" else phrases.count(10)
        yield Candidate("ten", hold - to_frames(10), (ten,), to_frames(10))
    if hold >= to_frames(20) and cues.halfway != "off" and texts.halfway and not open_ended:
        halfway = phrases.choose(texts.halfway) if cues.halfway == "on" else min(texts.halfway, key=len)
        late = to_frames(LATEST_HALFWAY) if own is None else 0
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
    elif prompt.at is not None:
        start = to_frames(prompt.at) if prompt.at >= 0 else hold + to_frames(prompt.at)
        if 0 <= start < hold:
            yield start


def plan_reps(
    step: PoseStep,
    phrases: Phrases,
    measure: Measure,
    words: PhaseWords | None,
    least_frames: int = 0,
    begun: tuple[int, int] = (0, 0),
) -> tuple[int, list[Candidate]]:
    """The frames of the hold, and what is said in it: the counts, and the `words` of a tempo, or of reps that are held.

    A rep lasts as long as written, but no shorter than its count, nor than `least_frames`. If some reps were played,
    `begun` says how many before the last of these, and its start: the others follow.
    """
    first, origin = begun
    texts = [phrases.count(number + 1) for number in range(holds.count_cycles(step))]
    counts = [measure(Utterance(text, "count")) for text in texts]
    period = max((holds.cycle_seconds(step) or 0) * RATE, max(counts) + GAP, least_frames)
    starts = [origin + round(number * period) for number in range(len(texts) - first)]
    rest = 0.0 if step.rep_hold is None else step.rest * RATE
    end = max(origin + round(len(starts) * period - rest), starts[-1] + counts[-1])
    delay, said = 0, list[Candidate]()
    if step.rep_hold is not None:
        opening = Utterance(phrases.texts.reps.hold, "prompt")
        if not first and (room := measure(opening) + GAP) + counts[0] + GAP <= to_frames(step.rep_hold):
            delay, said = room, [Candidate("prompt", 0, (opening.text,), room)]
        said += _relax(step.rep_hold, phrases, starts, is_first=not first)
    elif words:
        said += _name_phases(step.pose.tempo, words, list(zip(starts, counts[first:], strict=True)))
    counted = zip((starts[0] + delay, *starts[1:]), texts[first:], strict=True)
    return end, [*(Candidate("count", start, (text,), end) for start, text in counted), *said]


def _relax(rep_hold: float, phrases: Phrases, starts: Sequence[int], is_first: bool) -> Iterator[Candidate]:
    """What is said where the hold of a rep ends, but not of the last one, which the chime ends."""
    relax = phrases.texts.reps.relax
    for start, following in pairwise(starts):
        end = start + to_frames(rep_hold)
        wordings = phrases.wordings(relax) if is_first and start == 0 else (relax.short,)
        yield Candidate("prompt", end, wordings, following - GAP - end)


def _name_phases(
    tempo: tuple[float, float, float], words: PhaseWords, reps: Sequence[tuple[int, int]]
) -> Iterator[Candidate]:
    """The words of the phases that are long enough, each in its phase, the first after the count."""
    for start, count in reps:
        offset = 0.0
        for seconds, word in zip(tempo, words, strict=True):
            begin = max(to_frames(offset), count + GAP)
            offset += seconds
            if seconds >= SPOKEN_PHASE:
                yield Candidate("prompt", start + begin, (word,), to_frames(offset) - GAP - begin)
