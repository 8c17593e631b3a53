from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from player_fakes import Level, Written, fill, listen, noise

from audioguide.player.buffer import FADE, PlaybackBuffer, StemGains, raised_cosine_gains
from audioguide.player.renderer import AHEAD, BLOCK, GATHER, KEPT, PATIENCE, RESERVE, SWELL, RenderAhead
from audioguide.units import to_frames

RISING = raised_cosine_gains(FADE)[:, np.newaxis]


@pytest.fixture
def feed() -> PlaybackBuffer:
    return PlaybackBuffer()


def test_a_session_arrives_whole(feed: PlaybackBuffer) -> None:
    sound = noise(to_frames(5) + 123)
    heard = listen(RenderAhead(Written(sound), feed), feed, len(sound) + 500)
    assert np.array_equal(heard[: len(sound)], sound)
    assert feed.finished
    assert feed.underruns == 0


def test_runs_ahead_and_no_further(feed: PlaybackBuffer) -> None:
    fill(RenderAhead(Written(noise(to_frames(10))), feed))
    assert AHEAD <= feed.ahead < AHEAD + BLOCK


def test_begins_when_a_second_is_there(feed: PlaybackBuffer) -> None:
    source = Written(noise(to_frames(5)), available=GATHER - 1, known=False)
    pump = RenderAhead(source, feed, Level())
    assert not pump.step()
    source.available += 1
    assert pump.step()


@pytest.mark.parametrize("taken", [0, 500, 5_000, 40_000])
@pytest.mark.parametrize("wake", [0, 700, 30_000])
def test_the_lead_in_is_what_the_device_needs_of_it(feed: PlaybackBuffer, taken: int, wake: int) -> None:
    """Silence that it was given already counts; one that needs more than the lead-in gets more before it."""
    sound = noise(100_000)
    sound[:2_000] = 0
    source = Written(sound, available=0, lead_in=2_000)
    pump = RenderAhead(source, feed)
    pump.preroll_frames = wake
    assert not pump.step()
    feed.take(taken)
    source.available = len(sound)
    fill(pump)
    needed = max(0, wake - taken)
    kept = min(needed, 2_000)
    assert feed.position == 2_000 - kept
    heard = feed.take(60_000)
    assert not heard[:needed].any()
    assert np.array_equal(heard[needed:], sound[2_000 : 62_000 - needed])
    assert feed.playhead.frames_played == 60_000 - (needed - kept)


def test_begins_at_a_frame_when_that_is_there(feed: PlaybackBuffer) -> None:
    sound = noise(to_frames(6))
    source = Written(sound, available=to_frames(1), known=False)
    pump = RenderAhead(source, feed, Level(), start=to_frames(2))
    pump.preroll_frames = 3_000
    fill(pump)
    assert feed.position == to_frames(2)
    assert not feed.take(1_000).any()
    source.available = len(sound)
    fill(pump)
    heard = feed.take(10_000)
    assert not heard[:2_000].any()
    assert np.array_equal(heard[2_000 : 2_000 + FADE], RISING * sound[to_frames(2) - FADE : to_frames(2)])
    assert np.array_equal(heard[2_000 + FADE :], sound[to_frames(2) : to_frames(2) + 8_000 - FADE])
    assert (feed.playhead.landed, feed.playhead.frames_played) == (to_frames(2), 8_000 - FADE)


def test_begins_with_less_where_there_is_no_more(feed: PlaybackBuffer) -> None:
    pump = RenderAhead(Written(noise(1_000)), feed)
    fill(pump)
    assert feed.ahead == 1_000
    assert feed.ended


def test_an_empty_session_just_ends(feed: PlaybackBuffer) -> None:
    fill(RenderAhead(Written(noise(0)), feed))
    feed.take(100)
    assert feed.finished


def test_a_wait_holds_the_background_and_loses_nothing(feed: PlaybackBuffer) -> None:
    sound, background = noise(to_frames(12)), Level(0.25)
    cut = to_frames(5) + 77
    source = Written(sound, available=cut, known=False)
    pump = RenderAhead(source, feed, background)

    before = listen(pump, feed, cut + to_frames(4))
    assert np.array_equal(before[:cut], sound[:cut])
    wait = before[cut:, 0]
    assert not wait[:PATIENCE].any()
    swelling = wait[PATIENCE : PATIENCE + SWELL]
    assert np.all(np.diff(swelling) >= 0)
    assert np.diff(swelling).max() < 1e-5  # 1.5 s to -12 dB: no step anywhere
    assert np.all(wait[PATIENCE + SWELL :] == 0.25)
    assert feed.playhead.waiting

    source.available, source.frames = len(sound), len(sound)
    after = listen(pump, feed, len(sound) - cut + RESERVE + BLOCK + SWELL)
    resumed = int(np.flatnonzero(after[:, 1] > 0.2501)[0]) if after.max() > 0.2501 else 0
    quiet = int(np.flatnonzero(after[:, 0] == 0)[0])
    assert np.all(np.diff(after[:quiet, 0]) <= 0)
    assert quiet <= RESERVE + BLOCK + SWELL
    assert resumed >= quiet
    start = quiet + 1
    assert np.array_equal(after[start : start + len(sound) - cut], sound[cut:])
    assert feed.position == len(sound)
    assert feed.underruns == 0

    starts = [start for start, _ in background.asked]
    ends = [start + count for start, count in background.asked]
    assert starts == [0, *ends[:-1]]  # the background itself is one unbroken sound


def test_a_wait_without_a_background_is_silent(feed: PlaybackBuffer) -> None:
    sound = noise(to_frames(4))
    source = Written(sound, available=to_frames(2), known=False)
    pump = RenderAhead(source, feed)
    heard = listen(pump, feed, to_frames(5))
    assert not heard[to_frames(2) :].any()
    assert feed.underruns == 0
    source.available = len(sound)
    rest = listen(pump, feed, to_frames(5))
    loud = np.flatnonzero(rest.any(axis=1))
    assert np.array_equal(rest[loud], sound[to_frames(2) :])


def test_a_wait_too_short_to_be_noticed_is_none(feed: PlaybackBuffer) -> None:
    sound = noise(to_frames(6))
    source = Written(sound, available=to_frames(3), known=False)
    background = Level()
    pump = RenderAhead(source, feed, background)
    before = listen(pump, feed, to_frames(3) - RESERVE)
    source.available = source.frames = len(sound)
    after = listen(pump, feed, to_frames(3) + RESERVE)
    assert np.array_equal(np.concatenate([before, after]), sound)
    assert not background.asked


def test_a_second_wait_is_like_the_first(feed: PlaybackBuffer) -> None:
    sound = noise(to_frames(6))
    source = Written(sound, available=to_frames(2), known=False)
    pump = RenderAhead(source, feed, Level(0.9))
    parts = []
    for available in (to_frames(4), to_frames(6)):
        parts.append(listen(pump, feed, to_frames(6)))
        source.available = available
    parts.append(listen(pump, feed, to_frames(6)))
    heard = np.concatenate(parts)
    session = heard[(heard[:, 0] != heard[:, 1])]
    assert np.array_equal(session, sound[sound[:, 0] != sound[:, 1]])
    assert feed.underruns == 0


def test_a_volume_is_heard_with_the_next_pull(feed: PlaybackBuffer) -> None:
    voice, background = noise(to_frames(4)), noise(to_frames(4), seed=9)
    pump = RenderAhead(Written(voice, background=background), feed)
    before = listen(pump, feed, 20_000)
    feed.gains = StemGains(0.5, 2.0)
    after = listen(pump, feed, 20_000)
    full = voice + background
    changed = voice * np.float32(0.5) + background * np.float32(2.0)
    due = slice(20_000, 20_000 + FADE)
    assert np.array_equal(before, full[:20_000])
    assert np.array_equal(after[:FADE], full[due] + RISING * (changed[due] - full[due]))
    assert np.array_equal(after[FADE:], changed[20_000 + FADE : 40_000])
    feed.gains = StemGains()
    assert np.array_equal(listen(pump, feed, 20_000)[FADE:], full[40_000 + FADE : 60_000])
    assert feed.position == 60_000


def test_muted_it_goes_on_in_silence(feed: PlaybackBuffer) -> None:
    pump = RenderAhead(Written(noise(to_frames(4))), feed)
    listen(pump, feed, 10_000)
    feed.gains = StemGains(0.0, 0.0)
    assert not listen(pump, feed, 10_000)[FADE:].any()
    assert feed.position == 20_000


def test_a_volume_that_is_changed_in_a_wait_loses_nothing(feed: PlaybackBuffer) -> None:
    sound = noise(to_frames(6))
    source = Written(sound, available=to_frames(2), known=False)
    pump = RenderAhead(source, feed, Level(0.5))
    listen(pump, feed, to_frames(5))
    feed.gains = StemGains(1.0, 0.5)
    assert np.all(listen(pump, feed, to_frames(1))[FADE:] == 0.25)
    source.available = source.frames = len(sound)
    feed.gains = StemGains()
    rest = listen(pump, feed, to_frames(8))
    start = int(np.flatnonzero(rest[:, 0] != rest[:, 1])[0])
    assert np.array_equal(rest[start : start + to_frames(4)], sound[to_frames(2) :])
    assert feed.position == len(sound)


def test_another_take_is_heard_without_a_seam(feed: PlaybackBuffer) -> None:
    """What both have is bit for bit what it was, and the other one goes on from there."""
    one, same = noise(to_frames(5)), 30_000
    other = np.concatenate([one[:same], noise(to_frames(6), seed=8)])
    source = Written(one)
    pump = RenderAhead(source, feed)
    before = listen(pump, feed, 20_000)
    source.version = Written(other)
    after = listen(pump, feed, len(other) - 20_000)
    assert np.array_equal(np.concatenate([before, after]), other)
    assert feed.finished


def test_another_take_may_come_when_all_has_been_put(feed: PlaybackBuffer) -> None:
    one = noise(to_frames(2))
    other = np.concatenate([one, noise(to_frames(2), seed=8)])
    source = Written(one)
    pump = RenderAhead(source, feed)
    before = listen(pump, feed, to_frames(2) - 2_000)
    assert feed.ended
    source.version = Written(other)
    assert np.array_equal(np.concatenate([before, listen(pump, feed, to_frames(2) + 2_000)]), other)


@pytest.mark.parametrize("target", [0, 300, to_frames(1), to_frames(4.9)])
def test_a_jump_lands_at_the_exact_frame(feed: PlaybackBuffer, target: int) -> None:
    sound = noise(to_frames(5))
    pump = RenderAhead(Written(sound), feed)
    listen(pump, feed, 10_000)
    pump.jump(target)
    assert feed.position == target
    heard = listen(pump, feed, 5_000)
    count = min(5_000 - FADE, len(sound) - target)
    assert np.array_equal(heard[FADE : FADE + count], sound[target : target + count])
    assert feed.position == target + count


def test_a_jump_to_what_is_not_there_waits_for_it(feed: PlaybackBuffer) -> None:
    sound = noise(to_frames(6))
    source = Written(sound, available=to_frames(2), known=False)
    pump = RenderAhead(source, feed, Level(0.5))
    listen(pump, feed, 10_000)
    pump.jump(to_frames(2))
    waiting = listen(pump, feed, to_frames(3))
    assert not waiting[FADE:PATIENCE].any()
    assert np.all(waiting[PATIENCE + SWELL :] == 0.5)
    assert feed.position == to_frames(2)
    source.available = len(sound)
    rest = listen(pump, feed, to_frames(5))
    start = int(np.flatnonzero(rest[:, 0] != rest[:, 1])[FADE])
    assert np.array_equal(rest[start : start + to_frames(2)], sound[to_frames(2) : to_frames(4)])


def test_a_volume_right_after_a_jump_is_heard_there(feed: PlaybackBuffer) -> None:
    sound = noise(to_frames(5))
    pump = RenderAhead(Written(sound), feed)
    listen(pump, feed, 10_000)
    pump.jump(50_000)
    pump.step()
    feed.gains = StemGains(0.5)
    assert np.array_equal(listen(pump, feed, 5_000)[FADE:], sound[50_000 : 55_000 - FADE] * np.float32(0.5))


@given(
    st.lists(st.one_of(st.integers(1, 5_000), st.just("anew"), st.tuples(st.integers(0, to_frames(3)))), max_size=12)
)
def test_whatever_happens_every_frame_is_the_one_that_is_due(happenings: list[int | tuple[int] | str]) -> None:
    """A device takes, all is put anew, or it jumps: what is heard is the session from where it was, or jumped to."""
    sound, feed = noise(to_frames(4)), PlaybackBuffer()
    source = Written(sound)
    pump = RenderAhead(source, feed)
    due = heard = 0

    def take(most: int) -> None:
        nonlocal due, heard
        fill(pump)
        count = min(most, len(sound) - due)
        assert np.array_equal(feed.take(most)[:count], sound[due : due + count])
        due, heard = due + count, heard + count

    for happening in (*happenings, 5_000):
        if isinstance(happening, int):
            take(happening)
        elif happening == "anew":
            source.version = Written(sound)
        else:
            take(FADE)  # what it is crossing over to it takes up before it jumps
            (due,) = happening
            pump.jump(due)
            fill(pump)
            feed.take(FADE)
    assert (feed.position, feed.playhead.frames_played, feed.underruns) == (due, heard, 0)


@pytest.mark.parametrize("same", [True, False])
def test_another_take_is_heard_soon_and_goes_over_in_20_ms(feed: PlaybackBuffer, same: bool) -> None:
    """However different it is. What the device needs at once is left to it."""
    one = noise(to_frames(4))
    other = one if same else noise(to_frames(4), seed=8)
    source = Written(one)
    pump = RenderAhead(source, feed)
    listen(pump, feed, 10_000)
    source.version = Written(other)
    pump.step()
    heard = listen(pump, feed, 10_000)
    changed = 0 if same else int(np.flatnonzero((heard != one[10_000:20_000]).any(axis=1))[0])
    assert changed <= (KEPT + 1) * BLOCK
    due = slice(10_000 + changed, 10_000 + changed + FADE)
    assert np.array_equal(heard[changed : changed + FADE], one[due] + RISING * (other[due] - one[due]))
    assert np.array_equal(heard[changed + FADE :], other[due.stop : 20_000])
    assert (feed.position, feed.underruns) == (20_000, 0)


def test_a_failed_source_ends_it(feed: PlaybackBuffer) -> None:
    source = Written(noise(to_frames(5)))
    source.failed = RuntimeError("no voice")
    with pytest.raises(RuntimeError, match="no voice"):
        RenderAhead(source, feed).step()
