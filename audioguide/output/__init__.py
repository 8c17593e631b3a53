"""Output: blocks of sound into a file that a phone plays, with its chapters, transcript and cover.

    form = format_of(target)
    with files.staged(target) as (part,):
        with Encoder(part, form) as encoder:
            for block in mix:
                encoder.write(block)
        write_tags(part, form, tags)

`staged` takes any number of targets: a file, its stems and its sidecars appear together.
"""

from audioguide.output.captions import captions, sidecar_paths, transcript, write_sidecar
from audioguide.output.encoder import Encoder
from audioguide.output.formats import FORMATS, Format, format_of
from audioguide.output.tags.model import Tags
from audioguide.output.tags.write import write_tags

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
