"""`audioguide serve`."""

from __future__ import annotations

import sys

import click

from audioguide.cli.notes import show_address
from audioguide.cli.opening import standing
from audioguide.errors import RequestError


@click.command("serve")
@click.option("--lan", is_flag=True, help="Open it to the network: the address gets a secret, and a QR code.")
@click.option("--port", metavar="N", help="Where to listen. Default: 8765.")
def command(lan: bool, port: str | None) -> None:
    """The page for the phone: sessions to choose, change, make, hear and take along. Ctrl-C ends it."""
    from audioguide.web.serve import serve

    number = _port(port)
    address = None
    if lan:
        from audioguide.web.address import lan_address

        address = lan_address()
    serve(standing().options, number, address, _show_code if lan else _show)


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
