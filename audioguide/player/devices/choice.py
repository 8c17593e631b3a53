"""Which device a session is played on, as the command line names it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from audioguide.errors import RequestError, nearest
from audioguide.player.devices.protocol import Device
from audioguide.plugins import Plugins

if TYPE_CHECKING:
    from audioguide.player.devices.wave_file import Recorder

MINIAUDIO = "miniaudio"
OUTPUTS = (MINIAUDIO, "simpleaudio", "wav:FILE", "null")
"""What an output may be called, as far as it comes along."""

DEVICES: Plugins[Callable[[str], Device]] = Plugins(
    "audioguide.devices",
    {
        MINIAUDIO: "audioguide.player.devices.loudspeaker:Loudspeaker",
        "simpleaudio": "audioguide.player.devices.simple:Simple",
        "null": "audioguide.player.devices.null:Null",
    },
)
"""Every device but the file, by name; how to add one says `protocol.Device`."""


def output(spec: str, device: str | None, recorder: Recorder) -> Device:
    """The output that `spec` names, as NAME or NAME:TEXT; `device` is the name, or a part of it, of a sound device.

    `recorder` opens the file of `wav:FILE`. RequestError for an unknown output, for a file that is called otherwise,
    and for an output that has no devices.
    """
    name, _, text = spec.partition(":")
    if device is not None and name != MINIAUDIO:
        raise RequestError(f"The output {spec} has no devices to choose from.", f"Leave out --device {quote(device)}.")
    if name == "wav" and text:
        from audioguide.player.devices.wave_file import WaveFile

        return WaveFile(Path(text), recorder)
    if (found := DEVICES.find(name)) is None:
        raise RequestError(f"There is no output {spec!r}.", nearest(spec, {*OUTPUTS, *DEVICES.names()}))
    return found(device or text)
