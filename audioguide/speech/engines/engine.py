"""Speech engines: text in, raw samples out. The cache, levels, trimming and threads are in `voice_speaker`."""

from __future__ import annotations

import os
import sys
from abc import ABC, abstractmethod
from contextlib import suppress
from functools import cache
from pathlib import Path
from shlex import quote
from typing import ClassVar

from audioguide.arrays import NDArray, np
from audioguide.errors import AudioguideError, EnvironmentFailure, RequestError, install_hint, suggest
from audioguide.speech.languages import check_has_words, check_letters, same_language
from audioguide.speech.lexicon import LexiconFormat
from audioguide.speech.voices import VoiceProfile, load_profile
from audioguide.system.paths import voice_files
from audioguide.system.plugins import Plugins


class EngineFailure(EnvironmentFailure):
    """An engine cannot go on; `reason` is why, without the hint."""

    def __init__(self, reason: str, hint: str) -> None:
        self.reason = reason
        super().__init__(f"{reason} {hint}")


class Engine(ABC):
    """One way of turning text into sound. To add one:

    1. Write a subclass with `sample_rate`, and with a `version` that changes whenever the samples may.
    2. Write `speak`. Load the model there and not in `__init__`: most sessions have all of their clips already.
    3. Override what does not fit: `online`, `paced`, `lexicon_format`, `needs_full_text`, `cannot_say`, `unload`.
    4. Name it in `ENGINES` below. Another package names its engine in the entry point group `audioguide.engines`,
       a program calls `ENGINES.register(name, class)`. A voice file then says `engine: name`.

    Any number of threads may call one engine. The same text, rate and version give the same samples.
    """

    online: ClassVar[bool] = False  # whether the text leaves the machine
    paced: ClassVar[bool] = True  # whether `speak` heeds the rate
    needs_full_text: ClassVar[bool] = False  # whether `speak` gets a whole text instead of a sentence at a time
    # Words are respelled in the text ("say"), or it looks up their phonemes itself ("ipa"); None for recordings.
    lexicon_format: ClassVar[LexiconFormat | None] = "say"

    def __init__(self, profile: VoiceProfile) -> None:
        self.profile = profile

    @property
    @abstractmethod
    def version(self) -> str:
        """Changes whenever the samples may; known without loading the model. EngineFailure where it is missing."""

    @property
    @abstractmethod
    def sample_rate(self) -> int:
        """Samples a second of what `speak` returns."""

    @abstractmethod
    def speak(self, text: str, rate: float) -> NDArray[np.float32]:
        """Float32 mono, (samples,), within ±1; rate 1.0 is the model's own pace. RequestError if it cannot say it.

        What is softer than −66 dBFS at the voice's gain is cut off at both ends: louder noise there has to be cut here.
        """

    def cannot_say(self, text: str) -> RequestError | None:
        """Why `speak` would refuse a text, as far as that is known without loading the model; else None."""
        return check_has_words(text) or check_letters(text, self.profile.language)

    def unload(self) -> None:  # noqa: B027 – most have nothing to free
        """Free the model's memory; `speak` loads it again. Ends a call of `speak` that waits."""

    def releases(self, *packages: str) -> str:
        """The releases of packages: "hibari-tts 0.2.1 numpy 2.1.0". EngineFailure says what to install."""
        try:
            return installed_versions(*packages)
        except ModuleNotFoundError as missing:
            raise missing_package(self.profile, str(missing.name)) from None

    def failure(self, why: object) -> EngineFailure:
        """The error of a program that speaks for this voice and failed."""
        return EngineFailure(
            f"{self.profile.engine.capitalize()}, which speaks for the voice {self.profile.name!r}, failed ({why}).",
            "Try again; if it stays so, install it again or take another voice.",
        )


def read_wave(path: Path) -> NDArray[np.float32]:
    """The samples of a WAV file in one channel of 16 bits. OSError, EOFError or wave.Error if it is not one."""
    import wave

    with wave.open(str(path), "rb") as file:
        return pcm_to_float(file.readframes(file.getnframes()))


def pcm_to_float(pcm: bytes) -> NDArray[np.float32]:
    """Samples of 16 bits, little-endian, as float32 within ±1."""
    return np.frombuffer(pcm, "<i2").astype(np.float32) / np.float32(32_768)


@cache
def installed_versions(*packages: str) -> str:
    """The releases of installed packages: "hibari-tts 0.2.1 numpy 2.1.0". ModuleNotFoundError where one is missing."""
    return " ".join(f"{package} {_release(package)}" for package in packages)


def _release(package: str) -> str:
    name = package.lower().replace("-", "_").replace(".", "_")
    # From the name of the folder with its metadata, if there is one: importlib.metadata takes 30 ms to load.
    for folder in sys.path:
        with suppress(OSError), os.scandir(folder or ".") as entries:
            for entry in entries:
                found, _, release = entry.name.partition("-")
                if release.endswith(".dist-info") and found.lower().replace(".", "_") == name:
                    return release.removesuffix(".dist-info")
    from importlib.metadata import version

    return version(package)


ENGINES: Plugins[type[Engine]] = Plugins(
    "audioguide.engines",
    {
        "gtts": "audioguide.speech.engines.gtts:GttsEngine",
        "hibari": "audioguide.speech.engines.hibari:HibariEngine",
        "pico": "audioguide.speech.engines.pico:PicoEngine",
        "piper": "audioguide.speech.engines.piper:PiperEngine",
        "recorded": "audioguide.speech.engines.recordings:RecordedEngine",
        "system": "audioguide.speech.engines.system:SystemEngine",
    },
)


def engine_class(profile: VoiceProfile) -> type[Engine]:
    """The class of a voice's engine. RequestError when there is none of that name."""
    if engine := ENGINES.find(profile.engine):
        return engine
    raise RequestError(
        f"The voice {profile.name!r} uses the engine {profile.engine!r}, which does not exist.",
        suggest(profile.engine, ENGINES.names()),
    )


def make_engine(profile: VoiceProfile) -> Engine:
    """The engine of a voice, not yet loaded. RequestError as for `engine_class`."""
    return engine_class(profile)(profile)


def is_online(profile: VoiceProfile) -> bool:
    """Whether the voice's texts leave the machine."""
    with suppress(AudioguideError):
        return engine_class(profile).online
    return False


def list_profiles() -> tuple[VoiceProfile, ...]:
    """Every profile that can be read and whose engine exists, by name."""
    found = []
    for path in voice_files().values():
        with suppress(AudioguideError):
            voice = load_profile(path)
            engine_class(voice)
            found.append(voice)
    return tuple(sorted(found, key=lambda voice: voice.name))


def missing_package(voice: VoiceProfile, *packages: str) -> EngineFailure:
    """The error that a voice needs packages, of which the first is missing: what to install, or which voice to use."""
    alike = (other for other in list_profiles() if same_language(other.language, voice.language))
    others = (other for other in alike if other.engine != voice.engine and is_online(other))
    online = " or ".join(f"--voice {quote(other.name)}" for other in others)
    instead = f", or take {online}, which needs the network" if online else ""
    return EngineFailure(
        f"The voice {voice.name!r} needs the package {packages[0]}, which is not installed.",
        f"{install_hint(*packages)}{instead}.",
    )
