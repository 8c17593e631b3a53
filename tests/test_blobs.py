"""Blobs by key, and the store that machines share: whatever goes wrong only costs time."""

import errno
import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide import shared
from audioguide.blobs import Blobs
from audioguide.shared import Shared, shared_store

fsspec = pytest.importorskip("fsspec")

KEY, OTHER = "ab" * 20, "cd" * 20
MARK = b"test\x01\n"


@pytest.fixture
def memory():
    """A store in this process' memory, empty."""
    files = fsspec.filesystem("memory")
    files.store.clear()
    yield Shared("memory://store")
    files.store.clear()


def blobs(folder, beyond=None, room=10**9):
    return Blobs(folder / "pieces", ".piece", MARK, room, beyond)


def test_a_blob_comes_back_and_its_length_is_in_its_head(tmp_path):
    kept = blobs(tmp_path)
    assert kept.get(KEY) is None
    assert kept.length(KEY) is None
    for content in (b"", b"sound" * 1000):
        kept.put(KEY, content)
        assert kept.get(KEY) == content
        assert kept.length(KEY) == len(content)
    assert kept.path(KEY).parent.name == "ab"
    assert blobs(tmp_path).get(OTHER) is None


def test_another_kind_or_another_name_is_as_good_as_none(tmp_path):
    kept = blobs(tmp_path)
    kept.put(KEY, b"sound")
    assert Blobs(kept.folder, ".piece", b"test\x02\n", 10**9).get(KEY) is None
    kept.path(OTHER).parent.mkdir()
    kept.path(KEY).rename(kept.path(OTHER))
    assert kept.get(OTHER) is None


@given(st.binary(max_size=200))
def test_no_file_is_taken_for_a_blob(tmp_path_factory, content):
    kept = blobs(tmp_path_factory.mktemp("any"))
    path = kept.path(KEY)
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    assert kept.get(KEY) is None


def test_what_one_machine_made_another_one_has(tmp_path, memory):
    here, there = blobs(tmp_path / "here", memory), blobs(tmp_path / "there", memory)
    here.put(KEY, b"sound")
    assert there.length(KEY) == 5
    assert blobs(tmp_path / "there").get(KEY) == b"sound", "kept from now on"
    assert there.get(OTHER) is None


@pytest.mark.parametrize("spoil", [lambda blob: blob[:-1], lambda blob: blob + b"x", lambda blob: blob[:40] + b"XXXX"])
def test_what_is_damaged_there_is_not_taken(tmp_path, memory, spoil):
    blobs(tmp_path / "here", memory).put(KEY, b"sound" * 3)
    files = fsspec.filesystem("memory")
    (name,) = files.find("/store")
    files.pipe_file(name, spoil(files.cat_file(name)))
    there = blobs(tmp_path / "there", memory)
    assert there.get(KEY) is None
    assert not there.path(KEY).exists()


def test_what_is_too_large_is_not_even_read(memory):
    memory.put("pieces/large", bytes(2000))
    assert memory.get("pieces/large", 1999) is None
    assert memory.get("pieces/large", 2000) == bytes(2000)


def test_a_folder_is_a_store_in_which_files_appear_whole(tmp_path):
    store = Shared(f"file://{tmp_path / 'mount'}")
    threads = [
        threading.Thread(target=lambda: [store.put("a/b/c", bytes([n]) * 100_000) for n in range(20)]) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        found = store.get("a/b/c", 10**6)
        assert found is None or (len(found) == 100_000 and len(set(found)) == 1)
        store._missing.clear()
    assert [path.name for path in (tmp_path / "mount/a/b").iterdir()] == ["c"]
    store.check()


def slow(seconds=5.0):
    def job(*_, **__):
        time.sleep(seconds)

    return job


def refusing(error):
    def job(*_, **__):
        raise error

    return job


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (slow(), "no answer"),
        (refusing(OSError(errno.EIO, "Input/output error")), "Input/output error"),
        (refusing(ValueError("what\nis this")), "what is this"),
    ],
)
def test_a_store_in_trouble_is_told_once_and_left_alone(tmp_path, memory, monkeypatch, caplog, trouble, said):
    memory._patience = 0.2
    monkeypatch.setattr(fsspec.get_filesystem_class("memory"), "cat_file", trouble)
    kept = blobs(tmp_path, memory)
    began = time.monotonic()
    for key in (KEY, OTHER, "ef" * 20):
        assert kept.get(key) is None
        kept.put(key, b"sound")
        assert kept.get(key) == b"sound"
    assert time.monotonic() - began < 2
    (line,) = caplog.messages
    assert line.startswith("The shared store memory://store does not work (")
    assert said in line


def test_a_store_is_asked_again_after_a_while(memory, monkeypatch):
    memory.put("name", b"sound")
    with monkeypatch.context() as broken:
        broken.setattr(fsspec.get_filesystem_class("memory"), "cat_file", refusing(OSError("away")))
        assert memory.get("name", 100) is None
    assert memory.get("name", 100) is None
    memory._away_until = 0.0
    assert memory.get("name", 100) == b"sound"


def test_a_store_that_is_there_to_be_read_is_read(memory, monkeypatch, caplog):
    memory.put("name", b"sound")
    refused = refusing(PermissionError(errno.EACCES, "Permission denied"))
    monkeypatch.setattr(fsspec.get_filesystem_class("memory"), "pipe_file", refused)
    memory.put("more", b"sound")
    memory.put("more", b"sound")
    assert memory.get("name", 100) == b"sound"
    assert caplog.messages == ["The shared store memory://store takes nothing (Permission denied): it is only read."]


def test_a_store_that_there_cannot_be_stops_nothing(tmp_path, caplog):
    kept = blobs(tmp_path, Shared("nosuch://user:secret@host/x?token=secret"))
    kept.put(KEY, b"sound")
    assert kept.get(KEY) == b"sound"
    (line,) = caplog.messages
    assert "nosuch" in line
    assert "secret" not in line


def test_the_environment_names_the_store(tmp_path, monkeypatch):
    assert shared_store() is None
    monkeypatch.setenv(shared.VARIABLE, str(tmp_path))
    assert shared_store() is shared_store()
    blobs(tmp_path / "one", shared_store()).put(KEY, b"sound")
    assert (tmp_path / "pieces" / "ab" / f"{KEY}.piece").is_file()
