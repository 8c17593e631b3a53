"""Tags into a file, in the way of its container."""

from __future__ import annotations

from pathlib import Path

from audioguide.errors import EnvironmentFailure
from audioguide.files import explain
from audioguide.output.formats import Format
from audioguide.output.tags.model import Tags


def write_tags(path: Path, form: Format, tags: Tags) -> None:
    """Write `tags` into the whole file at `path`; one whose format has none stays as it is.

    Raises EnvironmentFailure where the disk is full or fails.
    """
    from mutagen import MutagenError

    try:
        if form.tagging:
            form.tagging.write(path, tags)
    except OSError as error:
        raise explain(error, path) from None
    except MutagenError as error:
        cause = error.args[0] if error.args else None
        if isinstance(cause, OSError):  # which mutagen wraps
            raise explain(cause, path) from None
        raise EnvironmentFailure(f"The tags could not be written: {error}.") from None
