"""What steers `play` without its keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec

from audioguide.player.player import Player
from audioguide.session.session import Session
from audioguide.system.process import run_meanwhile

_COVER = 400  # pixels: drawn in some 10 ms, in which the sound cannot be taken


@contextmanager
def hands_free(player: Player, session: Session) -> Iterator[None]:
    """While in this context, the desktop steers the player."""
    with ExitStack() as stack:
        if find_spec("dbus_fast"):
            from audioguide.player.mpris import DesktopPlayer

            desktop = DesktopPlayer(player, session.routine.title, session.options.artist or "audioguide")
            stack.enter_context(run_meanwhile(partial(desktop.run, partial(_draw_cover, session)), 1.0))
        yield


def _draw_cover(session: Session) -> bytes:
    from audioguide.draw.cover import draw_cover, hold_bars
    from audioguide.draw.font import needs_other_font
    from audioguide.draw.render import to_jpeg
    from audioguide.model.chapter_figure import chapter_figures

    timeline, figures = session.outline.timeline, chapter_figures(session.routine, session.outline.timeline)
    title = "" if needs_other_font(timeline.title) else timeline.title  # the system's fonts take seconds to load
    return session.cover or to_jpeg(draw_cover(title, timeline.routine, hold_bars(timeline), figures), _COVER)
