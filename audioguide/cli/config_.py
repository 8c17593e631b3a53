"""`audioguide config`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from audioguide import resources
from audioguide.checking import unknown_names
from audioguide.cli.editing import edit, report
from audioguide.cli.notes import show_table
from audioguide.config import START, Config, config_file, read_config, where
from audioguide.errors import Place, Problem, RequestError, RoutineError, nearest
from audioguide.files import make_folder, write_text
from audioguide.presets import folder, place_of
from audioguide.routine.customise import slug
from audioguide.routine.document import Document
from audioguide.routine.load import load
from audioguide.routine.model import DEFAULT_BACKGROUND, DEFAULT_CHIME
from audioguide.routine.options import as_written
from audioguide.routine.reach import fitting
from audioguide.speech.choice import FIRST
from audioguide.speech.clip import cache_folder

BUILT_IN = {
    "hold": "as written",
    "holds": "as written",
    "scale": 1,
    "length": "as it comes",
    "breath": "as written",
    "level": "normal",
    "background": DEFAULT_BACKGROUND,
    "chime": DEFAULT_CHIME,
    "voice": FIRST,
    "fallback": "none",
    "skip": "nothing",
    "beyond-limits": False,
}
"""What is done where nobody says otherwise, neither the file nor a routine."""

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
def command(machine: bool, editing: bool) -> int:
    """Where your standing wishes are written, what is in force, and where each value comes from.

    Exits with 2 when something is wrong with the file.
    """
    path = config_file()
    if editing:
        if not path.exists():
            make_folder(path.parent)
            write_text(path, START)
        edit(path)
    config, problems = _read(path)
    settings = _settings(config)
    folders = {
        "routines": resources.own() / "scripts",
        "poses": resources.own() / "scripts" / "poses",
        "voices": resources.own() / "voices",
        "backgrounds": resources.own() / "voices" / "backgrounds",
        "music": resources.own() / "music",
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
        return Config(path), (Problem(Place(str(path), 1, 1), "unreadable", error.message, ""),)
    return config, (*unknown_names(config.document), *_strangers(config, config.document)) if config.document else ()


def _strangers(config: Config, document: Document) -> Iterator[Problem]:
    """Warnings for poses that neither the library nor any routine has: most likely their names are misspelt."""
    named = (*(pose for pose, _ in config.options.holds), *config.options.skip)
    strangers = [pose for pose in dict.fromkeys(named) if slug(pose) not in resources.poses()]
    for path in resources.routines().values() if strangers else ():
        with suppress(RequestError):  # what cannot be read has no poses
            missing = fitting(config.options, load(path)).missing
            strangers = [pose for pose in strangers if pose in missing]
    for pose in strangers:
        hint = nearest(pose, resources.poses()) or "Write a pose's id or its name."
        message = f"No routine has a pose {pose!r}, so this is not used."
        yield Problem(place_of(document, pose), "unknown-pose", message, hint, "warning")


def _settings(config: Config) -> dict[str, Setting]:
    written = as_written(config.options)
    return {
        key: Setting(written[key], where(config, key) or "") if key in written else Setting(value, "built-in")
        for key, value in BUILT_IN.items()
    }


def _section(rows: dict[str, tuple[str, str]]) -> None:
    click.echo()
    show_table((name, value, note) for name, (value, note) in rows.items())
