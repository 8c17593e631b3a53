"""Plans to test with, what is said about those that are wrong, and the command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from audioguide.batch.job import Job
from audioguide.batch.plan import read_plan
from audioguide.errors import RequestError, RoutineError

ROUTINE = """title: One
steps:
  - say: One.
  - {pose: {name: Two, hold: 5s, limits: 5s..60s}}
"""
NAMES = ("a.mp3", "b.mp3", "c.mp3", "d.mp3")


def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


class Command:
    """`audioguide …` in a process of its own, as leader of a group, of which all descendants can be found."""

    def __init__(self, *arguments: object, **environment: str) -> None:
        self._mark = f"AUDIOGUIDE_TEST_MARK={uuid4().hex}"
        name, _, value = self._mark.partition("=")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "audioguide", *map(str, arguments)],
            env=os.environ | environment | {name: value},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )

    def family(self) -> list[int]:
        """All that run and come from it, itself as well."""
        found = []
        for folder in Path("/proc").iterdir():
            try:
                alive = folder.name.isdecimal() and self._mark.encode() in (folder / "environ").read_bytes()
                if alive and (folder / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                    found.append(int(folder.name))
            except OSError:  # it has just ended, or is somebody else's
                continue
        return found

    def workers(self) -> list[int]:
        """The processes that make sessions."""
        return [
            pid for pid in self.family() if b"spawn_main" in _command(pid) and b"--multiprocessing" in _command(pid)
        ]

    def end(self) -> tuple[int, str, str]:
        """Wait for it: exit code, stdout, stderr."""
        out, err = self.process.communicate(timeout=120)
        assert "Traceback" not in err, err
        return self.process.returncode, out, err


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


class Plans:
    """Writes plans and what they need into one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "out"
        self.out.mkdir()

    def sessions(self, *rows: str) -> Path:
        """A plan of rows `output,hold` of one short routine, by default four with a hold of 5 s."""
        (self.folder / "one.yaml").write_text(ROUTINE, "utf-8")
        lines = rows or NAMES
        return self.write(
            "routine,output,hold\n" + "".join(f"one.yaml,{line}{'' if ',' in line else ','}\n" for line in lines)
        )

    def files(self) -> dict[str, bytes]:
        """What lies in the folder, but for hidden files."""
        found = (path for path in self.out.rglob("*") if path.is_file() and not path.name.startswith("."))
        return {str(path.relative_to(self.out)): path.read_bytes() for path in found}

    def write(self, text: str | bytes, name: str = "plan.csv") -> Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return path

    def jobs(self, text: str | bytes, name: str = "plan.csv") -> list[Job]:
        return self.plan(text, name)[0]

    def plan(self, text: str | bytes, name: str = "plan.csv") -> tuple[list[Job], list[str]]:
        return read_plan(self.write(text, name), self.out)

    def wrong(self, text: str | bytes, name: str = "plan.csv") -> list[tuple[int, int, str]]:
        """Line, column and code of all that is wrong."""
        return [(one.place.line, one.place.column, one.code) for one in self.problems(text, name)]

    def problems(self, text: str | bytes, name: str = "plan.csv"):
        with pytest.raises(RoutineError) as caught:
            self.jobs(text, name)
        return caught.value.problems

    def refused(self, text: str | bytes, name: str = "plan.csv") -> str:
        with pytest.raises(RequestError) as caught:
            self.jobs(text, name)
        return str(caught.value)
