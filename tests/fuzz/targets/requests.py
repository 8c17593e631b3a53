"""What is asked for: notations, step selectors, options, wishes for a session, lengths, and the real command line."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from audioguide import units
from audioguide.errors import RequestError
from audioguide.model import notation
from audioguide.model.cues import parse_cues
from audioguide.model.options import OPTIONS, Options, to_arguments, to_data
from audioguide.model.routine import Routine
from audioguide.model.selectors import applicable, find_steps, slug, stable_selector
from audioguide.routine.choose_poses import compose_from_library
from audioguide.routine.load import load
from audioguide.routine.wishes import parse_wishes, write_wishes
from audioguide.schema.json_document import parse_json_object
from audioguide.session.open import compose, parse_options
from audioguide.session.preset import resolve_data
from audioguide.session.week_plan import parse_date, parse_days, parse_progress, parse_time, parse_zone
from audioguide.timeline.compiler import compile
from audioguide.timeline.fit import LengthFitter
from audioguide.units import LONGEST_SESSION, to_frames
from fuzz.target import HERE, MOST_SECONDS, Target
from fuzz.targets import files, imports, routines
from fuzz.targets.routines import check, estimate

PARSERS: Mapping[str, Callable[[str], Any]] = {
    "duration": units.parse_duration,
    "pause": units.parse_pause,
    "length": notation.parse_length,
    "hold": notation.parse_hold,
    "count": notation.parse_count,
    "sides": notation.parse_sides,
    "title": notation.parse_title,
    "limits": notation.parse_limits,
    "pattern": notation.parse_pattern,
    "tempo": notation.parse_tempo,
    "at": notation.parse_at,
    "factor": notation.parse_factor,
    "interval": notation.parse_interval,
    "pauses": notation.split_pauses,
    "cues": parse_cues,
    "pace": partial(notation.parse_number, "pace", 0.5, 2, "0.9"),
    "days": parse_days,
    "date": parse_date,
    "time": parse_time,
    "zone": parse_zone,
    "progress": parse_progress,
}


def run_notation(data: bytes) -> str:
    """`KIND\\nTEXT`, as an option of a command is read; what is read is written and read as the same."""
    kind, _, rest = data.decode("utf-8", "surrogateescape").partition("\n")
    if kind == "step":
        return _find(rest)
    parse = PARSERS.get(kind, units.parse_duration)
    try:
        found = parse(rest)
    except ValueError as error:
        raise RequestError(str(error)) from None
    if kind in ("duration", "pause"):
        assert 0 <= found <= LONGEST_SESSION, "a length out of its bounds"
    for row in OPTIONS:
        if row.parse is parse and row.kind == "value":
            assert row.parse(row.write(found)) == found, f"{row.name} is written as another"
    return kind


def _find(selector: str) -> str:
    routine = _routine()
    numbers = find_steps(routine.steps, selector)
    stable = Options(skip=(stable_selector(selector, routine),))
    found = applicable(stable, routine).options.skip
    assert {number for one in found for number in find_steps(routine.steps, one)} == numbers, (
        "saved, it is another step"
    )
    assert slug(slug(selector)) == slug(selector), "a slug is no slug"
    return f"step {len(numbers)}"


@cache
def _routine(name: str = "lower-back-cool-down") -> Routine:
    return load(name)


_NOTATIONS = """
45|1:30|1m30s|2 min|1:02:03|0|+5s|-2 breaths|5 breaths|10s..60s|4-7-8|2+1-6|2-1-2|half|-4s|1.25|0.1|left,left,right|3|
begin=off,breath=some|{pause 2s} Breathe {until 9s}|mon,wed|2026-12-01|18:30|Europe/Berlin|+5s a week|A title|12h|20s
""".replace("\n", "").split("|")


def seeds_notations() -> Iterator[bytes]:
    yield from (f"{kind}\n{text}".encode() for kind in PARSERS for text in _NOTATIONS)
    yield from (f"step\n{text}".encode() for text in ("bridge", "7", "7 bridge", "Child's pose", "childs-pose", "0"))


def run_options(data: bytes) -> str:
    """Options in JSON, as the page and `load()` take them: held as asked, written and read as the same."""
    options = parse_options(parse_json_object(data, "The request"))
    assert parse_options(to_data(options)) == options, "written, they are other options"
    to_arguments(options)
    session = compose(_routine(), options)
    check(compile(session.routine, estimate, session.phrases), session.routine)
    return " ".join(to_data(options))


def seeds_options() -> Iterator[bytes]:
    yield from files.as_json(*({key: value} for key, value in files._OPTIONS.items() if key != "length"))
    yield from files.as_json({"hold": "+5s", "scale": 2, "rounds": {"3": 2}}, {"holds": {"4": "40s", "bridge": "+5s"}})


def run_wishes(data: bytes) -> str:
    """Wishes as `compose` has them: what is composed is a routine."""
    wishes = parse_wishes(parse_json_object(data, "The request"))
    assert parse_wishes(write_wishes(wishes)) == wishes, "written, they are other wishes"
    if len(data) % 12:
        return "read"
    composed = compose_from_library(wishes)
    resolve_data(composed.data, Options())
    return f"{len(composed.data['steps']) // 10}"


def seeds_wishes() -> Iterator[bytes]:
    whole = {"for": "lower back", "length": "15:00", "when": "after-run", "without": ["wrists"], "with": "bridge"}
    more = {"level": "easy", "equipment": "chair,wall", "words": "brief", "language": "de", "seed": 7}
    yield from files.as_json(whole, more, whole | more, {"for": ["hips", "whole body"]}, {"length": 120, "for": "neck"})


def run_length(data: bytes) -> str:
    """A length that is asked for is met to the frame, or refused; holds stay as the routine has them."""
    asked = parse_json_object(data, "The request")
    options = parse_options(asked)
    length = options.length or 600.0
    session = compose(_routine("four-poses"), options)
    level, only = options.level is not None, options.only == "holds"
    fitter = LengthFitter(session.routine, estimate, session.phrases, options.beyond_limits, only, level, "")
    fitted = fitter.fit(length)
    timeline = compile(fitted.routine, estimate, session.phrases)
    assert timeline.frames == to_frames(length), "another length than was asked for"
    check(timeline, fitted.routine)
    return f"{bool(fitted.change)} {bool(fitted.clamped)} {fitted.silence > 1}"


def seeds_lengths() -> Iterator[bytes]:
    for length in ("2:00", "4:00", "8:30", "12:00", "0:45", "1h"):
        yield from files.as_json({"length": length}, {"length": length, "only": "holds", "skip": ["bridge"]})
    yield from files.as_json({"length": "7:00", "rounds": {"bridge": 2}, "breath": "4-6", "level": "brief"})


COMMANDS = {
    "check": (["check"], "any.yaml"),
    "show": (["show", "--json"], "any.yaml"),
    "cues": (["show", "--all"], "any.yaml"),
    "import": (["import"], "any.txt"),
    "plan": (["plan", "show"], "any.yaml"),
    "config": (["config"], "home/config.yaml"),
}


def run_command(data: bytes) -> str:
    """A file, and the command that its first line names, for real: it ends as commands end, and in plain words."""
    name, _, rest = data.partition(b"\n")
    words, file = COMMANDS.get(name.decode("latin-1"), COMMANDS["check"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / file
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(rest)
        done = subprocess.run(
            [sys.executable, "-m", "audioguide", *words, *([] if "home" in file else [str(path)])],
            cwd=HERE.parents[1],
            env=os.environ | {"AUDIOGUIDE_HOME": f"{folder}/home"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            preexec_fn=_limit,
            check=False,
        )
    assert done.returncode in (0, 1, 2), f"it ended with {done.returncode}"
    error = done.stderr.decode("utf-8")
    assert "Traceback" not in error, f"a traceback: {error[-300:]}"
    assert done.returncode == 0 or (error or done.stdout).strip(), "refused without a word"
    if done.returncode:
        raise RequestError(error)
    return name.decode("latin-1")


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 1))


def seeds_commands() -> Iterator[bytes]:
    for one in [*routines.seeds()][-8:]:
        yield b"check\n" + one
        yield b"show\n" + one
    for one in [*files.seeds_plans()][:4]:
        yield b"plan\n" + one
    for one in [*files.seeds_settings()][:4]:
        yield b"config\n" + one
    for one in [*files.seeds_presets()][:4]:
        yield b"check\n" + one
        yield b"cues\n" + one
    for one in [*imports.seeds()][-6:]:
        yield b"import\n" + one.partition(b"\n")[2]


TARGETS = [
    Target("notations", "options", seeds_notations, run_notation, words=tuple(_NOTATIONS), share=6),
    Target("json-options", "options", seeds_options, run_options, words=files._WORDS, share=3),
    Target("wishes", "wishes and lengths", seeds_wishes, run_wishes, words=files._WORDS, share=2, most=20_000),
    Target("lengths", "wishes and lengths", seeds_lengths, run_length, words=files._WORDS, share=1, most=4_000),
    Target("commands", "real commands", seeds_commands, run_command, words=routines.WORDS, share=1, most=500),
]
