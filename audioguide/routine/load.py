"""Routine text to Routine, or every problem at once."""

from __future__ import annotations

from pathlib import Path
from shlex import quote

from audioguide import resources
from audioguide.errors import Problem, RequestError, RoutineError, nearest
from audioguide.resources import is_file, shown
from audioguide.routine import holds
from audioguide.routine.document import Document, read
from audioguide.routine.importing import ENDINGS
from audioguide.routine.model import Routine
from audioguide.routine.sources import File, Files, Sources, Written, file_of

SOUND_ENDINGS = (".mp3", ".m4a", ".m4b", ".opus", ".flac", ".wav")
"""Of files that a session is exported to. All but the last can carry their routine."""


def is_path(source: str) -> bool:
    """Whether something is named as a file, whether that is there or not, and not by an id."""
    return source.lower().endswith((*resources.ENDINGS, *ENDINGS, *SOUND_ENDINGS)) or "/" in source or "\\" in source


def find(source: str) -> Path:
    """The file of a routine given as an id or a path. RequestError names the nearest id."""
    if is_path(source):
        return Path(source)
    known = resources.routines()
    if source in known:
        return known[source]
    if is_file(Path(source)):
        return Path(source)
    hint = nearest(source, {**known, **resources.presets()})
    raise RequestError(f"There is no routine {source!r}.", hint or "See `audioguide list`.")


def load(source: str | Path) -> Routine:
    """The routine of an id or a file, with no options applied. RoutineError holds all that is wrong with it."""
    return load_written(source)[0]


def load_written(source: str | Path) -> tuple[Routine, Written]:
    """As `load`, with all that the routine is written in."""
    path, files = source if isinstance(source, Path) else find(source), Files(find)
    file = file_of(path, open_document(path))
    return settled(*unrolled(file, files)), files.written(file)


def settled(routine: Routine | None, problems: tuple[Problem, ...]) -> Routine:
    """What was read, if nothing is wrong with it; else RoutineError."""
    if problems or routine is None:
        raise RoutineError(problems)
    return routine


def open_document(path: Path) -> Document:
    """What is written in a routine's file: YAML, or a script of plain text or Markdown, as its ending says."""
    ending = path.suffix.lower()
    if ending in SOUND_ENDINGS:
        name = shown(path)
        raise RequestError(f"{name} is sound, and a routine is wanted here.", f"Try `audioguide show {quote(name)}`.")
    if ending not in ENDINGS:
        return read(path)
    from audioguide.routine.importing.script import read_script

    return read_script(path)


def attempt(path: Path, document: Document) -> tuple[Routine | None, tuple[Problem, ...]]:
    """As much of a routine as can be read, and every problem with it; `document` is what stands at `path`.

    A step that is wrong is put aside, so that what else is wrong is found in the same pass.
    """
    return unrolled(file_of(path, document), Files(find))


def unrolled(file: File, sources: Sources) -> tuple[Routine | None, tuple[Problem, ...]]:
    """As `attempt`, of a file whose names are looked up in `sources`."""
    from audioguide.routine.unroll import Inherited, Unroll  # forms are slow to make, and known routines need none
    from audioguide.routine.validate import salvage

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
