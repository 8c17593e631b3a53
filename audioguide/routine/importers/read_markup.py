"""Reads HTML and SSML by their text: their paragraphs, headings, lists and tables are written and read as Markdown."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence

from audioguide.routine.importers.inline_text import take_out_hidden
from audioguide.routine.importers.read_markdown import read_markdown_rows
from audioguide.routine.importers.read_plain import Found, ParagraphReader, make_field

_BREAK = "\v"  # a line that begins within a line of the file
_JOINED = "\f"  # a line of the file that stands in a row of a table above
_DEEPEST = 12  # lists within each other, whose items are indented
_FIELDS = {
    "title": re.compile(r"<title\b[^<>]{0,300}>([^<>]{1,300})</title>", re.IGNORECASE),
    "author": re.compile(
        r"<meta\b[^<>]{0,300}\bname=[\"']author[\"'][^<>]{0,300}\bcontent=[\"']([^\"'<>]{1,300})", re.IGNORECASE
    ),
    "language": re.compile(r"<(?:html|speak|body)\b[^<>]{0,1000}\blang\s*=\s*[\"']?([\w-]{1,20})", re.IGNORECASE),
}
_ROW = re.compile(
    r"(?:(?<!\s)\s+)?<tr\b[^<>]{0,500}>((?:[^<]|<(?!/?tr\b)){0,20000})</tr\s*>", re.IGNORECASE | re.DOTALL
)
_CELL = re.compile(r"<t[dh]\b[^<>]{0,500}>", re.IGNORECASE)
_BLOCK = re.compile(
    r"<(?P<close>/?)(?P<name>li|ul|ol|h[1-6]|br|s|p|div|section|article|aside|header|footer|main|nav|body|html|head|speak"
    r"|blockquote|pre|d[ldt]|fig(?:ure|caption)|table|caption|t[drh]|hr|par|details|summary)\b[^<>]{0,1000}>(?P<space>\s*)"
    r"|<!\[CDATA\[|\]\]>|<title\b[^<>]{0,300}>[^<>]{1,300}</title>",
    re.IGNORECASE,
)


def read_markup(lines: Sequence[str], file: str) -> Iterator[Found]:
    """The blocks of a text in HTML or SSML, and what is left out of it."""
    rows, left_out, links = take_out_hidden(lines, file)
    yield from left_out
    text = "\n".join(row.text for row in rows)
    for name, pattern in _FIELDS.items():
        if match := pattern.search(text):
            row = rows[text.count("\n", 0, match.start(1))]
            yield make_field(row, name, html.unescape(" ".join(match[1].split())), file)
    written = _BLOCK.sub(_MarkdownWriter().write, _ROW.sub(_write_row, text)).split("\n")
    parts = [row._replace(text=part) for row, line in zip(rows, written, strict=True) for part in _split_line(line)]
    yield from read_markdown_rows(parts, ParagraphReader(file, links), begun=True)


def _split_line(line: str) -> list[str]:
    parts = line.split(_BREAK)
    if len(parts) > 1:
        parts = parts[not parts[0].strip() : -1 if not parts[-1].strip() else None]
    return [part for part in parts if not part.startswith(_JOINED)]


def _write_row(match: re.Match[str]) -> str:
    """A row of a table in one line, with a rule under names of columns."""
    before_cells, *cells = _CELL.split(match[1])
    first = " ".join(before_cells.split())
    names = match[1].lower().count("<th")
    cells = [re.sub(r"</t[dh]\s*>", "", " ".join(_BLOCK.sub(" ", cell).split()), flags=re.IGNORECASE) for cell in cells]
    row = "|".join(["", *(cell.replace("|", "\\|") for cell in cells), ""])
    rule = f"{_BREAK}|{'---|' * len(cells)}" if names == len(cells) > 0 else ""
    before, within = (("\n" + _JOINED) * part.count("\n") for part in match[0].split("<", 1))
    return f"{before}{_BREAK}{first}{first and _BREAK}{row}{rule}{within}"


class _MarkdownWriter:
    """Writes Markdown in the place of a tag, with the line ends that are in the tag and behind it."""

    def __init__(self) -> None:
        self.lists = list[int | None]()  # how many items each list around has so far; None: without numbers
        self.item = -1  # where the tag of an item ended: a paragraph that opens there is that item

    def write(self, match: re.Match[str]) -> str:
        ends = "\n" * match[0].count("\n")
        if match["name"] is None:
            return ends
        name, opens = match["name"].lower(), not match["close"]
        if name in ("ul", "ol"):
            self.lists = [*self.lists, 0 if name == "ol" else None] if opens else self.lists[:-1]
        elif opens and name == "li":
            self.item = match.end()
            return ends + _BREAK + self._write_mark()
        elif opens and name[1:].isdigit():
            return f"{ends}{_BREAK * 2}{'#' * int(name[1])} "
        elif name == "s":
            return _BREAK + ends if opens else f" {ends}"
        elif opens and self.item == match.start():
            self.item = match.end()
            return ends
        return _BREAK * (1 if name in ("br", "li", "ul", "ol") else 2) + (ends or match["space"][:1])

    def _write_mark(self) -> str:
        self.lists = self.lists or [None]
        if (count := self.lists[-1]) is not None:
            self.lists[-1] = count + 1
        return " " * 4 * min(len(self.lists) - 1, _DEEPEST) + ("- " if count is None else f"{count + 1}. ")
