"""A session encoded in segments: the same bytes however many were there already, and however many at a time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from encoding import encoding
from fakes import FakeSpeaker

from audioguide.errors import EnvironmentFailure
from audioguide.export import encoder, segment_cache
from audioguide.export.formats import FORMATS, format_of
from audioguide.export.segment_cache import SegmentEncoder
from audioguide.model.options import Options
from audioguide.model.routine import Length
from audioguide.routine.customise import customise
from audioguide.routine.load import load
from audioguide.session.stream import SessionStream
from audioguide.sound.block import fill_silence
from audioguide.system.mp3_frames import frame_ends
from audioguide.timeline.compiler import Compiler
from audioguide.timeline.phrases import find_phrases

MP3 = FORMATS[".mp3"]

TEXT = """
title: t
defaults: {background: warm-drone}
steps:
  - say: Walk around for a minute, until your breath has settled.
  - {pose: {name: One, hold: 10s, sides: [left, right], limits: 5s..300s}}
  - {pose: {name: Two, hold: 75s, limits: 5s..300s, instructions: Lie down.}}
  - {pose: {name: Last, hold: 12s, limits: 5s..300s}, rounds: 2, rest: 2s}
"""


class MemoryCache(dict):
    """What is cached, in memory; `hits` are the keys that were there when they were asked for."""

    def __init__(self, *cached):
        super().__init__(*cached)
        self.hits = []

    def get(self, key):
        if key in self:
            self.hits.append(key)
        return super().get(key)

    def put(self, key, content):
        self[key] = content

    @property
    def segments(self):
        return {key: content for key, content in self.items() if len(content) > 1000}


@pytest.fixture(scope="module")
def routine(tmp_path_factory):
    path = tmp_path_factory.mktemp("routine") / "r.yaml"
    path.write_text(TEXT)
    return load(path)


@pytest.fixture(scope="module")
def full_cache(routine):
    """All segments of the routine."""
    cached = MemoryCache()
    encode(routine, cached)
    return cached


@pytest.fixture
def cached(full_cache):
    return MemoryCache(full_cache)


@pytest.fixture(scope="module")
def cold(routine):
    return encode(routine, MemoryCache())


@contextmanager
def open_encoder(routine, cached, workers=2, speaker=None, form=MP3, channels=2, **holds):
    options = Options(holds=tuple((name, Length(length)) for name, length in holds.items()))
    speaker = speaker or FakeSpeaker()
    compiler = Compiler(customise(routine, options).routine, speaker.measure, find_phrases("en"))
    with ThreadPoolExecutor(1) as aside, SessionStream(speaker, (), compiler) as live:
        yield SegmentEncoder(live, form, channels, cached, workers, aside), live


def encode(routine, cached, **settings):
    with open_encoder(routine, cached, **settings) as (made, _):
        return b"".join(frames for frames, _ in made)


def test_pieces_come_in_order_and_are_the_whole_session(routine):
    cached = MemoryCache()
    with open_encoder(routine, cached) as (made, live):
        found = list(made)
        frames = live.frames
    assert [last for _, last in found] == sorted(last for _, last in found)
    assert found[-1][1] == frames
    assert len(list(frame_ends(b"".join(made for made, _ in found)))) == -(-(frames + 1105) // 1152)
    assert len(cached.segments) == len(found) >= 7


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 3])
def test_the_bytes_do_not_depend_on_how_many_are_made_at_a_time(routine, cold, workers):
    assert encode(routine, MemoryCache(), workers=workers) == cold


SLOW_HOLDS = [pytest.param(holds, marks=pytest.mark.slow) for holds in ({"One": 17.0}, {"Two": 40.5})]


@pytest.mark.parametrize("holds", [{"Last": 40.0}, {"One": 5.0, "Two": 100.0}, *SLOW_HOLDS])
def test_after_a_change_the_bytes_are_those_of_a_cold_rendering(routine, cached, cold, holds):
    there = len(cached.segments)
    changed = encode(routine, cached, **holds)
    assert changed == encode(routine, MemoryCache(), **holds)
    assert len(cached.segments) > there  # something was made anew,
    assert len(cached.hits) > 3  # and something was not
    assert encode(routine, cached) == cold


def test_when_all_is_there_no_clip_is_touched(routine, cached, cold):
    clips = []

    class Counting(FakeSpeaker):
        def clip_for(self, utterance):
            clips.append(utterance)
            return super().clip_for(utterance)

    assert encode(routine, cached, speaker=Counting()) == cold
    assert clips == []


@pytest.mark.slow
@pytest.mark.parametrize(("form", "channels"), [(format_of(Path("a.mp3"), 96), 2), (MP3, 1)], ids=["96k", "mono"])
def test_another_encoding_is_another_segment(routine, cached, form, channels):
    other = encode(routine, cached, form=form, channels=channels)
    assert [key for key in cached.hits if key in cached.segments] == []
    assert other == encode(routine, MemoryCache(), form=form, channels=channels)


def test_another_build_of_the_encoder_is_another_segment(routine, cached, tmp_path, monkeypatch):
    """One that does the same is another one all the same: builds differ."""
    other = tmp_path / "lame"
    other.write_bytes(encoder.encoder_program().read_bytes() + b"\0")
    monkeypatch.setattr(segment_cache, "encoder_program", lambda: other)
    encode(routine, cached)
    assert [key for key in cached.hits if key in cached.segments] == []


@pytest.mark.slow
def test_it_sounds_as_in_a_single_pass(routine, tmp_path):
    """Frame for frame most bytes are the same; `test_segments` measures the others."""
    cached = MemoryCache()
    with open_encoder(routine, cached) as (made, live):
        segments = b"".join(frames for frames, _ in made)
        with encoding(tmp_path / "a.mp3") as encoder:
            start = 0
            for stems in live.stems():
                encoder.write(fill_silence(stems.mix, start))
                start += len(stems.voice)
    ours, single = (
        [content[first:last] for first, last in pairwise([0, *frame_ends(content)])]
        for content in (segments, encoder.content)
    )
    assert len(ours) == len(single)
    alike = sum(one[4:] == other[4:] for one, other in zip(ours, single, strict=True))
    assert alike > 0.8 * len(ours)


def test_a_voice_that_fails_ends_it_after_what_was_made(routine):
    class Failing(FakeSpeaker):
        def measure(self, utterance):
            if "Last" in utterance.text:
                raise EnvironmentFailure("The voice has gone.")
            return super().measure(utterance)

    before = threading.active_count()
    with (
        open_encoder(routine, MemoryCache(), speaker=Failing()) as (made, _),
        pytest.raises(EnvironmentFailure, match="gone"),
    ):
        list(made)
    assert threading.active_count() == before


def test_a_clip_that_cannot_be_had_ends_it(routine):
    class Failing(FakeSpeaker):
        def clip_for(self, utterance):
            raise EnvironmentFailure("The clip has gone.")

    with (
        open_encoder(routine, MemoryCache(), speaker=Failing()) as (made, _),
        pytest.raises(EnvironmentFailure, match="gone"),
    ):
        list(made)


def test_leaving_early_ends_everything(routine):
    """As on Ctrl-C: the session is not made to its end for that."""
    waiting = threading.Event()

    class Slow(FakeSpeaker):
        def measure(self, utterance):
            if "Last" in utterance.text and not waiting.wait(30):
                pytest.fail("nobody stopped it")
            return super().measure(utterance)

        def close(self):
            waiting.set()

    before = threading.active_count()
    with open_encoder(routine, MemoryCache(), speaker=Slow()) as (made, _):
        next(iter(made))
    assert threading.active_count() == before
