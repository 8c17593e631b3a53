"""The transport, a pure state machine: a command and a position give a new state and the events to carry out.

Positions are frames of the session.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from audioguide.model.timeline import Cue, Kind, Section
from audioguide.player.commands import Adjust, Command, SeekTo
from audioguide.player.source import SessionVersion
from audioguide.timeline.edit_hold import TOO_LATE, EditCommand, EditTime, find_target
from audioguide.timeline.resume import find_section
from audioguide.units import to_frames

EndReason = Literal["finished", "stopped", "interrupted"]

_RESTART = to_frames(3)  # further into a pose or side than this, "previous" goes to the start of the same one
_GRACE = to_frames(2)  # so long after its end a hold can still be made longer
_BURST = 1.5  # seconds: a key that is pressed again within this is meant for the same hold
_SEEKS = {
    Command.BACK: -to_frames(5),
    Command.FORWARD: to_frames(5),
    Command.FAR_BACK: -to_frames(60),
    Command.FAR_FORWARD: to_frames(60),
}
_EDITS: dict[Command, EditCommand] = {Command.LONGER: "longer", Command.SHORTER: "shorter", Command.KEEP: "keep"}
# Step, least and most in dB; above 0 the voice would be clipped.
VOLUME_STEPS: dict[object, tuple[str, float, float, float]] = {
    Command.VOICE_DOWN: ("voice", -2.0, -30.0, 0.0),
    Command.VOICE_UP: ("voice", 2.0, -30.0, 0.0),
    Command.BACKGROUND_DOWN: ("background", -2.0, -30.0, 6.0),
    Command.BACKGROUND_UP: ("background", 2.0, -30.0, 6.0),
}


@dataclass(frozen=True, slots=True)
class TransportState:
    """What the listener has set: `voice` and `background` are volumes in dB, chimes follow the voice; `volume` (0 to 1)
    is that of all together, as a slider of the desktop sets it. `burst` is when a hold was made shorter last, in
    seconds, and where that hold begins.
    """

    paused: bool = False
    muted: bool = False
    voice: float = 0.0
    background: float = 0.0
    volume: float = 1.0
    stopped: bool = False
    burst: tuple[float, int | None] = field(default=(-math.inf, None), compare=False)


@dataclass(frozen=True, slots=True)
class TimelinePosition:
    """Where playback is: `position` is the next frame that the device takes. `sections` are those compiled so far, up
    to frame `available`; `complete` says that no more will come. `heard` is the frame that is heard now, `landed` the
    one that it plays from since the last jump, and `time` the time in seconds.
    """

    position: int
    sections: Sequence[Section]
    available: int
    complete: bool
    heard: int = 0
    landed: int = 0
    time: float = 0.0

    @property
    def section(self) -> Section:
        """The section at the position."""
        return self.sections[max(find_section(self.sections, self.position), 0)]


@dataclass(frozen=True, slots=True)
class Jump:
    """Event: go on at another frame."""

    frame: int


@dataclass(frozen=True, slots=True)
class HoldChange:
    """Event: make the hold longer or shorter, or keep it going; `ended` is the end of one to go back to."""

    command: EditCommand
    ended: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """Event: show the listener a message."""

    text: str


Event = Jump | HoldChange | Message


@dataclass(frozen=True, slots=True)
class PlayerState:
    """A snapshot of a playing session, for the screen, the status line and the log.

    `position` is the session frame that sounds now, to within the device's buffer. `waiting`: the session is not ready
    yet, or not in time. `frames_played` counts the session's frames that sounded. `message_count` counts the messages
    so far, so that a screen notices a new `message`. `end` is None until playback is over. `lost`: the sound device
    has gone, and it is silent until there is one again. `starts_in`: the seconds until it begins, or goes on after a
    warning; else 0. `rest`: the frames that are left of the end, after the session's last one.
    """

    version: SessionVersion
    position: int
    transport: TransportState
    waiting: bool
    frames_played: int
    underruns: int
    message: str
    message_count: int
    end: EndReason | None
    lost: bool = False
    starts_in: float = 0.0
    rest: int | None = None

    @property
    def length(self) -> int | None:
        """Frames of the session, None until known. A hold that is kept going counts only as far as it has come."""
        reserve = find_open_hold(_find_cues("hold", self.version.sections, self.position), self.position)[1]
        return self.version.frames and self.version.frames - reserve


def apply_command(
    state: TransportState, command: Command | SeekTo | Adjust, place: TimelinePosition
) -> tuple[TransportState, tuple[Event, ...]]:
    """The state after a command, and the events to carry out. After a stop, commands do nothing."""
    if state.stopped:
        return state, ()
    match command:
        case SeekTo(frame):
            return state, _seek(frame, place)
        case Adjust(field, value):
            changed: dict[str, Any] = {field: value}
            return replace(state, **changed), (Message(f"Volume {value:.0%}"),) if field == "volume" else ()
        case Command.PAUSE:
            return replace(state, paused=not state.paused), ()
        case Command.STOP:
            return replace(state, stopped=True), ()
        case Command.MUTE:
            return replace(state, muted=not state.muted), (Message("Unmuted." if state.muted else "Muted."),)
    if command in VOLUME_STEPS:
        name, step, low, high = VOLUME_STEPS[command]
        volume = min(max(getattr(state, name) + step, low), high)
        changed = {name: volume}
        return replace(state, **changed), (Message(f"{name.capitalize()} {volume:+g} dB"),)
    if not place.sections:
        return state, (Message("The session is not ready yet."),)
    if command is Command.SHORTER:
        return _shorten(state, place)
    if command in _EDITS:
        return state, (HoldChange(_EDITS[command], _find_ended_hold(place)),)
    if command in _SEEKS:
        return state, _seek(place.position + _SEEKS[command], place)
    return state, _change_chapter(command, place)


def _shorten(state: TransportState, place: TimelinePosition) -> tuple[TransportState, tuple[Event, ...]]:
    """Make the hold shorter in which the key was pressed first: the next side is not meant by one press too many."""
    target = find_target(place.section, EditTime(place.position, place.position))
    since, begun = state.burst
    start = target.start if target else None
    if place.time - since < _BURST and start != begun:
        return replace(state, burst=(place.time, begun)), (Message(TOO_LATE),)
    return replace(state, burst=(place.time, start)), (HoldChange("shorter"),)


def _find_ended_hold(place: TimelinePosition) -> int | None:
    """The end of the hold that has just ended, unless another one has begun."""
    index = max(find_section(place.sections, place.heard), 0)
    holds = [cue for section in place.sections[max(index - 1, 0) : index + 1] for cue in section.cues]
    begun = [cue for cue in holds if cue.kind == "hold" and cue.start <= place.heard]
    if begun and place.landed < begun[-1].end <= place.heard < begun[-1].end + _GRACE:
        return begun[-1].end
    return None


def find_open_hold(holds: Iterable[Cue], position: int) -> tuple[Cue | None, int]:
    """The hold of a section that is kept going, or will be, and how many of its frames are only in reserve."""
    hold = next((cue for cue in holds if cue.asked is None and cue.end > position), None)
    return hold, hold.end - max(position, hold.start) if hold else 0


def leaves_open_hold(frame: int, place: TimelinePosition) -> bool:
    """Whether a jump to a frame leaves the section of a hold that is kept going, which has to be ended first."""
    hold, _ = find_open_hold(_find_cues("hold", place.sections, place.position), place.position)
    return hold is not None and not place.section.chapter.start <= frame < hold.end


def shift_frame(frame: int, before: TimelinePosition, after: TimelinePosition) -> int:
    """Where a frame lies after the hold that was kept going has been ended."""
    hold, _ = find_open_hold(_find_cues("hold", before.sections, before.position), before.position)
    if hold is None or frame < hold.end:
        return frame
    if frame >= before.section.chapter.end:
        return frame - before.section.chapter.end + after.section.chapter.end
    holds = _find_cues("hold", after.sections, after.position)
    return frame - hold.end + next((cue.end for cue in holds if cue.start == hold.start), hold.end)


def _seek(target: int, place: TimelinePosition) -> tuple[Event, ...]:
    """Go to a frame, or as near as possible; from inside speech to its start, or where that would go back, its end."""
    frame = min(max(target, 0), place.available)
    for cue in _find_cues("speech", place.sections, frame):
        if cue.start < frame < cue.end:
            frame = cue.start if target <= place.position or cue.start > place.position else cue.end
    return _jump(frame, place, too_far=target > place.available)


def _find_cues(kind: Kind, sections: Sequence[Section], frame: int) -> Iterator[Cue]:
    """The cues of a kind in the section at a frame."""
    if (index := find_section(sections, frame)) >= 0:
        yield from (cue for cue in sections[index].cues if cue.kind == kind)


def _change_chapter(command: Command, place: TimelinePosition) -> tuple[Event, ...]:
    """Go to another chapter or side, or past all chapters of a step."""
    sections, position = place.sections, place.position
    index = max(find_section(sections, position), 0)
    starts = _find_starts(sections[index])
    if command is Command.REPEAT:
        return (Jump(starts[0]),)
    if command is Command.PREVIOUS:
        begun = [start for start in starts if start <= position]
        before = [*(_find_starts(sections[index - 1]) if index else ()), *begun]
        restarts = position - begun[-1] > _RESTART or len(before) == 1
        return (Jump(before[-1 if restarts else -2]),)
    if command is Command.NEXT and starts[-1] > position:
        return (Jump(next(start for start in starts if start > position)),)
    following = index + 1
    if command is Command.SKIP and (step := _find_step(sections[index])) is not None:
        while following < len(sections) and _find_step(sections[following]) == step:
            following += 1
    if following < len(sections):
        return (Jump(sections[following].chapter.start),)
    if not place.complete:
        return _jump(place.available, place, too_far=True)
    if command is Command.SKIP:  # to what is said after the last hold, or else to the end
        step = _find_step(sections[-1]) or 0
        said = (cue.start for cue in sections[-1].cues if cue.kind == "speech" and (cue.step or 0) > step)
        if (closing := min(said, default=sections[-1].chapter.end)) > position:
            return (Jump(closing),)
    return (Message("This is the last part of the session."),)


def _find_starts(section: Section) -> list[int]:
    """Where a chapter begins, and where each further side of its pose is announced."""
    return [section.chapter.start, *[cue.start for cue in section.cues if cue.role == "name"][1:]]


def _jump(frame: int, place: TimelinePosition, *, too_far: bool) -> tuple[Event, ...]:
    """Go to a frame unless it is the current one, and say so where the target does not exist yet."""
    messages = (Message("The next part is not ready yet."),) if too_far and not place.complete else ()
    return (Jump(frame), *messages) if frame != place.position else messages


def _find_step(section: Section) -> int | None:
    """The step that a section belongs to; None if it has no hold."""
    return next((cue.step for cue in section.cues if cue.kind == "hold"), None)
