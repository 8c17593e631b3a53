"""The log's file: an SQLite database in the person's own folder that only this person can read.

It is written ahead (WAL): a process that is killed loses nothing that it noted, and one process does not wait for
another. A damaged file is put aside, and a new one begun.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from audioguide.errors import EnvironmentFailure
from audioguide.system import paths
from audioguide.system.paths import is_file

PATIENCE = 0.2
"""Seconds to wait for another process that writes: the screen waits with it."""

_CHANGES = (
    """CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    title TEXT NOT NULL,
    started REAL NOT NULL,            -- seconds since 1970
    zone INTEGER NOT NULL,            -- seconds that local time was ahead of UTC
    noted REAL NOT NULL,              -- when it was last written to
    process INTEGER NOT NULL,         -- the one that plays it
    heard REAL NOT NULL DEFAULT 0,    -- seconds
    length REAL,                      -- seconds
    ended TEXT NOT NULL DEFAULT 'open',
    step INTEGER, kind TEXT, pose TEXT, round INTEGER, side TEXT, position REAL  -- where it was left
    )""",
    "ALTER TABLE sessions ADD COLUMN gaps INTEGER NOT NULL DEFAULT 0",
)
"""How the table came to be what it is. How many of these a file has seen is its `user_version`."""

COLUMNS = (
    "id, key, title, started, zone, noted, process, heard, length, ended, step, kind, pose, round, side, position, gaps"
)

FAILURES = (sqlite3.Error, UnicodeDecodeError)
"""What a statement can fail with; the latter on a damaged file."""

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)
"""The last one is a table that is not ours, or a format that SQLite does not know."""


def log_folder() -> Path:
    """Where the log lies."""
    return paths.user_dir() / "log"


def log_file() -> Path:
    """The log's file, which need not be there."""
    return log_folder() / "sessions.sqlite3"


def is_disabled() -> bool:
    """Whether the person does not want sessions to be noted."""
    return is_file(_off())


def set_enabled(*, on: bool) -> None:
    """Begin or stop noting sessions. EnvironmentFailure where the folder refuses."""
    try:
        if on:
            _off().unlink(missing_ok=True)
        else:
            _make_folder()
            _off().touch()
    except OSError as error:
        raise log_error(error) from None


def connect(tell: Callable[[str], None]) -> sqlite3.Connection:
    """Open the log, or begin one; each statement is a transaction of its own.

    A damaged file is put aside, which `tell` is told. EnvironmentFailure where the log cannot be used.
    """
    try:
        try:
            return _opened()
        except FAILURES as error:
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in _DAMAGED:
                raise
            aside = quarantine()
            connection = _opened()
    except (*FAILURES, OSError) as error:
        raise log_error(error) from error
    tell(f"The log was damaged. It is kept in {aside}, and a new one is begun.")
    return connection


def delete_all() -> None:
    """Delete the log, and the damaged files that were put aside. EnvironmentFailure where that cannot be."""
    try:
        for path in log_folder().glob("*"):
            if path.is_dir():
                shutil.rmtree(path)
            elif path != _off():
                path.unlink(missing_ok=True)
    except OSError as error:
        raise log_error(error) from None


def log_error(error: Exception) -> EnvironmentFailure:
    """What a person is told when the log fails."""
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return EnvironmentFailure(f"The log {log_file()} is in use by another program. Close that, then try again.")
    reason = (error.strerror if isinstance(error, OSError) else None) or error
    return EnvironmentFailure(
        f"The log {log_file()} cannot be used: {reason}. Check its folder's permissions and the free space."
    )


def quarantine() -> Path:
    """Move a damaged log to a folder of its own, and return that."""
    aside = Path(tempfile.mkdtemp(prefix=f"damaged-{time.strftime('%Y-%m-%d')}-", dir=log_folder()))
    for path in log_folder().glob(f"{log_file().name}*"):
        with contextlib.suppress(FileNotFoundError):
            path.rename(aside / path.name)
    return aside


def _opened() -> sqlite3.Connection:
    _make_folder()
    os.close(os.open(log_file(), os.O_CREAT | os.O_RDWR, 0o600))  # the files that SQLite puts beside it get the same
    # Not more than one thread uses it at a time, but the one that ends a session need not be the one that began it.
    connection = sqlite3.connect(log_file(), PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        _bring_up_to_date(connection)
        if (found := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(found)
        connection.execute(f"SELECT {COLUMNS} FROM sessions LIMIT 1")
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    """Make the table what it is now. Another process may be doing so at the same moment."""
    with contextlib.suppress(sqlite3.OperationalError):  # in use: the next one that opens it does this
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if _version(connection) == len(_CHANGES):
        return
    connection.execute("BEGIN IMMEDIATE")
    if (version := _version(connection)) > len(_CHANGES):
        raise EnvironmentFailure(f"The log {log_file()} was written by a newer audioguide. Update this one.")
    for change in _CHANGES[version:]:
        connection.execute(change)
    connection.execute(f"PRAGMA user_version = {len(_CHANGES)}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _make_folder() -> None:
    log_folder().parent.mkdir(parents=True, exist_ok=True)
    log_folder().mkdir(mode=0o700, exist_ok=True)


def _off() -> Path:
    return log_folder() / "off"
