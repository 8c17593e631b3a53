"""What is fuzzed, and how an input comes out."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Literal

from audioguide.errors import AudioguideError, RoutineError

HERE = Path(__file__).resolve().parent
MOST_SECONDS = 5  # of processor time
MOST_MEMORY = 1_000_000_000  # bytes
LARGEST = 2_000_000  # bytes of an input

Run = Callable[[bytes], str | None]


@dataclass(frozen=True)
class Target:
    """Something that reads what strangers write.

    `run` returns, perhaps with a word on what came out, or raises an `AudioguideError`: anything else is a find.
    `seeds` are inputs to begin with, `words` what matters to it. `share` of the inputs of a run go to it, beside the
    others' shares; `most` bounds them, where one takes long.
    """

    name: str
    group: str
    seeds: Callable[[], Iterable[bytes]]
    run: Run
    kind: Literal["text", "bytes"] = "text"
    words: tuple[str, ...] = ()
    share: float = 1.0
    most: int = 1_000_000


class TooMuch(BaseException):
    """An input took over its processor time. Not an Exception: nothing that is run may catch it."""


@dataclass(frozen=True)
class Outcome:
    """`shape` is the same for inputs that come out alike; a find has its traceback."""

    kind: Literal["accepted", "refused", "find"]
    shape: str
    trace: str = ""


def outcome(run: Run, data: bytes) -> Outcome:
    """How an input comes out."""
    try:
        said = run(data)
    except AudioguideError as error:
        return Outcome("refused", _shape(error))
    except (Exception, TooMuch) as error:
        return Outcome("find", _where(error), traceback.format_exc())
    return Outcome("accepted", said or "")


def _shape(error: AudioguideError) -> str:
    """The message without its names and numbers."""
    if isinstance(error, RoutineError):
        return " ".join(sorted({one.code for one in error.problems}))
    return re.sub(r"'.*'|\".*\"|“.*”|\S*[\d/]\S*", "_", str(error), flags=re.DOTALL)[:80]


def _where(error: BaseException) -> str:
    """The kind of the error, and the last places in the program on its way."""
    frames = [one for one in traceback.extract_tb(error.__traceback__) if "/audioguide/" in one.filename]
    if isinstance(error, TooMuch | RecursionError | MemoryError):
        frames = frames[-1:] if isinstance(error, MemoryError) else frames[:4][-1:]
    places = " ".join(f"{Path(one.filename).name}:{one.name}" for one in frames[-2:])
    about = str(error)[:40] if isinstance(error, AssertionError) else ""
    return " ".join(filter(None, (type(error).__name__, places, re.sub(r"\d+", "_", about))))


@cache
def targets() -> dict[str, Target]:
    """All targets of `targets/`, by name."""
    modules = sorted(path.stem for path in (HERE / "targets").glob("*.py") if path.stem != "__init__")
    found = [one for module in modules for one in import_module(f"fuzz.targets.{module}").TARGETS]
    assert len({one.name for one in found}) == len(found), [one.name for one in found]
    return {one.name: one for one in found}


def kept(target: Target) -> dict[str, bytes]:
    """Its kept corpus, by the names of its files."""
    folder = HERE / "corpus" / target.name
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())} if folder.is_dir() else {}
