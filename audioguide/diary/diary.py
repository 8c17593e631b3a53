"""Noting a session while it is played, and looking up what was noted."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from types import TracebackType
from typing import Any

from audioguide.diary import file
from audioguide.diary.record import End, Record
from audioguide.errors import EnvironmentFailure
from audioguide.timeline.places import Mark
from audioguide.units import RATE

EVERY = 5.0
"""Seconds between two notes: a process that is killed loses no more."""

SILENT = 30.0
"""Seconds without a note, after which a session is not being played any more, whatever has its process's number now."""

FRESH = timedelta(days=1)
"""How long it is offered to go on: the next day the body is cold again, and the first poses are what warms it up."""

_STALL = 0.2  # seconds that a note may wait for another process: the screen waits with it

Tell = Callable[[str], None]
Clock = Callable[[], datetime]
Left = Callable[[], Mark | None]
"""Where the session would be gone on from if it ended now."""

_NOTE = """UPDATE sessions SET noted = ?, heard = ?, length = ?, ended = ?,
    step = ?, kind = ?, pose = ?, round = ?, side = ?, position = ? WHERE id = ?"""


def local_time() -> datetime:
    """Now, with the offset of the local time zone."""
    return datetime.now().astimezone()


class Entry:
    """A session in the diary while it is played. A context manager: one that is left before `end` was interrupted.

    Nothing here raises. A note that fails is made up for by the next one; `tell` is told when the last one fails, too.
    """

    def __init__(self, connection: sqlite3.Connection | None, id: int, before: float, tell: Tell, clock: Clock) -> None:
        self._connection = connection
        self._id = id
        self._before = before
        self._tell = tell
        self._clock = clock
        self._due = 0.0
        self._last: tuple[int, int | None, Left] = (0, None, lambda: None)

    def note(self, heard: int, length: int | None, left: Left) -> None:
        """Note how far it is, at most every `EVERY` seconds; cheap to call as often as one likes.

        `heard` are the frames that have sounded so far, `length` those of the session, if they are known; of `left`
        see `timeline.places.left_at`.
        """
        self._last = (heard, length, left)
        if self._connection and time.monotonic() >= self._due:
            self._due = time.monotonic() + EVERY
            with contextlib.suppress(*file.FAILURES):
                self._write("open", *self._last)

    def end(self, end: End, heard: int, length: int | None, left: Left) -> None:
        """Note how it ended."""
        connection = self._connection
        if connection is None:
            return
        try:
            self._write(end, heard, length, left)
        except file.FAILURES as error:
            self._tell(f"How this session ended is not in the log. {file.unusable(error)}")
        self._connection = None
        with contextlib.suppress(*file.FAILURES):
            connection.close()

    def _write(self, end: End, heard: int, length: int | None, left: Left) -> None:
        assert self._connection
        mark = None if end == "finished" else left()
        place = (mark.step, mark.kind, mark.title, mark.round, mark.side, mark.seconds) if mark else (None,) * 6
        seconds = length / RATE if length is not None else None
        self._connection.execute(
            _NOTE, (self._clock().timestamp(), self._before + heard / RATE, seconds, end, *place, self._id)
        )

    def __enter__(self) -> Entry:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end("interrupted", *self._last)


class Diary:
    """What was played. `tell` is told, in a line, why a session is not noted; `clock` gives the local time."""

    def __init__(self, tell: Tell, clock: Clock = local_time) -> None:
        self._tell = tell
        self._clock = clock

    def unfinished(self, key: str) -> Record | None:
        """The last session of `key` that was left in the middle within a day, unless one was finished since.

        Its `mark` is where. What cannot be read holds none.
        """
        if file.switched_off():
            return None
        with contextlib.suppress(EnvironmentFailure):
            for record in self._read("WHERE key = ? ORDER BY id DESC LIMIT 20", key, since=self._clock() - FRESH):
                if record.end == "finished":
                    return None
                if record.mark and not record.running:
                    return record
        return None

    def begin(self, key: str, title: str, again: Record | None = None) -> Entry:
        """Begin to note a session of `key`, a routine's id or file or a preset's; with `again`, go on with that one.

        What cannot be noted is told, and played all the same.
        """
        if file.switched_off():
            return self.unnoted()
        try:
            connection = file.connect()
        except EnvironmentFailure as failure:
            self._tell(f"This session is not noted. {failure}")
            return self.unnoted()
        try:
            id = self._begun(connection, key, title, again)
            connection.execute(f"PRAGMA busy_timeout = {int(_STALL * 1000)}")
        except file.FAILURES as error:
            connection.close()
            self._tell(f"This session is not noted. {file.unusable(error)}")
            return self.unnoted()
        return Entry(connection, id, again.heard if again else 0.0, self._tell, self._clock)

    def unnoted(self) -> Entry:
        """An entry that nothing comes of."""
        return Entry(None, 0, 0.0, self._tell, self._clock)

    def records(self) -> list[Record]:
        """Every session, in the order in which they were begun. EnvironmentFailure where the diary cannot be read."""
        return self._read("ORDER BY id")

    def _begun(self, connection: sqlite3.Connection, key: str, title: str, again: Record | None) -> int:
        now = self._clock()
        if again:
            going_on = """UPDATE sessions SET ended = 'open', noted = ?, process = ? WHERE id = ?"""
            if connection.execute(going_on, (now.timestamp(), os.getpid(), again.id)).rowcount:
                return again.id
        zone = now.utcoffset() or timedelta()
        inserted = connection.execute(
            "INSERT INTO sessions (key, title, started, zone, noted, process) VALUES (?, ?, ?, ?, ?, ?)",
            (key, title, now.timestamp(), int(zone.total_seconds()), now.timestamp(), os.getpid()),
        )
        return int(inserted.lastrowid or 0)

    def _read(self, which: str, *values: Any, since: datetime | None = None) -> list[Record]:
        records: list[Record] = []
        connection = file.connect_to_read()
        if connection is None:
            return records
        connection.row_factory = sqlite3.Row
        try:
            with contextlib.closing(connection):
                rows = connection.execute(f"SELECT {file.COLUMNS} FROM sessions {which}", values).fetchall()
        except file.FAILURES as error:
            raise file.unusable(error) from error
        now = self._clock().timestamp()
        for row in rows:
            # A clock that was set back since must not offer for ever what it dates into the future.
            with contextlib.suppress(ValueError, TypeError, OverflowError, OSError):  # no record, but damage
                if since is None or abs(now - row["noted"]) <= now - since.timestamp():
                    records.append(_record(row, now))
        return records


def _record(row: sqlite3.Row, now: float) -> Record:
    mark = None
    if row["step"] is not None:
        mark = Mark(row["step"], row["kind"], str(row["pose"]), row["round"], row["side"], float(row["position"]))
    return Record(
        id=int(row["id"]),
        key=str(row["key"]),
        title=str(row["title"]),
        started=datetime.fromtimestamp(row["started"], timezone(timedelta(seconds=row["zone"]))),
        heard=float(row["heard"]),
        length=None if row["length"] is None else float(row["length"]),
        end=row["ended"],
        mark=mark,
        running=row["ended"] == "open" and abs(now - row["noted"]) < SILENT and _lives(row["process"]),
    )


def _lives(process: int) -> bool:
    """Whether there is a process of that number; where that cannot be asked without doing harm, it is taken to live."""
    if sys.platform == "win32":  # there, what asks this elsewhere ends the process
        return True
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
