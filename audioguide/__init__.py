"""audioguide: a written routine becomes a narrated session, heard live or exported for the phone.

    import audioguide

    session = audioguide.load("lower-back-cool-down", holds={"childs-pose": "1:00"}, level="brief")
    timeline = session.timeline()               # every cue in whole frames at 44.1 kHz
    session.export("cool-down.mp3")
    segment = session.segment()                 # a pydub AudioSegment

Everything that goes wrong on purpose is an `AudioguideError`: a `RequestError` when the routine or the options are
wrong (a `RoutineError` holds every problem with its line), an `EnvironmentFailure` when the machine fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any

from audioguide.errors import AudioguideError, EnvironmentFailure, Problem, RequestError, RoutineError, suggest
from audioguide.version import __version__

if TYPE_CHECKING:
    from audioguide.session.session import Session

__all__ = [
    "AudioguideError",
    "EnvironmentFailure",
    "Problem",
    "RequestError",
    "RoutineError",
    "__version__",
    "load",
]

# What these functions need is imported when they are called: `import audioguide` costs next to nothing.


def load(source: str | PathLike[str] | Mapping[str, Any], **options: Any) -> Session:
    """A session: the routine of an id, a file, or a mapping as in a routine file, with a listener's options.

    The options are those of the command line. Times are seconds or text ("45s", "1:30"):

    * `hold`: every pose so long, also "5 breaths"; `holds`: single poses, {"childs-pose": "1:00"}, by id, name or step
    * `scale`: a factor for holds; `length`: the whole session; `breath`: "4-6", seconds in and out
    * `level`: "brief", "normal" or "full"; `voice`, and `fallback` where that voice fails
    * `background`: a name or "none"; `chime`: "bell", "bowl", "wood" or "none"
    * `skip`: poses to leave out; `beyond_limits`: True allows holds outside the limits of their poses

    Raises RequestError with all that is wrong. Nothing is spoken yet.
    """
    from pathlib import Path

    from audioguide.model.options import OPTIONS
    from audioguide.session.open import build_session, parse_options
    from audioguide.session.preset import resolve, resolve_data

    known = {row.name: row for row in OPTIONS}
    options = {name: value for name, value in options.items() if value is not None}
    for name in options:
        if name not in known:
            raise TypeError(f"load() has no option {name!r}. {suggest(name, known)}".rstrip())
    data: dict[str, Any] = {}
    for name, value in options.items():
        row = known[name]
        if row.kind == "by pose":
            if not isinstance(value, Mapping):
                wanted = f"{name}: Lengths by pose belong here, not {value!r}."
                raise RequestError(wanted, "Write them as {'childs-pose': '1:00'}.")
            value = {str(pose): one for pose, one in value.items()}
        if row.kind == "poses" and not isinstance(value, list | tuple):
            raise RequestError(f"{name}: A list of poses belongs here, not {value!r}.", "Write it as ['pigeon'].")
        data[row.key] = value
    try:
        asked = parse_options(data)
    except RoutineError as error:
        reasons = (f"{one.place.within}: {one.message} {one.hint}" for one in error.problems)
        raise RequestError("\n".join(reasons)) from None
    if isinstance(source, Mapping):
        return build_session(resolve_data(source, asked))
    if not isinstance(source, str | PathLike) or "\0" in str(source):
        raise RequestError(f"{source!r} is no routine.", "Give an id, a path, or a mapping with `title` and `steps`.")
    return build_session(resolve(source if isinstance(source, str) else Path(source), asked))
