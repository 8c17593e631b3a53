"""The loudspeakers, headphones and screens that sound can come out of, as miniaudio finds them."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from audioguide.errors import EnvironmentFailure, RequestError, nearest
from audioguide.machine import run_in_daemon_thread as errand
from audioguide.player.devices.protocol import MUTE_SYSTEM

PATIENCE = 5.0
"""Seconds that a sound system has to answer."""

_SLEEPY = re.compile(r"bluez|bluetooth|airpods|\b(buds|earbuds|wireless)\b|a2dp|hdmi|display ?port", re.IGNORECASE)
_DUMMY = re.compile(r"(auto_)?null|dummy output", re.IGNORECASE)
"""PulseAudio's and ALSA's own: the id of the one, or what it is called, is all of it."""

_ALSA = re.compile(r":|(default|pulse|pipewire)$")
"""ALSA's own devices, by card and number, and those that stand for another one. The others are its machinery."""


@dataclass(frozen=True, slots=True)
class Output:
    """A sound device that is there: its name, and the sound system it belongs to.

    `default` is the one that the system plays on. `sleepy` ones swallow the first second of what they are given when
    they have been silent: Bluetooth, and screens. A `dummy` plays to nobody. `backend` and `id` are miniaudio's.
    """

    name: str
    system: str
    default: bool = False
    sleepy: bool = False
    dummy: bool = False
    backend: Any = None
    id: Any = None


def devices() -> tuple[Output, ...]:
    """Every device that sound can come out of, the default first; none where there is no sound system.

    Raises EnvironmentFailure for one that does not answer.
    """
    try:
        return errand(listed).result(PATIENCE)
    except TimeoutError:
        raise EnvironmentFailure(MUTE_SYSTEM) from None


def listed() -> tuple[Output, ...]:
    """What `devices` gives, without an end to its patience: those of the first sound system that is there."""
    import miniaudio
    from miniaudio import Backend

    class Listing(miniaudio.Devices):  # type: ignore[misc]
        """The library asks each device for its formats, and leaves out which is the default."""

        def _get_info(self, device_type: Any, device_info: Any) -> dict[str, Any]:
            return {"default": bool(device_info.isDefault)}

    hush_alsa()
    for backend in Backend:
        if backend in (Backend.NULL, Backend.CUSTOM, Backend.WEBAUDIO):
            continue
        with suppress(miniaudio.MiniaudioError):
            listing = Listing([backend])
            found = (_output(device, listing.backend, backend) for device in listing.get_playbacks())
            return tuple(sorted(filter(None, found), key=lambda output: not output.default))
    return ()


def _output(device: dict[str, Any], system: str, backend: Any) -> Output | None:
    """A device as the library gives it; None for what is no device."""
    import miniaudio

    key = bytes(miniaudio.ffi.buffer(device["id"])).partition(b"\0")[0].decode("ascii", "ignore")
    name = device["name"]
    if system == "ALSA" and not _ALSA.match(key):
        return None
    return Output(
        name,
        system,
        default=device["default"],
        sleepy=bool(_SLEEPY.search(f"{key} {name}")),
        dummy=bool(_DUMMY.fullmatch(key) or _DUMMY.fullmatch(name)),
        backend=backend,
        id=device["id"],
    )


def find(name: str, outputs: Sequence[Output]) -> Output:
    """The device of this name, or the only one with that in its name. RequestError, with the names there are."""
    wanted = name.strip().casefold()
    same = [output for output in outputs if output.name.casefold() == wanted]
    alike = same or [output for output in outputs if wanted and wanted in output.name.casefold()]
    if not outputs:
        raise RequestError(f"There is no sound device {name!r}, nor any other.", "Connect it, then try again.")
    if not alike:
        hint = nearest(name, (output.name for output in outputs)) or "Run `audioguide doctor` to see which there are."
        raise RequestError(f"There is no sound device {name!r}.", hint)
    if len(alike) > 1 and not same:
        names = ", ".join(output.name for output in alike)
        raise RequestError(f"{name!r} may be any of these sound devices: {names}.", "Write more of its name.")
    return alike[0]


@cache
def hush_alsa() -> object:
    """Keep ALSA from writing its own account of a missing device to stderr. What is returned has to stay alive."""
    if sys.platform != "linux":
        return None
    import ctypes

    handler = ctypes.CFUNCTYPE(None)(_ignore)
    try:
        ctypes.CDLL("libasound.so.2").snd_lib_error_set_handler(handler)
    except OSError:  # no ALSA, no noise
        return None
    return handler


def _ignore() -> None:
    """An error handler that does nothing."""
