"""The middle of every pose and breathing exercise: "begin", the hold with what is said in it, the release."""

from __future__ import annotations

from collections.abc import Iterable

from audioguide.routine.model import Bed, Chime
from audioguide.timeline.breathing import Breath
from audioguide.timeline.model import Cue
from audioguide.timeline.prompts import GAP, Candidate, Placed, place
from audioguide.timeline.tape import About, Tape
from audioguide.units import frames

START_CHIME = frames(0.25)
RELEASE_CHIME = frames(1.2)
RELEASE_DELAY = frames(0.7)
"""From the release chime's first frame to the release text: the stroke is heard, its tail rings under the words."""

SHORT_HOLD = frames(10)
"""Below this a chime stands in the place of "begin"."""


def begin(
    tape: Tape, seconds: float, text: str, about: About, bed: Bed | None, chime: Chime | None, *, kept: bool = False
) -> Cue:
    """Say "begin" and put down the hold, `seconds` long, from 250 ms after that word has ended.

    Of one that is `kept` going, no length is asked. One that was heard to its end stays as it was.
    """
    opens = max(tape.cursor, tape.spoken + GAP)
    short = frames(seconds) < SHORT_HOLD
    if opens < tape.heard.since:
        short = tape.heard.at(opens, "chime") is not None
    if short:
        opening = tape.put("chime", opens, START_CHIME, about, chime="start", sound=chime)
    else:
        opening = tape.speak("begin", text, about, GAP)
    start, length, asked = opening.end + GAP, frames(seconds), None if kept else seconds
    if over := tape.heard.over(start, "hold"):
        length, asked = over.frames, over.asked
    hold = tape.put("hold", start, length, about, asked=asked, bed=bed)
    tape.cursor = hold.end
    return hold


def going_on(tape: Tape, hold: Cue, breaths: Iterable[Breath]) -> list[Breath]:
    """The breaths of a hold, but those that would have begun in what was heard, and did not: it was shorter then."""
    since = tape.heard.since - hold.start
    heard = {cue.start - hold.start for cue in tape.heard.within(hold.start, hold.end, "breath")}
    found: list[Breath] = []
    missed = False
    for breath in breaths:
        missed = (missed and breath.phase != "in") or (breath.start < since and breath.start not in heard)
        if not missed:
            found.append(breath)
    return found


def breathe(tape: Tape, hold: Cue, breaths: Iterable[Breath], about: About) -> None:
    """Put down the breath cues of a hold, voiced or not; one that has begun ends with the hold at the latest."""
    for cue in tape.heard.within(hold.start, hold.end, "breath"):
        tape.put("breath", cue.start, min(cue.end, hold.end) - cue.start, about, phase=cue.phase)
    for breath in breaths:
        if hold.start + breath.start >= tape.heard.since:
            tape.put("breath", hold.start + breath.start, breath.frames, about, phase=breath.phase)


def talk(tape: Tape, hold: Cue, candidates: Iterable[Candidate], about: About) -> None:
    """Say in the hold what fits in it, around what was said already."""
    heard = tape.heard.within(hold.start, hold.end, "speech")
    said = [Placed(cue.role, cue.start - hold.start, cue.frames, cue.text) for cue in heard if cue.role and cue.text]
    for item in place(candidates, tape.measuring(about), said, tape.heard.since - hold.start):
        tape.speak_at(hold.start + item.start, item.role, item.text, about)


def release(tape: Tape, hold: Cue, text: str, about: About, sound: Chime | None) -> None:
    """Sound the chime on the first frame after the hold, and say how to come out."""
    chime = tape.put("chime", hold.end, RELEASE_CHIME, about, chime="release", sound=sound)
    tape.cursor = hold.end + RELEASE_DELAY
    tape.speak("release", text, about, GAP)
    tape.cursor = max(tape.cursor, chime.end)
