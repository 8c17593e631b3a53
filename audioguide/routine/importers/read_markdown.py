"""Reads Markdown: markdown-it-py finds its blocks, `inline_text` reads what stands within their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from audioguide.errors import SourceLocation
from audioguide.routine.importers.inline_text import FIELDS, Row, take_out_hidden
from audioguide.routine.importers.read_plain import Found, ParagraphReader, make_field, read_fields
from audioguide.routine.importers.script_blocks import LeftOut

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_FRONT_LINE = re.compile(r"(?P<name>[^\W\d][\w -]{0,40}?)\s*[:=](?:\s*(?P<value>.*))?|\s.*|-.*|#.*|")
_MOST_NESTED = 60  # lists and quotes within each other: what is deeper is left out
_LONGEST_FRONT = 60  # lines of front matter
_SENTENCE = re.compile(r"[.,;…][\"'”’)*_]*$|[!?]\s")
_CODE_SIGN = re.compile(r"[{};=<>$\\|]")
_PROSE = ("", "text", "txt", "plain", "md", "markdown")  # what a fence may say that has words to be spoken in it
_TASK = re.compile(r"\[[ xX]\]\s+")


def read_markdown(lines: Sequence[str], file: str) -> Iterator[Found]:
    """The blocks of a Markdown text, and what is left out of it."""
    end = _find_front_matter(lines)
    for number, line in enumerate(lines[1 : max(0, end - 1)], 2):
        match = _FRONT_LINE.fullmatch(line)
        if match and match["value"] and match["name"].lower() in FIELDS:
            yield make_field(Row(number, line, line), match["name"], match["value"], file)
        elif line.strip():
            yield LeftOut(SourceLocation(file, number, 1), "front matter", line.strip())
    rows, left_out, links = take_out_hidden([*[""] * end, *lines[end:]], file)
    yield from left_out
    yield from read_markdown_rows(rows, ParagraphReader(file, links), begun=end > 0)


def read_markdown_rows(rows: Sequence[Row], reader: ParagraphReader, begun: bool) -> Iterator[Found]:
    """The blocks of Markdown. `begun`: no fields are looked for at its head."""
    marks = list[tuple[str, int]]()  # what stands before each item around, "" once it was used; and the item's line
    opened = None
    for token in _block_parser().parse("\n".join(row.text for row in rows), {}):
        first, end = token.map or (0, 0)
        if opened and opened.type == "list_item_open" and token.type.startswith(("list_item_c", "ordered", "bullet")):
            mark, line = marks[-1]  # a number and nothing behind it is counted aloud
            yield from reader.read([rows[line]._replace(text=mark)] if mark[:1].isdigit() else [])
        if token.type == "list_item_open":
            marks.append((token.info + token.markup, first))
        elif token.type == "list_item_close":
            marks.pop()
        elif token.type == "fence":
            yield from _read_fence(token, rows[first:end], reader)
        elif token.type == "inline" and opened and end:
            numbered = zip(rows[first:end], token.content.split("\n"), strict=False)
            inner = [Row(row.number, line, row.written) for row, line in numbered]
            is_sentence = opened.markup[:1] in ("-", "=") and _SENTENCE.search(token.content)  # over a rule
            if opened.type == "heading_open" and len(inner) == 1 and not is_sentence:
                yield from reader.read(inner, "heading", int(opened.tag[1]))
            elif marks and (mark := marks[-1][0]):
                marks[-1] = "", 0
                task = _TASK.match(inner[0].text)
                inner[0] = inner[0]._replace(text=inner[0].text[task.end() if task else 0 :])
                yield from reader.read(inner, "item", len(marks) - 1, f"{mark} {task[0] if task else ''}".strip())
            else:
                fields = [] if begun or marks else list(read_fields(inner, reader.file))
                yield from fields
                yield from reader.read(inner[len(fields) :], level=len(marks))
            begun = True
        opened = token


def _find_front_matter(lines: Sequence[str]) -> int:
    """How many lines the front matter has, with the two rules around it."""
    if not lines or (rule := lines[0].strip()) not in ("---", "+++"):
        return 0
    end = next((n for n, line in enumerate(lines[1:_LONGEST_FRONT], 1) if line.strip() in (rule, "...")), 0)
    found = [_FRONT_LINE.fullmatch(line) for line in lines[1:end]]
    names = [match["name"] for match in found if match and match["name"]]
    is_data = all(name[0].islower() or name.lower() in FIELDS for name in names)
    return end + 1 if names and is_data and all(found) else 0


def _read_fence(fence: Token, rows: Sequence[Row], reader: ParagraphReader) -> Iterator[Found]:
    """Text that stands in a fence only to be set apart, or code."""
    info, content = fence.info.strip(), fence.content
    is_code = info.lower() not in _PROSE or len(_CODE_SIGN.findall(content)) > 0.03 * len(content)
    if shown := " ".join(f"{info} {content if is_code else ''}".split()):
        yield LeftOut(SourceLocation(reader.file, rows[0].number, 1), "code" if is_code else "an attribute", shown)
    read = [row._replace(text=line) for row, line in zip(rows[1:], content.split("\n"), strict=False) if not is_code]
    for has_words, group in groupby(read, lambda row: bool(row.text.strip())):
        yield from reader.read(list(group) if has_words else [])


@cache
def _block_parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": _MOST_NESTED}).disable(["code", "html_block", "reference"])
    parser.core.ruler.disable(["inline", "text_join"])
    return parser
