"""The timeline as a reader sees it: runs, each one pose with all of its rounds and sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from audioguide.timeline.model import Cue, Section, Timeline
from audioguide.units import plain


@dataclass(frozen=True, slots=True)
class Run:
    """Consecutive chapters of one step. `kind` counts the different poses from 0, None without a hold.

    `start` and `end` are frames; `rounds` is 1 for a pose done once.
    """

    name: str
    kind: int | None
    start: int
    end: int
    rounds: int
    cues: tuple[Cue, ...]

    @property
    def holds(self) -> tuple[Cue, ...]:
        """The holds, in order."""
        return tuple(cue for cue in self.cues if cue.kind == "hold")


def runs_of(timeline: Timeline) -> tuple[Run, ...]:
    """The runs of a session, contiguous."""
    kinds: dict[str, int] = {}
    return tuple(_run(list(sections), kinds) for _, sections in groupby(timeline.sections, _Step()))


class _Step:
    """The step whose hold a chapter has; a chapter without one is a run of its own."""

    def __init__(self) -> None:
        self._without = 0

    def __call__(self, section: Section) -> int | None:
        for cue in section.cues:
            if cue.kind == "hold" and cue.step is not None:
                return cue.step
        self._without -= 1
        return self._without


def _run(sections: Sequence[Section], kinds: dict[str, int]) -> Run:
    cues = tuple(cue for section in sections for cue in section.cues)
    name = _common_name([section.chapter.title for section in sections])
    hold = next((cue for cue in cues if cue.kind == "hold"), None)
    kind = kinds.setdefault(hold.pose or name, len(kinds)) if hold else None
    start, end = sections[0].chapter.start, sections[-1].chapter.end
    return Run(name, kind, start, end, max((cue.round or 1 for cue in cues), default=1), cues)


def _common_name(titles: Sequence[str]) -> str:
    """What the titles of all rounds say before their round: `Bird dog` of `Bird dog, round 1 of 4`."""
    names = {title.rpartition(",")[0] for title in titles}
    return names.pop() if len(titles) > 1 and len(names) == 1 and "" not in names else titles[0]


def hold_length(hold: Cue) -> str:
    """`45s`, as it was asked."""
    return plain(round(hold.asked or 0.0, 1))


def hold_place(hold: Cue, rounds: int) -> str:
    """The side and the round of a hold where it has them: `left · 2/3`."""
    return " · ".join(filter(None, (hold.side, hold_round(hold, rounds))))


def hold_round(hold: Cue, rounds: int) -> str:
    """The round of a hold that is done several times: `2/3`."""
    return f"{hold.round}/{rounds}" if rounds > 1 and hold.round else ""


def summary(holds: Sequence[Cue]) -> str:
    """The lengths of holds that have no room for their own: `5s`, `8x 5s`, `4x 5s-30s`."""
    lengths = sorted({hold.asked or 0.0 for hold in holds})
    if not lengths:
        return ""
    span = "-".join(plain(round(length, 1)) for length in dict.fromkeys((lengths[0], lengths[-1])))
    return span if len(holds) == 1 else f"{len(holds)}x {span}"


def sides(holds: Sequence[Cue]) -> str:
    """The sides of holds, each once: `left / right`."""
    return " / ".join(dict.fromkeys(hold.side for hold in holds if hold.side))
