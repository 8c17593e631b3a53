"""Routine text to Routine, or every problem at once."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from shlex import quote
from typing import Any

from pydantic import ValidationError

from audioguide.errors import Problem, RequestError, RoutineError, suggest
from audioguide.model import holds
from audioguide.model.routine import Routine
from audioguide.routine.importers import ENDINGS
from audioguide.routine.routine_form import STEP_KINDS, RoutineForm
from audioguide.routine.sources import LocalSources, RoutineSource, SourceFile, Sources, file_of
from audioguide.schema.document import Document, Keys, read_document
from audioguide.schema.validate import locate, problem_of
from audioguide.system import paths
from audioguide.system.paths import display_path, is_file

SOUND_ENDINGS = (".mp3", ".m4a", ".m4b", ".opus", ".flac", ".wav")
"""Of files that a session is exported to. All but the last can carry their routine."""


def is_path(source: str) -> bool:
    """Whether something is named as a file, whether that is there or not, and not by an id."""
    return source.lower().endswith((*paths.ENDINGS, *ENDINGS, *SOUND_ENDINGS)) or "/" in source or "\\" in source


def find_routine(source: str) -> Path:
    """The file of a routine given as an id or a path. RequestError names the nearest id."""
    if is_path(source):
        return Path(source)
    known = paths.routine_files()
    if source in known:
        return known[source]
    if is_file(Path(source)):
        return Path(source)
    hint = suggest(source, {**known, **paths.preset_files()})
    raise RequestError(f"There is no routine {source!r}.", hint or "See `audioguide list`.")


def load(source: str | Path) -> Routine:
    """The routine of an id or a file, with no options applied. RoutineError holds all that is wrong with it."""
    return load_with_source(source)[0]


def load_with_source(source: str | Path) -> tuple[Routine, RoutineSource]:
    """As `load`, with all that the routine is written in."""
    path, files = source if isinstance(source, Path) else find_routine(source), LocalSources(find_routine)
    file = file_of(path, open_document(path))
    return require_valid(*expand_routine(file, files)), files.collect(file)


def require_valid(routine: Routine | None, problems: tuple[Problem, ...]) -> Routine:
    """What was read, if nothing is wrong with it; else RoutineError."""
    if problems or routine is None:
        raise RoutineError(problems)
    return routine


def open_document(path: Path) -> Document:
    """What is written in a routine's file: YAML, or a script of plain text or Markdown, as its ending says."""
    ending = path.suffix.lower()
    if ending in SOUND_ENDINGS:
        name = display_path(path)
        raise RequestError(f"{name} is sound, and a routine is wanted here.", f"Try `audioguide show {quote(name)}`.")
    if ending not in ENDINGS:
        return read_document(path)
    from audioguide.routine.importers.script import read_script

    return read_script(path)


def check_routine(path: Path, document: Document) -> tuple[Routine | None, tuple[Problem, ...]]:
    """As much of a routine as can be read, and every problem with it; `document` is what stands at `path`.

    A step that is wrong is put aside, so that what else is wrong is found in the same pass.
    """
    return expand_routine(file_of(path, document), LocalSources(find_routine))


def expand_routine(file: SourceFile, sources: Sources) -> tuple[Routine | None, tuple[Problem, ...]]:
    """As `attempt`, of a file whose names are looked up in `sources`."""
    from audioguide.routine.expand import Inherited, Unroll  # forms are slow to make, and known routines need none

    document = file.document
    form, problems = salvage(document)
    if form is None:
        return None, problems
    unroll = Unroll(list(problems), sources)
    try:
        inherited = Inherited().under(form.defaults)
        steps = [*unroll.steps(form.steps, file, ("steps",), inherited)]
    except RoutineError as error:
        return None, (*unroll.problems, *error.problems)
    if problem := holds.too_long(steps):
        unroll.problems.append(problem)
    routine = Routine(
        id=file.name,
        title=form.title,
        description=form.description,
        tags=tuple(form.tags),
        language=form.language,
        voice=form.defaults.voice,
        steps=tuple(steps),
        file=document.file,
        notes=document.notes,
    )
    return routine, tuple(dict.fromkeys(unroll.problems))


def salvage(document: Document) -> tuple[RoutineForm | None, tuple[Problem, ...]]:
    """What can be read of a routine, and the problems of the rest; None when nothing can.

    Wrong keys are taken out first, so that what else is wrong with their step is still found; a step that is wrong
    all the same is replaced by a rest of a second.
    """
    data = deepcopy(document.data)
    problems: tuple[Problem, ...] = ()
    menders: tuple[Callable[[Any, Keys], None] | None, ...] = (_without_key, _without_step, None)
    for mend in menders:
        try:
            return RoutineForm.model_validate(data), problems
        except ValidationError as error:
            details = error.errors(include_url=False)
        problems = problems or tuple(problem_of(document, detail, RoutineForm) for detail in details)
        if mend:
            for detail in details:
                mend(data, locate(detail, RoutineForm)[0])
    return None, problems


def _without_key(data: Any, path: Keys) -> None:
    *parents, key = path
    for part in parents:
        data = data[part] if not isinstance(data, dict) or part in data else {}
    if isinstance(data, dict) and key not in STEP_KINDS:
        data.pop(key, None)


def _without_step(data: Any, path: Keys) -> None:
    match path:
        case ("steps", int(index), *_):
            data["steps"][index] = {"rest": 1}
        case ("title", *_):
            data["title"] = "untitled"
        case (str(key), *_):
            data.pop(key, None)
