"""Writing a session to a file, with a bar on a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from audioguide.cli import heed_interruption
from audioguide.cli.notes import tell_trouble
from audioguide.cli.progress import progress
from audioguide.machine import share_one_heap
from audioguide.session import Session
from audioguide.timeline.model import Timeline


def write(
    session: Session,
    path: Path,
    *,
    mono: bool = False,
    bitrate: int | None = None,
    stems: bool = False,
    captions: Sequence[str] = (),
    chapters: Sequence[str] = (),
) -> Timeline:
    """Export a session as `Session.export` does, and show how far it is."""
    share_one_heap()
    guess = session.guess()
    with progress() as stage:
        writing = stage("Writing")

        def tell_written(frames: int, known: int) -> None:
            heed_interruption()
            writing(frames, max(guess, known))

        timeline = session.export(
            path,
            mono=mono,
            bitrate=bitrate,
            stems=stems,
            captions=captions,
            chapters=chapters,
            spoken=stage("Speaking"),
            written=tell_written,
        )
    tell_trouble()
    return timeline
