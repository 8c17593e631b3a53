"""Tags of an M4A or M4B: chapters in the container, iTunes metadata.

Chapters are written twice, as ffmpeg does it: as a text track, which Apple's players read, and as Nero's list, which
most others read. ffmpeg cannot add them to an existing file, so the sound is copied into a new one.

In an M4B their pictures are a track of JPEGs, which the sound names as its second chapter track: Apple's players show
them. ffmpeg writes such a track, but neither names it nor gives it the type that they know; see `_name_pictures`.
"""

import re
import shutil
import struct
from collections.abc import Iterator
from functools import partial
from itertools import accumulate, pairwise
from pathlib import Path
from typing import IO

from audioguide.export.tags import Tagging, Tags, clean_text, fit_chapters
from audioguide.system.ffmpeg import run_ffmpeg
from audioguide.system.files import temporary_file, temporary_folder
from audioguide.units import RATE

ITEM = "----:audioguide:session"  # the free-form item that holds the payload
_SLOWEST = 1e6  # bytes a second: ffmpeg hangs if it takes longer to copy a file
_SIZE = b"\xff\xc0\x00\x11\x08"  # what stands before the size in a baseline JPEG
_LONGEST_TITLE = 255  # bytes: Nero's list counts them in one byte


def write_mp4(path: Path, tags: Tags, brand: str) -> None:
    """Put chapters and iTunes metadata into the file at `path`, before the sound, so that it can be streamed.

    `brand` is the four letters by which the file says what it is.
    """
    from mutagen.mp4 import MP4, AtomDataType, MP4Cover, MP4FreeForm

    with temporary_file(path.parent) as copy:
        _copy_with_chapters(path, copy, tags, brand)
        with copy.open("rb") as source, path.open("wb") as target:  # not renamed: the caller has a lock on this file
            target.write(_read_box(source))
            index = bytearray(_read_box(source))
            if tags.pictures:
                _name_pictures(index)
            _part_titles(index)
            target.write(index)
            shutil.copyfileobj(source, target)
    file = MP4(path)
    fields = {
        "\xa9nam": tags.title,
        "\xa9alb": tags.album,
        "\xa9ART": tags.artist,
        "aART": tags.artist,
        "\xa9wrt": tags.composer,
        "\xa9gen": tags.genre,
        "\xa9cmt": tags.comment,
        "\xa9lyr": tags.transcript,
    }
    file.update({name: [clean_text(value)] for name, value in fields.items() if value})
    file["trkn"] = [(tags.track, 0)]
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
    inputs = ["-i", f"file:{path}", "-f", "ffmetadata", "-i", "pipe:0"]
    metadata = ["-map", "0:a", "-map_metadata", "1", "-map_chapters", "1", "-metadata:s:a", f"language={tags.language}"]
    # Without "bitexact" the version of ffmpeg would be in the file.
    form = ("-c", "copy", "-brand", brand, "-movflags", "+faststart", "-fflags", "+bitexact")
    seconds = 60 + path.stat().st_size / _SLOWEST
    with temporary_folder() as folder:
        if tags.pictures:
            inputs += "-f", "concat", "-safe", "0", "-i", f"file:{_list_pictures(tags, folder)}"
            # Without a "delta" of 0 it is chance where in the file a picture lies.
            metadata += f"-map 2:v -tag:v mp4v -video_track_timescale {RATE} -max_interleave_delta 0".split()
        kind = "mp4" if tags.pictures else "ipod"  # which takes no pictures
        arguments = ("-loglevel", "error", *inputs, *metadata, *form, "-f", kind, "-y", f"file:{copy}")
        run_ffmpeg(arguments, copy, seconds, "\n".join(_format_chapters(tags)).encode())


def _list_pictures(tags: Tags, folder: Path) -> Path:
    """Write the pictures, and their list for ffmpeg. A chapter without one shows the cover, as far as there is room."""
    from audioguide.draw.chapter_pictures import MOST_BYTES, shrink

    chapters, some = fit_chapters(tags.chapters), next(iter(tags.pictures.values()))
    cover = shrink(tags.cover, int.from_bytes(some.partition(_SIZE)[2][:2], "big")) if tags.cover else some
    room = MOST_BYTES - len(tags.cover) - sum(map(len, tags.pictures.values())) - len(some)
    shown: list[tuple[int, bytes]] = []
    for chapter in chapters:
        own = tags.pictures.get(chapter.start)
        room -= 0 if own else len(cover)
        if not shown or ((own or cover) != shown[-1][1] and (own or room >= 0)):
            shown.append((chapter.start, own or cover))
    shown.append((chapters[-1].end - 1, shown[-1][1]))  # since for ffmpeg the last one ends where it begins
    lines, edges = ["ffconcat version 1.0"], [round(start * 1_000_000 / RATE) for start, _ in shown]
    for number, (start, end) in enumerate(pairwise([*edges, edges[-1] + 10])):
        (folder / f"{number}.jpg").write_bytes(shown[number][1])
        lines += f"file {number}.jpg", f"option framerate {RATE}", f"duration {end - start}us"
    (folder / "list").write_text("\n".join(lines), "ascii")
    return folder / "list"


def _read_box(file: IO[bytes]) -> bytes:
    head = file.read(8)
    return head + file.read(int.from_bytes(head[:4], "big") - 8)


def _name_pictures(moov: bytearray) -> None:
    """Make the second track of a file by ffmpeg the second chapter track of its first, without changing a length.

    `moov` is the file's index. The reference of the sound (`tref`) grows by a track's number, and that of the pictures,
    which is wrong, makes room. The track is disabled, so that nobody takes it for a film, and of type `jpeg` (QuickTime
    File Format, "Chapter lists").
    """
    sound, names = moov.index(b"trak") - 4, moov.index(b"tref") - 4
    pictures = sound + int.from_bytes(moov[sound : sound + 4], "big")
    wrong = moov.index(b"tref", pictures) - 4
    moov[moov.index(b"tkhd", pictures) + 7] = 2  # in the movie, but not enabled
    for at, more in ((sound, 4), (pictures, -4)):
        _grow(moov, at, more)
    for old, new in ((b"mp4v", b"jpeg"), (b"esds", b"free")):
        moov[wrong:] = moov[wrong:].replace(old, new, 1)
    both = struct.pack(">I4sI4s4sI", 24, b"tref", 16, b"chap", moov[names + 16 : names + 20], 2)
    moov[names : wrong + 20] = both + moov[names + 20 : wrong] + struct.pack(">I4s8x", 16, b"free")


def _part_titles(moov: bytearray) -> None:
    """Make each title of a chapter a chunk of its own, where ffmpeg makes one of all: music-metadata (npm) wants that.

    The index grows, so all that lies behind it moves (ISO/IEC 14496-12, 8.7: stsz, stsc, stco).
    """
    boxes = [*_find_boxes(moov, 0, len(moov))]
    texts = [nth for nth, (kind, at, _) in enumerate(boxes) if kind == b"hdlr" and moov[at + 16 : at + 20] == b"text"]
    for nth in texts:
        first_of = {kind: at for kind, at, _ in reversed(boxes[nth:])}
        sizes, chunks = first_of[b"stsz"], first_of[b"stco"]
        same, count = struct.unpack_from(">II", moov, sizes + 12)
        lengths = [same] * count if same else struct.unpack_from(f">{count}I", moov, sizes + 20)
        offsets = accumulate(lengths[:-1], initial=struct.unpack_from(">I", moov, chunks + 16)[0])
        struct.pack_into(">III", moov, first_of[b"stsc"] + 12, 1, 1, 1)  # from the first chunk on one title in each
        moov[chunks + 12 : chunks + 20] = struct.pack(f">I{count}I", count, *offsets)
        for _, at, end in boxes:
            if at <= chunks < end:
                _grow(moov, at, 4 * (count - 1))
        for kind, at, end in [*_find_boxes(moov, 0, len(moov))]:
            for place in range(at + 16, end, 4) if kind == b"stco" else ():
                _grow(moov, place, 4 * (count - 1))


def _find_boxes(data: bytearray, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The type, the first byte and the end of each box, those within it after it."""
    while start < end:
        size, kind = struct.unpack_from(">I4s", data, start)
        yield kind, start, start + size
        if kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
            yield from _find_boxes(data, start + 8, start + size)
        start += size


def _grow(data: bytearray, at: int, more: int) -> None:
    struct.pack_into(">I", data, at, int.from_bytes(data[at : at + 4], "big") + more)


def _format_chapters(tags: Tags) -> Iterator[str]:
    """The lines of ffmpeg's metadata format (https://ffmpeg.org/ffmpeg-formats.html#Metadata-1)."""
    yield ";FFMETADATA1"
    for chapter in fit_chapters(tags.chapters):
        title = clean_text(chapter.title).replace("\n", " ").encode()[:_LONGEST_TITLE].decode(errors="ignore")
        escaped = re.sub(r"([=;#\\])", r"\\\1", title)
        yield f"[CHAPTER]\nTIMEBASE=1/{RATE}\nSTART={chapter.start}\nEND={chapter.end}\ntitle={escaped}"
    yield ""


TAGGING = Tagging(partial(write_mp4, brand="M4A "), read_mp4)
# A phone remembers where the listener of a book stopped.
TAGGING_OF_BOOKS = Tagging(partial(write_mp4, brand="M4B "), read_mp4, has_pictures=True)
