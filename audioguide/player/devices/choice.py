"""Which device a session is played on, as the command line names it."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from audioguide.errors import RequestError, nearest
from audioguide.player.devices.protocol import Device

if TYPE_CHECKING:
    from audioguide.player.devices.wave_file import Recorder

MINIAUDIO, SIMPLEAUDIO, NULL, WAV = "miniaudio", "simpleaudio", "null", "wav:"
OUTPUTS = (MINIAUDIO, SIMPLEAUDIO, f"{WAV}FILE", NULL)
"""What an output may be called."""


def output(spec: str, device: str | None, recorder: Recorder) -> Device:
    """The output that `spec` names, one of `OUTPUTS`; `device` is the name, or a part of it, of a sound device.

    `recorder` opens the file of `wav:FILE`. RequestError for an unknown output, for a file that is called otherwise,
    and for an output that has no devices.
    """
    if device is not None and spec != MINIAUDIO:
        raise RequestError(f"The output {spec} has no devices to choose from.", f"Leave out --device {quote(device)}.")
    if spec.startswith(WAV) and spec != WAV:
        from audioguide.player.devices.wave_file import WaveFile

        path = Path(spec.removeprefix(WAV))
        if path.suffix.lower() not in ("", ".wav"):
            raise RequestError(f"{path} would be a WAV file.", "Let its name end in .wav, or use `audioguide export`.")
        return WaveFile(path, recorder)
    match spec:
        case "miniaudio":
            from audioguide.player.devices.loudspeaker import Loudspeaker

            return Loudspeaker(device)
        case "simpleaudio":
            from audioguide.player.devices.simple import Simple

            return Simple()
        case "null":
            from audioguide.player.devices.null import Null

            return Null()
    raise RequestError(f"There is no output {spec!r}.", nearest(spec, OUTPUTS))
