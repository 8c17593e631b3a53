"""What is wrong with a text that is no YAML: the place that a person has to mend, and how.

The parser often gives up lines after the mistake, so what it had read last, and the lines themselves, are looked at.
"""

import json
import re
from typing import Any

from audioguide.errors import Code

Fault = tuple[int, int, Code, str, str]
"""Line and column (from 1), code, message, hint."""

FIX = "Check the indentation, colons and quotes around here."
_BEGINNING = re.compile(r"\s*(?:-\s+)*")  # a line's indentation and dashes
_KEY = re.compile(r"([\w-]+):\s+(.*)")
_SPECIAL = "{}[]@`*&!%|>,?"  # what no plain text begins with
_LONGEST_EXAMPLE = 60  # most characters of a text that is shown in quotes


def explain(text: str, error: Any, last: Any) -> Fault:
    """The fault behind libyaml's `error`; `last` is the last event before it, or None."""
    lines = [*re.split("\r\n?|\n", text), ""]
    problem, context = error.problem or "", error.context or ""
    mark = error.problem_mark or error.context_mark
    opened = error.context_mark or mark
    row, column = (mark.line, mark.column) if mark else (0, 0)
    line = lines[row] if row < len(lines) else ""
    if "\t" in line[: column + 1]:
        message = "There is a tab here, and YAML allows only spaces."
        return _at(row, line.index("\t"), "tab", message, "Replace it with spaces.")
    if problem.startswith("found invalid Unicode"):
        return _at(row, column, "bad-character", "This escape stands for no character.", "Write the character itself.")
    if problem.startswith("exceeded maximum nesting"):
        return _at(row, column, "too-deep", "This is nested too deeply to be a routine.", FIX)
    style = getattr(last, "style", None)
    if "quoted scalar" in context and "end of stream" in problem:
        return _explain_open_quote(lines, opened)
    if style in ("'", '"') and last.end_mark.line == row:
        if last.start_mark.line < row:
            return _explain_open_quote(lines, last.start_mark)
        column = last.end_mark.column
        return _at(row, column, "not-yaml", "The text goes on after its closing quote.", _put_in_quotes(line))
    key = _KEY.match(line, _BEGINNING.match(line).end())  # type: ignore[union-attr]
    if key and "flow" not in context and column >= key.start(2) and key[2][:1] in tuple(_SPECIAL):
        message = f"A text that begins with {key[2][0]} needs quotes."
        hint = "Or begin it on the next line." if key[2][0] in "|>" else ""
        return _at(row, key.start(2), "not-yaml", message, f"{_put_in_quotes(line)} {hint}".rstrip())
    if "flow" in context:
        start = last.start_mark if "flow node" in context else opened
        bracket = max(lines[start.line].rfind("["), lines[start.line].rfind("{"))
        if start.line < row and bracket >= 0:
            message = f"The {lines[start.line][bracket]} that opens here is never closed."
            return _at(start.line, bracket, "not-yaml", message, "Close it, or put quotes around the text.")
        message = "A comma is missing around here, or quotes around a text with a colon or a bracket in it."
        return _at(row, column, "not-yaml", message, 'Write `{name: "Cat: slow", hold: 30s}`.')
    if problem == "could not find expected ':'":
        return _explain_key(lines, opened.line)
    if problem.startswith("mapping values are not allowed") and style == "":
        start = last.start_mark
        if start.line == row:
            return _at(row, column, "not-yaml", "A text with a colon in it needs quotes.", _put_in_quotes(line))
        if _BEGINNING.match(lines[start.line]).end() == start.column:  # type: ignore[union-attr]
            return _explain_key(lines, start.line)
        if _fitting_indent(lines, row) == _indent(line):  # it is right, and the line that ended the list is not
            message, row = "This line is indented less than the items around it.", start.line
        else:
            message = "This line goes on with the text above it, since it is indented more."
        return _at(
            row, _indent(lines[row]), "not-yaml", message, _advise_indent(lines, row, "put quotes around the text")
        )
    if re.match(r"\s*-\w", lines[opened.line]):
        return _explain_key(lines, opened.line)
    if problem.startswith("did not find expected") and column == _indent(line) < len(line):
        message = f"This line begins with {column} space{'' if column == 1 else 's'}, which fits no line above it."
        return _at(row, column, "not-yaml", message, _advise_indent(lines, row, "begin it with a dash"))
    return _at(row, column, "not-yaml", f"This is not YAML: {problem.replace('in this context', 'here')}.", FIX)


def _at(row: int, column: int, code: Code, message: str, hint: str) -> Fault:
    return row + 1, column + 1, code, message, hint


def _explain_open_quote(lines: list[str], mark: Any) -> Fault:
    line = lines[mark.line]
    in_brackets = re.search(r"[{\[]", line[: mark.column])
    hint = "Close it where the text ends." if in_brackets else _put_in_quotes(line)
    return _at(mark.line, mark.column, "not-yaml", "The quote that opens here is not closed, or too late.", hint)


def _explain_key(lines: list[str], row: int) -> Fault:
    """A key without its colon, or without the space before or after it."""
    line = lines[row]
    column = _BEGINNING.match(line).end()  # type: ignore[union-attr]
    dash, key, colon, rest = re.match(r"(-?)([\w-]*)(:?) *(.*)", line[column:]).groups()  # type: ignore[union-attr]
    if dash and key:
        message, column = "A space is missing after the dash.", column + 1
    elif colon:
        message, column = "A space is missing after the colon.", column + len(key) + 1
    else:
        message = f"A colon is missing after {key!r}." if key else "There is no key and no colon in this line."
        column += len(key)
    whole = f"{'- ' if dash else ''}{key}: {rest}".rstrip()
    hint = f"Write `{_shorten(whole)}`, or indent the line more, if it is a part of the text above."
    return _at(row, column, "not-yaml", message, hint if key else FIX)


def _put_in_quotes(line: str) -> str:
    """How the text after a line's key is written in quotes."""
    content = line[_BEGINNING.match(line).end() :]  # type: ignore[union-attr]
    name, text = key.groups() if (key := _KEY.match(content)) else ("", content)
    text = _shorten(re.split(r"\s#", text)[0].strip())
    if text[:1] in ("'", '"'):
        end = -1 if text[-1] == text[0] and len(text) > 1 else None
        inner = text[1:end]
        text = inner if end or text[0] not in inner else text
    single = '"' in text and "'" not in text
    quoted = f"'{text}'" if single else json.dumps(text, ensure_ascii=False)
    return f"Put quotes around the whole text: `{f'{name}: ' if name else ''}{quoted}`."


def _fitting_indent(lines: list[str], row: int) -> int:
    """The spaces that a line is to begin with: as the nearest item above it, or as the key above it."""
    if lines[row].lstrip().startswith("-"):
        return next((_indent(above) for above in reversed(lines[:row]) if above.lstrip().startswith("-")), 0)
    return next((_BEGINNING.match(above).end() for above in reversed(lines[:row]) if above.strip()), 0)  # type: ignore[union-attr]


def _advise_indent(lines: list[str], row: int, otherwise: str) -> str:
    spaces = _fitting_indent(lines, row)
    more = "" if lines[row].lstrip().startswith("-") else f", or {otherwise}"
    return f"Begin it with {spaces} space{'' if spaces == 1 else 's'}{more}."


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_EXAMPLE else f"{text[:_LONGEST_EXAMPLE]}…"
