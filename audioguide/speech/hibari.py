"""The embedded voice: hibari-tts, a neural model inside its wheel. English, offline."""

from __future__ import annotations

import os
import re
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.speech.engine import EngineFailure
from audioguide.speech.lexicon import Lexicon, Notation, lexicon_of
from audioguide.speech.phonemes import embedded
from audioguide.speech.profile import Profile
from audioguide.speech.releases import release
from audioguide.speech.script import unreadable

_MAKERS = ("hibari-tts", "onnxruntime", "numpy")
"""The packages whose releases may change a sample."""

_NO = re.compile(r"(?<![\w.])no(?=\.(?! ?\d))", re.IGNORECASE)
"""The word before a full stop, which the library takes for "number" wherever a dot follows it."""

_POSSESSIVE = re.compile(r"(\]\(/[^/]*)/\)['’]s\b")
"""The sounds of a word, and the s that follows them."""


class HibariEngine:
    """Speaks with one of hibari's models.

    One inference session at one thread serves every calling thread: two callers are then over twice as fast as one,
    while more inference threads would change the samples.
    """

    name = "hibari"
    sample_rate = 24_000
    online = False
    reads_whole = False
    notation: Notation = "ipa"

    def __init__(self, profile: Profile) -> None:
        self._model = profile.model
        self._seed = profile.seed
        self._lexicon = lexicon_of(profile, self.notation)
        self._loading = threading.Lock()
        self._voice: Any = None

    @cached_property
    def version(self) -> str:
        """The releases of the packages that make the samples; the model travels inside the first."""
        try:
            return " ".join(f"{name} {release(name)}" for name in _MAKERS)
        except ModuleNotFoundError as missing:
            raise _not_installed(missing) from missing

    def _loaded(self) -> Any:
        """The model and the dictionaries: about half a second, once."""
        with self._loading:  # the library's own lazy loading is not made for several threads
            if self._voice is None:
                self._voice = _load(self._model)
            return self._voice

    def unload(self) -> None:
        """Give the memory of the model and the dictionaries back, some 200 MB."""
        with self._loading:
            self._voice = None

    def refusal(self, text: str) -> RequestError | None:
        """Why the text cannot be said, as far as its letters tell."""
        return unreadable(text, "en")

    def speak(self, text: str, rate: float) -> NDArray[np.float32]:
        """The text as float32 mono at 24 kHz, with the 0.2–0.5 s of silence that the model leaves at both ends."""
        if refused := self.refusal(text):
            raise refused
        voice = self._loaded()
        marked = with_sounds(text, self._lexicon)
        sentences = [sounds for sounds in voice.phonemize(marked) if any(map(str.isalpha, sounds))]
        if not sentences:
            raise RequestError(f"There is nothing to say in {text!r}.", "Write at least one word.")
        noise = np.random.default_rng(self._seed)
        spoken = [voice.from_ids(voice.ids(sounds), rate, noise) for sounds in sentences]
        return np.concatenate(spoken).astype(np.float32, copy=False)


def with_sounds(text: str, lexicon: Lexicon) -> str:
    """The text with the sounds of the lexicon's words beside them, as the library takes them: [psoas](/sˈOəs/)."""
    own = text.replace("](", "] (")  # what looks like it in a person's text is none
    marked = lexicon.replace(own, lambda written, ipa: f"[{written}](/{embedded(ipa)}/)")
    marked = _POSSESSIVE.sub(lambda word: f"{word[1]}{_s_after(word[1])}/)", marked)
    return _NO.sub(lambda no: f"[{no.group()}](/nˈO/)", marked)


def _s_after(sounds: str) -> str:
    """How the s of a possessive is said."""
    if sounds[-1] in "szʃʒʧʤ":
        return "ᵻz"
    return "s" if sounds[-1] in "ptkfθ" else "z"


def _load(model: str) -> Any:
    """A `hibari.Hibari`; its session and its dictionaries are loaded side by side."""
    # The inference library reports its use to its maker unless it is told not to before it is imported: over the
    # network, with an id that it leaves in the person's folder. Nothing leaves the machine here.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # The library transforms with SciPy where that is installed and with NumPy elsewhere, and the two differ in the
    # last bits. NumPy is always there, so it is used everywhere: the same text gives the same samples. So SciPy need
    # not be loaded either, which takes a tenth of a second.
    try:
        with _Refused("scipy", "scipy.fft"):
            from hibari import Hibari, dsp, g2p, voices
    except ImportError as missing:
        raise _not_installed(missing) from missing
    dsp.rfft, dsp.irfft = _rfft, _irfft
    try:
        voices.voice_path(model, download_missing=False)  # nothing is downloaded behind the listener's back
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
        reader = beside.submit(g2p.G2P, british=voices.VOICES[model]["british"])
        try:
            voice = Hibari(model, threads=1)
        except Exception as failure:  # the inference library raises many kinds: a damaged file, no memory
            raise EnvironmentFailure(
                f"The model of the voice cannot be loaded ({failure}). Install hibari-tts again."
            ) from failure
        voice._g2p = reader.result()
    return voice


class _Refused:
    """A context in which this thread finds no such modules, as if they were not installed; others find them.

    Python's list of finders is replaced, never changed: another thread that goes through it would miss one of them.
    """

    _replacing = threading.Lock()

    def __init__(self, *modules: str) -> None:
        self._modules = modules
        self._thread = threading.get_ident()

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """What Python asks before it looks for a module itself. Raises ModuleNotFoundError for a refused one."""
        if name in self._modules and threading.get_ident() == self._thread:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    def __enter__(self) -> None:
        with self._replacing:
            sys.meta_path = [self, *sys.meta_path]

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        with self._replacing:
            sys.meta_path = [finder for finder in sys.meta_path if finder is not self]


def _rfft(frames: NDArray[Any], axis: int) -> NDArray[np.complex64]:
    return np.fft.rfft(frames, axis=axis).astype(np.complex64, copy=False)


def _irfft(bins: NDArray[Any], n: int, axis: int) -> NDArray[np.float32]:
    return np.fft.irfft(bins, n=n, axis=axis).astype(np.float32, copy=False)


def _not_installed(missing: ImportError) -> EnvironmentFailure:
    return EnvironmentFailure(
        f"The voice engine is incomplete ({missing}). Install audioguide again, or run: pip install hibari-tts"
    )
