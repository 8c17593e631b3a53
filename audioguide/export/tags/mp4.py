"""Tags of an M4A or M4B: chapters in the container, iTunes metadata.

The chapters are there twice, as ffmpeg writes them: as a text track, which Apple's players read, and as Nero's list,
which most others do. ffmpeg can write neither into a file that is there, so the sound is copied into another one.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from audioguide.export.tags.tags import Tagging, Tags, clean_text, fit_chapters
from audioguide.system.ffmpeg import run_ffmpeg
from audioguide.system.files import temporary_file
from audioguide.units import RATE

# mypy: allow-untyped-calls
# mutagen declares itself typed, and most of it is not.


ITEM = "----:audioguide:session"
"""The free-form item that the file carries."""

_SLOWEST = 1e6
"""Bytes a second: a copy that takes longer is one that ffmpeg hangs on."""

_LONGEST_TITLE = 255
"""Bytes: Nero's list counts them in one byte."""


def write_mp4(path: Path, tags: Tags, brand: str) -> None:
    """Put chapters and iTunes metadata into the file at `path`, before the sound, so that it plays while it comes.

    `brand` is four letters: what the file says of itself.
    """
    from mutagen.mp4 import MP4, AtomDataType, MP4Cover, MP4FreeForm

    with temporary_file(path.parent) as whole:
        _copy(path, whole, tags, brand)
        shutil.copyfile(whole, path)  # which stays the file that it is: whoever writes it holds it
    file = MP4(path)
    fields = {
        "\xa9nam": tags.title,
        "\xa9alb": tags.album,
        "\xa9ART": tags.artist,
        "\xa9gen": tags.genre,
        "\xa9cmt": tags.comment,
        "\xa9lyr": tags.transcript,
    }
    file.update({name: [clean_text(value)] for name, value in fields.items() if value})
    if tags.cover:
        file["covr"] = [MP4Cover(tags.cover, MP4Cover.FORMAT_JPEG)]
    if tags.payload:
        file[ITEM] = [MP4FreeForm(tags.payload, AtomDataType.IMPLICIT)]
    file.save()


def read_mp4(path: Path) -> bytes | None:
    """What an M4A or M4B carries; None where there is nothing."""
    from mutagen.mp4 import MP4

    tags = MP4(path).tags
    found = tags.get(ITEM) if tags is not None else None
    return bytes(found[0]) if found else None


def _copy(path: Path, whole: Path, tags: Tags, brand: str) -> None:
    """Copy the sound of `path` into `whole`, chapters and all."""
    inputs = ("-i", f"file:{path}", "-f", "ffmetadata", "-i", "pipe:0")
    told = ("-map", "0:a", "-map_metadata", "1", "-map_chapters", "1", "-metadata:s:a", f"language={tags.language}")
    # Without "bitexact" the writing program's version would be in it.
    form = ("-c", "copy", "-f", "ipod", "-brand", brand, "-movflags", "+faststart", "-fflags", "+bitexact")
    arguments = ("-loglevel", "error", *inputs, *told, *form, "-y", f"file:{whole}")
    seconds = 60 + path.stat().st_size / _SLOWEST
    run_ffmpeg(arguments, whole, seconds, "\n".join(_listed(tags)).encode())


def _listed(tags: Tags) -> Iterator[str]:
    """The chapters as ffmpeg's metadata format has them (https://ffmpeg.org/ffmpeg-formats.html#Metadata-1)."""
    yield ";FFMETADATA1"
    for chapter in fit_chapters(tags.chapters):
        title = clean_text(chapter.title).replace("\n", " ").encode()[:_LONGEST_TITLE].decode(errors="ignore")
        escaped = re.sub(r"([=;#\\])", r"\\\1", title)
        yield f"[CHAPTER]\nTIMEBASE=1/{RATE}\nSTART={chapter.start}\nEND={chapter.end}\ntitle={escaped}"
    yield ""


TAGGING = Tagging(partial(write_mp4, brand="M4A "), read_mp4)
TAGGING_OF_BOOKS = Tagging(partial(write_mp4, brand="M4B "), read_mp4)
"""Of an audiobook, where a phone remembers the place."""
