"""Markdown to blocks, line by line: what it needs of CommonMark to keep the words and lose the marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from audioguide.errors import Place
from audioguide.routine.importing.inline import bold_lead, stripped
from audioguide.routine.importing.marks import marks, whole
from audioguide.routine.importing.pieces import Block, Guesses, Heading, Line, Paragraph

ITEM = re.compile(r"(?:[-*+•·‣▪]|\(?\d{1,3}[.)]|[a-z]\))\s+(?:\[[ xX]\]\s+)?(?=\S)")
_ATX = re.compile(r"(#{1,6})(?:\s+|$)(.*?)(?:\s#+)?\s*$")
_UNDERLINE = re.compile(r"(=+|-+)\s*")
_RULE = re.compile(r"(?:\*\s?){3,}|(?:-\s?){3,}|(?:_\s?){3,}")
_FENCE = re.compile(r"(?:`{3,}|~{3,}).{0,80}")
_REFERENCE = re.compile(r"\[[^\[\]\n]{1,80}\]:\s?\S+")
_TITLE = re.compile(r"title\s*:\s*(.{1,300})", re.IGNORECASE)
NUMBERED = re.compile(r"(?:(?:step|pose|exercise|part)\s+)?(?:\d{1,2}|[ivx]{1,5})[.):]\s+(?=\S)", re.IGNORECASE)
_TABLE_RULE = re.compile(r"\|?[\s|:-]*-[\s|:-]*")
_BOLD_LINE = re.compile(r"(?:\*\*|__)([^*_\n]{1,100})(?:\*\*|__):?")


def markdown_blocks(lines: list[str], file: str, guesses: Guesses) -> tuple[str, list[Block]]:
    """The title in the front matter, or "", and the blocks."""
    title, start = _front_matter(lines)
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if number > start]
    return title, list(_blocks(list(_uncommented(numbered, file, guesses)), file, guesses))


def _front_matter(lines: list[str]) -> tuple[str, int]:
    if not lines or lines[0].strip() != "---":
        return "", 0
    end = next((index for index, line in enumerate(lines[1:60], start=1) if line.strip() in ("---", "...")), None)
    if end is None or not all(re.match(r"\s|[\w-]+\s*:|-|#|$", line) for line in lines[1:end]):
        return "", 0
    titles = (match[1].strip().strip("\"'") for line in lines[1:end] if (match := _TITLE.fullmatch(line.strip())))
    return next(titles, ""), end + 1


def _uncommented(lines: list[tuple[int, str]], file: str, guesses: Guesses) -> Iterator[tuple[int, str]]:
    """The lines without `<!-- … -->`, which may go over several of them."""
    opened: int | None = None
    for number, line in lines:
        kept: list[str] = []
        while line:
            if opened is not None:
                _, end, line = line.partition("-->")
                opened = None if end else opened
            else:
                before, start, line = line.partition("<!--")
                kept.append(before)
                opened = number if start else None
        yield number, "".join(kept)
    if opened is not None:
        guesses.add(Place(file, opened, 1), "This comment is never closed, so all that follows it is left out.")


def _blocks(lines: list[tuple[int, str]], file: str, guesses: Guesses) -> Iterator[Block]:
    gathered: list[tuple[Place, str]] = []
    item = False

    def flush() -> Iterator[Block]:
        nonlocal item
        if gathered:
            yield from _paragraph(gathered, item, guesses)
        gathered.clear()
        item = False

    fenced = False
    for number, raw in lines:
        line = raw.strip()
        line = line.lstrip("> ") if line.startswith(">") else line
        place = Place(file, number, max(1, raw.find(line) + 1) if line else 1)
        if _FENCE.fullmatch(line):
            yield from flush()
            fenced = not fenced
        elif not line:
            yield from flush()
        elif fenced:
            gathered.append((place, line))
        elif match := _ATX.fullmatch(line):
            yield from flush()
            if text := NUMBERED.sub("", stripped(match[2])):
                yield Heading(text, place, len(match[1]))
        elif gathered and not item and len(gathered) <= 2 and _UNDERLINE.fullmatch(line):
            where, text = gathered[0][0], stripped(" ".join(text for _, text in gathered))
            gathered.clear()
            yield Heading(NUMBERED.sub("", text), where, 1 if line[0] == "=" else 2)
        elif _RULE.fullmatch(line) or _REFERENCE.fullmatch(line):
            yield from flush()
        elif line.startswith("|") and line.count("|") > 1:
            yield from flush()
            if not _TABLE_RULE.fullmatch(line):
                cells = [cell for part in line.strip("|").split("|") if (cell := part.strip())]
                gathered.append((place, " – ".join(cells)))
                yield from flush()
        elif match := ITEM.match(line):
            yield from flush()
            item = True
            column = place.column + match.end()
            gathered.append((Place(file, number, column), line[match.end() :]))
        else:
            gathered.append((place, line))
    yield from flush()


def _paragraph(lines: list[tuple[Place, str]], item: bool, guesses: Guesses) -> Iterator[Block]:
    place, first = lines[0]
    if len(lines) == 1 and not item and (bold := _BOLD_LINE.fullmatch(first)) and not _is_mark(first):
        guesses.add(place, f"A line in bold that stands alone is taken for a heading: {stripped(bold[1])!r}.")
        yield Heading(NUMBERED.sub("", stripped(bold[1])).rstrip(":"), place, 6, guessed=True)
        return
    lead, rest = ("", first) if _is_mark(first) else bold_lead(first)
    texts = [rest, *(text for _, text in lines[1:])]
    kept = [Line(text, where) for (where, _), raw in zip(lines, texts, strict=True) if (text := stripped(raw))]
    if kept:
        yield Paragraph(tuple(kept), item, lead)


def _is_mark(text: str) -> bool:
    mark = next(marks(text), None)
    return (mark is not None and mark.start == 0) or whole(text) is not None
