"""The log on this machine: which sessions were played, when, how much of each, and where the listener stopped."""

from __future__ import annotations

import contextlib
import itertools
import os
import sqlite3
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any, Literal

from audioguide.errors import EnvironmentFailure
from audioguide.player import history_db
from audioguide.system import clock, paths
from audioguide.timeline.resume import Bookmark
from audioguide.units import RATE

EVERY = 5.0  # seconds between two updates of the log: a process that is killed loses no more
# Seconds without an update after which a session counts as ended, even if another process has its process id now.
SILENT = 30.0
# How long `play` offers to go on: the next day the body is cold again, and needs the first poses to warm up.
FRESH = timedelta(days=1)
ENOUGH = 0.5  # the part of a session that has to be heard for it to count as done, so that jumping to the end does not
# Days a week, and minutes on each: the advice on stretching for runners' backs that the shipped routines follow.
ADVISED_DAYS, ADVISED_MINUTES = (2, 3), (15, 20)

# How a session ended. It is `open` while it plays, and stays so when its process is killed.
SessionEnd = Literal["open", "stopped", "interrupted", "finished"]
Tell = Callable[[str], None]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One session, even if it was played in several parts.

    `key` identifies the routine or preset. `started` has the offset of the time zone that it was played in. `heard` and
    `length` are seconds; `length` is None where the session was left before it was known. `mark` is where the listener
    stopped, None where going on makes no sense. `running`: it still plays. `gaps`: how often its sound broke off.
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
        """Whether the session was played to its end, and at least `ENOUGH` of it was heard."""
        return self.end == "finished" and self.length is not None and self.heard >= ENOUGH * self.length

    @property
    def day(self) -> date:
        """The local date on which it started."""
        return self.started.date()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a session is: frames played, its length in frames (None while unknown), gaps so far, and a function that
    makes the bookmark to go on from if it ended now.
    """

    heard: int = 0
    length: int | None = None
    gaps: int = 0
    left: Callable[[], Bookmark | None] = lambda: None


def describe_underruns(gaps: int) -> str:
    """A number of gaps in words: "The sound broke off 3 times"."""
    return f"The sound broke off {'once' if gaps == 1 else f'{gaps} times'}"


class LogEntry:
    """The record of a session that plays now. A context manager: leaving it without `end` records "interrupted".

    It raises nothing: the next update makes up for one that failed; if the last one fails, the log's `tell` gets that.
    """

    def __init__(
        self, log: SessionLog, connection: sqlite3.Connection | None = None, id: int = 0, heard_before: float = 0.0
    ) -> None:
        self._log, self._connection, self._id, self._heard_before = log, connection, id, heard_before
        self._due, self._last = 0.0, Progress()

    def update(self, progress: Progress) -> None:
        """Record how far the session is, at most every `EVERY` seconds; other calls cost nothing."""
        self._last = progress
        if self._connection and time.monotonic() >= self._due:
            self._due = time.monotonic() + EVERY
            with contextlib.suppress(*history_db.FAILURES):
                self._write(self._connection, "open", progress)

    def end(self, end: SessionEnd, progress: Progress) -> None:
        """Record how the session ended, and close the log."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                with history_db.report_failures(), contextlib.closing(connection):
                    self._write(connection, end, progress)
            except EnvironmentFailure as failure:
                self._log.tell(f"The end of this session was not recorded. {failure}")

    def _write(self, connection: sqlite3.Connection, end: SessionEnd, now: Progress) -> None:
        mark = None if end == "finished" else now.left()
        place = (mark.step, mark.kind, mark.title, mark.round, mark.side, mark.seconds) if mark else (None,) * 6
        length = now.length / RATE if now.length is not None else None
        figures = (self._log.clock().timestamp(), self._heard_before + now.heard / RATE, length, now.gaps, end)
        connection.execute(
            "UPDATE sessions SET noted = ?, heard = ?, length = ?, gaps = ?, ended = ?,"
            " step = ?, kind = ?, pose = ?, round = ?, side = ?, position = ? WHERE id = ?",
            (*figures, *place, self._id),
        )

    def __enter__(self) -> LogEntry:
        return self

    def __exit__(self, *error: object) -> None:
        self.end("interrupted", self._last)


class SessionLog:
    """The sessions that were played. `tell` gets a line when the log has a problem; `clock` gives local time."""

    def __init__(self, tell: Tell, clock: Clock = clock.now) -> None:
        self.tell, self.clock = tell, clock

    def unfinished(self, key: str) -> SessionRecord | None:
        """The last session of `key` that was left in the middle within `FRESH`, unless a later one was finished; None
        where the log cannot be read. Records from the future (the clock was set back) do not count, either.
        """
        lately = "WHERE key = ? AND abs(noted - ?) <= ? ORDER BY id DESC LIMIT 20"
        with contextlib.suppress(EnvironmentFailure):
            if not history_db.is_disabled():
                records = self._read(lately, key, self.clock().timestamp(), FRESH.total_seconds())
                since = itertools.takewhile(lambda record: record.end != "finished", records)
                return next((record for record in since if record.mark and not record.running), None)
        return None

    def begin(self, key: str, title: str, again: SessionRecord | None = None) -> LogEntry:
        """Record a new session of `key`, or go on with `again`. Where that fails, `tell` gets the reason."""
        try:
            if not history_db.is_disabled():
                connection = history_db.connect(self.tell)
                with contextlib.ExitStack() as closing, history_db.report_failures():
                    closing.callback(connection.close)
                    id = self._insert(connection, key, title, again)
                    closing.pop_all()
                return LogEntry(self, connection, id, again.heard if again else 0.0)
        except EnvironmentFailure as failure:
            self.tell(f"This session is not recorded. {failure}")
        return self.disabled_entry()

    def disabled_entry(self) -> LogEntry:
        """An entry that records nothing."""
        return LogEntry(self)

    def records(self) -> list[SessionRecord]:
        """Every session, by the time it started. EnvironmentFailure where the log cannot be read."""
        return self._read("ORDER BY id")

    def last(self) -> SessionRecord | None:
        """The last session that does not play now. EnvironmentFailure where the log cannot be read."""
        return next((record for record in reversed(self.records()) if not record.running), None)

    def _insert(self, connection: sqlite3.Connection, key: str, title: str, again: SessionRecord | None) -> int:
        now, process = self.clock(), os.getpid()
        if again:
            reopen = "UPDATE sessions SET ended = 'open', noted = ?, process = ? WHERE id = ?"
            if connection.execute(reopen, (now.timestamp(), process, again.id)).rowcount:
                return again.id
        zone = int((now.utcoffset() or timedelta()).total_seconds())
        insert = "INSERT INTO sessions (key, title, started, zone, noted, process) VALUES (?, ?, ?, ?, ?, ?)"
        values = (key, title, now.timestamp(), zone, now.timestamp(), process)
        return int(connection.execute(insert, values).lastrowid or 0)

    def _read(self, which: str, *values: Any) -> list[SessionRecord]:
        records: list[SessionRecord] = []
        if not paths.is_file(history_db.log_file()):
            return records
        with contextlib.closing(history_db.connect(self.tell)) as connection, history_db.report_failures():
            connection.row_factory = sqlite3.Row
            rows = connection.execute(f"SELECT {history_db.COLUMNS} FROM sessions {which}", values).fetchall()
        for row in rows:
            with contextlib.suppress(ValueError, TypeError, OverflowError, OSError):  # a damaged row
                records.append(_parse_row(row, self.clock().timestamp()))
        return records


def _parse_row(row: sqlite3.Row, now: float) -> SessionRecord:
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
        running=row["ended"] == "open" and abs(now - row["noted"]) < SILENT and _is_running(row["process"]),
        gaps=int(row["gaps"]),
    )


def _is_running(process: int) -> bool:
    """Whether a process of that id exists; on Windows always true, because `os.kill` would end the process there."""
    with contextlib.suppress(PermissionError):  # it exists, and is another user's
        if sys.platform != "win32":
            try:
                os.kill(process, 0)
            except (ProcessLookupError, OverflowError):
                return False
    return True


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from a Monday: the minutes heard on each day, and whether a session was done on it."""

    monday: date
    minutes: tuple[float, ...]
    done: tuple[bool, ...]

    @property
    def days(self) -> int:
        """On how many days a session was done."""
        return sum(self.done)


def group_by_week(records: Iterable[SessionRecord], today: date, count: int) -> list[Week]:
    """The last `count` weeks, ending with the week of `today`. A session counts for the local day it started on."""
    minutes: defaultdict[date, float] = defaultdict(float)
    done: set[date] = set()
    for record in records:
        minutes[record.day] += record.heard / 60
        done |= {record.day} if record.done else set()
    table = []
    for number in reversed(range(count)):
        days = [find_monday(today) + timedelta(weeks=-number, days=day) for day in range(7)]
        table.append(Week(days[0], tuple(minutes[day] for day in days), tuple(day in done for day in days)))
    return table


def find_mean_days(table: Sequence[Week]) -> float | None:
    """Mean days a week with a session done, from the first week with any session to the last complete one (the last but
    one of the table); None where there is none.
    """
    begun = next((number for number, week in enumerate(table) if any(week.minutes)), len(table))
    whole = table[begun:-1]
    return sum(week.days for week in whole) / len(whole) if whole else None


def count_streak(table: Sequence[Week]) -> int:
    """How many weeks in a row, up to now, had the advised days; the current week counts as soon as it has them."""
    enough = [week.days >= ADVISED_DAYS[0] for week in table]
    if not enough[-1]:
        enough.pop()
    return next((number for number, met in enumerate(reversed(enough)) if not met), len(enough))


def find_monday(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())
