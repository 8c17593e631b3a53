from __future__ import annotations

import random
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from player_fakes import Written, noise

from audioguide.player.buffer import (
    FADE,
    PRIME,
    BlockQueue,
    Fade,
    PlaybackBuffer,
    QueuedBlock,
    StemGains,
    raised_cosine_gains,
)
from audioguide.player.renderer import BLOCK, KEPT, RenderAhead
from audioguide.sound.block import Block, silence, zeros_view
from audioguide.sound.chimes import render_answer
from audioguide.sound.mixer import Stems
from audioguide.units import to_frames

LONG = 4 * PRIME
RISING = raised_cosine_gains(FADE)[:, np.newaxis]


def piece_of(voice: Block, position: int, *, session: bool = True) -> QueuedBlock:
    return QueuedBlock(Stems(voice, zeros_view(len(voice)), zeros_view(len(voice))), position, session)


def line_of(sound: Block, *, piece: int = 4_096, start: int = 0) -> BlockQueue:
    """A line with the session's sound from a frame on."""
    line = BlockQueue(start)
    for first in range(0, len(sound), piece):
        line.put(piece_of(sound[first : first + piece], start + first))
    return line


def fed(sound: Block, *, piece: int = 4_096) -> PlaybackBuffer:
    feed = PlaybackBuffer()
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
    assert feed.position == feed.playhead.frames_played == played
    assert feed.ahead == LONG - played


def test_waits_in_silence_until_enough_is_there() -> None:
    feed, line = PlaybackBuffer(), line_of(noise(PRIME - 1))
    feed.post(line)
    assert not feed.take(1_000).any()
    assert feed.ahead == 0
    line.put(piece_of(noise(1), PRIME - 1))
    assert feed.ahead == PRIME
    assert feed.take(1_000).any()
    assert feed.underruns == 0


def test_a_short_session_is_not_waited_for() -> None:
    feed, line = PlaybackBuffer(), line_of(noise(100))
    line.ended = True
    feed.post(line)
    assert feed.take(100).any()
    assert feed.finished


def test_counts_an_underrun_once_and_goes_on_where_it_was() -> None:
    sound = noise(LONG)
    feed, line = PlaybackBuffer(), line_of(sound[:PRIME])
    feed.post(line)
    before = feed.take(PRIME + 500)
    assert feed.underruns == 1
    assert not before[PRIME:].any()
    feed.take(500)
    assert feed.underruns == 1
    line.put(piece_of(sound[PRIME:], PRIME))
    assert np.array_equal(feed.take(1_000), sound[PRIME : PRIME + 1_000])
    feed.take(LONG)
    assert feed.underruns == 2


def test_the_end_is_no_underrun() -> None:
    feed, line = PlaybackBuffer(), line_of(noise(PRIME))
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
    feed.stopped = True
    heard = feed.take(3_000)
    assert heard[: FADE - 1].any()
    assert not heard[FADE:].any()
    assert feed.silence == 3_000 - FADE
    assert not feed.take(1_000).any()


@pytest.mark.parametrize("session", [True, False])
def test_only_the_session_moves_the_position(session: bool) -> None:
    feed, line = PlaybackBuffer(), BlockQueue(0)
    assert feed.playhead.waiting
    line.put(piece_of(silence(PRIME), 0, session=session))
    feed.post(line)
    feed.take(100)
    assert feed.position == feed.playhead.frames_played == (100 if session else 0)
    assert feed.playhead.beyond == (0 if session else 100)
    assert feed.playhead.waiting is not session


def test_knows_how_long_ago_the_session_sounded() -> None:
    line = line_of(noise(LONG))
    line.put(piece_of(silence(300), LONG, session=False))
    feed = PlaybackBuffer()
    feed.post(line)
    feed.take(LONG + 200)
    assert feed.playhead.beyond == 200
    feed.take(500)
    assert feed.playhead.beyond == 700
    assert feed.silence == 400


def test_what_the_device_has_not_begun_can_be_taken_back() -> None:
    sound, other = noise(LONG), noise(LONG, seed=8)
    line = line_of(sound, piece=1_000)
    line.ended = True
    feed = PlaybackBuffer()
    feed.post(line)
    before = feed.take(1_500)
    back = line.take_back(keep=2)
    assert back is not None
    assert (back.position, line.ready, line.ended) == (4_000, 2_500, False)
    line.put(piece_of(other[4_000:6_000], 4_000))
    assert line.take_back(keep=9) is None
    heard = np.concatenate([before, feed.take(4_500)])
    assert np.array_equal(heard, np.concatenate([sound[:4_000], other[4_000:6_000]]))
    assert (feed.position, feed.playhead.frames_played, feed.underruns) == (6_000, 6_000, 0)


@given(st.lists(st.integers(1, 1_500), min_size=1, max_size=6))
def test_volumes_are_heard_with_the_next_pull(counts: list[int]) -> None:
    """Each goes over into the next in 20 ms; what is asked for meanwhile comes after that."""
    voice, background = noise(LONG), noise(LONG, seed=9)
    line = BlockQueue(0)
    line.put(QueuedBlock(Stems(voice, background, zeros_view(LONG)), 0, session=True))
    feed = PlaybackBuffer()
    feed.post(line)
    full = voice + background
    assert np.array_equal(feed.take(1_000), full[:1_000])
    feed.gains = StemGains(0.5, 2.0)
    after = np.concatenate([feed.take(count) for count in counts])
    changed = (voice * np.float32(0.5) + background * np.float32(2.0))[1_000 : 1_000 + len(after)]
    crossing, count = full[1_000 : 1_000 + len(after)], min(FADE, len(after))
    assert np.array_equal(after[:count], crossing[:count] + RISING[:count] * (changed[:count] - crossing[:count]))
    assert np.array_equal(after[count:], changed[count:])


def test_another_line_is_heard_from_its_start() -> None:
    one, other = noise(LONG), noise(LONG, seed=8)
    feed = fed(one)
    feed.take(2_000)
    feed.post(line_of(other, start=50_000))
    assert feed.position == 50_000
    heard = feed.take(3_000)
    assert np.array_equal(heard[:FADE], other[:FADE] + (1 - RISING) * one[2_000 : 2_000 + FADE])
    assert np.array_equal(heard[FADE:], other[FADE:3_000])
    assert (feed.position, feed.playhead.landed, feed.playhead.frames_played) == (53_000, 50_000, 5_000)


def test_in_a_pause_a_jump_makes_no_sound() -> None:
    one, other = noise(LONG), noise(LONG, seed=8)
    feed = fed(one)
    feed.take(2_000)
    feed.paused = True
    feed.take(2_000)
    feed.post(line_of(other, start=50_000))
    assert not feed.take(2_000).any()
    assert feed.position == 50_000
    feed.paused = False
    assert np.array_equal(feed.take(2_000)[FADE:], other[FADE:2_000])


@pytest.mark.parametrize("most", [700, KEPT * BLOCK])
def test_nothing_is_lost_while_all_is_put_anew_all_the_time(most: int) -> None:
    """A device that takes as fast as it can, while the pump begins anew every few blocks."""
    sound = noise(to_frames(8))
    source, feed, heard = Written(sound), PlaybackBuffer(), list[Block]()
    pump = RenderAhead(source, feed)

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
        if chance.random() < 0.1 and feed.position < len(sound) - to_frames(1):
            source.version = Written(sound)
        pump.step()
    device.join()
    played = np.concatenate(heard)  # with silence where it was put anew just before it was asked for
    assert np.array_equal(played[played.any(axis=1)], sound)
    assert feed.playhead.frames_played == feed.position == len(sound)


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


def test_an_answer_is_in_the_next_block_also_in_a_pause_and_takes_nothing_from_the_session() -> None:
    sound, tick = 0.1 * noise(LONG), np.full((1_500, 2), 0.2, np.float32)
    feed = fed(sound)
    heard = [feed.take(1_000)]
    feed.answer(tick)
    heard += [feed.take(1_000), feed.take(1_000)]
    feed.paused = True
    feed.take(FADE)
    feed.answer(tick)
    still = np.concatenate([feed.take(1_000), feed.take(1_000)])
    assert np.allclose(still[:1_500, 0], 0.2)
    assert not still[1_500:].any()
    assert feed.silence == 500
    assert feed.position == 3_000 + FADE
    answered = np.concatenate(heard) - sound[:3_000]
    assert np.allclose(answered[1_000:2_500, 0], 0.1, atol=1e-6)  # somebody speaks
    assert not answered[2_500:].any()
    feed.stopped = True
    feed.answer(tick)
    assert not feed.take(1_000).any()


@given(st.lists(st.tuples(st.integers(300, 9_000), st.integers(0, 3)), min_size=1, max_size=8))
def test_answers_never_clip_nor_click_nor_add_up(presses: list[tuple[int, int]]) -> None:
    """However fast they come, and whatever else sounds."""
    answer = render_answer("double")
    for level, background in ((0.0, zeros_view(4_096)), (0.9, silence(4_096))):
        line, feed, heard = BlockQueue(0), PlaybackBuffer(), []
        for start in range(0, 40 * 4_096, 4_096):
            line.put(QueuedBlock(Stems(np.full((4_096, 2), level, np.float32), background, background), start, True))
        feed.post(line)
        feed.take(FADE)
        for count, many in presses:
            for _ in range(many):
                feed.answer(answer)
            heard.append(feed.take(count))
        sound = np.concatenate(heard)
        assert np.abs(sound).max() <= 1
        assert np.abs(sound - np.float32(level)).max() <= np.abs(answer).max() + 1e-6
        assert np.abs(np.diff(sound, axis=0)).max() < 0.06
