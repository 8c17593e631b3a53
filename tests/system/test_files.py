"""Files are written whole or not at all, under names that every disk takes."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.routine.sources import read_pose
from audioguide.session.lint_text import load_patterns
from audioguide.sound.background import find_background
from audioguide.speech.lexicon import find_lexicon
from audioguide.speech.numbers import load_spoken_forms
from audioguide.speech.voices import find_profile
from audioguide.system.files import cache_by_file, make_folder, safe_name, write_text
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


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("lower-back-cool-down", "lower-back-cool-down.mp3"),
        ("Rücken 2.0", "Rücken 2.0.mp3"),
        ("u\u0308ben", "\xfcben.mp3"),  # composed, as phones write it
        ('a/b\\c:d*e?f"g<h>i|j', "a-b-c-d-e-f-g-h-i-j.mp3"),
        ("../../etc/passwd", "-..-etc-passwd.mp3"),
        (".hidden", "hidden.mp3"),
        ("#1 for runners", "1 for runners.mp3"),
        ("ends with dots...", "ends with dots.mp3"),
        ("line\nbreak", "line-break.mp3"),
        ("CON", "session-CON.mp3"),
        ("com1.morning", "session-com1.morning.mp3"),
        ("...", "session.mp3"),
        ("half \ud83d", "half -.mp3"),
    ],
)
def test_what_a_disk_may_refuse_is_replaced(text, name):
    assert safe_name(text, ".mp3") == name


@given(st.text(max_size=300))
def test_any_text_gives_a_name(text):
    name = safe_name(text, ".mp3")
    assert len(name.encode()) <= 150 + len("session-.mp3")
    assert not set(name) & set('<>:"/\\|?*\n\r\t\0')
    assert name[0] not in ".# "
    assert name.removesuffix(".mp3")[-1] not in ". "
    assert safe_name(name.removesuffix(".mp3"), ".mp3") == name
