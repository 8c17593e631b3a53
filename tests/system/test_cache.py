"""Caches: what was put there comes out whole, or not at all, from this machine or from a store that others share."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from audioguide.errors import RequestError
from audioguide.system.cache import BlobCache, cache_key, entries, evict, size_limit
from audioguide.system.remote_cache import RemoteCache

KEY, OTHER = cache_key("a", 1.0), cache_key("b", 1.0)
CONTENT = bytes(range(256)) * 8
SIZE = len(CONTENT) + 56
DAY = 86_400.0


def blobs(
    folder: Path, shared: Path | None = None, mark: bytes = b"test\x00\x00\x00\x01", room: int = 10**6
) -> BlobCache:
    return BlobCache(folder / "kind", ".blob", mark, room, RemoteCache(f"file://{shared}") if shared else None)


def found(here: BlobCache, key: str = KEY) -> tuple[bytes | None, bytes | None, int | None]:
    """What all three ways to look for a blob find."""
    mapped = here.map(key)
    return here.get(key), None if mapped is None else bytes(mapped), here.length(key)


def test_what_is_put_comes_out(tmp_path: Path) -> None:
    here = blobs(tmp_path)
    assert found(here) == (None, None, None)
    for content in (CONTENT, b""):
        here.put(KEY, content)
        assert found(here) == (content, content, len(content))
    assert not list(tmp_path.rglob("*.part"))
    assert [file.path for file in entries(here.folder)] == [here.path(KEY)]


def test_what_is_written_piece_by_piece_or_by_a_child_comes_out(tmp_path: Path) -> None:
    here = blobs(tmp_path)
    here.fill(KEY, lambda file: [file.write(CONTENT[:7]), file.write(CONTENT[7:])])
    assert found(here) == (CONTENT, CONTENT, len(CONTENT))
    child = [sys.executable, "-c", "import os; os.write(1, bytes(range(256)) * 8)"]
    here.fill(OTHER, lambda file: subprocess.run(child, stdout=file, check=True))
    assert found(here, OTHER) == (CONTENT, CONTENT, len(CONTENT))
    with pytest.raises(ZeroDivisionError):
        here.fill(KEY, lambda file: file.write(b"x" * (1 // 0)))
    assert here.get(KEY) == CONTENT
    assert not list(tmp_path.rglob("*.part"))


def damaged(whole: bytes) -> dict[str, bytes]:
    flipped = [(f"flipped {at}", at) for at in (0, 8, 11, 15, 20, 40, 60, len(whole) - 1)]
    return {
        "empty": b"",
        "a part of the head": whole[:20],
        "the head alone": whole[:56],
        "cut": whole[:-1],
        "longer": whole + b"x",
        "foreign": b"something else, and longer than a head is, which takes a few more words than one would think",
        **{name: whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for name, at in flipped},
    }


def test_what_is_damaged_is_none(tmp_path: Path) -> None:
    here = blobs(tmp_path)
    here.put(KEY, CONTENT)
    path = here.path(KEY)
    for what, content in damaged(path.read_bytes()).items():
        path.write_bytes(content)
        assert found(here)[:2] == (None, None), what
        assert here.length(KEY) in (None, len(CONTENT)), what  # it reads the head alone
        here.put(KEY, CONTENT)
        assert here.get(KEY) == CONTENT, what


def test_what_lies_under_anothers_name_is_none(tmp_path: Path) -> None:
    here = blobs(tmp_path)
    here.put(KEY, CONTENT)
    here.put(OTHER, CONTENT * 2)
    here.path(OTHER).replace(here.path(KEY))
    assert found(here) == (None, None, None)


def test_another_kind_is_none(tmp_path: Path) -> None:
    blobs(tmp_path).put(KEY, CONTENT)
    assert found(blobs(tmp_path, mark=b"test\x00\x00\x00\x02")) == (None, None, None)


def test_machines_share(tmp_path: Path) -> None:
    one, two = blobs(tmp_path / "one", tmp_path / "shared"), blobs(tmp_path / "two", tmp_path / "shared")
    one.put(KEY, CONTENT)
    assert two.length(KEY) == len(CONTENT)
    assert two.path(KEY).read_bytes() == one.path(KEY).read_bytes()
    two.path(KEY).unlink()
    assert two.get(KEY) == CONTENT
    assert two.path(KEY).exists()
    two.path(KEY).write_bytes(b"damaged here")
    assert two.get(KEY) == CONTENT
    assert two.path(KEY).read_bytes() == one.path(KEY).read_bytes()
    assert not list(tmp_path.rglob("*.part"))


def test_what_is_damaged_in_the_store_is_none(tmp_path: Path) -> None:
    one, two = blobs(tmp_path / "one", tmp_path / "shared"), blobs(tmp_path / "two", tmp_path / "shared")
    one.put(KEY, CONTENT)
    (path,) = (tmp_path / "shared").rglob("*.blob")
    for what, content in damaged(path.read_bytes()).items():
        path.write_bytes(content)
        assert found(two) == (None, None, None), what
        assert not two.path(KEY).exists(), what
    one.put(KEY, CONTENT)  # what was made again replaces it
    assert two.get(KEY) == CONTENT


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    blobs(tmp_path / "file").put(KEY, CONTENT)
    assert found(blobs(tmp_path / "file")) == (None, None, None)
    here = blobs(tmp_path / "file", tmp_path / "shared")
    here.put(KEY, CONTENT)
    assert (here.get(KEY), here.length(KEY)) == (CONTENT, len(CONTENT))  # the shared store has it
    with pytest.raises(OSError, match="Not a directory"):
        here.fill(KEY, lambda file: file.write(CONTENT))


def _fill_the_disk(folder: Path) -> None:
    import resource
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    blobs(folder).put(KEY, CONTENT)


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    pytest.importorskip("resource", reason="only POSIX limits the size of files")
    child = multiprocessing.get_context("spawn").Process(target=_fill_the_disk, args=(tmp_path,))
    child.start()
    child.join()
    assert child.exitcode == 0
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def _busy(folder: Path, number: int) -> int:
    """How often something else came out than was put in. Nothing is spared that is not being used now."""
    here, wrong = blobs(folder / str(number % 2), folder / "shared", room=300_000), 0
    for turn in range(60):
        key, content = cache_key(turn % 8), bytes([turn % 8]) * 50_000
        here.put(key, content)
        wrong += here.get(key) != content
    return wrong + bool(here.shared and here.shared.error)


@pytest.mark.slow
def test_many_processes_may_share_it_and_be_killed(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        killed = multiprocessing.get_context("spawn").Process(target=_busy, args=(tmp_path, 0))
        killed.start()
        result = pool.starmap_async(_busy, [(tmp_path, number) for number in range(3)])
        while not any(tmp_path.rglob("*.blob")):
            time.sleep(0.01)
        killed.kill()
        assert result.get(60) == [0, 0, 0]
        killed.join()
    for number in range(8):
        assert blobs(tmp_path / "0").get(cache_key(number)) in (None, bytes([number]) * 50_000)


def filled(here: BlobCache, count: int) -> list[str]:
    """So many blobs of `SIZE` bytes, each last used a day before the next one, the newest a day ago."""
    keys = [cache_key("blob", n) for n in range(count)]
    for age, key in zip(range(count, 0, -1), keys, strict=True):
        here.put(key, CONTENT)
        os.utime(here.path(key), (0, time.time() - age * DAY))
    return keys


def test_the_least_recently_used_go_when_it_is_full(tmp_path: Path) -> None:
    keys = filled(blobs(tmp_path), 20)
    small = blobs(tmp_path, room=10 * SIZE)
    assert small.get(keys[0]) is not None, "used now, although it is the oldest"
    small.put(KEY, CONTENT)
    there = [key for key in keys if small.length(key)]
    assert there == [keys[0], *keys[-8:]]
    assert small.get(KEY)


def test_what_is_from_the_future_goes_first_and_a_use_dates_it_back(tmp_path: Path) -> None:
    """The clock was wrong for a while: the bound holds all the same."""
    here = blobs(tmp_path)
    keys, ahead = filled(here, 4), time.time() + 365 * DAY
    for key in keys[2:]:
        os.utime(here.path(key), (ahead, ahead))
    assert here.get(keys[3])
    assert here.path(keys[3]).stat().st_mtime < time.time() + 60
    evict(here.folder, 3 * SIZE)
    assert [key in {file.path.stem for file in entries(here.folder)} for key in keys] == [True, True, False, True]


def test_what_a_session_may_be_using_stays_even_beyond_the_bound(tmp_path: Path) -> None:
    here = blobs(tmp_path, room=1)
    for number in range(30):
        here.put(cache_key(number), CONTENT)
    assert all(here.length(cache_key(number)) for number in range(30))


def test_a_use_is_noted_by_the_hour(tmp_path: Path) -> None:
    here = blobs(tmp_path)
    here.put(KEY, CONTENT)
    for look in (here.length, here.get, here.map):
        for ago, noted in ((10 * 60, False), (2 * 3600, True)):
            before = time.time() - ago
            os.utime(here.path(KEY), (before, before))
            look(KEY)
            assert (here.path(KEY).stat().st_mtime > before + 1) == noted


def test_what_is_not_ours_is_never_removed(tmp_path: Path) -> None:
    """Somebody may point AUDIOGUIDE_CACHE at a folder full of other things."""
    here = blobs(tmp_path, room=1)
    others = [here.folder / name for name in ("thesis.blob", "photo.jpg", "a/b/notes.part", ".hidden.txt", "ab/x.blob")]
    for path in others:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("precious")
        os.utime(path, (0, 0))
    (here.folder / "link.blob").symlink_to(others[0])
    filled(here, 5)
    evict(here.folder, 0)
    assert list(entries(here.folder)) == []
    assert all(path.read_text() == "precious" for path in others)
    assert (here.folder / "link.blob").is_symlink()


def test_what_killed_processes_left_behind_is_swept(tmp_path: Path) -> None:
    here = blobs(tmp_path)
    here.put(KEY, CONTENT)
    left = here.path(KEY).with_name(".audioguide-0123456789abcdef.part")
    left.write_text("half")
    here.put(KEY, CONTENT)
    assert not left.exists()
    left.write_text("half")
    assert [file.path for file in entries(here.folder)] == [here.path(KEY)]
    assert not left.exists()


def test_a_bound_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for text in ("a lot", "-3", "1.5", "١٢"):
        monkeypatch.setenv("AUDIOGUIDE_CACHE_MB", text)
        with pytest.raises(RequestError, match="AUDIOGUIDE_CACHE_MB is"):
            size_limit(1)
    monkeypatch.delenv("AUDIOGUIDE_CACHE_MB")
    assert size_limit(7) == 7
    monkeypatch.setenv("AUDIOGUIDE_CACHE_MB", "5")
    assert size_limit(1) == 5_000_000


def test_keys_differ_with_every_part() -> None:
    parts = [
        ("a", 1.0),
        ("a", 1.1),
        ("b", 1.0),
        ("a1.0",),
        ("a", "1.0"),
        ("ä", 1.0),
        ("a",),
        ("a", ""),
        ("", "a", ""),
        (),
    ]
    keys = {cache_key(*some) for some in parts}
    assert len(keys) == len(parts)
    assert all(len(key) == 40 for key in keys)
