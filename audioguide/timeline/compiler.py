"""Compiles a routine to a timeline (contract 2). Pure: `measure`, which is handed in, tells the length of each clip.

A timeline is a row of sections. A section is one chapter with its cues. A cue is one timed item: a spoken clip, a phase
of the breath, a chime, a hold or a rest. A new chapter begins with each round of a pose, with each breathing exercise,
and with each text that has a chapter title; words before the first of these are the introduction. A step with a hold
becomes: its name and instructions, "begin" and the hold, the breath cues and the prompts in it, the release. The
`Scheduler` knows where the next cue may begin.

A cue depends only on the clips before it, so the first section can be played while later ones are still being spoken.
And a section depends on its `SectionStart` alone, so a changed hold compiles its section anew and moves the later ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from audioguide.errors import RoutineError
from audioguide.model import holds
from audioguide.model.cues import BREATH_BY_LEVEL, USUAL, USUAL_IN_BREATHING, Cues, OnOffShort, Voiced
from audioguide.model.routine import BackgroundSpec, BreatheStep, PoseStep, RestStep, Routine, SayStep, Step, TempoWords
from audioguide.model.timeline import Cue, Section, Timeline, split_breaths
from audioguide.timeline.edits import NO_EDITS, NOTHING_PLAYED, HoldEdit, HoldEdits, HoldId, PlayedCues, with_edit
from audioguide.timeline.phrases import Phrases, fill_placeholders
from audioguide.timeline.prompts import Candidate, Measure, PhaseWords, list_breath_words, list_candidates, plan_reps
from audioguide.timeline.scheduler import SHORT_HOLD, CueContext, Scheduler
from audioguide.units import LONGEST_SESSION, RATE, to_frames

LEAD_IN = to_frames(0.5)  # the silence before the first word of a session
SHORT_PAUSE = to_frames(0.45)  # between two texts that belong together: a name and its instructions
SETTLE_SECONDS, NEW_POSITION_SECONDS = 3.0, 8.0  # to get into a pose: in the same position of the body, in a new one
BREATHING_SETTLE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class SectionStart:
    """Where a section begins, and everything about the session before it that matters.

    `step` (from 0) and `round` open the section; round 0 is the introduction. `start` is its first frame. Before it
    were: a continuous `background`, the `position` of the body, the name of the last `pose`, and some `cautions`.
    """

    step: int = 0
    round: int = 0
    start: int = 0
    background: BackgroundSpec | None = None
    position: str | None = None
    pose: str | None = None
    cautions: frozenset[str] = frozenset()


SESSION_START = SectionStart()
# Sections by their start, each with the start of the one after it.
CompiledSections = Mapping[SectionStart, tuple[Section, SectionStart | None]]


def compile(routine: Routine, measure: Measure, phrases: Phrases) -> Timeline:
    """The timeline of a routine. RoutineError if it is longer than a session may be, or the voice cannot say a text."""
    sections = compile_sections(routine, measure, phrases).values()
    return Timeline(routine.title, routine.id, tuple(section for section, _ in sections))


def compile_sections(
    routine: Routine, measure: Measure, phrases: Phrases, start: SectionStart = SESSION_START
) -> CompiledSections:
    """The sections of a routine from a start on, in their order. RoutineError as `compile`."""
    compiler = Compiler(routine, measure, phrases)
    sections: dict[SectionStart, tuple[Section, SectionStart | None]] = {}
    following: SectionStart | None = start
    while following:
        sections[following] = compiler.compile_section(following)
        following = sections[following][1]
    return sections


class Compiler:
    """Compiles any section of a routine, given its start. `compiled` are sections that are known, without edits."""

    def __init__(
        self, routine: Routine, measure: Measure, phrases: Phrases, compiled: CompiledSections | None = None
    ) -> None:
        self.routine, self.measure, self.phrases = routine, measure, phrases
        self._compiled = compiled or {}
        self._next_names = _find_next_names(routine.steps, phrases)
        self._halfway = _find_halfway(routine.steps)
        self._breathing = {index for index, step in enumerate(routine.steps) if isinstance(step, BreatheStep)}

    def compile_section(
        self, start: SectionStart, edits: HoldEdits = NO_EDITS, played: PlayedCues = NOTHING_PLAYED
    ) -> tuple[Section, SectionStart | None]:
        """A section and the start of the next one; None after the last.

        What was `played` of it comes out as it was. With `edits` neither the length that was asked for nor the limit of
        a session holds. RoutineError as `compile`.
        """
        if not edits and played is NOTHING_PLAYED and (compiled := self._compiled.get(start)):
            return compiled
        steps = self.routine.steps
        scheduler = Scheduler(self.measure, start.start, start.background, played)
        if start.round == 0:
            scheduler.title = self.phrases.texts.introduction
            scheduler.start_background(_continuous_background(steps[0]))
            scheduler.cursor = LEAD_IN
        if start.round or isinstance(steps[0], SayStep):  # words that open a chapter open it with the lead-in
            start = self._compile_step(scheduler, start, edits)
        else:
            start = replace(start, round=1)
        while start.step < len(steps) and not _opens_chapter(steps[start.step]):
            start = self._compile_step(scheduler, start, edits)
        if start.step == len(steps):
            length = self.routine.length if not edits else None
            return scheduler.close_session(to_frames(length) if length else None), None
        section = scheduler.close_chapter(_continuous_background(steps[start.step]))
        return section, replace(start, start=section.chapter.end, background=section.following)

    def section_key(self, start: SectionStart) -> tuple[object, ...]:
        """All that a section depends on but its first frame. A step is the same one only if it is the same object."""
        steps, first = self.routine.steps, start.step
        later = range(first + (start.round > 0 or isinstance(steps[first], SayStep)), len(steps))
        end = next((index for index in later if _opens_chapter(steps[index])), len(steps))
        halfway = (self._halfway[0] - first, self._halfway[1]) if self._halfway else (-1, 0)
        return (
            *map(id, steps[first : end + 1]),  # of the step after it, whether a background begins there
            *self._next_names[first:end],
            halfway if 0 <= halfway[0] < end - first else None,
            first - 1 in self._breathing,
            replace(start, step=0, start=0),
        )

    def _compile_step(self, scheduler: Scheduler, start: SectionStart, edits: HoldEdits) -> SectionStart:
        """Place the cues of a step, or of one round of it; where the next one starts."""
        step, next_name = self.routine.steps[start.step], self._next_names[start.step]
        phrases = self.phrases.for_step(step.number)
        context = CueContext(None, None, None, step.number, step.place)
        following = replace(start, step=start.step + 1, round=1)
        is_halfway, news = (start.step, start.round) == self._halfway, phrases.texts.halfway_session
        if is_halfway and news and isinstance(step, PoseStep | BreatheStep) and step.cues.halfway_session == "on":
            scheduler.speak("say", news, context._replace(round=start.round if isinstance(step, PoseStep) else None))
        match step:
            case SayStep():
                scheduler.title = step.chapter or scheduler.title
                scheduler.start_background(_continuous_background(step))
                nothing = phrases.texts.nothing
                text = fill_placeholders(step.text, pose=start.pose or nothing, next=next_name or nothing)
                scheduler.speak("say", text, context)
            case RestStep():
                scheduler.start_background(_continuous_background(step))
                edit, background = edits.get(HoldId("rest", step.number)), step.background if step.held else None
                wordings = (phrases.texts.rest.short,) if step.cues.next == "off" else phrases.rest(next_name)
                scheduler.rest(step.length, wordings, context, edit, background)
            case BreatheStep():
                beside = start.step - 1 in self._breathing, start.step + 1 in self._breathing
                _compile_breathing(scheduler, phrases, step, beside, context, edits)
            case PoseStep():
                _compile_round(scheduler, phrases, step, next_name or phrases.texts.nothing, start, edits)
                if start.round < step.rounds:
                    following = replace(start, round=start.round + 1)
                cautions = start.cautions | {caution} if (caution := _caution(step)) else start.cautions
                position = step.pose.position or start.position
                following = replace(following, position=position, pose=step.pose.name, cautions=cautions)
        if scheduler.cursor > to_frames(LONGEST_SESSION) and not edits:
            raise RoutineError([holds.too_long_from(step)])
        return following


def _find_next_names(steps: Sequence[Step], phrases: Phrases) -> list[str | None]:
    """For each step the name of the pose or exercise after it; None before a rest. Words in between do not count."""
    names: list[str | None] = []
    name: str | None = None
    for step in reversed(steps):
        names.append(name)
        match step:
            case PoseStep():
                name = step.pose.name
            case BreatheStep():
                name = phrases.texts.breathing.next
            case RestStep():
                name = None
    return names[::-1]


def _find_halfway(steps: Sequence[Step]) -> tuple[int, int] | None:
    """The exercise, and its round, in whose time half of the planned time of the session is reached; not the first."""
    ends, total = list[tuple[float, int, int]](), 0.0
    for index, step in enumerate(steps):
        rounds = step.rounds if isinstance(step, PoseStep) else 1
        for round in range(1, rounds + 1):
            total += holds.duration(step) / rounds
            if isinstance(step, PoseStep):
                settle = SETTLE_SECONDS if step.settle is None else step.settle
                total += holds.scale_pause(settle, step.settling) * max(1, len(step.pose.sides))
            if isinstance(step, PoseStep | BreatheStep):
                ends.append((total, index, round))
    return next(((index, round) for end, index, round in ends[1:] if end > total / 2), None)


def _opening(text: str, cues: Cues) -> str | None:
    """What opens a hold: words, "" for a chime, None for nothing."""
    return None if cues.begin == "off" or not text else "" if cues.begin == "short" else text


def _opens_chapter(step: Step) -> bool:
    return isinstance(step, PoseStep | BreatheStep) or (isinstance(step, SayStep) and step.chapter is not None)


def _continuous_background(step: Step) -> BackgroundSpec | None:
    return step.background if step.background and step.background.during == "always" else None


def _caution(step: PoseStep) -> str | None:
    return step.pose.caution.for_level(step.level) if step.pose.caution else None


def _compile_breathing(
    scheduler: Scheduler,
    phrases: Phrases,
    step: BreatheStep,
    beside: tuple[bool, bool],
    context: CueContext,
    edits: HoldEdits,
) -> None:
    edit, cues, (follows, goes_on) = edits.get(HoldId("hold", step.number)), step.cues.over(USUAL_IN_BREATHING), beside
    step = with_edit(step, edit)
    scheduler.title = phrases.breathing_title(step)
    scheduler.speak("name", phrases.breathing(step, follows=follows), context)
    scheduler.cursor += to_frames(BREATHING_SETTLE_SECONDS)
    hold = scheduler.begin_hold(step.seconds, _opening(phrases.texts.begin, cues), step, context, edit)
    scheduler.place_ticks(hold, cues.tick, context)
    breaths = scheduler.place_breaths(hold, split_breaths(step, hold.frames, cues.breath or "all"), context)
    scheduler.place_prompts(hold, list_candidates(hold, phrases, breaths, cues), context, edit)
    release = None if goes_on else phrases.choose(phrases.texts.breathing.release)
    scheduler.release_hold(hold, release, step, context)


def _compile_round(
    scheduler: Scheduler, phrases: Phrases, step: PoseStep, next_name: str, start: SectionStart, edits: HoldEdits
) -> None:
    pose, round = step.pose, start.round
    context = CueContext(pose.id if step.in_library else None, None, round, step.number, step.place)
    scheduler.title = phrases.title(phrases.again(pose.name, step.again), round, step.rounds)
    for index, side in enumerate(pose.sides or (None,)):
        nth = (round - 1) * max(1, len(pose.sides)) + index
        edit = edits.get(HoldId("hold", step.number, round, index))
        phrases = phrases.for_step(step.number, nth)
        on_side = _SideCompiler(scheduler, phrases, with_edit(step, edit), next_name, context._replace(side=side))
        on_side.compile(edit, start if nth == 0 else None)
    if round < step.rounds and step.rest:
        scheduler.rest(step.rest, phrases.rest(None), context, edits.get(HoldId("rest", step.number, round)))


@dataclass(frozen=True, slots=True)
class _SideCompiler:
    scheduler: Scheduler
    phrases: Phrases
    step: PoseStep
    next_name: str
    context: CueContext

    def compile(self, edit: HoldEdit | None, start: SectionStart | None) -> None:
        """Place all its cues. Only the first hold of a step has a `start`, and instructions."""
        scheduler, step, pose, context = self.scheduler, self.step, self.step.pose, self.context
        name, cues = self.phrases.again(pose.name, step.again) if start else pose.name, self.cues
        if named := self.phrases.name(name, context.side, context.round or 1, step.rounds, cues):
            scheduler.speak("name", named, context)
        settle = SETTLE_SECONDS
        if start:
            self.speak_instructions(start.cautions)
            settle = SETTLE_SECONDS if pose.position in (None, start.position) else NEW_POSITION_SECONDS
        settle = settle if step.settle is None else step.settle
        scheduler.cursor += to_frames(holds.scale_pause(settle, step.settling))
        seconds, counts = holds.hold_seconds(step), None
        if pose.reps:
            measure, begun = scheduler.measure_in(context), scheduler.begun_reps()
            words = self.list_phase_words(pose.tempo_words) if pose.tempo_words else None
            length, counts = plan_reps(step, self.phrases, measure, words, edit.rep_frames if edit else 0, begun)
            seconds = length / RATE
        begin = _opening(self.fill(pose.begin or self.phrases.texts.begin), cues)
        hold = scheduler.begin_hold(seconds, begin, step, context, edit)
        if not pose.is_moving:
            scheduler.place_ticks(hold, cues.tick, context)
        scheduler.place_prompts(hold, self.list_prompts(hold, cues) if counts is None else counts, context, edit)
        release = self.fill(pose.release or self.phrases.choose(self.phrases.texts.release))
        scheduler.release_hold(hold, release, step, context)

    @property
    def cues(self) -> Cues:
        """The cues as they are wanted; in short holds the name is said in the first round only."""
        voiced: Voiced = "all" if self.step.pose.is_moving else BREATH_BY_LEVEL[self.step.level]
        is_quick = to_frames(holds.hold_seconds(self.step)) < SHORT_HOLD and self.step.cues.rounds != "off"
        names: OnOffShort = "short" if is_quick else "on"
        return self.step.cues.over(replace(USUAL, breath=voiced, names=names))

    def speak_instructions(self, cautions: frozenset[str]) -> None:
        caution = _caution(self.step)
        if caution and caution not in cautions:
            self.scheduler.speak("say", self.fill(caution), self.context, SHORT_PAUSE)
        if instructions := self.step.pose.instructions.for_level(self.step.level):
            self.scheduler.speak("instructions", self.fill(instructions), self.context, SHORT_PAUSE)

    def list_phase_words(self, own: TempoWords) -> PhaseWords:
        usual = self.phrases.texts.reps
        return (
            self.fill(own.effort or usual.effort),
            self.fill(own.pause or usual.hold),
            self.fill(own.back or usual.back),
        )

    def list_prompts(self, hold: Cue, cues: Cues) -> Iterable[Candidate]:
        step, pose = self.step, self.step.pose
        planned = split_breaths(step.breath, hold.frames, cues.breath or "all") if step.breath else ()
        breaths = self.scheduler.place_breaths(hold, planned, self.context)
        if words := pose.breath_words:
            own_words = {"in": self.fill(words.inhale), "out": self.fill(words.exhale)}
            return list_breath_words(breaths, self.phrases, own_words)
        own = [replace(prompt, say=self.fill(prompt.say)) for prompt in step.prompts]
        return list_candidates(hold, self.phrases, breaths, cues, own)

    def fill(self, text: str) -> str:
        step, phrases = self.step, self.phrases
        in_breaths = step.hold.unit == "breaths"
        seconds = holds.hold_seconds(step) if step.rep_hold is None else step.rep_hold
        length = step.hold if in_breaths else replace(step.hold, amount=seconds)
        return fill_placeholders(
            text,
            pose=step.pose.name,
            next=self.next_name,
            hold=phrases.duration(length),
            side=self.context.side or "",
            round=phrases.number(self.context.round or 1),
            rounds=phrases.number(step.rounds),
        )
