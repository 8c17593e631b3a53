"""A file in one pass of the encoder: what files in pieces are held against."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from audioguide.export.encoder import Encoder, LameEncoder, open_encoder
from audioguide.export.formats import Format, format_of
from audioguide.export.mp3 import Mp3File, Segment


@contextmanager
def encoding(path: Path, form: Format | None = None, channels: int = 2) -> Iterator[Encoder | LameEncoder]:
    """The encoder of a file, whole at the end; an MP3 is a single piece."""
    form = form or format_of(path)
    if not form.in_segments:
        with Encoder(path, form, channels) as encoder:
            yield encoder
        return
    with Mp3File(path, form, channels) as file:
        with open_encoder(form, channels) as encoder:
            yield encoder
        file.append(Segment(0, encoder.frames, encoder.frames).trim(encoder.content))
        file.finish(encoder.frames)
