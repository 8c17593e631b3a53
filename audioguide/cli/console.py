"""What commands print and ask: progress, messages, tables, JSON, questions."""

import json
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

import click

from audioguide.errors import Problem, RequestError
from audioguide.speech.voice_speaker import Progress

Stage = Literal["Speaking", "Writing", "Sending", "Sessions"]

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


@contextmanager
def progress() -> Iterator[Callable[[Stage], Progress]]:
    """Give a function that makes a callback for a stage: (done, total) → None, whose first call shows a bar."""
    if not sys.stderr.isatty():
        yield lambda stage: lambda done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description:<9}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:

        def add_bar(stage: Stage) -> Progress:
            bar = bars.add_task(stage, total=None, visible=False)
            return lambda done, total: bars.update(bar, completed=done, total=total, visible=True)

        yield add_bar


def print_notes(notes: Iterable[str | None]) -> None:
    """Print notes on stderr, one a line; None is no note."""
    for note in notes:
        if note:
            click.echo(note, err=True)


def print_problems(problems: Iterable[Problem], *, strict: bool = False) -> int:
    """Print problems, one a line, and give the exit code; `strict` counts warnings as errors."""
    code = 0
    for problem in problems:
        click.echo(str(problem))
        if strict or problem.severity == "error":
            code = 2
    return code


def print_json(data: Any, indent: int = 2) -> None:
    """Print data as JSON."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=indent))


def print_table(rows: Iterable[Iterable[str]]) -> None:
    """Print rows in columns. On a terminal the last column is wrapped; elsewhere no line is broken."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*map(Text, row))
    for column in table.columns[:-1]:
        column.no_wrap = True
    console = Console(width=None if sys.stdout.isatty() else 10_000)
    with console.capture() as printed:
        console.print(table)
    for line in printed.get().splitlines():
        click.echo(line.rstrip())


def line_width() -> int:
    """The width of the terminal; 80 elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 80


def print_columns(rows: Sequence[tuple[bool, Sequence[str]]]) -> None:
    """Print rows in columns, a line each, cut off at the width of a line; those with True bold."""
    from rich.cells import cell_len, set_cell_size

    from audioguide.player.ui.terminal_style import truncate

    width = line_width()
    columns = zip(*(cells for _, cells in rows), strict=True)
    widths = [min(max(map(cell_len, column)), width * 9 // 20) for column in columns]
    for differs, (*cells, last) in rows:
        padded = (set_cell_size(truncate(text, size), size) for text, size in zip(cells, widths, strict=False))
        line = truncate("  ".join((*padded, last)).rstrip(), width)
        click.echo(click.style(line, bold=True) if differs and os.environ.get("TERM") != "dumb" else line)


def print_address(address: str) -> None:
    """Print an address for a phone to open; on a terminal, also its QR code."""
    click.echo(address)
    sys.stdout.flush()
    if sys.stderr.isatty():
        from audioguide.web.auth import render_qr_text

        click.echo(render_qr_text(address), err=True)


def can_ask() -> bool:
    """Whether a person can see a question and answer it."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str, *, yes: bool, abort: bool = True) -> bool:
    """Ask before deleting, unless `yes`. No is a click.Abort if `abort`. RequestError if nobody can ask."""
    if yes:
        return True
    if not sys.stdin.isatty():
        raise RequestError(question, "Add --yes to confirm.")
    return click.confirm(question, abort=abort, err=True)


class MessagePrinter:
    """Prints messages from any thread on stderr, each one once, until something that owns the screen takes over."""

    def __init__(self) -> None:
        self._printed: set[str] = set()
        self._lock = threading.Lock()
        self._show: Callable[[str], None] | None = None

    def tell(self, line: str) -> None:
        """Show a line that was not shown yet."""
        with self._lock:
            if line not in self._printed:
                self._printed.add(line)
                if self._show:
                    self._show(line)
                else:  # over a status line
                    click.echo(f"\r\x1b[K{line}" if sys.stderr.isatty() else line, err=True)

    def redirect(self, show: Callable[[str], None] | None) -> None:
        """Hand further lines to `show`; None prints them again."""
        self._show = show
