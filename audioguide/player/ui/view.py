"""What there is to see of a session at a moment: pure figures and words, which a screen or a line then draws."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal

from audioguide.model.timeline import Cue, Phase, Section
from audioguide.player.source import SessionVersion
from audioguide.player.transport import PlayerState, find_open_hold
from audioguide.units import RATE

Stage = Literal["getting ready", "introduction", "instructions", "hold", "rest", "release", "closing"]
"""What goes on in a session."""

_ROUND = re.compile(r"(.+), (\D*\d+\D+\d+)")

Counting = Literal["down", "up", "ahead"]
"""Seconds left of a hold or rest; seconds so far of a hold that is kept; seconds of the hold that comes."""


@dataclass(frozen=True, slots=True)
class BreathView:
    """The phase of the breath, how much of it is over, and how full the lungs are: both from 0 to 1."""

    phase: Phase
    fraction: float
    fullness: float


@dataclass(frozen=True, slots=True, eq=False)
class SessionMap:
    """The session in frames, up to `known`: where chapters start, and the holds (start, end)."""

    chapters: tuple[int, ...] = ()
    holds: tuple[tuple[int, int], ...] = ()
    known: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """One moment of a session.

    `seconds` is what is counted, and `counting` how; both None when nothing is. `paced` says that this chapter has
    breath cues, `breath` is None between them. `following` is what comes next, `words` what is being said or was said
    last. `position` and `total` are frames, `total` a guess while `estimated`; of a hold that is kept, only what has
    been counts. `voice` and `background` are volumes in dB. `message` is empty once it has been shown for a while,
    unless the sound device has gone; `underruns` are the gaps that were heard.
    """

    session: str
    pose: str
    round: str
    side: str
    stage: Stage
    seconds: int | None
    counting: Counting | None
    paced: bool
    breath: BreathView | None
    course: SessionMap
    following: str
    words: str
    position: int
    total: int
    estimated: bool
    voice: float
    background: float
    muted: bool
    paused: bool
    waiting: bool
    message: str
    underruns: int
    hidden: tuple[int, int] = (0, 0)
    """Where a hold is kept going, and how many frames are left out there of what is shown."""

    @property
    def left(self) -> int:
        """Frames left of the session."""
        return max(0, self.total - self.position)

    def frame(self, fraction: float) -> int:
        """The frame of the session that is shown so far along it, from 0 to 1."""
        shown, (at, left_out) = round(fraction * self.total), self.hidden
        return shown + left_out if shown > at else shown


class ChapterIndex:
    """The cues of one section by kind, each in order, so that what is there at a frame is found by bisection.

    `spans` are holds and rests, `sided` whatever is done on one side. `heading` is the chapter's title, and its round
    ("round 2 of 3"), empty where it has none.
    """

    def __init__(self, section: Section) -> None:
        self.section = section
        self.spans = tuple(cue for cue in section.cues if cue.kind in ("hold", "rest"))
        self.holds = tuple(cue for cue in self.spans if cue.kind == "hold")
        self.breaths = tuple(cue for cue in section.cues if cue.kind == "breath")
        self.spoken = tuple(cue for cue in section.cues if cue.kind == "speech")
        self.sided = tuple(cue for cue in section.cues if cue.side)
        split = _ROUND.fullmatch(section.chapter.title) if self.spans else None
        self.heading = (split[1], split[2]) if split else (section.chapter.title, "")

    def span(self, frame: int) -> Cue | None:
        """The hold or rest that one is in."""
        return _inside(self.spans, frame)

    def said(self, frame: int) -> Cue | None:
        """What is being said, or was said last."""
        return _last(self.spoken, frame)

    def coming(self, frame: int) -> Cue | None:
        """The next hold that has not begun."""
        index = _begun(self.holds, frame)
        return self.holds[index] if index < len(self.holds) else None

    def side(self, frame: int) -> str:
        """The side one is on; empty where there is none."""
        cue = _last(self.sided, frame)
        return (cue.side or "") if cue else ""


def _begun(cues: tuple[Cue, ...], frame: int) -> int:
    return bisect_right(cues, frame, key=lambda cue: cue.start)


def _last(cues: tuple[Cue, ...], frame: int) -> Cue | None:
    index = _begun(cues, frame)
    return cues[index - 1] if index else None


def _inside(cues: tuple[Cue, ...], frame: int) -> Cue | None:
    cue = _last(cues, frame)
    return cue if cue and frame < cue.end else None


class ViewBuilder:
    """Looks at a session again and again, and keeps what does not change from one look to the next.

    `guess` is the session's length in frames while that is not known. A message is shown for `patience` looks: in
    looks, as a session that is paused has no other clock.
    """

    def __init__(self, session: str, guess: int = 0, *, patience: int = 80) -> None:
        self._session = session
        self._guess = guess
        self._patience = patience
        self._take: SessionVersion | None = None
        self._outlines: list[ChapterIndex] = []
        self._course = SessionMap()
        self._kept: tuple[SessionMap, int, SessionMap] | None = None
        self._told = self._shown = 0

    def build(self, now: PlayerState) -> View:
        """What there is to see now."""
        self._follow(now.version)
        position, total = now.position, now.version.frames
        index = bisect_right(self._course.chapters, position) - 1
        whole = total is not None
        here = self._outlines[index] if index >= 0 and not (whole and position >= (total or 0)) else None
        after = self._outlines[index + 1] if 0 <= index + 1 < len(self._outlines) else None
        stage = _stage(here, position, first=index == 0, last=whole and after is None)
        span = here.span(position) if here else None
        seconds, counting = _count(here, span, stage, position)
        pose, round = here.heading if here else ("", "")
        said = here.said(position) if here else None
        length = max(self._guess, now.version.available) if total is None else total
        held, cut = find_open_hold(self._outlines[index].holds if index >= 0 else (), position)
        return View(
            session=self._session,
            pose=pose,
            round=round,
            side=here.side(position) if here and stage not in ("rest", "closing") else "",
            stage=stage,
            seconds=seconds,
            counting=counting,
            paced=bool(here and here.breaths),
            breath=_breath(_inside(here.breaths, position) if here else None, position),
            course=self._shorter(held, position) if held else self._course,
            following=_following(here, after, position),
            words=(said.text or "") if said else "",
            position=position,
            total=length - cut,
            estimated=not whole or held is not None,
            hidden=(max(position, held.start), cut) if held else (0, 0),
            voice=now.transport.voice,
            background=now.transport.background,
            muted=now.transport.muted,
            paused=now.transport.paused,
            waiting=now.waiting and not now.lost,
            message=self._message(now),
            underruns=now.underruns,
        )

    def _follow(self, take: SessionVersion) -> None:
        """Take in the sections that have come since, or all of another take; those it shares stay as they are."""
        sections = take.sections
        if take is self._take and len(sections) == len(self._outlines):
            return
        pairs = takewhile(lambda pair: pair[0].section is pair[1], zip(self._outlines, sections, strict=False))
        kept = [outline for outline, _ in pairs]
        self._outlines = kept + [ChapterIndex(section) for section in sections[len(kept) :]]
        self._take = take
        self._course = SessionMap(
            tuple(outline.section.chapter.start for outline in self._outlines),
            tuple((hold.start, hold.end) for outline in self._outlines for hold in outline.holds),
            self._outlines[-1].section.chapter.end if self._outlines else 0,
        )

    def _shorter(self, held: Cue, position: int) -> SessionMap:
        """The course with a hold that is kept being as long as it has been, to the second."""
        seconds = max(0, position - held.start) // RATE
        end = min(held.start + (seconds + 1) * RATE, held.end)
        if self._kept is None or self._kept[:2] != (self._course, end):
            cut = held.end - end
            chapters = tuple(start - cut if start > held.start else start for start in self._course.chapters)
            holds = tuple(
                (start - cut if start > held.start else start, stop - cut if stop >= held.end else stop)
                for start, stop in self._course.holds
            )
            self._kept = self._course, end, SessionMap(chapters, holds, self._course.known - cut)
        return self._kept[2]

    def _message(self, now: PlayerState) -> str:
        if now.message_count != self._told:
            self._told, self._shown = now.message_count, 0
        self._shown += 1
        return now.message if now.message_count and (now.lost or self._shown <= self._patience) else ""


def _stage(here: ChapterIndex | None, position: int, *, first: bool, last: bool) -> Stage:
    """What goes on: told from the cue one is in, or else from what was said last and whether a hold has been."""
    if here is None:
        return "closing" if position else "getting ready"
    if span := here.span(position):
        return "hold" if span.kind == "hold" else "rest"
    said, done = here.said(position), _last(here.holds, position)
    if done is None:
        return "introduction" if first and not here.holds else "closing" if last and not here.holds else "instructions"
    if said is None or said.start < done.end or said.role == "release":
        return "release"
    return "closing" if last and here.coming(position) is None else "instructions"


def _count(
    here: ChapterIndex | None, span: Cue | None, stage: Stage, position: int
) -> tuple[int | None, Counting | None]:
    """The seconds to show, and what they count. Down it is up to the next second: "three" is said when it shows 3."""
    if span is not None:
        if span.kind == "hold" and span.asked is None:
            return (position - span.start) // RATE, "up"
        return _seconds(span.end - position), "down"
    coming = here.coming(position) if here and stage == "instructions" else None
    return (_seconds(coming.frames), "ahead") if coming and coming.asked is not None else (None, None)


def _seconds(count: int) -> int:
    return -(-count // RATE)


def _breath(cue: Cue | None, position: int) -> BreathView | None:
    """Where in the breath one is; the lungs fill and empty gently, fastest in the middle."""
    if cue is None or cue.phase is None:
        return None
    fraction = (position - cue.start) / cue.frames
    filling = 0.5 - 0.5 * math.cos(math.pi * fraction)
    fullness = {"in": filling, "hold": 1.0, "out": 1.0 - filling, "rest": 0.0}[cue.phase]
    return BreathView(cue.phase, fraction, fullness)


def _following(here: ChapterIndex | None, after: ChapterIndex | None, position: int) -> str:
    """What comes next: the other side, or else the next chapter with the side it begins on."""
    coming = here.coming(position) if here else None
    if here and coming and coming.side and coming.side != here.side(position):
        return coming.side
    if after is None:
        return ""
    pose, round = after.heading
    side = (after.sided[0].side or "") if after.sided else ""
    return " · ".join(part for part in (pose, round, side) if part)
