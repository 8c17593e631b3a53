"""`audioguide log`."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import asdict
from typing import Any

import click

from audioguide.cli.weeks import can_show, entry, picture, summary
from audioguide.diary import file
from audioguide.diary.diary import (
    ADVISED_DAYS,
    ADVISED_MINUTES,
    Diary,
    Record,
    Week,
    days_a_week,
    local_time,
    weeks,
)

RECENT = 10
"""Sessions that are shown one by one."""

HARDLY = 30.0
"""Seconds. A session that was heard for less is not shown one by one."""


@click.command("log")
@click.option("--weeks", "count", type=click.IntRange(1, 520), default=8, show_default=True, help="How many weeks.")
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.option("--off", is_flag=True, help="Note no sessions from now on.")
@click.option("--on", is_flag=True, help="Note sessions again.")
@click.option("--forget", is_flag=True, help="Delete all that was noted.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(count: int, machine: bool, off: bool, on: bool, forget: bool, yes: bool) -> None:
    """What was done, and when: the last weeks as a picture, and the last sessions. It is kept on this machine only.

    A session counts as done when it was heard to its closing.
    """
    if off and on:
        raise click.UsageError("It is either --off or --on.")
    if forget:
        _forget(yes)
    if off or on:
        file.switch(on=on)
        click.echo(
            "Sessions are noted." if on else "Sessions are not noted any more. `audioguide log --on` begins again."
        )
    if forget or off or on:
        return
    records = Diary(lambda line: click.echo(line, err=True)).records()
    table = weeks(records, local_time().date(), count)
    shown = [record for record in records if record.day >= table[0].monday]
    if machine:
        click.echo(json.dumps(_facts(table, shown), ensure_ascii=False, indent=2))
        return
    if not records:
        click.echo(f"There is nothing here yet. {_hint()}")
        return
    width = max(20, shutil.get_terminal_size().columns)
    fancy = sys.stdout.isatty() and can_show(sys.stdout.encoding)
    listed = [record for record in shown if record.heard >= HARDLY or record.running][-RECENT:]
    parts = (picture(table, width, fancy=fancy), summary(table, width), *(entry(one, width) for one in listed[::-1]))
    for number, part in enumerate(parts):
        if number in (1, 2):
            click.echo()
        for line in part:
            click.echo(line, color=False if "NO_COLOR" in os.environ else None)
    if file.switched_off():
        click.echo(f"\n{_hint()}")


def _hint() -> str:
    if file.switched_off():
        return "Sessions are not noted: `audioguide log --on` begins again."
    return "`audioguide play ROUTINE` plays a session, and it is noted here."


def _forget(yes: bool) -> None:
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("This deletes all that was noted. Say --yes if that is meant.")
        click.confirm("Delete all that was noted?", abort=True, err=True)
    file.forget()
    click.echo("All that was noted is deleted.")


def _facts(table: list[Week], records: list[Record]) -> dict[str, Any]:
    return {
        "advised": {"days": list(ADVISED_DAYS), "minutes": list(ADVISED_MINUTES)},
        "days_a_week": days_a_week(table),
        "weeks": [
            {"monday": week.monday.isoformat(), "days": week.days, "minutes": [round(one, 2) for one in week.minutes]}
            for week in table
        ],
        "sessions": [_facts_of(record) for record in records],
    }


def _facts_of(record: Record) -> dict[str, Any]:
    return {
        "started": record.started.isoformat(timespec="seconds"),
        "routine": record.key,
        "title": record.title,
        "heard": round(record.heard, 3),
        "length": record.length and round(record.length, 3),
        "end": record.end,
        "running": record.running,
        "done": record.done,
        "left": record.mark and asdict(record.mark),
    }
