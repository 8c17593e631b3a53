"""Plain text to blocks. What is a heading in it is a guess, and said so."""

from __future__ import annotations

import re
from collections.abc import Iterator

from audioguide.errors import Place
from audioguide.routine.importing.inline import stripped
from audioguide.routine.importing.markdown import ITEM, NUMBERED
from audioguide.routine.importing.marks import marks, whole
from audioguide.routine.importing.pieces import Block, Guesses, Heading, Line, Paragraph
from audioguide.routine.importing.wording import listed, timed

_COMMENT = re.compile(r"(?:^|\s)#(?:\s.*|$)")
_UNDERLINE = re.compile(r"[=~-]{3,}|_{3,}")
_RULE = re.compile(r"(?:[*=_~-]\s?){3,}")
_SENTENCE_END = re.compile(r"[.!?,;…][\"'”’)]*$")

Row = tuple[Place, str]


def plain_blocks(lines: list[str], file: str, guesses: Guesses) -> tuple[str, list[Block]]:
    """No title, and the blocks: paragraphs between empty lines, with lines that look like headings taken out."""
    groups = list(_groups(lines, file, guesses))
    letters = [text for group in groups for _, text in group if any(sign.isalpha() for sign in text)]
    shouted = sum(_capitals(text) for text in letters) * 2 > len(letters) > 2
    blocks: list[Block] = []
    for index, group in enumerate(groups):
        following = groups[index + 1][0][1] if index + 1 < len(groups) else ""
        blocks += _block(group, following, not blocks, shouted, guesses)
    return "", blocks


def _groups(lines: list[str], file: str, guesses: Guesses) -> Iterator[list[Row]]:
    group: list[Row] = []
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if line.startswith("#"):
            message = "A line that begins with # is a comment in plain text. If it is a heading, name the file .md."
            if line.startswith("##"):
                guesses.once("hash", Place(file, number, 1), message)
            continue
        line = _COMMENT.sub("", line).strip()
        if not line or (_RULE.fullmatch(line) and not (len(group) == 1 and _UNDERLINE.fullmatch(line))):
            if group:
                yield group
            group = []
            continue
        group.append((Place(file, number, raw.find(line) + 1), line))
    if group:
        yield group


def _block(group: list[Row], following: str, first: bool, shouted: bool, guesses: Guesses) -> Iterator[Block]:
    gathered: list[Line] = []
    item = False
    for index, (place, line) in enumerate(group):
        below = group[index + 1][1] if index + 1 < len(group) else ""
        if _UNDERLINE.fullmatch(line):
            continue
        numbered = NUMBERED.match(line)
        reason = _heading(line, below, below or following, not gathered, shouted)
        if not reason and first and not index and not below and following and _title_like(line):
            reason = "A short first line that stands alone"
        bullet = ITEM.match(line)
        if (reason or bullet) and gathered:
            yield Paragraph(tuple(gathered), item)
            gathered, item = [], False
        if reason:
            text = stripped(line[numbered.end() :] if numbered else line).rstrip(":").strip()
            guesses.add(place, f"{reason} is taken for a heading: {text!r}.")
            yield Heading(_titled(text), place, 1 if first and not index else 2, guessed=True)
            continue
        if bullet:
            item, line = True, line[bullet.end() :]
        if text := stripped(line):
            gathered.append(Line(text, place))
    if gathered:
        yield Paragraph(tuple(gathered), item)


def _heading(line: str, below: str, following: str, opens: bool, shouted: bool) -> str:
    """Why a line is taken for a heading, or ""."""
    words = re.sub(r"^[^\w]+", "", line).split()
    if (
        not following
        or len(words) > 12
        or not any(sign.isalpha() for sign in line)
        or (_is_mark(line) and not line.endswith(":"))
    ):
        return ""
    if below and _UNDERLINE.fullmatch(below) and opens:
        return "An underlined line"
    if _SENTENCE_END.search(line) or listed(line) or timed(line):
        return ""
    if _capitals(line) and not shouted and sum(map(str.isalpha, line)) > 3:
        return "A line in capitals"
    numbered = NUMBERED.match(line)
    if numbered and NUMBERED.match(following):
        return ""  # the first one of a numbered list
    if opens and below and _in_title_case(words) and (ITEM.match(below) or below[0].isupper()):
        return "A short line in title case"
    if opens and line.endswith(":") and len(words) <= 10:
        return "A line that ends with a colon"
    if opens and numbered and len(line[numbered.end() :].split()) <= 7:
        return "" if line[numbered.end() :][:1].islower() else "A short numbered line"
    return ""


def _in_title_case(words: list[str]) -> bool:
    return 2 <= len(words) <= 6 and all(word[0].isupper() for word in words if len(word) > 3 or word is words[0])


def _is_mark(line: str) -> bool:
    return whole(line) is not None or any(mark.source != "count" for mark in marks(line))


def _title_like(line: str) -> bool:
    return (
        len(line.split()) <= 10
        and line[0] not in "[({<"
        and not (_SENTENCE_END.search(line) or _is_mark(line) or listed(line) or timed(line) or ITEM.match(line))
        and any(sign.isalpha() for sign in line)
    )


def _capitals(text: str) -> bool:
    letters = [sign for sign in text if sign.isalpha()]
    return bool(letters) and all(sign.isupper() for sign in letters)


def _titled(text: str) -> str:
    """A heading in capitals as it would be written elsewhere; a voice spells capitals out."""
    if not _capitals(text):
        return text
    return text[:1] + text[1:].lower()
