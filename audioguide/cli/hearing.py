"""Playing a short sound to its end, to be judged by ear."""

from __future__ import annotations

from audioguide.cli import heed_interruption
from audioguide.player.source import Source


def hear(sound: Source) -> None:
    """Play it on the loudspeaker; space pauses. Raises KeyboardInterrupt when it is broken off."""
    from audioguide.player.device import Loudspeaker
    from audioguide.player.keys import keyboard
    from audioguide.player.play import play

    with keyboard() as keys:
        outcome = play(sound, Loudspeaker(), lambda _: heed_interruption(), keys=keys)
    if outcome.end == "interrupted":
        raise KeyboardInterrupt
