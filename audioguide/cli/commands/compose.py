"""`audioguide compose`."""

from pathlib import Path
from typing import Any, get_args

import click

from audioguide.cli.commands.edit import check_target
from audioguide.cli.commands.play import play_command
from audioguide.cli.console import print_table
from audioguide.cli.sessions import read_settings
from audioguide.errors import RequestError
from audioguide.model.holds import describe_dose
from audioguide.model.options import Options
from audioguide.routine.choose_poses import COMPOSED, ComposedRoutine, compose_from_library
from audioguide.routine.wishes import Occasion, parse_wishes
from audioguide.session.open import build_session
from audioguide.session.preset import check_name, find_preset, resolve_data
from audioguide.session.recent_poses import find_recent_poses
from audioguide.system import paths
from audioguide.system.files import make_folder, write_text
from audioguide.units import format_clock, to_frames

TODAY = "today"  # the name under which a session is played that nobody gave a name
_TIMES = {"after": ("run",), "before": ("run", "sleep"), "at": ("desk",), "in": ("morning",)}


@click.command("compose")
@click.option("--for", multiple=True, metavar="TARGET", help='What for: "lower back", hips, "whole body". Repeatable.')
@click.option("--length", metavar="TIME", default="15:00", show_default=True, help="How long it is, to the frame.")
@click.option("--when", type=click.Choice(get_args(Occasion)), help="The occasion; or --after run, --at desk …")
@click.option("--after", type=click.Choice(_TIMES["after"]), hidden=True)
@click.option("--before", type=click.Choice(_TIMES["before"]), hidden=True)
@click.option("--at", type=click.Choice(_TIMES["at"]), hidden=True)
@click.option("--in", type=click.Choice(_TIMES["in"]), hidden=True)
@click.option("--without", multiple=True, metavar="WORD", help="Never this: wrists, kneeling, floor, hips, pigeon …")
@click.option("--with", multiple=True, metavar="POSE", help="This pose is to be in it. Repeatable.")
@click.option("--level", metavar="easy|medium|strong", help="How strenuous it may be. Default: medium.")
@click.option("--equipment", multiple=True, metavar="THING", help="What is at hand: none, or chair, wall, towel …")
@click.option("--words", metavar="brief|normal|full", help="How much is said. Default: by the length.")
@click.option("--language", metavar="LANGUAGE", help="The language of the session: de.")
@click.option("--seed", metavar="NUMBER", help="Another session for the same wishes, and each time the same one.")
@click.option("-o", "output", metavar="FILE", help="Write the routine to a file that ends with .yaml.")
@click.option("--save", metavar="NAME", help="Save it as a routine of your own.")
@click.option("--play", is_flag=True, help="Play it now.")
@click.option("--force", is_flag=True, help="Replace the file of -o.")
@click.pass_context
def compose_command(
    context: click.Context, /, output: str | None, save: str | None, play: bool, force: bool, **wished: Any
) -> None:
    """Put together a session for today from the pose library, and say why each pose is in it.

    It is written as an ordinary routine. What you did yesterday counts a little less.
    """
    if output:
        check_target(Path(output), "audioguide compose … -o", "" if force else "Choose another name, or add --force.")
    own = paths.user_dir() / "scripts"
    target = Path(output) if output else own / f"{save or TODAY}.yaml"
    if save:
        check_name(save)
        if find_preset(save):
            raise RequestError(f"There is a preset {save} already.", "Choose another name.")
    elif play and not output and target.is_file() and not target.read_text("utf-8", "replace").startswith(COMPOSED):
        raise RequestError(f"{paths.display_path(target)} is a routine of your own.", "Add --save NAME.")
    times = [f"{word}-{time}" for word in _TIMES if (time := wished.pop(word))]
    times = [time.removeprefix("at-").removeprefix("in-") for time in times] + [wished["when"]] * bool(wished["when"])
    if len({*times}) > 1:
        raise RequestError(f"One occasion is possible, not {' and '.join(times)}.", "Leave the others out.")
    language = wished.pop("language") or read_settings().options.language
    wishes = parse_wishes({**wished, "when": "".join(times[:1]) or None, "language": language})
    composed = compose_from_library(wishes, find_recent_poses())
    _print_reasons(composed)
    if not (output or save or play):
        click.echo("Keep it with -o FILE.yaml or --save NAME, or hear it with --play.", err=True)
        return
    if not output:
        make_folder(own)
    write_text(target, composed.to_yaml())
    name = output or save or TODAY
    click.echo(f"{paths.display_path(target)}  `audioguide play {name}` plays it, an editor changes it.", err=True)
    if play:
        context.invoke(play_command, routine=name)


def _print_reasons(composed: ComposedRoutine) -> None:
    """Print a session on one screen: what is done, and why, with the holds that its length will give."""
    session = build_session(resolve_data(composed.data, Options())).draft()
    click.echo(f"{session.routine.title}  {format_clock(to_frames(session.routine.length or 0.0))}")
    doses = {step.number: describe_dose(step) for step in session.routine.steps}
    rows = zip(composed.data["steps"], composed.reasons, strict=True)
    print_table(
        (doses.get(number, "left out"), reason) for number, (step, reason) in enumerate(rows, 1) if "say" not in step
    )
