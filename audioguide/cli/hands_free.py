"""What steers `play` without its keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from threading import Event
from typing import TYPE_CHECKING

from audioguide.cli.console import print_address
from audioguide.player.commands import KeyMap
from audioguide.player.inhibitor import NO_SLEEP_LOCK, keep_awake
from audioguide.player.player import Player
from audioguide.session.session import Session
from audioguide.system.process import run_meanwhile

if TYPE_CHECKING:
    from audioguide.web.remote import Remote

_COVER = 400  # pixels: drawn in some 10 ms, in which the sound cannot be taken


def open_remote(keys: KeyMap) -> Remote:
    """Listen for phones, and show them where. EnvironmentFailure where this machine is in no network."""
    from audioguide.web.auth import render_qr_text
    from audioguide.web.remote import Remote

    remote = Remote()
    print_address(remote.address)
    keys.qr_code = [*render_qr_text(remote.address).splitlines(), remote.address]
    return remote


@contextmanager
def hands_free(player: Player, session: Session, remote: Remote | None, *, audible: bool) -> Iterator[None]:
    """While in this context, phones and the desktop steer the player, and a machine that is heard stays awake."""
    with ExitStack() as stack:
        if audible:
            stack.enter_context(run_meanwhile(partial(_keep_awake, player), 1.0))
        if remote:
            stack.enter_context(run_meanwhile(partial(remote.run, player, session.routine.title), 2.0))
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
