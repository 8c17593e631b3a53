"""The system's own voice: `say` on macOS, SAPI by PowerShell on Windows, espeak-ng elsewhere; `system.yaml` says how.

Tried on Linux. On macOS and Windows it was only tried with stand-ins for the two programs.
"""

from __future__ import annotations

import base64
import json
import platform
import re
import sys
from functools import cache, cached_property
from pathlib import Path
from shutil import which
from typing import Any

from audioguide.arrays import NDArray, np
from audioguide.errors import AudioguideError, RequestError, suggest
from audioguide.schema.document import read_document
from audioguide.speech.clip import normalize_loudness
from audioguide.speech.engines.engine import Engine, EngineFailure, pcm_to_float
from audioguide.speech.languages import base_language, language_name
from audioguide.speech.voices import ANY_MODEL
from audioguide.system.ffmpeg import decode_to_segment
from audioguide.system.files import temporary_folder
from audioguide.system.process import describe_exit, run
from audioguide.units import RATE

PLATFORM = sys.platform
TIMEOUT_SECONDS = 30.0  # for a sentence, or the list of voices
_WORDS = 175  # a minute, which `say` and espeak-ng speak by themselves
_NAMED = "Samantha Daniel Anna Mónica Paulina Thomas Amélie Alice Luciana Joana".split()  # other names are often jokes
_OTHER = "take another voice: `audioguide voices`."


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
        with temporary_folder() as folder:
            path = folder / f"spoken{self._program['ending']}"
            what = {"VOICE": self._voice, "TEXT": plain, "PATH": str(path), "PACE": str(round(_WORDS * rate))}
            command = (self._path, *(what.get(part, part) for part in self._program["speak"]))
            try:
                done = run(command, TIMEOUT_SECONDS, base64.b64encode(json.dumps(what | {"RATE": rate}).encode()))
                if not done.returncode:
                    return normalize_loudness(pcm_to_float(decode_to_segment(path, 600.0).raw_data), RATE)
            except OSError as failure:
                raise self.failure(failure) from None
            except AudioguideError:
                raise self.failure("it wrote no sound") from None
        lines = done.stderr.decode(errors="replace").strip().splitlines()
        raise self.failure((lines or [describe_exit(done.returncode)])[-1])

    @cached_property
    def _program(self) -> dict[str, Any]:
        programs = read_document(Path(__file__).with_suffix(".yaml")).data
        return dict(programs.get(PLATFORM, programs["linux"]))

    @cached_property
    def _path(self) -> str:
        name: str = self._program["program"]
        if path := which(name):
            return path
        reason = f"The voice {self.profile.name!r} needs the program {name}, which is not installed."
        raise EngineFailure(reason, f"Install it, or {_OTHER}")

    @cached_property
    def _voice(self) -> str:
        try:
            known = _list_voices(self._path, tuple(self._program["voices"]), self._program["line"])
        except OSError as failure:
            raise self.failure(failure) from None
        model, language = self.profile.model, self.profile.language.replace("_", "-").lower()
        base = base_language(language)
        able = [name for name, spoken in known.items() if base_language(spoken) == base]
        if model != ANY_MODEL and model not in known:
            message = f"The voice {self.profile.name!r} uses the model {model!r}, which this system does not have."
            raise RequestError(message, suggest(model, known))
        if model == ANY_MODEL and not able:
            hint = self._program["more"] + _OTHER
            raise EngineFailure(f"The system has no voice for {language_name(language)}.", hint[0].upper() + hint[1:])

        def rank(name: str) -> tuple[bool, ...]:
            regions = (known[name] == tag for tag in (language, base, f"{base}-{base}", "en-us"))
            return (*regions, "(Premium)" in name, "(Enhanced)" in name, name.split(" (")[0] in _NAMED)

        return max(able, key=rank) if model == ANY_MODEL else model  # the first of the best


@cache
def _list_voices(path: str, arguments: tuple[str, ...], line: str) -> dict[str, str]:
    """The languages of the system's voices, by their names. OSError where the program fails."""
    listed = run((path, *arguments), TIMEOUT_SECONDS).stdout.decode(errors="replace")
    found = re.finditer(line, listed, re.MULTILINE)
    return {voice["name"]: voice["language"].replace("_", "-").lower() for voice in found}
