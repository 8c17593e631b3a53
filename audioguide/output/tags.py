"""What a player shows of a file: title, chapters, transcript, cover."""

# mypy: allow-untyped-calls
# mutagen declares itself typed, and most of it is not.

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from audioguide.errors import EnvironmentFailure
from audioguide.output.staging import explain
from audioguide.timeline.model import Chapter
from audioguide.units import RATE

MOST_CHAPTERS = 255
"""An ID3 table of contents counts its entries in one byte."""

_UTF_16 = 1  # ID3v2.3 knows Latin-1 and UTF-16 only
_NO_OFFSET = 0xFFFFFFFF  # the times hold, not byte positions
_FRONT_COVER = 3


@dataclass(frozen=True, slots=True)
class Tags:
    """`frames` is the session's length, `cover` a JPEG, `language` a code of ISO 639-2; what is empty is left out."""

    title: str
    frames: int
    chapters: tuple[Chapter, ...] = ()
    album: str = ""
    artist: str = ""
    genre: str = ""
    comment: str = ""
    transcript: str = ""
    cover: bytes = b""
    language: str = "eng"


def write_tags(path: Path, ending: str, tags: Tags) -> None:
    """Write `tags` into the whole file at `path`, whose format is that of `ending`; a WAV stays as it is.

    Raises EnvironmentFailure where the disk is full or fails.
    """
    from mutagen import MutagenError

    try:
        if write := _WRITERS.get(ending):
            write(path, tags)
    except MutagenError as error:
        cause = error.args[0] if error.args else None
        if isinstance(cause, OSError):  # which mutagen wraps
            raise explain(cause, path) from None
        raise EnvironmentFailure(f"The tags could not be written: {error}.") from None


def fit_chapters(chapters: Sequence[Chapter]) -> tuple[Chapter, ...]:
    """At most `MOST_CHAPTERS`: of more, neighbours are joined evenly under the title of the first."""
    if len(chapters) <= MOST_CHAPTERS:
        return tuple(chapters)
    edges = [-(-entry * len(chapters) // MOST_CHAPTERS) for entry in range(MOST_CHAPTERS + 1)]
    return tuple(
        Chapter(chapters[first].title, chapters[first].start, chapters[after - 1].end)
        for first, after in pairwise(edges)
    )


def _write_mp3(path: Path, tags: Tags) -> None:
    from mutagen import id3
    from mutagen.id3._tags import save_frame

    class _InOrder(id3.ID3):
        # mutagen sorts frames by length, and players list chapters as they come in the file.
        def _write(self, config: object) -> bytes:
            return b"".join(save_frame(frame, config=config) for frame in self.values())

    def text(kind: type[id3.TextFrame], value: str) -> list[id3.TextFrame]:
        return [kind(encoding=_UTF_16, text=[_plain(value)])] if value else []

    chapters = fit_chapters(tags.chapters)
    frames = [
        *text(id3.TIT2, tags.title),
        *text(id3.TALB, tags.album),
        *text(id3.TPE1, tags.artist),
        *text(id3.TCON, tags.genre),
        *text(id3.TLEN, str(_milliseconds(tags.frames))),
        *(
            id3.CHAP(
                element_id=f"chp{number}",
                start_time=_milliseconds(chapter.start),
                end_time=_milliseconds(chapter.end),
                start_offset=_NO_OFFSET,
                end_offset=_NO_OFFSET,
                sub_frames=text(id3.TIT2, chapter.title),
            )
            for number, chapter in enumerate(chapters)
        ),
    ]
    if chapters:
        whole = id3.CTOCFlags.TOP_LEVEL | id3.CTOCFlags.ORDERED
        names = [f"chp{number}" for number in range(len(chapters))]
        frames.append(id3.CTOC(element_id="toc", flags=whole, child_element_ids=names, sub_frames=[]))
    said = {"encoding": _UTF_16, "lang": tags.language, "desc": ""}
    if tags.comment:
        frames.append(id3.COMM(**said, text=[_plain(tags.comment)]))
    if tags.transcript:
        frames.append(id3.USLT(**said, text=_plain(tags.transcript)))
    if tags.cover:
        # Latin-1 for the empty description: some players take its UTF-16 form for the picture's first bytes.
        frames.append(id3.APIC(encoding=0, mime="image/jpeg", type=_FRONT_COVER, desc="", data=tags.cover))
    table = _InOrder()
    for frame in frames:
        table.add(frame)
    table.save(path, v1=0, v2_version=3)


def _write_flac(path: Path, tags: Tags) -> None:
    from mutagen.flac import FLAC, Picture

    file = FLAC(path)
    fields = {
        "TITLE": tags.title,
        "ALBUM": tags.album,
        "ARTIST": tags.artist,
        "GENRE": tags.genre,
        "COMMENT": tags.comment,
        "LYRICS": tags.transcript,
    }
    for number, chapter in enumerate(fit_chapters(tags.chapters), 1):
        fields[f"CHAPTER{number:03}"] = _timestamp(chapter.start)
        fields[f"CHAPTER{number:03}NAME"] = chapter.title
    file.update({name: _plain(value) for name, value in fields.items() if value})
    if tags.cover:
        picture = Picture()
        picture.type, picture.mime, picture.data = _FRONT_COVER, "image/jpeg", tags.cover
        file.add_picture(picture)
    file.save()


_WRITERS: dict[str, Callable[[Path, Tags], None]] = {".mp3": _write_mp3, ".flac": _write_flac}


def _milliseconds(frames: int) -> int:
    return round(frames * 1000 / RATE)


def _timestamp(frames: int) -> str:
    seconds, milliseconds = divmod(_milliseconds(frames), 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milliseconds:03}"


def _plain(text: str) -> str:
    """Without what would end a tag's text early (NUL) or cannot be encoded (half a surrogate pair)."""
    return "".join(sign for sign in text if sign == "\n" or unicodedata.category(sign) not in ("Cc", "Cs"))
