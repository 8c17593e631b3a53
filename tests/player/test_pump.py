from __future__ import annotations

import threading

import numpy as np
import pytest
from player_fakes import Level, Written, fill, listen, noise

from audioguide.player.feed import Feed
from audioguide.player.pump import AHEAD, BLOCK, GATHER, PATIENCE, RESERVE, SWELL, Pump
from audioguide.units import frames


@pytest.fixture
def feed() -> Feed:
    return Feed()


def test_a_session_arrives_whole(feed: Feed) -> None:
    sound = noise(frames(5) + 123)
    heard = listen(Pump(Written(sound), feed), feed, len(sound) + 500)
    assert np.array_equal(heard[: len(sound)], sound)
    assert feed.finished
    assert feed.underruns == 0


def test_runs_ahead_and_no_further(feed: Feed) -> None:
    fill(Pump(Written(noise(frames(10))), feed))
    assert AHEAD <= feed.ahead < AHEAD + BLOCK


def test_begins_when_a_second_is_there(feed: Feed) -> None:
    source = Written(noise(frames(5)), available=GATHER - 1, known=False)
    pump = Pump(source, feed, Level())
    assert not pump.step()
    source.available += 1
    assert pump.step()


@pytest.mark.parametrize("taken", [0, 500, 5_000])
def test_silence_that_was_heard_already_counts_as_the_lead_in(feed: Feed, taken: int) -> None:
    sound = noise(100_000)
    sound[:2_000] = 0
    source = Written(sound, available=0, lead_in=2_000)
    pump = Pump(source, feed)
    assert not pump.step()
    feed.take(taken)
    source.available = len(sound)
    while pump.step():
        pass
    skipped = min(taken, 2_000)
    assert feed.position == skipped
    assert np.array_equal(feed.take(50_000), sound[skipped : skipped + 50_000])
    assert feed.position == skipped + 50_000


def test_begins_with_less_where_there_is_no_more(feed: Feed) -> None:
    pump = Pump(Written(noise(1_000)), feed)
    fill(pump)
    assert feed.ahead == 1_000
    assert feed.ended


def test_an_empty_session_just_ends(feed: Feed) -> None:
    fill(Pump(Written(noise(0)), feed))
    assert feed.finished


def test_a_wait_holds_the_background_and_loses_nothing(feed: Feed) -> None:
    sound, background = noise(frames(12)), Level(0.25)
    cut = frames(5) + 77
    source = Written(sound, available=cut, known=False)
    pump = Pump(source, feed, background)

    before = listen(pump, feed, cut + frames(4))
    assert np.array_equal(before[:cut], sound[:cut])
    wait = before[cut:, 0]
    assert not wait[:PATIENCE].any()
    swelling = wait[PATIENCE : PATIENCE + SWELL]
    assert np.all(np.diff(swelling) >= 0)
    assert np.diff(swelling).max() < 1e-5  # 1.5 s to -12 dB: no step anywhere
    assert np.all(wait[PATIENCE + SWELL :] == 0.25)
    assert feed.waiting

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


def test_a_wait_without_a_background_is_silent(feed: Feed) -> None:
    sound = noise(frames(4))
    source = Written(sound, available=frames(2), known=False)
    pump = Pump(source, feed)
    heard = listen(pump, feed, frames(5))
    assert not heard[frames(2) :].any()
    assert feed.underruns == 0
    source.available = len(sound)
    rest = listen(pump, feed, frames(5))
    loud = np.flatnonzero(rest.any(axis=1))
    assert np.array_equal(rest[loud], sound[frames(2) :])


def test_a_wait_too_short_to_be_noticed_is_none(feed: Feed) -> None:
    sound = noise(frames(6))
    source = Written(sound, available=frames(3), known=False)
    background = Level()
    pump = Pump(source, feed, background)
    before = listen(pump, feed, frames(3) - RESERVE)
    source.available = source.frames = len(sound)
    after = listen(pump, feed, frames(3) + RESERVE)
    assert np.array_equal(np.concatenate([before, after]), sound)
    assert not background.asked


def test_a_second_wait_is_like_the_first(feed: Feed) -> None:
    sound = noise(frames(6))
    source = Written(sound, available=frames(2), known=False)
    pump = Pump(source, feed, Level(0.9))
    parts = []
    for available in (frames(4), frames(6)):
        parts.append(listen(pump, feed, frames(6)))
        source.available = available
    parts.append(listen(pump, feed, frames(6)))
    heard = np.concatenate(parts)
    session = heard[(heard[:, 0] != heard[:, 1])]
    assert np.array_equal(session, sound[sound[:, 0] != sound[:, 1]])
    assert feed.underruns == 0


def test_a_failed_source_ends_it(feed: Feed) -> None:
    source = Written(noise(frames(5)))
    source.failed = RuntimeError("no voice")
    pump = Pump(source, feed)
    pump.run()
    assert pump.failed is source.failed


def test_what_the_source_raises_is_kept(feed: Feed) -> None:
    class Broken(Written):
        def block(self, start: int, count: int) -> np.ndarray:
            raise OSError("no more")

    pump = Pump(Broken(noise(frames(5))), feed)
    pump.run()
    assert isinstance(pump.failed, OSError)


def test_stops_when_it_is_told(feed: Feed) -> None:
    pump = Pump(Written(noise(frames(9))), feed)
    thread = threading.Thread(target=pump.run)
    thread.start()
    pump.stop()
    thread.join(5)
    assert not thread.is_alive()
