"""Where routines, poses and voices lie: the person's own folder first, then the checkout's, then the wheel's.

All three have the same shape: `scripts/*.yaml`, `scripts/poses/*.yaml`, `voices/*.yaml`, `voices/prompts/*.yaml`.
"""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

from audioguide.errors import RequestError, nearest

_PACKAGE = Path(__file__).resolve().parent


@cache
def roots() -> tuple[Path, ...]:
    """The folders that are searched, in order; `AUDIOGUIDE_HOME` stands for the person's own."""
    if own := os.environ.get("AUDIOGUIDE_HOME"):
        mine = Path(own)
    else:
        from platformdirs import user_data_path

        mine = user_data_path("audioguide", appauthor=False)
    shipped = _PACKAGE / "data" if (_PACKAGE / "data").is_dir() else _PACKAGE.parent
    return (mine, shipped)


def _named(folder: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for root in roots():
        for path in sorted((root / folder).glob("*.yaml")):
            found.setdefault(path.stem, path)
    return found


def routines() -> dict[str, Path]:
    """Routine files by id; a person's own hides a shipped one of the same id."""
    return _named("scripts")


def poses() -> dict[str, Path]:
    """Pose files by id."""
    return _named("scripts/poses")


def voices() -> dict[str, Path]:
    """Voice profiles by name."""
    return _named("voices")


def voice_file(name: str) -> Path:
    """The profile of a voice; RequestError names the nearest when there is none."""
    known = voices()
    if name not in known:
        raise RequestError(f"There is no voice {name!r}. {nearest(name, known)}".strip())
    return known[name]


def prompts_file(language: str) -> Path:
    """The session's own words in a language."""
    known = _named("voices/prompts")
    if language not in known:
        raise RequestError(f"There are no prompts in the language {language!r}. {nearest(language, known)}".strip())
    return known[language]


def shown(path: Path) -> str:
    """A path as messages show it: relative to where the person stands, if it lies below."""
    try:
        return str(Path(os.path.realpath(path)).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)
