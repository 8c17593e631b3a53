"""Days of a person's plans for weeks as sessions of the page: `plan:back:3` is the third session of the plan back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from audioguide.errors import AudioguideError
from audioguide.model.options import Options
from audioguide.player.history import PlanDay, SessionLog
from audioguide.system import clock, paths
from audioguide.web.http_json import Refusal

if TYPE_CHECKING:
    from audioguide.session.config import Config
    from audioguide.session.preset import ResolvedRoutine


def find_plan_day(id: str) -> PlanDay | None:
    """The day of a plan that an id of a session names."""
    kind, name, number = (*id.split(":"), "", "")[:3]
    return PlanDay(name, int(number[:3])) if kind == "plan" and number.isdecimal() else None


def resolve_plan_day(asked: PlanDay, config: Config, language: str | None = None) -> ResolvedRoutine:
    """The session of a plan's day. Refused where there is none, RequestError where it cannot be used."""
    from audioguide.session.plan_session import resolve_day

    for name, plan, days in _list_plans():
        if name == asked.name and 0 < asked.number <= len(days):
            return resolve_day(plan, days[asked.number - 1], Options(language=language), config)
    raise Refusal(404, "There is no such day of a plan.", "Choose another session.")


def list_due(config: Config) -> Iterator[dict[str, Any]]:
    """What is due now, for the page; a plan that cannot be used is left out."""
    for name, plan, days in _list_plans():
        for day in [day for day in days if day.state == "due"][:1]:
            with suppress(AudioguideError):
                title = resolve_plan_day(PlanDay(name, day.number), config).routine.title
                about = {"session": f"plan:{name}:{day.number}", "title": title, "plan": plan.title}
                yield {**about, "number": day.number, "of": len(days), "when": day.when.isoformat()}


def _list_plans() -> Iterator[Any]:
    """Each plan that can be used: its name, itself and its days."""
    from audioguide.session.plan_days import list_days
    from audioguide.session.week_plan import find_plan

    records = SessionLog(lambda line: None).records() if (plans := paths.plan_files()) else []
    for name in plans:
        with suppress(AudioguideError):
            yield name, (plan := find_plan(name)), list_days(plan, records, clock.now())
