"""Where a session can be gone on from: never in mid-word, never in the middle of a hold.

Sections are passed as far as they are there, so that a session can be gone on with while it is made.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from audioguide.model.routine import BreatheStep, PoseStep, RestStep, SayStep, Step
from audioguide.model.selectors import find_steps, slug
from audioguide.model.timeline import Cue, Section
from audioguide.units import RATE, to_frames

Doing = Literal["pose", "breathe", "rest", "say"]

_KINDS: dict[type[Step], Doing] = {PoseStep: "pose", BreatheStep: "breathe", RestStep: "rest", SayStep: "say"}

HARDLY_BEGUN = to_frames(30)
"""Who leaves before this begins again at the start."""


@dataclass(frozen=True, slots=True)
class Bookmark:
    """What was going on where a session was left. It outlives changed options and an edited routine: see `find`.

    `title` is the pose's name, or of another step its chapter's. Without a `round` or a `side` it is the first one.
    `seconds` is how far into the session it was.
    """

    step: int
    kind: Doing
    title: str
    round: int | None = None
    side: str | None = None
    seconds: float = 0.0

    def __str__(self) -> str:
        """`Bridge, left side, round 2`."""
        round = f"round {self.round}" if self.round and self.round > 1 else None
        return ", ".join(filter(None, (self.title, self.side, round)))


def make_bookmark(steps: Sequence[Step], sections: Sequence[Section], position: int) -> Bookmark | None:
    """The mark of a position, which has to be there already, in the session that `steps` are.

    That is the pose and side that was going on, or another step; in a rest between two rounds, the next round. None
    where it is not worth going on: in the introduction and the first 30 seconds, and in the closing words.
    """
    index = _index(sections, position)
    if index <= 0 or position < HARDLY_BEGUN:
        return None
    section = sections[index]
    beginnings = list(_beginnings(section))
    begun = [cue for cue in beginnings if cue.start <= position]
    cue = next(iter(begun[-1:] or beginnings), None)
    step = next((step for step in steps if cue and step.number == cue.step), None)
    if cue is None or step is None or _closes(steps, step):
        return None
    title = step.pose.name if isinstance(step, PoseStep) else section.chapter.title
    between = cue.kind == "rest" and cue.round is not None
    round = cue.round + 1 if cue.round and between else cue.round
    return Bookmark(step.number, _KINDS[type(step)], title, round, cue.side, position / RATE)


def resolve_bookmark(mark: Bookmark, steps: Sequence[Step]) -> Bookmark | None:
    """The mark in a session of other options, or of a routine that was edited since; None when it has no such step.

    It is the step of its number if that is the same pose (or kind of step), else the nearest one that is. A round or
    side that there is not any more becomes the first one.
    """
    alike = [step for step in steps if _is_alike(mark, step)]
    step = min(alike, key=lambda step: (abs(step.number - mark.step), step.number), default=None)
    if not isinstance(step, PoseStep):
        return replace(mark, step=step.number) if step else None
    round = mark.round if mark.round and mark.round <= step.rounds else None
    side = mark.side if mark.side in step.pose.sides else None
    return replace(mark, step=step.number, round=round, side=side)


def bookmark_step(steps: Sequence[Step], selector: str) -> Bookmark:
    """The first step that an id, a name or a number names; RequestError names the nearest."""
    number = min(find_steps(steps, selector))
    step = next(step for step in steps if step.number == number)
    return Bookmark(number, _KINDS[type(step)], step.pose.name if isinstance(step, PoseStep) else selector)


def find_start(sections: Sequence[Section], mark: Bookmark) -> int | None:
    """The frame at which what `find` or `named` gave is announced; None while that is not there yet."""
    for section in sections:
        for cue in _beginnings(section):
            there = cue.step == mark.step and mark.round in (None, cue.round) and mark.side in (None, cue.side)
            if there and not _between(cue):
                return cue.start
    return None


def snap_to_word_start(sections: Sequence[Section], frame: int) -> int | None:
    """The frame itself, or the start of the clip that it falls into; None while that is not there yet."""
    index = _index(sections, frame)
    if index < 0 or frame >= sections[index].chapter.end:
        return None
    spoken = (cue.start for cue in sections[index].cues if cue.kind == "speech" and cue.start < frame < cue.end)
    return next(spoken, frame)


def _index(sections: Sequence[Section], position: int) -> int:
    """Which section a position lies in; one that is beyond them, as after the end, in the last one."""
    return bisect_right(sections, position, key=lambda section: section.chapter.start) - 1


def _beginnings(section: Section) -> Iterator[Cue]:
    """The first cue of everything that can be gone on from: a side of a pose, another step, a rest between rounds."""
    step = None
    for cue in section.cues:
        if cue.role == "name" or (cue.round is None and cue.step != step) or _between(cue):
            yield cue
        step = cue.step


def _between(cue: Cue) -> bool:
    """Whether it is a rest between two rounds of a pose, with which its chapter ends."""
    return cue.kind == "rest" and cue.round is not None


def _is_alike(mark: Bookmark, step: Step) -> bool:
    if isinstance(step, PoseStep):
        return mark.kind == "pose" and slug(step.pose.name) == slug(mark.title)
    return mark.kind == _KINDS[type(step)]


def _closes(steps: Sequence[Step], step: Step) -> bool:
    """Whether nothing but words comes from a step on."""
    return all(isinstance(later, SayStep) for later in steps if later.number >= step.number)
