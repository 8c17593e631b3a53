"""`audioguide doctor`."""

from __future__ import annotations

import click

from audioguide.cli.notes import show_table
from audioguide.doctor import findings


@click.command("doctor")
def command() -> int:
    """What works on this machine, and what to do about what does not. Exits with 1 when no session can be made."""
    found = list(findings())
    show_table(("ok" if finding.works else "no", finding.part, finding.detail) for finding in found)
    return 1 if any(finding.needed and not finding.works for finding in found) else 0
