"""What the page reports: a session that was heard on the phone to its end, and how it felt."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

from audioguide.errors import RequestError
from audioguide.model.selectors import pose_names
from audioguide.player import history_db
from audioguide.player.held_poses import HeldPoses
from audioguide.player.history import ENOUGH, Felt, SessionLog, SessionRecord, is_session
from audioguide.session.open import parse_options
from audioguide.system import clock
from audioguide.units import RATE
from audioguide.web.catalog import Catalog
from audioguide.web.due_sessions import find_plan_day
from audioguide.web.http_json import get_options

LATEST = 30 * 86_400.0  # seconds since it began after which a report that could not be sent before is refused

WHOLE = 0.95  # the part of a session that is all of it: the page counts what was heard to a second or two


def note_heard(catalog: Catalog, id: str, data: dict[str, Any]) -> dict[str, Any]:
    """Log a session that began `ago` seconds ago (so the phone's clock does not matter), of which `heard` seconds were
    heard, how it `felt` and which poses `hurt`. What is sent again is logged once. RequestError for a damaged report.

    `ask` of the answer says whether to ask how it felt, with these `poses`: their ids and names.
    """
    resolved, session = catalog.open(id, parse_options(get_options(data, "ago", "heard", "felt", "hurt")))
    poses, timeline = pose_names(session.routine.steps), session.outline.timeline
    length, held = timeline.frames / RATE, HeldPoses(session.routine.steps)
    felt, hurt = data.get("felt"), data.get("hurt", [])
    times = [time for time in map(data.get, ("ago", "heard")) if isinstance(time, int | float) and 0 <= time <= LATEST]
    is_known = felt in (None, *get_args(Felt)) and isinstance(hurt, list) and not set(map(str, hurt)) - {*poses}
    if len(times) != 2 or not is_known:
        raise RequestError("The server does not understand this report.", "Load the page again.")
    heard, ended = min(times[1], length), clock.now()
    logged = heard >= ENOUGH * length and not history_db.is_disabled()
    if logged:
        key, start = resolved.key if resolved.preset else id, ended - timedelta(0, times[0])
        record = SessionRecord(0, key, session.routine.title, start, heard, length, "finished", None, False)
        if heard >= WHOLE * length:  # else it is not known what was jumped over
            held.follow(timeline.sections, timeline.frames, timeline.frames)
        record = replace(record, source="phone", holds=tuple(held.longest.items()))
        if day := find_plan_day(id):
            record = replace(record, plan=day.name, plan_day=day.number)
        SessionLog(lambda _: None).add(replace(record, felt=felt, hurt=tuple(hurt)))
    ask = logged and is_session(heard, length) and catalog.config.questions and not (felt or hurt)
    return {"logged": logged, "ask": ask, "poses": [*poses.items()], "language": session.routine.language}
