from __future__ import annotations

import random
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from player_fakes import Written, noise

from audioguide.player.feed import FADE, PRIME, Feed, Line, Piece, rising
from audioguide.player.pump import Pump
from audioguide.sound.block import Block, silence
from audioguide.units import frames

LONG = 4 * PRIME
RISING = rising(FADE)[:, np.newaxis]


def line_of(sound: Block, *, piece: int = 4_096, track: int = 0, start: int = 0) -> Line:
    """A line with the session's sound from a frame on."""
    line = Line(track, start)
    for first in range(0, len(sound), piece):
        line.put(Piece(sound[first : first + piece], start + first, session=True))
    return line


def fed(sound: Block, *, piece: int = 4_096) -> Feed:
    feed = Feed()
    feed.post(line_of(sound, piece=piece))
    return feed


@given(st.lists(st.integers(1, 9_000), min_size=1, max_size=10), st.integers(500, 9_000))
def test_gives_every_frame_once_in_order(counts: list[int], piece: int) -> None:
    sound = noise(LONG)
    feed = fed(sound, piece=piece)
    heard = np.concatenate([feed.take(count) for count in counts])
    played = min(sum(counts), LONG)
    assert np.array_equal(heard[:played], sound[:played])
    assert not heard[played:].any()
    assert feed.position == feed.mark.heard == played
    assert feed.ahead == LONG - played


def test_waits_in_silence_until_enough_is_there() -> None:
    feed, line = Feed(), line_of(noise(PRIME - 1))
    feed.post(line)
    assert not feed.take(1_000).any()
    assert feed.ahead == 0
    line.put(Piece(noise(1), PRIME - 1, session=True))
    assert feed.ahead == PRIME
    assert feed.take(1_000).any()
    assert feed.underruns == 0


def test_a_short_session_is_not_waited_for() -> None:
    feed, line = Feed(), line_of(noise(100))
    line.ended = True
    feed.post(line)
    assert feed.take(100).any()
    assert feed.finished


def test_counts_an_underrun_once_and_goes_on_where_it_was() -> None:
    sound = noise(LONG)
    feed, line = Feed(), line_of(sound[:PRIME])
    feed.post(line)
    before = feed.take(PRIME + 500)
    assert feed.underruns == 1
    assert not before[PRIME:].any()
    feed.take(500)
    assert feed.underruns == 1
    line.put(Piece(sound[PRIME:], PRIME, session=True))
    assert np.array_equal(feed.take(1_000), sound[PRIME : PRIME + 1_000])
    feed.take(LONG)
    assert feed.underruns == 2


def test_the_end_is_no_underrun() -> None:
    feed, line = Feed(), line_of(noise(PRIME))
    line.ended = True
    feed.post(line)
    feed.take(PRIME + 500)
    assert (feed.underruns, feed.finished, feed.silence) == (0, True, 500)
    feed.take(300)
    assert feed.silence == 800


@pytest.mark.parametrize("reason", ["paused", "suspended"])
def test_a_pause_fades_and_loses_nothing(reason: str) -> None:
    sound = noise(LONG)
    feed = fed(sound)
    first = feed.take(1_000)
    setattr(feed, reason, True)
    fading, paused = feed.take(2_000), feed.take(2_000)
    setattr(feed, reason, False)
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
    feed, line = Feed(), Line(0, 0)
    assert feed.mark.waiting
    line.put(Piece(silence(PRIME), 0, session))
    feed.post(line)
    feed.take(100)
    assert feed.position == feed.mark.heard == (100 if session else 0)
    assert feed.mark.beyond == (0 if session else 100)
    assert feed.mark.waiting is not session


def test_knows_how_long_ago_the_session_sounded() -> None:
    line = line_of(noise(LONG))
    line.put(Piece(silence(300), LONG, session=False))
    feed = Feed()
    feed.post(line)
    feed.take(LONG + 200)
    assert feed.mark.beyond == 200
    feed.take(500)
    assert feed.mark.beyond == 700
    assert feed.silence == 400


@given(st.integers(0, 3_000), st.integers(0, 3_000), st.integers(1, 2_000))
def test_another_version_goes_on_at_the_frame_that_is_due(taken: int, begun: int, count: int) -> None:
    one, other = noise(LONG), noise(LONG, seed=8)
    start = min(taken, begun)
    feed = fed(one)
    before = feed.take(taken)
    feed.post(line_of(other[start:], start=start))
    after = np.concatenate([feed.take(count) for _ in range(FADE // count + 2)])
    due = slice(taken, taken + FADE)
    crossed = one[due] + RISING * (other[due] - one[due])
    assert np.array_equal(before, one[:taken])
    if taken:
        assert np.array_equal(after[:FADE], crossed)
    assert np.array_equal(after[FADE:], other[taken + FADE : taken + len(after)])
    assert feed.position == feed.mark.heard == taken + len(after)


def test_the_same_sound_put_anew_is_not_heard() -> None:
    sound = noise(LONG)
    feed = fed(sound)
    heard = [feed.take(500)]
    for start in (0, 300, 900):
        feed.post(line_of(sound[start:], start=start))
        heard.append(feed.take(1_000))
    assert np.array_equal(np.concatenate(heard), sound[:3_500])


def test_another_version_is_taken_up_when_there_is_enough_of_it() -> None:
    one, other = noise(LONG), noise(LONG, seed=8)
    feed = fed(one)
    feed.take(2_000)
    line = line_of(other[:2_500])
    feed.post(line)
    assert np.array_equal(feed.take(1_000), one[2_000:3_000])  # 500 frames are not enough
    assert feed.ahead == 0
    line.put(Piece(other[2_500:8_000], 2_500, session=True))
    assert feed.ahead == 5_000
    assert np.array_equal(feed.take(1_000)[FADE:], other[3_000 + FADE : 4_000])
    assert (feed.position, feed.underruns) == (4_000, 0)


def test_another_track_is_heard_from_its_start() -> None:
    one, other = noise(LONG), noise(LONG, seed=8)
    feed = fed(one)
    feed.take(2_000)
    feed.post(line_of(other, track=1, start=50_000))
    assert feed.position == 50_000
    heard = feed.take(3_000)
    assert np.array_equal(heard[:FADE], other[:FADE] + (1 - RISING) * one[2_000 : 2_000 + FADE])
    assert np.array_equal(heard[FADE:], other[FADE:3_000])
    assert (feed.position, feed.mark.landed, feed.mark.heard) == (53_000, 50_000, 5_000)


def test_in_a_pause_a_jump_makes_no_sound() -> None:
    one, other = noise(LONG), noise(LONG, seed=8)
    feed = fed(one)
    feed.take(2_000)
    feed.paused = True
    feed.take(2_000)
    feed.post(line_of(other, track=1, start=50_000))
    assert not feed.take(2_000).any()
    assert feed.position == 50_000
    feed.paused = False
    assert np.array_equal(feed.take(2_000)[FADE:], other[FADE:2_000])


@pytest.mark.parametrize("ended", [False, True])
def test_a_line_that_is_used_up_is_left_where_it_ends(ended: bool) -> None:
    """The new one goes on from there in full; it comes in gently only after the silence of an end."""
    sound = noise(LONG)
    line = line_of(sound[: PRIME + 300])
    line.ended = ended
    feed = Feed()
    feed.post(line)
    feed.take(PRIME)
    feed.post(line_of(sound))
    heard = feed.take(2_000)
    due = sound[PRIME : PRIME + 2_000].copy()
    if ended:
        due[300:FADE] *= RISING[300:]
    assert np.array_equal(heard, due)


def test_a_line_that_is_used_up_while_it_crosses_over_is_replaced() -> None:
    """Small pulls, and a change right after another: nothing fills the line that was to take over any more."""
    sound, feed = noise(LONG), Feed()
    feed.post(line_of(sound))
    heard = [feed.take(PRIME)]
    short = line_of(sound[: PRIME + 500])
    short.ended = False
    feed.post(short)
    heard.append(feed.take(300))
    feed.post(line_of(sound))
    assert feed.ahead
    heard += [feed.take(200), feed.take(300), feed.take(300)]
    assert np.array_equal(np.concatenate(heard), sound[: PRIME + 1_100])


def test_a_wait_that_is_over_is_dropped_and_the_session_is_not() -> None:
    sound = noise(LONG)
    line = line_of(sound[:PRIME])
    line.put(Piece(silence(5_000), PRIME, session=False))
    feed = Feed()
    feed.post(line)
    feed.take(PRIME + 3_000)
    feed.post(line_of(sound))
    assert np.array_equal(feed.take(2_000)[FADE:], sound[PRIME + FADE : PRIME + 2_000])
    assert feed.position == PRIME + 2_000


@pytest.mark.parametrize("most", [700, 9_000])
def test_nothing_is_lost_while_all_is_put_anew_all_the_time(most: int) -> None:
    """A device that takes as fast as it can, while the pump begins anew every few blocks."""
    sound = noise(frames(8))
    source, feed, heard = Written(sound), Feed(), list[Block]()
    pump = Pump(source, feed)

    def drain() -> None:
        counts = random.Random(5)
        while not feed.finished:
            if count := min(counts.randint(1, most), feed.ahead):
                heard.append(feed.take(count))

    device = threading.Thread(target=drain)
    device.start()
    chance = random.Random(6)
    while device.is_alive():
        # Not in the last block: what is put anew all the time has nothing ready, and so never ends.
        if chance.random() < 0.1 and feed.position < len(sound) - frames(1):
            source.take = Written(sound)
        pump.step()
    device.join()
    first = int(np.flatnonzero(np.concatenate(heard).any(axis=1))[0])  # it may be put anew just when it would begin
    assert np.array_equal(np.concatenate(heard)[first:], sound)
    assert feed.mark.heard == feed.position == len(sound)
