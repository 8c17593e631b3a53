"""Reads tables (CSV, TSV), and lines of `phrase;seconds`."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

from audioguide.errors import Problem, RoutineError
from audioguide.routine.importers.inline_text import Row, locate
from audioguide.routine.importers.labels import column_kind
from audioguide.routine.importers.script_blocks import Block, TextLine
from audioguide.routine.importers.vocabulary import LANGUAGES, load_vocabulary

_DELIMITERS = "\t;,|"
_SECONDS = re.compile(r"(\d{1,5}(?:[.,]\d{1,3})?)\s*(?:s|sec|sek|seg)?\.?", re.IGNORECASE)
PHRASE_LINE = re.compile(rf"[^;]*\w[^;]*;\s*{_SECONDS.pattern}\s*", re.IGNORECASE)


def read_table(lines: Sequence[str], file: str) -> Iterator[Block]:
    """Each row with the names of its columns; what is a phrase and a number of seconds becomes words and a pause.

    RoutineError where a cell is larger than a reader of tables takes.
    """
    head = [line for line in lines if line.strip()][:20]
    delimiter = max(_DELIMITERS, key=lambda sign: min((line.count(sign) for line in head), default=0))
    if not any(delimiter in line for line in head):
        delimiter = max(_DELIMITERS, key="".join(head).count)
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, skipinitialspace=True)
    columns, number = tuple[str, ...](), 1
    try:
        for cells in reader:
            row = Row(number, "", lines[number - 1])
            number = reader.line_num + 1
            cells = [" ".join(cell.split()) for cell in cells]
            if not any(cells):
                continue
            if row.number == 1 and _is_head(cells):
                columns = tuple(cells)
            elif not columns and len(cells) == 2 and (seconds := _SECONDS.fullmatch(cells[1])):
                text = f"{cells[0]} [pause {seconds[1].replace(',', '.')} s]".strip()
                yield Block("paragraph", (TextLine(text, locate(row, cells[0], file)),))
            else:
                found = tuple(TextLine(cell, locate(row, cell, file)) for cell in cells)
                yield Block("row", found, columns=columns)
    except csv.Error as error:
        message, hint = f"This cannot be read as a table: {error}.", "Look for a quotation mark that is never closed."
        raise RoutineError([Problem(locate(Row(number, "", ""), "", file), "not-csv", message, hint)]) from None


def _is_head(cells: Sequence[str]) -> bool:
    """Whether the first row names columns: one of its words does in some language, and no cell has a number in it."""
    if any(any(map(str.isdigit, cell)) for cell in cells):
        return False
    return any(column_kind(cell, load_vocabulary(language)) for language in LANGUAGES for cell in cells)
