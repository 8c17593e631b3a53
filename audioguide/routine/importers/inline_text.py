"""What stands within lines: which words are bold or italic, and what is none to be said (a picture, an address …)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import NamedTuple

import yaml

from audioguide.errors import SourceLocation
from audioguide.routine.importers.script_blocks import LeftOut, Span, TextLine

_DATA = yaml.load(
    Path(__file__).with_name("markup.yaml").read_text("utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader)
)
FIELDS: dict[str, list[str]] = _DATA["fields"]
_REASONS, _TAGS = tuple(_DATA["hidden"]), set(_DATA["tags"].split())
_HIDDEN = re.compile(
    "|".join(
        f"(?P<_{number}>{'|'.join(patterns)})" for number, patterns in enumerate(_DATA["hidden"].values())
    ).replace("ADDRESS", "|".join(_DATA["address"])),
    re.MULTILINE,
)
_TOKEN = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])|(?P<ticks>`+)|(?P<run>\*+|_+|~~+)|(?P<tag></?[A-Za-z!?][^<>]{0,1000}>|<[\d:.]{4,12}>)"
    r"|(?P<link>\[)(?=[^\[\]]{1,300}\](?P<end>\(\s*[^()\s]{0,400}(?:\s+[\"'][^()]{0,200})?\s*\)|\[[^\[\]\n]{0,80}\]))|(?P<close>\])"
)
_MARKUP = re.compile(r"[*_~`<&\\\[]")
_ATTRIBUTE = re.compile(r"(time|strength)\s*=\s*[\"'“”]?([^\"'“”<>/]{0,40})", re.IGNORECASE)


class Row(NamedTuple):
    """A line of the file: its number, its text as it is to be read, and as it stands there."""

    number: int
    text: str
    written: str


def take_out_hidden(lines: Sequence[str], file: str) -> tuple[list[Row], list[LeftOut], set[str]]:
    """The rows with spaces in the place of what is not said, what that is, and links whose address stands apart."""
    left_out: list[LeftOut] = []
    links = set[str]()
    text, line, counted = "\n".join(lines), 1, 0

    def hide(match: re.Match[str]) -> str:
        nonlocal line, counted
        why = _REASONS[int((match.lastgroup or "_0")[1:])]
        if match["seconds"]:
            return f"[pause {match['seconds']} s]"
        if match["label"]:
            links.add(" ".join(match["label"].lower().split()))
        line, counted = line + text.count("\n", counted, match.start()), match.start()
        column = match.start() - text.rfind("\n", 0, match.start())
        shown = " ".join((match["said"] or match[0].replace(match["kept"] or "{}", "")).split())
        if re.search(r"\w", shown):
            left_out.append(LeftOut(SourceLocation(file, line, column), why, shown))
        if instead := match["alias"] or match["kept"]:
            return instead.replace("\n", " ") + "\n" * match[0].count("\n")
        return re.sub(r"[^\n]", " ", match[0])

    read = _HIDDEN.sub(hide, text).split("\n")
    rows = [Row(number, *pair) for number, pair in enumerate(zip(read, lines, strict=True), 1)]
    return rows, left_out, links


def _pause_mark(tag: str) -> str:
    """A break of SSML as a mark in the text."""
    given = {key.lower(): value for key, value in _ATTRIBUTE.findall(tag)}
    if time := re.fullmatch(r"\+?(?=\.?\d)(\d{0,6}(?:\.\d{1,6})?)\s*(ms|s|)", given.get("time", "").lower()):
        seconds = float(f"0{time[1]}") / (1000 if time[2] == "ms" else 1)
    else:
        seconds = _DATA["strengths"].get(given.get("strength", ""), 0.75)
    return f" [pause {seconds:g} s] "


def locate(row: Row, text: str, file: str) -> SourceLocation:
    """Where the first word of a text stands in its row."""
    found = row.written.find(text)
    if found < 0 and (word := re.search(r"\w+", text)):
        found = row.written.find(word[0])
    return SourceLocation(file, row.number, max(found, len(row.written) - len(row.written.lstrip()), 0) + 1)


def read_inline(rows: Sequence[Row], file: str, links: AbstractSet[str]) -> Iterator[TextLine | LeftOut]:
    """The lines of a paragraph without their markup. `links` are the names of those whose address stands apart."""
    scanner = _Scanner("\n".join(row.text for row in rows), links)
    if not _MARKUP.search(scanner.text):
        for row in rows:
            text = " ".join(row.text.split())
            yield TextLine(text, locate(row, text, file))
        return
    scanner.scan()
    line, index, bold, italic = _LineText(), 0, 0, 0
    for number, piece in enumerate(scanner.pieces):
        bold, italic = max(0, bold + scanner.bold.get(number, 0)), max(0, italic + scanner.italic.get(number, 0))
        if why := scanner.hidden.get(number):
            yield LeftOut(locate(rows[index], piece, file), why, " ".join(piece.split()))
            piece = "\n" * piece.count("\n")
        first, *others = piece.split("\n")
        line.add(first, bold, italic)
        for part in others:
            yield line.finish(rows[index], file)
            line, index = _LineText(), index + 1
            line.add(part, bold, italic)
    yield line.finish(rows[index], file)


class _Scanner:
    """Takes a paragraph apart in one pass: markup goes, and bold and italic words begin and end where it was.

    Emphasis is a little more generous than in CommonMark: `**Sit:**then` has it, too.
    """

    def __init__(self, text: str, links: AbstractSet[str]) -> None:
        self.text, self.links = text, links
        self.pieces = list[str]()
        self.bold, self.italic = dict[int, int](), dict[int, int]()  # by piece: how much deeper it lies than the last
        self.hidden = dict[int, str]()  # the pieces that are left out, and why
        self.opened: dict[str, list[list[int]]] = {"*": [], "_": [], "~": []}  # a piece, and signs that are not used

    def scan(self) -> None:
        text, at, tails = self.text, 0, dict[int, str]()
        while match := _TOKEN.search(text, at):
            self.add(text[at : match.start()])
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
                if tail[0] == "(" and (href := tail[1:-1].strip()):
                    self.hidden[len(self.pieces)] = "an address"
                    self.pieces.append(href + "\n" * (tail.count("\n") - href.count("\n")))
            elif match["link"] and (match["end"][0] == "(" or self.is_known(match)):
                tails[text.index("]", at)] = match["end"]
            else:
                self.pieces.append(match["escaped"] or match[0])
        self.add(text[at:])
        for sign, opened in self.opened.items():
            for piece, left in opened:
                self.pieces[piece] = sign * left if left < 3 else ""

    def is_known(self, link: re.Match[str]) -> bool:
        name = link["end"][1:-1].strip() or self.text[link.end() : self.text.index("]", link.end())]
        return " ".join(name.lower().split()) in self.links

    def add(self, text: str) -> None:
        if text:
            self.pieces.append(html.unescape(text) if "&" in text else text)

    def shift(self, depths: dict[int, int], piece: int, by: int) -> None:
        depths[piece] = depths.get(piece, 0) + by

    def add_tag(self, tag: str) -> None:
        name = re.sub(r"[^\w:!?-].*", "", tag.lstrip("</"), flags=re.DOTALL).lower()
        if name in ("b", "strong", "i", "em"):
            by = -1 if tag[1] == "/" else 1
            self.shift(self.bold if name in ("b", "strong") else self.italic, len(self.pieces), by)
        elif name not in _TAGS and name[:1] not in "!?" and ":" not in name:
            self.hidden[len(self.pieces)] = "a tag"
            self.pieces.append(tag)
            return
        said = _pause_mark(tag) if name == "break" else " " if name == "br" else ""
        self.pieces.append(said + "\n" * tag.count("\n"))

    def add_run(self, match: re.Match[str]) -> None:
        sign, left = match[0][0], len(match[0])
        before, after = (
            self.text[max(0, match.start() - 1) : match.start()] or " ",
            self.text[match.end() : match.end() + 1] or " ",
        )
        inside = sign == "_" and before.isalnum() and after.isalnum()
        opened = self.opened[sign]
        while left and opened and not before.isspace() and not inside:
            piece, free = opened[-1]
            used = 2 if min(free, left) > 1 else 1
            if sign != "~":
                depths = self.bold if used == 2 else self.italic
                self.shift(depths, piece + 1, 1)
                self.shift(depths, len(self.pieces), -1)
            left, opened[-1][1] = left - used, free - used
            if free == used:
                opened.pop()
        if left and not after.isspace() and not inside and not (sign == "_" and before.isalnum()):
            opened.append([len(self.pieces), left])
            self.pieces.append("")
        elif left:
            self.pieces.append(sign * left if left < 3 else "")


class _LineText:
    """Gathers the text of a line, with single spaces, and what of it is bold or italic."""

    def __init__(self) -> None:
        self.parts, self.length = list[str](), 0
        self.bold, self.italic = list[Span](), list[Span]()

    def add(self, text: str, bold: int, italic: int) -> None:
        text = re.sub(r"\s+", " ", text)
        if not self.length or self.parts[-1].endswith(" "):
            text = text.removeprefix(" ")
        if not text:
            return
        start, self.length = self.length, self.length + len(text)
        self.parts.append(text)
        for spans in ([self.bold] if bold else []) + ([self.italic] if italic else []):
            begin = spans.pop()[0] if spans and spans[-1][1] == start else start
            spans.append((begin, self.length))

    def finish(self, row: Row, file: str) -> TextLine:
        text = "".join(self.parts).rstrip()
        bold, italic = (
            tuple((start, min(end, len(text))) for start, end in spans if start < len(text))
            for spans in (self.bold, self.italic)
        )
        return TextLine(text, locate(row, text, file), bold, italic)
