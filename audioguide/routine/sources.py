"""Looks up the poses and routines that a routine names: in local files, or in what is bundled with the routine."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

from audioguide.errors import Problem, RequestError, RoutineError, suggest
from audioguide.model.routine import BreathWords, LevelTexts, Pose, Prompt, TempoWords
from audioguide.model.selectors import slug
from audioguide.routine.language import in_language, language_of
from audioguide.schema.document import Document, read_document
from audioguide.system import paths
from audioguide.system.files import cache_by_file
from audioguide.system.paths import ENDINGS, is_file, with_ending

if TYPE_CHECKING:
    from audioguide.routine.routine_form import LevelTextsForm, PoseForm, PromptForm


@dataclass(frozen=True)
class SourceFile:
    """A file with steps: its name in messages, a unique key, its document and folder, and the files that include it."""

    name: str
    key: str
    document: Document
    folder: Path = Path()
    included_by: tuple[SourceFile, ...] = ()


@dataclass(frozen=True)
class RoutineSource:
    """A routine as it is written, with the routines that it includes and the poses that it names, as plain data.

    Its `include:` steps name the keys of `included`.
    """

    routine: Mapping[str, Any]
    included: Mapping[str, Mapping[str, Any]]
    poses: Mapping[str, Mapping[str, Any]]


class Sources(Protocol):
    """Looks up what a routine names. RequestError for an unknown name, RoutineError for a file with problems."""

    def find_routine(self, name: str, within: SourceFile) -> SourceFile:
        """The routine that a file includes, in that file's language if it has words in it."""

    def find_pose(self, id: str, language: str) -> Pose:
        """The pose of an id, in a language if it has words in it."""

    def documents(self) -> Iterable[Document]:
        """What was found so far, or may be."""


class LocalSources:
    """Local files: a routine in the folder of the one that includes it, or else where `find` finds its id.

    In the texts of routines `{name}` stands for the value of a column of that name.
    """

    def __init__(self, find: Callable[[str], Path], columns: Mapping[str, str] = MappingProxyType({})) -> None:
        self._find, self.columns = find, columns
        self._files: dict[Path, SourceFile] = {}  # each file is read once
        self._links: dict[tuple[str, str], SourceFile] = {}
        self._poses: dict[str, Document] = {}

    def find_routine(self, name: str, within: SourceFile) -> SourceFile:
        """The routine that a file includes."""
        beside = within.folder / name
        found = with_ending(beside) if not name.endswith(ENDINGS) else beside if is_file(beside) else None
        path = found or self._find(name)
        if path not in self._files:
            document, language = read_document(path), language_of(within.document)
            laid = language != language_of(document) and in_language(path, document, language)
            self._files[path] = source_file(path, (laid or document).fill(self.columns))
        return self._links.setdefault((within.key, name), self._files[path])

    def find_pose(self, id: str, language: str) -> Pose:
        """The pose of an id, in a language if it has words in it."""
        found, self._poses[id] = read_pose(id, language)
        return found

    def documents(self) -> Iterable[Document]:
        """What was found so far."""
        return [*(file.document for file in self._files.values()), *self._poses.values()]

    def collect(self, root: SourceFile) -> RoutineSource:
        """The routine in `root` with all that it names, after its steps were expanded without problems."""
        names, files = {root.key: root.name}, {file.key: file for file in self._links.values()}
        for key, file in files.items():
            if key not in names:
                name = slug(file.name)[:60] or "routine"
                numbered = (f"{name}-{number}" if number > 1 else name for number in count(1))
                names[key] = next(one for one in numbered if one not in names.values())
        included = {names[key]: self._rename_includes(file, names) for key, file in files.items()}
        poses = {id: document.data for id, document in self._poses.items()}
        return RoutineSource(self._rename_includes(root, names), included, poses)

    def _rename_includes(self, file: SourceFile, names: Mapping[str, str]) -> dict[str, Any]:
        def rename(step: Any) -> Any:
            if "steps" in step:
                return {**step, "steps": [rename(inner) for inner in step["steps"]]}
            if "include" in step:
                return {**step, "include": names[self._links[file.key, str(step["include"])].key]}
            return step

        return {**file.document.data, "steps": [rename(step) for step in file.document.data["steps"]]}


@dataclass(frozen=True)
class BundledSources:
    """What is bundled with a routine; local files are not used."""

    root: SourceFile
    included: Mapping[str, Document]
    poses: Mapping[str, Document]
    _read: dict[str, Pose] = field(default_factory=dict, repr=False, compare=False)

    def find_routine(self, name: str, within: SourceFile) -> SourceFile:
        """The routine that a file includes."""
        if name not in self.included:
            raise RequestError(f"There is no routine {name!r} in this file.", suggest(name, self.included))
        return SourceFile(name, name, self.included[name])

    def find_pose(self, id: str, language: str = "") -> Pose:
        """The pose of an id, in the language that it was bundled in."""
        if id not in self.poses:
            raise RequestError(f"There is no pose {id!r} in this file.", suggest(id, self.poses))
        if id not in self._read:
            self._read[id] = parse_pose(self.poses[id], id)
        return self._read[id]

    def documents(self) -> Iterable[Document]:
        """What there is."""
        return [*self.included.values(), *self.poses.values()]

    def collect(self) -> RoutineSource:
        """All of it as plain data."""
        included = {name: document.data for name, document in self.included.items()}
        return RoutineSource(self.root.document.data, included, {id: pose.data for id, pose in self.poses.items()})


def source_file(path: Path, document: Document) -> SourceFile:
    """The file at a path that contains `document`."""
    return SourceFile(path.stem, os.path.realpath(path), document, path.parent)


def read_pose(id: str, language: str = "en") -> tuple[Pose, Document]:
    """A pose of the library, and the document of its file, in a language if it has words in it.

    RequestError suggests an id where there is no such pose; RoutineError says what is wrong with its file.
    """
    if (path := paths.pose_file(id)) is None:
        hint = suggest(id, paths.pose_files()) or "Write it in place, with a name and instructions of its own."
        raise RequestError(f"There is no pose {id!r} in the library.", hint)
    return _load_pose(path, paths.language_file(path, language), language)


@cache_by_file
def _load_pose(path: Path, words: Path | None, language: str) -> tuple[Pose, Document]:
    document = read_document(path)
    laid = in_language(path, document, language) if words else None
    spoken = language if laid else None if paths.is_user_file(path) else "en"
    return replace(parse_pose(laid or document, path.stem), language=spoken), laid or document


def parse_pose(document: Document, id: str) -> Pose:
    """The pose in a document. RoutineError with all that is wrong with it."""
    from audioguide.routine.routine_form import PoseForm
    from audioguide.schema.validate import validate_kept  # forms are slow to build

    form = validate_kept(document, PoseForm)
    if problems := check_id(document, id):
        raise RoutineError(problems)
    return replace(build_pose(form), id=id)


def check_id(document: Document, id: str) -> tuple[Problem, ...]:
    """The problem of a pose's file whose `id:` is not the file's name."""
    if document.data.get("id") in (None, id):
        return ()
    message = f"The id of this file's pose is {id!r}, after the file."
    return (Problem(document.place(("id",)), "wrong-id", message, "Rename the file, or leave the id out."),)


def build_pose(form: PoseForm) -> Pose:
    """The pose of a form; a key that is left out keeps the default of `Pose`."""
    given: dict[str, Any] = {key: value for key, value in form if value is not None and key in Pose.__slots__}
    given |= {key: build_texts(given[key]) for key in ("instructions", "caution") if key in given}
    if form.breath_words:
        given["breath_words"] = BreathWords(**dict(form.breath_words))
    if form.figure:
        from audioguide.routine.figure_form import build_figure

        given["figure"] = build_figure(form.figure)
    if form.tempo or form.tempo_words:  # a tempo that nobody wrote is not said
        given["tempo_words"] = TempoWords(**dict(form.tempo_words or ()))
    return Pose(**{**given, "all_sides": given.get("sides", ()), "prompts": build_prompts(form.prompts)})


def build_texts(form: str | LevelTextsForm) -> LevelTexts:
    """The texts of a form; a single text is spoken at every level."""
    return LevelTexts(form, form, form) if isinstance(form, str) else LevelTexts(**dict(form))


def build_prompts(forms: list[PromptForm] | None) -> tuple[Prompt, ...]:
    """The prompts of forms, in their order."""
    return tuple(Prompt(**dict(form)) for form in forms or ())
