"""The log's file: an SQLite database that only the user can read.

It uses a write-ahead log (WAL): a killed process loses nothing that it wrote, and processes do not wait for each other.
"""

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from audioguide.errors import EnvironmentFailure
from audioguide.system import clock, paths

PATIENCE = 0.2  # seconds to wait for another process that writes; the screen does not move meanwhile
_CHANGES = (
    """CREATE TABLE sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    title TEXT NOT NULL,
    started REAL NOT NULL,            -- seconds since 1970
    zone INTEGER NOT NULL,            -- seconds by which local time is ahead of UTC
    noted REAL NOT NULL,              -- time of the last update
    process INTEGER NOT NULL,         -- id of the process that plays it
    heard REAL NOT NULL DEFAULT 0,    -- seconds
    length REAL,                      -- seconds
    ended TEXT NOT NULL DEFAULT 'open',
    step INTEGER, kind TEXT, pose TEXT, round INTEGER, side TEXT, position REAL  -- the bookmark
    )""",
    "ALTER TABLE sessions ADD COLUMN gaps INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE sessions ADD COLUMN felt TEXT",
    "ALTER TABLE sessions ADD COLUMN hurt TEXT NOT NULL DEFAULT '[]'",  # ids of poses, a JSON list
    "ALTER TABLE sessions ADD COLUMN plan TEXT",
    "ALTER TABLE sessions ADD COLUMN plan_day INTEGER",
    "ALTER TABLE sessions ADD COLUMN source TEXT NOT NULL DEFAULT 'played'",
    "ALTER TABLE sessions ADD COLUMN holds TEXT NOT NULL DEFAULT '[]'",  # [pose, seconds of its longest hold], …: JSON
    # What lies between its parts, as JSON: [when it was left, when it went on, seconds heard before], …
    "ALTER TABLE sessions ADD COLUMN breaks TEXT NOT NULL DEFAULT '[]'",
)
"""Migrations, in order. `user_version` of a file counts those that it has had."""

COLUMNS = (
    "id, key, title, started, zone, noted, process, heard, length, ended, step, kind, pose, round, side, position,"
    " gaps, felt, hurt, plan, plan_day, source, holds, breaks"
)

FAILURES = (sqlite3.Error, UnicodeDecodeError)  # errors of a statement; UnicodeDecodeError comes from a damaged file
# SQLITE_ERROR stands for another program's table, or a format that SQLite does not know.
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)


def log_folder() -> Path:
    """The folder of the log."""
    return paths.user_dir() / "log"


def log_file() -> Path:
    """The log's file, which may not exist."""
    return log_folder() / "sessions.sqlite3"


def is_disabled() -> bool:
    """Whether the user has switched the log off."""
    return paths.is_file(_off_switch())


def set_enabled(*, on: bool) -> None:
    """Switch the log on or off. EnvironmentFailure where the folder cannot be written."""
    with report_failures():
        if on:
            _off_switch().unlink(missing_ok=True)
        else:
            _make_folder()
            _off_switch().touch()


def connect(tell: Callable[[str], None]) -> sqlite3.Connection:
    """Open or create the log; each statement is a transaction of its own.

    A damaged file is moved to a folder of its own, with a message to `tell`, and a new one begins. EnvironmentFailure
    where the log cannot be used.
    """
    with report_failures():
        try:
            return _open()
        except FAILURES as error:
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF not in _DAMAGED:
                raise
        aside = Path(tempfile.mkdtemp(prefix=f"damaged-{clock.now():%Y-%m-%d}-", dir=log_folder()))
        for path in log_folder().glob(f"{log_file().name}*"):
            with contextlib.suppress(FileNotFoundError):
                path.rename(aside / path.name)
        connection = _open()
    tell(f"The log was damaged. It was moved to {aside}, and a new one begins.")
    return connection


def delete_all() -> None:
    """Delete the log, and damaged ones that were moved away. EnvironmentFailure where a file cannot be deleted."""
    with report_failures():
        for path in log_folder().glob("*"):
            if path.is_dir():
                shutil.rmtree(path)
            elif path != _off_switch():
                path.unlink(missing_ok=True)


@contextlib.contextmanager
def report_failures() -> Iterator[None]:
    """Turn errors of the log into EnvironmentFailure."""
    try:
        yield
    except (*FAILURES, OSError) as error:
        what = f"cannot be used: {getattr(error, 'strerror', None) or error}"
        advice = "Check its folder's permissions and the free space."
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            what, advice = "is in use by another program", "Close that, then try again."
        raise EnvironmentFailure(f"The log {log_file()} {what}. {advice}") from error


def _open() -> sqlite3.Connection:
    _make_folder()
    os.close(os.open(log_file(), os.O_CREAT | os.O_RDWR, 0o600))  # SQLite gives its other files the same mode
    # One thread at a time uses it, but the thread that ends a session may not be the one that began it.
    connection = sqlite3.connect(log_file(), PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        _migrate(connection)
        if (found := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
            raise sqlite3.DatabaseError(found)
        connection.execute(f"SELECT {COLUMNS} FROM sessions LIMIT 1")
    except BaseException:
        connection.close()
        raise
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    """Apply the migrations that the file lacks. Another process may do so at the same time."""
    with contextlib.suppress(sqlite3.OperationalError):  # in use: whoever opens it next does this
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if _version(connection) != len(_CHANGES):
        connection.execute("BEGIN IMMEDIATE")
        if (version := _version(connection)) > len(_CHANGES):
            raise EnvironmentFailure(f"The log {log_file()} was written by a newer audioguide. Update this one.")
        for change in (*_CHANGES[version:], f"PRAGMA user_version = {len(_CHANGES)}", "COMMIT"):
            connection.execute(change)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _make_folder() -> None:
    log_folder().parent.mkdir(parents=True, exist_ok=True)
    log_folder().mkdir(mode=0o700, exist_ok=True)


def _off_switch() -> Path:
    return log_folder() / "off"
