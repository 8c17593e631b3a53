"""`audioguide config`."""

from __future__ import annotations

import json
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from audioguide.cli.commands.edit import edit, report
from audioguide.cli.flags import read_option
from audioguide.cli.sessions import show_table
from audioguide.errors import EnvironmentFailure, Problem, RequestError, RoutineError, SourceLocation, suggest
from audioguide.export.segment_cache import open_segment_cache
from audioguide.model.options import OPTIONS, to_data
from audioguide.model.selectors import applicable, slug
from audioguide.routine.load import load
from audioguide.schema.document import Document
from audioguide.session.check import find_unknown_names
from audioguide.session.config import Config, config_file, read_config, template
from audioguide.session.preset import find_pose, folder, location
from audioguide.sound.synth.music import open_music_cache
from audioguide.speech.clip import CACHE_BYTES as CLIP_ROOM
from audioguide.speech.clip import ClipCache, cache_folder
from audioguide.speech.engines.hibari import model_cache
from audioguide.system import paths
from audioguide.system.cache import HOUR, CacheEntry, entries, remove, size_limit
from audioguide.system.files import make_folder, write_text
from audioguide.system.paths import cache_root
from audioguide.units import format_megabytes, parse_duration
from audioguide.web.limits import MAX_FILES_BYTES as SESSION_ROOM

VARIABLES = ("AUDIOGUIDE_HOME", "AUDIOGUIDE_CACHE", "AUDIOGUIDE_CACHE_MB", "AUDIOGUIDE_STORE")


@dataclass(frozen=True, slots=True)
class Setting:
    """An option in force: its value, and `config.yaml:3` or `built-in`."""

    value: Any
    source: str

    def __str__(self) -> str:
        match self.value:
            case dict():
                return ", ".join(f"{key} {value}" for key, value in self.value.items())
            case list():
                return ", ".join(self.value)
            case bool():
                return str(self.value).lower()
        return str(self.value)


@click.command("config")
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.option(
    "--edit", "editing", is_flag=True, help="Open the file in your editor; a commented one, if there is none."
)
def config_command(machine: bool, editing: bool) -> int:
    """Where your settings are written, what is in force, and where each value comes from.

    Exits with 2 when something is wrong with the file.
    """
    path = config_file()
    if editing:
        if not path.exists():
            make_folder(path.parent)
            write_text(path, template())
        edit(path)
    config, problems = _read(path)
    settings = dict(_settings(config))
    folders = {
        "routines": paths.user_dir() / "scripts",
        "poses": paths.user_dir() / "scripts" / "poses",
        "voices": paths.user_dir() / "voices",
        "backgrounds": paths.user_dir() / "voices" / "backgrounds",
        "music": paths.user_dir() / "music",
        "presets": folder(),
        "cache": cache_folder(),
    }
    if machine:
        facts = {
            "file": str(path),
            "exists": path.exists(),
            "problems": [str(problem) for problem in problems],
            "options": {key: {"value": one.value, "source": one.source} for key, one in settings.items()},
            "folders": {name: str(place) for name, place in folders.items()},
            "environment": {name: os.environ.get(name) for name in VARIABLES},
        }
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2))
        return 2 if any(problem.severity == "error" for problem in problems) else 0
    click.echo(f"{path}{'' if path.exists() else '  (not there yet: `audioguide config --edit` begins it)'}")
    code = report(problems)
    if not code:
        _section({key: (str(one), one.source) for key, one in settings.items()})
    _section({name: (str(place), "" if place.is_dir() else "not there yet") for name, place in folders.items()})
    _section({name: (os.environ.get(name) or "not set", "") for name in VARIABLES})
    return code


def _read(path: Path) -> tuple[Config, tuple[Problem, ...]]:
    try:
        config = read_config()
    except RoutineError as error:
        return Config(path), error.problems
    except RequestError as error:
        return Config(path), (Problem(SourceLocation(str(path), 1, 1), "unreadable", error.message, ""),)
    return config, (
        *find_unknown_names(config.document),
        *_strangers(config, config.document),
    ) if config.document else ()


def _strangers(config: Config, document: Document) -> Iterator[Problem]:
    """Warnings for poses that neither the library nor any routine has: most likely their names are misspelt."""
    named = (*(pose for pose, _ in config.options.holds), *config.options.skip)
    strangers = [pose for pose in dict.fromkeys(named) if slug(pose) not in paths.pose_files()]
    for path in paths.routine_files().values() if strangers else ():
        with suppress(RequestError):  # what cannot be read has no poses
            missing = applicable(config.options, load(path)).missing
            strangers = [pose for pose in strangers if pose in missing]
    for pose in strangers:
        hint = suggest(pose, paths.pose_files()) or "Write a pose's id or its name."
        message = f"No routine has a pose {pose!r}, so this is not used."
        yield Problem(find_pose(document, pose), "unknown-pose", message, hint, "warning")


def _settings(config: Config) -> Iterator[tuple[str, Setting]]:
    written = to_data(config.options)
    for row in OPTIONS:
        if config.document and row.key in written:
            yield row.key, Setting(written[row.key], Path(location(config.document, row.name)).name)
        else:
            yield row.key, Setting(row.unset, "built-in")


def _section(rows: dict[str, tuple[str, str]]) -> None:
    click.echo()
    show_table((name, value, note) for name, (value, note) in rows.items())


DAY = 24 * HOUR


@dataclass(frozen=True)
class _Shelf:
    """One kind of thing that is kept."""

    what: str
    folder: Path
    files: list[CacheEntry]
    room: int

    @property
    def bytes(self) -> int:
        return sum(file.bytes for file in self.files)


def _shelves() -> list[_Shelf]:
    sessions = cache_root() / "sessions"
    caches = (
        ClipCache(cache_folder(), size_limit(CLIP_ROOM)).blobs,
        open_segment_cache(),
        model_cache(),
        open_music_cache(),
    )
    places = {cache.folder: cache.room for cache in caches} | {sessions: SESSION_ROOM}
    return [_Shelf(folder.name, folder, list(entries(folder)), bytes) for folder, bytes in places.items()]


@click.group("cache", invoke_without_command=True)
@click.option("--json", "machine", is_flag=True, help="As JSON.")
@click.pass_context
def cache_command(context: click.Context, machine: bool) -> None:
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
        size = f"{format_megabytes(shelf.bytes)} of {format_megabytes(shelf.room)}"
        click.echo(f"{shelf.what:<8} {len(shelf.files):>7} files, {size}{_age(shelf)}")
        click.echo(f"         {shelf.folder}")


@cache_command.command("clear")
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
    total = format_megabytes(sum(file.bytes for file in files))
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError(f"This removes {len(files)} files ({total}). Say --yes if that is meant.")
        click.confirm(f"Remove {len(files)} files ({total})?", abort=True, err=True)
    click.echo(f"Removed {format_megabytes(remove(files))}.")
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
