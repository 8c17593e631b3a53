"""A person's files are written whole or not at all."""

import os
from pathlib import Path

import pytest

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.routine.sources import read_pose
from audioguide.session.lint_text import load_patterns
from audioguide.sound.background import find_background
from audioguide.speech.lexicon import find_lexicon
from audioguide.speech.numbers import load_spoken_forms
from audioguide.speech.voices import find_profile
from audioguide.system.files import cache_by_file, make_folder, write_text
from audioguide.timeline.phrases import find_phrases


def test_it_replaces_what_was_there(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("old")
    write_text(path, "névé\n")
    assert path.read_bytes() == "névé\n".encode()
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_written_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        write_text(path, "\udce9")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_reasons_are_said(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    for path, said in (
        ("no/a", "no folder"),
        ("folder", "is a folder"),
        ("", "is a folder"),
        ("file/a", "No file can be named|no folder"),
        ("x" * 300, "too long"),
        ("nul\0", "No file can be named"),
    ):
        with pytest.raises(RequestError, match=said):
            write_text(tmp_path / path, "text")
    with pytest.raises(EnvironmentFailure, match="cannot be made"):
        make_folder(tmp_path / "file/folder")


def test_a_cached_result_is_made_again_when_its_file_changed(tmp_path):
    calls = []

    @cache_by_file
    def read(label, *paths):
        calls.append(label)
        return label, *(path.read_text() for path in paths)

    one, two = tmp_path / "one", tmp_path / "two"
    for path in (one, two):
        path.write_text("old")
    assert read("a", one, two) is read("a", one, two) == ("a", "old", "old")
    assert calls == ["a"]
    stat = two.stat()
    write_text(two, "new")  # another file of the same name, size and time
    os.utime(two, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert read("a", one, two) == ("a", "old", "new")
    two.unlink()
    with pytest.raises(FileNotFoundError):
        read("a", one, two)
    assert calls == ["a", "a", "a"]


SHIPPED = Path(__file__).parents[2]
EDITS = {
    "scripts/poses/tree.yaml": ("name: Tree\nrelease: Stand.\n", "Stand", "Sit", lambda: read_pose("tree")[0].release),
    "voices/anna.yaml": (SHIPPED / "voices/heart.yaml", "seed: ", "seed: 1", lambda: find_profile("anna").seed),
    "voices/lexicon.yaml": ("psoas: {say: soaz}\n", "soaz", "zoaz", lambda: find_lexicon(find_profile("heart"), "say")),
    "voices/backgrounds/hum.yaml": (
        "layers: [{noise: {slope: -3}}]\n",
        "-3",
        "-4",
        lambda: find_background("hum").data,
    ),
    "voices/spoken/nl.yaml": (
        SHIPPED / "voices/spoken/en.yaml",
        "slash: ",
        "slash: o",
        lambda: load_spoken_forms("nl").form,
    ),
    "voices/prompts/nl.yaml": (
        SHIPPED / "voices/prompts/en.yaml",
        "ten: ",
        "ten: o",
        lambda: find_phrases("nl").texts.ten,
    ),
    "voices/prompts/nn.yaml": (
        SHIPPED / "voices/prompts/en.yaml",
        "[left",
        "[links",
        lambda: load_patterns("nn").sides,
    ),
}


@pytest.mark.parametrize("file", EDITS)
def test_a_file_that_was_edited_is_read_again(home, file):
    written, old, new, read = EDITS[file]
    text = written.read_text("utf-8") if isinstance(written, Path) else written
    assert old in text
    path = home / file
    path.parent.mkdir(parents=True)
    path.write_text(text, "utf-8")
    before = read()
    assert read() == before
    path.write_text(text.replace(old, new), "utf-8")
    assert read() != before
