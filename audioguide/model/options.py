"""A listener's options: one table, of which the command line, presets, the settings file, JSON and `load()` are made.

To add an option, add a row to `Options` and give it its effect, in `routine/customise.py` as a rule. A notation of its
own needs a parser in `model/notation.py` and its form in `routine/options_form.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from functools import partial
from shlex import join
from typing import Any, Literal

from audioguide.errors import RequestError
from audioguide.model import notation, routine
from audioguide.model.cues import CUES, Cues, parse_cues
from audioguide.units import format_duration, parse_duration, parse_pause

SILENT = "none"  # the background, the chime or the picture that is none

Hold = routine.Length | routine.LengthChange
Kind = Literal["value", "cues", "by pose", "poses", "switch"]
"""One value; several in one; a value for each of some poses; poses, one each time it is given; or on and off."""


@dataclass(frozen=True, slots=True)
class Option:
    """One row: an option, how it is written, and what is said of it.

    `parse` takes text or a number, and raises ValueError with a plain sentence. `write` gives plain data that `parse`
    reads. `lay` makes one value of two, the one above first. `unset` says what is done where nobody sets it, and
    `example` is a line for the settings file. `slider` has the ends and the step of one, where it is a number.
    """

    help: str
    metavar: str = ""
    kind: Kind = "value"
    parse: Callable[[Any], Any] = str
    write: Callable[[Any], Any] = lambda value: value
    lay: Callable[[Any, Any], Any] = lambda over, under: over
    choices: tuple[str, ...] = ()
    slider: tuple[float, float, float] | None = None
    unset: str | float | bool = "as written"
    example: str = ""
    flag: str = ""
    name: str = ""

    @property
    def key(self) -> str:
        """Its key in a preset, in the settings and in JSON."""
        return self.name.replace("_", "-")

    @property
    def takes_file(self) -> bool:
        """Whether its value may be a file."""
        return "FILE" in self.metavar

    def to_data(self, value: Any) -> Any:
        """The value as plain data."""
        if self.kind == "by pose":
            return {pose: self.write(one) for pose, one in self.by_pose(value).items()}
        return list(value) if self.kind == "poses" else self.write(value)

    def by_pose(self, pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
        """The value of each pose, in the order of the last ones. RequestError where two cannot be laid together."""
        values: dict[str, Any] = {}
        for pose, one in pairs:
            under = values.pop(pose, None)
            values[pose] = one if under is None else self.lay(one, under)
        return values

    def merge(self, over: Any, under: Any) -> Any:
        """One value over another: both for poses, in this order; lists of poses add up."""
        match self.kind:
            case "by pose":
                return (*under, *over)
            case "poses":
                return tuple(dict.fromkeys((*under, *over)))
        if over is None or over is False:
            return under
        return over if under is None else self.lay(over, under)


def _row(help: str, metavar: str = "", **about: Any) -> Any:
    row = Option(help, metavar, **about)
    return field(default={"by pose": (), "poses": (), "switch": False}.get(row.kind), metadata={"option": row})


def write_seconds(amount: float) -> str:
    """Seconds as a person writes them, if that is the very same length of time: `1m30s`, else all digits."""
    text, digits = format_duration(amount), f"{Decimal(repr(amount)):f}s"
    try:
        return text if parse_duration(text) == amount else digits
    except ValueError:
        return digits


def write_number(number: float) -> float:
    """A number without a decimal point where it is whole."""
    return int(number) if number == int(number) else number


def write_hold(hold: Hold) -> str:
    """The length of a hold, or its change, as a person writes it."""
    sign = str(hold)[0] if isinstance(hold, routine.LengthChange) else ""
    return str(hold) if hold.unit == "breaths" else sign + write_seconds(abs(hold.amount))


def lay_hold(over: Hold, under: Hold) -> Hold:
    """A hold over another one; a change is added to it. RequestError where one is in breaths, the other in seconds."""
    if isinstance(over, routine.Length):
        return over
    if over.unit != under.unit:
        raise RequestError(f"{over} cannot be added to {under}.", "Give both in seconds, or both in breaths.")
    amount = round(over.amount + under.amount, 9)  # 0.1 + 0.2 is 0.3
    return replace(under, amount=amount if isinstance(under, routine.LengthChange) else max(amount, 1))


@dataclass(frozen=True, slots=True)
class Options:
    """What a listener changes without touching the routine; None, empty or False where nothing was asked for.

    `holds` are (pose, length) pairs, the pose being an id, a name or a step's number; they alone pin a hold. So are
    `rounds` and `reps`, with numbers, `sides`, and `swap`, the poses that take the place of others, by id. `keep` are
    poses that stay in whatever the length. `scale` is a factor from 0.1 to 10, `length` the seconds of the whole
    session, for which `only` holds may change, or all that has to. `breath` is the pattern of every pose (a `breathe`
    step keeps its own, which is the exercise).
    `background` is another sound at the times and levels of what the routine has, which `background_level` changes; it
    and `chime` may be `SILENT`. `pace` is a factor on how fast the narration is. `cover` is the path of a picture, or
    `SILENT`. `fallback` is the voice that goes on when the first fails.
    """

    # fmt: off
    hold: Hold | None = _row("Hold every pose for this time: 45s, 1:30, 5 breaths; or so much longer or shorter: +5s.",
        "TIME", parse=notation.parse_hold, write=write_hold, lay=lay_hold, example="hold: 45s")
    holds: tuple[tuple[str, Hold], ...] = _row(
        "Hold one pose for this time: POSE=1:30, POSE=+5s, by id, name or step number. Repeatable.", "POSE=TIME",
        kind="by pose", parse=notation.parse_hold, write=write_hold, lay=lay_hold, example="holds: {childs-pose: 1:00}",
        flag="--hold")
    rounds: tuple[tuple[str, int], ...] = _row("Do a pose so many times: POSE=2. Repeatable.", "POSE=NUMBER",
        kind="by pose", parse=notation.parse_count, slider=(1, 10, 1), example="rounds: {pelvic-tilt: 2}")
    reps: tuple[tuple[str, int], ...] = _row("Count so many repetitions of a pose: POSE=12. Repeatable.", "POSE=NUMBER",
        kind="by pose", parse=notation.parse_count, slider=(1, 30, 1), example="reps: {squat: 12}")
    sides: tuple[tuple[str, tuple[str, ...]], ...] = _row(
        "Do these sides of a pose: POSE=left, POSE=left,left,right. Repeatable.", "POSE=SIDES", kind="by pose",
        parse=notation.parse_sides, write=",".join, example="sides: {pigeon: left}")
    swap: tuple[tuple[str, str], ...] = _row(
        "Do another pose of the library in the place of one: POSE=OTHER. Repeatable.", "POSE=OTHER", kind="by pose",
        example="swap: {bird-dog: dead-bug}")
    settle: float | None = _row("The time to get into each pose: 5s.", "TIME", parse=parse_pause, write=write_seconds,
        slider=(0, 30, 1), example="settle: 5s")
    scale: float | None = _row("Make holds longer or shorter: 1.25, 0.5.", "FACTOR", parse=notation.parse_factor,
        slider=(0.5, 3, 0.05), unset=1, example="scale: 1.25")
    length: float | None = _row("Fit the whole session to this time: 12:00, 20m.", "TIME", parse=parse_duration,
        write=write_seconds, unset="as it comes")
    only: Literal["holds"] | None = _row("What --length may change, where it is to change nothing else.",
        choices=("holds",), unset="all that has to give way", example="only: holds")
    breath: routine.BreathPattern | None = _row("Breathe 4-6 in every pose: 4 seconds in, 6 out.", "PATTERN",
        parse=notation.parse_pattern, write=str, example="breath: 4-6")
    language: str | None = _row("The language of the session, where the routine has words in it: de.", "LANGUAGE",
        unset="the routine's", example="language: de")
    level: routine.Level | None = _row("How much the voice says.", choices=routine.LEVELS, unset="normal",
        example="level: brief")
    background: str | None = _row("The sound in the holds: a background, or your own music.", "NAME|FILE|none",
        unset=routine.DEFAULT_BACKGROUND, example="background: none")
    chime: routine.Chime | Literal["none"] | None = _row("The sound that ends a hold.",
        choices=(*routine.CHIMES, SILENT), unset=routine.DEFAULT_CHIME, example="chime: wood")
    cues: Cues | None = _row(
        f"More or less of what is said: {', '.join(CUES)}, each =on, =off or =short; breath=none, first, some or all.",
        "CUE=off,…", kind="cues", parse=parse_cues, lay=Cues.over, write=Cues.to_data, example="cues: {halfway: off}")
    voice: str | None = _row("The voice that speaks.", "NAME", unset="heart", example="voice: heart")
    fallback: str | None = _row("The voice that takes over when the first one fails.", "NAME", unset="none",
        example="fallback: heart")
    pace: float | None = _row("How fast the voice speaks, except for breaths and counts: 0.9 is slower.", "FACTOR",
        parse=partial(notation.parse_number, "pace", 0.5, 2, "0.9"), write=write_number, slider=(0.5, 2, 0.05), unset=1,
        example="pace: 0.9")
    voice_level: float | None = _row("Speech louder or softer by so many LU: -3, +2.", "LU",
        parse=partial(notation.parse_number, "level", -12, 6, "+2"), write=write_number, slider=(-12, 6, 1), unset=0,
        example="voice-level: +2")
    background_level: float | None = _row("The sound in the holds louder or softer by so many LU: -3, +2.", "LU",
        parse=partial(notation.parse_number, "level", -20, 10, "-3"), write=write_number, slider=(-20, 10, 1), unset=0,
        example="background-level: -3")
    silence: Literal["noise", "digital"] | None = _row(
        "What is where nothing sounds: a noise that nobody hears, which keeps earphones awake, or nothing.",
        choices=("noise", "digital"), unset="noise", example="silence: digital")
    skip: tuple[str, ...] = _row("Leave a pose out. Repeatable.", "POSE", kind="poses", unset="nothing",
        example="skip: [pigeon]")
    keep: tuple[str, ...] = _row("Keep a pose, whatever the length. Repeatable.", "POSE", kind="poses", unset="nothing",
        example="keep: [bridge]")
    title: str | None = _row("The title of the session.", "TEXT", parse=notation.parse_title)
    artist: str | None = _row("Whose session it is, for players.", "TEXT", parse=notation.parse_title,
        unset="audioguide", example="artist: Anna Smith")
    album: str | None = _row("Its album, for players.", "TEXT", parse=notation.parse_title, unset="audioguide",
        example="album: Week 1")
    cover: str | None = _row("The picture that players show: a JPEG or PNG.", "FILE|none", unset="drawn from the holds",
        example="cover: logo.png")
    beyond_limits: bool = _row("Allow holds outside the limits of their poses.", kind="switch", unset=False)
    # fmt: on

    def over(self, under: Options) -> Options:
        """These options on top of others: what is set here counts, and both sets of poses are held and skipped."""
        return Options(**{row.name: row.merge(getattr(self, row.name), getattr(under, row.name)) for row in OPTIONS})

    def with_poses(self, rename: Callable[[Option, str], str | None]) -> Options:
        """With every pose renamed, or left out where `rename` gives None. A pose has one value then."""
        changed: dict[str, Any] = {}
        for row in OPTIONS:
            value = getattr(self, row.name)
            if row.kind == "by pose":
                renamed = ((rename(row, pose), one) for pose, one in value)
                changed[row.name] = tuple(row.by_pose((name, one) for name, one in renamed if name is not None).items())
            elif row.kind == "poses":
                names = (rename(row, pose) for pose in value)
                changed[row.name] = tuple(dict.fromkeys(name for name in names if name is not None))
        return replace(self, **changed)

    def sets(self, name: str, pose: str | None = None) -> bool:
        """Whether the option of that name is asked for, for that pose or among those names if one is given."""
        value = getattr(self, name)
        if pose is None:
            return value is not None and value is not False and value != ()
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
