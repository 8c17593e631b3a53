"""Where the names in a routine are looked up: in the files of this machine, or in what came along with the routine.

Either way it can be told afterwards what a routine is written in, all of it: so it can go to another machine.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from audioguide.errors import RequestError, suggest
from audioguide.model.routine import Pose
from audioguide.model.selectors import slug
from audioguide.routine import library
from audioguide.schema.document import Document, read_document
from audioguide.system.paths import ENDINGS, is_file, with_ending


@dataclass(frozen=True)
class SourceFile:
    """What steps are read from: its name in messages, what it is known by, where it lies, and those that include it."""

    name: str
    key: str
    document: Document
    folder: Path = Path()
    above: tuple[SourceFile, ...] = ()


@dataclass(frozen=True)
class RoutineSource:
    """A routine as it is written, with the routines that it includes and the poses that it names, as plain data.

    What is included is named as in `included`, not by where it lay.
    """

    routine: Mapping[str, Any]
    included: Mapping[str, Mapping[str, Any]]
    poses: Mapping[str, Mapping[str, Any]]


class Sources(Protocol):
    """Looks up what a routine names. RequestError where there is nothing of a name, RoutineError where it is wrong."""

    def routine(self, name: str, within: SourceFile) -> SourceFile:
        """The routine that one file includes."""

    def pose(self, id: str) -> Pose:
        """The pose of an id."""


class LocalSources:
    """The files of this machine: a routine beside the one that includes it, else one that `find` finds by its id."""

    def __init__(self, find: Callable[[str], Path]) -> None:
        self._find = find
        self._files: dict[Path, SourceFile] = {}  # once a file: what many include is read once
        self._links: dict[tuple[str, str], SourceFile] = {}
        self._poses: dict[str, Document] = {}

    def routine(self, name: str, within: SourceFile) -> SourceFile:
        """The routine that one file includes."""
        path = _beside(name, within.folder) or self._find(name)
        if path not in self._files:
            self._files[path] = file_of(path, read_document(path))
        found = self._links[within.key, name] = self._files[path]
        return found

    def pose(self, id: str) -> Pose:
        """The pose of an id."""
        found, self._poses[id] = library.read_pose(id)
        return found

    def collect(self, root: SourceFile) -> RoutineSource:
        """All that the routine in `root` is written in, once its steps were read without a problem."""
        names = {root.key: root.name}
        for file in self._links.values():
            if file.key not in names:
                names[file.key] = _free(slug(file.name)[:60] or "routine", names.values())
        files = {file.key: file for file in self._links.values()}
        included = {names[key]: self._renamed(file, names) for key, file in files.items()}
        poses = {id: document.data for id, document in self._poses.items()}
        return RoutineSource(self._renamed(root, names), included, poses)

    def _renamed(self, file: SourceFile, names: Mapping[str, str]) -> dict[str, Any]:
        """A routine's data, in which what is included has the name that it has among `names`."""

        def renamed(step: Any) -> Any:
            if "steps" in step:
                return {**step, "steps": [renamed(inner) for inner in step["steps"]]}
            if "include" in step:
                return {**step, "include": names[self._links[file.key, str(step["include"])].key]}
            return step

        return {**file.document.data, "steps": [renamed(step) for step in file.document.data["steps"]]}


@dataclass(frozen=True)
class BundledSources:
    """What came along with a routine. Nothing else is looked for, on this machine or anywhere."""

    root: SourceFile
    included: Mapping[str, Document]
    poses: Mapping[str, Document]
    _read: dict[str, Pose] = field(default_factory=dict, repr=False, compare=False)

    def routine(self, name: str, within: SourceFile) -> SourceFile:
        """The routine that another one includes."""
        if name not in self.included:
            raise RequestError(f"There is no routine {name!r} in this file.", suggest(name, self.included))
        return SourceFile(name, name, self.included[name])

    def pose(self, id: str) -> Pose:
        """The pose of an id."""
        if id not in self.poses:
            raise RequestError(f"There is no pose {id!r} in this file.", suggest(id, self.poses))
        if id not in self._read:
            self._read[id] = library.parse_pose(self.poses[id], id)
        return self._read[id]

    def collect(self) -> RoutineSource:
        """The same as data."""
        included = {name: document.data for name, document in self.included.items()}
        return RoutineSource(
            self.root.document.data, included, {id: document.data for id, document in self.poses.items()}
        )


def file_of(path: Path, document: Document) -> SourceFile:
    """The file at a path, in which `document` stands."""
    return SourceFile(path.stem, os.path.realpath(path), document, path.parent)


def _beside(name: str, folder: Path) -> Path | None:
    path = folder / name
    if not name.endswith(ENDINGS):
        return with_ending(path)
    return path if is_file(path) else None


def _free(name: str, taken: Collection[str]) -> str:
    numbered = (name if number == 1 else f"{name}-{number}" for number in range(1, len(taken) + 2))
    return next(one for one in numbered if one not in taken)
