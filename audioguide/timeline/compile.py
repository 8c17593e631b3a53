"""Routine to timeline: contract 2, in order. Pure: the length of each clip comes from `measure`, which is handed in.

A cue depends only on clips before it, so sections come as their clips do: playing starts with the first one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from audioguide.errors import Problem, RoutineError
from audioguide.routine import holds
from audioguide.routine.model import Bed, BreatheStep, Length, PoseStep, RestStep, Routine, SayStep, Step
from audioguide.timeline import holding
from audioguide.timeline.breathing import breaths
from audioguide.timeline.model import Cue, Section, Timeline, Utterance
from audioguide.timeline.prompts import GAP, Candidate, Measure, candidates, voiced
from audioguide.timeline.tape import About, Tape
from audioguide.timeline.words import Words, fill
from audioguide.units import LONGEST, RATE, frames, plain

LEAD_IN = frames(0.5)

PAUSE = frames(0.45)
"""Between two texts that belong together: a name and its instructions."""

SETTLE, SETTLE_ANEW = 3.0, 8.0
"""Seconds to get into a pose: in the same position of the body, and in another."""

SETTLE_TO_BREATHE = 1.0


def compile(routine: Routine, measure: Measure, words: Words) -> Timeline:
    """The whole timeline of a routine."""
    return Timeline(routine.title, routine.id, tuple(sections(routine, measure, words)))


def sections(routine: Routine, measure: Measure, words: Words) -> Iterator[Section]:
    """The chapters with their cues, one after the other, each as soon as its clips are measured.

    RoutineError when the session gets longer than one may be.
    """
    tape = Tape(measure)
    tape.open(words.introduction)
    tape.lay(_always(routine.steps[0]))
    tape.cursor = LEAD_IN
    cautions: set[str] = set()
    position: str | None = None
    before: str | None = None
    for index, step in enumerate(routine.steps):
        following = _following(routine.steps, index, words)
        words = words.at(routine.id, step.number)
        match step:
            case SayStep():
                if step.chapter:
                    yield tape.close(_always(step))
                    tape.open(step.chapter)
                tape.lay(_always(step))
                text = fill(step.text, pose=before or words.nothing, next=following or words.nothing)
                tape.speak("say", text, About(step.number, step.place))
            case RestStep():
                tape.lay(_always(step))
                about, bed = About(step.number, step.place), step.bed if step.held else None
                tape.rest(frames(step.length), words.rest(following), about, bed)
            case BreatheStep():
                yield tape.close(_always(step))
                _breathe(tape, step, words)
            case PoseStep():
                changes = step.pose.position is not None and step.pose.position != position
                position, before = step.pose.position or position, step.pose.name
                doing = _Doing(tape, words, step, following or words.nothing, changes, cautions)
                for round in range(1, step.rounds + 1):
                    yield tape.close(_always(step))
                    doing.round(round)
        if tape.cursor > frames(LONGEST):
            message = f"With this the session is longer than {plain(LONGEST)}, the most there can be."
            raise RoutineError([Problem(step.place, "session-too-long", message, "Take steps out, or shorten them.")])
    yield tape.finish(frames(routine.length) if routine.length else None)


def _always(step: Step) -> Bed | None:
    """The background of a step, if it sounds all the time."""
    return step.bed if step.bed and step.bed.during == "always" else None


def _following(steps: tuple[Step, ...], index: int, words: Words) -> str | None:
    """The name of what comes after a step, if that is a pose or breathing; words in between do not count."""
    for step in steps[index + 1 :]:
        match step:
            case PoseStep():
                return step.pose.name
            case BreatheStep():
                return words.breathing_next
            case RestStep():
                return None
    return None


def _breathe(tape: Tape, step: BreatheStep, words: Words) -> None:
    """A breathing exercise: a hold without a pose, with every cycle voiced."""
    about = About(step.number, step.place)
    tape.open(words.breathing_title(step.pattern))
    tape.speak("name", words.breathing(step.pattern), about)
    tape.cursor += frames(SETTLE_TO_BREATHE)
    hold = holding.begin(tape, step.pattern.cycle * step.rounds, words.begin, about, step.bed, step.chime)
    paced = list(breaths(step.pattern, hold.frames, "full"))
    holding.breathe(tape, hold, paced, about)
    holding.talk(tape, hold, candidates(hold.frames, words, paced), about)
    holding.release(tape, hold, words.breathing_release, about, step.chime)


@dataclass
class _Doing:
    """One pose step being put on the tape, round by round."""

    tape: Tape
    words: Words
    step: PoseStep
    following: str
    changes: bool
    """Whether the body's position changes for it, which takes longer to settle into."""
    cautions: set[str]
    """What was said already in this session."""

    def round(self, round: int) -> None:
        step, pose, words = self.step, self.step.pose, self.words
        about = About(step.number, step.place, pose.id if step.listed else None, None, round)
        self.tape.open(words.title(pose.name, round, step.rounds))
        for index, side in enumerate(pose.sides or (None,)):
            nth = (round - 1) * max(1, len(pose.sides)) + index
            self.words = words.anew(nth)
            self.side(replace(about, side=side), first=nth == 0)
        if round < step.rounds and step.rest:
            self.tape.rest(frames(step.rest), self.words.rest(None), about)

    def side(self, about: About, first: bool) -> None:
        tape, step, pose, words = self.tape, self.step, self.step.pose, self.words
        tape.speak("name", words.name(pose.name, about.side, about.round or 1, step.rounds), about)
        if first:
            self.instruct(about)
        tape.cursor += frames(self.settle(first))

        begin = self.said(pose.begin or words.begin, about)
        counts = [words.count(n + 1) for n in range(holds.count_of(step))] if pose.reps else []
        asked = max(holds.asked(step), self.counting(counts, about))
        hold = holding.begin(tape, asked, begin, about, step.bed, step.chime)
        holding.talk(tape, hold, self.counted(hold.frames, counts) if counts else self.paced(hold, about), about)
        holding.release(tape, hold, self.said(pose.release or words.release, about), about, step.chime)

    def instruct(self, about: About) -> None:
        """The caution, once in a session, and the instructions."""
        pose, level = self.step.pose, self.step.level
        caution = pose.caution.at(level) if pose.caution else None
        if caution and caution not in self.cautions:
            self.cautions.add(caution)
            self.tape.speak("say", self.said(caution, about), about, PAUSE)
        if instructions := pose.instructions.at(level):
            self.tape.speak("instructions", self.said(instructions, about), about, PAUSE)

    def settle(self, first: bool) -> float:
        """Seconds between the instructions and "begin"."""
        if self.step.settle is not None:
            return self.step.settle
        return SETTLE_ANEW if first and self.changes else SETTLE

    def counting(self, counts: list[str], about: About) -> float:
        """Seconds that the counts take at least: a tempo too quick to be counted aloud is slowed down to it."""
        measure = self.tape.measuring(about)
        longest = max((measure(Utterance(text, "count")) for text in counts), default=0)
        return len(counts) * (longest + GAP) / RATE

    def counted(self, hold: int, counts: list[str]) -> list[Candidate]:
        return [Candidate("count", n * hold // len(counts), (text,), hold) for n, text in enumerate(counts)]

    def paced(self, hold: Cue, about: About) -> list[Candidate]:
        """The breath cues of the hold, and what would be said in it."""
        step, pose = self.step, self.step.pose
        paced = list(breaths(step.breath, hold.frames, "full" if pose.moving else step.level)) if step.breath else []
        holding.breathe(self.tape, hold, paced, about)
        if words := pose.breath_words:
            own = {"in": self.said(words.inhale, about), "out": self.said(words.exhale, about)}
            return list(voiced(paced, self.words, own))
        prompts = [replace(prompt, say=self.said(prompt.say, about)) for prompt in step.prompts]
        return list(candidates(hold.frames, self.words, paced, prompts))

    def said(self, text: str, about: About) -> str:
        """A text with its placeholders filled."""
        words, step = self.words, self.step
        length = step.hold if step.hold.unit == "breaths" else Length(holds.asked(step))
        return fill(
            text,
            pose=step.pose.name,
            next=self.following,
            hold=words.duration(length),
            side=about.side or "",
            round=words.number(about.round or 1),
            rounds=words.number(step.rounds),
        )
