"""The days of a plan, and what is to be done on each: pure functions of the plan, the log and the time."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from audioguide.player.history import SessionRecord, find_monday
from audioguide.session.felt_rules import Adapted, adapt
from audioguide.session.week_plan import WeekPlan

State = Literal["done", "due", "missed", "rest", "planned"]
LIGHTER = "A lighter week: lengths are those of the first one."


@dataclass(frozen=True, slots=True)
class PlannedDay:
    """A session of a plan: its number and its week, from 1, and the time that it is planned for, in the plan's zone.

    It is `due` from its date to the day before the next one, so that a day late is not a day lost; `rest` is a day
    after pain. `adapted` is what the sessions before make of it, `further` how often lengths grow until then if all
    goes well; in a `lighter` week they are those of the first one. `notes` are for the listener.
    """

    number: int
    week: int
    when: datetime
    state: State
    adapted: Adapted
    further: int = 0
    lighter: bool = False
    left_out: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def date(self) -> date:
        """Its date."""
        return self.when.date()

    def steps_of(self, pose: str = "") -> int:
        """How often the lengths have grown by then: all of them, or that of a pose."""
        return 0 if self.lighter else self.adapted.steps_of(pose) + self.further


def list_days(plan: WeekPlan, records: Iterable[SessionRecord], now: datetime) -> tuple[PlannedDay, ...]:
    """All sessions of a plan. Dates are those where the listener is: the offset of `now`, and of the log's records.

    A session counts that was played for the plan, or of the plan's routine, from one planned date to the next.
    """
    today, dates = now.date(), _list_dates(plan)
    own = [record for record in records if record.day >= plan.start and _belongs(record, plan)]
    done = {record.plan_day or bisect_right(dates, record.day) for record in own if record.counts or record.done}
    monday = find_monday(dates[0])
    growing = [week for week in range(plan.weeks) if not plan.deload or (week + 1) % plan.deload]
    starts = [monday + timedelta(weeks=week) for week in growing]
    periods: list[list[SessionRecord]] = [[] for _ in growing]
    for record in own:
        periods[max(0, bisect_right(starts, record.day) - 1)].append(record)
    current = max(0, bisect_right(starts, today) - 1)
    stays = any(record.hurt or record.felt == "harder" for record in periods[current])  # nothing grows after these
    latest, rests = adapt(periods[: current + 1]), {adapt([[record]]).rest_day for record in own}
    days: list[PlannedDay] = []
    for number, (day, following) in enumerate(zip(dates, [*dates[1:], _next_monday(dates[-1])], strict=True), 1):
        week, is_open = (day - monday).days // 7, day <= today < following
        state: State = "planned" if day > today else "due" if is_open else "missed"
        if (today if is_open else day) in rests:
            state = "rest"
        state = "done" if number in done else state
        period, lighter = bisect_right(growing, week) - 1, week not in growing
        stayed = stays and period > current
        adapted = adapt([*periods[: min(period, current) + 1], *[()] * stayed])
        first = state in ("due", "planned") and not any(one.state in ("due", "planned") for one in days)
        notes = ((LIGHTER,) if lighter else ()) + (latest.reasons if first else ())
        when = datetime.combine(day, plan.at, plan.zone).astimezone(UTC).astimezone(plan.zone)  # 2:30 may not be there
        further, left_out = max(0, period - current - stayed), latest.left_out if first else ()
        days.append(PlannedDay(number, week + 1, when, state, adapted, further, lighter, left_out, notes))
    return tuple(days)


def find_due(days: Sequence[PlannedDay]) -> PlannedDay | None:
    """What is due now; None where nothing is."""
    return next((day for day in days if day.state == "due"), None)


def find_next(days: Sequence[PlannedDay]) -> PlannedDay | None:
    """The next session that is still to come; None after the last one."""
    return next((day for day in days if day.state == "planned"), None)


def _belongs(record: SessionRecord, plan: WeekPlan) -> bool:
    return record.plan == plan.name if record.plan else record.key == plan.key


def _list_dates(plan: WeekPlan) -> list[date]:
    week = (plan.start + timedelta(days=ahead) for ahead in range(7))
    monday = find_monday(next(day for day in week if day.weekday() in plan.days))
    days = (monday + timedelta(weeks=week, days=day) for week in range(plan.weeks) for day in plan.days)
    return [day for day in days if day >= plan.start]


def _next_monday(day: date) -> date:
    return find_monday(day) + timedelta(weeks=1)
