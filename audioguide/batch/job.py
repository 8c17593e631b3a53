"""A job is one session to be written to one file: plain data, whose result depends on nothing else."""

import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from audioguide.errors import AudioguideError, EnvironmentFailure, RequestError
from audioguide.system.remote_cache import take_error
from audioguide.units import RATE
from audioguide.version import __version__

ResultState = Literal["made", "kept", "wrong", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """The row at `line` of a plan: `source` is a routine's id or file, `options` are written as in a preset."""

    line: int
    source: str
    output: str
    options: Mapping[str, Any] = field(default_factory=dict)
    mono: bool = False
    bitrate: int | None = None


@dataclass(frozen=True, slots=True)
class JobResult:
    """How a job ended; `seconds` is the length of the session.

    "made": its file was written; "kept": the file there is as it would be made now; "wrong": the row asks for something
    that does not exist; "failed": the machine failed. `cache_error` is about the shared cache, once per process.
    """

    job: Job
    state: ResultState
    seconds: float = 0.0
    bytes: int = 0
    error: str = ""
    cache_error: str = ""

    def to_json(self) -> dict[str, Any]:
        """The row that `--json` prints."""
        row = {"line": self.job.line, "routine": self.job.source, "file": self.job.output, "state": self.state}
        seconds, size = round(self.seconds, 6) or None, self.bytes or None
        return row | {"duration": seconds, "bytes": size, "error": self.error or None}


def run_job(data: Mapping[str, Any], workers: int, version: str) -> dict[str, Any]:
    """Run the job in `data`, in any process on any machine; returns the fields of its JobResult without `job`.

    `workers` segments are encoded at a time. `version` is that of the program that asks: a worker of another version
    refuses. Errors are returned, not raised.
    """
    job = Job(**data)
    try:
        if version != __version__:
            mismatch = f"The worker on {platform.node()} has audioguide {__version__}, and the plan is of {version}."
            raise EnvironmentFailure(f"{mismatch} Install the same there.")
        result = _write_file(job, workers)
    except RequestError as error:
        result = JobResult(job, "wrong", error=str(error))
    except AudioguideError as error:
        result = JobResult(job, "failed", error=str(error))
    except OSError as error:
        result = JobResult(job, "failed", error=f"The system refused: {error.strerror or error}.")
    fields = {name: getattr(result, name) for name in ("state", "seconds", "bytes", "error")}
    return fields | {"cache_error": take_error()}


def _write_file(job: Job, workers: int) -> JobResult:
    from audioguide.export.formats import read_label
    from audioguide.session.open import open_session, parse_options
    from audioguide.session.output import compute_fingerprint
    from audioguide.system.files import make_folder

    path = Path(job.output)
    session = open_session(job.source, parse_options(job.options))
    mark = compute_fingerprint(session, path, mono=job.mono, bitrate=job.bitrate)
    if mark and (label := read_label(path)) and label.mark == mark:
        return JobResult(job, "kept")
    make_folder(path.parent)
    timeline = session.export(path, mono=job.mono, bitrate=job.bitrate, workers=workers)
    return JobResult(job, "made", timeline.frames / RATE, path.stat().st_size)
