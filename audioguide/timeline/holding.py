"""The middle of every pose and breathing exercise: "begin", the hold with what is said in it, the release."""

from __future__ import annotations

from collections.abc import Iterable

from audioguide.routine.model import Bed, Chime
from audioguide.timeline.breathing import Breath
from audioguide.timeline.model import Cue
from audioguide.timeline.prompts import GAP, Candidate, place
from audioguide.timeline.tape import About, Tape
from audioguide.units import frames

START_CHIME = frames(0.25)
RELEASE_CHIME = frames(1.2)
RELEASE_DELAY = frames(0.7)
"""From the release chime's first frame to the release text: the stroke is heard, its tail rings under the words."""

SHORT_HOLD = frames(10)
"""Below this a chime stands in the place of "begin"."""


def begin(tape: Tape, asked: float, text: str, about: About, bed: Bed | None, chime: Chime | None) -> Cue:
    """Say "begin" and put down the hold, `asked` seconds long, from 250 ms after that word has ended."""
    if frames(asked) < SHORT_HOLD:
        start = max(tape.cursor, tape.spoken + GAP)
        opening = tape.put("chime", start, START_CHIME, about, chime="start", sound=chime)
    else:
        opening = tape.speak("begin", text, about, GAP)
    hold = tape.put("hold", opening.end + GAP, frames(asked), about, asked=asked, bed=bed)
    tape.cursor = hold.end
    return hold


def breathe(tape: Tape, hold: Cue, breaths: Iterable[Breath], about: About) -> None:
    """Put down the breath cues of a hold, voiced or not."""
    for breath in breaths:
        tape.put("breath", hold.start + breath.start, breath.frames, about, phase=breath.phase)


def talk(tape: Tape, hold: Cue, candidates: Iterable[Candidate], about: About) -> None:
    """Say in the hold what fits in it."""
    for item in place(candidates, tape.measuring(about)):
        tape.speak_at(hold.start + item.start, item.role, item.text, about)


def release(tape: Tape, hold: Cue, text: str, about: About, sound: Chime | None) -> None:
    """Sound the chime on the first frame after the hold, and say how to come out."""
    chime = tape.put("chime", hold.end, RELEASE_CHIME, about, chime="release", sound=sound)
    tape.cursor = hold.end + RELEASE_DELAY
    tape.speak("release", text, about, GAP)
    tape.cursor = max(tape.cursor, chime.end)
