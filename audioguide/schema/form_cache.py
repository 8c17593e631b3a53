"""Keeps what files were read as from one run of the program to the next, by their content.

pydantic builds the validator of a form anew in each run, which takes longer than all else that a short command does.
What is kept are pickles, which can make nothing but the forms and the frozen data of this program.
"""

import io
import os
import pickle
from collections.abc import Callable
from contextlib import suppress
from dataclasses import is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import pydantic

from audioguide.errors import RequestError
from audioguide.schema.document import Document, parse_document, read_text
from audioguide.system.cache import BlobCache, cache_key, size_limit
from audioguide.system.paths import cache_root, display_path
from audioguide.version import __version__

MAX_BYTES = 20_000_000  # that all may take; a form has about 5 kB
_MOST = 50  # that a run keeps: a session needs 15, and a list of hundreds should not write as many files
_PACKAGE = Path(__file__).parents[1]

T = TypeVar("T")
_made = set[str]()  # the kinds that were made in this run
_kept = set[str]()


def open_form_cache() -> BlobCache:
    """The cache of forms: below `AUDIOGUIDE_CACHE`, or else below the user's cache folder."""
    return BlobCache(cache_root() / "forms", ".form", b"agform\x01", size_limit(MAX_BYTES), shared=None)


def remember(kind: str, content: object, make: Callable[[], T]) -> T:
    """What `make` gives, or gave in an earlier run for the same content, which is plain data; as `make` raises.

    Of each kind only the first ones of a run are looked up, until one is missing: then its validator is there.
    """
    if kind in _made and len(_kept) >= _MOST:
        return make()
    key = _key(kind, content)
    if kind not in _made:
        with suppress(Exception):  # whatever is wrong with a pickle, what it holds can be made again
            if pickled := open_form_cache().get(key):
                return cast(T, _Unpickler(io.BytesIO(pickled)).load())
        _made.add(kind)
    made = make()
    if len(_kept) < _MOST and key not in _kept:
        _kept.add(key)
        # What other packages define cannot be kept; and what is wrong with the cache is told by who needs one.
        with suppress(pickle.PicklingError, AttributeError, TypeError, RecursionError, RequestError):
            open_form_cache().put(key, pickle.dumps(made))
    return made


def remember_file(kind: str, path: Path, make: Callable[[Document], T]) -> T:
    """What `make` gives for the document in a file, as `remember`. Raises as `read_text`, `parse_document`, `make`."""
    text, name = read_text(path), display_path(path)
    return remember(f"{kind} {name}", text, lambda: make(parse_document(text, name)))


def _key(kind: str, content: object) -> str:
    return cache_key(_program(), kind, repr(content))


@cache
def _program() -> str:
    """What the same content may be read as differently by; a checkout changes without another version."""
    files = (entry for folder, *_ in os.walk(_PACKAGE) for entry in os.scandir(folder) if entry.name.endswith(".py"))
    return f"{__version__} {pydantic.VERSION} {max(file.stat().st_mtime_ns for file in files)}"


class _Unpickler(pickle.Unpickler):
    """Makes the forms and the frozen data of this program, and refuses all else: no file can have anything run."""

    def find_class(self, module: str, name: str) -> Any:
        """The class of that name."""
        if module.startswith("audioguide."):
            found = super().find_class(module, name)
            if isinstance(found, type) and (is_dataclass(found) or issubclass(found, pydantic.BaseModel)):
                return found
        raise pickle.UnpicklingError(f"{module}.{name}")
