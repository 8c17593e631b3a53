"""Where the sound goes: loudspeakers, a WAV file, nowhere. Devices are created by name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from audioguide.errors import RequestError, suggest
from audioguide.player.devices.device import Device
from audioguide.system.plugins import Plugins

if TYPE_CHECKING:
    from audioguide.player.devices.wav_file import Recorder

MINIAUDIO = "miniaudio"
OUTPUTS = (MINIAUDIO, "simpleaudio", "wav:FILE", "null")
"""The outputs that come with audioguide, as --output takes them."""

DEVICES: Plugins[Callable[[str], Device]] = Plugins(
    "audioguide.devices",
    {
        MINIAUDIO: "audioguide.player.devices.miniaudio:Loudspeaker",
        "simpleaudio": "audioguide.player.devices.simpleaudio:SimpleaudioDevice",
        "null": "audioguide.player.devices.device:NullDevice",
    },
)
"""Every device but the file, by name. `Device` says how to add one."""


def create_device(spec: str, device: str | None, recorder: Recorder) -> Device:
    """The output that `spec` names, as NAME or NAME:TEXT. `device`: a sound device's name, or part of it. `recorder`
    opens the file of `wav:FILE`. RequestError for an unknown output, a wrong ending, a `device` for another output.
    """
    name, _, text = spec.partition(":")
    if device is not None and name != MINIAUDIO:
        raise RequestError(f"The output {spec} has no devices to choose from.", f"Leave out --device {quote(device)}.")
    if name == "wav" and text:
        from audioguide.player.devices.wav_file import WavFileDevice

        return WavFileDevice(Path(text), recorder)
    if (found := DEVICES.find(name)) is None:
        raise RequestError(f"There is no output {spec!r}.", suggest(spec, {*OUTPUTS, *DEVICES.names()}))
    return found(device or text)
