"""What was read before: the same as reading it, never used for anything else, and never in the way."""

import json
import os
import shutil
from pathlib import Path

import pytest

from audioguide import remember, resources
from audioguide.errors import RoutineError
from audioguide.routine import library, load
from audioguide.routine.checked import checked
from audioguide.speech.profile import load_profile
from audioguide.speech.shorthand import shorthand
from audioguide.timeline.words import words

ROUTINES = Path(__file__).parent.parent / "scripts"


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A person's own folder, and a cache in which nothing is kept."""
    monkeypatch.setenv("AUDIOGUIDE_HOME", str(tmp_path))
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path / "cache"))
    caches = (resources.roots, library._load, load_profile, words, shorthand)
    for cache in caches:
        cache.cache_clear()
    (tmp_path / "scripts/poses").mkdir(parents=True)
    yield tmp_path
    monkeypatch.undo()
    for cache in caches:
        cache.cache_clear()


@pytest.fixture
def parsed(monkeypatch):
    """The names of the files that are parsed from now on."""
    from audioguide.routine import checked, document, sources

    files = []

    def parse(text, file):
        files.append(Path(file).name)
        return document_parse(text, file)

    document_parse = document.parse
    for module in (document, checked, load):
        monkeypatch.setattr(module, "parse", parse)
    assert sources.read is document.read
    return files


def read(source):
    """A routine as a new process reads it."""
    library._load.cache_clear()
    return load.load_written(source)


@pytest.mark.parametrize("id", sorted(path.stem for path in ROUTINES.glob("*.yaml")))
def test_a_routine_is_the_same_the_second_time(home, parsed, id):
    first, slowly = read(id), list(parsed)
    assert f"{id}.yaml" in slowly
    assert repr(read(id)) == repr(first)
    assert read(id) == first
    assert parsed == slowly


@pytest.mark.parametrize("folder", ["voices", "voices/prompts", "voices/spoken", "voices/backgrounds"])
def test_a_form_is_the_same_the_second_time(home, parsed, folder):
    forms = {
        "voices": "audioguide.speech.profile:ProfileFile",
        "voices/prompts": "audioguide.timeline.language_form:LanguageForm",
        "voices/spoken": "audioguide.speech.shorthand:Written",
        "voices/backgrounds": "audioguide.sound.preset_form:PresetForm",
    }
    paths = [path for path in (ROUTINES.parent / folder).glob("*.yaml") if not path.stem.startswith("lexicon")]
    first = [checked(path, forms[folder]) for path in paths]
    assert len(parsed) == len(paths) > 0
    assert repr([checked(path, forms[folder]) for path in paths]) == repr(first)
    assert len(parsed) == len(paths)


def routine(home, text="title: Mine\nsteps:\n  - pose: bridge\n  - include: other\n"):
    (home / "scripts/other.yaml").write_text("title: Other\nsteps:\n  - say: Hello.\n")
    (home / "scripts/mine.yaml").write_text(text)
    return read("mine")


def test_a_change_of_anything_that_it_is_made_of_is_seen(home, parsed):
    said = [step.text for step in routine(home)[0].steps[1:]]
    assert said == ["Hello."]
    (home / "scripts/other.yaml").write_text("title: Other\nsteps:\n  - say: Goodbye.\n")
    assert [step.text for step in read("mine")[0].steps[1:]] == ["Goodbye."]
    # One's own pose now hides the shipped one, and a routine beside it the other one.
    (home / "scripts/poses/bridge.yaml").write_text("name: My bridge\n")
    assert read("mine")[0].steps[0].pose.name == "My bridge"
    (home / "scripts/poses/bridge.yaml").unlink()
    assert read("mine")[0].steps[0].pose.name == "Bridge"
    (home / "scripts/other.yaml").unlink()
    with pytest.raises(RoutineError, match="There is no routine 'other'"):
        read("mine")


def test_a_place_is_told_as_seen_from_where_the_person_stands(home, monkeypatch):
    before = routine(home)[0].steps[0].place.file
    monkeypatch.chdir(home)
    assert (before, read("mine")[0].steps[0].place.file) == (str(home / "scripts/mine.yaml"), "scripts/mine.yaml")


def test_the_same_text_elsewhere_is_another_routine(home, tmp_path):
    routine(home)
    copy = shutil.copy(home / "scripts/mine.yaml", home / "scripts/yours.yaml")
    assert load.load(Path(copy)).id == "yours"


def test_what_is_wrong_is_told_each_time(home):
    for _ in range(2):
        with pytest.raises(RoutineError, match=r"mine\.yaml:3:5: There is no key 'pse'"):
            routine(home, "title: Mine\nsteps:\n  - pse: bridge\n    pose: bridge\n")


def notes(home):
    return list((home / "cache/notes").glob("*.json"))


@pytest.mark.parametrize("damage", [b"", b"x", b"\n", b"{}", b"\xff\xfe"])
def test_a_damaged_note_is_none_and_is_made_anew(home, parsed, damage):
    first = routine(home)
    (note,) = notes(home)
    whole = note.read_bytes()
    for damaged in (damage, whole[: len(whole) // 2], whole + damage + b"!", whole.replace(b"Bridge", b"Brigde", 1)):
        note.write_bytes(damaged)
        before = len(parsed)
        assert read("mine") == first
        assert len(parsed) > before
        assert note.read_bytes() == whole


def test_other_code_reads_anew(home, parsed, monkeypatch):
    routine(home)
    before = len(parsed)
    monkeypatch.setattr("audioguide.routine.noted.code", lambda: "another state")
    read("mine")
    assert len(parsed) > before


def test_the_state_of_the_code_is_that_of_its_files(monkeypatch, tmp_path):
    remember.code.cache_clear()
    here = remember.code()
    copy = shutil.copytree(remember._PACKAGE, tmp_path / "audioguide")
    monkeypatch.setattr(remember, "_PACKAGE", copy)
    remember.code.cache_clear()
    there = remember.code()
    (copy / "routine/values.py").write_text("changed = True\n")
    remember.code.cache_clear()
    assert len({here, there, remember.code()}) == 3
    monkeypatch.undo()
    remember.code.cache_clear()


def test_a_cache_that_may_not_be_written_is_done_without(home, parsed):
    (home / "cache").write_text("no folder")
    assert routine(home) == routine(home)
    assert len(parsed) == 6


def test_notes_are_bounded(home, monkeypatch):
    monkeypatch.setattr(remember, "ROOM", 3000)
    for number in range(10):
        remember.remember(remember.digest(str(number)), "x" * 1000)
        os.utime(home / f"cache/notes/{remember.digest(str(number))}.json", (number, number))
    (home / "cache/notes/.looked-through").unlink()
    remember.remember(remember.digest("last"), "x")
    assert len(notes(home)) < 5
    assert remember.recall(remember.digest("last")) == "x"


def test_a_name_is_told_apart_by_its_parts():
    assert len({remember.digest(*parts) for parts in (("ab", "c"), ("a", "bc"), ("abc",), ("abc", ""))}) == 4


def test_a_note_is_plain_json(home):
    routine(home)
    (note,) = notes(home)
    assert json.loads(note.read_bytes().partition(b"\n")[2])["routine"]["title"] == "Mine"
