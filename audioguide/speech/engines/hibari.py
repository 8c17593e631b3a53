"""The embedded voice: hibari-tts, a neural model inside its wheel. English, offline."""

from __future__ import annotations

import gzip
import os
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from audioguide.arrays import NDArray, np
from audioguide.errors import EnvironmentFailure, RequestError, install_hint
from audioguide.speech.engines.engine import Engine, EngineFailure, installed_versions
from audioguide.speech.lexicon import Lexicon, find_lexicon
from audioguide.speech.respelling import to_hibari_phonemes
from audioguide.speech.voices import VoiceProfile
from audioguide.system.cache import BlobCache, cache_key, size_limit
from audioguide.system.files import temporary_folder
from audioguide.system.paths import cache_root
from audioguide.system.process import cpu_features

_NO = re.compile(r"(?<![\w.])no(?=\.(?! ?\d))", re.IGNORECASE)  # the library reads "no." as "number"
_POSSESSIVE = re.compile(r"(\]\(/[^/]*)/\)['’]s\b")  # the phonemes of a word, and the possessive s after them


class HibariEngine(Engine):
    """Speaks with one of hibari's models. One session serves all threads: more inference threads change the samples."""

    sample_rate = 24_000
    lexicon_format = "ipa"

    def __init__(self, profile: VoiceProfile) -> None:
        super().__init__(profile)
        self._lexicon = find_lexicon(profile, "ipa")
        self._loading = threading.Lock()
        self._model: Any = None

    @property
    def version(self) -> str:
        """The releases of the packages that make the samples; the first one contains the model."""
        return self.releases("hibari-tts", "onnxruntime", "numpy")

    def unload(self) -> None:
        """Free the memory of the model and the dictionaries, some 200 MB."""
        with self._loading:
            self._model = None

    def speak(self, text: str, rate: float) -> NDArray[np.float32]:
        """The text as float32 mono at 24 kHz, with 0.2–0.5 s of silence at both ends, as the model leaves it."""
        if refusal := self.cannot_say(text):
            raise refusal
        with self._loading:  # the library's own lazy loading is not thread-safe
            voice = self._model = self._model or load_model(self.profile.model)
        phrases = voice.phonemize(add_phonemes(text, self._lexicon))
        sentences = [phonemes for phonemes in phrases if any(map(str.isalpha, phonemes))]
        if not sentences:
            raise RequestError(f"There is nothing to say in {text!r}.", "Write at least one word.")
        noise = np.random.default_rng(self.profile.seed)
        sounds = [voice.from_ids(voice.ids(phonemes), rate, noise) for phonemes in sentences]
        return np.concatenate(sounds).astype(np.float32, copy=False)


def add_phonemes(text: str, lexicon: Lexicon) -> str:
    """The text with the phonemes of the lexicon's words, in the library's notation: [psoas](/sˈOəs/)."""
    plain = text.replace("](", "] (")  # that notation in the text itself has no meaning
    marked = lexicon.replace(plain, lambda written, ipa: f"[{written}](/{to_hibari_phonemes(ipa)}/)")
    marked = _POSSESSIVE.sub(lambda word: f"{word[1]}{_possessive_s(word[1])}/)", marked)
    return _NO.sub(lambda no: f"[{no.group()}](/nˈO/)", marked)


def _possessive_s(phonemes: str) -> str:
    if phonemes[-1] in "szʃʒʧʤ":
        return "ᵻz"
    return "s" if phonemes[-1] in "ptkfθ" else "z"


def model_cache() -> BlobCache:
    """The cache of optimised models, on this machine alone, with room for a dozen models and releases."""
    return BlobCache(cache_root() / "voices", ".voice", b"agvoice\x02", size_limit(100_000_000), shared=None)


def load_model(model: str) -> Any:
    """Load a `hibari.Hibari` with its dictionaries. EngineFailure for an unknown model, else EnvironmentFailure."""
    # Before the import, so that the inference library sends nothing to its maker.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        import orjson
        from hibari import dsp, g2p, voices
    except ImportError as missing:
        message = f"The voice engine is incomplete ({missing}). {install_hint('hibari-tts')}"
        raise EnvironmentFailure(message) from missing
    # The library would use SciPy where it is installed and else NumPy, which differ in the last bits.
    dsp.rfft = lambda frames, axis: np.fft.rfft(frames, axis=axis).astype(np.complex64, copy=False)
    dsp.irfft = lambda bins, n, axis: np.fft.irfft(bins, n=n, axis=axis).astype(np.float32, copy=False)

    def read_json(name: str) -> Any:  # twice as fast as the JSON parser of the library
        content = Path(g2p.ASSETS, name).read_bytes()
        return orjson.loads(gzip.decompress(content) if name.endswith(".gz") else content)

    g2p._load_json = read_json
    try:
        path = voices.voice_path(model, download_missing=False)  # never without asking
    except ValueError as unknown:
        hint = "Write `model: heart` in the voice's profile."
        raise EngineFailure(f"hibari has no model {model!r}.", hint) from unknown
    except FileNotFoundError as absent:
        raise EngineFailure(
            f"The model {model!r} is not inside the hibari-tts package; the one that is, is 'heart'.",
            f"To fetch it once, run: hibari --voice {model} hello -o hello.wav",
        ) from absent
    with ThreadPoolExecutor(1) as beside:
        dictionaries = beside.submit(g2p.G2P, british=voices.VOICES[model]["british"])
        try:
            voice = _load_optimised(model, path)
        except Exception as failure:  # the inference library raises many kinds: a damaged file, no memory
            message = f"The model of the voice cannot be loaded ({failure}). Install hibari-tts again."
            raise EnvironmentFailure(message) from failure
        voice._g2p = dictionaries.result()
    return voice


def _load_optimised(model: str, path: str) -> Any:
    """Load the optimised form of a model, which is seven times as fast. The first time, it is made and cached."""
    from hibari import Hibari

    stat = Path(path).stat()
    key = cache_key("model", path, stat.st_size, stat.st_mtime_ns, installed_versions("onnxruntime"), cpu_features())
    with suppress(Exception):  # the library's own error for a full disk, a form that it cannot read …
        content = model_cache().get(key) or _optimise(path, key)
        with _without_memory_plans():
            voice = Hibari(model, model=content, threads=1)
        voice.model_path = path  # instead of the bytes of the model
        return voice
    return Hibari(model, threads=1)


@contextmanager
def _without_memory_plans() -> Iterator[None]:
    """Sessions that are made in this context keep no plan of their memory for each length of a sentence: 17 MB."""
    import onnxruntime

    make_options = onnxruntime.SessionOptions

    def options() -> Any:
        made = make_options()
        made.enable_mem_pattern = False
        return made

    onnxruntime.SessionOptions = options
    try:
        yield
    finally:
        onnxruntime.SessionOptions = make_options


def _optimise(path: str, key: str) -> bytes:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.save_model_format", "ORT")
    with temporary_folder() as folder:
        file = folder / "model.ort"
        options.optimized_model_filepath = str(file)
        onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        optimised = file.read_bytes()
    model_cache().put(key, optimised)
    return optimised
