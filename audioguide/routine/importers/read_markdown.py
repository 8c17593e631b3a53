"""Reads Markdown: markdown-it-py finds its blocks, `inline_text` reads what stands within their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING

from audioguide.errors import SourceLocation
from audioguide.routine.importers.inline_text import Row, take_out_hidden
from audioguide.routine.importers.read_plain import KNOWN_FIELDS, Found, ParagraphReader, make_field, read_fields
from audioguide.routine.importers.script_blocks import LeftOut

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

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
    for row in (Row(number, line, line) for number, line in enumerate(lines[1 : max(0, end - 1)], 2)):
        match = _FRONT_LINE.fullmatch(row.text)
        if match and match["value"] and match["name"].lower() in KNOWN_FIELDS:
            yield make_field(row, match["name"], match["value"], file)
        elif row.text.strip():
            yield LeftOut(SourceLocation(file, row.number, 1), "front matter", row.text.strip())
    rows, left_out, links = take_out_hidden([*[""] * end, *lines[end:]], file)
    yield from left_out
    yield from read_markdown_rows(rows, ParagraphReader(file, links), begun=end > 0)


def read_markdown_rows(rows: Sequence[Row], reader: ParagraphReader, begun: bool) -> Iterator[Found]:
    """The blocks of Markdown. `begun`: no fields are looked for at its head."""
    depth, level, opened = 0, 0, ""
    marks = list[tuple[str, int]]()  # what stands before each item around, "" once it was used; and the item's line
    for token in _block_parser().parse("\n".join(row.text for row in rows), {}):
        if opened == "list_item_open" and token.type.startswith(("list_item_c", "ordered", "bullet")):
            mark, line = marks[-1]  # a number and nothing behind it is counted aloud
            yield from reader.read([rows[line]._replace(text=mark)] if mark[:1].isdigit() else [])
        match token.type:
            case "bullet_list_open" | "ordered_list_open" | "bullet_list_close" | "ordered_list_close":
                depth += token.nesting
            case "list_item_open":
                marks.append((token.info + token.markup, token.map[0] if token.map else 0))
            case "list_item_close":
                marks.pop()
            case "heading_open":
                level = int(token.tag[1])
            case "fence":
                yield from _read_fence(token.info, token.content, rows[slice(*(token.map or [0]))], reader)
            case "inline" if token.map:
                numbered = zip(rows[slice(*token.map)], token.content.split("\n"), strict=False)
                inner = [Row(row.number, line, row.written) for row, line in numbered]
                mark = marks[-1][0] if marks else ""
                if opened == "heading_open" and len(inner) == 1 and not _is_sentence(inner[0]):
                    yield from reader.read(inner, "heading", level)
                elif mark:
                    marks[-1] = "", 0
                    if task := _TASK.match(inner[0].text):
                        mark, inner[0] = (
                            f"{mark} {task[0].strip()}",
                            inner[0]._replace(text=inner[0].text[task.end() :]),
                        )
                    yield from reader.read(inner, "item", depth - 1, mark)
                else:
                    fields = [] if begun or marks else list(read_fields(inner, reader.file))
                    yield from fields
                    yield from reader.read(inner[len(fields) :], level=depth)
                begun = True
        opened = token.type


def _find_front_matter(lines: Sequence[str]) -> int:
    """How many lines the front matter has, with the two rules around it."""
    if not lines or (rule := lines[0].strip()) not in ("---", "+++"):
        return 0
    end = next((n for n, line in enumerate(lines[1:_LONGEST_FRONT], 1) if line.strip() in (rule, "...")), 0)
    found = [_FRONT_LINE.fullmatch(line) for line in lines[1:end]]
    names = [match["name"] for match in found if match and match["name"]]
    is_data = all(name[0].islower() or name.lower() in KNOWN_FIELDS for name in names)
    return end + 1 if names and is_data and all(found) else 0


def _is_sentence(row: Row) -> bool:
    """Whether a heading is underlined only since a rule stands below a sentence."""
    return not row.written.lstrip("> ").startswith("#") and _SENTENCE.search(row.text) is not None


def _read_fence(info: str, content: str, rows: Sequence[Row], reader: ParagraphReader) -> Iterator[Found]:
    """Text that stands in a fence only to be set apart, or code."""
    is_code = info.strip().lower() not in _PROSE or len(_CODE_SIGN.findall(content)) > 0.03 * len(content)
    if shown := " ".join(f"{info} {content if is_code else ''}".split()):
        yield LeftOut(SourceLocation(reader.file, rows[0].number, 1), "code" if is_code else "an attribute", shown)
    if is_code:
        return
    group: list[Row] = []
    for row, line in zip(rows[1:], [*content.split("\n"), ""], strict=False):
        if line.strip():
            group.append(row._replace(text=line))
        else:
            yield from reader.read(group)
            group = []


@cache
def _block_parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"maxNesting": _MOST_NESTED}).disable(["code", "html_block", "reference"])
    parser.core.ruler.disable(["inline", "text_join"])
    return parser
