"""The embedded voice: hibari-tts, a neural model inside its wheel. English, offline."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioguide.errors import RequestError
from audioguide.speech.engine import Engine, releases
from audioguide.speech.hibari_loading import load, not_installed
from audioguide.speech.lexicon import Lexicon, embedded, lexicon_of
from audioguide.speech.profile import Profile
from audioguide.speech.script import unreadable

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
    notation = "ipa"

    def __init__(self, profile: Profile) -> None:
        super().__init__(profile)
        self._lexicon = lexicon_of(profile, "ipa")
        self._loading = threading.Lock()
        self._loaded: tuple[Any, Callable[[], None] | None] | None = None

    @cached_property
    def version(self) -> str:
        """The releases of the packages that make the samples; the model travels inside the first."""
        try:
            return releases(*_MAKERS)
        except ModuleNotFoundError as missing:
            raise not_installed(missing) from missing

    def _voice(self) -> Any:
        with self._loading:  # the library's own lazy loading is not made for several threads
            if self._loaded is None:
                self._loaded = load(self.profile.model)
            return self._loaded[0]

    def unload(self) -> None:
        """Give the memory of the model and the dictionaries back, some 200 MB."""
        with self._loading:
            keep = self._loaded and self._loaded[1]
            self._loaded = None
            if keep:
                keep()  # after the memory is given back

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
        noise = np.random.default_rng(self.profile.seed)
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
