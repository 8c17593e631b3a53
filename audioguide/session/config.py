"""The user's settings: options below those of a preset and a command. Only the command line reads them."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from audioguide.errors import Problem, RequestError, RoutineError, suggest
from audioguide.model.options import OPTIONS, SILENT, Options
from audioguide.schema.document import Document, read_document
from audioguide.system import paths
from audioguide.system.paths import is_sound_file

if TYPE_CHECKING:
    from audioguide.player.commands import KeyMap

HEAD = """\
# Your settings for audioguide: the options of every session, unless a command or a preset says otherwise.
# They have the same words as on the command line. Take away the # in front of a line to make it count;
# `audioguide config` shows what is in force.
options:
"""


def template() -> str:
    """A settings file in which every line is a comment."""
    questions = "#questions: off                 # Do not ask after a session how it felt.\n"
    keys = "#keys: {longer: [a, +], mute: f2}  # Other keys for `play`, in the place of what these commands have.\n"
    return HEAD + "".join(f"  # {row.example:<28}# {row.help}\n" for row in OPTIONS if row.example) + questions + keys


@dataclass(frozen=True)
class Config:
    """The settings file; `document` is None where there is no file, or nothing but comments in it.

    `questions`: whether a person is asked after a session how it felt. `keys` are those of `play`, None
    where they are the program's.
    """

    path: Path = Path()
    options: Options = field(default_factory=Options)
    document: Document | None = None
    questions: bool = True
    keys: KeyMap | None = None


def locate_files(options: Options, folder: Path) -> Options:
    """Options with whole paths of the files that they name, which begin at a folder."""

    def locate(name: str | None) -> str | None:
        return name if name in (None, SILENT) else str(folder.absolute() / paths.expand(name))

    background = locate(options.background) if is_sound_file(options.background or "") else options.background
    return replace(options, cover=locate(options.cover), background=background)


def config_file() -> Path:
    """The path of the settings: `AUDIOGUIDE_HOME/config.yaml`, else in the user's config folder."""
    if own := os.environ.get("AUDIOGUIDE_HOME"):
        return Path(own) / "config.yaml"
    from platformdirs import user_config_path

    return user_config_path("audioguide", appauthor=False) / "config.yaml"


def read_config() -> Config:
    """The settings; none where there is no file. RoutineError with all that is wrong with it, and where."""
    path = config_file()
    if not path.exists():
        return Config(path)
    from audioguide.routine.options_form import SettingsForm, to_options  # slow to load, and many have no file
    from audioguide.schema.validate import validate

    try:
        document = read_document(path)
    except RoutineError as error:
        if [problem.code for problem in error.problems] == ["empty-file"]:
            return Config(path)
        message, hint = "There are no options here.", "Begin with `options:`."
        raise RoutineError(
            replace(problem, message=message, hint=hint) if problem.code == "not-a-routine" else problem
            for problem in error.problems
        ) from None
    except RequestError as error:
        raise RequestError(error.message, "Move it away: `audioguide config --edit` begins another.") from None
    form = validate(document, SettingsForm)
    options = locate_files(to_options(form.options), path.parent)
    return Config(
        path, options, document, form.questions == "on", _read_keys(form.keys, document) if form.keys else None
    )


def _read_keys(written: Mapping[str, Sequence[str]], document: Document) -> KeyMap:
    """The keys of the player as the settings change them. RoutineError with all that is wrong, and where."""
    from audioguide.player.commands import NAMED_KEYS, Command, KeyMap

    words, owners, problems = {command.word: command for command in Command}, dict[str, str](), list[Problem]()
    for word in written.keys() - words:
        message, hint = f"There is no command {word!r} of the player.", suggest(word, words)
        problems.append(Problem(document.keys["keys", word], "unknown-key", message, hint or "See docs/playing.md."))
    for word, number, key in ((word, *pair) for word, keys in written.items() for pair in enumerate(keys)):
        message = hint = ""
        if key not in NAMED_KEYS and (len(key) != 1 or not key.isprintable() or key in "? "):
            message, hint = f"There is no key {key!r} to give.", suggest(key, NAMED_KEYS)
        elif owners.setdefault(key, word) != word:
            message, hint = f"The key {key!r} is given to {owners[key]} already.", "Take it away from one of them."
        if message:
            hint = hint or 'Write a sign (but ?, which lists the keys), or its name: "f1".'
            problems.append(Problem(document.place(("keys", word, number)), "invalid", message, hint))
    if problems:
        raise RoutineError(sorted(problems, key=lambda problem: problem.place))
    return KeyMap({words[word]: tuple(dict.fromkeys(keys)) for word, keys in written.items()})
