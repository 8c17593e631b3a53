"""Piper: neural voices from model files, offline. It is GPL, so it is never imported here: it runs as a program.

One child is kept for many sentences. Its pace can only be given when it starts, so a change of pace (narration, then
a breath word) starts another: two at a time would take 500 MB.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
import threading
import wave
import weakref
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import RequestError
from audioguide.resources import is_file, written
from audioguide.speech.child import Child, ChildFailure
from audioguide.speech.engine import EngineFailure
from audioguide.speech.lexicon import Notation
from audioguide.speech.missing import not_installed
from audioguide.speech.profile import Profile
from audioguide.speech.releases import release
from audioguide.speech.script import silent, unreadable

PATIENCE_SECONDS = 60.0
"""How long a sentence may take, the loading of the model included: some 50 times what it takes on a slow machine."""

_MAKERS = ("piper-tts", "onnxruntime")

# Without its two noises the same text gives the same samples, which the model's own random numbers, seeded by the
# clock, do not. Its levelling of each sentence by its peak is off as well: one gain for all keeps a session even.
_STEADY = ("--noise-scale", "0", "--noise-w-scale", "0", "--no-normalize")


class PiperEngine:
    """Speaks with a model file: `profile.model`, beside the profile or inside an installed package."""

    name = "piper"
    online = False
    reads_whole = False
    notation: Notation = "say"

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._speaking = threading.Lock()
        self._child: Child | None = None
        self._rate = 0.0
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @cached_property
    def version(self) -> str:
        """The releases of the packages, and which model file it is."""
        try:
            releases = [f"{name} {release(name)}" for name in _MAKERS]
        except ModuleNotFoundError as missing:
            raise not_installed(self._profile, str(missing.name), "piper") from None
        facts = self._model.stat()
        return " ".join([*releases, f"{facts.st_size} {facts.st_mtime_ns}", *_STEADY])

    @cached_property
    def sample_rate(self) -> int:
        """Samples a second, as the model's description says."""
        import json

        description = self._model.with_name(self._model.name + ".json")
        try:
            return int(json.loads(description.read_bytes())["audio"]["sample_rate"])
        except (OSError, ValueError, KeyError, TypeError):
            raise EngineFailure(
                f"The description of the voice {self._profile.name!r}, {description}, is missing or damaged.",
                "Install the model again; its .onnx.json lies beside its .onnx.",
            ) from None

    @cached_property
    def _model(self) -> Path:
        named = written(self._profile.model)
        places = [self._profile.folder / named]
        first, *others = named.parts or (".",)
        package = importlib.util.find_spec(first) if first.isidentifier() else None
        places += [Path(place).parent / named for place in (package and package.submodule_search_locations) or ()]
        for place in places:
            if is_file(place):
                return place.resolve()
        if others and first.isidentifier() and not package:
            raise not_installed(self._profile, first.replace("_", "-"), "piper")
        raise RequestError(
            f"The voice {self._profile.name!r} wants the model {self._profile.model}, and there is no such file.",
            "Put the .onnx and its .onnx.json beside the profile, or write its whole path there.",
        )

    def refusal(self, text: str) -> RequestError | None:
        """Why the text cannot be said, as far as its letters tell."""
        return silent(text) or unreadable(text, self._profile.language)

    def unload(self) -> None:
        """End the child, which gives some 250 MB back; a sentence that is being spoken is given up."""
        if child := self._child:
            child.stop()
        with self._speaking:
            self._stop()

    def speak(self, text: str, rate: float) -> NDArray[np.float32]:
        """The text as float32 mono at the model's sample rate."""
        if refused := self.refusal(text):
            raise refused
        line = " ".join(text.replace("[[", "[ [").split())  # two brackets would be read as phonemes
        with self._speaking:
            try:
                written = Path(self._child_at(rate).ask(line, "Wrote ", PATIENCE_SECONDS))
                samples = _read(written)
            except (ChildFailure, OSError, EOFError, wave.Error) as failure:
                self._stop()
                raise EngineFailure(
                    f"Piper, which speaks for the voice {self._profile.name!r}, failed ({failure}).",
                    "Try again; if it stays so, install its model again or take another voice.",
                ) from None
        return samples

    def _child_at(self, rate: float) -> Child:
        """The child of that pace, started anew if there is none or another."""
        if self._child and self._rate == rate:
            return self._child
        self._stop()
        _ = self.version, self.sample_rate  # what is missing is told before anything is started
        self._folder = tempfile.TemporaryDirectory(prefix="audioguide-")
        command = (
            sys.executable,
            "-P",
            "-m",
            "piper",
            "--model",
            str(self._model),
            "--length-scale",
            f"{1 / rate:.4f}",
        )
        self._child = Child((*command, *_STEADY, "--output-dir", self._folder.name), Path(self._folder.name))
        self._rate = rate
        self._end = weakref.finalize(self, self._child.stop)  # also where nobody unloads us
        return self._child

    def _stop(self) -> None:
        if self._child:
            self._end()
            self._child = None
        if self._folder:
            self._folder.cleanup()
            self._folder = None


def _read(path: Path) -> NDArray[np.float32]:
    with wave.open(str(path), "rb") as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32) / np.float32(32_768)
    path.unlink()
    return samples
