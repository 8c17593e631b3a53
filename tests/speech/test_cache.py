"""The clip cache: what goes in comes out (`test_blobs` has the rest)."""

from pathlib import Path

import numpy as np
import pytest

from audioguide.speech.clip import ClipCache, cache_folder
from audioguide.system.cache import cache_key

KEY = cache_key("a", 1.0)
CLIP = np.arange(-500, 500, dtype=np.int16)


def test_a_clip_comes_back_bit_for_bit(tmp_path: Path) -> None:
    cache = ClipCache(tmp_path / "clips")
    assert cache.load(KEY) is None
    assert cache.frames(KEY) is None
    cache.store(KEY, CLIP)
    loaded = cache.load(KEY)
    assert loaded is not None
    assert loaded.dtype == np.int16
    assert loaded.tobytes() == CLIP.tobytes()
    assert cache.frames(KEY) == 1000


def test_the_folder_is_where_the_person_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path / "clips"
    monkeypatch.delenv("AUDIOGUIDE_CACHE")
    assert "audioguide" in cache_folder().parts
