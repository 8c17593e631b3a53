"""`audioguide config` and `cache`."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from audioguide.cli.commands.edit import open_editor
from audioguide.cli.console import confirm, json_option, print_json, print_problems, print_table, yes_option
from audioguide.cli.flags import read_option
from audioguide.draw.render import open_picture_cache
from audioguide.errors import EnvironmentFailure, Problem, RequestError, RoutineError, SourceLocation, suggest
from audioguide.export.segment_cache import open_segment_cache
from audioguide.model.options import OPTIONS, to_data
from audioguide.model.selectors import applicable, slug
from audioguide.routine.load import load
from audioguide.schema.document import Document
from audioguide.schema.form_cache import open_form_cache
from audioguide.session import preset
from audioguide.session.check import find_unknown_names
from audioguide.session.config import Config, config_file, read_config, template
from audioguide.session.preset import find_pose, location
from audioguide.sound.synth.music import open_music_cache
from audioguide.speech.clip import CACHE_BYTES, ClipCache, cache_folder
from audioguide.speech.engines.hibari import model_cache
from audioguide.system import paths
from audioguide.system.cache import HOUR, CacheEntry, entries, remove, size_limit
from audioguide.system.files import make_folder, write_text
from audioguide.units import format_megabytes, parse_duration
from audioguide.web.limits import MAX_FILES_BYTES

VARIABLES = ("AUDIOGUIDE_HOME", "AUDIOGUIDE_CACHE", "AUDIOGUIDE_CACHE_MB", "AUDIOGUIDE_STORE")
DAY = 24 * HOUR


@click.command("config")
@json_option
@click.option("--edit", "editing", is_flag=True, help="Open the settings file in your editor; made if it is missing.")
def config_command(as_json: bool, editing: bool) -> int:
    """Show your settings and where each comes from, and the folders in use.

    Exits with 2 when something is wrong with the settings file.
    """
    path = config_file()
    if editing:
        if not path.exists():
            make_folder(path.parent)
            write_text(path, template())
        open_editor(path)
    config, problems = _read_config(path)
    own, written, document = paths.user_dir(), to_data(config.options), config.document
    settings: dict[str, tuple[Any, str]] = {row.key: (row.unset, "built-in") for row in OPTIONS}
    for row in OPTIONS:
        if document and row.key in written:
            settings[row.key] = written[row.key], Path(location(document, row.name)).name  # `config.yaml:3`
    settings["questions"] = ("on", "built-in") if config.questions else ("off", path.name)
    for command, keys in (config.keys.own if config.keys else {}).items():
        settings[f"keys: {command.word}"] = list(keys), path.name
    folders = {
        "routines": own / "scripts",
        "poses": own / "scripts" / "poses",
        "voices": own / "voices",
        "backgrounds": own / "voices" / "backgrounds",
        "music": own / "music",
        "presets": preset.folder(),
        "cache": cache_folder(),
    }
    if as_json:
        facts = {
            "file": str(path),
            "exists": path.exists(),
            "problems": [str(problem) for problem in problems],
            "options": {key: {"value": value, "source": source} for key, (value, source) in settings.items()},
            "folders": {name: str(place) for name, place in folders.items()},
            "environment": {name: os.environ.get(name) for name in VARIABLES},
        }
        print_json(facts)
        return 2 if any(problem.severity == "error" for problem in problems) else 0
    click.echo(f"{path}{'' if path.exists() else '  (does not exist; `audioguide config --edit` makes it)'}")
    code = print_problems(problems)
    sections: list[list[tuple[str, ...]]] = [
        [(key, _format(value), source) for key, (value, source) in settings.items() if not code],
        [(name, str(place), "" if place.is_dir() else "does not exist") for name, place in folders.items()],
        [(name, os.environ.get(name) or "not set") for name in VARIABLES],
    ]
    for rows in filter(None, sections):
        click.echo()
        print_table(rows)
    return code


def _read_config(path: Path) -> tuple[Config, tuple[Problem, ...]]:
    try:
        config = read_config()
    except RoutineError as error:
        return Config(path), error.problems
    except RequestError as error:
        return Config(path), (Problem(SourceLocation(str(path), 1, 1), "unreadable", error.message, ""),)
    if config.document is None:
        return config, ()
    return config, (*find_unknown_names(config.document), *_find_unknown_poses(config, config.document))


def _find_unknown_poses(config: Config, document: Document) -> Iterator[Problem]:
    """Warn of poses that neither the library nor any routine has: their names may be misspelt."""
    named: dict[str, str] = {}
    config.options.with_poses(lambda row, pose: named.setdefault(pose, pose))
    unknown = [pose for pose in named if slug(pose) not in paths.pose_files()]
    for path in paths.routine_files().values() if unknown else ():
        with suppress(RequestError):  # an unreadable routine has no poses
            missing = applicable(config.options, load(path)).missing
            unknown = [pose for pose in unknown if pose in missing]
    for pose in unknown:
        hint = suggest(pose, paths.pose_files()) or "Write a pose's id or its name."
        message = f"No routine has a pose {pose!r}, so this is not used."
        yield Problem(find_pose(document, pose), "unknown-pose", message, hint, "warning")


def _format(value: Any) -> str:
    if isinstance(value, dict):
        value = [f"{key} {amount}" for key, amount in value.items()]
    if isinstance(value, list):
        return ", ".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _list_caches() -> dict[Path, tuple[list[CacheEntry], int]]:
    """The folders of all caches, with their files and the most bytes they may hold."""
    clips = ClipCache(cache_folder(), size_limit(CACHE_BYTES)).blobs
    others = (open_segment_cache, model_cache, open_music_cache, open_picture_cache, open_form_cache)
    caches = (clips, *(open_cache() for open_cache in others))
    limits = {cache.folder: cache.room for cache in caches} | {paths.cache_root() / "sessions": MAX_FILES_BYTES}
    return {folder: (list(entries(folder)), limit) for folder, limit in limits.items()}


@click.group("cache", invoke_without_command=True)
@json_option
@click.pass_context
def cache_command(context: click.Context, as_json: bool) -> None:
    """Show what is cached: spoken clips, encoded segments, voice models that load faster, decoded music, pictures of
    chapters, files as they were read, and the sessions of `serve`.

    What was not used for the longest time is removed when a cache is full.
    """
    if context.invoked_subcommand:
        return
    rows = []
    for folder, (files, limit) in _list_caches().items():
        size, oldest = sum(file.bytes for file in files), min((file.used for file in files), default=None)
        row = {"kind": folder.name, "folder": str(folder), "files": len(files), "bytes": size, "room": limit}
        use = None if oldest is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(oldest))
        rows.append(row | {"oldest_use": use})
        if as_json:
            continue
        age = ""
        if oldest is not None:
            days = int((time.time() - oldest) / DAY)
            age = ", all used today or yesterday" if days < 2 else f", the oldest not used for {days} days"
        room = f"{format_megabytes(size)} of {format_megabytes(limit)}"
        click.echo(f"{folder.name:<8} {len(files):>7} files, {room}{age}\n         {folder}")
    if as_json:
        print_json(rows)


@cache_command.command("clear")
@click.option("--older", metavar="TIME", help="Only what was not used for this time, as 30d or 12h.")
@yes_option
def clear(older: str | None, yes: bool) -> int:
    """Remove cached files. They are made again when needed, and no other file is touched."""
    age = read_option("--older", older, _parse_age) if older is not None else 0.0
    before = time.time() - age
    files = [file for files, _ in _list_caches().values() for file in files if file.used <= before or not age]
    if not files:
        click.echo("There is nothing to remove.")
        return 0
    confirm(f"Remove {len(files)} files ({format_megabytes(sum(file.bytes for file in files))})?", yes=yes)
    click.echo(f"Removed {format_megabytes(remove(files))}.")
    if left := [file.path for file in files if file.path.exists()]:
        raise EnvironmentFailure(f"{len(left)} files cannot be removed, such as {left[0]}. Check who owns the folder.")
    return 0


def _parse_age(text: str) -> float:
    if days := re.fullmatch(r"\s*([1-9]\d{0,4})\s*d(ays?)?\s*", text, re.ASCII):
        return int(days[1]) * DAY
    return parse_duration(text)
