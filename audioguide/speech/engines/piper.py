"""Piper: neural voices from model files, offline. It is GPL, so it runs as a program and is never imported here.

One child process speaks many sentences. A change of pace starts another in its place: two would take 500 MB.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import threading
import wave
from contextlib import ExitStack, suppress
from functools import cached_property
from pathlib import Path
from subprocess import DEVNULL, PIPE

from audioguide.arrays import NDArray, np
from audioguide.errors import RequestError
from audioguide.speech.engines.engine import Engine, EngineFailure, installed_versions, missing_package, read_wave
from audioguide.speech.voices import VoiceProfile
from audioguide.system.files import temporary_folder
from audioguide.system.paths import expand, is_file
from audioguide.system.process import describe_exit, run_in_daemon_thread, start, wait_for

TIMEOUT_SECONDS = 60.0  # for a sentence, with the loading of the model: some 50 times what a slow machine needs

# Without its two noises, which are seeded by the clock, the same text gives the same samples. Its normalisation of each
# sentence by its peak is off as well: one gain for all sentences keeps a session even.
_DETERMINISTIC = ("--noise-scale", "0", "--noise-w-scale", "0", "--no-normalize")


class _Child:
    """A running piper of one pace. It ends when it is stopped, and with this process, since its input ends then."""

    def __init__(self, model: Path, rate: float) -> None:
        self.rate = rate
        self._folder = ExitStack()
        pace = ("--length-scale", f"{1 / rate:.4f}")
        command = (sys.executable, "-P", "-m", "piper", "--model", str(model), *pace, *_DETERMINISTIC)
        folder = str(self._folder.enter_context(temporary_folder()))
        self._process = start((*command, "--output-dir", folder), cwd=folder, stdin=PIPE, stdout=DEVNULL, stderr=PIPE)

    def speak(self, line: str) -> NDArray[np.float32]:
        def ask() -> Path:
            assert self._process.stdin
            assert self._process.stderr
            last = ""
            with suppress(OSError):  # it has ended: its last message tells why
                self._process.stdin.write(f"{line}\n".encode())
                self._process.stdin.flush()
            with suppress(ValueError):  # it was stopped
                for raw in self._process.stderr:
                    last = raw.decode(errors="replace").strip() or last
                    _, wrote, path = last.partition("Wrote ")
                    if wrote:
                        return Path(path)
            raise OSError(last or describe_exit(self._process.wait()))

        path = wait_for(run_in_daemon_thread(ask), TIMEOUT_SECONDS)  # TimeoutError is an OSError
        samples = read_wave(path)
        path.unlink()
        return samples

    def stop(self) -> None:
        self._process.kill()
        with suppress(OSError), self._process:  # closes its streams and waits for it
            pass
        self._folder.close()


def _package_of(model: str | Path) -> str:
    first, *others = Path(model).parts or (".",)
    return first if others and first.isidentifier() else ""


class PiperEngine(Engine):
    """Speaks with a model file: `profile.model`, beside the profile or inside an installed package."""

    def __init__(self, profile: VoiceProfile) -> None:
        super().__init__(profile)
        self._speaking = threading.Lock()
        self._child: _Child | None = None

    @cached_property
    def version(self) -> str:
        """The releases of the packages, and which model file it is."""
        try:
            releases = installed_versions("piper-tts", "onnxruntime")
        except ModuleNotFoundError as missing:
            package = _package_of(self.profile.model)
            model = (package.replace("_", "-"),) if package and not importlib.util.find_spec(package) else ()
            raise missing_package(self.profile, str(missing.name), *model) from None
        stat = self._model.stat()
        return " ".join([releases, f"{stat.st_size} {stat.st_mtime_ns}", *_DETERMINISTIC])

    @cached_property
    def sample_rate(self) -> int:
        """Samples a second, from the model's description."""
        description = self._model.with_name(self._model.name + ".json")
        try:
            return int(json.loads(description.read_bytes())["audio"]["sample_rate"])
        except (OSError, ValueError, KeyError, TypeError):
            raise EngineFailure(
                f"The description of the voice {self.profile.name!r}, {description}, is missing or damaged.",
                "Install the model again; its .onnx.json belongs beside its .onnx.",
            ) from None

    @cached_property
    def _model(self) -> Path:
        named = expand(self.profile.model)
        places = [self.profile.folder / named]
        package = _package_of(named)
        found = importlib.util.find_spec(package) if package else None
        places += [Path(place).parent / named for place in (found and found.submodule_search_locations) or ()]
        for place in places:
            if is_file(place):
                return place.resolve()
        if package and not found:
            raise missing_package(self.profile, package.replace("_", "-"))
        raise RequestError(
            f"The voice {self.profile.name!r} uses the model {self.profile.model}, and there is no such file.",
            "Put the .onnx and its .onnx.json beside the profile, or write its whole path there.",
        )

    def unload(self) -> None:
        """End the child, which frees some 250 MB. A sentence that it is speaking fails."""
        if child := self._child:
            child.stop()
        with self._speaking:
            self._stop()

    def speak(self, text: str, rate: float) -> NDArray[np.float32]:
        """The text as float32 mono at the model's sample rate."""
        if refusal := self.cannot_say(text):
            raise refusal
        line = " ".join(text.replace("[[", "[ [").split())  # two brackets would be read as phonemes
        with self._speaking:
            try:
                if self._child is None or self._child.rate != rate:
                    self._stop()
                    _ = self.version, self.sample_rate  # raise for what is missing before anything is started
                    self._child = _Child(self._model, rate)
                return self._child.speak(line)
            except (OSError, EOFError, wave.Error) as failure:
                self._stop()
                raise self.failure(failure) from None

    def _stop(self) -> None:
        if self._child:
            self._child.stop()
            self._child = None
