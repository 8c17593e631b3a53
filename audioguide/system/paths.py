"""Finds routines, poses, voices and caches: in the user's folder first, then in the checkout or the wheel.

Each root has `scripts/*.yaml`, `scripts/poses/*.yaml`, `voices/*.yaml`, and in `voices/` the folders `prompts/`,
`openings/` and `backgrounds/`; the user's also has `presets/*.yaml` and `plans/*.yaml`. Files may end with `.yml` as
well. A routine or a pose may have *language files*: `taster.de.yaml` has the German words of `taster.yaml`, and is no
routine of its own.
"""

import os
import re
from contextlib import suppress
from functools import cache
from pathlib import Path

from audioguide.errors import RequestError, suggest

_PACKAGE = Path(__file__).resolve().parents[1]
ENDINGS = (".yaml", ".yml")  # endings of files that are found by name
MUSIC_ENDINGS = frozenset(  # of files that are taken for music
    ".aac .ac3 .aif .aiff .alac .amr .ape .caf .flac .m4a .m4b .mka .mp2 .mp3 .mp4 .oga .ogg .opus .wav .webm .wma "
    ".wv".split()
)
_IN_LANGUAGE = re.compile(r"(.+)\.([a-z]{2})")  # the name of a language file without its ending
_LEXICON = re.compile(r"lexicon(-\w+)?")  # files in the folder of voices that are not voices


@cache
def roots() -> tuple[Path, ...]:
    """The folders that are searched, in order; `AUDIOGUIDE_HOME` replaces the user's."""
    if folder := os.environ.get("AUDIOGUIDE_HOME"):
        mine = Path(folder)
    else:
        from platformdirs import user_data_path

        mine = user_data_path("audioguide", appauthor=False)
    return mine, _PACKAGE / "data" if (_PACKAGE / "data").is_dir() else _PACKAGE.parent


def user_dir() -> Path:
    """The user's folder, which may not exist."""
    return roots()[0]


def is_user_file(path: Path) -> bool:
    """Whether a file lies in the user's folder, so that it did not come with audioguide."""
    return path.is_relative_to(user_dir())


def cache_root() -> Path:
    """The folder of all caches: `AUDIOGUIDE_CACHE`, or the user's cache folder."""
    if folder := os.environ.get("AUDIOGUIDE_CACHE"):
        return Path(folder)
    from platformdirs import user_cache_path

    return user_cache_path("audioguide", appauthor=False)


def _yaml_files(*folders: Path) -> dict[str, Path]:
    """The YAML files of some folders by name. Of two with the same name the first counts, and `.yaml` before `.yml`."""
    found: dict[str, Path] = {}
    for folder in folders:
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                path = Path(entry.path)
                if path.suffix in ENDINGS and (entry.is_file() or not path.is_fifo()):  # which may never end
                    found.setdefault(path.stem, path)
    return found


def _files_in_roots(folder: str) -> dict[str, Path]:
    return _yaml_files(*(root / folder for root in roots()))


def _find(folder: str, name: str) -> Path | None:
    if not re.fullmatch(r"[\w.-]+", name):
        return None
    return next(filter(None, (with_ending(root / folder / name) for root in roots())), None)


def with_ending(path: Path) -> Path | None:
    """The file at a path plus `.yaml` or `.yml`; None where there is none."""
    return next((file for ending in ENDINGS if is_file(file := Path(f"{path}{ending}"))), None)


def _originals(folder: str) -> dict[str, Path]:
    """The files of a folder by name, without the language files of others."""
    found = _files_in_roots(folder)
    return {name: file for name, file in found.items() if not (name[:-3] in found and _IN_LANGUAGE.fullmatch(name))}


def _find_beside(path: Path, name: str) -> Path | None:
    """The file of a name that goes with another one: in its folder, or if that is in a root, in those of all roots."""
    inside = [path.parent.relative_to(root) for root in roots() if path.is_relative_to(root)]
    folders = [root / folder for folder in inside for root in roots()] or [path.parent]
    return next(filter(None, (with_ending(folder / name) for folder in folders)), None)


def language_file(path: Path, language: str) -> Path | None:
    """The file with the words of a routine or a pose in a language, the user's before a shipped one; None: no file."""
    return _find_beside(path.absolute(), f"{path.stem}.{language}")


def language_files(path: Path) -> dict[str, Path]:
    """The files with the words of a routine or a pose, by the languages that sessions can be led in."""
    return {code: file for code in _files_in_roots("voices/prompts") if (file := language_file(path, code))}


def original_file(path: Path) -> tuple[Path, str] | None:
    """The file that a language file has the words of, and their language; None for any other file."""
    match = _IN_LANGUAGE.fullmatch(path.stem) if path.suffix in ENDINGS else None
    original = _find_beside(path.absolute(), match[1]) if match else None
    return (original, match[2]) if match and original else None


def routine_files() -> dict[str, Path]:
    """Routine files by id; a user's hides a shipped one with the same id."""
    return _originals("scripts")


def preset_files() -> dict[str, Path]:
    """The user's presets by name. A preset whose name is a routine's id is hidden."""
    hidden = routine_files()
    return {name: path for name, path in _yaml_files(user_dir() / "presets").items() if name not in hidden}


def plan_files() -> dict[str, Path]:
    """The user's plans for weeks by name."""
    return _yaml_files(user_dir() / "plans")


def pose_files() -> dict[str, Path]:
    """Pose files by id."""
    return _originals("scripts/poses")


def pose_file(id: str) -> Path | None:
    """The file of a pose; None when there is none."""
    path = _find("scripts/poses", id)
    return None if path and original_file(path) else path


def voice_files() -> dict[str, Path]:
    """Voice profiles by name."""
    return {name: path for name, path in _files_in_roots("voices").items() if not _LEXICON.fullmatch(name)}


def lexicon_files(language: str) -> tuple[Path, ...]:
    """The lexicons of a language, the shipped one first: `voices/lexicon.yaml` is English, `lexicon-de.yaml` German."""
    name = own_lexicon(language).stem
    return tuple(filter(None, (with_ending(root / "voices" / name) for root in reversed(roots()))))


def own_lexicon(language: str) -> Path:
    """The user's lexicon of a language, which may not exist."""
    return user_dir() / "voices" / f"lexicon{'' if language == 'en' else f'-{language}'}.yaml"


def voice_file(name: str) -> Path:
    """The profile of a voice. RequestError suggests a name where there is none."""
    known = voice_files()
    if name not in known:
        raise RequestError(f"There is no voice {name!r}.", suggest(name, known) or "`audioguide voices` lists them.")
    return known[name]


def background_files() -> dict[str, Path]:
    """Background presets by name."""
    return _files_in_roots("voices/backgrounds")


def spoken_forms_file(language: str) -> Path | None:
    """The file that says how a language speaks numbers and abbreviations; None where there is none."""
    return _find("voices/spoken", language)


def sheet_words_file(language: str) -> Path | None:
    """The words of a printed sheet in a language; None where there are none."""
    return _find("voices/sheets", language)


def lead_over_files() -> dict[str, Path]:
    """The words of composed sessions, by language."""
    return _files_in_roots("voices/openings")


def prompts_file(language: str) -> Path:
    """The session's phrases in a language. RequestError where there are none."""
    known = _files_in_roots("voices/prompts")
    if language not in known:
        raise RequestError(f"There are no prompts in the language {language!r}.", suggest(language, known))
    return known[language]


def is_file(path: Path) -> bool:
    """Whether a path is a file; False also for a name that is too long."""
    try:
        return path.is_file()
    except OSError:
        return False


def expand(path: str) -> Path:
    """A path in which `~` is replaced by the home folder, where there is such a user."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def is_sound_file(name: str) -> bool:
    """Whether a background is named by its file, a path or a name with an ending for sound, and not by its name."""
    return "/" in name or "\\" in name or Path(name).suffix.lower() in MUSIC_ENDINGS


def printable(name: str) -> str:
    """A file's name as valid Unicode: bytes that are not become question marks."""
    return name.encode("utf-8", "replace").decode()


def display_path(path: Path) -> str:
    """A path as messages show it: relative to the working directory, if it lies below that."""
    try:
        return str(Path(os.path.realpath(path)).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)
