from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from audioguide.player.feed import Fade


def faded(fade: Fade, count: int, *, rising: bool) -> np.ndarray:
    block = np.ones((count, 2), np.float32)
    fade.apply(block, rising=rising)
    return block[:, 0]


def test_full_level_leaves_the_samples_alone() -> None:
    block = np.random.default_rng(1).standard_normal((50, 2)).astype(np.float32)
    before = block.copy()
    Fade(100, level=100).apply(block, rising=True)
    assert np.array_equal(block, before)


def test_falls_to_exact_silence_and_stays_there() -> None:
    fade = Fade(100, level=100)
    gains = faded(fade, 150, rising=False)
    assert np.all(np.diff(gains[:100]) < 0)
    assert not gains[99:].any()
    assert not faded(fade, 10, rising=False).any()


def test_rises_to_full_level() -> None:
    fade = Fade(100, level=0)
    gains = faded(fade, 150, rising=True)
    assert 0 < gains[0] < 0.001
    assert np.all(gains[99:] == 1)


@given(st.lists(st.tuples(st.integers(0, 70), st.booleans()), max_size=12))
def test_never_jumps_however_it_turns(pieces: list[tuple[int, bool]]) -> None:
    fade = Fade(100, level=0)
    gains = np.concatenate([[0.0], *(faded(fade, count, rising=rising) for count, rising in pieces)])
    assert np.abs(np.diff(gains)).max(initial=0) <= np.pi / 200 + 1e-6  # the steepest step of a cosine over 100 frames
    assert 0 <= fade.level <= 100
