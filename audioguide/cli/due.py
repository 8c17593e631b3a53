"""What is due of the plans for weeks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING

import click

from audioguide.cli.console import print_notes
from audioguide.cli.sessions import read_settings, resolve_routine
from audioguide.errors import RequestError
from audioguide.model.options import Options
from audioguide.session.preset import ResolvedRoutine
from audioguide.system import clock, paths

if TYPE_CHECKING:
    from audioguide.player.history import PlanDay
    from audioguide.session.plan_days import PlannedDay
    from audioguide.session.week_plan import WeekPlan

next_option = click.option("--next", "due", is_flag=True, help="What is due of your plans; ROUTINE may name one.")
with_plan_option = click.option("--with-plan", is_flag=True, help="With --next: the file carries its plan.")


def find_days(name: str | None) -> list[tuple[WeekPlan, tuple[PlannedDay, ...]]]:
    """One's own plans or that of a name, with their days. Own ones that are damaged are told and left out."""
    from audioguide.player.history import SessionLog  # all of this is slow to load, and only plans need it
    from audioguide.session.plan_days import list_days
    from audioguide.session.week_plan import find_plan

    now, records = clock.now(), SessionLog(lambda line: click.echo(line, err=True)).records()
    found, errors = [], list[RequestError]()
    for source in (name,) if name else paths.plan_files():
        try:
            plan = find_plan(source)
            found.append((plan, list_days(plan, records, now)))
        except RequestError as error:
            errors.append(error)
    if errors and not found:
        raise errors[0]
    print_notes(f"Left out, since it cannot be used: {error}" for error in errors)
    return found


def resolve_given(
    name: str | None, options: Options, save: str | None, *, due: bool, with_plan: bool = False
) -> tuple[ResolvedRoutine, PlanDay | None] | None:
    """The routine of a command; with `due` what is due of a plan, or of all of them, with its place in the plan, which
    is told. None where nothing is due, which is told, too. `with_plan`: a file of it is to carry the whole plan.
    """
    if not due:
        if with_plan:
            raise RequestError("--with-plan is for what is due of a plan.", "Add --next.")
        if name is None:
            raise click.UsageError("Missing argument 'ROUTINE'.")
        return resolve_routine(name, options, save), None
    if save is not None:
        raise RequestError("A preset is of a routine, not of a plan.", "Leave --save or --next out.")
    from audioguide.player.history import PlanDay
    from audioguide.session.plan_days import find_due
    from audioguide.session.plan_session import pack_plan, resolve_day

    plans = find_days(name)
    if not plans:
        raise RequestError("There is no plan.", "Begin one with `audioguide plan new`.")
    found = [(day.when, plan.name, plan, day, days) for plan, days in plans if (day := find_due(days))]
    if not found:
        print_notes(f"Nothing is due of {plan.name}: {summarize(days)}" for plan, days in plans)
        return None
    (_, _, plan, day, days), *others = sorted(found, key=itemgetter(0, 1))
    print_notes([f"{plan.title}: session {day.number} of {len(days)}, week {day.week} of {plan.weeks}."])
    print_notes(f"Due as well: {other}, by `audioguide play --next {other}`." for _, other, *_ in others)
    resolved = resolve_day(plan, day, options, read_settings())
    return replace(resolved, plan=pack_plan(plan) if with_plan else None), PlanDay(plan.name, day.number)


def summarize(days: Sequence[PlannedDay]) -> str:
    """How many sessions are done, and which one is next."""
    from audioguide.session.plan_days import find_due, find_next

    done, due, following = sum(day.state == "done" for day in days), find_due(days), find_next(days)
    ahead = "due now" if due else f"next {tell_date(following)}" if following else "it has ended"
    return f"{done} of {len(days)} done, {ahead}."


def tell_date(day: PlannedDay) -> str:
    """When a day is: `Mon 7 Dec 18:30`, with its year where that is not this one."""
    year = "" if day.when.year == clock.now().year else f" {day.when.year}"
    return f"{day.when:%a} {day.when.day} {day.when:%b}{year} {day.when:%H:%M}"
