"""Tags of an M4A or M4B: chapters in the container, iTunes metadata.

Chapters are written twice, as ffmpeg does it: as a text track, which Apple's players read, and as Nero's list, which
most others read. ffmpeg cannot add them to an existing file, so the sound is copied into a new one.
"""

import re
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from audioguide.export.tags import Tagging, Tags, clean_text, fit_chapters
from audioguide.system.ffmpeg import run_ffmpeg
from audioguide.system.files import temporary_file
from audioguide.units import RATE

ITEM = "----:audioguide:session"  # the free-form item that holds the payload
_SLOWEST = 1e6  # bytes a second: ffmpeg hangs if it takes longer to copy a file
_LONGEST_TITLE = 255  # bytes: Nero's list counts them in one byte


def write_mp4(path: Path, tags: Tags, brand: str) -> None:
    """Put chapters and iTunes metadata into the file at `path`, before the sound, so that it can be streamed.

    `brand` is the four letters by which the file says what it is.
    """
    from mutagen.mp4 import MP4, AtomDataType, MP4Cover, MP4FreeForm

    with temporary_file(path.parent) as copy:
        _copy_with_chapters(path, copy, tags, brand)
        shutil.copyfile(copy, path)  # not renamed: the caller has a lock on this very file
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
    """The payload of an M4A or M4B; None where there is none."""
    from mutagen.mp4 import MP4

    tags = MP4(path).tags
    found = tags.get(ITEM) if tags is not None else None
    return bytes(found[0]) if found else None


def _copy_with_chapters(path: Path, copy: Path, tags: Tags, brand: str) -> None:
    inputs = ("-i", f"file:{path}", "-f", "ffmetadata", "-i", "pipe:0")
    metadata = ("-map", "0:a", "-map_metadata", "1", "-map_chapters", "1", "-metadata:s:a", f"language={tags.language}")
    # Without "bitexact" the version of ffmpeg would be in the file.
    form = ("-c", "copy", "-f", "ipod", "-brand", brand, "-movflags", "+faststart", "-fflags", "+bitexact")
    arguments = ("-loglevel", "error", *inputs, *metadata, *form, "-y", f"file:{copy}")
    seconds = 60 + path.stat().st_size / _SLOWEST
    run_ffmpeg(arguments, copy, seconds, "\n".join(_format_chapters(tags)).encode())


def _format_chapters(tags: Tags) -> Iterator[str]:
    """The lines of ffmpeg's metadata format (https://ffmpeg.org/ffmpeg-formats.html#Metadata-1)."""
    yield ";FFMETADATA1"
    for chapter in fit_chapters(tags.chapters):
        title = clean_text(chapter.title).replace("\n", " ").encode()[:_LONGEST_TITLE].decode(errors="ignore")
        escaped = re.sub(r"([=;#\\])", r"\\\1", title)
        yield f"[CHAPTER]\nTIMEBASE=1/{RATE}\nSTART={chapter.start}\nEND={chapter.end}\ntitle={escaped}"
    yield ""


TAGGING = Tagging(partial(write_mp4, brand="M4A "), read_mp4)
TAGGING_OF_BOOKS = Tagging(partial(write_mp4, brand="M4B "), read_mp4)  # a phone remembers where its listener stopped
