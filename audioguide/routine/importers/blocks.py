"""Splits Markdown and plain text into headings and paragraphs.

Of CommonMark it knows what is needed to keep the words and drop the markup.
"""

import html
import re
from collections.abc import Iterator

from audioguide.errors import SourceLocation
from audioguide.routine.importers.pauses import find_pause_marks, parse_pause_line
from audioguide.routine.importers.phrasing import find_timing, parse_list_item
from audioguide.routine.importers.text_pieces import Assumptions, Block, Heading, Line, Paragraph

_TAGS = re.compile(
    r"</?(?:speak|p|s|emphasis|prosody|voice|say-as|phoneme|sub|mark|lang|b|i|em|strong|u|span|div|center|sup|small|details"
    r"|summary|h[1-6]|ul|ol|li|mstts:[a-z-]{1,20})(?:\s[^<>\n]{0,120})?/?>",
    re.IGNORECASE,
)
_NEWLINE_TAG = re.compile(r"<br\s?/?>", re.IGNORECASE)
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,200}\]\([^()\n]{0,400}\)")
_LINK = re.compile(r"\[([^\[\]\n]{1,200})\](?:\([^()\n]{0,400}\)|\[[^\[\]\n]{0,80}\])")
_AUTOLINK = re.compile(r"<(https?://[^<>\s]{1,300})>")
_CODE = re.compile(r"`{1,3}([^`\n]{1,300})`{1,3}")
_STARS = re.compile(r"\*{1,3}(?=\S)([^*\n]{1,400}?)(?<=\S)\*{1,3}")
_UNDER = re.compile(r"(?<!\w)_{1,3}(?=\S)([^_\n]{1,400}?)(?<=\S)_{1,3}(?!\w)")
_STRUCK = re.compile(r"~~([^~\n]{1,400})~~")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!<>|~])")
_BOLD_LEAD = re.compile(r"(?:\*\*|__)(?=\S)([^*_\n]{2,100}?)(?:\*\*|__)\s?[:.–—-]?\s*(?=\S)")
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
_COMMENT = re.compile(r"(?:^|\s)#(?:\s.*|$)")
_UNDERLINE_PLAIN = re.compile(r"[=~-]{3,}|_{3,}")
_RULE_PLAIN = re.compile(r"(?:[*=_~-]\s?){3,}")
_SENTENCE_END = re.compile(r"[.!?,;…][\"'”’)]*$")

Row = tuple[SourceLocation, str]


def markdown_blocks(lines: list[str], file: str, assumptions: Assumptions) -> tuple[str, list[Block]]:
    """The title in the front matter of Markdown, or "", and the blocks."""
    title, start = _front_matter(lines)
    numbered = [(number, line) for number, line in enumerate(lines, start=1) if number > start]
    return title, list(_blocks(list(_strip_comments(numbered, file, assumptions)), file, assumptions))


def _front_matter(lines: list[str]) -> tuple[str, int]:
    if not lines or lines[0].strip() != "---":
        return "", 0
    end = next((index for index, line in enumerate(lines[1:60], start=1) if line.strip() in ("---", "...")), None)
    if end is None or not all(re.match(r"\s|[\w-]+\s*:|-|#|$", line) for line in lines[1:end]):
        return "", 0
    titles = (match[1].strip().strip("\"'") for line in lines[1:end] if (match := _TITLE.fullmatch(line.strip())))
    return next(titles, ""), end + 1


def _strip_comments(lines: list[tuple[int, str]], file: str, assumptions: Assumptions) -> Iterator[tuple[int, str]]:
    opened: int | None = None
    for number, line in lines:
        outside: list[str] = []
        while line:
            if opened is not None:
                _, end, line = line.partition("-->")
                opened = None if end else opened
            else:
                before, start, line = line.partition("<!--")
                outside.append(before)
                opened = number if start else None
        yield number, "".join(outside)
    if opened is not None:
        message = "This comment is never closed, so all that follows it is left out."
        assumptions.add(SourceLocation(file, opened, 1), message)


def _blocks(lines: list[tuple[int, str]], file: str, assumptions: Assumptions) -> Iterator[Block]:
    gathered: list[Row] = []
    item = False

    def flush() -> Iterator[Block]:
        nonlocal item
        if gathered:
            yield from _read_paragraph_block(gathered, item, assumptions)
        gathered.clear()
        item = False

    fenced = False
    for number, raw in lines:
        line = raw.strip()
        line = line.lstrip("> ") if line.startswith(">") else line
        place = SourceLocation(file, number, max(1, raw.find(line) + 1) if line else 1)
        if _FENCE.fullmatch(line):
            yield from flush()
            fenced = not fenced
        elif not line:
            yield from flush()
        elif fenced:
            gathered.append((place, line))
        elif match := _ATX.fullmatch(line):
            yield from flush()
            if text := NUMBERED.sub("", strip_markup(match[2])):
                yield Heading(text, place, len(match[1]))
        elif gathered and not item and len(gathered) <= 2 and _UNDERLINE.fullmatch(line):
            where, text = gathered[0][0], strip_markup(" ".join(text for _, text in gathered))
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
            gathered.append((SourceLocation(file, number, column), line[match.end() :]))
        else:
            gathered.append((place, line))
    yield from flush()


def _read_paragraph_block(lines: list[Row], item: bool, assumptions: Assumptions) -> Iterator[Block]:
    place, first = lines[0]
    if len(lines) == 1 and not item and (bold := _BOLD_LINE.fullmatch(first)) and not _is_mark(first):
        assumptions.add(place, f"A line in bold that stands alone is taken for a heading: {strip_markup(bold[1])!r}.")
        yield Heading(NUMBERED.sub("", strip_markup(bold[1])).rstrip(":"), place, 6, guessed=True)
        return
    lead, rest = ("", first) if _is_mark(first) else split_bold_lead(first)
    texts = [rest, *(text for _, text in lines[1:])]
    found = [Line(text, where) for (where, _), raw in zip(lines, texts, strict=True) if (text := strip_markup(raw))]
    if found:
        yield Paragraph(tuple(found), item, lead)


def _is_mark(text: str) -> bool:
    mark = next(find_pause_marks(text), None)
    return (mark is not None and mark.start == 0) or parse_pause_line(text) is not None


def plain_blocks(lines: list[str], file: str, assumptions: Assumptions) -> tuple[str, list[Block]]:
    """No title (""), and the blocks of plain text: paragraphs, and lines that look like headings."""
    groups = list(_group_lines(lines, file, assumptions))
    letters = [text for group in groups for _, text in group if any(sign.isalpha() for sign in text)]
    shouted = sum(text.isupper() for text in letters) * 2 > len(letters) > 2
    blocks: list[Block] = []
    for index, group in enumerate(groups):
        following = groups[index + 1][0][1] if index + 1 < len(groups) else ""
        blocks += _split_group(group, following, not blocks, shouted, assumptions)
    return "", blocks


def _group_lines(lines: list[str], file: str, assumptions: Assumptions) -> Iterator[list[Row]]:
    group: list[Row] = []
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if line.startswith("#"):
            message = "A line that begins with # is a comment in plain text. If it is a heading, name the file .md."
            if line.startswith("##"):
                assumptions.once("hash", SourceLocation(file, number, 1), message)
            continue
        line = _COMMENT.sub("", line).strip()
        if not line or (_RULE_PLAIN.fullmatch(line) and not (len(group) == 1 and _UNDERLINE_PLAIN.fullmatch(line))):
            if group:
                yield group
            group = []
            continue
        group.append((SourceLocation(file, number, raw.find(line) + 1), line))
    if group:
        yield group


def _split_group(
    group: list[Row], following: str, first: bool, shouted: bool, assumptions: Assumptions
) -> Iterator[Block]:
    gathered: list[Line] = []
    item = False
    for index, (place, line) in enumerate(group):
        below = group[index + 1][1] if index + 1 < len(group) else ""
        if _UNDERLINE_PLAIN.fullmatch(line):
            continue
        numbered = NUMBERED.match(line)
        alone = first and not index and not below
        reason = _why_heading(line, below, below or following, not gathered, shouted, alone)
        bullet = ITEM.match(line)
        if (reason or bullet) and gathered:
            yield Paragraph(tuple(gathered), item)
            gathered, item = [], False
        if reason:
            text = strip_markup(line[numbered.end() :] if numbered else line).rstrip(":").strip()
            assumptions.add(place, f"{reason} is taken for a heading: {text!r}.")
            text = text.capitalize() if text.isupper() else text  # a voice would spell out capitals
            yield Heading(text, place, 1 if first and not index else 2, guessed=True)
            continue
        if bullet:
            item, line = True, line[bullet.end() :]
        if text := strip_markup(line):
            gathered.append(Line(text, place))
    if gathered:
        yield Paragraph(tuple(gathered), item)


def _why_heading(line: str, below: str, following: str, opens: bool, shouted: bool, alone: bool) -> str:
    """Why a line is taken for a heading; "" where it is none."""
    words = re.sub(r"^[^\w]+", "", line).split()
    if not following or len(words) > 12 or not any(sign.isalpha() for sign in line):
        return ""
    if _is_plain_mark(line) and not line.endswith(":"):
        return ""
    if below and _UNDERLINE_PLAIN.fullmatch(below) and opens:
        return "An underlined line"
    if _SENTENCE_END.search(line) or parse_list_item(line) or find_timing(line):
        return ""
    if line.isupper() and not shouted and sum(map(str.isalpha, line)) > 3:
        return "A line in capitals"
    numbered = NUMBERED.match(line)
    if opens and not (numbered and NUMBERED.match(following)):  # not the first one of a numbered list
        capitals = all(word[0].isupper() for word in words if len(word) > 3 or word is words[0])
        if below and 2 <= len(words) <= 6 and capitals and (ITEM.match(below) or below[0].isupper()):
            return "A short line in title case"
        if line.endswith(":") and len(words) <= 10:
            return "A line that ends with a colon"
        if numbered and len(line[numbered.end() :].split()) <= 7 and not line[numbered.end()].islower():
            return "A short numbered line"
    if alone and len(words) <= 10 and line[0] not in "[({<" and not (_is_plain_mark(line) or ITEM.match(line)):
        return "A short first line that stands alone"
    return ""


def _is_plain_mark(line: str) -> bool:
    return parse_pause_line(line) is not None or any(mark.source != "count" for mark in find_pause_marks(line))


def strip_markup(text: str) -> str:
    """A line without markup: emphasis, code, links (their words stay), pictures, tags, entities, escapes."""
    text = _NEWLINE_TAG.sub(" ", _TAGS.sub("", text))
    text = _AUTOLINK.sub(r"\1", _LINK.sub(r"\1", _IMAGE.sub("", text)))
    text = _CODE.sub(r"\1", text)
    for marked in (_STARS, _UNDER, _STRUCK):
        text = marked.sub(_strip_emphasis, text)
    return html.unescape(_ESCAPED.sub(r"\1", text)).strip()


def split_bold_lead(text: str) -> tuple[str, str]:
    """The bold words at the start of a paragraph, and the rest of it; ("", text) where one of the two is missing."""
    match = _BOLD_LEAD.match(text)
    if match is None or not any(sign.isalnum() for sign in text[match.end() :]):
        return "", text
    return strip_markup(match[1]).rstrip(" .:–—-"), text[match.end() :]


def _strip_emphasis(match: re.Match[str]) -> str:
    # Emphasis around a direction is its bracket: "*pause 5 seconds*".
    mark = next(find_pause_marks(match[0]), None)
    return match[0] if mark and mark.end - mark.start == len(match[0]) else match[1]
