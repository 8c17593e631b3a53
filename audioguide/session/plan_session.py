"""The session of a planned day: its routine, with the plan's options and the holds of that day."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from audioguide.errors import RequestError, RoutineError
from audioguide.model import holds
from audioguide.model.options import Options, to_data
from audioguide.model.routine import Length, LengthChange, PoseStep, Routine
from audioguide.model.selectors import applicable, find_steps, names_of, stable_selector
from audioguide.routine.choose_poses import compose_from_library
from audioguide.routine.customise import customise
from audioguide.routine.step_options import change_hold
from audioguide.routine.wishes import parse_wishes
from audioguide.session.config import Config
from audioguide.session.embedded import inline_routine
from audioguide.session.open import build_session
from audioguide.session.plan_days import PlannedDay
from audioguide.session.preset import ResolvedRoutine, resolve, resolve_data, resolve_document
from audioguide.session.week_plan import WeekPlan
from audioguide.units import format_duration


def resolve_day(
    plan: WeekPlan, day: PlannedDay, options: Options | None = None, config: Config | None = None
) -> ResolvedRoutine:
    """The routine of a day with its options: those asked for now over that day's holds, over the plan's own options.

    `notes` say what is other than usual, and which poses have reached their longest hold. RequestError where the
    routine is gone or no longer fits, RoutineError for a wrong one.
    """
    asked = options or Options()
    base = _resolve_base(plan, day, Options(language=asked.language or plan.options.language), config)
    own = applicable(plan.options, base.routine, asked)
    left_out, under = applicable(Options(skip=day.left_out), base.routine).options, own.options
    if asked.length is None and (day.steps_of() or left_out.skip or any(map(day.steps_of, day.adapted.restarted))):
        base, under = _fit_first(base, under)
    under = left_out.over(under)
    changes = applicable(Options(holds=plan.progresses), base.routine)
    grown, reached = _grow(plan, day, changes.options, base.routine, under.over(base.options))
    mine, notes = asked.over(grown.over(under)), [*base.notes, *day.notes]
    missing = dict.fromkeys((*own.missing, *changes.missing))
    if missing and plan.wishes is None:  # else a pose may be in the session of another day
        notes.append(f"The plan {plan.name} no longer matches its routine: {', '.join(missing)}.")
    if reached:
        notes.append(f"At the longest hold, which grows no more: {', '.join(reached)}.")
    saved, all_options = mine.over(base.saved_options), mine.over(base.options)
    return replace(base, asked=mine, saved_options=saved, options=all_options, notes=tuple(notes))


def pack_plan(plan: WeekPlan) -> dict[str, Any]:
    """A plan as the keys of its file, with its routine in it, so that it can be used on another machine."""
    data = {**plan.document.data, "zone": str(plan.zone)}
    if plan.source:
        base = resolve(plan.source, plan.options)
        options = base.saved_options.with_poses(lambda row, one: stable_selector(one, base.routine))
        data["routine"] = inline_routine(base.written, base.routine.title, own=False)
        data["options"] = to_data(replace(options, cover=None))
    return {key: value for key, value in data.items() if value not in (None, {})}


def _fit_first(base: ResolvedRoutine, under: Options) -> tuple[ResolvedRoutine, Options]:
    """A session that is fitted to a length without the length, and its options with the holds that it is fitted by.

    They are to grow as the plan says; if they were fitted again, a pose left out would make all the others longer.
    """
    all_options = under.over(base.options)
    if all_options.length is None:
        return base, under
    steps = build_session(replace(base, options=all_options)).draft().routine.steps
    still = (step for step in steps if isinstance(step, PoseStep) and not step.pose.reps)
    fitted = Options(holds=tuple((str(step.number), step.hold) for step in still))
    saved, in_force = (replace(options, length=None) for options in (base.saved_options, base.options))
    return replace(base, saved_options=saved, options=in_force), fitted.over(replace(under, length=None))


def _resolve_base(plan: WeekPlan, day: PlannedDay, options: Options, config: Config | None) -> ResolvedRoutine:
    if plan.wishes is not None:  # another session each day, without what hurts
        wishes = parse_wishes({**plan.wishes, **({"language": options.language} if options.language else {})})
        without, seed = (*wishes.without, *day.left_out), wishes.seed + day.number - 1
        composed = compose_from_library(replace(wishes, without=without, seed=seed))
        return resolve_data(composed.data, options, config, plan.path)
    if plan.routine:
        return resolve_document(plan.routine, options, config, plan.path)
    try:
        return resolve(plan.source, options, config)
    except RequestError as error:
        if isinstance(error, RoutineError) or error.option:
            raise
        message = f"The routine of the plan {plan.name} is gone: {error.message}"
        raise RequestError(message, f"{error.hint} Mend it in {plan.document.file}.".lstrip()) from None


def _grow(
    plan: WeekPlan, day: PlannedDay, changes: Options, routine: Routine, under: Options
) -> tuple[Options, tuple[str, ...]]:
    """The holds of a day over the options of a plan, and the poses that are at their limit with them.

    What grows with all others is told by one option. Poses with a progress of their own (`changes`), with a hold that
    is pinned or at its limit, or that have hurt, get their holds by step.
    """
    own = {number: change for pose, change in changes.holds for number in find_steps(routine.steps, pose)}
    held, reached = list[tuple[str, Length]](), dict[str, None]()
    for step in customise(routine, under).routine.steps:
        change = own.get(step.number, plan.progress)
        if not isinstance(step, PoseStep) or not isinstance(change, LengthChange):
            continue
        if (step.pose.reps and step.rep_hold is None) or (change.unit == "breaths" and step.breath is None):
            continue  # it is counted, or has no breaths
        steps = day.steps_of(next(names_of(step)))
        grown = replace(step, hold=change_hold(step, _times(change, steps)), origin="option")
        if step.rep_hold is not None:
            grown = replace(grown, rep_hold=grown.hold.amount)
        kept = grown if under.beyond_limits else holds.clamp(grown)
        if holds.hold_seconds(kept) < holds.hold_seconds(step):
            kept = step  # it was allowed to be longer than that
        if full := not step.pose.is_moving and holds.hold_seconds(kept) >= step.pose.limits.longest:
            reached[f"{step.pose.name} ({format_duration(holds.hold_seconds(kept))})"] = None
        apart = step.number in own or step.origin == "pinned" or steps != day.steps_of()
        if (apart or full) and kept is not step:
            held.append((str(step.number), kept.hold))
    every = _times(plan.progress, day.steps_of()) if plan.progress and day.steps_of() else None
    return Options(hold=every, holds=tuple(held)), (*reached,)


def _times(change: LengthChange, steps: int) -> LengthChange:
    return replace(change, amount=change.amount * steps)
