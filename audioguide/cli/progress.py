"""Progress on stderr: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

Stage = Literal["Speaking", "Writing", "Sending", "Sessions"]


@contextmanager
def progress() -> Iterator[Callable[[Stage], Callable[[int, int], None]]]:
    """Gives, for a stage, what is to be told (done, total); its bar shows when that is told first."""
    if not sys.stderr.isatty():
        yield lambda stage: lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description:<9}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:

        def of(stage: Stage) -> Callable[[int, int], None]:
            bar = bars.add_task(stage, total=None, visible=False)
            return lambda done, total: bars.update(bar, completed=done, total=total, visible=True)

        yield of
