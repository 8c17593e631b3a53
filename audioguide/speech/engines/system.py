"""The system's own voice: `say` on macOS, SAPI by PowerShell on Windows, espeak-ng elsewhere. Offline.

Tried on Linux. On macOS and Windows it was only tried with stand-ins for the two programs.
"""

import base64
import json
import platform
import re
import shutil
import sys
import tempfile
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import AudioguideError, RequestError, suggest
from audioguide.speech.clip import normalize_loudness
from audioguide.speech.engines.engine import Engine, EngineFailure, pcm_to_float
from audioguide.speech.languages import base_language, language_name
from audioguide.speech.voices import ANY_MODEL
from audioguide.system.ffmpeg import decode_to_segment
from audioguide.system.process import describe_exit, run
from audioguide.units import RATE

PLATFORM = sys.platform
TIMEOUT_SECONDS = 30.0  # for a sentence, or the list of voices
_WORDS = 175  # a minute, which `say` and espeak-ng speak by themselves
_NAMED = "Samantha Daniel Anna Mónica Paulina Thomas Amélie Alice Luciana Joana".split()  # other names are often jokes
_OTHER = "take another voice: `audioguide voices`."


class _Program(NamedTuple):
    """A program that speaks; `line` is a voice in what its `listing` prints, `get` says where voices come from."""

    name: str
    get: str
    listing: tuple[str, ...]
    line: str
    speak: tuple[str, ...]
    ending: str = ".wav"


_SAPI = ("-NoProfile", "-NonInteractive", "-Command", Path(__file__).with_name("sapi.ps1").read_text("utf-8"))
_ESPEAK = _Program(
    "espeak-ng",
    "",
    ("--voices",),
    r"^\s*\d+\s+(?P<name>(?P<language>\S+))\s",
    tuple("-b 1 -v {voice} -s {pace} -w {path} {text}".split()),
)
_PROGRAMS = {
    "darwin": _Program(
        "say",
        "Add a voice in the system settings, Accessibility, Spoken Content, or ",
        ("-v", "?"),
        r"^(?P<name>\S.*?)\s+(?P<language>[a-z]{2,3}[_-]\w+)\s+#",
        tuple("-v {voice} -r {pace} -o {path} {text}".split()),
        ".aiff",  # the one that it writes without being told how
    ),
    "win32": _Program(
        "powershell",
        "Add a voice in the system settings, Time and language, Speech, or ",
        _SAPI,
        r"^(?P<language>[a-z]{2,3}(?:-\w+)*) (?P<name>.+?)\s*$",
        _SAPI,
    ),
}


class SystemEngine(Engine):
    """Speaks with the voice that `model` names as the system lists it, or for `any` with one of the language.

    Each text is normalised, so that a gain of 0 dB is right.
    """

    sample_rate = RATE

    @property
    def version(self) -> str:
        """Which program speaks in which release, with which voice."""
        stat = Path(self._path).stat()
        return f"{self._path} {stat.st_size} {stat.st_mtime_ns} {platform.mac_ver()[0]} {self._voice}"

    def speak(self, text: str, rate: float) -> NDArray[np.float32]:
        """The text as float32 mono at `RATE`."""
        if refusal := self.cannot_say(text):
            raise refusal
        # Two brackets would begin a command or phonemes, and a hyphen in front an option.
        plain = " ".join(re.sub(r"[\0-\x1f]|(?<=\[)(?=\[)", " ", text).split()).lstrip("-")
        with tempfile.TemporaryDirectory(prefix="audioguide-") as folder:
            path = Path(folder) / f"spoken{self._program.ending}"
            what = {"voice": self._voice, "text": plain, "path": str(path), "rate": rate, "pace": round(_WORDS * rate)}
            command = (self._path, *(part if part in _SAPI else part.format(**what) for part in self._program.speak))
            try:
                done = run(command, TIMEOUT_SECONDS, base64.b64encode(json.dumps(what).encode()))
                if not done.returncode:
                    return normalize_loudness(pcm_to_float(decode_to_segment(path, 600.0).raw_data), RATE)
            except OSError as failure:
                raise self.failure(failure) from None
            except AudioguideError:
                raise self.failure("it wrote no sound") from None
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise self.failure((lines or [describe_exit(done.returncode)])[-1])

    @property
    def _program(self) -> _Program:
        return _PROGRAMS.get(PLATFORM, _ESPEAK)

    @cached_property
    def _path(self) -> str:
        if path := shutil.which(self._program.name):
            return path
        reason = f"The voice {self.profile.name!r} needs the program {self._program.name}, which is not installed."
        raise EngineFailure(reason, f"Install it, or {_OTHER}")

    @cached_property
    def _voice(self) -> str:
        try:
            known = _list_voices(self._path, self._program)
        except OSError as failure:
            raise self.failure(failure) from None
        model, language = self.profile.model, self.profile.language.replace("_", "-").lower()
        base = base_language(language)
        if model != ANY_MODEL and model not in known:
            message = f"The voice {self.profile.name!r} uses the model {model!r}, which this system does not have."
            raise RequestError(message, suggest(model, known))
        able = [name for name, spoken in known.items() if base_language(spoken) == base]
        if model == ANY_MODEL and not able:
            hint = self._program.get + _OTHER
            raise EngineFailure(f"The system has no voice for {language_name(language)}.", hint[0].upper() + hint[1:])

        def rank(name: str) -> tuple[bool, ...]:
            regions = (known[name] == tag for tag in (language, base, f"{base}-{base}", "en-us"))
            return (*regions, "(Premium)" in name, "(Enhanced)" in name, name.split(" (")[0] in _NAMED)

        return max(able, key=rank) if model == ANY_MODEL else model  # the first of the best


@cache
def _list_voices(path: str, program: _Program) -> dict[str, str]:
    """The languages of the system's voices, by their names. OSError where the program fails."""
    listed = run((path, *program.listing), TIMEOUT_SECONDS).stdout.decode(errors="replace")
    found = re.finditer(program.line, listed, re.MULTILINE)
    return {voice["name"]: voice["language"].replace("_", "-").lower() for voice in found}
