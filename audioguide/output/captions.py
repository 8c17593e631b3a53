"""The captions of a session: what is said, and from when to when, to be shown in step with the sound."""

from __future__ import annotations

from dataclasses import dataclass

from audioguide.timeline.model import Role, Timeline


@dataclass(frozen=True, slots=True)
class Caption:
    """One utterance: its first frame, the first frame after it, its text in one line, and its part."""

    start: int
    end: int
    text: str
    role: Role


def captions(timeline: Timeline) -> tuple[Caption, ...]:
    """A caption for every utterance that is heard, in order.

    Breath words and counts are among them, unlike in a transcript: a transcript is read beside the mat, captions are
    read while the session goes on, by someone who does not hear it, and for them these are what the hold consists of.
    """
    return tuple(
        Caption(cue.start, cue.end, " ".join(cue.text.split()), cue.role)
        for cue in timeline.cues
        if cue.kind == "speech" and cue.text and cue.role
    )
