"""A key press during playback (longer, shorter, keep going) as edits of the current hold and of the step's later ones.

Pure: nothing is compiled here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from audioguide.model.routine import PoseStep, Routine
from audioguide.model.timeline import Cue, Section
from audioguide.timeline.edits import NO_EDITS, HoldEdit, HoldEdits, HoldId, HoldRange, find_range
from audioguide.units import RATE, to_frames

EditCommand = Literal["longer", "shorter", "keep"]
FADE = to_frames(0.3)  # a hold that is cut short lasts at least so long from the change on: its background fades out
AT_LIMIT = "its longest"
NOTHING_HERE = "There is no hold here to change."
TOO_LATE = "Too late: that hold is over, and stays as it was."
_SHORTEST = "its shortest"
_KEPT = "goes on until you end it"
_ALREADY_KEPT = f"already {_KEPT}"
_REST = "A rest cannot be kept going."


@dataclass(frozen=True, slots=True)
class EditTime:
    """When a key is pressed: the frame that is playing then, and the first frame that can still change."""

    position: int
    change_frame: int


def apply_edit(
    routine: Routine,
    section: Section,
    edits: HoldEdits,
    command: EditCommand,
    time: EditTime,
    *,
    beyond_limits: bool = False,
) -> tuple[HoldEdits, str]:
    """All edits after a command, and the message for the listener.

    The command is for the hold or rest that is playing, else for the next hold in the section. "longer" and "shorter"
    also change the later holds (or rests) of the step, so that both sides get the same.
    """
    cue = find_target(section, time)
    if cue is None or cue.step is None:
        return edits, NOTHING_HERE
    editor = _make_editor(routine, section, edits, cue, time.change_frame, beyond_limits)
    return editor.toggle_open_end() if command == "keep" else editor.change(longer=command == "longer")


def is_at_limit(message: str) -> bool:
    """Whether the message says that a hold cannot change, or not any further."""
    return message in (NOTHING_HERE, TOO_LATE, _REST) or message.endswith((AT_LIMIT, _SHORTEST, _ALREADY_KEPT))


def end_open_hold(routine: Routine, section: Section, edits: HoldEdits, change_frame: int) -> HoldEdits:
    """All edits after ending the section's open-ended hold, if it has one."""
    cue = next((cue for cue in section.cues if cue.kind == "hold" and cue.asked is None), None)
    return edits if cue is None else _make_editor(routine, section, edits, cue, change_frame, False).close_open_end()[0]


def find_target(section: Section, time: EditTime) -> Cue | None:
    """The hold or the rest that is playing, or the next hold; None if it ends before it can change."""
    for cue in section.cues:
        if cue.kind == "hold" or (cue.kind == "rest" and cue.start < time.change_frame):
            if cue.end > time.change_frame:
                return cue
            if cue.start <= time.position < cue.end:
                return None
    return None


def name_hold(section: Section, cue: Cue) -> HoldId:
    """The name of a hold or a rest in its section."""
    assert cue.step is not None
    alike = [other for other in section.cues if (other.kind, other.step) == (cue.kind, cue.step)]
    return HoldId("rest" if cue.kind == "rest" else "hold", cue.step, cue.round, alike.index(cue))


def _make_editor(
    routine: Routine, section: Section, edits: HoldEdits, cue: Cue, change_frame: int, beyond_limits: bool
) -> _HoldEditor:
    assert cue.step is not None
    range = find_range(routine, cue.step, "rest" if cue.kind == "rest" else "hold")
    ids = range.ids[range.ids.index(name_hold(section, cue)) :]
    return _HoldEditor(range, section, cue, ids, edits, change_frame, math.inf if beyond_limits else range.longest)


@dataclass(frozen=True, slots=True)
class _HoldEditor:
    """Edits one hold or rest cue; `ids` are that one and the later ones of its step. `longest` is in seconds."""

    range: HoldRange
    section: Section
    cue: Cue
    ids: list[HoldId]
    edits: HoldEdits
    change_frame: int
    longest: float

    def change(self, *, longer: bool) -> tuple[HoldEdits, str]:
        if self.is_open_ended:
            return (self.edits, f"{self.name} {_ALREADY_KEPT}") if longer else self.close_open_end()
        resize = self.lengthen if longer else self.shorten
        edit = self.cut() if self.has_begun and not longer else resize(self.ids[0])
        if longer and self.has_begun and to_frames(self.range.to_seconds(edit.length)) < self.least_frames:
            edit = self.edits.get(self.ids[0], edit)  # it was kept beyond its limit, and is ending
        later = {hold: resize(hold) for hold in self.ids[1:]}
        return self.merge(replace(edit, rep_frames=self.rep_frames), later), self.describe(edit, longer)

    def toggle_open_end(self) -> tuple[HoldEdits, str]:
        if self.cue.kind == "rest":
            return self.edits, _REST
        if self.is_open_ended:
            return self.close_open_end()
        edit = HoldEdit(self.range.to_length(self.seconds(self.ids[0])), open_ended=True, rep_frames=self.rep_frames)
        return self.merge(edit), f"{self.name} {_KEPT}"

    def close_open_end(self) -> tuple[HoldEdits, str]:
        if not self.has_begun:
            edit = replace(self.edits[self.ids[0]], open_ended=False)
            return self.merge(edit), self.describe(edit, longer=True)
        cycle = self.range.cycle or 1.0
        seconds = self.begun_seconds if self.range.is_moving else self.least_frames / RATE
        lasted = self.range.to_length(max(1, round(seconds / cycle)) * cycle)
        return self.merge(HoldEdit(lasted, cut_at=self.least_frames)), f"{self.name} ends"

    def lengthen(self, hold: HoldId) -> HoldEdit:
        seconds = self.seconds(hold)
        return HoldEdit(self.range.to_length(max(seconds, min(seconds + self.range.increment, self.longest))))

    def shorten(self, hold: HoldId) -> HoldEdit:
        seconds = self.seconds(hold)
        return HoldEdit(self.range.to_length(max(seconds - self.range.increment, min(seconds, self.range.shortest))))

    def cut(self) -> HoldEdit:
        """One increment shorter, for a hold that has begun; it ends now if that much is over already."""
        seconds = self.seconds(self.ids[0])
        wanted = seconds - self.range.increment
        cut_at = min(self.least_frames, self.cue.frames)
        if not self.range.is_moving:
            ends = to_frames(wanted) <= self.least_frames
            return replace(self.shorten(self.ids[0]), cut_at=cut_at) if ends else HoldEdit(self.range.to_length(wanted))
        length = self.range.to_length(max(wanted, min(seconds, self.begun_seconds)))
        ends = self.is_resting and length.amount <= self.range.to_length(self.begun_seconds).amount
        return HoldEdit(length, cut_at=cut_at if ends else None)

    def merge(self, edit: HoldEdit, later: HoldEdits = NO_EDITS) -> HoldEdits:
        # Earlier cuts are dropped: they belong to what was played, and whoever goes back gets the whole length.
        merged = {hold: replace(old, cut_at=None, rep_frames=0) for hold, old in self.edits.items()}
        for hold, new in {self.ids[0]: edit, **later}.items():
            merged.pop(hold, None)  # so that the newest edit comes last
            if replace(new, rep_frames=0) != HoldEdit(self.range.to_length(self.range.written)):  # it changes something
                merged[hold] = new
        return merged

    @property
    def has_begun(self) -> bool:
        return self.cue.start < self.change_frame

    @property
    def is_open_ended(self) -> bool:
        return self.ids[0] in self.edits and self.edits[self.ids[0]].open_ended

    @property
    def least_frames(self) -> int:
        # It ends as soon as possible, after the words that have begun.
        spoken = (cue.end for cue in self.section.cues if cue.kind == "speech" and cue.start < self.change_frame)
        return max(self.change_frame + FADE, *spoken, 0) - self.cue.start

    @property
    def count_starts(self) -> list[int]:
        starts = (cue.start for cue in self.section.cues if cue.role == "count")
        return [start for start in starts if self.cue.start <= start < self.cue.end]

    @property
    def rep_frames(self) -> int:
        counts = self.count_starts
        return math.ceil((self.cue.frames + self.rep_rest) / len(counts)) if counts and self.has_begun else 0

    @property
    def rep_rest(self) -> int:
        step = self.range.step
        return to_frames(step.rest) if isinstance(step, PoseStep) and step.rep_hold is not None else 0

    @property
    def is_resting(self) -> bool:
        # Between two reps that are held.
        return any(start - self.rep_rest <= self.change_frame < start for start in self.count_starts[1:])

    @property
    def begun_seconds(self) -> float:
        cycle = self.range.cycle or 1.0
        if counts := self.count_starts:  # the first one may be said after other words
            return cycle * max(1, sum(start < self.change_frame for start in counts))
        return cycle * self.range.count_begun(self.change_frame - self.cue.start)

    def seconds(self, hold: HoldId) -> float:
        edit = self.edits.get(hold)
        return self.range.to_seconds(edit.length) if edit else self.range.written

    @property
    def name(self) -> str:
        if self.cue.kind == "rest":
            return "Rest"
        step = self.range.step
        name = step.pose.name if isinstance(step, PoseStep) else self.section.chapter.title
        return f"{name}, {self.cue.side}" if self.cue.side else name

    def describe(self, edit: HoldEdit, longer: bool) -> str:
        if edit.cut_at is not None:
            return f"{self.name} ends"
        seconds, before = self.range.to_seconds(edit.length), self.seconds(self.ids[0])
        text = f"{self.name}: {self.range.format(seconds)}"
        if longer and seconds >= self.longest:
            return f"{text}, {AT_LIMIT}"
        return f"{text}, {_SHORTEST}" if not longer and seconds == before else text
