"""A person's files: written whole or not at all, and whatever hinders it said in a sentence."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from audioguide.errors import AudioguideError, EnvironmentFailure, RequestError
from audioguide.resources import shown

_FULL = (errno.ENOSPC, errno.EDQUOT)
_WRONG_PLACE = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EINVAL)

T = TypeVar("T")
Args = TypeVarTuple("Args")


def cached_by_file(function: Callable[[*Args], T]) -> Callable[[*Args], T]:
    """Decorates a function whose result follows from the files it is given: it is called again when one has changed.

    A file counts as changed when its modification time, size or inode differs. Every argument is positional and
    hashable. The 256 results used last are kept; an exception is not.
    """

    @lru_cache(256)
    def cached(_states: object, *args: *Args) -> T:
        return function(*args)

    @wraps(function)
    def checked(*args: *Args) -> T:
        return cached(tuple(_state(arg) for arg in args if isinstance(arg, Path)), *args)

    return checked


def _state(path: Path) -> tuple[int, int, int] | None:
    """What changes when the file does; None when there is no such file."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def read_bytes(path: Path, most: int, kind: str, lost: str) -> bytes:
    """The bytes of a file, of one that is larger than `most` one more than that.

    RequestError where it cannot be read; `kind` says what file it should be, `lost` what to do where there is none.
    """
    name = shown(path)
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except IsADirectoryError:
        raise RequestError(f"{name} is a folder.", f"Name a {kind} file in it.") from None
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError) or getattr(error, "errno", None) == errno.ENAMETOOLONG:
            raise RequestError(f"There is no file {name}.", lost) from None
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise RequestError(
            f"{name} cannot be read: {reason}.", "Check its permissions, or name another file."
        ) from None


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text under a temporary name beside `path`, then rename it. A link stays a link to the new text.

    RequestError where the folder is not there or `path` is no ordinary file, EnvironmentFailure where the disk refuses.
    """
    place = Path(os.path.realpath(path))
    if os.path.lexists(place) and not place.is_file():  # renaming would put a file in the place of a device
        what = "a folder" if place.is_dir() else "not an ordinary file"
        raise RequestError(f"{shown(path)} is {what}.", "Choose another name.")
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        part.write_text(text, "utf-8", newline="\n")
        part.replace(place)
    except OSError as error:
        raise _explained(error, path) from None
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def make_folder(path: Path) -> None:
    """Make a folder and those above it. EnvironmentFailure where that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFailure(f"The folder {path} cannot be made: {error.strerror or error}.") from None


def _explained(error: OSError, path: Path) -> AudioguideError:
    if error.errno == errno.ENAMETOOLONG:
        return RequestError(f"The name {shown(path)} is too long for this disk.", "Choose a shorter one.")
    if not path.parent.is_dir():
        return RequestError(f"There is no folder {shown(path.parent)}.", "Make it, or choose another.")
    if error.errno in _WRONG_PLACE or path.is_dir():
        return RequestError(f"{shown(path)} cannot be a file here.", "Choose another name.")
    todo = "Free some space" if error.errno in _FULL else "Check its folder's permissions"
    return EnvironmentFailure(f"{shown(path)} cannot be written: {error.strerror or error}. {todo}, then try again.")
