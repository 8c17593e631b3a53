"""`audioguide log`: what was done, and what is added to it or taken from it by hand."""

import os
import shutil
import sys
import textwrap
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import get_args

import click
from rich.cells import cell_len, set_cell_size

from audioguide.cli.console import confirm, json_option, print_json, yes_option
from audioguide.cli.due import next_option, resolve_given
from audioguide.cli.sessions import open_resolved
from audioguide.errors import RequestError
from audioguide.model.options import Options
from audioguide.model.routine import PoseStep
from audioguide.model.selectors import find_steps, pose_names
from audioguide.player import history, history_db
from audioguide.player.held_poses import HeldPoses
from audioguide.player.history import ADVISED_DAYS, ADVISED_MINUTES, SHORTEST, Felt, SessionLog, SessionRecord, Week
from audioguide.session.felt_rules import ASK
from audioguide.system import clock, paths
from audioguide.units import RATE, format_clock

STEPS = (5, 10, 15)  # minutes at which the next darker shade begins; the first one begins at one minute
BLOCKS = "·░▒▓█"  # nothing, and the shades
PLAIN = ".-+*#"  # the same in ASCII
NARROW = 50  # columns of a terminal below which a day is one character wide instead of two
MOST_WEEKS = 520  # that are shown or reported at once
LISTED = 10  # the most sessions that are listed
LISTED_FROM = 30.0  # seconds that a session was heard, below which it is not listed
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WHEN = 'Write it as "yesterday 18:30", "mon 7:00" or 2026-12-07T18:30.'
_NBSP = "\N{NO-BREAK SPACE}"


@click.group("log", invoke_without_command=True)
@click.option(
    "--weeks", "count", type=click.IntRange(1, MOST_WEEKS), default=8, show_default=True, help="How many weeks."
)
@json_option
@click.option("--off", is_flag=True, help="Log no sessions from now on.")
@click.option("--on", is_flag=True, help="Log sessions again.")
@click.option("--forget", is_flag=True, help="Delete the log.")
@yes_option
@click.pass_context
def log_command(
    context: click.Context, count: int, as_json: bool, off: bool, on: bool, forget: bool, yes: bool
) -> None:
    """Show the sessions that you did: the last weeks as a chart, and the last sessions.

    A session is done when it was heard to its closing. It counts for its day when five minutes and half of it were
    heard. The log stays on this machine.
    """
    if context.invoked_subcommand:
        return
    if off and on:
        raise click.UsageError("It is either --off or --on.")
    if forget:
        _forget_all(yes)
    if off or on:
        history_db.set_enabled(on=on)
        ended = "Sessions are no longer logged. `audioguide log --on` logs them again."
        click.echo("Sessions are logged." if on else ended)
    if forget or off or on:
        return
    records = open_log().records()
    weeks = history.group_by_week(records, clock.now().date(), count)
    shown = [record for record in records if record.day >= weeks[0].monday]
    if as_json:
        from audioguide.session.log_report import describe_log

        print_json(describe_log(weeks, shown))
        return
    hint = "Sessions are not logged. `audioguide log --on` logs them again." if history_db.is_disabled() else ""
    if not records:
        click.echo(f"The log is empty. {hint or 'A session played with `audioguide play ROUTINE` is logged here.'}")
        return
    width = max(20, shutil.get_terminal_size().columns)
    fancy = sys.stdout.isatty() and can_show(sys.stdout.encoding)
    listed = [record for record in shown if record.heard >= LISTED_FROM or record.running][: -LISTED - 1 : -1]
    lines = [*draw_weeks(weeks, width, fancy=fancy), "", *summarize(weeks, width)]
    if listed:
        lines += ["", *(line for record in listed for line in describe_session(record, width))]
    for line in (*lines, *(("", hint) if hint else ())):
        click.echo(line, color=False if "NO_COLOR" in os.environ else None)


@log_command.command("add")
@click.argument("routine", required=False)
@next_option
@click.option("--when", metavar="WHEN", help=f"When it began; else it has just ended. {WHEN}")
@click.option("--felt", type=click.Choice(get_args(Felt)), help="How it felt: right, or easier or harder than that.")
@click.option("--hurt", multiple=True, metavar="POSE", help="A pose that hurt. May be given several times.")
def add_command(routine: str | None, due: bool, when: str | None, felt: Felt | None, hurt: tuple[str, ...]) -> None:
    """Log a session of ROUTINE that you did elsewhere, as with its file on your phone.

    One that is in the log already only gets how it felt. With --next it is what is due of your plans, or of the plan
    that ROUTINE names.
    """
    if history_db.is_disabled():
        raise RequestError("Sessions are not logged.", "`audioguide log --on` logs them again.")
    if (given := resolve_given(routine, Options(), None, due=due)) is None:
        return
    resolved, plan_day = given
    session, now = open_resolved(resolved), clock.now()
    steps = [step for step in session.routine.steps if isinstance(step, PoseStep)]
    numbers = {number for pose in hurt for number in find_steps(steps, pose)}
    poses = tuple(pose_names(step for step in steps if step.number in numbers))
    timeline, held = session.outline.timeline, HeldPoses(session.routine.steps)
    length = timeline.frames / RATE
    started = now - timedelta(seconds=length) if when is None else read_moment(when, now)
    held.follow(timeline.sections, timeline.frames, timeline.frames)
    id = session.routine.id  # a file that was exported counts as its routine: so does a plan of that
    key = id if resolved.embedded and id in paths.routine_files() else resolved.key
    record = SessionRecord(0, key, session.routine.title, started, length, length, "finished", None, False)
    record = replace(record, plan=plan_day.name, plan_day=plan_day.number) if plan_day else record
    record = replace(record, felt=felt, hurt=poses, source="added", holds=tuple(held.longest.items()))
    known = not open_log().add(record)
    noted = " How it felt is noted." if felt or poses else ""
    click.echo(f"{next(describe_session(record, 1000))}.{f' It was in the log already.{noted}' if known else ''}")
    if length < SHORTEST:
        click.echo(f"It is shorter than {SHORTEST / 60:g} minutes, so it does not count for its day.", err=True)
    if poses:
        click.echo(ASK, err=True)


@log_command.command("forget")
@click.argument("when", required=False)
@yes_option
def forget_command(when: str | None, yes: bool) -> None:
    """Delete the session that began at WHEN from the log, or without WHEN the whole log. WHEN is as in `log add`."""
    if when is None:
        _forget_all(yes)
        return
    log = open_log()
    for record in find_sessions(log.records(), when):
        if confirm(f"Delete {next(describe_session(record, 1000))}?", yes=yes):
            log.forget(record.id)
            click.echo(f"Deleted: {next(describe_session(record, 1000))}.")


def find_sessions(records: Sequence[SessionRecord], when: str) -> list[SessionRecord]:
    """The sessions that began in the minute of a moment, at least one; by the clock of where they were played, too,
    since that is what `log` shows. RequestError as in `read_moment`.
    """
    moment = read_moment(when, clock.now())
    wall, minute = moment.replace(tzinfo=None), timedelta(minutes=1)
    gaps = [(record.started - moment, record.started.replace(tzinfo=None) - wall) for record in records]
    if found := [one for one, gap in zip(records, gaps, strict=True) if any(timedelta() <= by < minute for by in gap)]:
        return found
    that_day = [f"{record.started:%H:%M}" for record in records if record.day == moment.date()]
    hint = f"On that day there is {', '.join(that_day)}." if that_day else "`audioguide log` lists them."
    raise RequestError(f"No session began on {moment:%Y-%m-%d} at {moment:%H:%M}.", hint)


def open_log() -> SessionLog:
    """The log, whose messages are printed on stderr."""
    return SessionLog(lambda line: click.echo(line, err=True))


def _forget_all(yes: bool) -> None:
    if confirm("Delete the whole log?", yes=yes):
        history_db.delete_all()
        click.echo("The log is deleted.")


def read_moment(text: str, now: datetime) -> datetime:
    """A moment that has been: "yesterday 18:30", "mon 7:00", "7:00" (today) or an ISO time; local where it names no
    zone. RequestError for any other text, and for what is still to come.
    """
    *day, hour = text.casefold().split() or [""]
    try:
        if "t" in hour:
            moment = datetime.fromisoformat(text.strip())
        else:
            moment = datetime.combine(_find_day(" ".join(day), now.date()), datetime.strptime(hour, "%H:%M").time())
        moment = moment if moment.tzinfo else moment.astimezone()
        is_past = moment <= now
    except (ValueError, OverflowError, OSError):
        raise RequestError(f"{text!r} is no time.", WHEN) from None
    if not is_past:
        raise RequestError(f"{text!r} is still to come.", WHEN)
    return moment


def _find_day(word: str, today: date) -> date:
    if word in ("", "today", "yesterday"):
        return today - timedelta(days=word == "yesterday")
    weekday = next((number for number, name in enumerate(DAYS) if len(word) > 1 and name.startswith(word)), None)
    return date.fromisoformat(word) if weekday is None else today - timedelta((today.weekday() - weekday) % 7 or 7)


def can_show(encoding: str | None, signs: str = BLOCKS) -> bool:
    """Whether an output of this encoding has these signs."""
    name = encoding or "ascii"
    return signs.encode(name, "ignore").decode(name) == signs


def draw_weeks(weeks: Sequence[Week], width: int, *, fancy: bool) -> Iterator[str]:
    """A line for each week, a cell for each day, shaded by its minutes; `fancy` uses colour and `BLOCKS`."""
    cell = 1 if width < NARROW else 2
    shades = BLOCKS if fancy else PLAIN
    years = " %y" if len({week.monday.year for week in weeks}) > 1 else ""
    label = 9 if years else 6
    names = " ".join(name[:cell] for name in ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"))
    yield f"{'':{label}}  {names}  days   min"
    for week in weeks:
        cells = " ".join(_draw_day(minutes, shades, cell, fancy) for minutes in week.minutes)
        monday = f"{week.monday.day:>2} {week.monday.strftime(f'%b{years}')}"
        yield f"{monday:{label}}  {cells}  {week.days or '':>4}  {round(sum(week.minutes)) or '':>4}".rstrip()
    spans = (f"under {STEPS[0]} min", *(f"under {step}" for step in STEPS[1:]), f"{STEPS[-1]} and more")
    keys = (f"{shade * cell} {span}".replace(" ", _NBSP) for shade, span in zip(shades[1:], spans, strict=True))
    yield ""
    for line in textwrap.wrap("  ".join(keys), width - 1):
        yield line.replace(_NBSP, " ")


def _draw_day(minutes: float, shades: str, cell: int, fancy: bool) -> str:
    if not round(minutes):
        return f"{shades[0]:>{cell}}"
    text = shades[1 + bisect_right(STEPS, minutes)] * cell
    return click.style(text, fg="green") if fancy else text


def summarize(weeks: Sequence[Week], width: int) -> list[str]:
    """Days and averages of the weeks, and what is advised."""
    days, average, streak = weeks[-1].days, history.find_mean_days(weeks), history.count_streak(weeks)
    facts = [f"This week: {days} day{'' if days == 1 else 's'}."]
    if average is not None:
        facts.append(f"Before: {average:.1f} days a week.".replace(".0 ", " "))
    if streak > 1:
        facts.append(f"{streak} weeks in a row with {ADVISED_DAYS[0]} days or more.")
    (few, many), (short, long) = ADVISED_DAYS, ADVISED_MINUTES
    facts.append(f"Advised for a runner's back: {few} or {many} days a week, {short} to {long} minutes each.")
    return textwrap.wrap(" ".join(facts), min(width, 80) - 1)


def describe_session(record: SessionRecord, width: int) -> Iterator[str]:
    """One session in one line, or in two or three where the terminal is narrow: when, minutes, title, state."""
    started = record.started
    year = "" if started.year == clock.now().year else f" {started.year}"
    head = f"{started:%a} {started.day:>2} {started:%b}{year} {started:%H:%M}  {round(record.heard / 60):>3} min"
    state = _describe_state(record)
    if cell_len(line := f"{head}  {record.title}: {state}") < width:
        yield line
        return
    if width < NARROW:
        yield head
        head = ""
    indent = " " * (len(head) + 2)
    title, room = record.title, width - 1 - len(indent)
    yield f"{head}  {title if cell_len(title) <= room else set_cell_size(title, room - 3).rstrip() + '...'}"
    yield from textwrap.wrap(state, width - 1, initial_indent=indent, subsequent_indent=indent)


def _describe_state(record: SessionRecord) -> str:
    if record.running:
        return "playing now"
    if record.done:
        hurt = f"{' and '.join(record.hurt)} hurt" if record.hurt else ""
        return ", ".join(filter(None, ("done", record.felt and f"felt {record.felt}", hurt)))
    if record.mark:
        return f"left in {record.mark}, {format_clock(round(record.mark.seconds * RATE))} in"
    return "heard in part" if record.end == "finished" else "left"
