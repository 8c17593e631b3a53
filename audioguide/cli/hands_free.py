"""What steers `play` without its keyboard, and what keeps the machine awake meanwhile."""

from __future__ import annotations

import asyncio
import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from threading import Event
from typing import TYPE_CHECKING

from audioguide.cli.console import print_address
from audioguide.player.commands import KeyMap
from audioguide.player.player import Player
from audioguide.session.session import Session
from audioguide.system.paths import cache_root
from audioguide.system.process import run_meanwhile, start

if TYPE_CHECKING:
    from audioguide.web.remote import Remote

NO_SLEEP_LOCK = "This machine may go to sleep while it plays."
_QUIET = subprocess.DEVNULL
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
            stack.enter_context(run_meanwhile(partial(_watch, player), 1.0))
        if remote:
            serve = partial(remote.serve, player, session.routine.title)
            stack.enter_context(run_meanwhile(lambda halt: asyncio.run(serve(halt)), 2.0))
        if find_spec("dbus_fast"):
            from audioguide.player.mpris import DesktopPlayer

            desktop = DesktopPlayer(player, session.routine.title, session.options.artist or "audioguide")
            cover = partial(_draw_cover, session)
            stack.enter_context(run_meanwhile(lambda halt: asyncio.run(desktop.serve(cover, halt)), 1.0))
        yield


def _watch(player: Player, halt: Event) -> None:
    """Keep the machine awake until `halt`. Where nothing can do that, a person is told, once on this machine."""
    told = cache_root() / "told-of-sleep"
    if not keep_awake(player, halt) and sys.stderr.isatty() and not told.exists():
        player.tell(NO_SLEEP_LOCK)
        told.touch()


def list_holders() -> list[list[str]]:
    """The commands that keep this machine awake until nothing more is to be read by what they run."""
    known = json.loads(Path(__file__).with_name("holders.json").read_text("utf-8"))
    commands = map(shlex.split, known.get(sys.platform, ()))
    return [[*command, "cat"] for command in commands if which(command[0])]


def keep_awake(player: Player, halt: Event, pause: float = 300.0, turn: float = 1.0) -> bool:
    """Keep the machine awake until `halt`, but for a pause of more than `pause` seconds; looks every `turn` seconds.

    However this process ends, its commands end with it. False as soon as none of them runs.
    """
    held: list[subprocess.Popen[bytes]] = []
    paused = 0.0
    try:
        while not halt.wait(turn):
            paused = paused + turn if player.now().transport.paused else 0.0
            if sys.platform == "win32":
                import ctypes

                ctypes.windll.kernel32.SetThreadExecutionState(0x80000001 if paused < pause else 0x80000000)
            elif paused >= pause:
                _release(held)
            elif not held:
                held += [
                    start(holder, stdin=subprocess.PIPE, stdout=_QUIET, stderr=_QUIET) for holder in list_holders()
                ]
            if sys.platform != "win32" and paused < pause and all(child.poll() is not None for child in held):
                return False
        return True
    finally:
        _release(held)


def _release(held: list[subprocess.Popen[bytes]]) -> None:
    for child in held:
        child.kill()
        child.communicate()  # closes the pipe, by which the program that it started ends
    held.clear()


def _draw_cover(session: Session) -> bytes:
    from audioguide.draw.cover import draw_cover, hold_bars
    from audioguide.draw.font import needs_other_font
    from audioguide.draw.render import to_jpeg
    from audioguide.model.chapter_figure import chapter_figures

    timeline, figures = session.outline.timeline, chapter_figures(session.routine, session.outline.timeline)
    title = "" if needs_other_font(timeline.title) else timeline.title  # the system's fonts take seconds to load
    return session.cover or to_jpeg(draw_cover(title, timeline.routine, hold_bars(timeline), figures), _COVER)
