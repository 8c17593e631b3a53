"""A voice profile: which engine speaks, how fast and how loud for each part that speech plays."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from audioguide.errors import Place, Problem, RequestError, nearest
from audioguide.resources import shown, voice_file
from audioguide.timeline.model import Role

Part = Literal["narration", "breath", "count"]
"""The parts that speech plays. Each has one pace and one gain, so that the volume never wanders within it."""

PARTS: tuple[Part, ...] = get_args(Part)
_PART_OF: Mapping[str, Part] = {"breath": "breath", "count": "count", "countdown": "count"}


def part_of(role: Role) -> Part:
    """The part that a role belongs to: breath words, counts, and everything else as narration."""
    return _PART_OF.get(role, "narration")


@dataclass(frozen=True, slots=True)
class Profile:
    """A voice: `rate` (1.0 is the engine's own pace) and `gain` (dB on the engine's samples) for each part."""

    name: str
    engine: str
    model: str
    language: str
    rate: Mapping[Part, float]
    gain: Mapping[Part, float]
    title: str = ""
    description: str = ""
    seed: int = 0


def profile(name: str) -> Profile:
    """The voice of that name; RequestError when there is none, or with every problem of its file."""
    return load_profile(voice_file(name))


def load_profile(path: Path) -> Profile:
    """Read a profile file. Raises RequestError with every problem, each at its line and column."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    file = shown(path)
    try:
        tree = YAML(pure=True).load(path.read_text("utf-8-sig"))
    except MarkedYAMLError as broken:
        mark = broken.problem_mark
        place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 1, 1)
        raise RequestError(str(Problem(place, f"This is not YAML: {broken.problem}."))) from broken
    except (YAMLError, UnicodeDecodeError) as broken:
        raise RequestError(f"{file} is not a YAML text in UTF-8.") from broken
    except OSError as failure:
        raise RequestError(f"The voice profile {file} cannot be read: {failure.strerror}.") from failure
    reader = _Reader(file, [])
    fields = reader.mapping(tree, _FIELDS, required=_REQUIRED, place=Place(file, 1, 1))
    if reader.problems:
        raise RequestError("\n".join(map(str, sorted(reader.problems, key=lambda problem: problem.place))))
    return Profile(name=path.stem, **fields)


@dataclass(frozen=True, slots=True)
class _Range:
    """A number between two others; `whole` allows integers only."""

    low: float
    high: float
    whole: bool = False


# Gains stay within what a stored clip has room for (`clip.py`).
_RATE = dict.fromkeys(PARTS, _Range(0.5, 2.0))
_GAIN = dict.fromkeys(PARTS, _Range(-40.0, 20.0))
_FIELDS: Mapping[str, Any] = {
    "title": str,
    "description": str,
    "engine": str,
    "model": str,
    "language": str,
    "seed": _Range(0, 2**32 - 1, whole=True),
    "rate": _RATE,
    "gain": _GAIN,
}
_REQUIRED = ("engine", "model", "language", "rate", "gain")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Checks a tree against `_FIELDS`-like tables and gathers what is wrong with it."""

    file: str
    problems: list[Problem]

    def mapping(self, tree: Any, fields: Mapping[str, Any], required: tuple[str, ...], place: Place) -> dict[str, Any]:
        if not isinstance(tree, dict):
            self.problems.append(Problem(place, f"Expected the keys {', '.join(fields)}."))
            return {}
        read: dict[str, Any] = {}
        for key, value in tree.items():
            line, column, value_line, value_column = tree.lc.data[key]  # type: ignore[attr-defined]
            if key not in fields:
                here = Place(self.file, line + 1, column + 1)
                self.problems.append(Problem(here, f"Unknown key {key!r}.", nearest(str(key), fields)))
            else:
                here = Place(self.file, value_line + 1, value_column + 1)
                read[key] = self.value(key, value, fields[key], here)
        for key in required:
            if key not in tree:
                self.problems.append(Problem(place, f"The key {key!r} is missing."))
        return read

    def value(self, key: str, value: Any, kind: Any, place: Place) -> Any:
        if isinstance(kind, Mapping):
            return self.mapping(value, kind, tuple(kind), place)
        if isinstance(kind, _Range):
            number = isinstance(value, int if kind.whole else int | float) and not isinstance(value, bool)
            if number and math.isfinite(value) and kind.low <= value <= kind.high:
                return int(value) if kind.whole else float(value)
            what = "a whole number" if kind.whole else "a number"
            self.problems.append(Problem(place, f"{key}: {what} from {kind.low:g} to {kind.high:g} is needed."))
        elif isinstance(value, str) and value.strip():
            return str(value)
        else:
            self.problems.append(Problem(place, f"{key}: a text is needed."))
        return None
