"""What a person wishes a session for: in the words of the command line, of a plan's `wishes`, and of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from shlex import join
from typing import Any, Literal, get_args

from audioguide.errors import RequestError, suggest
from audioguide.model.options import write_seconds
from audioguide.model.routine import LEVELS, TARGETS, Equipment, Level
from audioguide.schema.document import read_document
from audioguide.system.paths import prompts_file
from audioguide.units import LONGEST_SESSION, parse_duration

Occasion = Literal["after-run", "before-run", "desk", "before-sleep", "morning"]
Demand = Literal["easy", "medium", "strong"]
HOME: tuple[Equipment, ...] = ("chair", "wall", "cushion", "towel")  # what most people have at hand
SHORTEST = 120.0  # seconds: with the words at both ends, less is left than one pose takes
MOST_SEED = 10**9


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a session is to be. `targets` are of the closed list; `length` is in seconds.

    `without` are loads, positions, equipment, targets and poses, as they were written, `pinned` poses that are to be in
    it. `demand` is how strenuous it may be, `words` how much is said (None: by the length).
    """

    targets: tuple[str, ...] = ("whole body",)
    length: float = 900.0
    occasion: Occasion | None = None
    without: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    demand: Demand = "medium"
    words: Level | None = None
    equipment: tuple[Equipment, ...] = HOME
    language: str = "en"
    seed: int = 0


@cache
def composing_rules() -> dict[str, Any]:
    """The table of what is known, wished and weighed."""
    return dict(read_document(Path(__file__).with_name("composing.yaml")).data)


def parse_wishes(data: Mapping[str, Any]) -> Wishes:
    """Wishes from plain data with the keys of the command line; what is None is not wished.

    RequestError names what is wrong, and the nearest known word.
    """
    for unknown in (key for key in data if key not in _KEYS):
        raise RequestError(f"There is no wish {unknown!r}.", suggest(str(unknown), _KEYS))
    given = {_KEYS[key][0]: _KEYS[key][1](value) for key, value in data.items() if value not in (None, (), [])}
    return Wishes(**given)


def write_wishes(wishes: Wishes) -> dict[str, Any]:
    """Wishes as plain data, which `parse_wishes` reads; what is as usual is left out."""
    usual, data = Wishes(), dict[str, Any]()
    for key, (field, _) in _KEYS.items():
        value = getattr(wishes, field)
        if value != getattr(usual, field) or key in ("for", "length"):
            data[key] = write_seconds(value) if key == "length" else value
            if isinstance(value, tuple):
                data[key] = list(value) or ["none"]
    return data


def write_command(wishes: Wishes) -> str:
    """The command that composes a session of these wishes."""
    rows = ((f"--{key}", value) for key, value in write_wishes(wishes).items())
    words = (
        word for flag, value in rows for word in (flag, ",".join(value) if isinstance(value, list) else str(value))
    )
    return join(("audioguide", "compose", *words))


def _split(value: Any) -> tuple[str, ...]:
    """The words of a text with commas, or of a list of such texts."""
    texts = value if isinstance(value, list | tuple) else (value,)
    words = (" ".join(word.split()) for text in texts for word in str(text).split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def _parse_targets(value: Any) -> tuple[str, ...]:
    meant, found = composing_rules()["meant"], dict[str, None]()
    for word in _split(value):
        known = word.casefold().replace("-", " ")
        if known not in TARGETS and known not in meant:
            hint = suggest(known, (*TARGETS, *meant)) or f"There are {', '.join(TARGETS)}."
            raise RequestError(f"A session cannot be for {word!r}.", hint)
        found |= dict.fromkeys(meant.get(known, [known]))
    if not found:
        raise RequestError("A session has to be for something.", 'Write --for "lower back", or --for "whole body".')
    return tuple(found)


def _parse_length(value: Any) -> float:
    try:
        length = parse_duration(value if isinstance(value, int | float) else str(value))
    except ValueError as error:
        raise RequestError(f"length: {error}") from None
    if not SHORTEST <= length <= LONGEST_SESSION:
        raise RequestError(f"No session can be composed for {value}.", "Ask for 2:00 to 12 h, as --length 15:00.")
    return length


def _parse_seed(value: Any) -> int:
    if not (str(value).isascii() and str(value).isdigit() and len(str(value)) <= 10 and int(value) <= MOST_SEED):
        raise RequestError(f"{value!r} is no seed.", f"Write a whole number from 0 to {MOST_SEED}.")
    return int(value)


def _choice(key: str, choices: tuple[str, ...]) -> Callable[[Any], Any]:
    def parse(value: Any) -> Any:
        if (word := str(value).strip().casefold()) not in choices:
            hint = suggest(word, choices) or f"Write {', '.join(choices)}."
            raise RequestError(f"{key} cannot be {value!r}.", hint)
        return word

    return parse


def _parse_equipment(value: Any) -> tuple[str, ...]:
    one = _choice("equipment", ("none", *get_args(Equipment)))
    return tuple(dict.fromkeys(word for word in map(one, _split(value)) if word != "none"))


_KEYS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "for": ("targets", _parse_targets),
    "length": ("length", _parse_length),
    "when": ("occasion", _choice("when", get_args(Occasion))),
    "without": ("without", _split),
    "with": ("pinned", _split),
    "level": ("demand", _choice("level", get_args(Demand))),
    "equipment": ("equipment", _parse_equipment),
    "words": ("words", _choice("words", LEVELS)),
    "language": ("language", lambda value: prompts_file(str(value)).stem),
    "seed": ("seed", _parse_seed),
}
"""Each wish: its field, and what reads it."""
