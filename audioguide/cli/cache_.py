"""`audioguide cache`."""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import click

from audioguide.blobs import HOUR, Kept, kept, remove, room
from audioguide.cli.options import read_option
from audioguide.errors import EnvironmentFailure
from audioguide.rendering import kept_pieces
from audioguide.resources import cache_root
from audioguide.sound.layers.music import kept_music
from audioguide.speech.clip import ROOM as CLIP_ROOM
from audioguide.speech.clip import ClipCache, cache_folder
from audioguide.speech.hibari_loading import kept_voices
from audioguide.units import megabytes, parse_duration
from audioguide.web.limits import ROOM as SESSION_ROOM

DAY = 24 * HOUR


@dataclass(frozen=True)
class _Shelf:
    """One kind of thing that is kept."""

    what: str
    folder: Path
    files: list[Kept]
    room: int

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def _shelves() -> list[_Shelf]:
    sessions = cache_root() / "sessions"
    caches = ClipCache(cache_folder(), room(CLIP_ROOM)).blobs, kept_pieces(), kept_voices(), kept_music()
    places = {cache.folder: cache.room for cache in caches} | {sessions: SESSION_ROOM}
    return [_Shelf(folder.name, folder, list(kept(folder)), bytes) for folder, bytes in places.items()]


@click.group("cache", invoke_without_command=True)
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.pass_context
def command(context: click.Context, machine: bool) -> None:
    """What is kept so that it need not be made again: spoken clips, encoded pieces, voices in a form that
    loads faster, decoded music, and the sessions of `serve`.

    It clears itself when full.
    """
    if context.invoked_subcommand:
        return
    shelves = _shelves()
    if machine:
        click.echo(json.dumps([_facts(shelf) for shelf in shelves], indent=2))
        return
    for shelf in shelves:
        size = f"{megabytes(shelf.bytes)} of {megabytes(shelf.room)}"
        click.echo(f"{shelf.what:<8} {len(shelf.files):>7} files, {size}{_age(shelf)}")
        click.echo(f"         {shelf.folder}")


@command.command("clear")
@click.option("--older", metavar="TIME", help="Only what was not used for so long: 30d, 12h.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def clear(older: str | None, yes: bool) -> int:
    """Remove what is kept. It is made again when it is needed; nothing else in those folders is touched."""
    age = read_option("--older", older, _seconds) if older is not None else 0.0
    before = time.time() - age
    files = [file for shelf in _shelves() for file in shelf.files if file.used <= before or not age]
    if not files:
        click.echo("There is nothing to remove.")
        return 0
    total = megabytes(sum(file.bytes for file in files))
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError(f"This removes {len(files)} files ({total}). Say --yes if that is meant.")
        click.confirm(f"Remove {len(files)} files ({total})?", abort=True, err=True)
    click.echo(f"Removed {megabytes(remove(files))}.")
    if stayed := [file.path for file in files if file.path.exists()]:
        raise EnvironmentFailure(f"{len(stayed)} files may not be removed, as {stayed[0]}. Look who owns the folder.")
    return 0


def _seconds(text: str) -> float:
    if days := re.fullmatch(r"\s*([1-9]\d{0,4})\s*d(ays?)?\s*", text, re.ASCII):
        return int(days[1]) * DAY
    return parse_duration(text)


def _facts(shelf: _Shelf) -> dict[str, object]:
    oldest = min((file.used for file in shelf.files), default=None)
    return {
        "kind": shelf.what,
        "folder": str(shelf.folder),
        "files": len(shelf.files),
        "bytes": shelf.bytes,
        "room": shelf.room,
        "oldest_use": None if oldest is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(oldest)),
    }


def _age(shelf: _Shelf) -> str:
    if not shelf.files:
        return ""
    days = int((time.time() - min(file.used for file in shelf.files)) / DAY)
    return ", all used today or yesterday" if days < 2 else f", the oldest not used for {days} days"
