"""Tags of a FLAC or Opus file: Vorbis comments, with chapters by the names that players agree on.

CHAPTER001 and CHAPTER001NAME: https://wiki.xiph.org/Chapter_Extension.
"""

from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

from audioguide.export.tags import (
    FRONT_COVER,
    LARGEST_PAYLOAD,
    Tagging,
    Tags,
    clean_text,
    fit_chapters,
    format_timestamp,
    to_milliseconds,
)

COMMENT = "AUDIOGUIDE_SESSION"  # the comment that holds the payload, in base64, since a comment is text


def write_flac(path: Path, tags: Tags) -> None:
    """Put Vorbis comments and a picture block into the FLAC at `path`."""
    from mutagen.flac import FLAC

    file = FLAC(path)
    file.update(_comments(tags))
    if tags.cover:
        file.add_picture(_picture(tags.cover))
    file.save()


def write_opus(path: Path, tags: Tags) -> None:
    """Put Vorbis comments into the Opus file at `path`; the cover is one of them (https://wiki.xiph.org/VorbisComment)."""
    from mutagen.oggopus import OggOpus

    file = OggOpus(path)
    file.update(_comments(tags))
    if tags.cover:
        file["METADATA_BLOCK_PICTURE"] = b64encode(_picture(tags.cover).write()).decode()
    file.save()


def read_comments(path: Path) -> bytes | None:
    """The payload of a FLAC or Opus file; None where there is none. Raises any exception where it is damaged."""
    from mutagen import File
    from mutagen.flac import FLAC
    from mutagen.oggopus import OggOpus

    (text,) = (File(path, [FLAC, OggOpus]).tags or {}).get(COMMENT, [""])[:1]
    if len(text) > LARGEST_PAYLOAD * 4 / 3 + 4:
        return bytes(LARGEST_PAYLOAD + 1)  # so that it is refused as too large without being decoded
    return b64decode(text, validate=True)


def _comments(tags: Tags) -> dict[str, str]:
    fields = {
        "TITLE": tags.title,
        "ALBUM": tags.album,
        "ARTIST": tags.artist,
        "ALBUMARTIST": tags.artist,
        "COMPOSER": tags.composer,
        "TRACKNUMBER": str(tags.track),
        "GENRE": tags.genre,
        "COMMENT": tags.comment,
        "LANGUAGE": tags.language,
        "LYRICS": tags.transcript,
        COMMENT: b64encode(tags.payload).decode(),
    }
    for number, chapter in enumerate(fit_chapters(tags.chapters), 1):
        fields[f"CHAPTER{number:03}"] = format_timestamp(to_milliseconds(chapter.start))
        fields[f"CHAPTER{number:03}NAME"] = chapter.title
    return {name: clean_text(value) for name, value in fields.items() if value}


def _picture(cover: bytes) -> Any:
    from mutagen.flac import Picture

    picture = Picture()
    picture.type, picture.mime, picture.data = FRONT_COVER, "image/jpeg", cover
    return picture


TAGGING_OF_FLAC = Tagging(write_flac, read_comments)
TAGGING_OF_OPUS = Tagging(write_opus, read_comments)
