"""hibari's model and dictionaries, loaded; the model is kept in a form that is loaded in a third of the time.

The inference library makes the model faster while it reads it, which takes longer than reading the faster one. That
says the same, sample for sample. Another release or processor makes its own.
"""

from __future__ import annotations

import gzip
import os
import sys
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioguide.blobs import Blobs, key_of, room
from audioguide.errors import EnvironmentFailure
from audioguide.machine import arithmetic
from audioguide.resources import cache_root
from audioguide.speech.engine import EngineFailure
from audioguide.speech.releases import release

ROOM = 100_000_000
"""Bytes that they may take: of a dozen models and releases."""


def kept_voices() -> Blobs:
    """Where they are kept, on this machine alone."""
    return Blobs(cache_root() / "voices", ".voice", b"agvoice\x02", room(ROOM), shared=None)


@dataclass(frozen=True)
class Loaded:
    """A `hibari.Hibari`, and the file of its model and the key under which it is to be kept, where it is not."""

    voice: Any
    unkept: tuple[str, str] | None


def load(model: str) -> Loaded:
    """A model and its dictionaries, loaded side by side. Raises EngineFailure where there is no such model, and
    EnvironmentFailure where it cannot be loaded.
    """
    # The inference library reports its use to its maker unless it is told not to before it is imported: over the
    # network, with an id that it leaves in the person's folder. Nothing leaves the machine here.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    # The library transforms with SciPy where that is installed and with NumPy elsewhere, and the two differ in the
    # last bits. NumPy is always there, so it is used everywhere: the same text gives the same samples. So SciPy need
    # not be loaded either, which takes a tenth of a second.
    try:
        import orjson

        with _Refused("scipy", "scipy.fft"):
            from hibari import dsp, g2p, voices
    except ImportError as missing:
        raise not_installed(missing) from missing
    dsp.rfft, dsp.irfft = _rfft, _irfft
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
        reader = beside.submit(_reader, g2p, voices.VOICES[model]["british"], orjson.loads)
        try:
            loaded = _loaded(model, path)
        except Exception as failure:  # the inference library raises many kinds: a damaged file, no memory
            raise EnvironmentFailure(
                f"The model of the voice cannot be loaded ({failure}). Install hibari-tts again."
            ) from failure
        loaded.voice._g2p = reader.result()
    return loaded


def _loaded(model: str, path: str) -> Loaded:
    """A model, from the faster form where that is kept; the dictionaries are still to come."""
    from hibari import Hibari

    stat = Path(path).stat()
    facts = (path, stat.st_size, stat.st_mtime_ns, release("onnxruntime"), arithmetic())
    key = key_of("model", *facts)
    if fast := kept_voices().get(key):
        with suppress(Exception):  # whatever is wrong with it, the model itself is still there
            voice = Hibari(model, model=fast, threads=1)
            voice.model_path = path
            return Loaded(voice, None)
    return Loaded(Hibari(model, threads=1), (path, key))


def keep(path: str, key: str) -> None:
    """Keep a model in its faster form: a tenth of a second, once, and as much memory as a loaded model takes."""
    with suppress(Exception):  # a full disk, which the inference library tells in its own way
        kept_voices().put(key, _fast_model(path))


def not_installed(missing: ImportError) -> EnvironmentFailure:
    """What is told where a package of the engine is not there."""
    return EnvironmentFailure(
        f"The voice engine is incomplete ({missing}). Install audioguide again, or run: pip install hibari-tts"
    )


def _reader(g2p: Any, british: bool, parse: Callable[[bytes], Any]) -> Any:
    """A `hibari.g2p.G2P`. The library reads its dictionaries with Python's own parser, which takes twice as long."""

    def read(name: str) -> Any:
        content = (Path(g2p.ASSETS) / name).read_bytes()
        return parse(gzip.decompress(content) if name.endswith(".gz") else content)

    with _reading:
        before, g2p._load_json = g2p._load_json, read
        try:
            return g2p.G2P(british=british)
        finally:
            g2p._load_json = before


_reading = threading.Lock()
"""Held while the library reads by our means: two voices may be loaded at a time."""


def _fast_model(path: str) -> bytes:
    """The model as the inference library makes it for this processor."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.save_model_format", "ORT")
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "model.ort"
        options.optimized_model_filepath = str(made)
        onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return made.read_bytes()


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
