"""A person's files are written whole or not at all."""

import os

import pytest

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.files import make_folder, write_text


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


def test_a_link_stays_one(tmp_path):
    place, link = tmp_path / "dotfiles.yaml", tmp_path / "a.yaml"
    place.write_text("old")
    link.symlink_to(place)
    write_text(link, "new")
    assert link.is_symlink()
    assert place.read_text() == "new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_ordinary_file_is_not_replaced(tmp_path):
    pipe = tmp_path / "a.yaml"
    os.mkfifo(pipe)
    with pytest.raises(RequestError, match="not an ordinary file"):
        write_text(pipe, "text")
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_reasons_are_said(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    for path, said in (
        ("no/a", "no folder"),
        ("folder", "is a folder"),
        ("", "is a folder"),
        ("file/a", "no folder"),
        ("x" * 300, "be a"),
    ):
        with pytest.raises(RequestError, match=said):
            write_text(tmp_path / path, "text")
    with pytest.raises(EnvironmentFailure, match="cannot be made"):
        make_folder(tmp_path / "file/folder")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(EnvironmentFailure, match="cannot be written"):
        write_text(tmp_path / "a", "text")
