"""`audioguide serve` and `send`."""

from __future__ import annotations

import functools
import ipaddress
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from audioguide.cli.console import print_address, progress
from audioguide.cli.flags import Command, read_option, save_option, session_options
from audioguide.cli.sessions import fit_and_report, open_resolved, read_settings, resolve_routine, save_preset, write
from audioguide.errors import RequestError
from audioguide.model.options import Options
from audioguide.session.preset import ResolvedRoutine, find_sound
from audioguide.system.files import safe_name, temporary_folder
from audioguide.units import parse_duration

if TYPE_CHECKING:
    from audioguide.web.certificate import Certificate

MOST_SENT = 100  # sessions of one `send`
_PORT = click.IntRange(0, 65_535)


def _https_options(command: Command) -> Command:
    """Add --cert and --key to a command, which gets them as `certificate: Certificate | None`."""

    @functools.wraps(command)
    def read(cert: str | None, key: str | None, **arguments: Any) -> Any:
        from audioguide.web.certificate import read_certificate

        return command(certificate=read_certificate(cert, key), **arguments)

    add_key = click.option("--key", metavar="FILE", help="The key of --cert, where it is in a file of its own.")
    return click.option("--cert", metavar="FILE", help="Serve over HTTPS, with this certificate in PEM.")(add_key(read))


@click.command("serve")
@click.option("--lan", is_flag=True, help="Open it to the network, under an address with a secret and a QR code.")
@click.option("--new-address", is_flag=True, help="With --lan: another secret, so that no phone from before gets in.")
@click.option("--port", type=_PORT, metavar="N", help="The port to listen on. Default: 8765.")
@click.option(
    "--feed", is_flag=False, flag_value="", metavar="[FOLDER]", help="A podcast feed of what is made, and of a folder."
)
@_https_options
def serve_command(
    lan: bool, new_address: bool, port: int | None, feed: str | None, certificate: Certificate | None
) -> None:
    """Serve the web page on which a phone chooses, changes, plays and downloads sessions. Ctrl-C ends it.

    With --feed it is a podcast, too: a podcast app gets each session that is finished on the page, and those that
    `export --to FOLDER` has put into a folder.
    """
    from audioguide.export.folder import ExportFolder
    from audioguide.web.server import find_lan_address, serve

    folders = None if feed is None else [ExportFolder(Path(feed))] if feed else []

    def show(address: str) -> None:
        if lan:
            print_address(address)
            click.echo("Only people with this address can open the page. Ctrl-C ends it.", err=True)
        else:
            click.echo(address)
            sys.stdout.flush()
            click.echo("Only this machine can open the page; --lan opens it to the network. Ctrl-C ends it.", err=True)
        if folders is not None:
            click.echo(f"For a podcast app: {address}feed.xml", err=True)

    if new_address and not lan:
        raise RequestError("Only an address in the network has a secret.", "Add --lan.")
    address = find_lan_address(certificate) if lan else None
    serve(read_settings(), port, address, show, certificate, folders, new_address=new_address)


def _read_address(context: click.Context, option: click.Parameter, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        found = ipaddress.IPv4Address(text)
    except ValueError:
        found = None
    if found is None or found.is_unspecified or found.is_multicast:
        raise RequestError(f"{text!r} is no IPv4 address of a machine.", "Write it as 192.168.1.20.")
    return str(found)


@click.command("send")
@click.argument("routines", nargs=-1, required=True, metavar="ROUTINE...")
@click.option(
    "--timeout", default="10m", show_default=True, metavar="TIME", help="Give up after this time without data."
)
@click.option(
    "--address", metavar="IP", callback=_read_address, help="This machine's, where it is in several networks."
)
@click.option("--port", type=_PORT, default=0, metavar="N", help="The port to listen on. Default: any free one.")
@_https_options
@session_options
@save_option
def send_command(
    routines: tuple[str, ...],
    timeout: str,
    address: str | None,
    port: int,
    certificate: Certificate | None,
    options: Options,
    save: str | None,
) -> None:
    """Send the session of each ROUTINE, an id, a file or a preset, to a phone in the same network.

    The phone opens the address, or scans its QR code, and keeps the files from the page there. An exported file is sent
    as it is, unless an option changes it.
    """
    from audioguide.web.landing_page import describe_file
    from audioguide.web.send import send_files
    from audioguide.web.server import find_lan_address

    limit = read_option("--timeout", timeout, parse_duration)
    if len(routines) > MOST_SENT:
        raise RequestError(f"{len(routines)} sessions are too many to send.", f"Send at most {MOST_SENT} at a time.")
    if save is not None and len(routines) > 1:
        raise RequestError("--save keeps the options of one routine.", "Send one, or leave --save out.")
    here = address or find_lan_address(certificate)  # a missing network is reported before the work
    resolved = [resolve_routine(routine, options, save) for routine in routines]
    with temporary_folder() as folder:
        files = [_make_file(*pair, options, folder) for pair in zip(routines, resolved, strict=True)]
        save_preset(resolved[0], save)
        with progress() as stage:
            send_files(
                [describe_file(file) for file in files],
                here,
                timeout=limit,
                port=port,
                cert=certificate,
                ready=_show_address,
                sent=stage("Sending"),
                tell=lambda text: click.echo(text, err=True),
            )


def _make_file(routine: str, resolved: ResolvedRoutine, options: Options, folder: Path) -> Path:
    """The file of a session in a folder, under a name that no other has there."""
    sound = find_sound(routine) if options == Options() else None
    stem, ending = (sound.stem, sound.suffix) if sound else (resolved.routine.id, ".mp3")
    file, number = folder / safe_name(stem, ending), 1
    while file.exists():
        number += 1
        file = folder / safe_name(f"{stem}-{number}", ending)
    if sound:
        shutil.copyfile(sound, file)  # so that it cannot change while it is sent
    else:
        write(fit_and_report(open_resolved(resolved)), file)
    return file


def _show_address(address: str) -> None:
    print_address(address)
    if sys.stderr.isatty():
        click.echo("Open it with the phone's camera, in the same network. Ctrl-C ends it.", err=True)
