"""Reads tables (CSV, TSV), and lines of `phrase;seconds`."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from audioguide.errors import Problem, RoutineError
from audioguide.routine.importers.inline_text import Row, locate
from audioguide.routine.importers.labels import column_kind
from audioguide.routine.importers.read_plain import MOST_COLUMNS
from audioguide.routine.importers.script_blocks import Block, LeftOut, TextLine
from audioguide.routine.importers.vocabulary import LANGUAGES, Vocabulary, load_vocabulary

_DELIMITERS = "\t;,|"
_SECONDS = re.compile(r"(\d{1,5}(?:[.,]\d{1,3})?)\s*(?:s|sec|sek|seg)?\.?", re.IGNORECASE)
PHRASE_LINE = re.compile(rf"[^;]{{1,1000}};\s*{_SECONDS.pattern}\s*", re.IGNORECASE)


def read_table(lines: Sequence[str], file: str) -> Iterator[Block | LeftOut]:
    """Each row with the names of its columns; what is a phrase and a number of seconds becomes words and a pause.

    RoutineError where a cell is larger than a reader of tables takes.
    """
    head = [line for line in lines if line.strip()][:20]
    delimiter = max(_DELIMITERS, key=lambda sign: min((line.count(sign) for line in head), default=0))
    if not any(delimiter in line for line in head):
        delimiter = max(_DELIMITERS, key="".join(head).count)
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, skipinitialspace=True)
    found, number = list[list[TextLine]](), 1
    try:
        for cells in reader:
            row = Row(number, "", lines[number - 1])
            number = reader.line_num + 1
            if any(map(str.strip, cells)):
                texts = (" ".join(cell.split()) for cell in cells)
                found.append([TextLine(text, locate(row, text, file)) for text in texts])
    except csv.Error as error:
        message, hint = f"This cannot be read as a table: {error}.", "Look for a quotation mark that is never closed."
        raise RoutineError([Problem(locate(Row(number, "", ""), "", file), "not-csv", message, hint)]) from None

    columns = _find_columns(found)
    written = [[cell.text for cell in cells] for cells in found[bool(columns) :]]
    timed = sum(len(cells) > 1 and _SECONDS.fullmatch(cells[-1]) is not None for cells in written)
    is_phrases = timed * 2 > len(written) and not any(
        re.fullmatch(r"[\W\d]+", cell) for cells in written for cell in cells[:-1]
    )
    named = (column_kind(cell.text, words) == "name" for cell in columns[:1] for words in _vocabularies())
    if columns and (not written or (is_phrases and not any(named))):
        yield LeftOut(columns[0].place, "names of columns", " ".join(cell.text for cell in columns))
    elif columns:
        is_phrases = False
    for first, *others in found[bool(columns) :]:
        if is_phrases:
            cells = [cell.text for cell in (first, *others)]
            seconds = _SECONDS.fullmatch(cells[-1])
            pause = seconds[1].replace(",", ".") if seconds else "0"
            text = f"{delimiter} ".join(filter(None, cells[: -1 if seconds else None]))
            text += f" [pause {pause} s]" * (float(pause) > 0)
            yield Block("paragraph", (replace(first, text=text.strip()),))
        else:
            yield Block("row", (first, *others), columns=columns)


def _find_columns(rows: Sequence[Sequence[TextLine]]) -> tuple[TextLine, ...]:
    """The first row if it names columns: no number is in it, but one below it, or one of its words names a column."""
    head = tuple(rows[0]) if rows else ()
    if any(map(str.isdigit, "".join(cell.text for cell in head))) or len(head) > MOST_COLUMNS:
        return ()
    has_numbers = len(rows) > 1 and all(any(map(str.isdigit, row[-1].text)) for row in rows[1:])
    known = (column_kind(cell.text, words) for words in _vocabularies() for cell in head)
    return head if has_numbers or any(known) else ()


def _vocabularies() -> list[Vocabulary]:
    return [load_vocabulary(language) for language in LANGUAGES]
