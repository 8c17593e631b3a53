"""Pico: small voices in six languages from the py-nanotts wheel, offline. Plain, but clear and quick.

Each sentence has a process of its own: in ours, the library would block every thread and depend on earlier sentences.
"""

from __future__ import annotations

import re
import sys
import wave

from audioguide.arrays import NDArray, np
from audioguide.errors import RequestError, suggest
from audioguide.speech.engines.engine import Engine, read_wave
from audioguide.speech.languages import shorten
from audioguide.speech.voices import VoiceProfile
from audioguide.system.files import temporary_folder
from audioguide.system.process import describe_exit, run
from audioguide.units import db_to_amplitude

MODELS = ("de-DE", "en-GB", "en-US", "es-ES", "fr-FR", "it-IT")
TIMEOUT_SECONDS = 30.0
VOLUME = "0.35"  # leaves room for the loudest sentences, which clip at 1; the gain of the profile makes up for it
_WINDOW = 320  # samples: 20 ms
_QUIET = 5  # silent windows in a row, more than there are inside a word


class PicoEngine(Engine):
    """Speaks one of `MODELS`."""

    sample_rate = 16_000

    def __init__(self, profile: VoiceProfile) -> None:
        super().__init__(profile)
        if profile.model not in MODELS:
            raise RequestError(
                f"The voice {profile.name!r} uses the model {profile.model!r}, which pico does not have.",
                suggest(profile.model, MODELS),
            )

    @property
    def version(self) -> str:
        """The release of the package; its models travel inside."""
        return f"{self.releases('py-nanotts')} {VOLUME}"

    def speak(self, text: str, rate: float) -> NDArray[np.float32]:
        """The text as float32 mono at 16 kHz."""
        if refusal := self.cannot_say(text):
            raise refusal
        _ = self.version  # raises for a missing package before anything is started
        plain = " ".join(re.sub("[<>]", " ", text).split())  # text in angle brackets would be a command
        with temporary_folder() as folder:
            path = folder / "spoken.wav"
            options = ("--voice", self.profile.model, "--speed", f"{rate:.4f}", "--volume", VOLUME)
            command = (sys.executable, "-P", "-m", "py_nanotts", "--output", str(path), *options, "--", plain)
            try:
                done = run(command, TIMEOUT_SECONDS)
                if not done.returncode:
                    return trim_tail(read_wave(path))
            except (OSError, EOFError, wave.Error) as failure:
                raise self.failure(failure) from None
        last = (done.stderr.decode(errors="replace").strip().splitlines() or [describe_exit(done.returncode)])[-1]
        if "pico_getData" in last or "pico_putText" in last:  # the text is at fault, not the installation
            message = f"The voice {self.profile.name!r} cannot say {shorten(text)!r}."
            raise RequestError(message, "Write it in shorter words.")
        raise self.failure(last)


def trim_tail(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Samples at 16 kHz without the click and the noise up to a second after the last word.

    These are under −48 dBFS, a word is over −39 dBFS, and between them are at least 0.2 s of near silence.
    """
    count = len(samples) // _WINDOW
    levels = np.sqrt(np.mean(np.square(samples[: count * _WINDOW].reshape(count, _WINDOW)), axis=1))
    words = np.flatnonzero(levels > db_to_amplitude(-39))
    if not len(words):
        return samples[:0]
    for window in range(words[-1], count - _QUIET + 1):
        if levels[window : window + _QUIET].max() < db_to_amplitude(-61):
            return samples[: (window + 2) * _WINDOW]  # the near silence, for a soft end
    return samples
