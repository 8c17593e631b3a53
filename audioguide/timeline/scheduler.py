"""Where cues are put down: the chapter that is open, and the frame at which the next thing may begin."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from audioguide.errors import Problem, RequestError, RoutineError, SourceLocation
from audioguide.model.notation import split_pauses
from audioguide.model.routine import BackgroundSpec, Chime
from audioguide.model.timeline import KINDS, Breath, Chapter, Cue, Kind, Role, Section, Stretch, Utterance
from audioguide.timeline.edits import NOTHING_PLAYED, PlayedCues
from audioguide.timeline.phrases import Wordings
from audioguide.timeline.prompts import GAP, Candidate, Measure, Placed, place_candidates
from audioguide.units import align_to_grid, to_frames

BREATHER = to_frames(0.9)
"""After the last words of one thing, before the next begins."""

LEAD_OUT = to_frames(1.5)
"""After the last sound, so that a phone does not start its next track on top of the last word."""


@dataclass(frozen=True, slots=True)
class CueContext:
    """What a cue belongs to: the step that wrote it, and the pose, side and round it sounds in."""

    step: int
    place: SourceLocation
    pose: str | None = None
    side: str | None = None
    round: int | None = None


@dataclass
class Scheduler:
    """Puts cues down in order. Frames throughout."""

    measure: Measure
    cursor: int = 0
    spoken: int = -BREATHER
    """The first frame after the last speech."""
    title: str = ""
    start: int = 0
    cues: list[Cue] = field(default_factory=list)
    background: BackgroundSpec | None = None
    """What sounds all the time from `laid` on."""
    laid: int = 0
    backgrounds: list[Stretch] = field(default_factory=list)
    """What sounded all the time before it, in the chapter that is open."""
    heard: PlayedCues = NOTHING_PLAYED
    """What of that chapter stays as it was when it was heard."""

    def open(self, title: str) -> None:
        """Begin a chapter here."""
        self.title, self.start = title, self.cursor

    def lay(self, background: BackgroundSpec | None) -> None:
        """From here on this background sounds all the time, or none."""
        if background != self.background:
            self._take_up(self.cursor)
            self.background = background

    def close(self, following: BackgroundSpec | None) -> Section:
        """End the chapter on the grid, a breather after its last words; what follows begins right there.

        So what a chapter holds never depends on how far its start was moved to meet the grid. `following` sounds all
        the time from there on.
        """
        over = max(self.cursor, self.spoken + BREATHER)
        return self._cut(over, align_to_grid(over), following)

    def finish(self, length: int | None) -> Section:
        """End the last chapter, and the session; not before it is `length` long, if that was asked."""
        over = self.cursor + LEAD_OUT
        return self._cut(over, max(over, length or 0), None)

    def _cut(self, over: int, end: int, following: BackgroundSpec | None) -> Section:
        self._take_up(end)
        cues = tuple(sorted(self.cues, key=lambda cue: (cue.start, KINDS.index(cue.kind))))
        section = Section(Chapter(self.title, self.start, end), cues, end - over, tuple(self.backgrounds), following)
        self.cursor, self.cues, self.background, self.backgrounds = end, [], following, []
        return section

    def _take_up(self, end: int) -> None:
        if self.background and end > self.laid:
            self.backgrounds.append(Stretch(self.background, self.laid, end))
        self.laid = end

    def measuring(self, about: CueContext) -> Measure:
        """Measures what is said there; a text that the voice refuses is a RoutineError where it was written."""

        def measure(utterance: Utterance) -> int:
            try:
                return self.measure(utterance)
            except RoutineError:  # another file is wrong, and is named there
                raise
            except RequestError as refused:
                if not about.place.file:  # it was not written in one, but said to be tried
                    raise
                raise RoutineError([Problem(about.place, "unspeakable", refused.message, refused.hint)]) from refused

        return measure

    def put(self, kind: Kind, start: int, length: int, about: CueContext, **more: Any) -> Cue:
        """Put a cue down where it is told to be."""
        cue = Cue(
            kind,
            start,
            length,
            pose=about.pose,
            side=about.side,
            round=about.round,
            step=about.step,
            place=about.place,
            **more,
        )
        self.cues.append(cue)
        return cue

    def speak(self, role: Role, text: str, about: CueContext, pause: int = BREATHER) -> Cue:
        """Say something as soon as may be, but `pause` after the last words; the tape goes on at its end.

        A text with pauses in it is said in pieces; the last one is returned. A pause that it begins with takes the
        place of `pause`.
        """
        parts = split_pauses(text)
        start = max(self.cursor, self.spoken + pause) if isinstance(parts[0], str) else self.cursor
        for part in parts:
            if isinstance(part, str):
                cue = self.speak_at(max(start, self.spoken + GAP), role, part, about)
                start = cue.end
            else:
                start += to_frames(part)
        self.cursor = start
        return cue

    def speak_at(self, start: int, role: Role, text: str, about: CueContext) -> Cue:
        """Say something at a frame; the tape goes on at its end. Where something was heard already, that is said."""
        if heard := self.heard.at(start, "speech"):
            role, text = heard.role or role, heard.text or text
        length = self.measuring(about)(Utterance(text, role))
        cue = self.put("speech", start, length, about, role=role, text=text)
        self.cursor = self.spoken = cue.end
        return cue

    def rest(self, length: int, forms: Wordings, about: CueContext, background: BackgroundSpec | None = None) -> None:
        """A rest from here, exactly `length` long; it grows only if not even the shortest announcement fits.

        With a `background` it sounds like a hold. One that was heard to its end stays as it was.
        """
        start, at = self.cursor, max(self.cursor, self.spoken + GAP)
        if over := self.heard.over(start, "rest"):
            length = over.frames
        measure = self.measuring(about)
        fitting = (form for form in forms if at + measure(Utterance(form, "say")) <= start + length)
        announced = self.speak_at(at, "say", next(fitting, forms[-1]), about)
        self.cursor = max(start + length, announced.end)
        self.put("rest", start, self.cursor - start, about, background=background)


START_CHIME = to_frames(0.25)
RELEASE_CHIME = to_frames(1.2)
RELEASE_DELAY = to_frames(0.7)
"""From the release chime's first frame to the release text: the stroke is heard, its tail rings under the words."""

SHORT_HOLD = to_frames(10)
"""Below this a chime stands in the place of "begin"."""


def begin(
    tape: Scheduler,
    seconds: float,
    text: str,
    about: CueContext,
    background: BackgroundSpec | None,
    chime: Chime | None,
    *,
    kept: bool = False,
) -> Cue:
    """Say "begin" and put down the hold, `seconds` long, from 250 ms after that word has ended.

    Of one that is `kept` going, no length is asked. One that was heard to its end stays as it was.
    """
    opens = max(tape.cursor, tape.spoken + GAP)
    short = to_frames(seconds) < SHORT_HOLD
    if opens < tape.heard.since:
        short = tape.heard.at(opens, "chime") is not None
    if short:
        opening = tape.put("chime", opens, START_CHIME, about, chime="start", sound=chime)
    else:
        opening = tape.speak("begin", text, about, GAP)
    start, length, asked = opening.end + GAP, to_frames(seconds), None if kept else seconds
    if over := tape.heard.over(start, "hold"):
        length, asked = over.frames, over.asked
    hold = tape.put("hold", start, length, about, asked=asked, background=background)
    tape.cursor = hold.end
    return hold


def going_on(tape: Scheduler, hold: Cue, breaths: Iterable[Breath]) -> list[Breath]:
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


def breathe(tape: Scheduler, hold: Cue, breaths: Iterable[Breath], about: CueContext) -> None:
    """Put down the breath cues of a hold, voiced or not; one that has begun ends with the hold at the latest."""
    for cue in tape.heard.within(hold.start, hold.end, "breath"):
        tape.put("breath", cue.start, min(cue.end, hold.end) - cue.start, about, phase=cue.phase)
    for breath in breaths:
        if hold.start + breath.start >= tape.heard.since:
            tape.put("breath", hold.start + breath.start, breath.frames, about, phase=breath.phase)


def talk(tape: Scheduler, hold: Cue, candidates: Iterable[Candidate], about: CueContext) -> None:
    """Say in the hold what fits in it, around what was said already."""
    heard = tape.heard.within(hold.start, hold.end, "speech")
    said = [Placed(cue.role, cue.start - hold.start, cue.frames, cue.text) for cue in heard if cue.role and cue.text]
    for item in place_candidates(candidates, tape.measuring(about), said, tape.heard.since - hold.start):
        tape.speak_at(hold.start + item.start, item.role, item.text, about)


def release(tape: Scheduler, hold: Cue, text: str, about: CueContext, sound: Chime | None) -> None:
    """Sound the chime on the first frame after the hold, and say how to come out."""
    chime = tape.put("chime", hold.end, RELEASE_CHIME, about, chime="release", sound=sound)
    tape.cursor = hold.end + RELEASE_DELAY
    tape.speak("release", text, about, GAP)
    tape.cursor = max(tape.cursor, chime.end)


@dataclass(frozen=True, slots=True)
class Reps:
    """Reps of `whole` / `len(texts)` frames each, from the rep `first` on, which begins `origin` frames into the hold.

    Those before it were heard. So they go on evenly, even if the ones to come need more time to be counted.
    """

    texts: Sequence[str]
    whole: int
    first: int = 0
    origin: int = 0

    @property
    def frames(self) -> int:
        """How long the hold is."""
        return self._start(len(self.texts))

    def counts(self) -> Iterator[Candidate]:
        """What is said, and when."""
        for number in range(self.first, len(self.texts)):
            yield Candidate("count", self._start(number), (self.texts[number],), self.frames)

    def _start(self, number: int) -> int:
        return self.origin + (number - self.first) * self.whole // len(self.texts)


def reps_of(texts: Sequence[str], seconds: float, pace: int, heard: PlayedCues, about: CueContext) -> Reps:
    """Reps that take `seconds`, or longer where one needs more: `pace` frames each at least."""
    whole = max(to_frames(seconds), len(texts) * pace)
    here = [cue for cue in heard.cues if (cue.step, cue.round, cue.side) == (about.step, about.round, about.side)]
    counts = [cue for cue in here if cue.role == "count"]
    if not counts:
        return Reps(texts, whole)
    hold = next(cue for cue in here if cue.kind == "hold")
    return Reps(texts, whole, len(counts) - 1, counts[-1].start - hold.start)
