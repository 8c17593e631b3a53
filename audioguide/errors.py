"""Errors and problems as data: where they are, what is wrong, what to do next.

Two families, and nothing else is raised on purpose: `RequestError` (exit code 2) and `EnvironmentFailure` (1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar, Literal, NamedTuple


class SourceLocation(NamedTuple):
    """A position in a file; `line` and `column` count from 1, as editors do.

    A routine inside a sound file has no lines: there `within` says where ("step 3"), and `line` is the number of the
    written step, or 1.
    """

    file: str
    line: int
    column: int
    within: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.within}" if self.within else f"{self.file}:{self.line}:{self.column}"


# The kinds of problems of a routine; docs/checking.md explains each.
# fmt: off
Code = Literal[
    "bad-character", "circular-alias", "circular-include", "control-character", "duplicate-anchor", "duplicate-key",
    "duplicate-output", "empty", "empty-file", "fixed-side", "impossible-joint", "invalid", "late-words", "lone-brace",
    "long-breath-hold", "long-cycle", "long-hold", "long-sentence", "long-silence", "missing-key", "missing-words",
    "mixed-step", "no-breath-pattern", "no-closing", "no-effect", "no-name", "no-release", "no-rest", "no-such-choice",
    "no-words", "not-a-breath-pattern", "not-a-duration", "not-a-hold", "not-a-key", "not-a-language", "not-a-list",
    "not-a-mapping", "not-a-moment", "not-a-number", "not-a-pause", "not-a-routine", "not-a-tempo", "not-an-id",
    "not-csv", "not-limits", "not-text", "not-utf-8", "not-yaml", "out-of-range", "over-limit", "pause-mark",
    "prompt-never-heard", "session-too-long", "short-rep", "tab", "too-deep", "too-large", "too-long", "too-many-steps",
    "two-lengths", "two-moments", "two-movements", "under-limit", "unequal-sides", "unknown-alias",
    "unknown-background", "unknown-key", "unknown-language", "unknown-placeholder", "unknown-pose", "unknown-routine",
    "unknown-side", "unknown-step", "unknown-target", "unknown-voice", "unlike-original", "unreadable", "unspeakable",
    "wrong-id",
]
# fmt: on


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a routine: where it is, what is wrong, and in `hint` what to do about it."""

    place: SourceLocation
    code: Code
    message: str
    hint: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        mark = "" if self.severity == "error" else "warning: "
        return " ".join(filter(None, (f"{self.place}: {mark}{self.message}", self.hint, f"[{self.code}]")))


class AudioguideError(Exception):
    """The base of all errors that are shown as a message without a traceback; `exit_code` is the command line's."""

    exit_code: ClassVar[int] = 1


class EnvironmentFailure(AudioguideError):
    """The environment failed: no sound device, a full disk, a folder without write permission."""


class RequestError(AudioguideError):
    """The request is wrong: an unknown name, a hold above its limit, a wrong option."""

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, hint: str = "", option: tuple[str, str | None] | None = None) -> None:
        """`option` is the field of `Options` that is to blame, and the pose that it names if it does."""
        self.message, self.hint, self.option = message, hint, option
        super().__init__(f"{message} {hint}".rstrip())


class RoutineError(RequestError):
    """A routine that cannot be used; `problems` has all that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: problem.place))
        super().__init__("\n".join(map(str, self.problems)))


@contextmanager
def blame(option: str, pose: str | None = None) -> Iterator[None]:
    """What is refused inside is refused because of this option (a field of `Options`), and the pose that it names."""
    try:
        yield
    except RequestError as error:
        error.option = option, pose
        raise


def install_hint(*packages: str) -> str:
    """What to run where packages are missing: their own names, since audioguide itself is on no index."""
    return f"Run: pip install {' '.join(packages)}"


def suggest(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word most similar to `word`, or all known words where they are few; else empty."""
    import difflib

    names = sorted(set(known))
    close = difflib.get_close_matches(word.lower(), [name.lower() for name in names], n=1, cutoff=0.55)
    if close:
        return f"Did you mean {next(name for name in names if name.lower() == close[0])}?"
    return f"Known: {', '.join(names)}." if 0 < len(names) <= 16 else ""
