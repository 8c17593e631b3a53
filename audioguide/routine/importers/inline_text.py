"""What stands within lines: which words are bold or italic, and what is none to be said (a picture, an address …)."""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import NamedTuple

import yaml

from audioguide.errors import SourceLocation
from audioguide.routine.importers.script_blocks import LeftOut, Span, TextLine

DATA = yaml.load(Path(__file__).with_name("markup.yaml").read_bytes(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))
FIELDS: dict[str, str] = {name: kind for kind, names in DATA["fields"].items() for name in names}
_REASONS, _TAGS = tuple(DATA["hidden"]), set(DATA["tags"].split())
_HIDDEN = re.compile(
    "|".join(f"(?P<_{number}>{'|'.join(patterns)})" for number, patterns in enumerate(DATA["hidden"].values())).replace(
        "ADDRESS", "|".join(DATA["address"])
    ),
    re.MULTILINE,
)
_TOKEN = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])|(?P<ticks>`+)|(?P<run>\*+|_+|~~+)|(?P<tag></?[A-Za-z!?][^<>]{0,1000}>|<[\d:.]{4,12}>)"
    r"|(?P<link>\[)(?=(?P<name>[^\[\]]{1,300})\](?P<tail>\(\s*[^()\s]{0,400}(?:\s+[\"'][^()]{0,200})?\s*\)|\[[^\[\]\n]{0,80}\]))"
    r"|(?P<close>\])"
)
_FAR = 10_000  # characters of a line in which words are looked for
_MARKUP = re.compile(r"[*_~`<&\\\[]")
_ATTRIBUTE = re.compile(r"(time|strength)\s*=\s*[\"'“”]?([^\"'“”<>/]{0,40})", re.IGNORECASE)


class Row(NamedTuple):
    """A line of the file: its number, its text as it is to be read, and as it stands there."""

    number: int
    text: str
    written: str


def take_out_hidden(lines: Sequence[str], file: str) -> tuple[list[Row], list[LeftOut], set[str]]:
    """The rows with spaces in the place of what is not said, what that is, and links whose address stands apart."""
    left_out, links = list[LeftOut](), set[str]()
    text, line, counted = "\n".join(lines), 1, 0

    def hide(match: re.Match[str]) -> str:
        nonlocal line, counted
        if match["seconds"]:
            return f"[pause {match['seconds']} s]"
        if match["label"]:
            links.add(" ".join(match["label"].lower().split()))
        line, counted = line + text.count("\n", counted, match.start()), match.start()
        place = SourceLocation(file, line, match.start() - text.rfind("\n", 0, match.start()))
        shown = match["said"] or match[0].replace(match["kept"] or "{}", "")
        shown = " ".join((re.sub(r"<[^<>]*>", " ", shown) if match["tag"] else shown).split())
        if any(map(str.isalnum, shown)):
            left_out.append(LeftOut(place, _REASONS[int((match.lastgroup or "_0")[1:])], shown))
        if instead := match["alias"] or match["kept"]:
            return instead.replace("\n", " ") + "\n" * match[0].count("\n")
        return re.sub(r"[^\n]", " ", match[0])

    read = _HIDDEN.sub(hide, text).split("\n")
    return [Row(number, *pair) for number, pair in enumerate(zip(read, lines, strict=True), 1)], left_out, links


def locate(row: Row, text: str, file: str) -> SourceLocation:
    """Where the first word of a text stands in its row."""
    found = row.written.find(text, 0, _FAR)
    if found < 0 and (word := re.search(r"\w+", text)):
        found = row.written.find(word[0], 0, _FAR)
    return SourceLocation(file, row.number, max(found, len(row.written) - len(row.written.lstrip()), 0) + 1)


def read_inline(rows: Sequence[Row], file: str, links: AbstractSet[str]) -> Iterator[TextLine | LeftOut]:
    """The lines of a paragraph without their markup. `links` are the names of those whose address stands apart."""
    scanner = _Scanner("\n".join(row.text for row in rows), links)
    if _MARKUP.search(scanner.text):
        scanner.scan()
    else:
        scanner.pieces.append(scanner.text)
    parts, index, bold, italic = list[tuple[str, int, int]](), 0, 0, 0
    for number, piece in enumerate(scanner.pieces):
        bold, italic = max(0, bold + scanner.bold[number]), max(0, italic + scanner.italic[number])
        if why := scanner.hidden.get(number):
            yield LeftOut(locate(rows[index], piece, file), why, " ".join(piece.split()))
            piece = "\n" * piece.count("\n")
        first, *others = piece.split("\n")
        parts.append((first, bold, italic))
        for part in others:
            yield _make_line(parts, rows[index], file)
            parts, index = [(part, bold, italic)], index + 1
    yield _make_line(parts, rows[index], file)


def _make_line(parts: list[tuple[str, int, int]], row: Row, file: str) -> TextLine:
    """A line of its parts, with single spaces; each is so many times bold and italic."""
    text, spans = "", (list[Span](), list[Span]())
    for part, *depths in parts:
        part = re.sub(r"\s+", " ", part)
        part = part if text and text[-1] != " " else part.removeprefix(" ")
        for found, depth in zip(spans, depths, strict=True):
            if depth and part:
                begin = found.pop()[0] if found and found[-1][1] == len(text) else len(text)
                found.append((begin, len(text) + len(part)))
        text += part
    text = text.rstrip()
    bold, italic = (tuple((start, min(end, len(text))) for start, end in found if start < len(text)) for found in spans)
    return TextLine(text, locate(row, text, file), bold, italic)


class _Scanner:
    """Takes a paragraph apart in one pass: markup goes, and bold and italic words begin and end where it was.

    `bold` and `italic` say by piece how much deeper it lies than the last, `hidden` why it is left out, and `opened`
    the signs of emphasis that wait for others: their piece, and how many. `**Sit:**then` has emphasis here, too.
    """

    def __init__(self, text: str, links: AbstractSet[str]) -> None:
        self.text, self.links = text, links
        self.pieces, self.bold, self.italic = list[str](), Counter[int](), Counter[int]()
        self.hidden = dict[int, str]()
        self.opened: dict[str, list[tuple[int, int]]] = {"*": [], "_": [], "~": []}

    def scan(self) -> None:
        text, at, tails = self.text, 0, dict[int, str]()
        while match := _TOKEN.search(text, at):
            self.pieces.append(html.unescape(text[at : match.start()]))
            at = match.end()
            if match["run"]:
                self.add_run(match)
            elif match["tag"]:
                self.add_tag(match[0])
            elif match["ticks"] and (end := text.find(match[0], at)) > 0:
                self.pieces.append(text[at:end])
                at = end + len(match[0])
            elif match["close"] and (tail := tails.get(match.start())):
                at += len(tail)
                if tail[0] == "(" and tail[1:-1].strip():
                    self.hidden[len(self.pieces)] = "an address"
                self.pieces.append(tail[1:-1].strip(" ") if tail[0] == "(" else "")
            elif match["link"] and (match["tail"][0] == "(" or self.is_known(match["tail"][1:-1] or match["name"])):
                tails[at + len(match["name"])] = match["tail"]
            else:
                self.pieces.append(match["escaped"] or match[0])
        self.pieces.append(html.unescape(text[at:]))
        for sign, opened in self.opened.items():
            for piece, left in opened:
                self.pieces[piece] = sign * left if left < 3 else ""

    def is_known(self, link: str) -> bool:
        return " ".join(link.lower().split()) in self.links

    def add_tag(self, tag: str) -> None:
        name, said = re.sub(r"[^\w:!?-].*", "", tag.lstrip("</"), flags=re.DOTALL).lower(), ""
        if name in ("b", "strong", "i", "em"):
            depths = self.bold if name in ("b", "strong") else self.italic
            depths[len(self.pieces)] += -1 if tag[1] == "/" else 1
        elif name == "break":  # of SSML
            given = {key.lower(): value for key, value in _ATTRIBUTE.findall(tag)}
            time = re.fullmatch(r"\+?(?=\.?\d)(\d{0,6}(?:\.\d{1,6})?)\s*(m?)s?", given.get("time", "").lower())
            seconds = DATA["strengths"].get(given.get("strength", ""), 0.75)
            said = f" [pause {float('0' + time[1]) / (1000 if time[2] else 1) if time else seconds:g} s] "
        elif re.fullmatch(r"<\w+[ :]+\d[^<>=]*>", tag):  # <pause 3>
            said = f" {tag} "
        elif name not in _TAGS and name[:1] not in "!?" and not re.fullmatch(r"[a-z]+:[a-z-]+", name):
            self.hidden[len(self.pieces)], said = "a tag", tag
        self.pieces.append((" " if name == "br" else said) + "\n" * (tag.count("\n") - said.count("\n")))

    def add_run(self, match: re.Match[str]) -> None:
        sign, left, opened = match[0][0], len(match[0]), self.opened[match[0][0]]
        before, after = (
            self.text[max(0, match.start() - 1) : match.start()] or " ",
            self.text[match.end() : match.end() + 1] or " ",
        )
        in_word = sign == "_" and before.isalnum()
        while left and opened and not before.isspace() and not (in_word and after.isalnum()):
            piece, free = opened.pop()
            used = 2 if min(free, left) > 1 else 1
            if sign != "~":
                depths = self.bold if used == 2 else self.italic
                depths[piece + 1] += 1
                depths[len(self.pieces)] -= 1
            left -= used
            if free > used:
                opened.append((piece, free - used))
        if left and not after.isspace() and not in_word:
            opened.append((len(self.pieces), left))
            left = 0
        self.pieces.append(sign * left if left < 3 else "")
