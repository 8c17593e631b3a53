"""Tags of an MP3: ID3v2.3, whose chapters and titles every podcast player knows.

mutagen writes our tags. It does not read those of a file from elsewhere: it unpacks compressed frames to any size, and
needs time that grows with the square of the number of frames. Only our own object is looked for.
"""

import json
from contextlib import suppress
from pathlib import Path

from audioguide.export.tags import FRONT_COVER, OTHER, Tagging, Tags, clean_text, fit_chapters, to_milliseconds
from audioguide.system.mp3_frames import tag_length

# mypy: allow-untyped-calls
OBJECT = "audioguide session"  # the description of the object (GEOB) that holds the payload
PROGRAM = "audioguide"  # what made the file: the first frame, so that the head of a file tells if it may be ours
LARGEST_TAG = 16_000_000  # bytes of a whole tag: payload, cover and transcript are at most a quarter of that

_LATIN_1, _UTF_16 = 0, 1  # ID3v2.3 knows only these two
_NO_OFFSET = 0xFFFFFFFF  # the times hold, not byte positions
_IN_MILLISECONDS, _LYRICS = 2, 1  # of a SYLT frame; players look for lyrics and ignore transcriptions


def write_mp3(path: Path, tags: Tags) -> None:
    """Put an ID3v2.3 tag in front of the MP3 at `path`: CHAP and CTOC, USLT and SYLT, APIC, GEOB."""
    from mutagen import id3
    from mutagen.id3._tags import save_frame

    class _OrderedTag(id3.ID3):
        # mutagen sorts frames by length, and players list chapters in the order of the file.
        def _write(self, config: object) -> bytes:
            return b"".join(save_frame(frame, config=config) for frame in self.values())

    def text(kind: type[id3.TextFrame], value: str) -> list[id3.TextFrame]:
        return [kind(encoding=_UTF_16, text=[clean_text(value)])] if value else []

    def picture(kind: int, jpeg: bytes | None) -> list[id3.APIC]:
        # Latin-1 for the empty description: some players take its UTF-16 form for the picture's first bytes.
        return [id3.APIC(encoding=_LATIN_1, mime="image/jpeg", type=kind, desc="", data=jpeg)] if jpeg else []

    chapters = fit_chapters(tags.chapters)
    frames = [
        *text(id3.TSSE, PROGRAM),
        *text(id3.TIT2, tags.title),
        *text(id3.TALB, tags.album),
        *text(id3.TPE1, tags.artist),
        *text(id3.TPE2, tags.artist),
        *text(id3.TCOM, tags.composer),
        *text(id3.TRCK, str(tags.track)),
        *text(id3.TCON, tags.genre),
        *text(id3.TLAN, tags.language),
        *text(id3.TLEN, str(to_milliseconds(tags.frames))),
        *(
            id3.CHAP(
                element_id=f"chp{number}",
                start_time=to_milliseconds(chapter.start),
                end_time=to_milliseconds(chapter.end),
                start_offset=_NO_OFFSET,
                end_offset=_NO_OFFSET,
                sub_frames=[*text(id3.TIT2, chapter.title), *picture(OTHER, tags.pictures.get(chapter.start))],
            )
            for number, chapter in enumerate(chapters)
        ),
    ]
    if chapters:
        flags = id3.CTOCFlags.TOP_LEVEL | id3.CTOCFlags.ORDERED
        names = [f"chp{number}" for number in range(len(chapters))]
        frames.append(id3.CTOC(element_id="toc", flags=flags, child_element_ids=names, sub_frames=[]))
    shared = {"encoding": _UTF_16, "lang": tags.language, "desc": ""}
    if tags.comment:
        frames.append(id3.COMM(**shared, text=[clean_text(tags.comment)]))
    if tags.transcript:
        frames.append(id3.USLT(**shared, text=clean_text(tags.transcript)))
    if tags.captions:
        # Every utterance is a line, and a line begins with its break (ID3v2.3, 4.10).
        timed = [
            ("\n" * (number > 0) + clean_text(" ".join((cue.text or "").split())), to_milliseconds(cue.start))
            for number, cue in enumerate(tags.captions)
        ]
        frames.append(id3.SYLT(**shared, format=_IN_MILLISECONDS, type=_LYRICS, text=timed))
    frames += picture(FRONT_COVER, tags.cover)
    if tags.payload:
        frames.append(id3.GEOB(encoding=_LATIN_1, mime="application/json", filename="", desc=OBJECT, data=tags.payload))
    tag = _OrderedTag()
    for frame in frames:
        tag.add(frame)
    tag.save(path, v1=0, v2_version=3)


def may_be_ours(path: Path) -> bool:
    """Whether the head of an MP3 names this program: a phone has thousands of songs, with tags of megabytes."""
    with suppress(OSError), path.open("rb") as file:
        return PROGRAM.encode("utf-16-le") in file.read(4096)
    return False


def read_mp3(path: Path) -> bytes | None:
    """The payload of an MP3: the JSON object after the description of our object, in any version of ID3, or None.

    Raises ValueError where the tag or the JSON is damaged or too large.
    """
    with path.open("rb") as file:
        size = tag_length(file.read(10))
        file.seek(0)
        tag = file.read(min(size, LARGEST_TAG))
    if len(tag) < size:
        raise ValueError("The tag is cut off, or larger than it can be.")
    _, _, data = tag.partition(f"\0{OBJECT}\0".encode())
    if not data:
        return None
    text = data.decode("latin-1")
    _, end = json.JSONDecoder().raw_decode(text)
    return text[:end].encode("latin-1")


def read_cover(path: Path) -> bytes:
    """The cover of an MP3 that this program has just written."""
    from mutagen.id3 import ID3

    return next((bytes(frame.data) for frame in ID3(path).getall("APIC")), b"")


TAGGING = Tagging(write_mp3, read_mp3, has_pictures=True)
