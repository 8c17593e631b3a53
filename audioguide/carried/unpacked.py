"""The routine that a file carries, as one that a person goes on writing: alone, whatever the machine has."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from audioguide.carried.carried import Carried
from audioguide.errors import RequestError
from audioguide.routine import library
from audioguide.routine.customise import Options
from audioguide.routine.options import as_written
from audioguide.routine.sources import Written

Data = dict[str, Any]
_SETTINGS = frozenset({"hold", "breath"})
"""What a pose of the library leaves to what is around it, and a pose that is written in place does not."""


def unpacked(carried: Carried) -> Data:
    """The routine's data. Poses that this machine does not have, or has otherwise, stand in place, as do the steps of
    all that is included.
    """
    written = carried.bundle.written()
    root = dict(written.routine)
    around = _said(root.get("defaults") or {}, frozenset())
    return {**root, "title": carried.title[:120], "steps": list(_steps(root["steps"], written, around))}


def arguments(options: Options) -> str:
    """Options as they are written after a command; "" when there are none."""
    words: list[str] = []
    for key, value in as_written(options).items():
        if isinstance(value, dict):
            words += (word for pose, length in value.items() for word in ("--hold", f"{pose}={length}"))
        elif isinstance(value, list):
            words += (word for name in value for word in (f"--{key}", name))
        else:
            words += [f"--{key}"] if value is True else [f"--{key}", str(value)]
    return shlex.join(words)


def _steps(steps: list[Data], written: Written, around: frozenset[str]) -> Iterator[Data]:
    for step in steps:
        if "pose" in step:
            yield {**step, "pose": _pose(step["pose"], written, _said(step, around))}
        elif "repeat" in step:
            yield {**step, "steps": list(_steps(step["steps"], written, _said(step, around)))}
        elif "include" in step:
            yield _included(step, written, around)
        else:
            yield step


def _included(step: Data, written: Written, around: frozenset[str]) -> Data:
    """The steps of an included routine. Its defaults are around what the including step says, which counts more."""
    routine = written.included[str(step["include"])]
    own = {key: value for key, value in (routine.get("defaults") or {}).items() if key != "voice"}
    said = {key: value for key, value in step.items() if key != "include"}
    inner = list(_steps(routine["steps"], written, _said(said, _said(own, around))))
    for settings in (said, own):
        if settings:
            inner = [{"repeat": 1, **settings, "steps": inner}]
    return inner[0] if len(inner) == 1 else {"repeat": 1, "steps": inner}


def _pose(pose: Any, written: Written, around: frozenset[str]) -> Any:
    if isinstance(pose, dict):
        return pose
    data = written.poses[str(pose)]
    if _is_here(str(pose), data):
        return pose
    kept = {key: value for key, value in data.items() if key not in around}
    return {"id": str(pose), **kept}


def _is_here(id: str, data: Mapping[str, Any]) -> bool:
    try:
        return bool(library.entry(id)[1].data == data)
    except RequestError:
        return False


def _said(settings: Mapping[str, Any], around: frozenset[str]) -> frozenset[str]:
    return around | {key for key in _SETTINGS if settings.get(key) is not None}
