"""A job: one session as a file. It is plain data, and what becomes of it depends on nothing else."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from audioguide.errors import AudioguideError, EnvironmentFailure, RequestError
from audioguide.system.remote_cache import take_error
from audioguide.units import RATE
from audioguide.version import __version__

State = Literal["made", "kept", "wrong", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """A row of a plan, at `line` of it: `source` is a routine's id or file, `options` are as they are written."""

    line: int
    source: str
    output: str
    options: Mapping[str, Any] = field(default_factory=dict)
    mono: bool = False
    bitrate: int | None = None

    @property
    def facts(self) -> dict[str, Any]:
        """As plain data, which crosses from machine to machine."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a job.

    "made": its file is there; "kept": it was there already, as it would be made now; "wrong": the row asks for what
    there is not; "failed": the machine failed, and another try may help. `seconds` is the length of the session.
    """

    job: Job
    state: State
    seconds: float = 0.0
    bytes: int = 0
    error: str = ""
    trouble: str = ""
    """What is wrong with the store that machines share, the first time that a process has it."""

    @property
    def facts(self) -> dict[str, Any]:
        """As `--json` has it."""
        return {
            "line": self.job.line,
            "routine": self.job.source,
            "file": self.job.output,
            "state": self.state,
            "duration": round(self.seconds, 6) or None,
            "bytes": self.bytes or None,
            "error": self.error or None,
        }


def make(facts: Mapping[str, Any], workers: int, version: str) -> dict[str, Any]:
    """Do a job, both it and its result as plain data: for a process on this machine or another one.

    Nothing is done where the file is there already as it would be made, or where `version`, that of the program that
    asks, is not this one. `workers` pieces are encoded at a time. What goes wrong is in the result.
    """
    job = Job(**facts)
    try:
        if version != __version__:
            there = f"The worker on {platform.node()} has audioguide {__version__}, and the plan is of {version}."
            raise EnvironmentFailure(f"{there} Install the same there.")
        result = _make(job, workers)
    except RequestError as error:
        result = Result(job, "wrong", error=str(error))
    except AudioguideError as error:
        result = Result(job, "failed", error=str(error))
    except OSError as error:
        result = Result(job, "failed", error=f"The system refused: {error.strerror or error}.")
    told = {name: getattr(result, name) for name in ("state", "seconds", "bytes", "error")}
    return told | {"trouble": take_error()}


def _make(job: Job, workers: int) -> Result:
    from audioguide.export.tags.payload import read_label
    from audioguide.session.open import open_session, parse_options
    from audioguide.system.files import make_folder

    path = Path(job.output)
    session = open_session(job.source, parse_options(job.options))
    mark = session.mark(path, mono=job.mono, bitrate=job.bitrate)
    if mark and (label := read_label(path)) and label.mark == mark:
        return Result(job, "kept")
    make_folder(path.parent)
    timeline = session.fitted().export(path, mono=job.mono, bitrate=job.bitrate, workers=workers)
    return Result(job, "made", timeline.frames / RATE, path.stat().st_size)
