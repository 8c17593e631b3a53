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

from collections.abc import Iterable, Mapping
from os import PathLike
from typing import TYPE_CHECKING, Literal

from audioguide.errors import AudioguideError, EnvironmentFailure, Problem, RequestError, RoutineError
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


def load(
    source: str | PathLike[str],
    *,
    hold: str | float | None = None,
    holds: Mapping[str | int, str | float] | None = None,
    scale: float | None = None,
    length: str | float | None = None,
    breath: str | None = None,
    level: Literal["brief", "normal", "full"] | None = None,
    voice: str | None = None,
    fallback: str | None = None,
    background: str | None = None,
    chime: Literal["bell", "bowl", "wood", "none"] | None = None,
    skip: Iterable[str] = (),
    beyond_limits: bool = False,
) -> Session:
    """A session: the routine of an id or a file, with a listener's options, as the command line has them.

    Holds are seconds or text ("45s", "1:30", "5 breaths"): `hold` for every pose, `holds` by a pose's id, name or
    step number; `length` is that of the whole session. Raises RequestError with all that is wrong. Nothing is spoken
    yet.
    """
    from pathlib import Path

    from audioguide.session.open import open_session, parse_options

    if not isinstance(source, str | PathLike) or "\0" in str(source):
        raise RequestError(f"{source!r} is no routine.", "Give an id or a path.")
    if isinstance(skip, str | bytes) or not isinstance(skip, Iterable):
        raise RequestError(f"skip is a list of poses, not {skip!r}.", "Write it as ['pigeon'].")
    if not isinstance(holds, Mapping | None):
        raise RequestError(f"holds are lengths by pose, not {holds!r}.", "Write them as {'childs-pose': '1:00'}.")
    written = {
        "hold": hold,
        "holds": {str(pose): length for pose, length in (holds or {}).items()} or None,
        "scale": scale,
        "length": length,
        "breath": breath,
        "level": level,
        "voice": voice,
        "fallback": fallback,
        "background": background,
        "chime": chime,
        "skip": [*skip] or None,
        "beyond-limits": None if beyond_limits is False else beyond_limits,
    }
    try:
        options = parse_options({key: value for key, value in written.items() if value is not None})
    except RoutineError as error:
        reasons = (f"{one.place.within}: {one.message} {one.hint}" for one in error.problems)
        raise RequestError("\n".join(reasons)) from None
    return open_session(source if isinstance(source, str) else Path(source), options)
