"""One session of the log as a training activity, for Garmin, Strava and others: a FIT or a TCX file.

Each part of a session is a lap, and what lies between two parts is a pause. A lap's timer counts what was heard of it,
so that pauses within a part shorten it, too. There is no position and no pulse: both files have a point a minute.
"""

from datetime import UTC, datetime, timedelta
from html import escape
from importlib import import_module
from itertools import pairwise
from typing import NamedTuple

from audioguide.draw.svg import clean_text, element
from audioguide.errors import RequestError
from audioguide.player.history import SessionRecord

_TCX = "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
_FIT_EPOCH = datetime(1989, 12, 31, tzinfo=UTC)
_FIRST_YEAR = 1999  # smaller numbers than its are seconds since a device was switched on


class Part(NamedTuple):
    """A stretch of a session without an interruption, from second to second, and the seconds heard of it."""

    start: datetime
    end: datetime
    heard: float

    @property
    def points(self) -> list[datetime]:
        """A moment each minute, and its end."""
        minutes = -(-(self.end - self.start) // timedelta(minutes=1))
        return [*(self.start + timedelta(minutes=minute) for minute in range(minutes)), self.end]


def list_parts(record: SessionRecord) -> list[Part]:
    """The parts of a session, in order; none overlap, whatever the clock did meanwhile."""
    starts = [record.started, *(again for _, again, _ in record.breaks)]
    ends = [*(left for left, _, _ in record.breaks), record.noted or record.started]
    totals = [0.0, *(heard for _, _, heard in record.breaks), record.heard]
    parts: list[Part] = []
    for start, end, (before, after) in zip(starts, ends, pairwise(totals), strict=True):
        first = max([start.replace(microsecond=0), *(part.end for part in parts)])
        heard = max(0.0, after - before)
        last = max(end.replace(microsecond=0), first + timedelta(seconds=max(1, round(heard))))
        parts.append(Part(first, last, min(heard, (last - first).total_seconds())))
    return parts


def to_tcx(record: SessionRecord) -> bytes:
    """The session as a TCX file, the sport "Other": times are in UTC, as the format has them."""

    def write(moment: datetime) -> str:
        return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"

    laps = []
    for part in list_parts(record):
        head = (
            element("TotalTimeSeconds", f"{part.heard:.1f}") + element("DistanceMeters", "0") + element("Calories", "0")
        )
        kind = element("Intensity", "Active") + element("TriggerMethod", "Manual")
        track = (element("Trackpoint", element("Time", write(moment))) for moment in part.points)
        laps.append(element("Lap", *head, *kind, element("Track", *track), StartTime=write(part.start)))
    notes = element("Notes", escape(clean_text(record.title)))
    activity = element("Activity", element("Id", write(record.started)), *laps, notes, Sport="Other")
    root = element("TrainingCenterDatabase", element("Activities", activity), xmlns=_TCX)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{root}\n'.encode()


def to_fit(record: SessionRecord) -> bytes:
    """The session as a FIT activity: training, flexibility training. RequestError for a time that FIT does not have."""
    if record.started.year < _FIRST_YEAR:
        wrong = f"The session began in {record.started.year} by the clock, which was wrong, and FIT has no such time."
        raise RequestError(wrong, "Write a .tcx file.")
    from fit_tool import FitFileBuilder
    from fit_tool.profile.profile_type import Activity, Event, EventType, FileType, Manufacturer, Sport, SubSport

    builder, parts = FitFileBuilder(strict=True), list_parts(record)

    def add(kind: str, **fields: object) -> None:
        module = import_module(f"fit_tool.profile.messages.{kind}_message")
        message = getattr(module, f"{kind.title().replace('_', '')}Message")()
        for name, value in fields.items():
            setattr(message, name, round(value.timestamp() * 1000) if isinstance(value, datetime) else value)
        builder.add(message)

    start, end, heard = parts[0].start, parts[-1].end, sum(part.heard for part in parts)
    sport = {"sport": Sport.TRAINING, "sub_sport": SubSport.FLEXIBILITY_TRAINING, "event_type": EventType.STOP}
    maker = Manufacturer.DEVELOPMENT.value
    add("file_id", type=FileType.ACTIVITY, manufacturer=maker, product=0, serial_number=1, time_created=start)
    for number, (first, last, part) in enumerate(parts):
        times = {"start_time": first, "total_elapsed_time": (last - first).total_seconds(), "total_timer_time": part}
        add("event", timestamp=first, event=Event.TIMER, event_type=EventType.START)
        for moment in parts[number].points:
            add("record", timestamp=moment, distance=0.0)
        add("event", timestamp=last, event=Event.TIMER, event_type=EventType.STOP_ALL)
        add("lap", timestamp=last, message_index=number, event=Event.LAP, **times, **sport)
    times = {"start_time": start, "total_elapsed_time": (end - start).total_seconds(), "total_timer_time": heard}
    laps = {"message_index": 0, "first_lap_index": 0, "num_laps": len(parts), "total_distance": 0.0}
    add("session", timestamp=end, event=Event.SESSION, **times, **laps, **sport)
    local = int((end.replace(tzinfo=UTC) - _FIT_EPOCH).total_seconds())
    whole = {"num_sessions": 1, "type": Activity.MANUAL, "event": Event.ACTIVITY, "event_type": EventType.STOP}
    add("activity", timestamp=end, local_timestamp=local, total_timer_time=heard, **whole)
    data: bytes = builder.build_bytes()
    return data
