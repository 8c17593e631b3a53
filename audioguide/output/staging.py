"""Files that appear whole or not at all: written under a temporary name, then renamed."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from audioguide.errors import AudioguideError, EnvironmentFailure, RequestError

_SHORT = 40
"""Characters of a name that its temporary one begins with."""

_FULL = (errno.ENOSPC, errno.EDQUOT)
_FORBIDDEN = (errno.EACCES, errno.EPERM, errno.EROFS)
_NAMED_WRONGLY = (errno.ENAMETOOLONG, errno.EINVAL, errno.ENOTDIR)


@contextmanager
def staged(*targets: Path) -> Iterator[tuple[Path, ...]]:
    """Empty temporary files beside `targets`, in their order, to be written by the body.

    On a clean exit all of them take their final names, replacing what was there; on any other, Ctrl-C included,
    all of them are removed and nothing has changed. What a program that was killed has left for the same targets is
    removed, too. No folder is made. Raises RequestError for a target that is no file or whose folder is missing,
    EnvironmentFailure where the disk is full or may not be written.
    """
    places = [_place(target) for target in targets]
    parts = tuple(_part(place) for place in places)
    with ExitStack() as made:
        for part, place in zip(parts, places, strict=True):
            _sweep(place)
            made.enter_context(_made(part))
        yield parts
        # What can fail comes before the first rename: together or not at all.
        for part in parts:
            _sync(part)
        for part, place in zip(parts, places, strict=True):
            _rename(part, place)


def explain(error: OSError, path: Path) -> AudioguideError:
    """The failure to write `path` (which may be a temporary file) as one plain sentence."""
    folder = path.parent
    if error.errno in _FULL:
        return EnvironmentFailure(f"The disk is full: nothing was kept in {folder}. Free some space, then try again.")
    if error.errno in _FORBIDDEN:
        return EnvironmentFailure(f"{folder} may not be written. Choose another folder.")
    return EnvironmentFailure(f"A file in {folder} could not be written: {error.strerror}. Try another folder.")


def _place(target: Path) -> Path:
    """Where `target` really lies: a link stays a link, and what it points to is replaced."""
    place = Path(os.path.realpath(target))
    try:
        kind = place.stat().st_mode
    except FileNotFoundError:
        if not place.parent.is_dir():
            raise RequestError(f"There is no folder {target.parent}. Make it, or choose another.") from None
        return place
    except OSError as error:
        if error.errno in _NAMED_WRONGLY:
            raise RequestError(f"No file can be named {target}: {error.strerror}.") from None
        raise explain(error, place) from None
    if not stat.S_ISREG(kind):
        what = "a folder" if stat.S_ISDIR(kind) else "not an ordinary file"
        raise RequestError(f"{target} is {what}. Name a file.")
    return place


def _part(place: Path) -> Path:
    """A name that no player takes for a recording; shortened, so that a long name has room for the addition."""
    return place.with_name(f".{place.name[:_SHORT]}.{secrets.token_hex(4)}.part")


@contextmanager
def _made(part: Path) -> Iterator[None]:
    """Make it, hold it, and remove it at the end, if it has not become something else."""
    with ExitStack() as open_while_held:
        file = _create(part)
        if sys.platform == "win32":  # an open file can be neither renamed nor removed there
            os.close(file)
        else:
            open_while_held.callback(os.close, file)
        try:
            yield
        finally:
            with suppress(OSError):  # renamed, or on a disk that lets nothing go
                part.unlink()


def _create(part: Path) -> int:
    """Make it: an open file, on which nobody else gets a lock as long as we live and it is open."""
    while True:
        try:
            # The permissions are the usual ones, which those of `tempfile` are not.
            file = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
        except OSError as error:
            raise explain(error, part) from None
        if _lock(file) is not False and part.exists():
            return file
        os.close(file)  # swept away by another program before it was ours


def _sweep(place: Path) -> None:
    """Remove what is left of programs that were killed while they wrote the file of that name."""
    name = re.compile(re.escape(f".{place.name[:_SHORT]}.") + r"[0-9a-f]{8}\.part")
    with suppress(OSError), os.scandir(place.parent) as entries:
        for left in [Path(entry.path) for entry in entries if name.fullmatch(entry.name)]:
            with suppress(OSError), left.open("rb") as file:
                if _lock(file.fileno()):
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
    """Have the bytes on the disk before the name, so that a crash can't leave an empty file under it."""
    try:
        with part.open("r+b") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise explain(error, part) from None


def _rename(part: Path, place: Path) -> None:
    try:
        part.replace(place)
    except OSError as error:
        raise EnvironmentFailure(f"{place} could not be replaced: {error.strerror}. Is it open elsewhere?") from None
