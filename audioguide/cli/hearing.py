"""A short sound to be judged by ear: played to its end, or written to a file."""

from __future__ import annotations

from pathlib import Path

import click

from audioguide.cli import heed_interruption
from audioguide.cli.progress import progress
from audioguide.output.formats import format_of
from audioguide.player.source import Source
from audioguide.preview import Preview
from audioguide.units import clock


def hear(sound: Source) -> None:
    """Play it on the loudspeaker; space pauses. Raises KeyboardInterrupt when it is broken off."""
    from audioguide.player.devices.loudspeaker import Loudspeaker
    from audioguide.player.plain import plain
    from audioguide.player.player import Player

    with Player(sound, Loudspeaker()) as player:
        end = plain(player, lambda _: heed_interruption(), line=False)
    if end == "interrupted":
        raise KeyboardInterrupt
    _ = player.outcome  # which raises what it failed with


def hear_or_write(sound: Preview, output: str | None) -> None:
    """Play it, or write it to a file whose ending names the format."""
    if output is None:
        hear(sound)
        return
    path = Path(output)
    format_of(path)
    with progress() as stage:
        writing = stage("Writing")

        def tell(done: int) -> None:
            heed_interruption()
            writing(done, sound.frames)

        sound.write(path, tell)
    click.echo(f"{path}  {clock(sound.frames)}")
