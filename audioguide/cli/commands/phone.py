"""`audioguide serve`."""

from __future__ import annotations

import ipaddress
import shutil
import sys
import tempfile
from pathlib import Path

import click

from audioguide.cli.flags import read_option, save_option, session_options
from audioguide.cli.sessions import (
    fit_and_report,
    open_resolved,
    progress,
    read_settings,
    resolve_routine,
    save_preset,
    show_address,
    write,
)
from audioguide.errors import RequestError
from audioguide.model.options import Options
from audioguide.session.preset import ResolvedRoutine, find_sound
from audioguide.system.files import safe_name
from audioguide.units import format_duration, format_megabytes, parse_duration


@click.command("serve")
@click.option("--lan", is_flag=True, help="Open it to the network: the address gets a secret, and a QR code.")
@click.option("--port", metavar="N", help="Where to listen. Default: 8765.")
def serve_command(lan: bool, port: str | None) -> None:
    """The page for the phone: sessions to choose, change, make, hear and take along. Ctrl-C ends it."""
    from audioguide.web.server import serve

    number = _port(port)
    address = None
    if lan:
        from audioguide.web.server import find_lan_address

        address = find_lan_address()
    serve(read_settings(), number, address, _show_code if lan else _show)


def _show(address: str) -> None:
    click.echo(address)
    click.echo("Only this machine sees it: --lan opens it to the network. Ctrl-C ends it.", err=True)
    sys.stdout.flush()


def _show_code(address: str) -> None:
    show_address(address)
    click.echo("Who has this address sees the page, and nobody else does. Ctrl-C ends it.", err=True)


def _port(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= 65_535):
        raise RequestError(f"{text!r} is no port.", "Give a number from 1024 to 65535, as --port 8765.")
    return int(text)


@click.command("send")
@click.argument("routine")
@click.option("--timeout", default="10m", show_default=True, metavar="TIME", help="Give up when nothing moves so long.")
@click.option("--address", metavar="IP", help="Of this machine in the phone's network, where it is in several.")
@click.option("--port", type=click.IntRange(0, 65_535), default=0, help="Where to listen. Default: any that is free.")
@session_options
@save_option
def send_command(
    routine: str, timeout: str, address: str | None, port: int, options: Options, save: str | None
) -> None:
    """Send the session of ROUTINE, an id, a file or a preset, to a phone in the same network.

    The phone opens the address, or scans its code, and keeps the file. An exported file goes as it is, unless an option
    changes it.
    """
    from audioguide.web.server import find_lan_address

    seconds = read_option("--timeout", timeout, parse_duration)
    here = find_lan_address() if address is None else _checked(address)  # no network: said before anything is made
    resolved = resolve_routine(routine, options, save)
    with tempfile.TemporaryDirectory(prefix="audioguide-") as folder:
        sound = find_sound(routine) if options == Options() else None
        file = _copied(sound, Path(folder)) if sound else _made(resolved, Path(folder))
        save_preset(resolved, save)
        _send(file, here, port, seconds)


def _copied(sound: Path, folder: Path) -> Path:
    """A copy, which stays the same however long it takes to send it."""
    path = folder / safe_name(sound.stem, sound.suffix)
    shutil.copyfile(sound, path)
    return path


def _made(resolved: ResolvedRoutine, folder: Path) -> Path:
    session = fit_and_report(open_resolved(resolved))
    path = folder / safe_name(session.routine.id, ".mp3")
    write(session, path)
    return path


def _send(file: Path, address: str, port: int, timeout: float) -> None:
    from audioguide.web.send import LINGER, send_file

    with progress() as stage:
        sending, whole = stage("Sending"), False

        def tell(count: int, size: int) -> None:
            nonlocal whole
            sending(count, size)
            if count == size and not whole:
                whole = True
                again = f"It can be fetched again for {format_duration(min(timeout, LINGER))}; Ctrl-C ends it."
                click.echo(f"{file.name}, {format_megabytes(size)}, was fetched. {again}", err=True)

        send_file(file, address, timeout=timeout, port=port, ready=_show_send, sent=tell)


def _show_send(address: str) -> None:
    show_address(address)
    if sys.stderr.isatty():
        click.echo("Open it with the phone's camera, in the same network. Ctrl-C ends it.", err=True)


def _checked(address: str) -> str:
    try:
        found = ipaddress.IPv4Address(address)
    except ValueError:
        found = None
    if found is None or found.is_unspecified or found.is_multicast:
        raise RequestError(f"{address!r} is no IPv4 address of a machine.", "Write it as 192.168.1.20.")
    return str(found)
