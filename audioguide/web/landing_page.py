"""The page on which a phone is offered files: their covers, titles, chapters, and where they go; without JavaScript."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import quote

from audioguide.session.embedded import read_cover
from audioguide.system.ffmpeg import run_ffmpeg
from audioguide.units import RATE, format_clock, format_megabytes

_FOLDER = Path(__file__).parent / "landing"
_DEVICES = json.loads((_FOLDER / "devices.json").read_text("utf-8"))  # patterns of user agents, the first one counts
_TITLE = re.compile(r"^title=((?:\\.|[^\\\n])*)", re.MULTILINE | re.DOTALL | re.IGNORECASE)
_CHAPTER = re.compile(rf"^TIMEBASE=1/(\d+)\nSTART=(\d+)\nEND=(\d+)\n{_TITLE.pattern}", _TITLE.flags)


@dataclass(frozen=True)
class SentFile:
    """A file, and what is shown of it. `chapters` are their titles, starts and ends in seconds."""

    path: Path
    size: int
    title: str
    chapters: Sequence[tuple[str, float, float]]
    cover: bytes


def describe_file(path: Path) -> SentFile:
    """A sound file of any format, with what its tags tell. EnvironmentFailure where ffmpeg cannot read it."""
    keep = ("-map_metadata", "0", "-map_metadata", "0:s:a:0")  # Ogg has tags in its streams
    done = run_ffmpeg(("-i", f"file:{path}", *keep, "-f", "ffmetadata", "-"), path, 20)
    tags = done.stdout.decode(errors="replace")
    head, _, rest = tags.partition("[CHAPTER]")
    title = _TITLE.search(head)
    chapters = [(_plain(name), int(a) / int(base), int(b) / int(base)) for base, a, b, name in _CHAPTER.findall(rest)]
    return SentFile(path, path.stat().st_size, _plain(title[1]) if title else path.stem, chapters, read_cover(path))


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def render_page(files: Sequence[SentFile], language: str, device: str) -> str:
    """The page as HTML, in a language; it unfolds what concerns a device."""
    texts = json.loads((_FOLDER / "words.json").read_text("utf-8"))[language]
    words = {key: "".join(f"<li>{escape(line)}</li>" for line in lines) for key, lines in texts.items()}
    words |= {key: escape(text) for key, text in texts.items() if isinstance(text, str)}
    page, session = (Template((_FOLDER / name).read_text("utf-8")) for name in ("landing.html", "session.html"))
    shown = ""
    for file in files:
        address = quote(file.path.name)
        rows = (
            f'<li><a href="{address}?play#t={start:.3f}"><span>{escape(title)}</span> '
            f"<span>{format_clock(round(start * RATE))}</span></a></li>"
            for title, start, _ in file.chapters
        )
        length = [format_clock(round(end * RATE)) for *_, end in file.chapters[-1:]]
        facts = " · ".join([*length, format_megabytes(file.size)])
        fields = {"address": address, "name": escape(file.path.name), "title": escape(file.title), "facts": facts}
        shown += session.substitute(words, list="".join(rows), **fields)
    opened = {f"open_{name}": " open" if name[:2] in device.lower() else "" for name in ("iphone", "android")}
    heading = escape(", ".join(file.title for file in files))
    return page.substitute(words, language=language, heading=heading, sessions=shown, **opened)


def describe_device(agent: str) -> str:
    """A device by its user agent in plain words; empty for a program that only looks, as a messenger's preview."""
    for pattern, name in _DEVICES:
        if re.search(pattern, agent, re.IGNORECASE):
            return str(name)
    product = re.match(r"[A-Za-z][\w.+-]{0,30}", agent, re.ASCII)
    return product[0] if product else "a device"
