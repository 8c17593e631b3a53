"""Tags into a file, in the way of its container."""

from __future__ import annotations

from pathlib import Path

from audioguide.errors import EnvironmentFailure
from audioguide.output.staging import explain
from audioguide.output.tags.model import Tags
from audioguide.output.tags.mp3 import write_mp3
from audioguide.output.tags.mp4 import write_m4a, write_m4b
from audioguide.output.tags.vorbis import write_flac, write_opus

_WRITERS = {
    ".mp3": write_mp3,
    ".m4a": write_m4a,
    ".m4b": write_m4b,
    ".opus": write_opus,
    ".flac": write_flac,
}


def write_tags(path: Path, ending: str, tags: Tags) -> None:
    """Write `tags` into the whole file at `path`, whose format is that of `ending`; a WAV stays as it is.

    Raises EnvironmentFailure where the disk is full or fails.
    """
    from mutagen import MutagenError

    try:
        if write := _WRITERS.get(ending):
            write(path, tags)
    except OSError as error:
        raise explain(error, path) from None
    except MutagenError as error:
        cause = error.args[0] if error.args else None
        if isinstance(cause, OSError):  # which mutagen wraps
            raise explain(cause, path) from None
        raise EnvironmentFailure(f"The tags could not be written: {error}.") from None
