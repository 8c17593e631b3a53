"""Engines: what they are called by, and how another package or program adds one."""

import importlib.metadata
import sys
from pathlib import Path

import numpy as np
import pytest

import audioguide
from audioguide.errors import RequestError
from audioguide.speech.engines.engine import ENGINES, Engine, installed_versions, is_online, make_engine
from audioguide.speech.voices import find_profile

HUM = '''
import numpy as np
from audioguide.speech.engines.engine import Engine

class Hum(Engine):
    """Hums a text: a tenth of a second for each letter."""

    sample_rate, version = 16_000, "1"

    def speak(self, text, rate):
        return (0.2 * np.sin(np.arange(round(1600 * len(text) / rate)) / 20)).astype(np.float32)
'''

VOICE = """\
engine: hum
model: low
language: en
rate: {narration: 1, breath: 1, count: 1}
gain: {narration: 0, breath: 0, count: 0}
"""


@pytest.fixture
def package(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed package with an engine, and a voice that wants it."""
    (tmp_path / "hum_of_tests.py").write_text(HUM)
    metadata = tmp_path / "hum_of_tests-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: hum-of-tests\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[audioguide.engines]\nhum = hum_of_tests:Hum\nsad = hum_of_tests:Sad\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path / "cache"))
    (home / "voices").mkdir(parents=True)
    (home / "voices/humming.yaml").write_text(VOICE)
    (home / "voices/sad.yaml").write_text(VOICE.replace("hum", "sad"))
    return tmp_path


def test_another_package_has_an_engine(package: Path, write) -> None:
    session = audioguide.load(write("title: t\nsteps:\n- say: Ten letters.\n"), voice="humming")
    (cue,) = [cue for cue in session.compile().cues if cue.kind == "speech"]
    assert cue.frames == pytest.approx(1.27 * 44_100, abs=1000)
    assert not is_online(find_profile("humming"))


def test_an_engine_of_a_package_that_does_not_load_is_told_where_it_is_wanted(package: Path, capsys) -> None:
    from audioguide.cli.main import run

    assert run(["export", "taster", "--voice", "sad"]) == 1
    assert "'sad' of the package hum-of-tests does not load" in capsys.readouterr().err
    assert run(["voices"]) == 0
    assert "does not load" in capsys.readouterr().out
    assert run(["show", "taster"]) == 0


def test_a_program_registers_an_engine(home: Path) -> None:
    class Own(Engine):
        sample_rate, version, online = 8_000, "1", True

        def speak(self, text: str, rate: float) -> np.ndarray:
            return np.zeros(8, np.float32)

    (home / "voices").mkdir(parents=True)
    (home / "voices/own.yaml").write_text(VOICE.replace("hum", "own-engine"))
    with pytest.raises(RequestError, match="uses the engine 'own-engine', which does not exist"):
        make_engine(find_profile("own"))
    ENGINES.register("own-engine", Own)
    made = make_engine(find_profile("own"))
    assert isinstance(made, Own)
    assert is_online(find_profile("own"))
    assert (made.profile.name, made.lexicon_format, made.needs_full_text) == ("own", "say", False)
    assert str(made.cannot_say("...")).startswith("There is nothing to say")
    assert "Latin letters only" in str(made.cannot_say("Дыши"))


def test_the_release_is_what_python_itself_says() -> None:
    for package in {found.name for found in importlib.metadata.distributions()}:
        assert installed_versions(package) == f"{package} {importlib.metadata.version(package)}"


def test_a_release_of_what_is_not_there_or_has_other_metadata(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModuleNotFoundError):
        installed_versions("no-such-package")
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, name in ((first, "Some.Voice-2.0.dist-info"), (second, "some_voice-1.0.dist-info")):
        (folder / name).mkdir(parents=True)
    (second / "old_voice.egg-info").mkdir()
    (second / "old_voice.egg-info/PKG-INFO").write_text("Name: old-voice\nVersion: 0.3\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "none"), str(first), str(second)])
    installed_versions.cache_clear()
    assert installed_versions("some-voice", "old-voice") == "some-voice 2.0 old-voice 0.3"
    installed_versions.cache_clear()
