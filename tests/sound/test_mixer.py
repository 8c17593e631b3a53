import gc
import subprocess
import threading
import tracemalloc
import weakref
from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from fakes import FakeVoice
from hypothesis import given
from hypothesis import strategies as st

from audioguide.errors import EnvironmentFailure
from audioguide.model.routine import BackgroundSpec
from audioguide.model.timeline import KINDS, Chapter, Cue, Section
from audioguide.sound import limiter
from audioguide.sound.background import find_background
from audioguide.sound.block import apply_gain
from audioguide.sound.chimes import render_chime
from audioguide.sound.ducking import Duck, fade_in_out
from audioguide.sound.mixer import Mixer
from audioguide.system.ffmpeg import measure_loudness
from audioguide.units import RATE, align_to_grid, db_to_amplitude, to_frames

CEILING = db_to_amplitude(-2)
GRID = 8192

VOICE = FakeVoice()
DRONE = BackgroundSpec("warm-drone")
LAME_SCALE = 0.95
"""What LAME multiplies every sample by at 128 kbit/s, and an encoder may give back."""
CHIME = to_frames(1.0)
BEGIN = to_frames(4)
"""The first frame of the hold in `pose`."""


def spoken(start, text, role="instructions"):
    cue = Cue("speech", start, 0, role=role, text=text)
    return replace(cue, frames=VOICE.measure(cue.utterance))


def pose(start=0, hold=20.0, background=DRONE, words=((8.0, "Breathe in."), (9.2, "Breathe out."))):
    """A section as the compiler lays it: instructions, a hold with words at seconds into it, chime, release."""
    begin = start + BEGIN
    end = begin + to_frames(hold)
    release = spoken(end + to_frames(0.8), "And release.", "release")
    cues = [
        spoken(start + to_frames(0.5), "Sit back on your heels."),
        spoken(begin - to_frames(0.25) - VOICE.measure(spoken(0, "Begin.").utterance), "Begin.", "begin"),
        Cue("hold", begin, to_frames(hold), asked=hold, background=background),
        *(spoken(begin + to_frames(at), text, "breath") for at, text in words if at < hold - 1),
        Cue("chime", end, CHIME, chime="release", sound="bell"),
        release,
    ]
    cues.sort(key=lambda cue: (cue.start, KINDS.index(cue.kind)))
    return Section(Chapter("Pose", start, align_to_grid(max(release.end, end + CHIME) + to_frames(0.5))), tuple(cues))


def session(*holds):
    sections = []
    for hold in holds:
        sections.append(pose(sections[-1].chapter.end if sections else 0, hold))
    return sections


def mixer(sections, clip_for=VOICE.clip_for):
    made = Mixer(clip_for)
    for section in sections:
        made.add(section)
    return made


SESSION = session(20.0, 2.0, 7.5)
WHOLE = mixer(SESSION).block(0, SESSION[-1].chapter.end)


# The same samples, however they are asked for.


@given(st.integers(0, len(WHOLE)), st.integers(0, 3 * GRID))
def test_any_start_and_size_give_the_same_bits(start, count):
    count = min(count, len(WHOLE) - start)
    block = mixer(SESSION).block(start, count)
    assert (block.shape, block.dtype, block.flags.c_contiguous) == ((count, 2), np.float32, True)
    assert block.tobytes() == WHOLE[start : start + count].tobytes()


@pytest.mark.parametrize("size", [441, 1152, GRID, 30_011])
def test_block_after_block_is_the_whole(size):
    one = mixer(SESSION)
    blocks = [one.block(start, min(size, len(WHOLE) - start)) for start in range(0, len(WHOLE), size)]
    assert np.concatenate(blocks).tobytes() == WHOLE.tobytes()


def test_backwards_as_well():
    one = mixer(SESSION)
    blocks = [one.block(start, min(GRID, len(WHOLE) - start)) for start in reversed(range(0, len(WHOLE), GRID))]
    assert np.concatenate(blocks[::-1]).tobytes() == WHOLE.tobytes()


@pytest.mark.parametrize("before", [5.0, 13.1])
def test_a_section_sounds_the_same_wherever_it_lies(before):
    sections = session(before, 20.0)
    start, end = sections[1].chapter.start, sections[1].chapter.end
    assert start % GRID != 0
    assert mixer(sections).block(start, end - start).tobytes() == WHOLE[: end - start].tobytes()


def test_the_mix_is_the_sum_of_its_stems():
    stems = mixer(SESSION, loud).stems(0, len(WHOLE))
    mix = mixer(SESSION, loud).block(0, len(WHOLE))
    assert (stems.voice + stems.background + stems.chimes).tobytes() == mix.tobytes()


def test_one_thread_adds_while_another_one_mixes():
    one, mixed, added = Mixer(VOICE.clip_for), [], threading.Semaphore(0)

    def mix():
        start = 0
        for _ in SESSION:
            added.acquire()
            while start < (stop := one.available):
                mixed.append(one.block(start, min(1000, stop - start)))
                start += len(mixed[-1])

    thread = threading.Thread(target=mix)
    thread.start()
    for section in SESSION:
        one.add(section)
        added.release()
    thread.join()
    assert np.concatenate(mixed).tobytes() == WHOLE.tobytes()


def test_a_section_that_is_changed_is_the_same_until_then():
    """Changed twice, the second time while the first change is still being faded to; and heard again from the start."""
    before, position = mixer(SESSION, loud), BEGIN + to_frames(15)
    for hold in (25.0, 12.0):
        since = position + limiter.CONTEXT
        after = before.with_changed(pose(0, hold), since)
        assert after.available == pose(0, hold).chapter.end
        assert after.block(0, position).tobytes() == before.block(0, position).tobytes()
        before, position = after, BEGIN + to_frames(11) if hold == 25 else 0
    with pytest.raises(ValueError, match="No section starts"):
        before.with_changed(pose(1152), 2000)


@pytest.mark.slow
def test_a_session_that_is_changed_often_asks_for_clips_as_directly_as_before():
    """A person holds `+` down: each change makes another mixer, which wrapped the clips in one more cache."""

    def caches():
        gc.collect()
        return sum(isinstance(one, type(cache(len))) for one in gc.get_objects())

    one = mixer(session(20.0)).with_changed(pose(0, 20.0), BEGIN + to_frames(10))
    before = caches()
    for change in range(20):
        one = one.with_changed(pose(0, 20.0 + change), BEGIN + to_frames(10))
    assert caches() < before + 20  # those of a background come and go; not one for each change


def test_a_mixer_that_is_let_go_of_is_gone_at_once():
    """An export has one for every half minute, with megabytes of blocks: they must not wait for the collector."""
    made = mixer(session(20.0)).clone()
    made.block(0, 5 * GRID)
    gone = weakref.ref(made)
    gc.disable()
    try:
        del made
        assert gone() is None
    finally:
        gc.enable()


def test_what_is_not_there_cannot_be_mixed():
    one = Mixer(VOICE.clip_for)
    assert (one.available, len(one.block(0, 0))) == (0, 0)
    one.add(SESSION[0])
    assert one.available == SESSION[0].chapter.end
    for start, count in ((0, one.available + 1), (-1, 1), (one.available, 1), (5, -1)):
        with pytest.raises(ValueError, match="not within"):
            one.block(start, count)


def test_sections_come_in_order():
    with pytest.raises(ValueError, match="cannot follow"):
        mixer([SESSION[0], SESSION[2]])


def test_a_clip_that_is_not_as_long_as_its_cue_is_refused():
    with pytest.raises(EnvironmentFailure, match="Sit back on your heels"):
        mixer(SESSION, lambda utterance: VOICE.clip_for(utterance)[1:]).block(0, RATE)


# What is heard, and where.


def test_speech_lies_on_its_frame_as_it_is_on_both_sides():
    voice = mixer(SESSION).stems(0, len(WHOLE)).voice.copy()
    for section in SESSION:
        for cue in section.cues:
            if cue.utterance:
                clip = VOICE.clip_for(cue.utterance)
                assert np.array_equal(voice[cue.start : cue.end], np.stack([clip, clip], axis=1))
                voice[cue.start : cue.end] = 0
    assert not voice.any()


def test_the_release_chime_starts_where_the_hold_ends():
    chimes = mixer(SESSION).stems(0, len(WHOLE)).chimes.copy()
    for section in SESSION:
        end = next(cue.end for cue in section.cues if cue.kind == "hold")
        assert np.array_equal(chimes[end : end + CHIME], render_chime("bell", "release", CHIME))
        chimes[end : end + CHIME] = 0
    assert not chimes.any()


def test_the_background_sounds_in_holds_only():
    stem = mixer(SESSION).stems(0, len(WHOLE)).background.copy()
    for section in SESSION:
        hold = next(cue for cue in section.cues if cue.kind == "hold")
        assert stem[hold.start : hold.end].any()
        assert not stem[hold.start].any()
        assert not stem[hold.end - 1].any()
        stem[hold.start : hold.end] = 0
    assert not stem.any()


def test_a_hold_is_its_background_under_its_swell_and_duck():
    section = pose()
    hold = next(cue for cue in section.cues if cue.kind == "hold")
    speech = [(cue.start, cue.end) for cue in section.cues if cue.kind == "speech"]
    shape = fade_in_out(hold.frames, 0, hold.frames) * Duck(speech).gain(hold.start, hold.frames, -13)
    expected = apply_gain(find_background("warm-drone").make_source().block(0, hold.frames), shape)
    heard = mixer([section]).stems(hold.start, hold.frames).background
    assert np.array_equal(heard, expected)


def test_digital_silence_outside_speech_and_chimes_without_a_background():
    section = pose(background=None)
    mix = mixer([section]).block(0, section.chapter.end)
    for cue in section.cues:
        if cue.kind in ("speech", "chime"):
            mix[cue.start : cue.end] = 0
    assert not mix.any()


def test_a_start_chime():
    section = Section(Chapter("", 0, RATE), (Cue("chime", 5000, 11025, chime="start", sound="bell"),))
    stems = mixer([section]).stems(0, RATE)
    assert np.array_equal(stems.chimes[5000:16025], render_chime("bell", "start", 11025))


def test_nothing_clicks_in_the_background():
    """The fourth difference lets a step through 16 times, the tones hardly at all."""
    stem = mixer(SESSION).stems(0, len(WHOLE)).background.astype(np.float64)
    assert np.abs(np.diff(stem, n=4, axis=0)).max() < 1e-4


# How loud it is (contract 5).


def narration(section, voice):
    """Loudness of the speech outside the hold."""
    return measure_loudness(
        np.concatenate([voice[cue.start : cue.end] for cue in section.cues if cue.role == "instructions"])
    )


def test_the_background_is_12_to_14_units_under_the_narration_in_holds():
    section = pose(hold=40.0)
    stems = mixer([section]).stems(0, section.chapter.end)
    speech = narration(section, stems.voice)
    hold = next(cue for cue in section.cues if cue.kind == "hold")
    talk = [(cue.start, cue.end) for cue in section.cues if cue.kind == "speech" and hold.start < cue.start < hold.end]
    edges = [(0, hold.start + to_frames(0.5)), *talk, (hold.end - to_frames(0.5), 0)]
    checked = 0
    for (_, start), (end, _) in pairwise(edges):
        quiet = stems.background[start + to_frames(1.5) : end - to_frames(1.5)]
        for window in range(0, len(quiet) - to_frames(2), to_frames(1)):
            assert 12 <= speech - measure_loudness(quiet[window : window + to_frames(2)]) <= 14
            checked += 1
    assert checked > 20


def test_the_background_is_20_units_under_the_narration_while_someone_speaks():
    section = pose(hold=20.0, words=((8.0, "A long sentence, so that there is something to be measured."),))
    stems = mixer([section]).stems(0, section.chapter.end)
    words = next(cue for cue in section.cues if cue.role == "breath")
    under = narration(section, stems.voice) - measure_loudness(stems.background[words.start : words.end])
    assert 20 <= under <= 23


def test_words_just_before_and_after_a_hold_duck_it_as_well():
    section = pose()
    ducked = mixer([section]).stems(0, section.chapter.end).background
    alone = Section(section.chapter, tuple(cue for cue in section.cues if cue.kind == "hold"))
    undisturbed = mixer([alone]).stems(0, section.chapter.end).background
    at = slice(BEGIN - to_frames(0.05) + to_frames(0.2), BEGIN + to_frames(0.25))
    ratio = np.abs(ducked[at]).sum() / np.abs(undisturbed[at]).sum()
    assert ratio < 0.7


# The limiter.


def loud(utterance):
    """A clip 22 dB too loud, far over full scale."""
    return VOICE.clip_for(utterance) * np.float32(db_to_amplitude(22))


def test_a_loud_clip_stays_under_the_ceiling():
    stems = mixer(SESSION, loud).stems(0, len(WHOLE))
    assert CEILING * 0.98 < np.abs(stems.mix).max() <= CEILING * 1.001
    assert np.abs(stems.voice[:, 0] - stems.voice[:, 1]).max() == 0


def test_the_limiter_lowers_every_stem_alike():
    words = next(cue for cue in SESSION[0].cues if cue.role == "breath")
    middle = (words.start + words.end) // 2
    plain, limited = (mixer(SESSION, clip_for).stems(middle, 100) for clip_for in (VOICE.clip_for, loud))
    voice = np.abs(limited.voice).max() / np.abs(plain.voice).max() / db_to_amplitude(22)
    tones = np.abs(limited.background).max() / np.abs(plain.background).max()
    assert voice == pytest.approx(tones, rel=1e-3)
    assert tones < 0.5


@pytest.mark.parametrize("at", [0, 3 * GRID - 100, 3 * GRID + 100])
def test_the_limiter_sees_across_the_grid(at):
    """A loud clip on either side of a grid block's border is limited as in one piece."""
    cue = spoken(at, "Now.")
    section = Section(Chapter("", 0, at + align_to_grid(4 * GRID)), (cue,))
    mix = np.zeros((section.chapter.end, 2), np.float32)
    mix[cue.start : cue.end] = loud(cue.utterance)[:, None]
    room = limiter.HOP - len(mix) % limiter.HOP
    found = limiter.limit(np.pad(mix, ((limiter.CONTEXT, limiter.CONTEXT + room), (0, 0))))
    heard = mixer([section], loud).block(0, len(mix))
    assert np.abs(heard - apply_gain(mix, found[: len(mix)])).max() < 1e-5


def test_a_limited_session_is_the_same_in_any_pieces():
    whole = mixer(SESSION, loud).block(0, len(WHOLE))
    one = mixer(SESSION, loud)
    pieces = [one.block(start, min(5000, len(whole) - start)) for start in range(0, len(whole), 5000)]
    assert np.concatenate(pieces).tobytes() == whole.tobytes()


def test_the_decoded_mp3_of_loud_speech_stays_under_minus_one(tmp_path):
    """Speech with its peaks at the ceiling, encoded as an export is and read back."""
    import imageio_ffmpeg

    random = np.random.default_rng(2)  # of seeds 1 to 7, noise this harsh goes over by 0.2 dB at most with two

    def harsh(utterance):
        clip = VOICE.clip_for(utterance)
        return (clip * random.laplace(1, 2, len(clip))).astype(np.float32)

    mix = mixer(SESSION[:1], harsh).block(0, SESSION[0].chapter.end)
    run = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y"]
    raw, file = ["-f", "f32le", "-ac", "2", "-ar", str(RATE)], str(tmp_path / "session.mp3")
    subprocess.run([*run, *raw, "-i", "-", "-b:a", "128k", file], input=mix.tobytes(), check=True)
    decoded = subprocess.run([*run, "-i", file, *raw, "-"], capture_output=True, check=True).stdout
    sound = np.frombuffer(decoded, np.float32).reshape(-1, 2).astype(np.float64)
    peak = max(np.abs(np.fft.irfft(np.fft.rfft(side), 4 * len(side)) * 4).max() for side in sound.T)
    assert peak / LAME_SCALE < db_to_amplitude(-1)


# Memory.


def test_memory_does_not_grow_with_the_session():
    def peak(count):
        one = mixer(session(*[10.0] * count))
        tracemalloc.start()
        for start in range(0, one.available - GRID, GRID):
            one.block(start, GRID)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(12)  # fills the caches of imports, tables and clips
    assert peak(12) < 1.1 * peak(3)
