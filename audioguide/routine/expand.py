"""The written steps in the order in which they are done: names looked up, repeats and includes unrolled, settings
inherited. What is wrong is gathered, not raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from audioguide.errors import Problem, RequestError, RoutineError, SourceLocation
from audioguide.model.notation import split_pauses
from audioguide.model.routine import (
    DEFAULT_BACKGROUND,
    DEFAULT_CHIME,
    BackgroundSpec,
    BreatheStep,
    BreathPattern,
    Chime,
    Length,
    Level,
    Origin,
    Pose,
    PoseStep,
    Prompt,
    RestStep,
    SayStep,
    Step,
)
from audioguide.routine import library
from audioguide.routine.routine_form import (
    BackgroundForm,
    BreatheStepForm,
    ChimeOrNone,
    IncludeStepForm,
    PoseForm,
    PoseStepForm,
    RepeatStepForm,
    RestStepForm,
    RoutineForm,
    SayStepForm,
    Settings,
    StepFormClass,
)
from audioguide.routine.sources import SourceFile, Sources
from audioguide.schema.document import Document, Keys
from audioguide.schema.validate import validate

MOST_STEPS = 43_200
"""Steps after unrolling: one a second in the longest session."""

MOST_INCLUDES = 5_000
"""Includes that are followed: some lead nowhere or in a circle, and count no steps."""

DEFAULT_HOLD = 30.0
"""Seconds that a pose is held for when nobody said, if its limits allow."""

DEFAULT_BED = BackgroundSpec(DEFAULT_BACKGROUND)

BETWEEN_POSES = ("pose", "next")
"""The placeholders that mean something in words between poses: the pose before, and the one after."""

T = TypeVar("T")


@dataclass(frozen=True)
class Inherited:
    """Settings from around a step: the nearest that says something counts."""

    hold: Length | None = None
    breath: BreathPattern | None = None
    background: BackgroundSpec = DEFAULT_BED
    chime: ChimeOrNone = DEFAULT_CHIME
    level: Level | None = None
    snap: bool | None = None

    def under(self, settings: Settings) -> Inherited:
        """These settings, over what was inherited so far."""
        return Inherited(
            _first(settings.hold, self.hold),
            _first(settings.breath, self.breath),
            _with_background(settings.background, self.background),
            settings.chime or self.chime,
            _first(settings.level, self.level),
            True if settings.snap else self.snap,
        )


def _first(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)


@dataclass
class Unroll:
    """Walks the written steps in the order in which they are done; numbers them from 1."""

    problems: list[Problem]
    sources: Sources
    number: int = 0
    includes: int = 0
    forms: dict[str, RoutineForm] = field(default_factory=dict)
    """By what a file is known by. Ten routines that each include the next one ten times are not read ten thousand
    million times.
    """

    def steps(self, forms: list[StepFormClass], file: SourceFile, path: Keys, inherited: Inherited) -> Iterator[Step]:
        """The steps of `forms`, which stand at `path` in a file."""
        for index, form in enumerate(forms):
            here = (*path, index)
            place = file.document.place(here)
            match form:
                case RepeatStepForm():
                    yield from self._repeated(form, file, here, inherited.under(form))
                case IncludeStepForm():
                    yield from self._included(form, file, here, inherited)
                case _:
                    self.number += 1
                    if self.number > MOST_STEPS:
                        message = f"With this the session has over {MOST_STEPS:,} steps."
                        raise RoutineError([Problem(place, "too-many-steps", message, "Repeat less.")])
                    if step := self._step(form, file, here, place, inherited):
                        yield step

    def _repeated(self, form: RepeatStepForm, file: SourceFile, path: Keys, inherited: Inherited) -> Iterator[Step]:
        once = list(self.steps(form.steps, file, (*path, "steps"), inherited))
        yield from once
        # What one pass gave is only numbered anew: a routine of many rounds is not read many times.
        for _ in range(form.repeat - 1):
            if self.number + len(once) > MOST_STEPS:
                message = f"With this the session has over {MOST_STEPS:,} steps."
                raise RoutineError([Problem(file.document.place(path), "too-many-steps", message, "Repeat less.")])
            for step in once:
                self.number += 1
                yield replace(step, number=self.number)

    def _included(self, form: IncludeStepForm, file: SourceFile, path: Keys, inherited: Inherited) -> Iterator[Step]:
        place = file.document.place((*path, "include"))
        self.includes += 1
        if self.includes > MOST_INCLUDES:
            message = f"With this over {MOST_INCLUDES:,} routines are included."
            raise RoutineError([Problem(place, "too-many-steps", message, "Include less.")])
        try:
            found = self.sources.routine(form.include, file)
            chain = (*file.above, file)
            if found.key in {known.key for known in chain}:
                way = " → ".join(known.name for known in (*chain, found))
                hint = "Include a routine that does not lead back here."
                self.problems.append(Problem(place, "circular-include", f"This includes itself: {way}.", hint))
                return
            if found.key not in self.forms:
                self.forms[found.key] = validate(found.document, RoutineForm)
            routine = self.forms[found.key]
        except RoutineError as error:
            self.problems.extend(error.problems)
            return
        except RequestError as error:
            self.problems.append(Problem(place, "unknown-routine", error.message, error.hint))
            return
        # The including step over the included routine's own defaults over what is around the including step.
        settings = inherited.under(routine.defaults).under(form)
        yield from self.steps(routine.steps, replace(found, above=chain), ("steps",), settings)

    def _step(
        self, form: StepFormClass, file: SourceFile, path: Keys, place: SourceLocation, inherited: Inherited
    ) -> Step | None:
        match form:
            case SayStepForm():
                self.problems.extend(_strange(form.say, file.document.place((*path, "say"))))
                return SayStep(self.number, place, form.say, form.chapter, _audible(inherited.background))
            case RestStepForm():
                background = _audible(_with_background(form.background, inherited.background))
                return RestStep(self.number, place, form.rest, background, held=form.background is not None)
            case BreatheStepForm(breathe=breathe):
                background = _audible(_with_background(form.background, inherited.background))
                chime = _heard(form.chime or inherited.chime)
                return BreatheStep(self.number, place, breathe.pattern, breathe.rounds, background, chime)
            case PoseStepForm():
                return self._pose(form, file.document, path, place, inherited)
        raise AssertionError(form)

    def _pose(
        self, form: PoseStepForm, document: Document, path: Keys, place: SourceLocation, inherited: Inherited
    ) -> PoseStep | None:
        if isinstance(form.pose, PoseForm):
            pose = library.build_pose(form.pose)
        else:
            try:
                pose = self.sources.pose(form.pose)
            except RoutineError as error:
                self.problems.extend(error.problems)
                return None
            except RequestError as error:
                where = document.place((*path, "pose"))
                self.problems.append(Problem(where, "unknown-pose", error.message, error.hint))
                return None
        prompts = (*library.build_prompts(form.prompts), *pose.prompts)
        if silent := next(_silent(pose, prompts), None):
            message = f"{silent!r} says nothing here: {{side}} stands for nothing in a pose without sides."
            where = document.place((*path, "pose"))
            self.problems.append(Problem(where, "no-words", message, "Write words that are always said, or add sides."))
            return None
        around = inherited.under(form)
        in_place = isinstance(form.pose, PoseForm)
        hold, origin = _hold(form, pose, inherited, in_place)
        hold_place = document.place((*path, "hold") if form.hold else (*path, "pose", "hold"))
        # What a pose that is written in place says of itself is written at the step.
        breath = form.breath or (pose.breath if in_place else None) or around.breath or pose.breath
        if breath is None and (pose.breath_words or hold.unit == "breaths"):
            what = f"{pose.name!r} is done by the breath" if pose.breath_words else f"{hold} is counted in breaths"
            hint = "Add breath: 4-6 to the step or to the defaults."
            message = f"{what}, and there is no breath pattern."
            self.problems.append(Problem(hold_place, "no-breath-pattern", message, hint))
            return None
        return PoseStep(
            number=self.number,
            place=place,
            pose=pose,
            hold=hold,
            origin=origin,
            breath=breath,
            level=around.level or "normal",
            background=_audible(around.background),
            snap=bool(around.snap),
            rounds=form.rounds,
            rest=form.rest,
            settle=_first(form.settle, pose.settle),
            prompts=prompts,
            optional=form.optional,
            in_library=not in_place,
            hold_place=hold_place,
            chime=_heard(around.chime),
        )


def _hold(form: PoseStepForm, pose: Pose, inherited: Inherited, in_place: bool) -> tuple[Length, Origin]:
    if written := form.hold or (pose.hold if in_place else None):
        return written, "step"
    if inherited.hold:
        return inherited.hold, "default"
    if pose.hold:
        return pose.hold, "pose"
    if pose.reps:
        return Length(pose.reps * sum(pose.tempo)), "pose"
    return Length(min(max(DEFAULT_HOLD, pose.limits.shortest), pose.limits.longest)), "pose"


def _silent(pose: Pose, prompts: tuple[Prompt, ...]) -> Iterator[str]:
    """Texts of a pose in which nothing is left to say, at any level."""
    if pose.sides:
        return
    levels = [texts for texts in (pose.instructions, pose.caution) if texts]
    texts = [text for level in levels for text in (level.brief, level.normal, level.full)]
    texts += [pose.begin, pose.release, *(prompt.say for prompt in prompts)]
    texts += [pose.breath_words.inhale, pose.breath_words.exhale] if pose.breath_words else []
    for text in filter(None, texts):
        if not any(isinstance(part, str) for part in split_pauses(text.replace("{side}", ""))):
            yield text


def _strange(text: str, place: SourceLocation) -> Iterator[Problem]:
    for word in re.findall(r"\{(\w+)\}", text):
        if word not in BETWEEN_POSES:
            hint = "Between poses there are {pose}, the one before, and {next}."
            yield Problem(place, "unknown-placeholder", f"{{{word}}} stands for nothing outside a pose.", hint)


def _with_background(written: str | BackgroundForm | None, around: BackgroundSpec) -> BackgroundSpec:
    """What is written over what is around: a name alone is another sound at the same times and levels."""
    if written is None:
        return around
    if isinstance(written, str):
        return replace(around, name=written)
    return replace(around, **written.model_dump(exclude_none=True))


def _audible(background: BackgroundSpec) -> BackgroundSpec | None:
    return None if background.name == "none" else background


def _heard(chime: ChimeOrNone) -> Chime | None:
    return None if chime == "none" else chime
