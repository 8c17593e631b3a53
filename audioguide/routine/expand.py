"""Expands the written steps into those of a session: repeats and includes unrolled, names looked up, defaults applied.

Problems are collected, not raised.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, field, fields, replace
from typing import Any, Literal

from audioguide.errors import Code, Problem, RequestError, RoutineError, SourceLocation
from audioguide.model import routine as model
from audioguide.model.cues import AS_USUAL, Cues
from audioguide.model.holds import own_hold, whole_cycles
from audioguide.model.notation import split_pauses
from audioguide.model.selectors import select_sides
from audioguide.routine import routine_form as forms
from audioguide.routine.sources import SourceFile, Sources, build_pose, build_prompts
from audioguide.schema.document import Document, Keys
from audioguide.schema.form import Form
from audioguide.schema.validate import validate_kept

MOST_STEPS = 43_200  # most steps of a session: one a second in the longest one
MOST_INCLUDES = 5_000  # most includes: those that fail add no steps, so `MOST_STEPS` does not limit them
BETWEEN_POSES = ("pose", "next")  # placeholders in words between poses: the pose before, and the one after


@dataclass(frozen=True)
class StepDefaults:
    """The settings that apply to a step: the innermost ones that are written."""

    hold: model.Length | None = None
    breath: model.BreathPattern | None = None
    background: model.BackgroundSpec = field(default_factory=lambda: model.BackgroundSpec(model.DEFAULT_BACKGROUND))
    chime: forms.ChimeOrNone = model.DEFAULT_CHIME
    level: model.Level | None = None
    settle: float | None = None
    snap: Literal["breath"] | None = None
    cues: Cues = AS_USUAL

    def override(self, form: Form) -> StepDefaults:
        """These defaults with the settings that a form from further inside has on top."""
        names = [one.name for one in fields(self)]
        given: dict[str, Any] = {name: one for name in names if (one := getattr(form, name, None)) is not None}
        match given.get("background"):
            case str(name):  # a name alone changes only the sound
                given["background"] = replace(self.background, name=name)
            case forms.BackgroundSpecForm() as spec:
                given["background"] = replace(self.background, **spec.model_dump(exclude_none=True))
        if "cues" in given:
            given["cues"] = given["cues"].over(self.cues)
        return replace(self, **given)

    @property
    def sounds(self) -> tuple[model.BackgroundSpec | None, model.Chime | None]:
        """The background and the chime; None for silence."""
        return None if self.background.name == "none" else self.background, None if self.chime == "none" else self.chime


@dataclass
class StepExpander:
    """Expands written steps in order, and numbers them from 1."""

    problems: list[Problem]
    sources: Sources
    language: str = "en"  # of the session
    number: int = 0
    includes: int = 0
    routines: dict[str, forms.RoutineForm | None] = field(default_factory=dict)  # by their file's key; None is wrong

    def expand(
        self, steps: list[forms.StepForm], file: SourceFile, path: Keys, around: StepDefaults
    ) -> Iterator[model.Step]:
        """The steps that are written at `path` in a file. RoutineError where they are too many."""
        for index, form in enumerate(steps):
            here = (*path, index)
            match form:
                case forms.RepeatStepForm():
                    yield from self._expand_repeat(form, file, here, around.override(form))
                case forms.IncludeStepForm():
                    yield from self._expand_include(form, file, here, around)
                case _:
                    self._count(1, file, here)
                    try:
                        step, *sides = _split_sides(self._build_step(form, file.document, here, around), form)
                    except RequestError as error:
                        self._report(error, file.document.place((*here, "pose")), "unknown-pose")
                    else:
                        yield step
                        yield from self._renumber(sides, file, here)

    def _expand_repeat(
        self, form: forms.RepeatStepForm, file: SourceFile, path: Keys, around: StepDefaults
    ) -> Iterator[model.Step]:
        once = list(self.expand(form.steps, file, (*path, "steps"), around))
        yield from once
        for _ in range(form.repeat - 1):  # copies are made faster than new steps
            yield from self._renumber(once, file, path)

    def _renumber(self, steps: Sequence[model.Step], file: SourceFile, path: Keys) -> Iterator[model.Step]:
        first = self.number + 1
        self._count(len(steps), file, path)
        yield from (replace(step, number=number) for number, step in enumerate(steps, start=first))

    def _count(self, steps: int, file: SourceFile, path: Keys) -> None:
        self.number += steps
        if self.number > MOST_STEPS:
            message = f"With this the session has over {MOST_STEPS:,} steps."
            raise RoutineError([Problem(file.document.place(path), "too-many-steps", message, "Repeat less.")])

    def _expand_include(
        self, form: forms.IncludeStepForm, file: SourceFile, path: Keys, around: StepDefaults
    ) -> Iterator[model.Step]:
        place = file.document.place((*path, "include"))
        self.includes += 1
        if self.includes > MOST_INCLUDES:
            message = f"With this over {MOST_INCLUDES:,} routines are included."
            raise RoutineError([Problem(place, "too-many-steps", message, "Include less.")])
        chain = (*file.included_by, file)
        try:
            found = self.sources.find_routine(form.include, file)
            if found.key in {known.key for known in chain}:
                way = " → ".join(known.name for known in (*chain, found))
                hint = "Include a routine that does not lead back here."
                raise RoutineError([Problem(place, "circular-include", f"This includes itself: {way}.", hint)])
            if found.key not in self.routines:
                self.routines[found.key] = None  # each is validated once, and what is wrong with it told once
                self.routines[found.key] = validate_kept(found.document, forms.RoutineForm)
        except RequestError as error:
            self._report(error, place, "unknown-routine")
            return
        if (routine := self.routines[found.key]) is None:
            return
        # Innermost last: around the including step, the included routine's defaults, the including step.
        settings = around.override(routine.defaults).override(form)
        yield from self.expand(routine.steps, replace(found, included_by=chain), ("steps",), settings)

    def _report(self, error: RequestError, place: SourceLocation, code: Code) -> None:
        if isinstance(error, RoutineError):
            self.problems.extend(error.problems)
        else:
            self.problems.append(Problem(place, code, error.message, error.hint))

    def _build_step(
        self,
        form: forms.PoseStepForm | forms.SayStepForm | forms.RestStepForm | forms.BreatheStepForm,
        document: Document,
        path: Keys,
        around: StepDefaults,
    ) -> model.Step:
        place, settings = document.place(path), around.override(form)
        background, chime = settings.sounds
        match form:
            case forms.SayStepForm():
                for word in re.findall(r"\{(\w+)\}", form.say):
                    if word not in BETWEEN_POSES:
                        message = f"{{{word}}} stands for nothing outside a pose."
                        hint = "Between poses there are {pose}, the one before, and {next}."
                        where = document.place((*path, "say"))
                        self.problems.append(Problem(where, "unknown-placeholder", message, hint))
                return model.SayStep(self.number, place, form.say, form.chapter, background)
            case forms.RestStepForm():
                held = form.background is not None
                return model.RestStep(self.number, place, form.rest, background, held, settings.cues)
            case forms.BreatheStepForm(breathe=breathe):
                pattern, to = breathe.pattern, breathe.to
                mean = (pattern.cycle + (to or pattern).cycle) / 2  # seconds of a cycle, in a ladder between its ends
                rounds = breathe.rounds or whole_cycles((breathe.time or 0.0) / mean)
                step = model.BreatheStep(self.number, place, pattern, rounds, background, chime, cues=settings.cues)
                return replace(step, to=to) if rounds > 1 else step
            case forms.PoseStepForm():
                return self._build_pose_step(form, document, path, around)

    def _build_pose_step(
        self, form: forms.PoseStepForm, document: Document, path: Keys, around: StepDefaults
    ) -> model.PoseStep:
        in_place = None if isinstance(form.pose, str) else form.pose
        found = build_pose(in_place) if in_place else self.sources.find_pose(str(form.pose), self.language)
        pose = _adapt_pose(found, form, document, path)
        prompts = (*build_prompts(form.prompts), *pose.prompts)
        if silent := next(_find_silent_texts(pose, prompts), None):
            message = f"{silent!r} says nothing here: {{side}} stands for nothing in a pose without sides."
            hint = "Write words that are always said, or add sides."
            raise RoutineError([Problem(document.place((*path, "pose")), "no-words", message, hint)])
        # The settings of a pose that is written in place count as those of its step.
        settings = (around.override(in_place) if in_place else around).override(form)
        background, chime = settings.sounds
        hold_place = document.place((*path, "hold") if form.hold else (*path, "pose", "hold"))
        hold = own_hold(pose)
        origin: model.Origin = "pose"
        if written := form.hold or (in_place and in_place.hold):
            hold, origin = written, "step"
        elif around.hold and not pose.reps:  # which no default is for
            hold, origin = around.hold, "default"
        rep_hold = written or pose.hold if pose.reps else None
        if rep_hold and rep_hold.unit == "breaths":
            message = f"Each rep of {pose.name!r} is held, and that is not counted in breaths."
            raise RoutineError([Problem(hold_place, "not-a-hold", message, "Give the hold in seconds.")])
        breath = settings.breath or pose.breath
        if breath is None and (pose.breath_words or hold.unit == "breaths"):
            what = f"{pose.name!r} is done by the breath" if pose.breath_words else f"{hold} is counted in breaths"
            message = f"{what}, and there is no breath pattern."
            hint = "Add breath: 4-6 to the step or to the defaults."
            raise RoutineError([Problem(hold_place, "no-breath-pattern", message, hint)])
        return model.PoseStep(
            number=self.number,
            place=document.place(path),
            pose=pose,
            hold=hold,
            origin=origin,
            breath=breath,
            level=settings.level or "normal",
            background=background,
            snap=bool(settings.snap),
            rounds=form.sets or form.rounds or 1,
            rest=form.rest,
            settle=pose.settle if settings.settle is None else settings.settle,
            prompts=prompts,
            optional=form.optional,
            in_library=not in_place,
            hold_place=hold_place,
            chime=chime,
            cues=settings.cues,
            rep_hold=rep_hold.amount if rep_hold else None,
            keep=form.keep is not None,
        )


def _adapt_pose(pose: model.Pose, form: forms.PoseStepForm, document: Document, path: Keys) -> model.Pose:
    """The pose as its step changes it. The hold of a still one is not that of a rep."""
    if form.reps and pose.breath_words:
        place, message = document.place((*path, "reps")), f"{pose.name!r} is done by the breath, so it is not counted."
        raise RoutineError([Problem(place, "two-movements", message, "Write hold: 8 breaths.")])
    changes: dict[str, Any] = {"reps": form.reps or pose.reps, "release": form.release or pose.release}
    changes["hold"] = None if form.reps and not pose.reps else pose.hold
    if form.sides:
        try:
            changes["sides"] = select_sides(pose, [form.sides] if isinstance(form.sides, str) else form.sides)
        except RequestError as error:
            place = document.place((*path, "sides"))
            raise RoutineError([Problem(place, "unknown-side", error.message, error.hint)]) from error
    if isinstance(form.pose, forms.PoseForm) and form.pose.limits is None:
        changes["limits"] = model.IN_PLACE_LIMITS
    return replace(pose, **changes)


def _split_sides(step: model.Step, form: forms.StepForm) -> Sequence[model.Step]:
    """The step, or one for each side where all its rounds come before the next side; the first has instructions."""
    if not (isinstance(step, model.PoseStep) and isinstance(form, forms.PoseStepForm) and form.order == "rounds-first"):
        return [step]
    first, *later = [replace(step.pose, sides=(side,)) for side in step.pose.sides] or [step.pose]
    poses = (first, *(replace(pose, instructions=model.LevelTexts()) for pose in later))
    return [replace(step, pose=pose) for pose in poses]


def _find_silent_texts(pose: model.Pose, prompts: tuple[model.Prompt, ...]) -> Iterator[str]:
    if pose.sides:
        return
    several = (pose.instructions, pose.caution, pose.breath_words, pose.tempo_words)
    texts: list[str | None] = [text for texts in several if texts for text in astuple(texts)]
    for text in filter(None, [*texts, pose.begin, pose.release, *(prompt.say for prompt in prompts)]):
        if not any(isinstance(part, str) for part in split_pauses(text.replace("{side}", ""))):
            yield text
