"""A finished clip: where its sound starts and ends, how loud it is, how its ends fade."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.speech.clip import ClipCache, RecentClips, cache_folder, join_clips, make_clip, to_float
from audioguide.system.cache import cache_key
from audioguide.units import RATE

ABOVE = 10 ** (-66 / 20)
BEFORE, AFTER = 441, 2646
"""Frames: 10 and 60 ms."""

FULL_SCALE = 16_384
"""A stored sample of this value is 1.0."""


def tone(seconds: float, level: float, rate: int = 24_000, lead: float = 0.3, tail: float = 0.4) -> np.ndarray:
    """A tone between two stretches of silence, as engines return them."""
    body = level * np.sin(2 * np.pi * 220 * np.arange(round(seconds * rate)) / rate)
    return np.pad(body, (round(lead * rate), round(tail * rate))).astype(np.float32)


def loud(clip: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.abs(clip) > ABOVE)


@given(
    seconds=st.floats(0.01, 1.0),
    level=st.floats(0.02, 0.9),
    lead=st.floats(0, 0.5),
    tail=st.floats(0, 0.5),
    gain_db=st.floats(-12, 12),
    noise=st.floats(0, 0.0003),
)
def test_sound_starts_and_ends_exactly_one_margin_from_the_ends(
    seconds: float, level: float, lead: float, tail: float, gain_db: float, noise: float
) -> None:
    raw = tone(seconds, level, lead=lead, tail=tail)
    raw += np.float32(noise) * np.random.default_rng(1).standard_normal(len(raw)).astype(np.float32)
    clip = to_float(make_clip(raw, 24_000, gain_db))
    assert clip.dtype == np.float32
    assert loud(clip)[0] == BEFORE
    assert loud(clip)[-1] == len(clip) - 1 - AFTER


def test_silence_is_trimmed_and_length_kept() -> None:
    clip = make_clip(tone(2.0, 0.3), 24_000, 0.0)
    assert len(clip) / RATE == pytest.approx(2.07, abs=0.006)


@pytest.mark.parametrize("gain_db", [-6.0, 0.0, 6.0])
def test_gain_is_in_decibels(gain_db: float) -> None:
    clip = to_float(make_clip(tone(1.0, 0.25), 24_000, gain_db))
    middle = clip[len(clip) // 4 : -len(clip) // 4]
    assert 20 * np.log10(np.sqrt(np.mean(middle**2)) * np.sqrt(2) / 0.25) == pytest.approx(gain_db, abs=0.02)


def test_the_threshold_is_looked_for_after_the_gain() -> None:
    """A soft ending at −72 dBFS is kept when the gain lifts it above −66."""
    raw = np.concatenate([tone(0.5, 0.2, tail=0), tone(0.5, 10 ** (-72 / 20), lead=0)])
    soft, lifted = make_clip(raw, 24_000, 0.0), make_clip(raw, 24_000, 9.0)
    assert len(lifted) - len(soft) == pytest.approx(0.5 * RATE, abs=0.01 * RATE)


def test_the_ends_fade_from_and_to_nothing() -> None:
    """What lies under the threshold outside the sound follows a raised cosine: over 5 ms, and over 40 ms."""
    under = np.float32(0.00045)
    clip = to_float(make_clip(tone(0.5, 0.2, rate=RATE) + under, RATE, 0.0))
    assert clip[0] == clip[-1] == 0
    for end, fade, margin in ((clip, 220, BEFORE), (clip[::-1], 1764, AFTER)):
        shape = np.ones(margin)
        shape[:fade] = 0.5 - 0.5 * np.cos(np.pi * np.arange(fade) / fade)
        np.testing.assert_allclose(end[: margin - 60], (under * shape)[:-60], atol=1.6 / FULL_SCALE)


def test_a_sound_that_begins_and_ends_at_once_gets_ramps() -> None:
    """Engines may begin in the middle of a consonant: no step is louder than the tone's own."""
    clip = to_float(make_clip(tone(0.5, 0.5, rate=RATE, lead=0, tail=0)[60:-60], RATE, 0.0))
    assert np.abs(np.diff(clip)).max() < 1.05 * 0.5 * 2 * np.pi * 220 / RATE
    assert np.abs(clip[: BEFORE + 44]).max() < 0.1


def test_peaks_above_full_scale_survive() -> None:
    clip = to_float(make_clip(tone(0.5, 0.9), 24_000, 6.0))
    assert np.abs(clip).max() == pytest.approx(0.9 * 10 ** (6 / 20), rel=0.01)


def test_what_is_louder_than_a_clip_can_hold_is_held_not_wrapped() -> None:
    clip = to_float(make_clip(tone(0.5, 0.9), 24_000, 20.0))
    steps = np.abs(np.diff(clip))
    assert np.abs(clip).max() == 32_768 / FULL_SCALE
    assert steps.max() < 1.0


@pytest.mark.parametrize("raw", [np.zeros(0), np.zeros(24_000), np.full(24_000, 0.0004)])
def test_silence_is_no_clip(raw: np.ndarray) -> None:
    with pytest.raises(ValueError, match="−66 dBFS"):
        make_clip(raw.astype(np.float32), 24_000, 0.0)


def test_a_clip_cannot_be_changed_by_who_hears_it() -> None:
    with pytest.raises(ValueError, match="read-only"):
        to_float(make_clip(tone(0.1, 0.2), 24_000, 0.0))[0] = 1


@pytest.mark.parametrize("pause", [BEFORE + AFTER, 20_000])
def test_clips_are_joined_with_the_pause_between_their_sounds(pause: int) -> None:
    one, two = (make_clip(tone(seconds, 0.3), 24_000, 0.0) for seconds in (0.3, 0.5))
    joined = join_clips([one, two, one], pause)
    assert len(joined) == 2 * len(one) + len(two) + 2 * (pause - BEFORE - AFTER)
    sound = loud(to_float(joined))
    assert sorted(np.diff(sound))[-2:] == [pause + 1, pause + 1]
    np.testing.assert_array_equal(joined[: len(one)], one)
    np.testing.assert_array_equal(joined[-len(one) :], one)


def test_one_clip_is_left_as_it_is() -> None:
    clip = make_clip(tone(0.3, 0.3), 24_000, 0.0)
    np.testing.assert_array_equal(join_clips([clip], 30_000), clip)


def test_recent_clips_are_those_used_last_and_one_that_is_too_long_is_kept_alone() -> None:
    recent, clips = RecentClips(limit=30), {name: np.zeros(10, np.float32) for name in "abcd"}
    for name in "abc":
        recent.put(name, clips[name])
    assert recent.get("a") is clips["a"]
    recent.put("d", clips["d"])
    assert [name for name in "abcd" if recent.get(name) is not None] == ["a", "c", "d"]
    recent.put("long", np.zeros(99, np.float32))
    assert [name for name in (*"abcd", "long") if recent.get(name) is not None] == ["long"]


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
