"""`audioguide sheet`."""

from pathlib import Path
from typing import Any

import click

from audioguide.cli.console import print_notes
from audioguide.cli.flags import save_option, session_options
from audioguide.cli.sessions import fit_and_report, open_resolved, resolve_routine, save_preset
from audioguide.model.options import Options


@click.command("sheet")
@click.argument("routine")
@click.option("-o", "output", required=True, metavar="FILE", help="A PDF, or a PNG or SVG of the first page.")
@click.option("--for", "person", metavar="NAME", help="Whose sheet it is. Default: a line to write on.")
@click.option("--date", metavar="TEXT", help="The date on it. Default: a line to write on.")
@click.option("--clinic", metavar="NAME", help="Who hands it out.")
@click.option("--logo", metavar="FILE", help="The logo of the clinic, a PNG or JPEG.")
@click.option("--link", metavar="URL", help="Where the recording is, as a QR code.")
@click.option("--paper", type=click.Choice(("a4", "letter")), help="Default: a4.")
@click.option("--large", is_flag=True, help="Large type, of 16 points and more.")
@click.option("--days", metavar="mon,wed,…", help="The days to tick. Default: all seven.")
@click.option("--weeks", metavar="N", help="The weeks to tick, up to 12; 0 for none. Default: 4.")
@session_options
@save_option
def sheet_command(routine: str, output: str, options: Options, save: str | None, **settings: Any) -> None:
    """Write the session of ROUTINE, an id, a file or a preset, on one to three pages for a person.

    Each pose has its figure, its dose and short instructions; below are boxes to tick.
    """
    from audioguide.draw.render import check_picture
    from audioguide.session.handout import parse_settings

    check_picture(Path(output))
    asked = {key: value for key, value in settings.items() if value not in (None, False)}
    parse_settings(asked)
    resolved = resolve_routine(routine, options, save)
    session = open_resolved(resolved)
    session = session.draft() if session.unheard else fit_and_report(session)
    print_notes(session.sheet(output, **asked))
    save_preset(resolved, save)
    click.echo(output)
