"""Pico's voices, as they are installed."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from extras import BAD_TEXTS, ODD_TEXTS, needs

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.speech.engines import engine as engines
from audioguide.speech.engines import pico
from audioguide.speech.engines.pico import PicoEngine, trim_tail
from audioguide.speech.voices import find_profile

GERMAN = "Leg dich auf den Rücken und lass deinen Atem ruhig werden."

installed = needs("py_nanotts")


@pytest.fixture
def engine() -> PicoEngine:
    return PicoEngine(find_profile("pico-de"))


@installed
@pytest.mark.parametrize("model", ["de-DE", "en-GB", "en-US", "es-ES", "fr-FR", "it-IT"])
def test_every_model_speaks(model: str) -> None:
    samples = PicoEngine(replace(find_profile("pico-de"), model=model)).speak("Inspira. Atme aus.", 1.0)
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert 0.8 < len(samples) / 16_000 < 4.0
    assert 0.1 < np.abs(samples).max() < 1.0


@installed
def test_a_lower_rate_takes_longer(engine: PicoEngine) -> None:
    assert len(engine.speak(GERMAN, 0.7)) > 1.2 * len(engine.speak(GERMAN, 1.0))


@installed
def test_the_same_text_gives_the_same_samples_whatever_was_said_before(engine: PicoEngine) -> None:
    texts = [GERMAN, "Atme ein.", "Atme aus."] * 3
    with ThreadPoolExecutor(3) as threads:
        spoken = list(threads.map(lambda text: engine.speak(text, 0.9).tobytes(), texts))
    assert spoken[:3] == spoken[3:6] == spoken[6:]


@installed
@pytest.mark.parametrize(("text", "said"), BAD_TEXTS)
def test_what_it_cannot_say_is_told(engine: PicoEngine, text: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        engine.speak(text, 1.0)


@installed
@pytest.mark.parametrize("text", ODD_TEXTS)
def test_what_looks_odd_is_spoken(engine: PicoEngine, text: str) -> None:
    assert len(engine.speak(text, 1.0)) > 3000


@installed
def test_commands_are_spoken_as_text(engine: PicoEngine) -> None:
    """A pause of half a minute, slow speech: what stands in angle brackets is read out."""
    for command in ("speed level='20'", "break time='30s'/"):
        bare = engine.speak(f"{command} Atme ein", 1.0)
        assert engine.speak(f"<{command}>Atme ein", 1.0).tobytes() == bare.tobytes()
        assert len(bare) > len(engine.speak("Atme ein", 1.0)) + 16_000


@installed
def test_a_word_that_is_too_long_is_told(engine: PicoEngine) -> None:
    with pytest.raises(RequestError, match="cannot say 'aaa"):
        engine.speak("a" * 400, 1.0)


@installed
def test_what_it_leaves_behind_the_last_word_is_cut(engine: PicoEngine) -> None:
    samples = PicoEngine(find_profile("pico-it")).speak("Uno.", 1.0)
    assert len(samples) / 16_000 < 0.7
    assert np.abs(samples[-320:]).max() < 10 ** (-45 / 20)


def test_a_tail_after_silence_is_cut_and_a_pause_is_not() -> None:
    word, hush = np.full(8_000, 0.1, np.float32), np.zeros(6_400, np.float32)
    click = np.full(1_600, 0.002, np.float32)
    kept = trim_tail(np.concatenate([word, hush, word, hush, click]))
    assert len(kept) == pytest.approx(2 * 8_000 + 6_400 + 640, abs=320)  # 40 ms of the silence
    assert len(trim_tail(click)) == 0
    assert len(trim_tail(word)) == len(word)


def test_a_model_that_it_does_not_have() -> None:
    with pytest.raises(RequestError, match=r"does not have. Did you mean de-DE\?"):
        PicoEngine(replace(find_profile("pico-de"), model="de-AT"))


def test_without_the_package_it_is_said_how_to_get_it(engine: PicoEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*packages: str) -> str:
        raise ModuleNotFoundError(packages[0], name=packages[0])

    monkeypatch.setattr(engines, "installed_versions", missing)
    with pytest.raises(EnvironmentFailure) as caught:
        engine.speak("Atme ein.", 1.0)
    assert "needs the package py-nanotts" in str(caught.value)
    assert "Run: pip install py-nanotts, or" in str(caught.value)
    assert "--voice gtts-de" in str(caught.value)
    assert "\n" not in str(caught.value)


@installed
def test_one_that_hangs_or_breaks_is_told(engine: PicoEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pico, "TIMEOUT_SECONDS", 0.001)
    with pytest.raises(EnvironmentFailure, match=r"no answer within 0\.001 seconds"):
        engine.speak("Atme ein.", 1.0)
    monkeypatch.undo()
    monkeypatch.setattr(pico, "VOLUME", "loud")
    with pytest.raises(EnvironmentFailure, match=r"Pico, which speaks for the voice 'pico-de', failed \(.*loud"):
        engine.speak("Atme ein.", 1.0)


@installed
def test_the_library_is_never_in_our_process() -> None:
    code = (
        "import sys; from audioguide.speech.voices import find_profile\n"
        "from audioguide.speech.engines.engine import make_engine\n"
        "made = make_engine(find_profile('pico-de')); made.version; made.speak('Atme ein.', 1.0)\n"
        "assert 'py_nanotts' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
