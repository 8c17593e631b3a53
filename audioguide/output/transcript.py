"""What is said in a session, as text to read along."""

from __future__ import annotations

from collections.abc import Iterator

from audioguide.timeline.model import Cue, Role, Section, Timeline
from audioguide.units import clock, plain

TIMEKEEPING: frozenset[Role] = frozenset({"breath", "count", "halfway", "ten", "countdown"})
"""Speech that only keeps time within a hold: on paper it would bury the instructions."""


def transcript(timeline: Timeline) -> str:
    """The session's text: a heading with its time for each chapter, what is said, and each hold's length.

    Breath words, counts and countdowns are left out. Ends without a line break.
    """
    return "\n\n".join("\n".join(_lines(section)) for section in timeline.sections)


def _lines(section: Section) -> Iterator[str]:
    yield f"{clock(section.chapter.start)} {section.chapter.title}"
    said: list[str] = []
    for cue in section.cues:
        if cue.kind == "hold":
            yield from _paragraph(said)
            yield _hold(cue)
            said = []
        elif cue.kind == "speech" and cue.text and cue.role not in TIMEKEEPING:
            said.append(cue.text)
    yield from _paragraph(said)


def _paragraph(said: list[str]) -> Iterator[str]:
    if said:
        yield " ".join(said)


def _hold(cue: Cue) -> str:
    length = plain(round(cue.asked, 1)) if cue.asked is not None else clock(cue.frames)
    return f"({', '.join(filter(None, ('hold', cue.side, length)))})"
