"""The transport: a pure state machine. What is asked, and where the session is, make a new state and what to do.

Besides, what a screen, a status line and the log get to see of a session that plays: `Now`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from audioguide.model.timeline import Cue, Section
from audioguide.player.commands import Command, SeekTo
from audioguide.player.source import Take
from audioguide.timeline.edit_hold import EditCommand
from audioguide.units import to_frames

STEP = 2.0
"""A volume changes by so many dB."""

VOICE = (-30.0, 0.0)
"""Lowest and highest volume of the voice in dB. Above 0 it would be clipped."""

BED = (-30.0, 6.0)
"""Lowest and highest volume of the background in dB."""

AGAIN = to_frames(3)
"""Further into a chapter than this, the previous chapter is this one once more."""

_SEEKS = {
    Command.BACK: -to_frames(5),
    Command.ON: to_frames(5),
    Command.FAR_BACK: -to_frames(60),
    Command.FAR_ON: to_frames(60),
}
_WISHES: dict[Command, EditCommand] = {Command.LONGER: "longer", Command.SHORTER: "shorter", Command.KEEP: "keep"}
_VOICE = {Command.VOICE_DOWN: -STEP, Command.VOICE_UP: STEP}
_BED = {Command.BED_DOWN: -STEP, Command.BED_UP: STEP}

_LAST = "This is the last part of the session."
_NOT_MADE = "What comes next is still being made."
_NOT_READY = "The session is not ready yet."


@dataclass(frozen=True, slots=True)
class State:
    """How a session is being played. `voice` and `background` are volumes in dB: chimes go with the voice."""

    paused: bool = False
    muted: bool = False
    voice: float = 0.0
    background: float = 0.0
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session is: `position` is the next frame that the device takes, `sections` is all there is of it so far,
    up to frame `available`; `whole` says that there will be no more.
    """

    position: int
    sections: Sequence[Section]
    available: int
    whole: bool

    @property
    def section(self) -> Section:
        """The section that is heard."""
        return self.sections[max(_index(self.sections, self.position), 0)]

    @property
    def holds(self) -> Iterator[Cue]:
        """The holds in it."""
        return holds_at(self.sections, self.position)


@dataclass(frozen=True, slots=True)
class Jump:
    """Go on at another frame."""

    frame: int


@dataclass(frozen=True, slots=True)
class Change:
    """Change the hold."""

    wish: EditCommand


@dataclass(frozen=True, slots=True)
class Tell:
    """Let the person know."""

    message: str


Event = Jump | Change | Tell


End = Literal["finished", "stopped", "interrupted"]


@dataclass(frozen=True, slots=True)
class Now:
    """One moment of a session.

    `position` is the session frame that is heard now, to within the device's buffer. `waiting` says that the session is
    not ready yet, or not ready in time. `heard` counts the session's frames that have sounded, those that were jumped
    over left out. `told` counts the messages so far, the last of which is `message`: so a screen sees a new one. `end`
    is None until it is over. `lost` says that the sound device has gone: it is silent until there is one again.
    """

    take: Take
    position: int
    state: State
    waiting: bool
    heard: int
    underruns: int
    message: str
    told: int
    end: End | None
    lost: bool = False

    @property
    def length(self) -> int | None:
        """Frames of the session, once that is known; of a hold that is kept going, those that have been."""
        reserve = kept(holds_at(self.take.sections, self.position), self.position)[1]
        return self.take.frames and self.take.frames - reserve


def handle(state: State, command: Command | SeekTo, place: Place) -> tuple[State, tuple[Event, ...]]:
    """What a command makes of a state, and what is to be done besides. Once it has stopped, nothing does anything."""
    if state.stopped:
        return state, ()
    match command:
        case SeekTo(frame):
            return state, _seek(frame, place)
        case Command.PAUSE:
            return replace(state, paused=not state.paused), ()
        case Command.STOP:
            return replace(state, stopped=True), ()
        case Command.MUTE:
            muted = not state.muted
            return replace(state, muted=muted), (Tell("Muted." if muted else "Not muted any more."),)
    if command in _VOICE:
        voice = _within(state.voice + _VOICE[command], VOICE)
        return replace(state, voice=voice), (Tell(f"Voice {voice:+g} dB"),)
    if command in _BED:
        background = _within(state.background + _BED[command], BED)
        return replace(state, background=background), (Tell(f"Background {background:+g} dB"),)
    if not place.sections:
        return state, (Tell(_NOT_READY),)
    if command in _WISHES:
        return state, (Change(_WISHES[command]),)
    return state, _seek(place.position + _SEEKS[command], place) if command in _SEEKS else _chapter(command, place)


def kept(holds: Iterable[Cue], position: int) -> tuple[Cue | None, int]:
    """The hold, of those in a section, that is kept going, now or when it comes; and how many of its frames there only
    are in case of need.
    """
    hold = next((cue for cue in holds if cue.asked is None and cue.end > position), None)
    return hold, hold.end - max(position, hold.start) if hold else 0


def holds_at(sections: Sequence[Section], position: int) -> Iterator[Cue]:
    """The holds of the section that a position lies in."""
    if (index := _index(sections, position)) >= 0:
        yield from (cue for cue in sections[index].cues if cue.kind == "hold")


def leaves(frame: int, place: Place) -> bool:
    """Whether a jump to a frame leaves the section of a hold that is kept going: then that is to be let go first."""
    hold, _ = kept(place.holds, place.position)
    return hold is not None and not place.section.chapter.start <= frame < hold.end


def moved(frame: int, before: Place, after: Place) -> int:
    """Where a frame lies after the hold that was kept going has been let go."""
    hold, _ = kept(before.holds, before.position)
    if hold is None or frame < hold.end:
        return frame
    if frame >= before.section.chapter.end:
        return frame - before.section.chapter.end + after.section.chapter.end
    end = next((cue.end for cue in after.holds if cue.start == hold.start), hold.end)
    return frame - hold.end + end


def _within(volume: float, limits: tuple[float, float]) -> float:
    return min(max(volume, limits[0]), limits[1])


def _seek(target: int, place: Place) -> tuple[Event, ...]:
    """Go to a frame, or as near as may be; never into the middle of something that is said.

    Back it is to the start of what is said there, on to the start too, or to its end where its start lies behind: so a
    seek on always goes on, and a seek back always goes back.
    """
    frame = min(max(target, 0), place.available)
    for start, end in _spoken(place.sections, frame):
        if start < frame < end:
            frame = start if target <= place.position or start > place.position else end
    return _go(frame, place, too_far=target > place.available)


def _spoken(sections: Sequence[Section], frame: int) -> Iterator[tuple[int, int]]:
    """First and last frames of what is said in the chapter that a frame lies in."""
    if (index := _index(sections, frame)) >= 0:
        yield from ((cue.start, cue.end) for cue in sections[index].cues if cue.kind == "speech")


def _index(sections: Sequence[Section], frame: int) -> int:
    return bisect_right(sections, frame, key=lambda section: section.chapter.start) - 1


def _chapter(command: Command, place: Place) -> tuple[Event, ...]:
    """Go to a chapter, or past those of a step."""
    sections, position = place.sections, place.position
    index = max(_index(sections, position), 0)
    start = sections[index].chapter.start
    if command is Command.REPEAT:
        return (Jump(start),)
    if command is Command.PREVIOUS:
        again = position - start > AGAIN or not index
        return (Jump(start if again else sections[index - 1].chapter.start),)
    after = index + 1
    if command is Command.SKIP and (step := _step(sections[index])) is not None:
        while after < len(sections) and _step(sections[after]) == step:
            after += 1
    if after < len(sections):
        return (Jump(sections[after].chapter.start),)
    if not place.whole:
        return _go(place.available, place, too_far=True)
    closing = _closing(sections[-1]) if command is Command.SKIP else position
    return (Jump(closing),) if closing > position else (Tell(_LAST),)


def _go(frame: int, place: Place, *, too_far: bool) -> tuple[Event, ...]:
    """Go to a frame, if that is another one, and say so where it ought to be further on but is not there yet."""
    told = (Tell(_NOT_MADE),) if too_far and not place.whole else ()
    return (Jump(frame), *told) if frame != place.position else told


def _step(section: Section) -> int | None:
    """The step that a chapter is a round of: none, if it has no hold."""
    return next((cue.step for cue in section.cues if cue.kind == "hold"), None)


def _closing(section: Section) -> int:
    """Where what is said after the last hold begins; the chapter's end, if nothing is."""
    step = _step(section)
    later = (cue.start for cue in section.cues if cue.kind == "speech" and (cue.step or 0) > (step or 0))
    return min(later, default=section.chapter.end)
