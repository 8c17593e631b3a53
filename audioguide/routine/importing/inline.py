"""Markdown's marks inside a line, taken off the words; those of pauses stay."""

from __future__ import annotations

import html
import re

from audioguide.routine.importing.marks import marks

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


def stripped(text: str) -> str:
    """A line without its marks: emphasis, code, links (their words stay), pictures, tags, entities, escapes."""
    text = _NEWLINE_TAG.sub(" ", _TAGS.sub("", text))
    text = _AUTOLINK.sub(r"\1", _LINK.sub(r"\1", _IMAGE.sub("", text)))
    text = _CODE.sub(r"\1", text)
    for marked in (_STARS, _UNDER, _STRUCK):
        text = marked.sub(_bare, text)
    return html.unescape(_ESCAPED.sub(r"\1", text)).strip()


def bold_lead(text: str) -> tuple[str, str]:
    """The bold words that a paragraph begins with and the rest of it, where both are there; else ("", text)."""
    match = _BOLD_LEAD.match(text)
    if match is None or not any(sign.isalnum() for sign in text[match.end() :]):
        return "", text
    return stripped(match[1]).rstrip(" .:–—-"), text[match.end() :]


def _bare(match: re.Match[str]) -> str:
    # Emphasis around a direction is its bracket: "*pause 5 seconds*".
    mark = next(marks(match[0]), None)
    return match[0] if mark and mark.end - mark.start == len(match[0]) else match[1]
