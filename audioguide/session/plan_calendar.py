"""Plans as a calendar (RFC 5545): an event for each session, since each has its own holds and length."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from math import ceil

from audioguide.session.config import Config
from audioguide.session.handout import make_sheet
from audioguide.session.open import build_session
from audioguide.session.plan_days import PlannedDay, State
from audioguide.session.plan_session import resolve_day
from audioguide.session.week_plan import WeekPlan
from audioguide.units import RATE
from audioguide.version import __version__

ALARM = timedelta(minutes=-10)
_MARKS: dict[State, str] = {"done": "✓ ", "missed": "✗ ", "rest": "– "}


def render_calendar(
    plans: Sequence[tuple[WeekPlan, Sequence[PlannedDay]]], now: datetime, config: Config | None
) -> bytes:
    """The calendar of plans with their days, as a file; what is still to come has an alarm.

    A session keeps its UID, from the plan's name and its number. The revision rises with the time, in minutes, and the
    stamp tells revisions of one minute apart: so a calendar takes a later export for an update, whatever came before.
    Times are in the plan's zone, whose changes of clock are in the file. RequestError as `resolve_day`.
    """
    from icalendar import Alarm, Calendar, Event

    calendar = Calendar()
    calendar.add("PRODID", f"-//audioguide//{__version__}//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("X-WR-CALNAME", ", ".join(plan.title for plan, _ in plans))
    for plan, days in plans:
        name = plan.name.encode("utf-8", "backslashreplace").decode()  # a file's name may be no text
        for _, same in groupby(days, lambda day: (day.adapted, day.further, day.lighter, day.left_out, day.notes)):
            alike = [*same]
            title, length, text = _describe(plan, alike[0], config)
            for day in alike:
                # A zone that has no name, as of a machine that has its own rules, cannot be told to others.
                start = day.when if getattr(day.when.tzinfo, "key", None) else day.when.astimezone(UTC)
                event = Event()
                event.add("UID", f"{name}-{day.number}@audioguide")
                event.add("SEQUENCE", max(0, int(now.timestamp() // 60)))
                event.add("DTSTAMP", now.astimezone(UTC))
                event.add("DTSTART", start)
                event.add("DTEND", (start.astimezone(UTC) + length).astimezone(start.tzinfo))
                event.add("SUMMARY", f"{_MARKS.get(day.state, '')}{title} {day.number}/{len(days)}")
                event.add("DESCRIPTION", text)
                if day.state in ("due", "planned"):
                    reminder = Alarm()
                    reminder.add("ACTION", "DISPLAY")
                    reminder.add("DESCRIPTION", title)
                    reminder.add("TRIGGER", ALARM)
                    event.add_component(reminder)
                calendar.add_component(event)
    dates = [day.date for _, days in plans for day in days]
    calendar.add_missing_timezones(min(dates) - timedelta(days=2), max(dates) + timedelta(days=2))
    for part in (part for zone in calendar.timezones for part in zone.subcomponents):
        # A change is written in the time before it; where the clock goes forward, the library has the time after it.
        gap = max(timedelta(), part.TZOFFSETTO - part.TZOFFSETFROM)
        others = [other.dt for other in part.pop("RDATE").dts] if "RDATE" in part else []
        part.DTSTART -= gap
        if others:
            part.add("RDATE", [other - gap for other in others])
    content: bytes = calendar.to_ical()
    return content


def _describe(plan: WeekPlan, day: PlannedDay, config: Config | None) -> tuple[str, timedelta, str]:
    """The title of a day's session, its length in whole minutes, and what is done in it, in its language."""
    session = build_session(resolve_day(plan, day, config=config)).draft()
    sheet, _ = make_sheet(session, {})
    doses: Iterable[str] = (f"{row.name}: {row.dose}" for row in sheet.rows)
    length = timedelta(minutes=ceil(session.outline.timeline.frames / RATE / 60))
    return sheet.title, length, "\n".join((*sheet.about, *doses, *day.notes))
