"""What stands within lines: which words are bold or italic, and what is none to be said (a picture, an address …)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from audioguide.errors import SourceLocation
from audioguide.routine.importers.script_blocks import LeftOut, Span, TextLine

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

MOST_NESTED = 60  # lists and emphasis within each other; what is deeper is left out
_NEW_LINE = "\u2000"  # a space of its own kind, which no text has: where a line but the first begins
_ADDRESS = r"(?:\b(?:https?|ftp)://|\bwww\.)(?:[^\s<>()\[\]\"]|\([^\s()]*\))+(?<![.,;:!?'’”*_])|[\w.+-]{1,64}@(?:[\w-]{1,64}\.){1,8}\w{2,}"
# What is taken out of a text before anything else, and why. The first that fits at a place counts.
_HIDDEN = {
    "the address of a link": r"^ {0,3}\[(?P<label>(?!\^)[^\[\]\n]{1,80})\]:[ ]*"
    r"<?(?:[a-z]+:|\.{0,2}/|#|www\.|[\w/-]+\.\w)\S*.*$",
    "a pause": r"<#(?P<seconds>\d{1,3}(?:\.\d{1,3})?)#>",
    "a comment": r"<!--(?s:.*?)-->",
    "a comment that is never closed": r"<!--(?s:.*)",
    "code": r"(?i:<(?P<tag>script|style|template|svg|noscript|metadata|desc)\b(?s:.){0,20000}?</(?P=tag)>)",
    "its words in writing": r"(?i:<sub\b[^<>]{0,80}?\balias\s*=\s*[\"'](?P<alias>[^\"'<>]{1,200})[\"'][^<>]{0,40}>"
    r"(?P<said>[^<>]{0,200})</sub>)",
    "a picture": r"<img\b[^<>]{0,1000}>|!\[[^\[\]]{0,300}\](?:\([^()]{0,400}\)|\[[^\[\]\n]{0,80}\])",
    "a footnote": r"^ {0,3}\[\^[^\[\]\s]{1,40}\]:.*(?:\n(?: {2,}|\t).+)*|\[\^[^\[\]\s]{1,40}\]",
    "an attribute": r"\{:?[ ]*[#.][\w-][^{}\n]{0,100}\}",
    "the mark of a box": r"^ {0,3}(?::{3,}.*$|:[ ]+(?=\S))",
    "LaTeX": r"\\(?:begin|end|[vh]space|label|ref|usepackage|documentclass|includegraphics)\*?(?:\[[^\]\n]{0,80}\])?"
    r"\{[^{}\n]{0,80}\}|\\[A-Za-z]{2,30}\b\*?|\\+$",
    "an address": rf"(?<!\])\((?:{_ADDRESS})\)|<?(?<!=[\"'])(?:{_ADDRESS})>?",
}
_NAMES = tuple(_HIDDEN)
_PATTERN = re.compile("|".join(f"(?P<_{number}>{pattern})" for number, pattern in enumerate(_HIDDEN.values())), re.M)
# Tags of HTML, SSML and captions: markup, where others may be words of the writer.
TAG = re.compile(
    r"</?(?:[\w-]{1,20}:[\w-]{1,30}|a|abbr|article|aside|audio|b|big|blockquote|body|br|break|caption|center|cite|code|col|c|dd"
    r"|del|desc|details|div|dl|dt|em|emphasis|figcaption|figure|font|footer|h[1-6]|head|header|hr|html|i|iframe|img|input"
    r"|ins|kbd|label|lang|lexicon|li|link|main|mark|meta|metadata|nav|noscript|ol|p|par|phoneme|pre|prosody|q|s|say-as"
    r"|section|small|source|span|speak|strong|sub|summary|sup|svg|table|tbody|td|template|tfoot|th|thead|time|title|tr|u|ul"
    r"|v|var|video|voice|w)\b[^<>]{0,1000}>|<[?!][^<>]{0,1000}>|<[\d:.]{4,12}>",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[*_`\[<&\\~]")
_ATTRIBUTE = re.compile(r"(time|strength)\s*=\s*[\"'“”]?([^\"'“”<>/]{0,40})", re.IGNORECASE)
# Seconds of SSML's `<break strength=…>`, as speech services render them.
_STRENGTHS = {"none": 0.0, "x-weak": 0.25, "weak": 0.5, "medium": 0.75, "strong": 1.0, "x-strong": 1.25}


class Row(NamedTuple):
    """A line of the file: its number, its text as it is to be read, and as it stands there."""

    number: int
    text: str
    written: str


def take_out_hidden(lines: Sequence[str], file: str) -> tuple[list[Row], list[LeftOut], dict[str, Any]]:
    """The rows with spaces in the place of what is not said, what that is, and the links whose address stands apart."""
    left_out: list[LeftOut] = []
    links: dict[str, dict[str, str]] = {}
    text, line, counted = "\n".join(lines), 1, 0

    def hide(match: re.Match[str]) -> str:
        nonlocal line, counted
        why = _NAMES[int((match.lastgroup or "_0")[1:])]
        if match["seconds"]:
            return f"[pause {match['seconds']}s]"
        if match["label"]:
            links[" ".join(match["label"].split()).lower().upper()] = {"href": "", "title": ""}
        line, counted = line + text.count("\n", counted, match.start()), match.start()
        column = match.start() - text.rfind("\n", 0, match.start())
        shown = " ".join((match["said"] or match[0]).split())
        if re.search(r"\w", shown):
            left_out.append(LeftOut(SourceLocation(file, line, column), why, shown))
        if match["alias"]:
            return match["alias"].replace("\n", " ") + "\n" * match[0].count("\n")
        return re.sub(r"[^\n]", " ", match[0])

    read = _PATTERN.sub(hide, text).split("\n")
    rows = [Row(number, *pair) for number, pair in enumerate(zip(read, lines, strict=True), 1)]
    return rows, left_out, {"references": links}


def _pause_mark(tag: str) -> str:
    """A break of SSML as a mark in the text."""
    given = {key.lower(): value for key, value in _ATTRIBUTE.findall(tag)}
    if time := re.fullmatch(r"\+?(?=\.?\d)(\d{0,6}(?:\.\d{1,6})?)\s*(ms|s|)", given.get("time", "").lower()):
        seconds = float(f"0{time[1]}") / (1000 if time[2] == "ms" else 1)
    else:
        seconds = _STRENGTHS.get(given.get("strength", ""), 0.75)
    return f" [pause {seconds:g}s] "


def locate(row: Row, text: str, file: str) -> SourceLocation:
    """Where the first word of a text stands in its row."""
    found = row.written.find(text)
    if found < 0 and (word := re.search(r"\w+", text)):
        found = row.written.find(word[0])
    return SourceLocation(file, row.number, max(found, len(row.written) - len(row.written.lstrip()), 0) + 1)


def read_inline(rows: Sequence[Row], file: str, links: dict[str, Any]) -> Iterator[TextLine | LeftOut]:
    """The lines of a paragraph without their markup. `links` are those of `take_out_hidden`."""
    text = f"\n{_NEW_LINE}".join(row.text for row in rows)
    if not _MARKUP.search(text):
        for row in rows:
            words = " ".join(row.text.split())
            yield TextLine(words, locate(row, words, file))
        return
    line, index, bold, italic = _LineText(), 0, 0, 0
    for token in _inline_parser().parseInline(text, links)[0].children or ():
        content = token.content if token.type in ("text", "code_inline", "text_special") else ""
        match token.type:
            case "strong_open" | "strong_close":
                bold += token.nesting
            case "em_open" | "em_close":
                italic += token.nesting
            case "softbreak" | "hardbreak":
                content = " "
            case "html_inline":
                name, sign = (
                    token.content.strip("</").split(">")[0].split()[0].lower(),
                    1 - 2 * (token.content[1] == "/"),
                )
                content = _pause_mark(token.content) if name.startswith("break") else ""
                bold, italic = bold + sign * (name in ("b", "strong")), italic + sign * (name in ("i", "em"))
                if not TAG.match(token.content):
                    yield LeftOut(locate(rows[index], token.content, file), "a tag", " ".join(token.content.split()))
                content += _NEW_LINE * token.content.count(_NEW_LINE)
            case "image":
                why, shown = "a picture", f"{token.content} {token.attrGet('src')}"
                yield LeftOut(locate(rows[index], shown, file), why, " ".join(shown.split()))
                content = _NEW_LINE * token.content.count(_NEW_LINE)
            case "link_open" if href := str(token.attrGet("href") or ""):
                yield LeftOut(locate(rows[index], href, file), "an address", href)
        first, *others = content.split(_NEW_LINE)
        line.add(first, bold, italic)
        for part in others:
            yield line.finish(rows[index], file)
            line, index = _LineText(), min(index + 1, len(rows) - 1)
            line.add(part, bold, italic)
    yield line.finish(rows[index], file)


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


@cache
def _inline_parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": MOST_NESTED}).enable("strikethrough")
