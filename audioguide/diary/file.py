"""The diary's file: SQLite in the person's own folder, readable by that person alone.

It is written ahead (WAL): a note waits for no disk, one process does not wait for another, and a process that is killed
loses nothing that it noted.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path

from audioguide import resources
from audioguide.errors import EnvironmentFailure
from audioguide.resources import is_file

VERSION = 1
"""Of the table. Kept as SQLite's `user_version`."""

PATIENCE = 1.0
"""Seconds to wait for another process at the beginning, when nothing sounds yet."""

_TABLE = """
CREATE TABLE IF NOT EXISTS sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    title TEXT NOT NULL,
    started REAL NOT NULL,            -- seconds since 1970
    zone INTEGER NOT NULL,            -- seconds that local time was ahead of UTC
    noted REAL NOT NULL,              -- when it was last written to
    process INTEGER NOT NULL,         -- that plays it
    heard REAL NOT NULL DEFAULT 0,    -- seconds
    length REAL,                      -- seconds
    ended TEXT NOT NULL DEFAULT 'open',
    step INTEGER, kind TEXT, pose TEXT, round INTEGER, side TEXT, position REAL  -- where it was left
)
"""


class Damaged(sqlite3.DatabaseError):
    """What SQLite found to be wrong when it was asked to look."""


COLUMNS = "id, key, title, started, zone, noted, process, heard, length, ended, step, kind, pose, round, side, position"

FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""What a statement can fail with; the latter on a damaged file."""

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
"""The last one is a table that is not ours, or a format that SQLite does not know."""


def folder() -> Path:
    """Where the diary lies."""
    return resources.own() / "log"


def diary_file() -> Path:
    """The diary's file, which need not be there."""
    return folder() / "sessions.sqlite3"


def switched_off() -> bool:
    """Whether the person does not want sessions to be noted."""
    return is_file(_off())


def switch(*, on: bool) -> None:
    """Begin or stop noting sessions. EnvironmentFailure where the folder refuses."""
    try:
        if on:
            _off().unlink(missing_ok=True)
        else:
            _make_folder()
            _off().touch()
    except OSError as error:
        raise EnvironmentFailure(f"{folder()} cannot be written: {error.strerror}. Check its permissions.") from None


def connect() -> sqlite3.Connection:
    """The diary, begun where there is none; each statement is a transaction of its own.

    A damaged file is put aside under another name. EnvironmentFailure, which says so, where the diary cannot be used.
    """
    try:
        _make_private()
        return _opened()
    except (*FAILURES, OSError) as error:
        if not is_damaged(error):
            raise unusable(error) from error
    try:
        put_aside()
        _make_private()
        return _opened()
    except (*FAILURES, OSError) as error:
        raise unusable(error) from error


def connect_to_read() -> sqlite3.Connection | None:
    """The diary as it is, None where there is none; nothing is written. EnvironmentFailure as for `connect`.

    Where the folder may not be written, SQLite can only read a file of which it is told that nobody changes it.
    """
    path = diary_file()
    try:
        path.stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise unusable(error) from error
    failure: Exception | None = None
    for how in ("mode=ro", "mode=ro&immutable=1"):
        try:
            connection = sqlite3.connect(f"{path.resolve().as_uri()}?{how}", PATIENCE, uri=True)
        except sqlite3.Error as error:
            failure = error
            continue
        try:
            version = _version(connection)
            if version == VERSION:
                _look(connection)
                return connection
            connection.close()
            if not version:  # another process is just about to begin it
                return None
            raise _newer()
        except FAILURES as error:
            connection.close()
            failure = error
    raise unusable(failure or OSError())


def forget() -> None:
    """Delete every record, and the damaged files that were put aside. EnvironmentFailure where that cannot be."""
    if is_file(diary_file()):
        with contextlib.closing(connect()) as connection:
            try:
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute("DELETE FROM sessions")
                connection.execute("VACUUM")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except FAILURES as error:
                raise unusable(error) from error
    for path in folder().glob("damaged-*"):
        try:
            path.unlink()
        except OSError as error:
            raise EnvironmentFailure(f"{path} cannot be deleted: {error.strerror}. Delete it by hand.") from None


def is_damaged(error: Exception) -> bool:
    """Whether what failed is the file itself, and not the way to it."""
    return isinstance(error, Damaged | UnicodeDecodeError) or _code(error) in _DAMAGED


def unusable(error: Exception) -> EnvironmentFailure:
    """What a person is told when the diary fails."""
    path = diary_file()
    if is_damaged(error):
        return EnvironmentFailure(f"The log {path} is damaged. The next session that is played begins another.")
    code = _code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return EnvironmentFailure(f"The log {path} is in use by another program. Close that, then try again.")
    reason = (error.strerror if isinstance(error, OSError) else None) or error
    todo = "Free some space." if code == sqlite3.SQLITE_FULL else "Check the folder's permissions."
    return EnvironmentFailure(f"The log {path} cannot be used: {reason}. {todo}")


def _code(error: Exception) -> int:
    """SQLite's primary code of an error; 0 where it has none."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def put_aside() -> Path:
    """Give a damaged diary another name, and say which one. Nothing of it is deleted."""
    path = diary_file()
    name = f"damaged-{time.strftime('%Y%m%d-%H%M%S')}"
    aside = next(one for n in range(1000) if not (one := path.with_name(f"{name}{f'-{n}' * (n > 0)}.sqlite3")).exists())
    for part in ("-wal", "-shm", ""):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + part).rename(aside.with_name(aside.name + part))
    return aside


def _opened() -> sqlite3.Connection:
    # Not more than one thread uses it at a time, but the one that ends a session need not be the one that began it.
    connection = sqlite3.connect(diary_file(), PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        version = _version(connection)
        if version > VERSION:
            raise _newer()
        if not version:
            _begin(connection)
        connection.execute("PRAGMA synchronous = NORMAL")
        _look(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _look(connection: sqlite3.Connection) -> None:
    """Raises Damaged where the file is not what was written; a file is small, and this is quick."""
    connection.text_factory = _text
    if (found := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        raise Damaged(found)
    connection.execute(f"SELECT {COLUMNS} FROM sessions LIMIT 1")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


def _begin(connection: sqlite3.Connection) -> None:
    """Make the table. Another process may be doing so at the same moment."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            break
        except sqlite3.OperationalError:  # for this SQLite does not wait by itself
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
    connection.execute(_TABLE)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _newer() -> EnvironmentFailure:
    return EnvironmentFailure(f"The log {diary_file()} was written by a newer audioguide. Update this one.")


def _make_private() -> None:
    """Make the folder and an empty file before SQLite does; its files beside it get the same permissions."""
    _make_folder()
    with contextlib.suppress(FileExistsError):
        os.close(os.open(diary_file(), os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _make_folder() -> None:
    folder().parent.mkdir(parents=True, exist_ok=True)
    folder().mkdir(mode=0o700, exist_ok=True)


def _off() -> Path:
    return folder() / "off"
