"""Saves the holds that a listener changed during playback."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from shlex import join

import click

from audioguide.cli.console import can_ask, print_notes
from audioguide.cli.sessions import save_preset
from audioguide.errors import RequestError
from audioguide.model.options import Options
from audioguide.session.preset import ResolvedRoutine, check_name
from audioguide.timeline.edits import EditedHold, to_options


def save_edits(resolved: ResolvedRoutine, edits: Sequence[EditedHold], name: str | None, *, ask: bool = True) -> None:
    """Save changed holds in a preset: as `name`, or else as the user answers, if `ask` and a terminal allow it."""
    if not edits:
        return
    saved = to_options(edits, resolved.routine, beyond_limits=resolved.options.beyond_limits)
    print_notes((*(f"Changed: {edit}" for edit in edits), *saved.notes))
    if not saved.holds:
        return
    ask = ask and can_ask()
    if name is None and not ask:
        holds = " ".join(join(("--hold", f"{pose}={length}")) for pose, length in saved.holds)
        click.echo(f"To keep this, give {holds} --save NAME the next time.", err=True)
        return
    options = Options(holds=saved.holds).over(resolved.saved_options)
    while (name := name or _ask_for_name(resolved)) is not None:
        try:
            save_preset(replace(resolved, saved_options=options), name)
            return
        except RequestError as error:
            click.echo(str(error), err=True)
            if not ask:
                return
            name = None


def _ask_for_name(resolved: ResolvedRoutine) -> str | None:
    """The name of a preset, None for none."""
    offer = resolved.preset.name if resolved.preset else f"my-{resolved.routine.id}"
    try:
        check_name(offer)
    except RequestError:
        offer = "mine"
    question = f"Save this as a preset? Type a name, y for {offer}, or Enter for no"
    answer = click.prompt(question, default="", show_default=False, err=True).strip()
    if answer.lower() in ("", "n", "no"):
        return None
    return offer if answer.lower() in ("y", "yes") else answer
