"""`audioguide doctor`."""

from __future__ import annotations

import click

from audioguide.doctor import findings


@click.command("doctor")
def command() -> int:
    """What works on this machine, and what to do about what does not. Exits with 1 when no session can be made."""
    found = list(findings())
    width = max(len(finding.part) for finding in found)
    for finding in found:
        click.echo(f"{'ok' if finding.works else 'no':<3} {finding.part:<{width}}  {finding.detail}")
    return 1 if any(finding.needed and not finding.works for finding in found) else 0
