"""A listener's options: one table, of which the command line, presets, the settings file, JSON and `load()` are made.

To add an option, add a row to `Options` and give it its effect, in `routine/customise.py` as a rule. A notation of its
own needs a parser in `model/notation.py` and its form in `routine/options_form.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields, replace
from shlex import join
from typing import Any, Literal

from audioguide.model import routine
from audioguide.model.cues import CUES, Cues, parse_cues
from audioguide.model.notation import parse_factor, parse_length, parse_pattern
from audioguide.units import format_duration, parse_duration

SILENT = "none"  # the background or the chime that is none

Kind = Literal["value", "cues", "by pose", "poses", "switch"]
"""One value; several in one; a value for each of some poses; poses, one each time it is given; or on and off."""


@dataclass(frozen=True, slots=True)
class Option:
    """One row: an option, how it is written, and what is said of it.

    `parse` takes text or a number, and raises ValueError with a plain sentence. `write` gives plain data that `parse`
    reads. `unset` says what is done where nobody sets it, and `example` is a line for the settings file.
    """

    help: str
    metavar: str = ""
    kind: Kind = "value"
    parse: Callable[[Any], Any] = str
    write: Callable[[Any], Any] = lambda value: value
    choices: tuple[str, ...] = ()
    unset: str | float | bool = "as written"
    example: str = ""
    flag: str = ""
    name: str = ""

    @property
    def key(self) -> str:
        """Its key in a preset, in the settings and in JSON."""
        return self.name.replace("_", "-")

    def to_data(self, value: Any) -> Any:
        """The value as plain data."""
        if self.kind == "by pose":
            return {pose: self.write(one) for pose, one in value}
        return list(value) if self.kind == "poses" else self.write(value)

    def merge(self, over: Any, under: Any) -> Any:
        """One value over another: the last one for a pose counts, lists of poses add up."""
        match self.kind:
            case "cues" if over and under:
                return over.over(under)
            case "by pose":
                return (*under, *over)
            case "poses":
                return tuple(dict.fromkeys((*under, *over)))
        return under if over in (None, False) else over


def _row(help: str, metavar: str = "", **about: Any) -> Any:
    row = Option(help, metavar, **about)
    return field(default={"by pose": (), "poses": (), "switch": False}.get(row.kind), metadata={"option": row})


def write_seconds(amount: float) -> str:
    """Seconds as a person writes them, if that is the very same length of time: `1m30s`, else all digits."""
    text = format_duration(amount)
    try:
        return text if parse_duration(text) == amount else f"{amount:.12f}s"
    except ValueError:
        return f"{amount:.12f}s"


def write_length(length: routine.Length) -> str:
    """The length of a hold as a person writes it."""
    return str(length) if length.unit == "breaths" else write_seconds(length.amount)


@dataclass(frozen=True, slots=True)
class Options:
    """What a listener changes without touching the routine; None, empty or False where nothing was asked for.

    `holds` are (pose, length) pairs, the pose being an id, a name or a step's number; they alone pin a hold.
    `scale` is a factor from 0.1 to 10, `length` the seconds of the whole session. `breath` is the pattern of every
    pose (a `breathe` step keeps its own, which is the exercise). `background` is another sound at the times and levels
    of what the routine has; it and `chime` may be `SILENT`. `fallback` is the voice that goes on when the first fails.
    """

    hold: routine.Length | None = _row(
        "Hold every pose for this time: 45s, 1:30, 5 breaths.",
        "TIME",
        parse=parse_length,
        write=write_length,
        example="hold: 45s",
    )
    holds: tuple[tuple[str, routine.Length], ...] = _row(
        "Hold one pose for this time: POSE=1:30, by id, name or step number. Repeatable.",
        "POSE=TIME",
        kind="by pose",
        parse=parse_length,
        write=write_length,
        example="holds: {childs-pose: 1:00}",
        flag="--hold",
    )
    scale: float | None = _row(
        "Make holds longer or shorter: 1.25, 0.5.", "FACTOR", parse=parse_factor, unset=1, example="scale: 1.25"
    )
    length: float | None = _row(
        "Fit the whole session to this time: 12:00, 20m.",
        "TIME",
        parse=parse_duration,
        write=write_seconds,
        unset="as it comes",
    )
    breath: routine.BreathPattern | None = _row(
        "Breathe 4-6 in every pose: 4 seconds in, 6 out.",
        "PATTERN",
        parse=parse_pattern,
        write=str,
        example="breath: 4-6",
    )
    level: routine.Level | None = _row(
        "How much the voice says.", choices=routine.LEVELS, unset="normal", example="level: brief"
    )
    background: str | None = _row(
        "The sound in the holds.", "NAME|none", unset=routine.DEFAULT_BACKGROUND, example="background: none"
    )
    chime: routine.Chime | Literal["none"] | None = _row(
        "The sound that ends a hold.",
        choices=(*routine.CHIMES, SILENT),
        unset=routine.DEFAULT_CHIME,
        example="chime: wood",
    )
    cues: Cues | None = _row(
        f"More or less of what is said: {', '.join(CUES)}, each =on, =off or =short; breath=none, first, some or all.",
        "CUE=off,…",
        kind="cues",
        parse=parse_cues,
        write=Cues.to_data,
        example="cues: {halfway: off}",
    )
    voice: str | None = _row("The voice that speaks.", "NAME", unset="heart", example="voice: heart")
    fallback: str | None = _row(
        "The voice that takes over when the first one fails.", "NAME", unset="none", example="fallback: heart"
    )
    skip: tuple[str, ...] = _row(
        "Leave a pose out. Repeatable.", "POSE", kind="poses", unset="nothing", example="skip: [pigeon]"
    )
    beyond_limits: bool = _row("Allow holds outside the limits of their poses.", kind="switch", unset=False)

    def over(self, under: Options) -> Options:
        """These options on top of others: what is set here counts, and both sets of poses are held and skipped."""
        return Options(**{row.name: row.merge(getattr(self, row.name), getattr(under, row.name)) for row in OPTIONS})

    def with_poses(self, rename: Callable[[Option, str], str | None]) -> Options:
        """With every pose renamed, or left out where `rename` gives None. The last value of a pose counts."""
        changed: dict[str, Any] = {}
        for row in OPTIONS:
            value = getattr(self, row.name)
            if row.kind == "by pose":
                renamed: dict[str, Any] = {}
                for pose, one in value:
                    if (name := rename(row, pose)) is not None:
                        renamed.pop(name, None)
                        renamed[name] = one
                changed[row.name] = tuple(renamed.items())
            elif row.kind == "poses":
                names = (rename(row, pose) for pose in value)
                changed[row.name] = tuple(dict.fromkeys(name for name in names if name is not None))
        return replace(self, **changed)

    def sets(self, name: str, pose: str | None = None) -> bool:
        """Whether the option of that name is asked for, for that pose or among those names if one is given."""
        value = getattr(self, name)
        if pose is None:
            return value not in (None, (), False)
        return pose in dict.fromkeys(one if isinstance(one, str) else one[0] for one in value)


OPTIONS: tuple[Option, ...] = tuple(replace(one.metadata["option"], name=one.name) for one in fields(Options))


def to_data(options: Options) -> dict[str, Any]:
    """Options as plain data, with the words of a preset; what is not set has no key."""
    return {row.key: row.to_data(getattr(options, row.name)) for row in OPTIONS if options.sets(row.name)}


def to_arguments(options: Options) -> str:
    """Options as they are written after a command; "" when there are none."""
    words: list[str] = []
    for row in OPTIONS:
        value, flag = getattr(options, row.name), row.flag or f"--{row.key}"
        match row.kind:
            case "by pose":
                words += (word for pose, one in value for word in (flag, f"{pose}={row.write(one)}"))
            case "poses":
                words += (word for pose in value for word in (flag, pose))
            case "switch":
                words += [flag] if value else []
            case _:
                words += [] if value is None else [flag, str(value if row.kind == "cues" else row.write(value))]
    return join(words)
