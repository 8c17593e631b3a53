"""The diary by weeks: minutes a day, and on how many days a session was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from audioguide.diary.record import Record

ADVISED_DAYS = (2, 3)
"""Days a week, and `ADVISED_MINUTES` each: what the advice for runners' backs that the shipped routines are made from
gives for stretching.
"""

ADVISED_MINUTES = (15, 20)

_WEEK = timedelta(days=7)


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


def weeks(records: Iterable[Record], today: date, count: int) -> list[Week]:
    """The last `count` weeks, the one of `today` as the last; a day is that of the clock where it was played."""
    minutes: dict[date, float] = {}
    done: set[date] = set()
    for record in records:
        minutes[record.day] = minutes.get(record.day, 0.0) + record.heard / 60
        if record.done:
            done.add(record.day)
    first = monday(today) - (count - 1) * _WEEK
    table = []
    for number in range(count):
        days = [first + number * _WEEK + timedelta(days=day) for day in range(7)]
        heard = tuple(minutes.get(day, 0.0) for day in days)
        table.append(Week(days[0], heard, tuple(day in done for day in days)))
    return table


def days_a_week(table: Sequence[Week]) -> float | None:
    """Days a week with a session done, over the whole weeks since the first that has anything; None without one.

    The last week is not over yet, and does not count.
    """
    begun = next((number for number, week in enumerate(table) if any(week.minutes)), len(table))
    whole = table[begun:-1]
    return sum(week.days for week in whole) / len(whole) if whole else None


def in_a_row(table: Sequence[Week]) -> int:
    """How many weeks in a row had the advised days, up to now; the last one counts as soon as it has them."""
    kept = [week.days >= ADVISED_DAYS[0] for week in table]
    if not kept[-1]:
        kept.pop()
    return next((number for number, one in enumerate(reversed(kept)) if not one), len(kept))


def monday(day: date) -> date:
    """The first day of a day's week."""
    return day - timedelta(days=day.weekday())
