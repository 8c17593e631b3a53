"""The embedded voice: hibari-tts, a neural model inside its wheel. English, offline."""

from __future__ import annotations

import re
import threading
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import RequestError
from audioguide.speech.hibari_loading import Loaded, keep, load, not_installed
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
        self._loaded: Loaded | None = None

    @cached_property
    def version(self) -> str:
        """The releases of the packages that make the samples; the model travels inside the first."""
        try:
            return " ".join(f"{name} {release(name)}" for name in _MAKERS)
        except ModuleNotFoundError as missing:
            raise not_installed(missing) from missing

    def _voice(self) -> Any:
        """The model and the dictionaries: a third of a second, and less where they are kept; once."""
        with self._loading:  # the library's own lazy loading is not made for several threads
            if self._loaded is None:
                self._loaded = load(self._model)
            return self._loaded.voice

    def unload(self) -> None:
        """Give the memory of the model and the dictionaries back, some 200 MB."""
        with self._loading:
            unkept = self._loaded and self._loaded.unkept
            self._loaded = None
            if unkept:
                keep(*unkept)  # after the memory is given back

    def refusal(self, text: str) -> RequestError | None:
        """Why the text cannot be said, as far as its letters tell."""
        return unreadable(text, "en")

    def speak(self, text: str, rate: float) -> NDArray[np.float32]:
        """The text as float32 mono at 24 kHz, with the 0.2–0.5 s of silence that the model leaves at both ends."""
        if refused := self.refusal(text):
            raise refused
        voice = self._voice()
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
