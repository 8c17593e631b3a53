"""Routine text to Routine: names looked up, steps unrolled, settings inherited; or every problem at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from audioguide import resources
from audioguide.errors import Place, Problem, RequestError, RoutineError, nearest
from audioguide.routine import library
from audioguide.routine.document import Document, Keys, read
from audioguide.routine.model import (
    BreatheStep,
    BreathPattern,
    Length,
    Level,
    Origin,
    Pose,
    PoseStep,
    RestStep,
    Routine,
    SayStep,
    Step,
)
from audioguide.routine.validate import salvage, validate
from audioguide.routine.written import (
    BreatheStepForm,
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
from audioguide.units import LONGEST, plain

MOST_STEPS = 200_000
"""Steps after unrolling: a rest of a second each would be four times the longest session."""

DEFAULT_HOLD = Length(30.0)
"""What a pose is held for when nobody said."""

DEFAULT_BACKGROUND = "warm-drone"
DEFAULT_VOICE = "heart"

T = TypeVar("T")


def find(source: str) -> Path:
    """The file of a routine given as an id or a path. RequestError names the nearest id."""
    if source.endswith((".yaml", ".yml")) or "/" in source or "\\" in source:
        return Path(source)
    known = resources.routines()
    if source in known:
        return known[source]
    if Path(source).is_file():
        return Path(source)
    hint = nearest(source, known)
    raise RequestError(f"There is no routine {source!r}. {hint or 'See `audioguide list`.'}")


def load(source: str | Path) -> Routine:
    """The routine of an id or a file, with no options applied. RoutineError holds all that is wrong with it."""
    routine, problems = attempt(source)
    if problems or routine is None:
        raise RoutineError(problems)
    return routine


def attempt(source: str | Path) -> tuple[Routine | None, tuple[Problem, ...]]:
    """As much of a routine as can be read, and every problem with it.

    A step that is wrong is put aside, so that what else is wrong is found in the same pass. RequestError when there
    is no such file.
    """
    path = source if isinstance(source, Path) else find(source)
    try:
        document = read(path)
    except RoutineError as error:
        return None, error.problems
    form, problems = salvage(document)
    if form is None:
        return None, problems
    unroll = _Unroll(list(problems))
    try:
        inherited = _Inherited().under(form.defaults)
        steps = [*unroll.steps(form.steps, _File(path, document), ("steps",), inherited)]
    except RoutineError as error:
        return None, (*unroll.problems, *error.problems)
    unroll.problems.extend(_too_long(steps))
    routine = Routine(
        id=path.stem,
        title=form.title,
        description=form.description,
        tags=tuple(form.tags),
        language=form.language,
        voice=form.defaults.voice or DEFAULT_VOICE,
        steps=tuple(steps),
        file=document.file,
    )
    return routine, tuple(dict.fromkeys(unroll.problems))


@dataclass(frozen=True)
class _File:
    path: Path
    document: Document
    above: tuple[Path, ...] = ()


@dataclass(frozen=True)
class _Inherited:
    """Settings from around a step: the nearest that says something counts."""

    hold: Length | None = None
    breath: BreathPattern | None = None
    background: str | None = None
    level: Level | None = None
    snap: bool | None = None

    def under(self, settings: Settings) -> _Inherited:
        """These settings, over what was inherited so far."""
        return _Inherited(
            _first(settings.hold, self.hold),
            _first(settings.breath, self.breath),
            _first(settings.background, self.background),
            _first(settings.level, self.level),
            True if settings.snap else self.snap,
        )


def _first(*values: T | None) -> T | None:
    return next((value for value in values if value is not None), None)


@dataclass
class _Unroll:
    """Walks the written steps in the order in which they are done; numbers them from 1."""

    problems: list[Problem]
    number: int = 0
    files: dict[Path, tuple[Document, RoutineForm]] = field(default_factory=dict)

    def steps(self, forms: list[StepFormClass], file: _File, path: Keys, inherited: _Inherited) -> Iterator[Step]:
        for index, form in enumerate(forms):
            here = (*path, index)
            place = file.document.place(here)
            match form:
                case RepeatStepForm():
                    yield from self.repeated(form, file, here, inherited.under(form))
                case IncludeStepForm():
                    yield from self.included(form, file, here, inherited)
                case _:
                    self.number += 1
                    if self.number > MOST_STEPS:
                        message = f"With this the session has over {MOST_STEPS:,} steps."
                        raise RoutineError([Problem(place, message, "Repeat less.")])
                    if step := self.step(form, file, here, place, inherited):
                        yield step

    def repeated(self, form: RepeatStepForm, file: _File, path: Keys, inherited: _Inherited) -> Iterator[Step]:
        once = list(self.steps(form.steps, file, (*path, "steps"), inherited))
        yield from once
        # What one pass gave is only numbered anew: a routine of many rounds is not read many times.
        for _ in range(form.repeat - 1):
            if self.number + len(once) > MOST_STEPS:
                message = f"With this the session has over {MOST_STEPS:,} steps."
                raise RoutineError([Problem(file.document.place(path), message, "Repeat less.")])
            for step in once:
                self.number += 1
                yield replace(step, number=self.number)

    def included(self, form: IncludeStepForm, file: _File, path: Keys, inherited: _Inherited) -> Iterator[Step]:
        place = file.document.place((*path, "include"))
        try:
            found = self.beside(form.include, file) or find(form.include)
            chain = (*file.above, file.path)
            if found.resolve() in {known.resolve() for known in chain}:
                way = " → ".join(known.stem for known in (*chain, found))
                self.problems.append(Problem(place, f"This includes itself: {way}."))
                return
            document, routine = self.opened(found)
        except RoutineError as error:
            self.problems.extend(error.problems)
            return
        except RequestError as error:
            self.problems.append(Problem(place, str(error)))
            return
        # The including step over the included routine's own defaults over what is around the including step.
        settings = inherited.under(routine.defaults).under(form)
        yield from self.steps(routine.steps, _File(found, document, chain), ("steps",), settings)

    def opened(self, path: Path) -> tuple[Document, RoutineForm]:
        # Once a file: ten routines that each include the next one ten times are not read ten thousand million times.
        if path not in self.files:
            document = read(path)
            self.files[path] = document, validate(document, RoutineForm)
        return self.files[path]

    def beside(self, name: str, file: _File) -> Path | None:
        path = file.path.parent / (name if name.endswith((".yaml", ".yml")) else f"{name}.yaml")
        return path if path.is_file() else None

    def step(self, form: StepFormClass, file: _File, path: Keys, place: Place, inherited: _Inherited) -> Step | None:
        match form:
            case SayStepForm():
                return SayStep(self.number, place, form.say)
            case RestStepForm():
                return RestStep(self.number, place, form.rest, inherited.level or "normal")
            case BreatheStepForm():
                background = form.background or inherited.background
                return BreatheStep(self.number, place, form.breathe.pattern, form.breathe.rounds, _audible(background))
            case PoseStepForm():
                return self.pose(form, file.document, path, place, inherited)
        raise AssertionError(form)

    def pose(
        self, form: PoseStepForm, document: Document, path: Keys, place: Place, inherited: _Inherited
    ) -> PoseStep | None:
        if isinstance(form.pose, PoseForm):
            pose = library.pose_of(form.pose)
        else:
            try:
                pose = library.pose(form.pose)
            except RoutineError as error:
                self.problems.extend(error.problems)
                return None
            except RequestError as error:
                self.problems.append(Problem(document.place((*path, "pose")), str(error)))
                return None
        around = inherited.under(form)
        hold, origin = _hold(form, pose, inherited)
        written: Keys = ("hold",) if origin == "step" else ("pose", "hold") if origin == "pose" else ()
        hold_place = document.place((*path, *written))
        breath = around.breath or pose.breath
        if breath is None and (pose.breath_words or hold.unit == "breaths"):
            what = f"{pose.name!r} is done by the breath" if pose.breath_words else f"{hold} is counted in breaths"
            hint = "Add breath: 4-6 to the step or to the defaults."
            self.problems.append(Problem(hold_place, f"{what}, and there is no breath pattern.", hint))
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
            prompts=(*library.prompts_of(form.prompts), *pose.prompts),
            optional=form.optional,
            listed=not isinstance(form.pose, PoseForm),
            hold_place=hold_place,
        )


def _hold(form: PoseStepForm, pose: Pose, inherited: _Inherited) -> tuple[Length, Origin]:
    if form.hold:
        return form.hold, "step"
    if inherited.hold:
        return inherited.hold, "default"
    if pose.hold:
        return pose.hold, "pose"
    if pose.reps:
        return Length(pose.reps * sum(pose.tempo)), "pose"
    return DEFAULT_HOLD, "default"


def _audible(background: str | None) -> str | None:
    return None if background == "none" else background or DEFAULT_BACKGROUND


def _too_long(steps: list[Step]) -> Iterator[Problem]:
    """The step with which the pauses and breathing alone pass the longest session; speech is not known here."""
    total = 0.0
    for step in steps:
        match step:
            case RestStep():
                total += step.length
            case BreatheStep():
                total += step.pattern.cycle * step.rounds
            case PoseStep() if step.hold.unit == "seconds":
                total += (step.hold.amount * max(1, len(step.pose.sides)) + step.rest) * step.rounds
        if total > LONGEST:
            yield Problem(step.place, f"With this the session is longer than {plain(LONGEST)}, the most there can be.")
            return
