"""Playing a short sound to its end, to be judged by ear."""

from __future__ import annotations

from audioguide.cli import heed_interruption
from audioguide.player.source import Source


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
