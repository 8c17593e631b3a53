"""The embedded voice: hibari-tts, a neural model inside its wheel. English, offline."""

from __future__ import annotations

import gzip
import os
import re
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.speech.engines.engine import Engine, EngineFailure, installed_versions
from audioguide.speech.languages import check_letters
from audioguide.speech.lexicon import Lexicon, find_lexicon, to_hibari_phonemes
from audioguide.speech.voices import VoiceProfile
from audioguide.system.cache import BlobCache, cache_key, size_limit
from audioguide.system.paths import cache_root
from audioguide.system.process import cpu_features

ROOM = 100_000_000
"""Bytes that optimised models may take: of a dozen models and releases."""


def model_cache() -> BlobCache:
    """The cache of optimised models, on this machine alone."""
    return BlobCache(cache_root() / "voices", ".voice", b"agvoice\x02", size_limit(ROOM), shared=None)


def load_model(model: str) -> tuple[Any, Callable[[], None] | None]:
    """A `hibari.Hibari` with its dictionaries, and what caches its model where that is not cached yet: a tenth of a
    second, and as much memory as a loaded model takes.

    Raises EngineFailure where there is no such model, and EnvironmentFailure where it cannot be loaded.
    """
    # The inference library reports its use to its maker unless it is told not to before it is imported.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import orjson
        from hibari import dsp, g2p, voices
    except ImportError as missing:
        raise _incomplete(missing) from missing
    # The library transforms with SciPy where that is installed and else with NumPy, which differ in the last bits.
    dsp.rfft, dsp.irfft = _rfft, _irfft
    # It reads its dictionaries with Python's own parser, which takes twice as long.
    g2p._load_json = partial(_read_json, Path(g2p.ASSETS), orjson.loads)
    try:
        path = voices.voice_path(model, download_missing=False)  # nothing is downloaded behind the listener's back
    except ValueError as unknown:
        raise EngineFailure(
            f"hibari has no model {model!r}.", "Name the one inside its package in the voice's profile: heart."
        ) from unknown
    except FileNotFoundError as absent:
        raise EngineFailure(
            f"The model {model!r} is not inside the hibari-tts package; the one that is, is 'heart'.",
            f"To fetch it once, run: hibari --voice {model} hello -o hello.wav",
        ) from absent
    with ThreadPoolExecutor(1) as beside:
        dictionaries = beside.submit(g2p.G2P, british=voices.VOICES[model]["british"])
        try:
            voice, keep = _loaded(model, path)
        except Exception as failure:  # the inference library raises many kinds: a damaged file, no memory
            raise EnvironmentFailure(
                f"The model of the voice cannot be loaded ({failure}). Install hibari-tts again."
            ) from failure
        voice._g2p = dictionaries.result()
    return voice, keep


def _incomplete(missing: ImportError) -> EnvironmentFailure:
    """What is told where a package of the engine is not there."""
    return EnvironmentFailure(
        f"The voice engine is incomplete ({missing}). Install audioguide again, or run: pip install hibari-tts"
    )


def _loaded(model: str, path: str) -> tuple[Any, Callable[[], None] | None]:
    from hibari import Hibari

    stat = Path(path).stat()
    key = cache_key("model", path, stat.st_size, stat.st_mtime_ns, installed_versions("onnxruntime"), cpu_features())
    if optimised := model_cache().get(key):
        with suppress(Exception):  # whatever is wrong with it, the model itself is still there
            voice = Hibari(model, model=optimised, threads=1)
            voice.model_path = path  # in place of its bytes
            return voice, None
    return Hibari(model, threads=1), partial(_keep, path, key)


def _keep(path: str, key: str) -> None:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.save_model_format", "ORT")
    with suppress(Exception), tempfile.TemporaryDirectory() as folder:  # a full disk is told in the library's own way
        optimised = Path(folder) / "model.ort"
        options.optimized_model_filepath = str(optimised)
        onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        model_cache().put(key, optimised.read_bytes())


def _read_json(folder: Path, parse: Callable[[bytes], Any], name: str) -> Any:
    content = (folder / name).read_bytes()
    return parse(gzip.decompress(content) if name.endswith(".gz") else content)


def _rfft(frames: NDArray[Any], axis: int) -> NDArray[np.complex64]:
    return np.fft.rfft(frames, axis=axis).astype(np.complex64, copy=False)


def _irfft(bins: NDArray[Any], n: int, axis: int) -> NDArray[np.float32]:
    return np.fft.irfft(bins, n=n, axis=axis).astype(np.float32, copy=False)


_MAKERS = ("hibari-tts", "onnxruntime", "numpy")
"""The packages whose releases may change a sample."""

_NO = re.compile(r"(?<![\w.])no(?=\.(?! ?\d))", re.IGNORECASE)
"""The word before a full stop, which the library takes for "number" wherever a dot follows it."""

_POSSESSIVE = re.compile(r"(\]\(/[^/]*)/\)['’]s\b")
"""The sounds of a word, and the s that follows them."""


class HibariEngine(Engine):
    """Speaks with one of hibari's models.

    One inference session at one thread serves every calling thread: two callers are then over twice as fast as one,
    while more inference threads would change the samples.
    """

    sample_rate = 24_000
    lexicon_format = "ipa"

    def __init__(self, profile: VoiceProfile) -> None:
        super().__init__(profile)
        self._lexicon = find_lexicon(profile, "ipa")
        self._loading = threading.Lock()
        self._loaded: tuple[Any, Callable[[], None] | None] | None = None

    @cached_property
    def version(self) -> str:
        """The releases of the packages that make the samples; the model travels inside the first."""
        try:
            return installed_versions(*_MAKERS)
        except ModuleNotFoundError as missing:
            raise _incomplete(missing) from missing

    def _voice(self) -> Any:
        with self._loading:  # the library's own lazy loading is not made for several threads
            if self._loaded is None:
                self._loaded = load_model(self.profile.model)
            return self._loaded[0]

    def unload(self) -> None:
        """Give the memory of the model and the dictionaries back, some 200 MB."""
        with self._loading:
            keep = self._loaded and self._loaded[1]
            self._loaded = None
            if keep:
                keep()  # after the memory is given back

    def cannot_say(self, text: str) -> RequestError | None:
        """Why the text cannot be said, as far as its letters tell."""
        return check_letters(text, "en")

    def speak(self, text: str, rate: float) -> NDArray[np.float32]:
        """The text as float32 mono at 24 kHz, with the 0.2–0.5 s of silence that the model leaves at both ends."""
        if refused := self.cannot_say(text):
            raise refused
        voice = self._voice()
        marked = add_phonemes(text, self._lexicon)
        sentences = [sounds for sounds in voice.phonemize(marked) if any(map(str.isalpha, sounds))]
        if not sentences:
            raise RequestError(f"There is nothing to say in {text!r}.", "Write at least one word.")
        noise = np.random.default_rng(self.profile.seed)
        spoken = [voice.from_ids(voice.ids(sounds), rate, noise) for sounds in sentences]
        return np.concatenate(spoken).astype(np.float32, copy=False)


def add_phonemes(text: str, lexicon: Lexicon) -> str:
    """The text with the sounds of the lexicon's words beside them, as the library takes them: [psoas](/sˈOəs/)."""
    own = text.replace("](", "] (")  # what looks like it in a person's text is none
    marked = lexicon.replace(own, lambda written, ipa: f"[{written}](/{to_hibari_phonemes(ipa)}/)")
    marked = _POSSESSIVE.sub(lambda word: f"{word[1]}{_s_after(word[1])}/)", marked)
    return _NO.sub(lambda no: f"[{no.group()}](/nˈO/)", marked)


def _s_after(sounds: str) -> str:
    """How the s of a possessive is said."""
    if sounds[-1] in "szʃʒʧʤ":
        return "ᵻz"
    return "s" if sounds[-1] in "ptkfθ" else "z"
