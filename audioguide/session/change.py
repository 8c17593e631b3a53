"""What a listener changes while a session is heard elsewhere, as on a phone: its holds, as `play` changes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from audioguide.model.options import Options
from audioguide.model.routine import Length
from audioguide.session.composition import Composition
from audioguide.session.stream import MARGIN, StreamVersion
from audioguide.sound.mixer import Mixer
from audioguide.timeline import edit_hold
from audioguide.timeline.compiler import Compiler
from audioguide.timeline.edits import EditHistory, summarize_edits, to_options
from audioguide.timeline.resume import find_section
from audioguide.timeline.serialize import to_json

ChangeCommand = Literal["longer", "shorter", "keep", "end"]
NOT_KEPT = "There is no hold here that is kept going."


@dataclass(frozen=True)
class ChangedHold:
    """A session after a command: its `history`, which is as before where nothing has changed, and the message for the
    listener. `length` is that of the hold now, `options` say as much of all changes as options can.
    """

    history: EditHistory
    message: str
    length: Length | None
    options: Options


def change_hold(session: Composition, history: EditHistory, command: ChangeCommand, frame: int) -> ChangedHold:
    """Change the hold at a frame of a session, or the next one in its section. Raises as `Composition.outline`."""
    routine, beyond, later = session.draft().routine, session.options.beyond_limits, frame + MARGIN
    version = _compile(session, history, later)
    section, edits = version.sections[find_section(version.sections, later)], version.edits
    is_kept = any(cue.kind == "hold" and cue.asked is None for cue in section.cues)
    if command == ("keep" if is_kept else "end"):
        message = "It goes on until you end it." if is_kept else NOT_KEPT
    else:
        doing: edit_hold.EditCommand = "keep" if command == "end" else command
        time = edit_hold.EditTime(frame, later)
        edits, message = edit_hold.apply_edit(routine, section, edits, doing, time, beyond_limits=beyond)
    if edits != version.edits:
        history = (*history, (edits, later)) if edits else ()
    cue = edit_hold.find_target(section, edit_hold.EditTime(frame, later))
    edited = cue and edits.get(edit_hold.name_hold(section, cue))
    saved, _ = to_options(summarize_edits(routine, edits), routine, beyond_limits=beyond)
    return ChangedHold(history, message, edited.length if edited else None, saved)


def find_frame(cues: Iterable[Mapping[str, Any]], frame: int, other: Composition) -> int:
    """Where a frame of a session with these cues, as `to_json` gives them, is in another session of its routine: at the
    same second of the same hold or rest, or where the same thing begins.
    """
    parts = to_json(other.outline.timeline)["cues"]
    after = {_name_part(cue): cue for cue in reversed(parts)}
    for cue in reversed([cue for cue in cues if cue["start_frame"] <= frame and _name_part(cue)]):
        if part := after.get(_name_part(cue)):
            return int(part["start_frame"] + min(frame - cue["start_frame"], part["frames"]))
    return min(frame, other.outline.timeline.frames)


def _compile(session: Composition, history: EditHistory, frame: int) -> StreamVersion:
    """The session as far as a frame, by what is known of its clips; nothing is mixed."""
    fitted = session.draft()
    with session.guess_lengths(set()) as measure:
        compiler = Compiler(fitted.routine, measure, fitted.phrases, fitted.outline.exact_sections)
        version = StreamVersion(compiler, Mixer(lambda _: np.zeros(0, np.float32))).replay(history)
        version.cover(frame)
    return version


def _name_part(cue: Mapping[str, Any]) -> tuple[object, ...]:
    named = cue["kind"] in ("hold", "rest") or cue["role"] in ("name", "say")
    return (cue["kind"], cue["step"], cue["round"], cue["side"]) if named else ()
