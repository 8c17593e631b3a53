"""Loads a routine by id or path: the Routine, or every problem with it at once."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import Any

from audioguide.errors import Problem, RequestError, RoutineError, suggest
from audioguide.model import holds
from audioguide.model.routine import PoseStep, Routine
from audioguide.model.selectors import names_of, slug
from audioguide.routine.figure_form import figure_problems
from audioguide.routine.importers import ENDINGS
from audioguide.routine.language import in_language, language_of
from audioguide.routine.routine_form import RoutineForm
from audioguide.routine.sources import LocalSources, RoutineSource, SourceFile, Sources, source_file
from audioguide.schema.document import Document, Keys, read_document
from audioguide.schema.json_document import to_document
from audioguide.schema.validate import validate_kept, validate_part
from audioguide.system import paths

SOUND_ENDINGS = (".mp3", ".m4a", ".m4b", ".opus", ".flac", ".wav")  # of exports; all but WAV can have their routine


def is_path(source: str) -> bool:
    """Whether a source is a path, existing or not, rather than an id."""
    return source.lower().endswith((*paths.ENDINGS, *ENDINGS, *SOUND_ENDINGS)) or "/" in source or "\\" in source


def find_routine(source: str) -> Path:
    """The file of a routine given as an id or a path. RequestError suggests an id where there is no such routine."""
    if is_path(source):
        return Path(source)
    known = paths.routine_files()
    if source in known or paths.is_file(Path(source)):
        return known.get(source, Path(source))
    hint = suggest(source, {**known, **paths.preset_files()})
    if source in paths.plan_files():
        hint = f"It is a plan: `audioguide play --next {source}` plays what is due of it."
    raise RequestError(f"There is no routine {source!r}.", hint or "See `audioguide list`.")


def load(source: str | Path) -> Routine:
    """The routine of an id or a file, without options. RoutineError has all that is wrong with it."""
    return load_with_source(source)[0]


def load_with_source(
    source: str | Path, columns: Mapping[str, str] | None = None, language: str | None = None
) -> tuple[Routine, RoutineSource]:
    """As `load`, with the source of the routine and of all that it names, in a language if it has words in it.

    In its texts `{name}` is the value of a column.
    """
    path = source if isinstance(source, Path) else find_routine(source)
    if original := paths.original_file(path):
        message = f"{paths.display_path(path)} has nothing but the words of {original[0].name}."
        raise RequestError(message, f"Name that one, with --language {original[1]}.")
    document, files = open_document(path), LocalSources(find_routine, columns or {})
    languages = tuple(dict.fromkeys((language_of(document), *paths.language_files(path))))
    if language in languages[1:]:
        document = in_language(path, document, str(language)) or document
    file = source_file(path, document.fill(files.columns))
    routine = require_valid(*expand_routine(file, files))
    return replace(routine, languages=languages), files.collect(file)


def require_valid(routine: Routine | None, problems: tuple[Problem, ...]) -> Routine:
    """The routine, or RoutineError where there are problems."""
    if problems or routine is None:
        raise RoutineError(problems)
    return routine


def open_document(path: Path) -> Document:
    """The document in a routine's file: YAML, or a script, by its ending."""
    ending = path.suffix.lower()
    if ending in SOUND_ENDINGS:
        name = paths.display_path(path)
        raise RequestError(f"{name} is sound, and a routine is wanted here.", f"Try `audioguide show {quote(name)}`.")
    if ending not in ENDINGS:
        return read_document(path)
    from audioguide.routine.importers.script import read_script

    return read_script(path)


def check_routine(path: Path, document: Document) -> tuple[Routine | None, tuple[Problem, ...]]:
    """A routine without its wrong keys and steps, and every problem with it; `document` is the content of the file."""
    return expand_routine(source_file(path, document), LocalSources(find_routine))


def expand_routine(file: SourceFile, sources: Sources) -> tuple[Routine | None, tuple[Problem, ...]]:
    """As `check_routine`, of a file whose names are looked up in `sources`."""
    from audioguide.routine.expand import StepDefaults, StepExpander  # slow to import

    document = file.document
    form, problems = salvage(document)
    if form is None:
        return None, problems
    expander = StepExpander(list(problems), sources, form.language)
    try:
        defaults = StepDefaults().override(form.defaults)
        steps = [*expander.expand(form.steps, file, ("steps",), defaults)]
    except RoutineError as error:
        return None, (*expander.problems, *error.problems)
    if problem := holds.too_long(steps):
        expander.problems.append(problem)
    figures = (
        f"Without its figure: {problem}" for one in (document, *sources.documents()) for problem in figure_problems(one)
    )
    others = (one for one in sources.documents() if "steps" in one.data and language_of(one) != form.language)
    foreign = (
        f"{one.file} has no words in {form.language!r}: its steps are in {language_of(one)!r}." for one in others
    )
    routine = Routine(
        id=file.name,
        title=form.title,
        description=form.description,
        tags=tuple(form.tags),
        language=form.language,
        voice=form.defaults.voice,
        usual_length=form.defaults.length,
        steps=tuple(steps),
        file=document.file,
        notes=tuple(dict.fromkeys((*document.notes, *figures, *foreign))),
    )
    return routine, tuple(dict.fromkeys(expander.problems))


def salvage(document: Document) -> tuple[RoutineForm | None, tuple[Problem, ...]]:
    """The part of a routine that can be read (None where nothing can), and the problems of the rest.

    A step that is wrong without its wrong keys, too, is replaced by a rest of a second.
    """
    try:
        return validate_kept(document, RoutineForm), ()
    except RoutineError:
        return validate_part(document, RoutineForm, _replace_step)


def _replace_step(data: Any, path: Keys) -> None:
    match path:
        case ("steps", int(index), *_):
            data["steps"][index] = {"rest": 1}
        case ("title", *_):
            data["title"] = "untitled"
        case (str(key), *_):
            data.pop(key, None)


def read_library(language: str = "en") -> tuple[list[PoseStep], tuple[Problem, ...]]:
    """The poses by id, shipped and the user's own, each done once; and what is wrong with the files of others."""
    steps = [{"pose": id} for id in sorted(paths.pose_files())]
    written = {"title": "Poses", "language": language, "defaults": {"breath": "4-6"}, "steps": steps}
    document = to_document(written, "", lambda keys: ("the pose library", 1))
    routine, problems = expand_routine(SourceFile("poses", "", document), LocalSources(find_routine))
    found = [step for step in routine.steps if isinstance(step, PoseStep)] if routine else []
    return [replace(step, breath=step.pose.breath or step.breath) for step in found], problems


def find_pose(name: str, language: str = "en") -> PoseStep | None:
    """The pose of an id or a name; None where the library has none."""
    return next((step for step in read_library(language)[0] if slug(name) in map(slug, names_of(step))), None)


def uses_pose(path: Path, pose: str) -> bool:
    """Whether the routine in a file does the pose of an id; False for one that cannot be used."""
    with suppress(RequestError):
        steps = (step for step in load(path).steps if isinstance(step, PoseStep))
        return any(step.in_library and step.pose.id == pose for step in steps)
    return False
