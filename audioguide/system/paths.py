"""Where routines, poses and voices lie: the person's own folder first, then the checkout's, then the wheel's.

All three have the same shape: `scripts/*.yaml`, `scripts/poses/*.yaml`, `voices/*.yaml`, `voices/prompts/*.yaml`,
`voices/backgrounds/*.yaml`; the person's own has `presets/*.yaml` besides. Each may end with `.yml` as well.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

from audioguide.errors import RequestError, suggest

_PACKAGE = Path(__file__).resolve().parents[1]

ENDINGS = (".yaml", ".yml")
"""Of files that are found by their names without an ending."""

_LEXICON = re.compile(r"lexicon(-\w+)?")
"""The files among the voices that are none."""


@cache
def roots() -> tuple[Path, ...]:
    """The folders that are searched, in order; `AUDIOGUIDE_HOME` stands for the person's own."""
    if folder := os.environ.get("AUDIOGUIDE_HOME"):
        mine = Path(folder)
    else:
        from platformdirs import user_data_path

        mine = user_data_path("audioguide", appauthor=False)
    shipped = _PACKAGE / "data" if (_PACKAGE / "data").is_dir() else _PACKAGE.parent
    return (mine, shipped)


def user_dir() -> Path:
    """The person's own folder, which need not be there."""
    return roots()[0]


def is_user_file(path: Path) -> bool:
    """Whether a file is the person's own, and did not come with audioguide."""
    return path.is_relative_to(user_dir())


def cache_root() -> Path:
    """Where what can be made again is kept: `AUDIOGUIDE_CACHE`, or else the person's cache folder."""
    if folder := os.environ.get("AUDIOGUIDE_CACHE"):
        return Path(folder)
    from platformdirs import user_cache_path

    return user_cache_path("audioguide", appauthor=False)


def _named(*folders: Path) -> dict[str, Path]:
    """The YAML files of some folders by name: of two files with one name the first counts, and `.yaml` before `.yml`.

    Named pipes are left out, since whoever reads one waits for ever.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.y*ml")):
            if path.suffix in ENDINGS and not path.is_fifo():
                found.setdefault(path.stem, path)
    return found


def _everywhere(folder: str) -> dict[str, Path]:
    return _named(*(root / folder for root in roots()))


def _find(folder: str, name: str) -> Path | None:
    """The file of that name, for what is asked so often that no folder should be listed for it."""
    if not re.fullmatch(r"[\w.-]+", name):
        return None
    return next(filter(None, (with_ending(root / folder / name) for root in roots())), None)


def with_ending(path: Path) -> Path | None:
    """The file that a path without its ending means: the one that ends with `.yaml`, else with `.yml`, else None."""
    return next((file for ending in ENDINGS if is_file(file := Path(f"{path}{ending}"))), None)


def routine_files() -> dict[str, Path]:
    """Routine files by id; a person's own hides a shipped one of the same id."""
    return _everywhere("scripts")


def preset_files() -> dict[str, Path]:
    """The person's own presets by name: a routine with options, kept. One whose name is a routine's id is hidden."""
    hidden = routine_files()
    return {name: path for name, path in _named(user_dir() / "presets").items() if name not in hidden}


def pose_files() -> dict[str, Path]:
    """Pose files by id."""
    return _everywhere("scripts/poses")


def pose_file(id: str) -> Path | None:
    """The file of a pose; None when there is none."""
    return _find("scripts/poses", id)


def voice_files() -> dict[str, Path]:
    """Voice profiles by name."""
    return {name: path for name, path in _everywhere("voices").items() if not _LEXICON.fullmatch(name)}


def lexicon_files(language: str) -> tuple[Path, ...]:
    """The lexicons of a language, the shipped one first: `voices/lexicon.yaml` is English, `lexicon-de.yaml` German."""
    name = "lexicon" if language == "en" else f"lexicon-{language}"
    return tuple(filter(None, (with_ending(root / "voices" / name) for root in reversed(roots()))))


def voice_file(name: str) -> Path:
    """The profile of a voice; RequestError names the nearest when there is none."""
    known = voice_files()
    if name not in known:
        raise RequestError(f"There is no voice {name!r}.", suggest(name, known) or "`audioguide voices` lists them.")
    return known[name]


def background_files() -> dict[str, Path]:
    """Background presets by name."""
    return _everywhere("voices/backgrounds")


def spoken_forms_file(language: str) -> Path | None:
    """How figures and short forms are said in a language; None when nobody has written it down."""
    return _find("voices/spoken", language)


def prompts_file(language: str) -> Path:
    """The session's own words in a language."""
    known = _everywhere("voices/prompts")
    if language not in known:
        raise RequestError(f"There are no prompts in the language {language!r}.", suggest(language, known))
    return known[language]


def is_file(path: Path) -> bool:
    """Whether there is such a file; a name that is too long for any is none."""
    try:
        return path.is_file()
    except OSError:
        return False


def expand(path: str) -> Path:
    """A path as a person writes it: with `~` for their home. What stands for nobody's home stays as it is."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def printable(name: str) -> str:
    """A file's name as it can be written in a file: what is no text in it becomes a question mark."""
    return name.encode("utf-8", "replace").decode()


def display_path(path: Path) -> str:
    """A path as messages show it: relative to where the person stands, if it lies below."""
    try:
        return str(Path(os.path.realpath(path)).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)
