"""The pose library: one file a pose, read when a routine first names it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from audioguide.errors import Problem, RequestError, RoutineError, suggest
from audioguide.model.routine import DEFAULT_LIMITS, BreathWords, LevelTexts, Pose, Prompt
from audioguide.schema.document import Document, read_document
from audioguide.system import paths
from audioguide.system.files import cache_by_file

if TYPE_CHECKING:
    from audioguide.routine.routine_form import LevelsForm, PoseForm, PromptForm


def find_pose(id: str) -> Pose:
    """The pose of an id. RequestError names the nearest one; RoutineError says what is wrong with its file."""
    return read_pose(id)[0]


def read_pose(id: str) -> tuple[Pose, Document]:
    """The pose of an id, and how it is written. Raises as `pose` does."""
    return _load(find_pose_file(id))


def find_pose_file(id: str) -> Path:
    """The file of a pose. RequestError names the nearest one when there is none."""
    if (path := paths.pose_file(id)) is None:
        hint = suggest(id, paths.pose_files()) or "Write it in place, with a name and instructions of its own."
        raise RequestError(f"There is no pose {id!r} in the library.", hint)
    return path


@cache_by_file
def _load(path: Path) -> tuple[Pose, Document]:
    document = read_document(path)
    return parse_pose(document, path.stem), document


def parse_pose(document: Document, id: str) -> Pose:
    """The pose that is written in a document of its own. RoutineError with all that is wrong with it."""
    from audioguide.routine.routine_form import PoseForm
    from audioguide.schema.validate import validate  # forms are slow to make

    form = validate(document, PoseForm)
    if problems := check_id(document, id):
        raise RoutineError(problems)
    return replace(build_pose(form), id=id)


def check_id(document: Document, id: str) -> tuple[Problem, ...]:
    """What is wrong with the id in a pose's file: it is the file's name."""
    if document.data.get("id") in (None, id):
        return ()
    message = f"The id of this file's pose is {id!r}, after the file."
    hint = "Rename the file, or leave the id out."
    return (Problem(document.place(("id",)), "wrong-id", message, hint),)


def build_pose(form: PoseForm) -> Pose:
    """A pose as the program knows it, from its written form."""
    words = form.breath_words
    return Pose(
        name=form.name,
        id=form.id,
        instructions=build_texts(form.instructions) or LevelTexts(),
        hold=form.hold,
        limits=form.limits or DEFAULT_LIMITS,
        sides=tuple(form.sides or ()),
        position=form.position,
        settle=form.settle,
        breath=form.breath,
        breath_words=BreathWords(words.inhale, words.exhale) if words else None,
        reps=form.reps,
        tempo=form.tempo or (2.0, 1.0, 2.0),
        prompts=build_prompts(form.prompts),
        begin=form.begin,
        release=form.release,
        caution=build_texts(form.caution),
    )


def build_texts(form: str | LevelsForm | None) -> LevelTexts | None:
    """One text is said at every level."""
    if form is None:
        return None
    if isinstance(form, str):
        return LevelTexts(form, form, form)
    return LevelTexts(form.brief, form.normal, form.full)


def build_prompts(forms: list[PromptForm] | None) -> tuple[Prompt, ...]:
    """A person's own words, in the order in which they are written."""
    return tuple(Prompt(form.say, form.at, form.every) for form in forms or ())
