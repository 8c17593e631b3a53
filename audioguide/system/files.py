"""Reads and writes users' files: whole or not at all, with errors as plain sentences."""

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

_PART = re.compile(r"\.audioguide-[0-9a-f]{16}\.part")
_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\ud800-\udfff]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)  # on Windows

_begun = set[Path]()  # temporary files of this process

T = TypeVar("T")
Args = TypeVarTuple("Args")


def cache_by_file(function: Callable[[*Args], T]) -> Callable[[*Args], T]:
    """Decorate a function of files: it is called again only when the `file_state` of a Path in its arguments differs.

    All arguments are positional and hashable. The 256 results used last are kept, exceptions are not.
    """

    @lru_cache(256)
    def call(_states: object, *args: *Args) -> T:
        return function(*args)

    @wraps(function)
    def wrapper(*args: *Args) -> T:
        return call(tuple(file_state(arg) for arg in args if isinstance(arg, Path)), *args)

    return wrapper


def file_state(path: Path) -> tuple[int, int, int] | None:
    """The modification time (ns), the size (bytes) and the inode of a file; None if it cannot be read."""
    with suppress(OSError):
        stat = path.stat()
        return stat.st_mtime_ns, stat.st_size, stat.st_ino
    return None


def read_bytes(path: Path, most: int, kind: str, lost: str) -> bytes:
    """The first `most` + 1 bytes of a file of a `kind`. RequestError where that fails; `lost` is its fix if missing."""
    name = display_path(path)
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except IsADirectoryError:
        raise RequestError(f"{name} is a folder.", f"Name a {kind} file in it.") from None
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) in (errno.ENOENT, errno.ENAMETOOLONG):
            raise RequestError(f"There is no file {name}.", lost) from None
        message = f"{name} cannot be read: {getattr(error, 'strerror', None) or error}."
        raise RequestError(message, "Check its permissions, or name another file.") from None


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, whole or not at all. Raises as `atomic_write` does."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """Write a small file, whole or not at all. Raises as `atomic_write` does."""
    with atomic_write(path) as (part,):
        try:
            part.write_bytes(content)
        except OSError as error:
            raise os_error_message(error, part) from None


def make_folder(path: Path) -> None:
    """Make a folder and those above it. EnvironmentFailure where that fails."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EnvironmentFailure(f"The folder {path} cannot be made: {error.strerror or error}.") from None


@contextmanager
def atomic_write(*targets: Path) -> Iterator[tuple[Path, ...]]:
    """Write files whole or not at all: gives the body empty temporary files beside `targets`, in their order.

    After the body, all of them are renamed to their targets. Where it raises (Ctrl-C included), all are removed and
    nothing has changed. A target that is a link stays one. No folder is made. RequestError for a target that is not an
    ordinary file or whose folder is missing, EnvironmentFailure where the disk is full or may not be written.
    """
    places = [_resolve_target(target) for target in targets]
    with ExitStack() as held:
        try:
            parts = tuple(held.enter_context(temporary_file(place.parent)) for place in places)
        except OSError as error:
            raise os_error_message(error, places[0]) from None
        yield parts
        # All that can fail comes before the first rename. A crash after it cannot leave an empty file.
        for part in parts:
            try:
                with part.open("r+b") as file:
                    os.fsync(file.fileno())
            except OSError as error:
                raise os_error_message(error, part) from None
        for part, place in zip(parts, places, strict=True):
            try:
                part.replace(place)
            except OSError as error:
                message = f"{place} could not be replaced: {error.strerror}. Is it open elsewhere?"
                raise EnvironmentFailure(message) from None


@contextmanager
def temporary_file(folder: Path) -> Iterator[Path]:
    """An empty file in `folder`, hidden from players; it is removed after the block unless it was renamed.

    What killed processes left in the folder is removed first. OSError where the folder does not allow it.
    """
    sweep(folder)
    file, part = _create(folder)
    if sys.platform == "win32":  # an open file can be neither renamed nor removed there
        os.close(file)
    try:
        yield part
    finally:
        with suppress(OSError):  # it was renamed, or the disk does not allow it
            part.unlink()
        _begun.discard(part)
        if sys.platform != "win32":
            os.close(file)  # which ends its lock


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder of this process, in the system's temporary one; what killed processes left there is removed first."""
    from shutil import rmtree
    from tempfile import gettempdir

    with temporary_file(Path(gettempdir())) as part:
        folder = Path(f"{part}.d")
        try:
            folder.mkdir(mode=0o700)
            yield folder
        finally:
            rmtree(folder, ignore_errors=True)


@contextmanager
def hold_folder(folder: Path) -> Iterator[None]:
    """Keep other processes from holding a folder that can be written. RequestError where one does."""
    try:
        held = (folder / ".held").open("ab")
    except OSError as error:
        raise os_error_message(error, folder / "held") from None
    with held:
        if _lock(held.fileno()) is False:
            raise RequestError(f"Somebody records into {display_path(folder)} already.", "Quit there first.")
        yield


@contextmanager
def lock_file(path: Path) -> Iterator[None]:
    """Wait until no other process is in such a block for a file; where there are no locks, nobody waits."""
    try:
        held = path.open("ab")
    except OSError as error:
        raise os_error_message(error, path) from None
    with held:
        while _lock(held.fileno()) is False:
            time.sleep(0.005)
        yield


def os_error_message(error: OSError, path: Path) -> AudioguideError:
    """The error of writing `path`, which may be a temporary file, as one plain sentence."""
    folder = path.parent
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EnvironmentFailure(f"The disk is full: nothing was kept in {folder}. Free some space, then try again.")
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return EnvironmentFailure(f"{folder} may not be written. Choose another folder.")
    if error.errno == errno.EFBIG:
        return EnvironmentFailure(
            f"The file grew beyond the size that the system allows in {folder}: nothing was kept. "
            "Raise the limit (`ulimit -f`), or choose another disk."
        )
    return EnvironmentFailure(f"A file in {folder} could not be written: {error.strerror}. Try another folder.")


def safe_name(text: str, ending: str) -> str:
    """A file name made of any text that every disk accepts, FAT and Windows included. `ending` begins with a dot.

    It has at most 150 bytes of UTF-8 before its ending: most disks allow 255, and players show far fewer.
    """
    # A dot at the start hides a file, and `#` makes it a comment in a playlist.
    name = _UNSAFE.sub("-", unicodedata.normalize("NFC", text)).lstrip(".# ")
    name = name.encode()[:150].decode(errors="ignore").rstrip(". ")
    if not name or _DEVICES.fullmatch(name):
        name = f"session-{name}".rstrip("-")
    return f"{name}{ending}"


def _resolve_target(target: Path) -> Path:
    """Where a target really lies: of a link, what it points to is replaced. Raises as `atomic_write` does."""
    place: Path | None = None
    try:
        place = Path(os.path.realpath(target))
        kind = place.stat().st_mode
    except FileNotFoundError:
        if not place:
            raise RequestError("The working folder is gone.", "Go to another one, then start again.") from None
        if not place.parent.is_dir():
            raise RequestError(f"There is no folder {target.parent}.", "Make it, or choose another.") from None
        return place
    except ValueError:
        raise RequestError(f"No file can be named {str(target)!r}.", "Choose another name.") from None
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            raise RequestError(f"The name {target} is too long for this disk.", "Choose a shorter one.") from None
        if error.errno in (errno.EINVAL, errno.ENOTDIR):
            raise RequestError(f"No file can be named {target}: {error.strerror}.", "Choose another name.") from None
        raise os_error_message(error, place or target) from None
    if not stat.S_ISREG(kind):  # renaming would put a file in the place of a device
        what = "a folder" if stat.S_ISDIR(kind) else "not an ordinary file"
        raise RequestError(f"{target} is {what}.", "Name a file.")
    return place


def _create(folder: Path) -> tuple[int, Path]:
    """An open temporary file and its path. It is locked until it is closed or this process ends."""
    while True:
        part = folder / f".audioguide-{secrets.token_hex(8)}.part"
        _begun.add(part)
        try:
            # With the usual permissions, unlike those of `tempfile`.
            file = os.open(part, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
        except OSError:
            _begun.discard(part)
            raise
        if _lock(file) is not False and part.exists():
            return file, part
        os.close(file)  # another process removed it before it was locked
        _begun.discard(part)


def remove_begun() -> None:
    """Remove the temporary files and folders of this process, which is about to end.

    An interruption may come between any two steps: when a file is there and nobody is to remove it yet, or no more.
    """
    from shutil import rmtree

    for part in [*_begun]:
        rmtree(f"{part}.d", ignore_errors=True)
        with suppress(OSError):
            part.unlink()


def sweep(folder: Path) -> None:
    """Remove the temporary files that killed processes left in a folder, and temporary folders that go with them."""
    with suppress(OSError), os.scandir(folder) as entries:
        parts = [entry for entry in entries if _PART.fullmatch(entry.name.removesuffix(".d"))]
        for lone in [entry.path for entry in parts if entry.is_dir(follow_symlinks=False)]:
            if not os.path.lexists(lone.removesuffix(".d")):  # which is there before it, and gone after it
                from shutil import rmtree  # rarely needed, and slow to load

                rmtree(lone, ignore_errors=True)
        for left in [Path(entry.path) for entry in parts if entry.is_file(follow_symlinks=False)]:
            with suppress(OSError), left.open("rb") as file:
                locked = _lock(file.fileno())
                if locked is None:  # no locks there: it is taken for a killed process's after a day
                    locked = left.stat().st_mtime < time.time() - 86_400
                if locked:
                    from shutil import rmtree

                    rmtree(f"{left}.d", ignore_errors=True)
                    left.unlink()


def _lock(file: int) -> bool | None:
    """Lock an open file: True if that worked, False if another process has it, None where there are no locks."""
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
