"""The clip cache: what goes in comes out, and nothing that goes wrong with it is more than slow."""

import multiprocessing
import os
import time
from pathlib import Path

import numpy as np
import pytest

from audioguide.blobs import key_of, room
from audioguide.errors import RequestError
from audioguide.speech.cache import ClipCache, cache_folder

KEY = key_of("a", 1.0)
CLIP = np.arange(-500, 500, dtype=np.int16)


@pytest.fixture
def cache(tmp_path: Path) -> ClipCache:
    return ClipCache(tmp_path / "clips")


def files(folder: Path) -> list[Path]:
    """Clips and parts of clips; not the mark of when the folder was looked through."""
    return [path for path in folder.rglob("*") if path.is_file() and path.name != ".looked-through"]


def only_file(cache: ClipCache) -> Path:
    (path,) = cache.blobs.folder.rglob("*.clip")
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
    assert len(files(tmp_path)) == 4


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
    assert files(tmp_path) == []


DAY = 86_400.0


def filled(cache: ClipCache, count: int) -> list[str]:
    """So many clips of 2,032 bytes, each last used a day before the next one, the newest a day ago."""
    keys = [key_of("clip", n) for n in range(count)]
    for age, key in zip(range(count, 0, -1), keys, strict=True):
        cache.store(key, CLIP)
        path = cache.blobs.path(key)
        os.utime(path, (0, time.time() - age * DAY))
    return keys


def test_the_least_recently_used_go_when_it_is_full(tmp_path: Path) -> None:
    keys = filled(ClipCache(tmp_path), 20)
    small = ClipCache(tmp_path, 10 * 2032)
    assert small.load(keys[0]) is not None, "used now, although it is the oldest"
    small.store(key_of("one more"), CLIP)
    there = [key for key in keys if small.frames(key)]
    assert there == [keys[0], *keys[-7:]]
    assert small.frames(key_of("one more")) == 1000


def test_what_a_session_may_be_using_stays_even_beyond_the_bound(tmp_path: Path) -> None:
    cache = ClipCache(tmp_path, 1)
    keys = [key_of("clip", n) for n in range(30)]
    for key in keys:
        cache.store(key, CLIP)
    assert all(cache.frames(key) for key in keys)


def test_a_use_is_noted_by_the_hour(cache: ClipCache) -> None:
    cache.store(KEY, CLIP)
    path = only_file(cache)
    for ago, noted in ((10 * 60, False), (2 * 3600, True)):
        before = time.time() - ago
        os.utime(path, (before, before))
        cache.frames(KEY)
        assert (path.stat().st_mtime > before + 1) == noted


def test_what_is_not_ours_is_never_removed(tmp_path: Path) -> None:
    """Somebody may point AUDIOGUIDE_CACHE at a folder full of other things."""
    others = [tmp_path / name for name in ("thesis.clip", "photo.jpg", "a/b/notes.part", ".hidden.txt", "ab/x.clip")]
    for path in others:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("precious")
        os.utime(path, (0, 0))
    (tmp_path / "link.clip").symlink_to(others[0])
    cache = ClipCache(tmp_path, 1)
    filled(cache, 5)
    ClipCache(tmp_path, 1).store(KEY, CLIP)
    assert all(path.read_text() == "precious" for path in others)
    assert (tmp_path / "link.clip").is_symlink()


def test_what_killed_processes_left_behind_is_swept(cache: ClipCache) -> None:
    cache.blobs.folder.mkdir()
    (cache.blobs.folder / "ab").mkdir()
    old, new = cache.blobs.folder / "ab" / ".x1y2.part", cache.blobs.folder / "ab" / ".x3y4.part"
    for path in (old, new):
        path.write_text("half")
    os.utime(old, (0, time.time() - 2 * DAY))
    cache.store(KEY, CLIP)
    assert not old.exists(), "looked through, since nobody did so today"
    assert new.exists(), "another process may be writing it"


def test_a_bound_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("a lot", "-3", "1.5", "١٢"):
        monkeypatch.setenv("AUDIOGUIDE_CACHE_MB", text)
        with pytest.raises(RequestError, match="whole number of megabytes"):
            room(1)
    monkeypatch.delenv("AUDIOGUIDE_CACHE_MB")
    assert room(7) == 7
    monkeypatch.setenv("AUDIOGUIDE_CACHE_MB", "5")
    assert room(1) == 5_000_000


def _storm(folder: Path, seed: int) -> None:
    cache = ClipCache(folder, 40 * 2032)
    for n in range(300):
        key = key_of("storm", (n * 7 + seed) % 120)
        clip = cache.load(key)
        if clip is None:
            cache.store(key, CLIP)
        elif clip.tobytes() != CLIP.tobytes():
            os._exit(3)


def test_many_processes_may_share_it_and_be_killed(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_storm, args=(tmp_path, seed)) for seed in range(6)]
    for process in processes:
        process.start()
    time.sleep(1.0)
    processes[0].kill()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes[1:]] == [0] * 5
    cache = ClipCache(tmp_path)
    for n in range(120):
        clip = cache.load(key_of("storm", n))
        assert clip is None or clip.tobytes() == CLIP.tobytes()
