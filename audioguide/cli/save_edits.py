"""What a listener changed while it played, and whether it is to be kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from shlex import join

import click

from audioguide.cli.sessions import can_ask, save_preset
from audioguide.errors import RequestError
from audioguide.model.options import Options
from audioguide.session.preset import ResolvedRoutine, check_name
from audioguide.timeline.edits import EditedHold, to_options


def offer_to_keep(
    resolved: ResolvedRoutine, every: Sequence[EditedHold], name: str | None, *, ask: bool = True
) -> None:
    """Save changed holds with the options of the routine: as `name`, or else as what the person answers, if they can be
    asked.
    """
    if not every:
        return
    kept = to_options(every, resolved.routine, beyond_limits=resolved.options.beyond_limits)
    for one in every:
        click.echo(f"Changed: {one}", err=True)
    for note in kept.notes:
        click.echo(note, err=True)
    if not kept.holds:
        return
    ask = ask and can_ask()
    if name is None and not ask:
        holds = " ".join(join(("--hold", f"{pose}={length}")) for pose, length in kept.holds)
        click.echo(f"To keep it, give {holds} --save NAME the next time.", err=True)
        return
    while (name := name or _ask_for_name(resolved)) is not None:
        try:
            save_preset(replace(resolved, saved_options=Options(holds=kept.holds).over(resolved.saved_options)), name)
        except RequestError as error:
            click.echo(str(error), err=True)
            if not ask:
                return
            name = None
        else:
            return


def _ask_for_name(resolved: ResolvedRoutine) -> str | None:
    """The name of a preset, None for none."""
    offer = resolved.preset.name if resolved.preset else f"my-{resolved.routine.id}"
    try:
        check_name(offer)
    except RequestError:
        offer = "mine"
    answer = click.prompt(
        f"Keep this as a preset? A name, y for {offer}, or Enter for no", default="", show_default=False, err=True
    ).strip()
    if answer.lower() in ("", "n", "no"):
        return None
    return offer if answer.lower() in ("y", "yes") else answer
