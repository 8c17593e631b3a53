"""What is wrong with a text that is no YAML: the place that a person has to mend, and how.

The parser often gives up lines after the mistake, so what it had read last, and the lines themselves, are looked at.
"""

import json
import re
from textwrap import shorten
from typing import Any

from audioguide.errors import Code

Fault = tuple[int, int, str, str, Code]  # line and column (from 1), message, hint, code

FIX = "Check the indentation, colons and quotes around here."
_KEY = re.compile(r"([\w-]+):\s+(.*)")


def explain(text: str, error: Any, last: Any) -> Fault:
    """The fault behind libyaml's `error`; `last` is the last event before it, or None."""
    lines = [*re.split("\r\n?|\n", text), ""]
    problem, context, style = error.problem or "", error.context or "", getattr(last, "style", None)
    mark = error.problem_mark or error.context_mark
    opened = error.context_mark or mark
    row, column, line = mark.line, mark.column, lines[mark.line]
    if "\t" in line[: column + 1]:
        message = "There is a tab here, and YAML allows only spaces."
        return _at(row, line.index("\t"), message, "Replace it with spaces.", "tab")
    if problem.startswith("found invalid Unicode"):
        return _at(row, column, "This escape stands for no character.", "Write the character itself.", "bad-character")
    if problem.startswith("exceeded maximum nesting"):
        return _at(row, column, "This is nested too deeply to be a routine.", FIX, "too-deep")
    after_quote = style in ("'", '"') and last.end_mark.line == row
    if after_quote and last.start_mark.line == row:
        return _at(row, last.end_mark.column, "The text goes on after its closing quote.", _put_in_quotes(line))
    if after_quote or ("quoted scalar" in context and "end of stream" in problem):
        quote = last.start_mark if after_quote else opened
        line, inside = lines[quote.line], re.search(r"[{\[]", lines[quote.line][: quote.column])
        hint = "Close it where the text ends." if inside else _put_in_quotes(line)
        return _at(quote.line, quote.column, "The quote that opens here is not closed, or too late.", hint)
    if "flow" in context:
        start = last.start_mark.line if "flow node" in context else opened.line
        bracket = max(map(lines[start].rfind, "[{"))
        if start < row and bracket >= 0:
            message = f"The {lines[start][bracket]} that opens here is never closed."
            return _at(start, bracket, message, "Close it, or put quotes around the text.")
        message = "A comma is missing here, or quotes around a text with a colon."
        return _at(row, column, message, 'Write `{name: "Cat: slow", hold: 30s}`.')
    key = _KEY.match(line, _beginning(line))
    if key and column >= key.start(2) and key[2].startswith(tuple("{}[]@`*&!%|>,?")):  # as no plain text begins
        hint = " Or begin it on the next line." if key[2][0] in "|>" else ""
        message = f"A text that begins with {key[2][0]} needs quotes."
        return _at(row, key.start(2), message, _put_in_quotes(line) + hint)
    if problem == "could not find expected ':'" or re.match(r"\s*-\w", lines[opened.line]):
        return _explain_key(lines[opened.line], opened.line)
    if problem.startswith("mapping values are not allowed") and style == "":
        start = last.start_mark
        if start.line == row:
            return _at(row, column, "A text with a colon in it needs quotes.", _put_in_quotes(line))
        if _beginning(lines[start.line]) == start.column:
            return _explain_key(lines[start.line], start.line)
        fits = _indent(line) in map(_indent, filter(str.strip, lines[: start.line]))  # then the text begins wrong
        return _explain_indent(lines, start.line if fits else row)
    if problem.startswith("did not find expected") and column == _indent(line) < len(line):
        return _explain_indent(lines, row)
    return _at(row, column, f"This is not YAML: {problem.replace('in this context', 'here')}.", FIX)


def _at(row: int, column: int, message: str, hint: str, code: Code = "not-yaml") -> Fault:
    return row + 1, column + 1, message, hint, code


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _beginning(line: str) -> int:
    """Where a line goes on after its indentation and dashes."""
    return len(line) - len(re.sub(r"^\s*(-\s+)*", "", line))


def _explain_key(line: str, row: int) -> Fault:
    """A key without its colon, or without the space before or after it."""
    column = _beginning(line)
    dash, key, colon, rest = re.findall(r"(-?)([\w-]*)(:?) *(.*)", line[column:])[0]
    whole = shorten(f"{dash and '- '}{key}: {rest}", 60, placeholder="…")
    hint = f"Write `{whole}`, or indent the line more, if it is a part of the text above." if key else FIX
    return _at(row, column + (1 if dash else len(key + colon)), "A colon or a space is missing here.", hint)


def _explain_indent(lines: list[str], row: int) -> Fault:
    hint = "Begin it in the same column as what it belongs with, or put quotes around the text."
    return _at(row, _indent(lines[row]), "This line is not indented as those around it.", hint)


def _put_in_quotes(line: str) -> str:
    """How the text after a line's key is written in quotes."""
    content = line[_beginning(line) :]
    name, text = key.groups() if (key := _KEY.match(content)) else ("", content)
    text = shorten(re.split(r"\s#", text)[0], 60, placeholder="…")
    if text[:1] in ("'", '"') and (text[-1] == text[0] or text[0] not in text[1:]):
        text = text.strip(text[0])  # the quotes that are there
    quoted = f"'{text}'" if '"' in text and "'" not in text else json.dumps(text, ensure_ascii=False)
    return f"Put quotes around the whole text: `{name and f'{name}: '}{quoted}`."
