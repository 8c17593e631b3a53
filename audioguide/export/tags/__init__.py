"""Tags: what a player shows of a file, and the session that it carries; here is what all containers share."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from audioguide.model.timeline import Chapter, Cue
from audioguide.units import RATE

MAX_CHAPTERS = 255  # an ID3 table of contents and a Nero chapter list count their entries in one byte
LARGEST_PAYLOAD = 4_000_000  # bytes. The longest shipped routine with all its poses has 20 kB, uncompressed.
PAYLOAD_FORMAT = "audioguide-session/1"
SAFE_ID = re.compile(r"\w[\w .,()'+&-]{0,119}")  # of the id of the routine in a payload
LONGEST_TITLE = 300  # characters: a routine's title has 120, a preset's name besides
OTHER, FRONT_COVER = 0, 3  # types of pictures, in the list that ID3 and FLAC share


@dataclass(frozen=True, slots=True)
class Tags:
    """The tags of one file; what is empty is left out.

    `artist` is that of the album, too, and `composer` the voice: there libraries of audio books look for author and
    narrator. Some players sort by the `track`. `frames` is the session's length, `cover` a JPEG, `language` a code of
    ISO 639-2. `captions` are the utterances in order. `payload` is the session for this program, a JSON object in
    ASCII. `pictures` are JPEGs of one size, by the first frames of their chapters.
    `page` gives what a page shows while it plays: language, timeline and figures.
    """

    title: str
    frames: int
    chapters: tuple[Chapter, ...] = ()
    album: str = ""
    artist: str = ""
    composer: str = ""
    track: int = 1
    genre: str = ""
    comment: str = ""
    transcript: str = ""
    cover: bytes = b""
    language: str = "eng"
    captions: tuple[Cue, ...] = ()
    payload: bytes = b""
    pictures: Mapping[int, bytes] = field(default_factory=dict)
    page: Callable[[], dict[str, Any]] = dict


class Tagging(NamedTuple):
    """How a format's tags are written into a whole file, how a file's payload is read, if chapters have pictures, and
    what of the program itself is in the file.
    """

    write: Callable[[Path, Tags], None]
    read_payload: Callable[[Path], bytes | None]  # None where there is none; any exception where the file is damaged
    has_pictures: bool = False
    program: Callable[[], str] = str


def fit_chapters(chapters: Sequence[Chapter]) -> tuple[Chapter, ...]:
    """At most `MAX_CHAPTERS`: of more, neighbours are joined evenly under the title of the first."""
    if len(chapters) <= MAX_CHAPTERS:
        return tuple(chapters)
    edges = [-(-entry * len(chapters) // MAX_CHAPTERS) for entry in range(MAX_CHAPTERS + 1)]
    return tuple(replace(chapters[first], end=chapters[after - 1].end) for first, after in pairwise(edges))


def to_milliseconds(frames: int) -> int:
    """Frames to the nearest whole millisecond."""
    return round(frames * 1000 / RATE)


def format_timestamp(milliseconds: int, point: str = ".") -> str:
    """`hh:mm:ss.mmm`, with another decimal point where a format has one."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"


def clean_text(text: str) -> str:
    """The text without control characters (a NUL would end a tag early) and lone surrogates, which have no encoding."""
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs"))
