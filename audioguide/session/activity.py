"""One session of the log as a training activity, for Garmin, Strava and others: a FIT or a TCX file.

Each part of a session is a lap, and what lies between two parts is a pause. A lap's timer counts what was heard of it,
so that pauses within a part shorten it, too. There is no position and no pulse: both files have a point a minute.
"""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from audioguide.draw.svg import clean_text
from audioguide.player.history import SessionRecord

_TCX = "http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"
_FIT_EPOCH = datetime(1989, 12, 31, tzinfo=UTC)


class Part(NamedTuple):
    """A stretch of a session without an interruption, in whole seconds, and the seconds heard of it."""

    start: datetime
    end: datetime
    heard: float

    @property
    def points(self) -> list[datetime]:
        """A moment each minute, and its end."""
        return [*(self.start + timedelta(minutes=n) for n in range(-(-self.elapsed // 60))), self.end]

    @property
    def elapsed(self) -> int:
        """Its seconds on the clock."""
        return int((self.end - self.start).total_seconds())


def list_parts(record: SessionRecord) -> list[Part]:
    """The parts of a session, in order; none overlap, whatever the clock did meanwhile."""
    starts = [record.started, *(again for _, again, _ in record.breaks)]
    ends = [*(left for left, _, _ in record.breaks), record.noted or record.started]
    totals = [0.0, *(heard for _, _, heard in record.breaks), record.heard]
    parts: list[Part] = []
    for start, end, (before, after) in zip(starts, ends, pairwise(totals), strict=True):
        first = max(start.replace(microsecond=0), parts[-1].end if parts else start.replace(microsecond=0))
        heard = max(0.0, after - before)
        last = max(end.replace(microsecond=0), first + timedelta(seconds=max(1, round(heard))))
        parts.append(Part(first, last, min(heard, (last - first).total_seconds())))
    return parts


def to_tcx(record: SessionRecord) -> bytes:
    """The session as a TCX file, the sport "Other": times are in UTC, as the format has them."""
    ET.register_namespace("", _TCX)
    root = ET.Element(f"{{{_TCX}}}TrainingCenterDatabase")
    activity = _add(_add(root, "Activities"), "Activity", Sport="Other")
    _add(activity, "Id", _utc(record.started))
    for part in list_parts(record):
        lap = _add(activity, "Lap", StartTime=_utc(part.start))
        for name, value in (("TotalTimeSeconds", f"{part.heard:.1f}"), ("DistanceMeters", "0"), ("Calories", "0")):
            _add(lap, name, value)
        _add(lap, "Intensity", "Active")
        _add(lap, "TriggerMethod", "Manual")
        track = _add(lap, "Track")
        for moment in part.points:
            _add(_add(track, "Trackpoint"), "Time", _utc(moment))
    _add(activity, "Notes", clean_text(record.title))
    text: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return text


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, f"{{{_TCX}}}{name}", attributes)
    child.text = text
    return child


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def to_fit(record: SessionRecord) -> bytes:
    """The session as a FIT activity: training, flexibility training."""
    from fit_tool import FitFileBuilder
    from fit_tool.profile import profile_type as fit
    from fit_tool.profile.messages.activity_message import ActivityMessage
    from fit_tool.profile.messages.event_message import EventMessage
    from fit_tool.profile.messages.file_id_message import FileIdMessage
    from fit_tool.profile.messages.lap_message import LapMessage
    from fit_tool.profile.messages.record_message import RecordMessage
    from fit_tool.profile.messages.session_message import SessionMessage

    builder, parts = FitFileBuilder(strict=True), list_parts(record)
    start, end = parts[0].start, parts[-1].end
    total = {"total_timer_time": sum(part.heard for part in parts), "start_time": _ms(start), "total_distance": 0.0}
    kind = {"sport": fit.Sport.TRAINING, "sub_sport": fit.SubSport.FLEXIBILITY_TRAINING}
    local = int((start.replace(tzinfo=UTC) - _FIT_EPOCH).total_seconds() + (end - start).total_seconds())
    maker = {"manufacturer": fit.Manufacturer.DEVELOPMENT.value, "product": 0, "serial_number": 1}

    def add(message: Any, moment: datetime | None, fields: dict[str, Any]) -> None:
        for name, value in (fields | ({"timestamp": _ms(moment)} if moment else {})).items():
            setattr(message, name, value)
        builder.add(message)

    def add_timer(moment: datetime, kind: fit.EventType) -> None:
        add(EventMessage(), moment, {"event": fit.Event.TIMER, "event_type": kind})

    add(FileIdMessage(), None, maker | {"type": fit.FileType.ACTIVITY, "time_created": _ms(start)})
    for number, part in enumerate(parts):
        add_timer(part.start, fit.EventType.START)
        for moment in part.points:
            add(RecordMessage(), moment, {"distance": 0.0})
        add_timer(part.end, fit.EventType.STOP_ALL)
        lap = {"message_index": number, "start_time": _ms(part.start), "total_elapsed_time": float(part.elapsed)}
        lap |= {"total_timer_time": part.heard, "event": fit.Event.LAP, "event_type": fit.EventType.STOP}
        add(LapMessage(), part.end, lap | kind)
    closing = {"event": fit.Event.SESSION, "event_type": fit.EventType.STOP, "trigger": fit.SessionTrigger.ACTIVITY_END}
    closing |= {"message_index": 0, "first_lap_index": 0, "num_laps": len(parts)}
    add(SessionMessage(), end, total | kind | closing | {"total_elapsed_time": (end - start).total_seconds()})
    whole = {"num_sessions": 1, "type": fit.Activity.MANUAL, "event": fit.Event.ACTIVITY}
    whole |= {"event_type": fit.EventType.STOP, "local_timestamp": local}
    add(ActivityMessage(), end, whole | {"total_timer_time": total["total_timer_time"]})
    data: bytes = builder.build_bytes()
    return data


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
