"""Routines that were uploaded on the page: checked like any other, kept in memory, and cut off from the disk.

Such a routine may name poses and other routines by their ids only. No path in it is followed.
"""

import secrets
import threading
from dataclasses import replace
from pathlib import Path

from audioguide.errors import RequestError, RoutineError, suggest
from audioguide.model.options import Options
from audioguide.model.selectors import applicable, slug
from audioguide.routine.load import SOUND_ENDINGS, expand_routine, require_valid
from audioguide.routine.sources import LocalSources, SourceFile
from audioguide.schema.document import Document, parse_document
from audioguide.session.config import Config
from audioguide.session.open import build_session
from audioguide.session.preset import ResolvedRoutine
from audioguide.system import paths
from audioguide.system.files import temporary_folder
from audioguide.web.limits import MAX_UPLOADS, check_session

NAME = "routine"  # what an upload is called in messages: the server does not know the name of its file

SUFFIXES = {
    "text/yaml": ".yaml",
    "application/yaml": ".yaml",
    "application/x-yaml": ".yaml",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/html": ".html",
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "text/vtt": ".vtt",
    "application/x-subrip": ".srt",
    "application/ssml+xml": ".ssml",
    "audio/mpeg": ".mp3",
    "audio/mp4": ".m4a",
    "audio/x-m4b": ".m4b",
    "audio/ogg": ".opus",
    "audio/flac": ".flac",
    "audio/wav": ".wav",
}
"""The suffix of a file of each media type that can be uploaded."""


class Uploads:
    """The latest uploads. To be used from any thread; one is read at a time."""

    def __init__(self) -> None:
        self.by_id: dict[str, ResolvedRoutine] = {}
        self._lock = threading.Lock()

    def add(self, content: bytes, suffix: str, config: Config) -> str:
        """Read an upload and keep it; returns its id. RequestError or RoutineError with all that is wrong with it."""
        id = f"upload-{secrets.token_hex(8)}"
        with self._lock:
            is_sound = suffix in SOUND_ENDINGS
            resolved = _read_sound(content, suffix) if is_sound else _read_text(content, suffix, config)
            session = build_session(resolved)
            check_session(session)
            try:
                _ = session.outline
            except RequestError as error:
                if error.option != ("length", None):
                    raise
                raise RequestError(error.message, "Write another `length` into it, or none.") from None
            self.by_id[id] = resolved
            while len(self.by_id) > MAX_UPLOADS:
                del self.by_id[next(iter(self.by_id))]
        return id


def _read_sound(content: bytes, suffix: str) -> ResolvedRoutine:
    from audioguide.session.embedded import read_embedded

    with temporary_folder() as folder:
        path = folder / f"{NAME}{suffix}"
        path.write_bytes(content)
        file = read_embedded(path, "This file")
    written, options = file.bundle.collect(), file.options
    return ResolvedRoutine(file.routine(), written, "", Options(), options, options, embedded=file)


def _read_text(content: bytes, suffix: str, config: Config) -> ResolvedRoutine:
    # As if it were in the user's folder of routines: what is found there is found by its id, too.
    root = SourceFile("upload", "", _parse(content, suffix), paths.user_dir() / "scripts")
    sources = _SourcesById(root)
    routine, problems = expand_routine(root, sources)
    routine = require_valid(routine, problems)
    routine = replace(routine, id=slug(routine.title)[:60] or "upload")
    written = sources.collect(root)
    options = replace(applicable(config.options, routine).options, language=None)  # it is in its own
    options = options.over(Options(length=routine.usual_length))
    return ResolvedRoutine(routine, written, "", Options(), Options(), options, config, notes=routine.notes)


def _parse(content: bytes, suffix: str) -> Document:
    from audioguide.routine.importers.read_text import decode, read_source
    from audioguide.routine.importers.script import understand

    if suffix == ".yaml":
        return parse_document(decode(content, NAME), NAME)
    return understand(read_source(content, f"{NAME}{suffix}"))


class _SourcesById(LocalSources):
    """The files of this machine, of which an upload may include routines by their ids alone."""

    def __init__(self, root: SourceFile) -> None:
        super().__init__(_find_routine)
        self._root = root

    def find_routine(self, name: str, within: SourceFile) -> SourceFile:
        """The routine that another one includes."""
        if within is self._root:
            _find_routine(name)
        return super().find_routine(name, within)


def _find_routine(id: str) -> Path:
    known = paths.routine_files()
    if id not in known:
        raise RequestError(f"There is no routine {id!r} here.", suggest(id, known))
    return known[id]


def list_problems(error: RequestError) -> list[dict[str, object]]:
    """What is wrong with an uploaded routine, for the page."""
    if not isinstance(error, RoutineError):
        return [{"line": None, "column": None, "message": error.message, "hint": error.hint}]
    found: list[dict[str, object]] = []
    for problem in error.problems:
        place, within = problem.place, problem.place.within
        in_upload = place.file == NAME  # and not in a background that it names
        line, column = (place.line, place.column) if in_upload else (None, None)
        message = f"{within.capitalize()}: {problem.message}" if within else problem.message
        found.append({"line": line, "column": column, "message": message, "hint": problem.hint})
    return found
