"""What the screen and the status line show of a session at one moment: plain numbers and words."""

import math
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Literal

from audioguide.model.chapter_figure import ChapterFigure, figure_of
from audioguide.model.holds import rep_phases
from audioguide.model.routine import PoseStep, Step
from audioguide.model.timeline import Chapter, Cue, Phase, Section, join_inhales
from audioguide.player.source import SessionVersion
from audioguide.player.transport import PlayerState, TransportState, find_open_hold
from audioguide.units import RATE

Stage = Literal["getting ready", "starts in", "introduction", "instructions", "hold", "rest", "release", "closing"]
_ROUND = re.compile(r"(.+), (\D*\d+\D+\d+)")


@dataclass(frozen=True, slots=True)
class Count:
    """Seconds left of a hold or rest ("down") or until the session or its first pose begins ("start"), of a hold kept
    going so far ("up"), or of the next hold ("ahead").
    """

    seconds: int
    kind: Literal["down", "start", "up", "ahead"]


@dataclass(frozen=True, slots=True)
class BreathView:
    """The phase of the breath, and how full the lungs are (0 to 1)."""

    phase: Phase
    fullness: float


@dataclass(frozen=True, slots=True)
class SessionMap:
    """Where chapters start and holds lie (start, end), in frames; known up to frame `known`."""

    chapters: tuple[int, ...] = ()
    holds: tuple[tuple[int, int], ...] = ()
    known: int = 0


@dataclass(frozen=True, slots=True)
class View:
    """One moment of a session.

    `paced`: this chapter has breath cues; `breath` is None between them. `figure` is the pose's, with the moment of its
    movement (0 to 1). `share` of the hold, the rest or the introduction is over (0 to 1); None where there is none, or
    it has no end. `following` is what comes next, `words` what is being said or was said last. `position` and `total`
    are frames; `total` is a guess while `estimated`, and counts a hold that is kept going only as far as it has come:
    `hidden` is where that hold is, and how many of its frames are left out. `message` is empty once it has been shown
    for a while, unless the sound device is lost.
    """

    session: str
    pose: str
    round: str
    side: str
    stage: Stage
    count: Count | None
    share: float | None
    paced: bool
    breath: BreathView | None
    figure: tuple[ChapterFigure, float] | None
    map: SessionMap
    following: str
    words: str
    position: int
    total: int
    estimated: bool
    hidden: tuple[int, int]
    transport: TransportState
    waiting: bool
    message: str
    underruns: int

    @property
    def obstacle(self) -> str:
        """Why the session does not go on: "paused" or "getting ready"; empty if it does."""
        return "paused" if self.transport.paused else "getting ready" if self.waiting else ""

    def frame(self, fraction: float) -> int:
        """The session frame at a fraction (0 to 1) of the progress strip."""
        shown, (start, left_out) = round(fraction * self.total), self.hidden
        return shown + left_out if shown > start else shown


class ChapterIndex:
    """The cues of one section by kind, each in order, so that bisection finds the cue at a frame.

    `spans` are holds and rests; `sided` are cues on one side of the body, `named` those that begin one. `heading` is
    the chapter's title and its round ("round 2 of 3", or empty).
    """

    def __init__(self, section: Section) -> None:
        self.section = section
        self.spans = [cue for cue in section.cues if cue.kind in ("hold", "rest")]
        self.holds = [cue for cue in self.spans if cue.kind == "hold"]
        self.breaths = join_inhales(cue for cue in section.cues if cue.kind == "breath")
        self.spoken = [cue for cue in section.cues if cue.kind == "speech"]
        self.sided = [cue for cue in section.cues if cue.side]
        self.named = [cue for cue in self.sided if cue.role == "name" or cue.kind == "hold"]
        split = _ROUND.fullmatch(section.chapter.title) if self.spans else None
        self.heading = (split[1], split[2]) if split else (section.chapter.title, "")

    def next_hold(self, frame: int) -> Cue | None:
        """The next hold that has not begun."""
        return next((hold for hold in self.holds if hold.start > frame), None)

    def side(self, frame: int) -> str:
        """The side at a frame; empty if there is none."""
        cue = _find_last(self.sided, frame)
        return (cue.side or "") if cue else ""


def _find_last(cues: list[Cue], frame: int) -> Cue | None:
    index = bisect_right(cues, frame, key=lambda cue: cue.start)
    return cues[index - 1] if index else None


def _find_current(cues: list[Cue], frame: int) -> Cue | None:
    cue = _find_last(cues, frame)
    return cue if cue and frame < cue.end else None


class ViewBuilder:
    """Builds view after view. `guess` is the session's length in frames until that is known. A message stays for
    `patience` views (not seconds: a paused session has no other clock). `steps` have the poses with their figures.
    """

    def __init__(self, session: str, guess: int = 0, *, patience: int = 80, steps: Iterable[Step] = ()) -> None:
        self._poses = {step.number: step for step in steps if isinstance(step, PoseStep)}
        self._session, self._guess, self._patience = session, guess, patience
        self._version: SessionVersion | None = None
        self._chapters: list[ChapterIndex] = []
        self._map = SessionMap()
        self._message_count = self._message_views = 0

    def build(self, now: PlayerState) -> View:
        """The view of a player's state."""
        self._update_chapters(now.version)
        position, total = now.position, now.version.frames
        index = bisect_right(self._map.chapters, position) - 1
        here = self._chapters[index] if index >= 0 and (total is None or position < total) else None
        after = self._chapters[index + 1] if index + 1 < len(self._chapters) else None
        stage = _find_stage(here, position, first=index == 0, last=total is not None and after is None)
        pose, round = here.heading if here else ("", "")
        said = _find_last(here.spoken, position) if here else None
        length = max(self._guess, now.version.available) if total is None else total
        breath = _find_breath(_find_current(here.breaths, position) if here else None, position)
        open_hold, reserve = find_open_hold(self._chapters[index].holds if index >= 0 else (), position)
        view = View(
            session=self._session,
            pose=pose,
            round=round,
            side=here.side(position) if here and stage not in ("rest", "closing") else "",
            stage=stage,
            count=_find_count(here, stage, position, starts=after is not None),
            share=_find_share(here, stage, position),
            paced=bool(here and here.breaths),
            breath=breath,
            figure=self._find_figure(here, position, breath) if here and stage != "closing" else None,
            map=self._shorten(open_hold, position) if open_hold else self._map,
            following=_find_following(here, after, position),
            words=(said.text or "") if said else "",
            position=position,
            total=length - reserve,
            estimated=total is None or open_hold is not None,
            hidden=(max(position, open_hold.start), reserve) if open_hold else (0, 0),
            transport=now.transport,
            waiting=now.waiting and not now.lost,
            message=self._find_message(now),
            underruns=now.underruns,
        )
        if now.starts_in:
            counted = Count(math.ceil(now.starts_in), "start")
            return replace(view, stage="starts in", count=counted, share=None, waiting=False)
        if now.rest is not None:
            return replace(view, stage="rest", count=Count(-(-now.rest // RATE), "down"), share=None, waiting=False)
        return view

    def _update_chapters(self, version: SessionVersion) -> None:
        """Index new sections; those that the last version had, too, stay as they are."""
        sections = version.sections
        if version is self._version and len(sections) == len(self._chapters):
            return
        pairs = takewhile(lambda pair: pair[0].section is pair[1], zip(self._chapters, sections, strict=False))
        same = [chapter for chapter, _ in pairs]
        self._chapters = same + [ChapterIndex(section) for section in sections[len(same) :]]
        self._version = version
        self._map = SessionMap(
            tuple(chapter.section.chapter.start for chapter in self._chapters),
            tuple((hold.start, hold.end) for chapter in self._chapters for hold in chapter.holds),
            self._chapters[-1].section.chapter.end if self._chapters else 0,
        )

    def _find_figure(
        self, here: ChapterIndex, at: int, breath: BreathView | None
    ) -> tuple[ChapterFigure, float] | None:
        """The figure of the chapter's pose on the side at a frame, and its moment; a still one shows the last."""
        step = self._poses.get(here.holds[0].step or 0) if here.holds else None
        if step is None or (shown := figure_of(step, here.side(at))) is None:
            return None
        if not step.pose.reps or (hold := _find_current(here.holds, at)) is None:
            return shown, (breath.fullness if breath else 0.0) if step.pose.is_moving else 1.0
        counts = [cue.start for cue in here.spoken if cue.role == "count" and hold.start <= cue.start <= at]
        start = counts[-1] if len(counts) > 1 else hold.start  # the first count may be said after other words
        effort, pause, back = rep_phases(step)
        seconds = (at - start) / RATE
        return shown, _ease(min(seconds / max(effort, 0.01), (effort + pause + back - seconds) / max(back, 0.01)))

    def _shorten(self, hold: Cue, position: int) -> SessionMap:
        """The map with a hold that is kept going as long as it has been, to the second."""
        cut = hold.end - min(hold.start + (max(0, position - hold.start) // RATE + 1) * RATE, hold.end)

        def shift(frame: int) -> int:
            return frame - cut if frame > hold.start else frame

        chapters = tuple(map(shift, self._map.chapters))
        return SessionMap(chapters, tuple((shift(a), shift(b)) for a, b in self._map.holds), self._map.known - cut)

    def _find_message(self, now: PlayerState) -> str:
        if now.message_count != self._message_count:
            self._message_count, self._message_views = now.message_count, 0
        self._message_views += 1
        return now.message if now.message_count and (now.lost or self._message_views <= self._patience) else ""


def _find_stage(here: ChapterIndex | None, position: int, *, first: bool, last: bool) -> Stage:
    """The stage, from the current hold or rest, or else from what was said last and whether a hold is over."""
    if here is None:
        return "closing" if position else "getting ready"
    if span := _find_current(here.spans, position):
        return "hold" if span.kind == "hold" else "rest"
    said, done = _find_last(here.spoken, position), _find_last(here.holds, position)
    if done is None:
        return "introduction" if first and not here.holds else "closing" if last and not here.holds else "instructions"
    if said is None or said.start < done.end or said.role == "release":
        return "release"
    return "closing" if last and here.next_hold(position) is None else "instructions"


def _find_count(here: ChapterIndex | None, stage: Stage, position: int, *, starts: bool) -> Count | None:
    """What to count. Seconds left are rounded up, so that "three" is said when it shows 3."""
    if here and (span := _find_current(here.spans, position)):
        if span.kind == "hold" and span.asked is None:
            return Count((position - span.start) // RATE, "up")
        return Count(-(-(span.end - position) // RATE), "down")
    if here and stage == "introduction" and starts:
        return Count(-(-(here.section.chapter.end - position) // RATE), "start")
    hold = here.next_hold(position) if here and stage == "instructions" else None
    return Count(-(-hold.frames // RATE), "ahead") if hold and hold.asked is not None else None


def _find_share(here: ChapterIndex | None, stage: Stage, position: int) -> float | None:
    """How much is over, in whole seconds."""
    if here is None or stage not in ("hold", "rest", "introduction"):
        return None
    span: Cue | Chapter = _find_current(here.spans, position) or here.section.chapter
    if isinstance(span, Cue) and span.kind == "hold" and span.asked is None:
        return None
    return (position - span.start) // RATE * RATE / (span.end - span.start)


def _find_breath(cue: Cue | None, position: int) -> BreathView | None:
    """The breath at a position. The lungs fill and empty along a raised cosine, fastest in the middle."""
    if cue is None or cue.phase is None:
        return None
    filling = _ease((position - cue.start) / cue.frames)
    fullness = {"in": filling, "hold": 1.0, "out": 1.0 - filling, "rest": 0.0}[cue.phase]
    return BreathView(cue.phase, fullness)


def _ease(share: float) -> float:
    """A share of a movement that is slow at both ends."""
    return 0.5 - 0.5 * math.cos(math.pi * min(1.0, max(0.0, share)))


def _find_following(here: ChapterIndex | None, after: ChapterIndex | None, position: int) -> str:
    """What comes next: the next side, which may be the same again, or else the next chapter and its first side."""
    said = _find_last(here.named, position) if here else None
    holds = [hold for hold in here.holds if said is None or hold.end > said.start] if here else []
    if sides := [hold.side for hold in holds[said is not None :] if hold.side]:
        return sides[0]
    side = (after.sided[0].side or "") if after and after.sided else ""
    return " · ".join(part for part in (*after.heading, side) if part) if after else ""
