"""audioguide: a written routine becomes a narrated session, heard live or exported for the phone.

    import audioguide

    session = audioguide.load("lower-back-cool-down", holds={"childs-pose": "1:00"}, level="brief")
    session.export("cool-down.mp3")

What there is
  `routines()`, `poses()`, `voices()` and `backgrounds()` list what can be named, each with its file.
  `check(source)` lists all that is wrong with a file.

One session
  `load(source, **options)` opens a `Session`, `compose(**wishes)` puts one together. It can be compiled to a
  `Timeline` of `Cue`s (`session.compile()`), written (`session.export(file)`), or taken as samples
  (`session.samples()`, `session.blocks()`, `session.segment()`).

What goes wrong
  Everything that goes wrong on purpose is an `AudioguideError`: a `RequestError` when the routine or the options
  are wrong (a `RoutineError` holds every `Problem` with its line), an `EnvironmentFailure` when the machine fails.

Additions of your own
  `ENGINES`, `LAYERS` and `DEVICES` are tables of classes by name: voices, sounds in backgrounds, and outputs.
  `ENGINES.register("mine", MyEngine)` adds one; an installed package adds its own by an entry point of the groups
  `audioguide.engines`, `audioguide.layers` and `audioguide.devices`. The classes derive from `Engine`, `LayerSpec`
  and `Device`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from audioguide.errors import AudioguideError, EnvironmentFailure, Problem, RequestError, RoutineError, suggest
from audioguide.version import __version__

if TYPE_CHECKING:
    from os import PathLike
    from pathlib import Path

    from audioguide.model.routine import Routine
    from audioguide.model.timeline import Cue, Timeline
    from audioguide.player.devices import DEVICES
    from audioguide.player.devices.device import Device
    from audioguide.session.session import Session
    from audioguide.sound.synth.layer import LAYERS, LayerSpec
    from audioguide.speech.engines.engine import ENGINES, Engine

__all__ = [
    "DEVICES",
    "ENGINES",
    "LAYERS",
    "AudioguideError",
    "Cue",
    "Device",
    "Engine",
    "EnvironmentFailure",
    "LayerSpec",
    "Problem",
    "RequestError",
    "Routine",
    "RoutineError",
    "Session",
    "Timeline",
    "__version__",
    "backgrounds",
    "check",
    "compose",
    "load",
    "poses",
    "routines",
    "voices",
]

_MODULES = {
    "Cue": "audioguide.model.timeline",
    "DEVICES": "audioguide.player.devices",
    "Device": "audioguide.player.devices.device",
    "ENGINES": "audioguide.speech.engines.engine",
    "Engine": "audioguide.speech.engines.engine",
    "LAYERS": "audioguide.sound.synth.layer",
    "LayerSpec": "audioguide.sound.synth.layer",
    "Routine": "audioguide.model.routine",
    "Session": "audioguide.session.session",
    "Timeline": "audioguide.model.timeline",
}
"""Where the names are that are imported when they are first used, so that `import audioguide` costs next to nothing."""


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'audioguide' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return __all__


def load(source: str | PathLike[str] | Mapping[str, Any], **options: Any) -> Session:
    """Open a session: a routine with a listener's options. Nothing is spoken yet.

    `source` is the id of a routine or a preset ("taster"), the path of a routine, a preset or an exported file, or a
    mapping with the keys of a routine file ({"title": "Mine", "steps": [{"pose": "bridge", "hold": "30s"}]}).

    The options are those of the command line; None means that one is not set. Times are seconds, or text as "45s",
    "1:30" or "2 min":

    * `hold`: every pose so long, also "5 breaths", or "+5s" longer; `holds`: single poses, {"childs-pose": "1:00"}, by
      id, name or step; `rounds` and `reps`: {"bridge": 2}, by pose as well; `settle`: the time to get into each pose
    * `swap`: other poses in the place of some, {"bird-dog": "dead-bug"}; `sides`: {"pigeon": ["left", "left", "right"]}
    * `scale`: a factor for all holds; `length`: the length of the whole session, `only`: "holds" if nothing else may
      change for it; `breath`: "4-6", seconds in and out
    * `language`: "de", for a routine that has words in it
    * `level`: "brief", "normal" or "full" instructions; `skip`: a list of poses to leave out; `keep`: of those that
      stay in, whatever the length
    * `cues`: more or less of what is said, {"halfway": "off", "breath": "all"}
    * `voice`: who speaks, by name; `fallback`: who goes on when that voice fails; `pace`: 0.9 is slower;
      `voice_level` and `background_level`: louder or softer by so many LU
    * `background`: the name of one, the path of a sound file, or "none"; `chime`: "bell", "bowl", "wood" or "none"
    * `silence`: "noise", which nobody hears and which keeps earphones awake, or "digital", for MP3, M4A and Opus
    * `title`, `artist`, `album`: what players show; `cover`: the path of a JPEG or PNG, or "none" for the drawn one
    * `beyond_limits`: True allows holds outside the limits of their poses

    Raises RequestError with all that is wrong with the options, RoutineError with all that is wrong with the routine,
    TypeError for an option that there is not. Settings files are not read: they are for the command line.
    """
    from os import PathLike
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
                wanted = f"{name}: Values by pose belong here, not {value!r}."
                raise RequestError(wanted, "Write them as {'childs-pose': …}.")
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


def compose(**wishes: Any) -> Session:
    """A session of what is wished, with the words of `audioguide compose`: `length="10:00", without=["wrists"]`.

    `for` and `with` are words of Python: `compose(**{"for": "hips"})`. RequestError names the nearest that is possible.
    """
    from audioguide.routine.choose_poses import compose_from_library
    from audioguide.routine.wishes import parse_wishes

    return load(compose_from_library(parse_wishes(wishes)).data)


def check(source: str | PathLike[str]) -> tuple[Problem, ...]:
    """All that is wrong with a routine, a pose, a background, a preset or an exported file: an id or a path.

    Each `Problem` has its place (file, line, column), a code, a message, a hint and a severity, "error" or "warning".
    Raises RequestError when there is no such file.
    """
    from pathlib import Path

    from audioguide.session.check import check as check_source

    return check_source(source if isinstance(source, str) else Path(source))


def routines() -> dict[str, Path]:
    """The file of each routine and preset that `load` knows, by its id; one's own are among them."""
    from audioguide.system import paths

    return {**paths.routine_files(), **paths.preset_files()}


def poses() -> dict[str, Path]:
    """The file of each pose that a routine can name, by its id."""
    from audioguide.system import paths

    return dict(paths.pose_files())


def voices() -> dict[str, Path]:
    """The profile of each voice, by its name."""
    from audioguide.system import paths

    return dict(paths.voice_files())


def backgrounds() -> dict[str, Path]:
    """The preset of each background, by its name."""
    from audioguide.system import paths

    return dict(paths.background_files())
