"""A person's files: read whole, written whole or not at all, and whatever hinders it said in a sentence."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import lru_cache, wraps
from pathlib import Path
from typing import TypeVar, TypeVarTuple

from audioguide.errors import AudioguideError, EnvironmentFailure, RequestError
from audioguide.system.paths import display_path

LONGEST_NAME = 150
"""Bytes of a `safe_name` in UTF-8 without its ending: most disks have room for 255, and players show far less."""

_PART = re.compile(r"\.audioguide-[0-9a-f]{16}\.part")
_ABANDONED = 86_400.0
"""Seconds after which a temporary file is taken to be a killed program's, on disks without locks to tell it by."""

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
"""Names that are devices on Windows, with any ending."""

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_NAMED_WRONGLY = (errno.EINVAL, errno.ENOTDIR)

T = TypeVar("T")
Args = TypeVarTuple("Args")


def cache_by_file(function: Callable[[*Args], T]) -> Callable[[*Args], T]:
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
    name = display_path(path)
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
    """Write UTF-8 text, whole or not at all. Raises as `staged` does."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a small file, whole or not at all. Raises as `staged` does."""
    with atomic_write(path) as (part,):
        try:
            part.write_bytes(content)
        except OSError as error:
            raise os_error_message(error, part) from None


def make_folder(path: Path) -> None:
    """Make a folder and those above it. EnvironmentFailure where that cannot be."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFailure(f"The folder {path} cannot be made: {error.strerror or error}.") from None


@contextmanager
def atomic_write(*targets: Path) -> Iterator[tuple[Path, ...]]:
    """Empty temporary files beside `targets`, in their order, to be written by the body.

    When the body ends normally all of them take their final names, replacing what was there. When it raises (Ctrl-C
    included) all of them are removed and nothing has changed. A target that is a link stays one. No folder is made.
    Raises RequestError for a target that is not an ordinary file or whose folder is missing, EnvironmentFailure where
    the disk is full or may not be written.
    """
    places = [_place(target) for target in targets]
    with ExitStack() as held:
        try:
            parts = tuple(held.enter_context(temporary_file(place.parent)) for place in places)
        except OSError as error:
            raise os_error_message(error, places[0]) from None
        yield parts
        # What can fail comes before the first rename: together or not at all.
        for part in parts:
            _sync(part)
        for part, place in zip(parts, places, strict=True):
            _rename(part, place)


@contextmanager
def temporary_file(folder: Path) -> Iterator[Path]:
    """An empty file in `folder`, hidden from players, which is removed when the block ends unless it was renamed.

    Its name is no longer than any real one may be, and no other thread or process has the same. Temporary files that
    killed programs have left in the folder are removed first. Raises OSError where the folder refuses.
    """
    _sweep(folder)
    with ExitStack() as open_while_held:
        file, part = _create(folder)
        if sys.platform == "win32":  # an open file can be neither renamed nor removed there
            os.close(file)
        else:
            open_while_held.callback(os.close, file)
        try:
            yield part
        finally:
            with suppress(OSError):  # renamed, or on a disk that lets nothing go
                part.unlink()


def os_error_message(error: OSError, path: Path) -> AudioguideError:
    """The failure to write `path` (which may be a temporary file) as one plain sentence."""
    folder = path.parent
    if error.errno in _FULL:
        return EnvironmentFailure(f"The disk is full: nothing was kept in {folder}. Free some space, then try again.")
    if error.errno in _FORBIDDEN:
        return EnvironmentFailure(f"{folder} may not be written. Choose another folder.")
    if error.errno == errno.EFBIG:
        return too_large(folder)
    return EnvironmentFailure(f"A file in {folder} could not be written: {error.strerror}. Try another folder.")


def too_large(folder: Path) -> EnvironmentFailure:
    """The failure to write a file that grew beyond what the system allows."""
    return EnvironmentFailure(
        f"The file grew beyond the size that the system allows in {folder}: nothing was kept. "
        "Raise the limit (`ulimit -f`), or choose another disk."
    )


def safe_name(text: str, ending: str) -> str:
    """A file name out of any text that every disk takes: FAT and Windows are the narrowest. `ending` begins with a dot.

    It begins with neither a dot, which hides a file, nor `#`, which makes it a comment in a playlist.
    """
    name = _UNSAFE.sub("-", unicodedata.normalize("NFC", text)).lstrip(".# ")
    name = name.encode()[:LONGEST_NAME].decode(errors="ignore").rstrip(". ")
    if not name or _DEVICES.fullmatch(name):
        name = f"session-{name}".rstrip("-")
    return f"{name}{ending}"


def _place(target: Path) -> Path:
    """Where `target` really lies: of a link, what it points to is replaced."""
    try:
        place = Path(os.path.realpath(target))
        kind = place.stat().st_mode
    except FileNotFoundError:
        if not place.parent.is_dir():
            raise RequestError(f"There is no folder {target.parent}.", "Make it, or choose another.") from None
        return place
    except ValueError:
        raise RequestError(f"No file can be named {str(target)!r}.", "Choose another name.") from None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise RequestError(f"The name {target} is too long for this disk.", "Choose a shorter one.") from None
        if error.errno in _NAMED_WRONGLY:
            raise RequestError(f"No file can be named {target}: {error.strerror}.", "Choose another name.") from None
        raise os_error_message(error, place) from None
    if not stat.S_ISREG(kind):  # renaming would put a file in the place of a device
        what = "a folder" if stat.S_ISDIR(kind) else "not an ordinary file"
        raise RequestError(f"{target} is {what}.", "Name a file.")
    return place


def _create(folder: Path) -> tuple[int, Path]:
    """An open temporary file, and its path. Nobody else gets a lock on it while this process lives and it is open."""
    while True:
        part = folder / f".audioguide-{secrets.token_hex(8)}.part"
        # The permissions are the usual ones, which those of `tempfile` are not.
        file = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
        if _lock(file) is not False and part.exists():
            return file, part
        os.close(file)  # another process swept it away before it was locked


def _sweep(folder: Path) -> None:
    """Remove temporary files of ours that no living process holds."""
    with suppress(OSError), os.scandir(folder) as entries:
        for left in [Path(entry.path) for entry in entries if _PART.fullmatch(entry.name)]:
            with suppress(OSError), left.open("rb") as file:
                locked = _lock(file.fileno())
                if locked or (locked is None and left.stat().st_mtime < time.time() - _ABANDONED):
                    left.unlink()


def _lock(file: int) -> bool | None:
    """Whether the lock on an open file is ours now; None where there are no locks."""
    if sys.platform == "win32":
        return None
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without them
        return None
    return True


def _sync(part: Path) -> None:
    """Have the bytes on the disk before the name, so that a crash cannot leave an empty file under it."""
    try:
        with part.open("r+b") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise os_error_message(error, part) from None


def _rename(part: Path, place: Path) -> None:
    try:
        part.replace(place)
    except OSError as error:
        raise EnvironmentFailure(f"{place} could not be replaced: {error.strerror}. Is it open elsewhere?") from None
