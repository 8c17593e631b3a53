"""The clip cache: what goes in comes out, and nothing that goes wrong with it is more than slow."""

import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from audioguide.speech.cache import ClipCache, cache_folder, key_of

KEY = key_of("a", 1.0)
CLIP = np.arange(-500, 500, dtype=np.int16)


@pytest.fixture
def cache(tmp_path: Path) -> ClipCache:
    return ClipCache(tmp_path / "clips")


def only_file(cache: ClipCache) -> Path:
    (path,) = (path for path in cache.folder.rglob("*") if path.is_file())
    return path


def test_a_clip_comes_back_bit_for_bit(cache: ClipCache) -> None:
    assert cache.load(KEY) is None
    assert cache.frames(KEY) is None
    cache.store(KEY, CLIP)
    loaded = cache.load(KEY)
    assert loaded is not None
    assert loaded.dtype == np.int16
    assert loaded.tobytes() == CLIP.tobytes()
    assert cache.frames(KEY) == 1000


@pytest.mark.parametrize("cut", [0, 5, 31, 32, 33, 1000, 2031])
def test_a_truncated_file_is_as_good_as_none(cache: ClipCache, cut: int) -> None:
    cache.store(KEY, CLIP)
    path = only_file(cache)
    path.write_bytes(path.read_bytes()[:cut])
    assert cache.frames(KEY) is None
    assert cache.load(KEY) is None
    cache.store(KEY, CLIP)
    assert cache.frames(KEY) == 1000


@pytest.mark.parametrize("byte", [0, 9, 20, 32, 1500, 2031])
def test_a_flipped_bit_is_noticed(cache: ClipCache, byte: int) -> None:
    cache.store(KEY, CLIP)
    path = only_file(cache)
    content = bytearray(path.read_bytes())
    content[byte] ^= 4
    path.write_bytes(content)
    assert cache.load(KEY) is None


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    cache = ClipCache(tmp_path / "file" / "clips")
    cache.store(KEY, CLIP)
    assert cache.load(KEY) is None
    assert cache.frames(KEY) is None


def test_keys_differ_with_every_part() -> None:
    keys = [key_of("a", 1.0), key_of("a", 1.1), key_of("b", 1.0), key_of("a1.0"), key_of("a", "1.0"), key_of("ä", 1.0)]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 40 for key in keys)


def test_the_folder_is_where_the_person_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path / "clips"
    monkeypatch.delenv("AUDIOGUIDE_CACHE")
    assert "audioguide" in cache_folder().parts


def _store_and_load(folder: Path, number: int) -> int:
    """How often a load in a busy folder gave something that was never stored."""
    cache, wrong = ClipCache(folder), 0
    for turn in range(60):
        key = key_of(turn % 4)
        clip = np.full(20_000, turn % 4, np.int16)
        cache.store(key, clip)
        loaded = cache.load(key)
        wrong += loaded is None or not np.array_equal(loaded, clip)
    return wrong


def test_many_processes_share_a_folder(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert pool.starmap(_store_and_load, [(tmp_path, number) for number in range(3)]) == [0, 0, 0]
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 4


def _store_on_a_full_disk(folder: Path) -> None:
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    ClipCache(folder).store(KEY, CLIP)


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="only POSIX limits the size of files")
    child = multiprocessing.get_context("spawn").Process(target=_store_on_a_full_disk, args=(tmp_path,))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
