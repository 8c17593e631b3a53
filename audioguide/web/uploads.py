"""Routines that were dropped on the page: checked like any other, kept in memory, and cut off from the disk.

Such a routine names poses, and routines that it includes, by their ids. No path in it is followed.
"""

from __future__ import annotations

import secrets
import tempfile
import threading
from dataclasses import replace
from pathlib import Path

from audioguide.errors import Problem, RequestError, RoutineError, suggest
from audioguide.model.options import Options
from audioguide.model.selectors import applicable, slug
from audioguide.routine.load import expand_routine, require_valid
from audioguide.routine.sources import LocalSources, SourceFile
from audioguide.schema.document import Document, parse_document
from audioguide.session.open import session_of_plan
from audioguide.session.preset import ResolvedRoutine
from audioguide.system import paths
from audioguide.web.limits import MAX_UPLOADS, check_session

NAME = "routine"
"""What it is called in messages: it has lost the name of its file."""

KINDS = {
    "text/yaml": ".yaml",
    "application/yaml": ".yaml",
    "application/x-yaml": ".yaml",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "audio/mpeg": ".mp3",
}
"""The ending of each type that can be dropped."""


class Uploads:
    """What was dropped so far, by id. To be used from any thread; one is read at a time."""

    def __init__(self) -> None:
        self._plans: dict[str, ResolvedRoutine] = {}
        self._reading = threading.Lock()

    def ids(self) -> tuple[str, ...]:
        """Those that are kept."""
        return tuple(self._plans)

    def get(self, id: str) -> ResolvedRoutine | None:
        """The plan of one; None when there is none of that id."""
        return self._plans.get(id)

    def take(self, content: bytes, ending: str, standing: Options) -> str:
        """Read one and keep it; returns its id. RequestError, RoutineError with all that is wrong with it."""
        id = f"dropped-{secrets.token_hex(8)}"
        with self._reading:
            plan = _carried(content) if ending == ".mp3" else _written(content, ending, standing)
            check_session(session_of_plan(plan))
            self._plans[id] = plan
            while len(self._plans) > MAX_UPLOADS:
                del self._plans[next(iter(self._plans))]
        return id


class _ByName(LocalSources):
    """The files of this machine, of which what was dropped may name routines and poses by their ids alone."""

    def __init__(self, root: SourceFile) -> None:
        super().__init__(_known)
        self._root = root

    def routine(self, name: str, within: SourceFile) -> SourceFile:
        """The routine that one includes."""
        if within is self._root:
            _known(name)
        return super().routine(name, within)


def _known(name: str) -> Path:
    known = paths.routine_files()
    if name not in known:
        raise RequestError(f"There is no routine {name!r} here.", suggest(name, known))
    return known[name]


def _written(content: bytes, ending: str, standing: Options) -> ResolvedRoutine:
    document = _document(content, ending)
    # Beside it is nothing but what `_known` finds anyway.
    root = SourceFile("dropped", "", document, paths.user_dir() / "scripts")
    sources = _ByName(root)
    routine, problems = expand_routine(root, sources)
    routine = require_valid(routine, problems)
    routine = replace(routine, id=slug(routine.title)[:60] or "dropped")
    under = applicable(standing, routine).options
    return ResolvedRoutine(routine, sources.collect(root), under, "", Options(), notes=routine.notes)


def _document(content: bytes, ending: str) -> Document:
    from audioguide.routine.importers.script import decode, parse_script, split_lines

    text = decode(content, NAME)
    return parse_document(text, NAME) if ending == ".yaml" else parse_script(split_lines(text, NAME), f"{NAME}{ending}")


def _carried(content: bytes) -> ResolvedRoutine:
    from audioguide.session.embedded import read_embedded

    with tempfile.TemporaryDirectory(prefix="audioguide-") as folder:
        path = Path(folder) / f"{NAME}.mp3"
        path.write_bytes(content)
        carried = read_embedded(path, "This file")
    routine = carried.routine()
    return ResolvedRoutine(routine, carried.bundle.collect(), carried.options, "", carried.options, carried=carried)


def problems_in(error: RequestError) -> list[dict[str, object]]:
    """What is wrong with a routine, for the page."""
    if not isinstance(error, RoutineError):
        return [{"line": None, "column": None, "message": error.message, "hint": error.hint}]
    return [_facts(problem) for problem in error.problems]


def _facts(problem: Problem) -> dict[str, object]:
    here = problem.place.file == NAME  # and not in a background that it names
    line, column = (problem.place.line, problem.place.column) if here else (None, None)
    within = f"{problem.place.within.capitalize()}: " if problem.place.within else ""
    return {"line": line, "column": column, "message": f"{within}{problem.message}", "hint": problem.hint}
