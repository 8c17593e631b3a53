"""What is wrong with a text that is no YAML: the place that a person has to mend, and how.

The parser often gives up lines after the mistake, so what it had read last, and the lines themselves, are looked at.
"""

import json
import re
from typing import Any

from audioguide.errors import Code

Fault = tuple[int, int, str, str, Code]  # line and column (from 1), message, hint, code

FIX = "Check the indentation, colons and quotes around here."
_INDENT = re.compile(r" *")
_BEGINNING = re.compile(r"\s*(?:-\s+)*")  # a line's indentation and dashes
_KEY = re.compile(r"([\w-]+):\s+(.*)")
_SPECIAL = tuple("{}[]@`*&!%|>,?")  # what no plain text begins with
_LONGEST_EXAMPLE = 60  # most characters of a line that is shown as it should be


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
    if "quoted scalar" in context and "end of stream" in problem:
        return _explain_open_quote(lines, opened)
    if style in ("'", '"') and last.end_mark.line == row:
        if last.start_mark.line < row:
            return _explain_open_quote(lines, last.start_mark)
        return _at(row, last.end_mark.column, "The text goes on after its closing quote.", _put_in_quotes(line))
    if "flow" in context:
        start = last.start_mark if "flow node" in context else opened
        bracket = max(map(lines[start.line].rfind, "[{"))
        if start.line < row and bracket >= 0:
            message = f"The {lines[start.line][bracket]} that opens here is never closed."
            return _at(start.line, bracket, message, "Close it, or put quotes around the text.")
        message = "A comma is missing here, or quotes around a text with a colon."
        return _at(row, column, message, 'Write `{name: "Cat: slow", hold: 30s}`.')
    key = _KEY.match(line, _end(_BEGINNING, line))
    if key and column >= key.start(2) and key[2].startswith(_SPECIAL):
        hint = " Or begin it on the next line." if key[2][0] in "|>" else ""
        message = f"A text that begins with {key[2][0]} needs quotes."
        return _at(row, key.start(2), message, _put_in_quotes(line) + hint)
    if problem == "could not find expected ':'" or re.match(r"\s*-\w", lines[opened.line]):
        return _explain_key(lines, opened.line)
    if problem.startswith("mapping values are not allowed") and style == "":
        start = last.start_mark
        if start.line == row:
            return _at(row, column, "A text with a colon in it needs quotes.", _put_in_quotes(line))
        if _end(_BEGINNING, lines[start.line]) == start.column:
            return _explain_key(lines, start.line)
        if _fitting_indent(lines, row) == _end(_INDENT, line):  # it is right, and the line that ended the list is not
            return _explain_indent(lines, start.line, "is indented less than the items around it", "indent those less")
        why = "goes on with the text above it, since it is indented more"
        return _explain_indent(lines, row, why, "put quotes around the text")
    if problem.startswith("did not find expected") and column == _end(_INDENT, line) < len(line):
        return _explain_indent(lines, row, "is indented as no line above it", "begin it with a dash")
    return _at(row, column, f"This is not YAML: {problem.replace('in this context', 'here')}.", FIX)


def _at(row: int, column: int, message: str, hint: str, code: Code = "not-yaml") -> Fault:
    return row + 1, column + 1, message, hint, code


def _end(pattern: re.Pattern[str], line: str) -> int:
    found = pattern.match(line)
    return found.end() if found else 0


def _explain_open_quote(lines: list[str], mark: Any) -> Fault:
    line = lines[mark.line]
    hint = "Close it where the text ends." if re.search(r"[{\[]", line[: mark.column]) else _put_in_quotes(line)
    return _at(mark.line, mark.column, "The quote that opens here is not closed, or too late.", hint)


def _explain_key(lines: list[str], row: int) -> Fault:
    """A key without its colon, or without the space before or after it."""
    column = _end(_BEGINNING, lines[row])
    dash, key, colon, rest = re.findall(r"(-?)([\w-]*)(:?) *(.*)", lines[row][column:])[0]
    missing = "A space is missing after the dash" if dash else f"A {'space' if colon else 'colon'} is missing"
    column += 1 if dash else len(key + colon)
    whole = f"{dash and '- '}{key}: {rest}".rstrip()
    hint = f"Write `{_shorten(whole)}`, or indent the line more, if it is a part of the text above."
    return _at(row, column, f"{missing} here.", hint if key else FIX)


def _explain_indent(lines: list[str], row: int, why: str, otherwise: str) -> Fault:
    spaces = _fitting_indent(lines, row)
    more = "" if lines[row].lstrip().startswith("-") else f", or {otherwise}"
    hint = f"Begin it with {spaces} space{'' if spaces == 1 else 's'}{more}."
    return _at(row, _end(_INDENT, lines[row]), f"This line {why}.", hint)


def _fitting_indent(lines: list[str], row: int) -> int:
    """The spaces that a line is to begin with: as the nearest item above it, or as the key above it."""
    item = lines[row].lstrip().startswith("-")
    above = (one for one in reversed(lines[:row]) if one.strip() and (not item or one.lstrip().startswith("-")))
    return _end(_INDENT if item else _BEGINNING, next(above, ""))


def _put_in_quotes(line: str) -> str:
    """How the text after a line's key is written in quotes."""
    content = line[_end(_BEGINNING, line) :]
    name, text = key.groups() if (key := _KEY.match(content)) else ("", content)
    text = _shorten(re.split(r"\s#", text)[0].strip())
    if text[:1] in ("'", '"') and (text[-1] == text[0] or text[0] not in text[1:]):
        text = text.strip(text[0])  # the quotes that are there
    quoted = f"'{text}'" if '"' in text and "'" not in text else json.dumps(text, ensure_ascii=False)
    return f"Put quotes around the whole text: `{name and f'{name}: '}{quoted}`."


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_EXAMPLE else f"{text[:_LONGEST_EXAMPLE]}…"
