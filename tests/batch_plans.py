"""Plans to test with, and what is said about those that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from audioguide.batch import Job, read_plan
from audioguide.errors import RequestError, RoutineError


class Plans:
    """Writes plans and what they need into one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "out"
        self.out.mkdir()

    def write(self, text: str | bytes, name: str = "plan.csv") -> Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return path

    def jobs(self, text: str | bytes, name: str = "plan.csv") -> tuple[Job, ...]:
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
