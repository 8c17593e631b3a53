"""The log on this machine: which sessions were played, when, how much of each, and where the listener stopped."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import sqlite3
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from typing import Any, Literal, cast, get_args

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
# Seconds to be heard for a session of the week: a third of the shortest advised one. A taster of two minutes is none.
SHORTEST = 300.0
ENOUGH = 0.5  # the part of a session that has to be heard for it to count as done, so that jumping to the end does not
# Days a week, and minutes on each: the advice on stretching for runners' backs that the shipped routines follow.
ADVISED_DAYS, ADVISED_MINUTES = (2, 3), (15, 20)

# How a session ended. It is `open` while it plays, and stays so when its process is killed.
SessionEnd = Literal["open", "stopped", "interrupted", "finished"]
Felt = Literal["easier", "right", "harder"]  # than right
Source = Literal["played", "added", "phone"]  # by `play`; by `log add`; by the page
Tell = Callable[[str], None]
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class PlanDay:
    """A session of a plan: the plan's name, and the session's number in it, from 1."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """One session, even if it was played in several parts.

    `key` identifies the routine or preset. `started` has the offset of the time zone that it was played in. `heard` and
    `length` are seconds; `length` is None where the session was left before it was known. `mark` is where the listener
    stopped, None where going on makes no sense. `running`: it still plays. `gaps`: how often its sound broke off.
    `hurt` are the poses that hurt: ids, or the name of one that is written in place. `plan` and
    `plan_day` are as in `PlanDay`. `noted` is when it ended, `holds` the seconds of each pose's longest hold, `breaks`
    what lies between its parts: when it was left, when it went on, and the seconds heard before.
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
    felt: Felt | None = None
    hurt: tuple[str, ...] = ()
    plan: str | None = None
    plan_day: int | None = None
    source: Source = "played"
    noted: datetime | None = None
    holds: tuple[tuple[str, float], ...] = ()
    breaks: tuple[tuple[datetime, datetime, float], ...] = ()

    @property
    def done(self) -> bool:
        """Whether the session was played to its end, and at least `ENOUGH` of it was heard."""
        return self.end == "finished" and self.length is not None and self.heard >= ENOUGH * self.length

    @property
    def counts(self) -> bool:
        """Whether it is a session of the week: see `is_session`."""
        return not self.running and is_session(self.heard, self.length)

    @property
    def day(self) -> date:
        """The local date on which it started."""
        return self.started.date()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a session is: frames played, its length in frames (None while unknown), gaps so far, a function that
    makes the bookmark to go on from if it ended now, and the seconds of each pose's longest hold so far.
    """

    heard: int = 0
    length: int | None = None
    gaps: int = 0
    left: Callable[[], Bookmark | None] = lambda: None
    holds: Mapping[str, float] = field(default_factory=dict)


def is_session(heard: float, length: float | None) -> bool:
    """Whether what was heard (seconds) counts as a session of the week: `SHORTEST`, and `ENOUGH` of its length.

    It need not have been heard to its closing: who stops after ten of fifteen minutes has stretched.
    """
    return length is not None and heard >= max(SHORTEST, ENOUGH * length)


def describe_underruns(gaps: int) -> str:
    """A number of gaps in words: "The sound broke off 3 times"."""
    return f"The sound broke off {'once' if gaps == 1 else f'{gaps} times'}"


class LogEntry:
    """The record of a session that plays now. A context manager: leaving it without `end` records "interrupted".

    It raises nothing: the next update makes up for one that failed; if the last one fails, the log's `tell` gets that.
    """

    def __init__(
        self,
        log: SessionLog,
        connection: sqlite3.Connection | None = None,
        id: int = 0,
        again: SessionRecord | None = None,
    ) -> None:
        self._log, self._connection, self.id = log, connection, id
        self._heard_before, self._holds_before = (again.heard, dict(again.holds)) if again else (0.0, {})
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
        connection, self._connection, self._last = self._connection, None, progress
        if connection is not None:
            try:
                with history_db.report_failures(), contextlib.closing(connection):
                    self._write(connection, end, progress)
            except EnvironmentFailure as failure:
                self._log.tell(f"The end of this session was not recorded. {failure}")

    @property
    def counts(self) -> bool:
        """Whether it is recorded and, as it is now, a session of the week."""
        heard, length = self._heard_before + self._last.heard / RATE, self._last.length
        return bool(self.id) and is_session(heard, length and length / RATE)

    def _write(self, connection: sqlite3.Connection, end: SessionEnd, now: Progress) -> None:
        mark = None if end == "finished" else now.left()
        place = (mark.step, mark.kind, mark.title, mark.round, mark.side, mark.seconds) if mark else (None,) * 6
        length = now.length / RATE if now.length is not None else None
        figures = (self._log.clock().timestamp(), self._heard_before + now.heard / RATE, length, now.gaps, end)
        before = self._holds_before
        holds = [[pose, max(now.holds.get(pose, 0.0), before.get(pose, 0.0))] for pose in {**before, **now.holds}]
        connection.execute(
            "UPDATE sessions SET noted = ?, heard = ?, length = ?, gaps = ?, ended = ?, holds = ?,"
            " step = ?, kind = ?, pose = ?, round = ?, side = ?, position = ? WHERE id = ?",
            (*figures, json.dumps(holds), *place, self.id),
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
        lately = "WHERE key = ? AND abs(noted - ?) <= ? ORDER BY noted DESC, id DESC LIMIT 20"
        with contextlib.suppress(EnvironmentFailure):
            if not history_db.is_disabled():
                records = self._read(lately, key, self.clock().timestamp(), FRESH.total_seconds())
                since = itertools.takewhile(lambda record: record.end != "finished", records)
                return next((record for record in since if record.mark and not record.running), None)
        return None

    def begin(self, key: str, title: str, again: SessionRecord | None = None, day: PlanDay | None = None) -> LogEntry:
        """Record a new session of `key`, or go on with `again`. Where that fails, `tell` gets the reason."""
        try:
            if not history_db.is_disabled():
                connection = history_db.connect(self.tell)
                with contextlib.ExitStack() as closing, history_db.report_failures():
                    closing.callback(connection.close)
                    id = self._insert(connection, key, title, again, day)
                    closing.pop_all()
                return LogEntry(self, connection, id, again)
        except EnvironmentFailure as failure:
            self.tell(f"This session is not recorded. {failure}")
        return self.disabled_entry()

    def disabled_entry(self) -> LogEntry:
        """An entry that records nothing."""
        return LogEntry(self)

    def records(self) -> list[SessionRecord]:
        """Every session, by the time it started. EnvironmentFailure where the log cannot be read."""
        return self._read("ORDER BY started, id")

    def last(self) -> SessionRecord | None:
        """The last one of those played here that does not play now. EnvironmentFailure where the log cannot be read."""
        return next((one for one in self._read("WHERE source = 'played' ORDER BY id DESC") if not one.running), None)

    def add(self, record: SessionRecord) -> bool:
        """Record a session that was done elsewhere; its `id` does not matter. False where that session, with the same
        key and at the same time, is in the log already: then it only gets how it felt, if that is known now.
        EnvironmentFailure where the log cannot be written.
        """
        start, length = record.started.timestamp(), record.length or record.heard
        row = {"key": record.key, "title": record.title, "process": 0, **_describe_start(record.started)}
        row |= {
            "plan": record.plan,
            "plan_day": record.plan_day,
            "heard": record.heard,
            "length": length,
            "ended": "finished",
            "source": record.source,
            "holds": json.dumps(record.holds),
        }
        same = "SELECT id FROM sessions WHERE key = ? AND ended = 'finished' AND abs(started - ?) < ?"
        with contextlib.closing(history_db.connect(self.tell)) as connection, history_db.report_failures():
            connection.execute("BEGIN IMMEDIATE")
            found = connection.execute(same, (record.key, start, length)).fetchone()
            id = found[0] if found else _insert_row(connection, row)
            if record.felt or record.hurt:
                _update_feeling(connection, id, record.felt, record.hurt)
            connection.execute("COMMIT")
        return found is None

    def feel(self, id: int, felt: Felt | None, hurt: Sequence[str] = ()) -> None:
        """Record how a session felt. EnvironmentFailure where the log cannot be written."""
        with contextlib.closing(history_db.connect(self.tell)) as connection, history_db.report_failures():
            _update_feeling(connection, id, felt, hurt)

    def forget(self, id: int) -> None:
        """Delete one session, so that no trace of it is left in the file. EnvironmentFailure where that fails."""
        with contextlib.closing(history_db.connect(self.tell)) as connection, history_db.report_failures():
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("DELETE FROM sessions WHERE id = ?", (id,))
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _insert(
        self, connection: sqlite3.Connection, key: str, title: str, again: SessionRecord | None, day: PlanDay | None
    ) -> int:
        now, process = self.clock(), os.getpid()
        if again:
            left = again.noted.timestamp() if again.noted else now.timestamp()
            parts = [(first.timestamp(), last.timestamp(), heard) for first, last, heard in again.breaks]
            breaks = json.dumps([*parts, (left, now.timestamp(), again.heard)])
            reopen = "UPDATE sessions SET ended = 'open', noted = ?, process = ?, breaks = ? WHERE id = ?"
            if connection.execute(reopen, (now.timestamp(), process, breaks, again.id)).rowcount:
                return again.id
        row = {"key": key, "title": title, "process": process, **_describe_start(now)}
        return _insert_row(connection, row | ({"plan": day.name, "plan_day": day.number} if day else {}))

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


def _describe_start(time: datetime) -> dict[str, float]:
    zone = int((time.utcoffset() or timedelta()).total_seconds())
    return {"started": time.timestamp(), "zone": zone, "noted": time.timestamp()}


def _insert_row(connection: sqlite3.Connection, row: dict[str, Any]) -> int:
    insert = f"INSERT INTO sessions ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})"
    return int(connection.execute(insert, [*row.values()]).lastrowid or 0)


def _update_feeling(connection: sqlite3.Connection, id: int, felt: Felt | None, hurt: Sequence[str]) -> None:
    update = "UPDATE sessions SET felt = coalesce(?, felt), hurt = ? WHERE id = ?"
    connection.execute(update, (felt, json.dumps(list(hurt), ensure_ascii=False), id))


def _parse_row(row: sqlite3.Row, now: float) -> SessionRecord:
    mark = None
    if row["step"] is not None:
        mark = Bookmark(row["step"], row["kind"], str(row["pose"]), row["round"], row["side"], float(row["position"]))
    zone = timezone(timedelta(seconds=row["zone"]))
    breaks = ((*(datetime.fromtimestamp(at, zone) for at in ends), heard) for *ends, heard in json.loads(row["breaks"]))
    return SessionRecord(
        id=int(row["id"]),
        key=str(row["key"]),
        title=str(row["title"]),
        started=datetime.fromtimestamp(row["started"], zone),
        heard=float(row["heard"]),
        length=None if row["length"] is None else float(row["length"]),
        end=row["ended"],
        mark=mark,
        running=row["ended"] == "open" and abs(now - row["noted"]) < SILENT and _is_running(row["process"]),
        gaps=int(row["gaps"]),
        felt=cast("Felt", row["felt"]) if row["felt"] in get_args(Felt) else None,
        hurt=tuple(map(str, json.loads(row["hurt"]))),
        plan=None if row["plan"] is None else str(row["plan"]),
        plan_day=None if row["plan_day"] is None else int(row["plan_day"]),
        source=row["source"],
        noted=datetime.fromtimestamp(row["noted"], zone),
        holds=tuple((str(pose), float(seconds)) for pose, seconds in json.loads(row["holds"]) if seconds > 0),
        breaks=tuple((left, again, float(heard)) for left, again, heard in breaks),
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
    """Seven days from a Monday: the minutes heard on each day, and whether a session of the week was done on it."""

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
        done |= {record.day} if record.counts else set()
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
