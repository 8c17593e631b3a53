"""The embedded voice, on the real model."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.speech.engines.engine import EngineFailure
from audioguide.speech.engines.hibari import HibariEngine
from audioguide.speech.voices import find_profile

TEXTS = [f"{start} your {part} slowly." for start in ("Lift", "Lower") for part in ("left leg", "arms", "hips")]


@pytest.fixture(scope="module")
def engine() -> HibariEngine:
    return HibariEngine(find_profile("heart"))


def test_it_speaks(engine: HibariEngine) -> None:
    samples = engine.speak("Lie on your back.", 1.0)
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert 1.0 < len(samples) / engine.sample_rate < 3.0
    assert 0.1 < np.abs(samples).max() < 1.0


def test_a_lower_rate_takes_longer(engine: HibariEngine) -> None:
    assert len(engine.speak(TEXTS[0], 0.7)) > 1.2 * len(engine.speak(TEXTS[0], 1.0))


def test_the_same_text_gives_the_same_samples_from_any_thread(engine: HibariEngine) -> None:
    """Also where the first use of a fresh engine is by several threads at once."""
    alone = [engine.speak(text, 0.9).tobytes() for text in TEXTS]
    fresh = HibariEngine(find_profile("heart"))
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda text: fresh.speak(text, 0.9).tobytes(), TEXTS))
    assert together == alone


def test_the_seed_is_the_profiles() -> None:
    other = HibariEngine(replace(find_profile("heart"), seed=2))
    same_length = other.speak(TEXTS[0], 0.9), HibariEngine(find_profile("heart")).speak(TEXTS[0], 0.9)
    assert len(same_length[0]) == len(same_length[1])
    assert not np.array_equal(*same_length)


def test_numpys_transform_is_used_whatever_is_installed(engine: HibariEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another transform, as the library picks it where SciPy is installed, must not reach the samples."""
    import hibari.dsp

    expected = engine.speak(TEXTS[0], 0.9)
    monkeypatch.setattr(hibari.dsp, "irfft", lambda bins, n, axis: np.zeros((len(bins), n), np.float32))
    np.testing.assert_array_equal(HibariEngine(find_profile("heart")).speak(TEXTS[0], 0.9), expected)


@pytest.mark.parametrize("text", ["", "...", "!?", "—", "🙂", "( )"])
def test_nothing_to_say(engine: HibariEngine, text: str) -> None:
    with pytest.raises(RequestError, match="nothing to say"):
        engine.speak(text, 1.0)


@pytest.mark.parametrize("text", ["Дыши", "吸气", "عربي", "Breathe in, Вдох."])
def test_a_script_it_cannot_read_is_said(engine: HibariEngine, text: str) -> None:
    with pytest.raises(RequestError, match="Latin letters only"):
        engine.speak(text, 1.0)


@pytest.mark.parametrize("text", ["Uttānāsana", "café", "Breathe 🙂 in", "4-7-8", "<break/>"])
def test_what_looks_odd_is_spoken(engine: HibariEngine, text: str) -> None:
    assert len(engine.speak(text, 1.0)) > 6000


def test_models_that_are_not_there_are_said_and_not_fetched() -> None:
    with pytest.raises(EngineFailure, match="not inside the hibari-tts package"):
        HibariEngine(replace(find_profile("heart"), model="emma")).speak("Begin.", 1.0)
    with pytest.raises(EngineFailure, match="no model 'hart'"):
        HibariEngine(replace(find_profile("heart"), model="hart")).speak("Begin.", 1.0)


def test_the_version_is_known_without_loading_anything() -> None:
    code = (
        "import sys; from audioguide.speech.voices import find_profile\n"
        "from audioguide.speech.engines.engine import make_engine\n"
        "made = make_engine(find_profile('heart')); assert 'hibari-tts 0.' in made.version, made.version\n"
        "assert not {'hibari', 'onnxruntime', 'soxr'} & set(sys.modules), sorted(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_damaged_model_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bf_emma.int8.onnx").write_bytes(b"half a model")
    monkeypatch.setenv("HIBARI_HOME", str(tmp_path))
    with pytest.raises(EnvironmentFailure, match="cannot be loaded"):
        HibariEngine(replace(find_profile("heart"), model="emma")).speak("Begin.", 1.0)
