"""Routine to timeline: contract 2, in order. Pure: the length of each clip comes from `measure`, which is handed in.

A cue depends only on clips before it, so sections come as their clips do: playing starts with the first one. And a
section depends on the `Point` where it begins and nothing else, so any of them can be compiled anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from audioguide.errors import Problem, RoutineError
from audioguide.model import holds
from audioguide.model.routine import (
    BackgroundSpec,
    BreatheStep,
    Length,
    PoseStep,
    Position,
    RestStep,
    Routine,
    SayStep,
    Step,
)
from audioguide.model.timeline import Cue, Section, Timeline, Utterance, split_breaths
from audioguide.timeline import scheduler
from audioguide.timeline.edits import (
    NO_EDITS,
    NOTHING_PLAYED,
    HoldEdit,
    HoldEdits,
    HoldId,
    PlayedCues,
    breathing_with,
    hold_with,
    pose_with,
    rest_with,
)
from audioguide.timeline.phrases import Phrases, fill_placeholders
from audioguide.timeline.prompts import GAP, Candidate, Measure, list_breath_words, list_candidates
from audioguide.timeline.scheduler import CueContext, Reps, Scheduler, reps_of
from audioguide.units import LONGEST_SESSION, RATE, format_duration, to_frames

LEAD_IN = to_frames(0.5)

PAUSE = to_frames(0.45)
"""Between two texts that belong together: a name and its instructions."""

SETTLE, SETTLE_ANEW = 3.0, 8.0
"""Seconds to get into a pose: in the same position of the body, and in another."""

SETTLE_TO_BREATHE = 1.0


@dataclass(frozen=True, slots=True)
class SectionStart:
    """Where a section begins: the step (from 0) and round that open it, or round 0 for the introduction.

    The rest is all that matters of what came before: the frame it begins at, what sounds all the time from there on,
    the position of the body, the name of the last pose, and the cautions that were given.
    """

    step: int = 0
    round: int = 0
    start: int = 0
    background: BackgroundSpec | None = None
    position: Position | None = None
    before: str | None = None
    cautions: frozenset[str] = frozenset()


SESSION_START = SectionStart()


def compile(routine: Routine, measure: Measure, words: Phrases) -> Timeline:
    """The whole timeline of a routine."""
    return Timeline(routine.title, routine.id, tuple(compile_sections(routine, measure, words)))


def compile_sections(
    routine: Routine,
    measure: Measure,
    words: Phrases,
    begin: SectionStart = SESSION_START,
    changes: HoldEdits = NO_EDITS,
) -> Iterator[Section]:
    """The chapters with their cues from a point on, one after the other, each as soon as its clips are measured.

    RoutineError when the session gets longer than one may be.
    """
    compiler = Compiler(routine, measure, words)
    point: SectionStart | None = begin
    while point:
        section, point = compiler.section(point, changes)
        yield section


class Compiler:
    """Makes any section of a routine, given the point where it begins."""

    def __init__(self, routine: Routine, measure: Measure, words: Phrases) -> None:
        self.routine, self.measure, self.words = routine, measure, words
        self._following = _following(routine.steps, words)

    def section(
        self, point: SectionStart, changes: HoldEdits = NO_EDITS, heard: PlayedCues = NOTHING_PLAYED
    ) -> tuple[Section, SectionStart | None]:
        """The section that begins at a point, and where the next one does; None after the last.

        What was `heard` of it stays as it was. A session with `changes` is as long as they make it, whatever was asked.
        RoutineError when it gets longer than one may be without them.
        """
        steps = self.routine.steps
        tape = Scheduler(self.measure, point.start, background=point.background, laid=point.start, heard=heard)
        if point.round:
            point = self._do(tape, point, changes)
        else:
            tape.open(self.words.introduction)
            tape.lay(_always(steps[0]))
            tape.cursor = LEAD_IN
            point = replace(point, round=1)
        while point.step < len(steps) and not _opens(steps[point.step]):
            point = self._do(tape, point, changes)
        if point.step == len(steps):
            return tape.finish(to_frames(self.routine.length) if self.routine.length and not changes else None), None
        section = tape.close(_always(steps[point.step]))
        return section, replace(point, start=section.chapter.end, background=section.following)

    def _do(self, tape: Scheduler, point: SectionStart, changes: HoldEdits) -> SectionStart:
        """Put a step on the tape, or one round of it; what comes next."""
        step, following = self.routine.steps[point.step], self._following[point.step]
        words = self.words.at(step.number)
        after = replace(point, step=point.step + 1, round=1)
        match step:
            case SayStep():
                if step.chapter:
                    tape.open(step.chapter)
                tape.lay(_always(step))
                text = fill_placeholders(step.text, pose=point.before or words.nothing, next=following or words.nothing)
                tape.speak("say", text, CueContext(step.number, step.place))
            case RestStep():
                tape.lay(_always(step))
                length = rest_with(step.length, changes.get(HoldId("rest", step.number)))
                background = step.background if step.held else None
                tape.rest(length, words.rest(following), CueContext(step.number, step.place), background)
            case BreatheStep():
                _breathe(tape, step, words, changes)
            case PoseStep():
                _Doing(tape, words, step, following or words.nothing, point, changes).round()
                if point.round < step.rounds:
                    after = replace(point, round=point.round + 1)
                caution = _caution(step)
                after = replace(
                    after,
                    position=step.pose.position or point.position,
                    before=step.pose.name,
                    cautions=point.cautions | {caution} if caution else point.cautions,
                )
        if tape.cursor > to_frames(LONGEST_SESSION) and not changes:
            message = f"With this the session is longer than {format_duration(LONGEST_SESSION)}, the most there can be."
            raise RoutineError([Problem(step.place, "session-too-long", message, "Take steps out, or shorten them.")])
        return after


def _following(steps: Sequence[Step], words: Phrases) -> list[str | None]:
    """For each step the name of what comes after it, if that is a pose or breathing; words in between do not count."""
    names: list[str | None] = []
    name: str | None = None
    for step in reversed(steps):
        names.append(name)
        match step:
            case PoseStep():
                name = step.pose.name
            case BreatheStep():
                name = words.breathing_next
            case RestStep():
                name = None
    return names[::-1]


def _opens(step: Step) -> bool:
    """Whether a chapter begins with it."""
    return isinstance(step, PoseStep | BreatheStep) or (isinstance(step, SayStep) and step.chapter is not None)


def _always(step: Step) -> BackgroundSpec | None:
    """The background of a step, if it sounds all the time."""
    return step.background if step.background and step.background.during == "always" else None


def _caution(step: PoseStep) -> str | None:
    """What is to be said before its instructions, once in a session."""
    return step.pose.caution.for_level(step.level) if step.pose.caution else None


def _breathe(tape: Scheduler, step: BreatheStep, words: Phrases, changes: HoldEdits) -> None:
    """A breathing exercise: a hold without a pose, with every cycle voiced."""
    about = CueContext(step.number, step.place)
    tape.open(words.breathing_title(step.pattern))
    tape.speak("name", words.breathing(step.pattern), about)
    tape.cursor += to_frames(SETTLE_TO_BREATHE)
    change = changes.get(HoldId("hold", step.number))
    kept, ended = change is not None and change.open_ended, change is not None and change.cut_at is not None
    seconds = hold_with(step.pattern.cycle * breathing_with(step, change).rounds, change)
    hold = scheduler.begin(tape, seconds, words.begin, about, step.background, step.chime, kept=kept)
    paced = scheduler.going_on(tape, hold, split_breaths(step.pattern, hold.frames, "full"))
    scheduler.breathe(tape, hold, paced, about)
    scheduler.talk(tape, hold, () if ended else list_candidates(hold.frames, words, paced, kept=kept), about)
    scheduler.release(tape, hold, words.breathing_release, about, step.chime)


@dataclass(frozen=True, slots=True)
class _Doing:
    """One round of a pose step being put on the tape."""

    tape: Scheduler
    words: Phrases
    step: PoseStep
    following: str
    point: SectionStart
    changes: HoldEdits

    def round(self) -> None:
        round, step, pose = self.point.round, self.step, self.step.pose
        about = CueContext(step.number, step.place, pose.id if step.in_library else None, None, round)
        self.tape.open(self.words.title(pose.name, round, step.rounds))
        for index, side in enumerate(pose.sides or (None,)):
            nth = (round - 1) * max(1, len(pose.sides)) + index
            change = self.changes.get(HoldId("hold", step.number, round, side))
            one = replace(self, words=self.words.at(step.number, nth), step=pose_with(step, change))
            one.side(replace(about, side=side), change, first=nth == 0)
        if round < step.rounds and step.rest:
            length = rest_with(step.rest, self.changes.get(HoldId("rest", step.number, round)))
            self.tape.rest(length, one.words.rest(None), about)

    def side(self, about: CueContext, change: HoldEdit | None, first: bool) -> None:
        tape, step, pose, words = self.tape, self.step, self.step.pose, self.words
        tape.speak("name", words.name(pose.name, about.side, about.round or 1, step.rounds), about)
        if first:
            self.instruct(about)
        tape.cursor += to_frames(self.settle(first))

        begin = self.said(pose.begin or words.begin, about)
        reps = self.reps(about, change.pace if change else 0) if pose.reps else None
        seconds = hold_with(reps.frames / RATE if reps else holds.hold_seconds(step), change)
        kept, ended = change is not None and change.open_ended, change is not None and change.cut_at is not None
        hold = scheduler.begin(tape, seconds, begin, about, step.background, step.chime, kept=kept)
        talk = reps.counts() if reps else self.paced(hold, about, kept)
        scheduler.talk(tape, hold, () if ended else talk, about)
        scheduler.release(tape, hold, self.said(pose.release or words.release, about), about, step.chime)

    def instruct(self, about: CueContext) -> None:
        """The caution, once in a session, and the instructions."""
        caution = _caution(self.step)
        if caution and caution not in self.point.cautions:
            self.tape.speak("say", self.said(caution, about), about, PAUSE)
        if instructions := self.step.pose.instructions.for_level(self.step.level):
            self.tape.speak("instructions", self.said(instructions, about), about, PAUSE)

    def settle(self, first: bool) -> float:
        """Seconds between the instructions and "begin"."""
        if self.step.settle is not None:
            return self.step.settle
        anew = self.step.pose.position not in (None, self.point.position)
        return SETTLE_ANEW if first and anew else SETTLE

    def reps(self, about: CueContext, pace: int) -> Reps:
        """The counts. A tempo too quick to be counted aloud is slowed down to it."""
        texts = [self.words.count(n + 1) for n in range(holds.count_cycles(self.step))]
        measure = self.tape.measuring(about)
        aloud = max(measure(Utterance(text, "count")) for text in texts) + GAP
        return reps_of(texts, holds.hold_seconds(self.step), max(pace, aloud), self.tape.heard, about)

    def paced(self, hold: Cue, about: CueContext, kept: bool) -> list[Candidate]:
        """The breath cues of the hold, and what would be said in it."""
        step, pose = self.step, self.step.pose
        phases = split_breaths(step.breath, hold.frames, "full" if pose.moving else step.level) if step.breath else ()
        paced = scheduler.going_on(self.tape, hold, phases)
        scheduler.breathe(self.tape, hold, paced, about)
        if words := pose.breath_words:
            own = {"in": self.said(words.inhale, about), "out": self.said(words.exhale, about)}
            return list(list_breath_words(paced, self.words, own))
        prompts = [replace(prompt, say=self.said(prompt.say, about)) for prompt in step.prompts]
        return list(list_candidates(hold.frames, self.words, paced, prompts, kept=kept))

    def said(self, text: str, about: CueContext) -> str:
        """A text with its placeholders filled."""
        words, step = self.words, self.step
        length = step.hold if step.hold.unit == "breaths" else Length(holds.hold_seconds(step))
        return fill_placeholders(
            text,
            pose=step.pose.name,
            next=self.following,
            hold=words.duration(length),
            side=about.side or "",
            round=words.number(about.round or 1),
            rounds=words.number(step.rounds),
        )
