"""The user's settings: options below those of a preset and a command. Only the command line reads them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from audioguide.errors import Code, Problem, RequestError, RoutineError, SourceLocation, suggest
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

    words, owners = {command.word: command for command in Command}, dict[str, str]()

    def find_problems() -> Iterator[tuple[SourceLocation, Code, str, str]]:
        for word, keys in written.items():
            if word not in words:
                hint = suggest(word, words) or "docs/playing.md lists them."
                yield document.keys["keys", word], "unknown-key", f"There is no command {word!r} of the player.", hint
            for number, key in enumerate(keys):
                place, is_sign = document.place(("keys", word, number)), len(key) == 1 and key.isprintable()
                if key not in NAMED_KEYS and (not is_sign or key in "? "):
                    hint = suggest(key, NAMED_KEYS) or 'Write a sign (but ?, which lists the keys), or its name: "f1".'
                    yield place, "no-such-choice", f"There is no key {key!r} to give.", hint
                elif owners.setdefault(key, word) != word:
                    taken = f"The key {key!r} is given to {owners[key]} already."
                    yield place, "invalid", taken, "Take it away from one of them."

    if problems := [Problem(*problem) for problem in find_problems()]:
        raise RoutineError(problems)
    return KeyMap({words[word]: tuple(dict.fromkeys(keys)) for word, keys in written.items()})
