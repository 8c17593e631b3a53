"""Output: blocks of sound into a file that a phone plays, with its chapters, transcript and cover.

    form = format_of(target)
    with files.staged(target) as (part,):
        with Encoder(part, form) as encoder:
            for block in mix:
                encoder.write(block)
        write_tags(part, form, tags)

`staged` takes any number of targets: a file, its stems and its sidecars appear together.
"""

from audioguide.export.captions import captions, sidecar_paths, transcript, write_sidecar
from audioguide.export.encoder import Encoder
from audioguide.export.formats import FORMATS, Format, format_of
from audioguide.export.tags.tags import Tags
from audioguide.export.writer import write_tags

__all__ = [
    "FORMATS",
    "Encoder",
    "Format",
    "Tags",
    "captions",
    "format_of",
    "sidecar_paths",
    "transcript",
    "write_sidecar",
    "write_tags",
]
