"""Loads hibari's model and dictionaries. All that touches the library's private parts stands here.

The inference library optimises a model while it reads it, which takes longer than reading the optimised one. So that is
cached: it loads in a third of the time, and says the same to the sample. Another release or processor makes its own.
"""

from __future__ import annotations

import gzip
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from audioguide.blobs import Blobs, key_of, room
from audioguide.errors import EnvironmentFailure
from audioguide.machine import arithmetic
from audioguide.resources import cache_root
from audioguide.speech.engine import EngineFailure, releases

ROOM = 100_000_000
"""Bytes that optimised models may take: of a dozen models and releases."""


def kept_voices() -> Blobs:
    """The cache of optimised models, on this machine alone."""
    return Blobs(cache_root() / "voices", ".voice", b"agvoice\x02", room(ROOM), shared=None)


def load(model: str) -> tuple[Any, Callable[[], None] | None]:
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
        raise not_installed(missing) from missing
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


def not_installed(missing: ImportError) -> EnvironmentFailure:
    """What is told where a package of the engine is not there."""
    return EnvironmentFailure(
        f"The voice engine is incomplete ({missing}). Install audioguide again, or run: pip install hibari-tts"
    )


def _loaded(model: str, path: str) -> tuple[Any, Callable[[], None] | None]:
    from hibari import Hibari

    stat = Path(path).stat()
    key = key_of("model", path, stat.st_size, stat.st_mtime_ns, releases("onnxruntime"), arithmetic())
    if optimised := kept_voices().get(key):
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
        kept_voices().put(key, optimised.read_bytes())


def _read_json(folder: Path, parse: Callable[[bytes], Any], name: str) -> Any:
    content = (folder / name).read_bytes()
    return parse(gzip.decompress(content) if name.endswith(".gz") else content)


def _rfft(frames: NDArray[Any], axis: int) -> NDArray[np.complex64]:
    return np.fft.rfft(frames, axis=axis).astype(np.complex64, copy=False)


def _irfft(bins: NDArray[Any], n: int, axis: int) -> NDArray[np.float32]:
    return np.fft.irfft(bins, n=n, axis=axis).astype(np.float32, copy=False)
