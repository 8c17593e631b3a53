"""Keeps the rows of lists of sessions from one run of the program to the next, for as long as no file has changed."""

import json
import os
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import Any

from audioguide.errors import AudioguideError
from audioguide.system import paths
from audioguide.system.cache import cache_key
from audioguide.system.files import file_state, make_folder, write_text
from audioguide.version import __version__

_SHARED, _ALL = "/", "*"  # keys of stamps that no routine or preset has
_MOST = 3_000  # rows; then all are worked out again
Stamps = dict[str, str]


def stamp_files(settings: object) -> Stamps:
    """What the state of the files that sessions are made of comes to: of each routine or preset with its language
    files, of them all, and of all else, with the settings.
    """
    found = defaultdict(list, {_SHARED: [repr((__version__, settings))]})
    for folder in (root / name for root in paths.roots() for name in ("scripts", "presets", "voices", "music")):
        for parent, _, names in os.walk(folder):
            is_own = folder.name != "voices" and parent == str(folder)
            for path in (Path(parent, name) for name in names):
                found[path.name.partition(".")[0] if is_own else _SHARED].append(f"{path} {file_state(path)}")
    found[_ALL] = [text for key, texts in found.items() if key != _SHARED for text in texts]
    return {key: cache_key("\n".join(sorted(texts))) for key, texts in found.items()}


class RowCache:
    """The rows by session and language, each with its stamp, and whether that is of all routines; kept in a file."""

    def __init__(self, name: str = "rows.json") -> None:
        self._path, self._changed = paths.cache_root() / name, False
        self._rows: dict[str, Any] = {}
        with suppress(OSError, ValueError):
            self._rows = dict(json.loads(self._path.read_bytes()))

    def get(self, id: str, language: str | None, stamps: Stamps) -> dict[str, Any] | None:
        """A row that is still right; None where it has to be worked out."""
        with suppress(KeyError, ValueError, TypeError):
            stamp, is_wide, row = self._rows[f"{id} {language}"]
            return dict(row) if stamp == _find_stamp(id, stamps, is_wide) else None
        return None

    def put(self, id: str, language: str | None, stamps: Stamps, row: dict[str, Any], *, is_wide: bool) -> None:
        """Keep a row; one that `is_wide` is made of other routines, too."""
        kept = self._rows if len(self._rows) < _MOST else {}
        self._rows = {**kept, f"{id} {language}": (_find_stamp(id, stamps, is_wide), is_wide, row)}
        self._changed = True

    def forget(self, id: str) -> None:
        """Have the rows of a session worked out again."""
        self._rows = {key: one for key, one in self._rows.items() if key.rpartition(" ")[0] != id}

    def save(self) -> None:
        """Keep the rows for the next run, but for those of sessions without a voice, which may be installed."""
        if self._changed:
            self._changed = False
            with suppress(AudioguideError, ValueError):
                make_folder(self._path.parent)
                kept = {key: one for key, one in self._rows.items() if not one[2]["missing"]}
                write_text(self._path, json.dumps(kept))


def _find_stamp(id: str, stamps: Stamps, is_wide: bool) -> str:
    return f"{stamps[_SHARED]} {stamps[_ALL] if is_wide else stamps.get(id.partition('.')[0])}"
