"""Own music goes through the session in one piece, unless the routine says otherwise."""

import numpy as np
import pytest

import audioguide
from audioguide.export.segment_cache import SegmentInputs
from audioguide.sound.background import find_background
from audioguide.sound.ducking import FADE
from audioguide.sound.mixer import Mixer
from audioguide.units import RATE, to_frames

POSES = [{"pose": {"name": name, "instructions": "Lie down.", "hold": hold}} for name, hold in (("A", 50), ("B", 65))]


@pytest.fixture
def music(tmp_path, monkeypatch):
    """A file whose every moment is another: noise of nine seconds, so that it loops within a session."""
    import wave

    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path / "cache"))
    sound = np.random.default_rng(3).normal(0, 3000, (9 * RATE, 2)).astype("<i2")
    with wave.open(str(tmp_path / "mine.wav"), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        file.writeframes(sound.tobytes())
    return str(tmp_path / "mine.wav")


def mix(timeline):
    mixer = Mixer(lambda utterance: np.zeros(lengths[utterance], np.float32))
    lengths = {cue.utterance: cue.frames for cue in timeline.cues if cue.utterance}
    for section in timeline.sections:
        mixer.add(section)
    return mixer


def in_holds(timeline):
    """Where holds sound steadily and nobody speaks near."""
    speech = [cue for cue in timeline.cues if cue.kind == "speech"]
    for hold in (cue for cue in timeline.cues if cue.kind == "hold"):
        first, last = hold.start + 2 * FADE, hold.start + 6 * RATE
        assert not any(cue.start < last + RATE and cue.end + RATE > first for cue in speech)
        yield hold, first, last


def load(music, **how):
    title, defaults = "Music", {"background": how} if how else {}
    source = {"title": title, "defaults": defaults, "steps": POSES}
    return audioguide.load(source, background=music, cues={"countdown": "off"})


def test_it_goes_on_from_hold_to_hold_and_is_the_same_in_any_pieces(music):
    timeline = load(music).compile()
    stem = mix(timeline).stems(0, timeline.frames).background
    source = find_background(music).make_source()
    for _, first, last in in_holds(timeline):
        expected = source.block(first, last - first)
        assert np.abs(stem[first:last] - expected).max() < 1e-6
    between = next(iter(in_holds(timeline)))[0].end + to_frames(3)
    assert np.abs(stem[between : between + RATE]).max() > 0.001  # it sounds between the holds, too
    pieces = [
        mix(timeline).stems(at, min(77_777, timeline.frames - at)).background
        for at in range(0, timeline.frames, 77_777)
    ]
    assert np.array_equal(np.concatenate(pieces), stem)


def test_where_chapters_meet_it_goes_on_without_a_seam(music):
    timeline = load(music).compile()
    mixer, source = mix(timeline), find_background(music).make_source()
    for section in timeline.sections[1:]:
        at = section.chapter.start
        heard, whole = mixer.stems(at - RATE // 10, RATE // 5).background, source.block(at - RATE // 10, RATE // 5)
        factor = float((heard * whole).sum() / (whole * whole).sum())
        assert 0.05 < factor < 1
        assert np.abs(heard - factor * whole).max() < 0.02 * np.abs(heard).max()


def test_the_routine_may_have_it_in_holds_only(music):
    timeline = load(music, name="warm-drone", during="holds").compile()
    stem = mix(timeline).stems(0, timeline.frames).background
    source = find_background(music).make_source()
    for hold, first, last in in_holds(timeline):
        assert np.abs(stem[first:last] - source.block(first - hold.start, last - first)).max() < 1e-6
        assert not stem[hold.end + to_frames(0.1) : hold.end + RATE].any()


def test_a_chapter_that_is_moved_against_its_music_is_encoded_again(music):
    one, other = load(music).compile(), load(music).compile()
    assert one is not other
    longer = audioguide.load({"title": "Music", "steps": POSES}, background=music, holds={"A": "55s"}).compile()
    inputs = SegmentInputs(lambda utterance: utterance.text)

    def last(timeline):
        chapter = timeline.sections[-1].chapter
        return inputs.describe(timeline.sections, chapter.start, chapter.start + RATE)

    assert last(one) == last(other)
    assert last(one) != last(longer)
