"""What of a plan is done: a hidden file in the folder, with a line for each session. A later run goes on from there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from audioguide.batch.job import Job, Result
from audioguide.files import explain

NAME = ".audioguide-batch.jsonl"

_LARGEST = 200_000_000


class Journal:
    """The journal of a folder, a context manager. A line that is cut off, or is none, says nothing.

    EnvironmentFailure where it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self._done = dict(_read(self._path))

    def __enter__(self) -> Journal:
        try:
            self._file = self._path.open("a", encoding="utf-8")
            self._file.write("\n")  # after what a process that was killed may have left half written
        except OSError as error:
            raise explain(error, self._path) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # each line was written out when it came
            self._file.close()

    def known(self, job: Job) -> str:
        """The mark of the job's file, if it lies there as it was made; else nothing."""
        facts = self._done.get(job.output)
        return str(facts["mark"]) if facts and facts["is"] == _state(Path(job.output)) else ""

    def note(self, result: Result) -> None:
        """A file is made: say so, now."""
        if not result.mark:
            return
        facts = {"file": result.job.output, "mark": result.mark, "is": _state(Path(result.job.output))}
        try:
            self._file.write(json.dumps(facts) + "\n")
            self._file.flush()
        except OSError as error:
            raise explain(error, self._path) from None


def _state(path: Path) -> list[int] | None:
    """What changes when a file does."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return [stat.st_size, stat.st_mtime_ns]


def _read(path: Path) -> Iterable[tuple[str, dict[str, Any]]]:
    with suppress(OSError), path.open(encoding="utf-8", errors="replace") as file:
        for line in file.read(_LARGEST).splitlines():
            with suppress(ValueError, KeyError, TypeError, RecursionError):
                facts = json.loads(line)
                yield str(facts["file"]), {"mark": str(facts["mark"]), "is": facts["is"]}
