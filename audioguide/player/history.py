"""The log: which sessions were played, when, how far, and where they were left. It never leaves the machine.

Whatever goes wrong with it, a session is played.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from types import TracebackType
from typing import Any, Literal

from audioguide.errors import EnvironmentFailure
from audioguide.player import history_db
from audioguide.system.paths import is_file
from audioguide.timeline.resume import Bookmark
from audioguide.units import RATE

EVERY = 5.0
"""Seconds between two notes: a process that is killed loses no more."""

SILENT = 30.0
"""Seconds without a note, after which a session is not being played any more, whatever has its process's number now."""

FRESH = timedelta(days=1)
"""How long it is offered to go on: the next day the body is cold again, and the first poses are what warms it up."""

ENOUGH = 0.5
"""The part of a session that has to be heard for it to be done: whoever jumps to the end did not do it."""

ADVISED_DAYS = (2, 3)
"""Days a week, and `ADVISED_MINUTES` each: what the advice for runners' backs that the shipped routines are made from
gives for stretching.
"""

ADVISED_MINUTES = (15, 20)

_WEEK = timedelta(days=7)

SessionEnd = Literal["open", "stopped", "interrupted", "finished"]
"""How a session ended; `open` while it plays, and for good where its process was killed."""

Tell = Callable[[str], None]
Clock = Callable[[], datetime]

_NOTE = """UPDATE sessions SET noted = ?, heard = ?, length = ?, gaps = ?, ended = ?,
    step = ?, kind = ?, pose = ?, round = ?, side = ?, position = ? WHERE id = ?"""


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One session; one that was gone on with later is still one.

    `key` is `presets.Plan.key`. `started` has the offset of the time zone it was played in. `heard` and `length` are
    seconds, `length` None where it was left before that was known. `mark` is where it was left, None where it is not
    worth going on. `running` says that it is still being played. `gaps` is how often its sound broke off.
    """

    id: int
    key: str
    title: str
    started: datetime
    heard: float
    length: float | None
    end: SessionEnd
    mark: Bookmark | None
    running: bool
    gaps: int = 0

    @property
    def done(self) -> bool:
        """Whether it was heard to its closing, and most of it on the way there."""
        return self.end == "finished" and self.length is not None and self.heard >= ENOUGH * self.length

    @property
    def day(self) -> date:
        """The day it was begun on, by the clock on the wall."""
        return self.started.date()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a session is: frames that have sounded, frames of the whole session if they are known, gaps so far, and
    how to find out where it would be gone on from if it ended now.
    """

    heard: int = 0
    length: int | None = None
    gaps: int = 0
    left: Callable[[], Bookmark | None] = lambda: None


def describe_underruns(gaps: int) -> str:
    """So many gaps, in words: "The sound broke off 3 times"."""
    return f"The sound broke off {'once' if gaps == 1 else f'{gaps} times'}"


def local_time() -> datetime:
    """Now, with the offset of the local time zone."""
    return datetime.now().astimezone()


class LogEntry:
    """A session in the log while it is played. A context manager: one that is left before `end` was interrupted.

    Nothing here raises. A note that fails is made up for by the next one; `tell` is told when the last one fails, too.
    """

    def __init__(self, connection: sqlite3.Connection | None, id: int, before: float, tell: Tell, clock: Clock) -> None:
        self._connection = connection
        self._id = id
        self._before = before
        self._tell = tell
        self._clock = clock
        self._due = 0.0
        self._last = Progress()

    def update(self, progress: Progress) -> None:
        """Note how far it is, at most every `EVERY` seconds; cheap to call as often as one likes."""
        self._last = progress
        if self._connection and time.monotonic() >= self._due:
            self._due = time.monotonic() + EVERY
            with contextlib.suppress(*history_db.FAILURES):
                self._write("open", progress)

    def end(self, end: SessionEnd, progress: Progress) -> None:
        """Note how it ended."""
        connection = self._connection
        if connection is None:
            return
        try:
            self._write(end, progress)
        except history_db.FAILURES as error:
            self._tell(f"How this session ended is not in the log. {history_db.log_error(error)}")
        self._connection = None
        with contextlib.suppress(*history_db.FAILURES):
            connection.close()

    def _write(self, end: SessionEnd, now: Progress) -> None:
        assert self._connection
        mark = None if end == "finished" else now.left()
        place = (mark.step, mark.kind, mark.title, mark.round, mark.side, mark.seconds) if mark else (None,) * 6
        length = now.length / RATE if now.length is not None else None
        figures = (self._clock().timestamp(), self._before + now.heard / RATE, length, now.gaps, end)
        self._connection.execute(_NOTE, (*figures, *place, self._id))

    def __enter__(self) -> LogEntry:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end("interrupted", self._last)


class SessionLog:
    """What was played. `tell` is told, in a line, what is wrong with the log; `clock` gives the local time."""

    def __init__(self, tell: Tell, clock: Clock = local_time) -> None:
        self._tell = tell
        self._clock = clock

    def unfinished(self, key: str) -> SessionRecord | None:
        """The last session of `key` that was left in the middle within a day, unless one was finished since.

        Its `mark` is where. A log that cannot be read holds none. A clock that was set back must not offer for ever
        what it dates into the future.
        """
        if history_db.is_disabled():
            return None
        lately = "WHERE key = ? AND abs(noted - ?) <= ? ORDER BY id DESC LIMIT 20"
        with contextlib.suppress(EnvironmentFailure):
            for record in self._read(lately, key, self._clock().timestamp(), FRESH.total_seconds()):
                if record.end == "finished":
                    return None
                if record.mark and not record.running:
                    return record
        return None

    def begin(self, key: str, title: str, again: SessionRecord | None = None) -> LogEntry:
        """Begin to note a session of `key` (see `Record`); with `again`, go on with that one.

        What cannot be noted is told, and played all the same.
        """
        if history_db.is_disabled():
            return self.disabled_entry()
        try:
            connection = history_db.connect(self._tell)
            try:
                id = self._begun(connection, key, title, again)
            except history_db.FAILURES as error:
                connection.close()
                raise history_db.log_error(error) from error
        except EnvironmentFailure as failure:
            self._tell(f"This session is not noted. {failure}")
            return self.disabled_entry()
        return LogEntry(connection, id, again.heard if again else 0.0, self._tell, self._clock)

    def disabled_entry(self) -> LogEntry:
        """An entry that nothing comes of."""
        return LogEntry(None, 0, 0.0, self._tell, self._clock)

    def records(self) -> list[SessionRecord]:
        """Every session, in the order in which they were begun. EnvironmentFailure where the log cannot be read."""
        return self._read("ORDER BY id")

    def last(self) -> SessionRecord | None:
        """The last session that is not being played now. EnvironmentFailure as above."""
        return next((record for record in reversed(self.records()) if not record.running), None)

    def _begun(self, connection: sqlite3.Connection, key: str, title: str, again: SessionRecord | None) -> int:
        now = self._clock()
        if again:
            going_on = "UPDATE sessions SET ended = 'open', noted = ?, process = ? WHERE id = ?"
            if connection.execute(going_on, (now.timestamp(), os.getpid(), again.id)).rowcount:
                return again.id
        zone = now.utcoffset() or timedelta()
        inserted = connection.execute(
            "INSERT INTO sessions (key, title, started, zone, noted, process) VALUES (?, ?, ?, ?, ?, ?)",
            (key, title, now.timestamp(), int(zone.total_seconds()), now.timestamp(), os.getpid()),
        )
        return int(inserted.lastrowid or 0)

    def _read(self, which: str, *values: Any) -> list[SessionRecord]:
        records: list[SessionRecord] = []
        if not is_file(history_db.log_file()):
            return records
        with contextlib.closing(history_db.connect(self._tell)) as connection:
            connection.row_factory = sqlite3.Row
            try:
                rows = connection.execute(f"SELECT {history_db.COLUMNS} FROM sessions {which}", values).fetchall()
            except history_db.FAILURES as error:
                raise history_db.log_error(error) from error
        for row in rows:
            with contextlib.suppress(ValueError, TypeError, OverflowError, OSError):  # no record, but damage
                records.append(_record(row, self._clock().timestamp()))
        return records


def _record(row: sqlite3.Row, now: float) -> SessionRecord:
    mark = None
    if row["step"] is not None:
        mark = Bookmark(row["step"], row["kind"], str(row["pose"]), row["round"], row["side"], float(row["position"]))
    return SessionRecord(
        id=int(row["id"]),
        key=str(row["key"]),
        title=str(row["title"]),
        started=datetime.fromtimestamp(row["started"], timezone(timedelta(seconds=row["zone"]))),
        heard=float(row["heard"]),
        length=None if row["length"] is None else float(row["length"]),
        end=row["ended"],
        mark=mark,
        running=row["ended"] == "open" and abs(now - row["noted"]) < SILENT and _lives(row["process"]),
        gaps=int(row["gaps"]),
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


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday: the minutes heard on each, and whether a session was done on it."""

    monday: date
    minutes: tuple[float, ...]
    done: tuple[bool, ...]

    @property
    def days(self) -> int:
        """On how many days a session was done."""
        return sum(self.done)


def group_by_week(records: Iterable[SessionRecord], today: date, count: int) -> list[Week]:
    """The last `count` weeks, the one of `today` as the last; a day is that of the clock where it was played."""
    minutes: dict[date, float] = {}
    done: set[date] = set()
    for record in records:
        minutes[record.day] = minutes.get(record.day, 0.0) + record.heard / 60
        if record.done:
            done.add(record.day)
    table = []
    for number in reversed(range(count)):
        days = [find_monday(today) - number * _WEEK + timedelta(days=day) for day in range(7)]
        table.append(Week(days[0], tuple(minutes.get(day, 0.0) for day in days), tuple(day in done for day in days)))
    return table


def find_mean_days(table: Sequence[Week]) -> float | None:
    """Days a week with a session done, over the whole weeks since the first that has anything; None without one.

    The last week is not over yet, and does not count.
    """
    begun = next((number for number, week in enumerate(table) if any(week.minutes)), len(table))
    whole = table[begun:-1]
    return sum(week.days for week in whole) / len(whole) if whole else None


def count_streak(table: Sequence[Week]) -> int:
    """How many weeks in a row had the advised days, up to now; the last one counts as soon as it has them."""
    kept = [week.days >= ADVISED_DAYS[0] for week in table]
    if not kept[-1]:
        kept.pop()
    return next((number for number, one in enumerate(reversed(kept)) if not one), len(kept))


def find_monday(day: date) -> date:
    """The first day of a day's week."""
    return day - timedelta(days=day.weekday())
