"""Bookmarks: where a session was left, and where to begin it again. Never inside a word, never inside a hold.

All functions take the sections that have been compiled so far, so they also work while a session is being made.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from audioguide.model.routine import PoseStep, SayStep, Step
from audioguide.model.selectors import find_steps, names_of, slug
from audioguide.model.timeline import Cue, Section
from audioguide.units import RATE, to_frames

FIRST_BOOKMARK = to_frames(30)  # a session that is left earlier begins again at its start


@dataclass(frozen=True, slots=True)
class Bookmark:
    """The step that was going on when a session was left, with its `round` and `side` (None: the first).

    `title` is the name of the pose, or the chapter title of another step; `seconds` is the position in the session. For
    other options or an edited routine, `resolve_bookmark` finds the step again.
    """

    step: int
    kind: str
    title: str
    round: int | None = None
    side: str | None = None
    seconds: float = 0.0

    def __str__(self) -> str:
        """`Bridge, left side, round 2`."""
        round = f"round {self.round}" if self.round and self.round > 1 else None
        return ", ".join(filter(None, (self.title, self.side, round)))


def make_bookmark(steps: Sequence[Step], sections: Sequence[Section], position: int) -> Bookmark | None:
    """The bookmark for a frame of the session of `steps`; in a rest between rounds, the next round.

    None where resuming is not worth it: in the introduction, in the first 30 seconds and in the closing words.
    """
    index = find_section(sections, position)
    if index <= 0 or position < FIRST_BOOKMARK:
        return None
    section = sections[index]
    starts = list(_resumable_cues(section))
    cue = next((cue for cue in reversed(starts) if cue.start <= position), starts[0] if starts else None)
    step = next((step for step in steps if cue and step.number == cue.step), None)
    if cue is None or step is None or all(isinstance(later, SayStep) for later in steps[steps.index(step) :]):
        return None
    title = step.pose.original_name or step.pose.name if isinstance(step, PoseStep) else section.chapter.title
    round = cue.round + 1 if cue.round and _is_rest_between_rounds(cue) else cue.round
    return Bookmark(step.number, step.kind, title, round, cue.side, position / RATE)


def resolve_bookmark(mark: Bookmark, steps: Sequence[Step]) -> Bookmark | None:
    """The bookmark in a session with other options, or of a routine that was edited since; None without such a step.

    It is the nearest step of the same pose or kind. A round or a side that it no longer has becomes the first one.
    """
    candidates = [
        step
        for step in steps
        if mark.kind == step.kind and (not isinstance(step, PoseStep) or slug(mark.title) in map(slug, names_of(step)))
    ]
    step = min(candidates, key=lambda step: (abs(step.number - mark.step), step.number), default=None)
    if not isinstance(step, PoseStep):
        return replace(mark, step=step.number) if step else None
    round = mark.round if mark.round and mark.round <= step.rounds else None
    side = mark.side if mark.side in step.pose.sides else None
    return replace(mark, step=step.number, title=step.pose.name, round=round, side=side)


def bookmark_step(steps: Sequence[Step], selector: str) -> Bookmark:
    """The first step that an id, a name or a number selects; RequestError, with the nearest name, if there is none."""
    number = min(find_steps(steps, selector))
    step = next(step for step in steps if step.number == number)
    return Bookmark(number, step.kind, step.pose.name if isinstance(step, PoseStep) else selector)


def find_section(sections: Sequence[Section], frame: int) -> int:
    """The index of the section at a frame; the last one for a frame after the end, -1 without sections."""
    return bisect_right(sections, frame, key=lambda section: section.chapter.start) - 1


def find_start(sections: Sequence[Section], mark: Bookmark) -> int | None:
    """The frame at which the step of a bookmark is announced; None while that is not compiled yet."""
    for section in sections:
        starts = [
            cue.start
            for cue in _resumable_cues(section)
            if cue.step == mark.step and mark.round in (None, cue.round) and mark.side in (None, cue.side)
            if not _is_rest_between_rounds(cue)
        ]
        if starts:  # several where a side is done twice
            return next((start for start in reversed(starts) if start <= to_frames(mark.seconds)), starts[0])
    return None


def snap_to_word_start(sections: Sequence[Section], frame: int) -> int | None:
    """The frame itself, or the start of the clip that it falls into; None while that is not compiled yet."""
    index = find_section(sections, frame)
    if index < 0 or frame >= sections[index].chapter.end:
        return None
    clips = (cue.start for cue in sections[index].cues if cue.kind == "speech" and cue.start < frame < cue.end)
    return next(clips, frame)


def _resumable_cues(section: Section) -> Iterator[Cue]:
    """The first cue of everything that can be resumed: a side of a pose, another step, a rest between rounds."""
    before, was_held = None, False
    for cue in section.cues:
        here = cue.step, cue.round, cue.side
        is_again = was_held and cue.role == "name"  # the same side a second time
        if here != before or is_again or _is_rest_between_rounds(cue):
            yield cue
            was_held = False
        before, was_held = here, was_held or cue.kind == "hold"


def _is_rest_between_rounds(cue: Cue) -> bool:
    return cue.kind == "rest" and cue.round is not None
