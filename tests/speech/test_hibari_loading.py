"""The form in which a voice is kept: it changes how long it takes to load, and no sample."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

from audioguide.errors import EnvironmentFailure
from audioguide.speech.engines import hibari as hibari_loading
from audioguide.speech.engines.hibari import HibariEngine, load_model, model_cache
from audioguide.speech.voices import find_profile

TEXTS = (
    "Sit down on your mat.",
    "Breathe in, two, three; the psoas is long.",
    "Now 3 rounds of 20 seconds.",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path))
    return tmp_path / "voices"


def spoken() -> list[bytes]:
    """What an engine says that is used once."""
    engine = HibariEngine(find_profile("heart"))
    said = [engine.speak(text, 0.9).tobytes() for text in TEXTS]
    engine.unload()
    return said


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.voice"))


def test_a_voice_says_the_same_from_either_form(folder: Path) -> None:
    (folder.parent / "voices").write_text("no folder")  # so that the optimised form is not kept
    first = spoken()
    (folder.parent / "voices").unlink()
    assert spoken() == first
    assert len(files(folder)) == 1
    assert spoken() == first


@pytest.mark.slow
def test_what_is_kept_is_not_made_again(folder: Path) -> None:
    spoken()
    before = [(path, path.stat().st_ino) for path in files(folder)]
    spoken()
    assert [(path, path.stat().st_ino) for path in files(folder)] == before


@pytest.mark.slow
@pytest.mark.parametrize("damage", [b"", b"half", None], ids=["emptied", "overwritten", "cut off"])
def test_what_is_damaged_is_read_anew(folder: Path, damage: bytes | None) -> None:
    first = spoken()
    for path in files(folder):
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2] if damage is None else damage)
    assert spoken() == first
    key = files(folder)[0].stem
    assert model_cache().get(key)  # whole again


def test_what_cannot_be_loaded_is_read_anew(folder: Path) -> None:
    """What is whole, and still nothing that the library reads."""
    first = spoken()
    kept = model_cache()
    for path in files(folder):
        kept.put(path.stem, b"what another program left")
    assert spoken() == first


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path / "file"))
    assert len(spoken()) == len(TEXTS)


@pytest.mark.slow
def test_another_release_or_processor_makes_its_own(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load_model("heart")
    monkeypatch.setattr(hibari_loading, "cpu_features", lambda: "another processor")
    load_model("heart")
    assert len(files(folder)) == 2
    monkeypatch.setattr(hibari_loading, "installed_versions", lambda package: "another release")
    load_model("heart")
    assert len(files(folder)) == 3


def test_the_dictionaries_are_what_the_library_reads(folder: Path) -> None:
    import hibari.g2p

    ours = load_model("heart")._g2p
    own = importlib.reload(hibari.g2p).G2P(british=False)
    assert own.lexicon.golds.d == ours.lexicon.golds.d
    assert own.lexicon.silvers.d == ours.lexicon.silvers.d
    assert vars(own.tagger) == vars(ours.tagger)
    assert vars(own.tokenizer).keys() == vars(ours.tokenizer).keys()


@pytest.mark.slow
def test_words_that_no_dictionary_has(folder: Path) -> None:
    """A voice loaded from what is kept is as whole as one that is not: words that no dictionary has are read, too."""
    spoken()
    said = HibariEngine(find_profile("heart")).speak("Qwertish zorbling.", 1.0)
    assert np.abs(said).max() > 0.1


def test_a_model_that_is_gone_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import hibari.voices

    monkeypatch.setattr(hibari.voices, "voice_path", lambda model, download_missing: str(folder / "gone.onnx"))
    with pytest.raises(EnvironmentFailure, match=r"cannot be loaded .*Install hibari-tts again"):
        load_model("heart")


@pytest.mark.parametrize("package", ["orjson", "hibari"])
def test_an_engine_that_is_not_whole_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch, package: str) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EnvironmentFailure, match=f"incomplete .*{package}.* Run: pip install hibari-tts"):
        load_model("heart")
