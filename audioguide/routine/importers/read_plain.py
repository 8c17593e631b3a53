"""Reads plain text: fields at its head, lines that look like headings, items, rows of tables, and paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet

from audioguide.errors import SourceLocation
from audioguide.routine.importers.inline_text import FIELDS, Row, locate, read_inline, take_out_hidden
from audioguide.routine.importers.script_blocks import Block, Kind, LeftOut, TextLine

Found = Block | LeftOut

ITEM = re.compile(
    r"(?:[-*+•·‣▪●○◦■□►▶➤→✓✔☐☑]|[–—](?=.*[^–—\s]\s*$)|\(?\d{1,3}[A-Za-z]?[.)]|\(?[A-Za-z]\)|[A-Ha-h]\.|[ivx]{1,5}[.)])\s+"
    r"(?:\[[ xX]\]\s+)?(?=\S)"
)
MOST_COLUMNS = 1_000  # of a table: what has more is text
_TABLE_RULE = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
_CELL_END = re.compile(r"(?<!\\)\|")
_COMMENT = re.compile(r"(?:^|\s)#(?:\s.*|$)|^#.*")
_UNDERLINE = re.compile(r"[=~-]{3,}|_{3,}")
_RULE = re.compile(r"(?:[*=_~#-]\s?){3,}")
_SENTENCE_END = re.compile(r"[.!?,;…][\"'”’)]*$")
_NUMBERED = re.compile(r"(?:[^\W\d]+\s+)?(?:\d{1,2}|[ivx]{1,5})[.):]\s+(?=\S)", re.IGNORECASE)
_FIELD = re.compile(r"(?P<name>[^\W\d][\w -]{1,30}?)\s*:\s+(?P<value>\S.*)")
# Who wrote it, in a line of its own.
BYLINE = re.compile(r"(by|von|por|par)\s+((?-i:[^\W\d_a-zäöüéèñ])[\w.’' -]{1,40}(?<!\.))", re.IGNORECASE)


def read_plain(lines: Sequence[str], file: str) -> Iterator[Found]:
    """The blocks of a plain text, and what is left out of it."""
    rows, left_out, links = take_out_hidden(lines, file)
    yield from left_out
    reader = ParagraphReader(file, links)
    groups: list[list[Row]] = [[]]
    for row in rows:
        if comment := _COMMENT.search(row.text):
            place = SourceLocation(file, row.number, comment.start() + 1)
            yield LeftOut(place, "a comment", comment[0].strip())
            if not (row := row._replace(text=row.text[: comment.start()])).text.strip():
                continue
        line = row.text.strip()
        if not line or (_RULE.fullmatch(line) and not (len(groups[-1]) == 1 and _UNDERLINE.fullmatch(line))):
            groups.append([])
        else:
            groups[-1].append(row)
    groups = [group for group in groups if group]
    fields = list(read_fields(groups[0] if groups else (), file))
    yield from fields
    letters = [row.text for group in groups for row in group if any(map(str.isalpha, row.text))]
    shouted = sum(map(str.isupper, letters)) * 2 > len(letters) > 2
    for index, group in enumerate(groups):
        group = group[0 if index else len(fields) :]
        following = groups[index + 1][0].text.strip() if index + 1 < len(groups) else ""
        yield from _read_group(group, following, index == 0, shouted, reader)


def read_fields(rows: Sequence[Row], file: str) -> Iterator[Block]:
    """The fields that a text begins with (`Title: Calm`): none where no name of them is known."""
    found = [_FIELD.fullmatch(row.text.strip()) for row in rows]
    known = [at for at, match in enumerate(found) if match and match["name"].lower() in FIELDS]
    for at, (row, match) in enumerate(zip(rows, found, strict=True)):
        if match is None or not known or (at > known[-1] and any(map(str.isdigit, match["value"]))):
            return  # an exercise with its dose, maybe
        yield make_field(row, match["name"], match["value"], file)


def make_field(row: Row, name: str, value: str, file: str) -> Block:
    """A field of metadata: its name, and its value without quotes."""
    texts = name, value.strip().strip("\"'")
    return Block("field", tuple(TextLine(text, locate(row, text, file)) for text in texts))


def _read_group(
    group: list[Row], following: str, first: bool, shouted: bool, reader: ParagraphReader
) -> Iterator[Found]:
    """The blocks of lines without an empty one between them."""
    gathered: list[Row] = []
    for index, row in enumerate(group):
        line, below = row.text.strip(), group[index + 1].text.strip() if index + 1 < len(group) else ""
        if _UNDERLINE.fullmatch(line):
            continue
        alone = first and not index and (not below or BYLINE.fullmatch(below) is not None)
        if why := _why_heading(line, below, below or following, not gathered, shouted, alone):
            yield from reader.read(gathered)
            gathered = []
            yield from reader.read([row], "heading", 1 if first and not index else 2, why=why)
        else:
            gathered.append(row)
    yield from reader.read(gathered)


def _why_heading(line: str, below: str, following: str, opens: bool, shouted: bool, alone: bool) -> str:
    """Why a line looks like a heading; "" where it does not."""
    words = re.sub(r"^[^\w]+", "", line).split()
    if not following or not 0 < len(words) <= 12 or not any(map(str.isalpha, line)) or line[0] in "[({<|":
        return ""
    if below and _UNDERLINE.fullmatch(below) and opens:
        return "" if _SENTENCE_END.search(line) else "An underlined line"
    if _SENTENCE_END.search(line) or re.search(r"[!?…]\s", line) or (ITEM.match(line) and not line[0].isalnum()):
        return ""
    if line.isupper() and not shouted and sum(map(str.isalpha, line)) > 3:
        return "A line in capitals"
    numbered = _NUMBERED.match(line)
    if opens and not (numbered and _NUMBERED.match(following)):  # not the first one of a numbered list
        capitals = all(word[0].isupper() for word in words if len(word) > 3 or word is words[0])
        if below and 2 <= len(words) <= 6 and capitals and (ITEM.match(below) or below[0].isupper()):
            return "A short line in title case"
        if line.endswith(":") and len(words) <= 10:
            return "A line that ends with a colon"
        if numbered and len(line[numbered.end() :].split()) <= 7 and not line[numbered.end()].islower():
            return "A short numbered line"
    return "A short first line that stands alone" if alone and len(words) <= 10 and not ITEM.match(line) else ""


class ParagraphReader:
    """Reads lines that stand together: a paragraph, with the items and the rows of a table that begin in it."""

    def __init__(self, file: str, links: AbstractSet[str]) -> None:
        self.file, self.links = file, links
        self._indents = list[int]()  # of the items around the next one

    def read(
        self, rows: Sequence[Row], kind: Kind = "paragraph", level: int = 0, mark: str = "", why: str = ""
    ) -> Iterator[Found]:
        """The blocks of some rows. The first one is of this kind, and has this level, mark and reason."""
        gathered, columns, in_table = list[Row](), tuple[TextLine, ...](), False
        outer = level
        for index, row in enumerate(rows):
            line, below = row.text.strip(), rows[index + 1].text.strip() if index + 1 < len(rows) else ""
            is_head = 0 < line.count("|") <= MOST_COLUMNS and "|" in below and _TABLE_RULE.fullmatch(below) is not None
            in_table = (
                is_head or (line.startswith("|") and 1 < line.count("|") <= MOST_COLUMNS) or (in_table and "|" in line)
            )
            item = ITEM.match(line) if kind != "heading" and not in_table and (index or not mark) else None
            if (in_table or item) and gathered:
                yield from self._finish(gathered, kind, level, mark, why)
                gathered, kind, mark, why = [], "paragraph", "", ""
            if item:
                indent = len(row.text) - len(row.text.lstrip())
                while self._indents and self._indents[-1] >= indent:
                    self._indents.pop()
                kind, level, mark = "item", outer + len(self._indents), item[0].strip()
                self._indents.append(indent)
                row = row._replace(text=line[item.end() :])
            if not in_table:
                gathered.append(row)
                continue
            cells = self._read_cells(row, line)
            yield from (cell for cell in cells if isinstance(cell, LeftOut))
            found = tuple(cell for cell in cells if isinstance(cell, TextLine))
            if is_head:
                columns = found
            elif not _TABLE_RULE.fullmatch(line):
                yield Block("row", found, columns=columns)
        yield from self._finish(gathered, kind, level, mark, why)

    def _read_cells(self, row: Row, line: str) -> list[TextLine | LeftOut]:
        cells = _CELL_END.split(line.removeprefix("|").removesuffix("|"))
        rows = (row._replace(text=cell.strip().replace("\\|", "|")) for cell in cells)
        return [found for cell in rows for found in read_inline([cell], self.file, self.links)]

    def _finish(self, rows: Sequence[Row], kind: Kind, level: int, mark: str, why: str) -> Iterator[Found]:
        found = list(read_inline(rows, self.file, self.links)) if rows else []
        yield from (part for part in found if isinstance(part, LeftOut))
        if lines := tuple(part for part in found if isinstance(part, TextLine) and part.text):
            if kind == "paragraph":
                self._indents.clear()
                if (
                    len(lines) == 1
                    and sum(end - start for start, end in lines[0].bold) + 1 >= len(lines[0].text) <= 100
                ):
                    kind, level, why = "heading", 6, "A line in bold that stands alone"
            yield Block(kind, lines, level, mark, why)
