"""`audioguide cache`: what is kept, and how it is cleared."""

import json
import os
import time
from pathlib import Path

import numpy as np
import pytest

from audioguide.speech.clip import ClipCache
from audioguide.system.cache import cache_key

CLIP = np.arange(-500, 500, dtype=np.int16)


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A cache with a clip of today, one of forty days ago, and something that is not ours."""
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path / "kept"))
    cache = ClipCache(tmp_path / "kept" / "clips")
    for key in ("new", "old"):
        cache.store(cache_key(key), CLIP)
    ago = time.time() - 40 * 86_400
    os.utime(cache.blobs.path(cache_key("old")), (ago, ago))
    (tmp_path / "kept" / "clips" / "letter.txt").write_text("mine")
    return tmp_path / "kept" / "clips"


def clips(folder):
    return sorted(folder.rglob("*.clip"))


def test_it_shows_what_is_kept(call, folder):
    code, out, _ = call("cache")
    assert code == 0
    assert "2 files, 0.0 MB of 1000.0 MB, the oldest not used for 40 days" in out
    assert str(folder) in out
    kept, pieces, voices, music, pictures, forms, sessions = json.loads(call("cache", "--json")[1])
    assert (kept["kind"], kept["files"], kept["room"]) == ("clips", 2, 1_000_000_000)
    assert kept["bytes"] == sum(path.stat().st_size for path in clips(folder))
    assert (pieces["kind"], pieces["files"], pieces["room"]) == ("pieces", 0, 2_000_000_000)
    assert (voices["kind"], voices["files"], voices["room"]) == ("voices", 0, 100_000_000)
    assert (music["kind"], music["files"], music["oldest_use"]) == ("music", 0, None)
    assert (pictures["kind"], pictures["files"]) == ("pictures", 0)
    assert (forms["kind"], forms["room"]) == ("forms", 20_000_000)
    assert (sessions["kind"], sessions["files"]) == ("sessions", 0)


def test_what_a_server_left_behind_is_shown_and_cleared(call, folder):
    made = folder.parent / "sessions"
    made.mkdir()
    for name in (f"{'a' * 32}.mp3", f"{'a' * 32}.jpg", ".half.part", "mine.mp3"):
        (made / name).write_bytes(b"sound")
    *_, sessions = json.loads(call("cache", "--json")[1])
    assert (sessions["files"], sessions["bytes"], sessions["folder"]) == (2, 10, str(made))
    assert call("cache", "clear", "--yes")[0] == 0
    assert sorted(path.name for path in made.iterdir()) == [".half.part", "mine.mp3"]


def test_it_is_cleared_when_that_is_meant(call, folder):
    code, out, err = call("cache", "clear")
    assert (code, out) == (2, "")
    assert "Remove 2 files" in err
    assert len(clips(folder)) == 2
    assert call("cache", "clear", "--older", "30d", "--yes")[0] == 0
    assert [path.stem for path in clips(folder)] == [cache_key("new")]
    code, out, _ = call("cache", "clear", "--yes")
    assert (code, out) == (0, "Removed 0.0 MB.\n")
    assert call("cache", "clear", "--yes")[1] == "There is nothing to remove.\n"
    assert (folder / "letter.txt").read_text() == "mine"


def test_what_may_not_be_removed_is_told(call, folder, monkeypatch):
    def refuse(_path, missing_ok=False):
        raise PermissionError

    monkeypatch.setattr(Path, "unlink", refuse)  # the one who runs the tests may be allowed everything
    code, out, err = call("cache", "clear", "--yes")
    assert (code, out) == (1, "Removed 0.0 MB.\n")
    assert "2 files cannot be removed" in err
    assert len(clips(folder)) == 2


@pytest.mark.parametrize("age", ["soon", "0d", "-3d", "१०d"])
def test_an_age_that_is_none_is_refused(call, folder, age):
    code, _, err = call("cache", "clear", "--older", age, "--yes")
    assert code == 2
    assert err.startswith("--older")
    assert len(clips(folder)) == 2
