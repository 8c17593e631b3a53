"""Places the cues of one section, one after the other. All positions and lengths are audio frames."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from audioguide.errors import Problem, RequestError, RoutineError, SourceLocation
from audioguide.model.cues import OnOffShort
from audioguide.model.notation import Until, split_pauses
from audioguide.model.routine import BackgroundSpec, BreatheStep, PoseStep
from audioguide.model.timeline import KINDS, Breath, Chapter, Cue, Kind, Role, Section, Stretch, Utterance
from audioguide.timeline.edits import NOTHING_PLAYED, HoldEdit, PlayedCues
from audioguide.timeline.phrases import Wordings
from audioguide.timeline.prompts import GAP, Candidate, Measure, place_candidates
from audioguide.units import RATE, align_to_grid, to_frames

BREATHER = to_frames(0.8)  # between the last words of one thing and the first of the next; their soft ends add 0.1 s
LEAD_OUT = to_frames(1.5)  # the silence after the last sound: a phone would start its next track on top of it
START_CHIME, RELEASE_CHIME, TICK = to_frames(0.25), to_frames(1.0), to_frames(0.06)
RELEASE_DELAY = to_frames(0.9)  # from the stroke of the release chime to the text: the words begin as it has died away
SHORT_HOLD = to_frames(10)  # a shorter hold opens with a chime instead of "begin"


class CueContext(NamedTuple):
    """What a cue belongs to, as in `Cue`: the pose, side and round, the step and where it was written."""

    pose: str | None
    side: str | None
    round: int | None
    step: int
    place: SourceLocation


@dataclass
class Scheduler:
    """Places the cues of a section. What was `played` of it already comes out as it was."""

    measure: Measure
    start: int
    background: BackgroundSpec | None = None  # the continuous background that sounds at the cursor
    played: PlayedCues = NOTHING_PLAYED
    title: str = ""  # of the section's chapter
    cursor: int = field(init=False)  # the frame at which the next thing may begin
    _spoken_end: int = -BREATHER  # the first frame after the last speech
    _cues: list[Cue] = field(default_factory=list)
    _background_start: int = field(init=False)
    _backgrounds: list[Stretch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.cursor = self._background_start = self.start

    def close_chapter(self, next_background: BackgroundSpec | None) -> Section:
        """End the section a breather after its last words, on the grid of MP3 frames, where the next one begins.

        The padding lies at the end, so the cues of a section never depend on how far its start was moved to the grid.
        """
        content_end = max(self.cursor, self._spoken_end + BREATHER)
        return self._section(content_end, align_to_grid(content_end), next_background)

    def close_session(self, length: int | None) -> Section:
        """End the last section, and not before the session has the `length` that was asked for, if any."""
        content_end = self.cursor + LEAD_OUT
        return self._section(content_end, max(content_end, length or 0), None)

    def _section(self, content_end: int, end: int, next_background: BackgroundSpec | None) -> Section:
        self._end_background(end)
        cues = tuple(sorted(self._cues, key=lambda cue: (cue.start, KINDS.index(cue.kind))))
        chapter = Chapter(self.title, self.start, end)
        return Section(chapter, cues, end - content_end, tuple(self._backgrounds), next_background)

    def start_background(self, background: BackgroundSpec | None) -> None:
        """Change the continuous background at the cursor; None: no more."""
        if background != self.background:
            self._end_background(self.cursor)
            self.background = background

    def _end_background(self, end: int) -> None:
        if self.background and end > self._background_start:
            self._backgrounds.append(Stretch(self.background, self._background_start, end))
        self._background_start = end

    def measure_in(self, context: CueContext) -> Measure:
        """`measure` for one step: a text that the voice cannot say is a RoutineError at the step's place."""

        def measure(utterance: Utterance) -> int:
            try:
                return self.measure(utterance)
            except RequestError as error:
                if isinstance(error, RoutineError) or not context.place.file:  # it has a place, or cannot have one
                    raise
                raise RoutineError([Problem(context.place, "unspeakable", error.message, error.hint)]) from error

        return measure

    def add(self, kind: Kind, start: int, length: int, context: CueContext, **more: Any) -> Cue:
        """Place a cue without words; the cursor stays."""
        cue = Cue(kind, start, length, None, None, *context, **more)
        self._cues.append(cue)
        return cue

    def speak(self, role: Role, text: str, context: CueContext, pause: int = BREATHER) -> Cue:
        """Say a text at the cursor, but `pause` (or the pause that it begins with) after the last words.

        The cursor moves to its end. A text with pauses in it is said in pieces; the cue of the last one is returned.
        """

        parts = split_pauses(text)
        start = max(self.cursor, self._spoken_end + pause) if isinstance(parts[0], str) else self.cursor
        begin = start
        for part in parts:
            if isinstance(part, str):
                cue = self.speak_at(max(start, self._spoken_end + GAP), role, part, context)
                start = cue.end
            else:
                start = max(start, begin + to_frames(part)) if isinstance(part, Until) else start + to_frames(part)
        self.cursor = start
        if isinstance(parts[-1], Until):  # the next words begin just then, or as soon as they may
            self.cursor = max(start, self._spoken_end + GAP)
            self._spoken_end = min(self._spoken_end, self.cursor - BREATHER)
        return cue

    def speak_at(self, start: int, role: Role, text: str, context: CueContext) -> Cue:
        """Say a text at a frame; the cursor moves to its end. If another text was played there, that one is said."""
        if played := self.played.find_at(start, "speech"):
            role, text = played.role or role, played.text or text
        cue = Cue("speech", start, self.measure_in(context)(Utterance(text, role)), role, text, *context)
        self._cues.append(cue)
        self.cursor = self._spoken_end = cue.end
        return cue

    def rest(
        self,
        seconds: float,
        wordings: Wordings,
        context: CueContext,
        edit: HoldEdit | None,
        background: BackgroundSpec | None = None,
    ) -> None:
        """A rest from the cursor on, with the fullest announcement that fits; longer only if not even the last fits."""
        start, spoken_start = self.cursor, max(self.cursor, self._spoken_end + GAP)
        length = edit.cut_at if edit and edit.cut_at is not None else to_frames(edit.length.amount if edit else seconds)
        if played := self.played.find_ended(start, "rest"):
            length = played.frames
        measure = self.measure_in(context)
        fitting = (text for text in wordings if spoken_start + measure(Utterance(text, "say")) <= start + length)
        announcement = self.speak_at(spoken_start, "say", next(fitting, wordings[-1]), context)
        self.cursor = max(start + length, announcement.end)
        self.add("rest", start, self.cursor - start, context, background=background)

    def begin_hold(
        self, seconds: float, text: str | None, step: PoseStep | BreatheStep, context: CueContext, edit: HoldEdit | None
    ) -> Cue:
        """Say "begin" (`text`) and place the hold 250 ms after it; the cursor moves to the end of the hold.

        A chime opens a short hold, and where the text is empty; nothing does where it is None.
        """
        if edit and edit.cut_at is not None:
            seconds = edit.cut_at / RATE
        opening_start = max(self.cursor, self._spoken_end + GAP)
        with_chime = not text or to_frames(seconds) < SHORT_HOLD
        if opening_start < self.played.change_frame:
            with_chime = self.played.find_at(opening_start, "chime") is not None
        start = opening_start
        if text is not None and with_chime:
            start = self.add("chime", start, START_CHIME, context, chime="start", sound=step.chime).end + GAP
        elif text:
            start = self.speak("begin", text, context, GAP).end + GAP
        length, asked = to_frames(seconds), None if edit and edit.open_ended else seconds
        if played := self.played.find_ended(start, "hold"):
            length, asked = played.frames, played.asked
        hold = self.add("hold", start, length, context, asked=asked, background=step.background)
        self.cursor = hold.end
        return hold

    def place_breaths(self, hold: Cue, breaths: Iterable[Breath], context: CueContext) -> list[Breath]:
        """Place the breath cues of a hold, voiced or not, and return their breaths. What was played of them stays.

        A breath that would have begun before `change_frame` but did not (the hold was shorter) is left out to its end.
        """
        change = self.played.change_frame - hold.start
        played = self.played.find_within(hold.start, hold.end, "breath")
        for cue in played:
            self.add("breath", cue.start, min(cue.end, hold.end) - cue.start, context, phase=cue.phase)
        starts = {cue.start - hold.start for cue in played}
        kept: list[Breath] = []
        missed = False
        for breath in breaths:
            missed = (missed and breath.part != "in") or (breath.start < change and breath.start not in starts)
            if not missed:
                kept.append(breath)
                if breath.start >= change:
                    self.add("breath", hold.start + breath.start, breath.frames, context, phase=breath.phase)
        return kept

    def place_ticks(self, hold: Cue, ticks: OnOffShort | None, context: CueContext) -> None:
        """Place a tick for each second of a hold, or with `short` for its last three. What was played of them stays."""
        change = self.played.change_frame
        starts = [cue.start for cue in self.played.find_within(hold.start, hold.end, "chime")]
        if ticks == "on":
            starts += (start for start in range(hold.start + RATE, hold.end - RATE // 2, RATE) if start >= change)
        elif ticks == "short" and hold.asked is not None:
            lasts = (hold.end - to_frames(left) for left in (3, 2, 1))
            starts += (start for start in lasts if start > max(hold.start, change - 1))
        for start in starts:
            self.add("chime", start, TICK, context, chime="tick", sound="wood")

    def begun_reps(self) -> tuple[int, int]:
        """How many reps of the next hold were played before the last one of these, and its start in the hold."""
        hold = next((cue for cue in self.played.cues if cue.kind == "hold" and cue.start >= self.cursor), None)
        spoken = self.played.find_within(hold.start, hold.end, "speech") if hold else ()
        counts = [cue.start for cue in spoken if cue.role == "count"]
        if hold is None or len(counts) < 2:  # the first one may be said after other words
            return 0, 0
        return len(counts) - 1, counts[-1] - hold.start

    def place_prompts(
        self, hold: Cue, candidates: Iterable[Candidate], context: CueContext, edit: HoldEdit | None
    ) -> None:
        """Say in the hold what fits in it, around what was played already. In a hold that was cut nothing is added."""
        if edit and edit.cut_at is not None:
            candidates = ()
        played = self.played.find_within(hold.start, hold.end, "speech")
        said = [replace(cue, start=cue.start - hold.start) for cue in played]
        change = self.played.change_frame - hold.start
        for prompt in place_candidates(candidates, self.measure_in(context), said, change):
            self.speak_at(hold.start + prompt.start, prompt.role or "prompt", prompt.text or "", context)

    def release_hold(self, hold: Cue, text: str | None, step: PoseStep | BreatheStep, context: CueContext) -> None:
        """Sound the release chime on the first frame after the hold, and say how to come out of it, if `text` says."""
        chime = self.add("chime", hold.end, RELEASE_CHIME, context, chime="release", sound=step.chime)
        self.cursor = hold.end + RELEASE_DELAY
        if text:
            self.speak("release", text, context, GAP)
        self.cursor = max(self.cursor, chime.end)
