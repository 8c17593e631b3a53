from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from player_fakes import noise

from audioguide.player.feed import FADE, PRIME, Feed
from audioguide.sound.block import silence

LONG = 4 * PRIME


def fed(sound: np.ndarray, *, piece: int = 4_096) -> Feed:
    feed = Feed()
    for start in range(0, len(sound), piece):
        feed.put(sound[start : start + piece])
    return feed


@given(st.lists(st.integers(1, 9_000), min_size=1, max_size=10), st.integers(500, 9_000))
def test_gives_every_frame_once_in_order(counts: list[int], piece: int) -> None:
    sound = noise(LONG)
    feed = fed(sound, piece=piece)
    heard = np.concatenate([feed.take(count) for count in counts])
    played = min(sum(counts), LONG)
    assert np.array_equal(heard[:played], sound[:played])
    assert not heard[played:].any()
    assert feed.position == played
    assert feed.ahead == LONG - played


def test_waits_in_silence_until_enough_is_there() -> None:
    feed = fed(noise(PRIME - 1))
    assert not feed.take(1_000).any()
    feed.put(noise(1))
    assert feed.take(1_000).any()
    assert feed.underruns == 0


def test_a_short_session_is_not_waited_for() -> None:
    feed = fed(noise(100))
    feed.end()
    assert feed.take(100).any()
    assert feed.finished


def test_counts_an_underrun_once_and_goes_on_where_it_was() -> None:
    sound = noise(LONG)
    feed = fed(sound[:PRIME])
    before = feed.take(PRIME + 500)
    assert feed.underruns == 1
    assert not before[PRIME:].any()
    feed.take(500)
    assert feed.underruns == 1
    feed.put(sound[PRIME:])
    assert np.array_equal(feed.take(1_000), sound[PRIME : PRIME + 1_000])
    feed.take(LONG)
    assert feed.underruns == 2


def test_the_end_is_no_underrun() -> None:
    feed = fed(noise(PRIME))
    feed.end()
    feed.take(PRIME + 500)
    assert (feed.underruns, feed.finished, feed.silence) == (0, True, 500)
    feed.take(300)
    assert feed.silence == 800


def test_a_pause_fades_and_loses_nothing() -> None:
    sound = noise(LONG)
    feed = fed(sound)
    first = feed.take(1_000)
    feed.paused = True
    fading, paused = feed.take(2_000), feed.take(2_000)
    feed.paused = False
    rest = feed.take(LONG - 1_000 - FADE)

    assert np.array_equal(first, sound[:1_000])
    assert not fading[FADE:].any()
    assert not paused.any()
    assert np.all(np.abs(fading[: FADE - 1]) <= np.abs(sound[1_000 : 1_000 + FADE - 1]))
    assert np.all(np.abs(fading[: FADE - 1]) > 0)
    resumed = 1_000 + FADE
    assert np.array_equal(rest[FADE:], sound[resumed + FADE :])
    assert np.all(np.abs(rest[:FADE]) <= np.abs(sound[resumed : resumed + FADE]))
    assert feed.position == LONG
    assert feed.underruns == 0


def test_a_pause_shorter_than_its_fade_turns_back() -> None:
    sound = np.full((LONG, 2), 0.5, np.float32)
    feed = fed(sound)
    feed.paused = True
    down = feed.take(FADE // 2)
    feed.paused = False
    up = feed.take(FADE)
    heard = np.concatenate([down, up])[:, 0]
    assert np.abs(np.diff(heard)).max() < 0.001
    assert heard.min() > 0.2
    assert feed.position == len(heard)


def test_stops_in_the_length_of_a_fade() -> None:
    feed = fed(noise(LONG))
    feed.take(1_000)
    feed.stop()
    heard = feed.take(3_000)
    assert heard[: FADE - 1].any()
    assert not heard[FADE:].any()
    assert feed.silence == 3_000 - FADE
    assert not feed.take(1_000).any()


@pytest.mark.parametrize("session", [True, False])
def test_only_the_session_moves_the_position(session: bool) -> None:
    feed = Feed()
    assert feed.waiting
    feed.put(silence(PRIME), session=session)
    feed.take(100)
    assert feed.position == (100 if session else 0)
    assert feed.beyond == (0 if session else 100)
    assert feed.waiting is not session


def test_knows_how_long_ago_the_session_sounded() -> None:
    feed = fed(noise(LONG))
    feed.put(silence(300), session=False)
    feed.take(LONG + 200)
    assert feed.beyond == 200
    feed.take(500)
    assert feed.beyond == 700
    assert feed.silence == 400
