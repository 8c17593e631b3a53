"""A person's own files as a background: decoded once, levelled, one after the other and round again."""

import itertools
import os
import subprocess
import tracemalloc

import numpy as np
import pytest

from audioguide.errors import EnvironmentFailure, RequestError, RoutineError
from audioguide.sound.background import find_background
from audioguide.sound.synth.layer import LoopedSource
from audioguide.sound.synth.music import Music, Recording, load_recording
from audioguide.system.ffmpeg import find_ffmpeg, measure_loudness
from audioguide.units import RATE, to_frames

LOUDNESS = -29.0
GRID = 8192
CROSSFADE = to_frames(3)

_links = itertools.count()


def make(path, source, *arguments):
    """A file of ffmpeg's own sound."""
    command = [find_ffmpeg(), "-v", "error", "-y", "-f", "lavfi", "-i", source, *arguments, str(path)]
    subprocess.run(command, check=True)
    return path


def noise(seconds, level=0.1, rate=44_100, seed=1):
    return f"anoisesrc=d={seconds}:c=pink:a={level}:r={rate}:seed={seed}"


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "music"


def as_a_new_process(path):
    """What a file is decoded to where this process has not read it before: under another name."""
    link = path.with_name(f"link {next(_links)}")
    link.symlink_to(path)
    return load_recording(link)


@pytest.fixture
def folder(home):
    path = home / "voices/backgrounds"
    path.mkdir(parents=True)
    return path


@pytest.mark.parametrize("ending", ["mp3", "flac", "wav", "ogg", "m4a", "opus"])
def test_any_format(tmp_path, ending):
    piece = load_recording(make(tmp_path / f"a: b.{ending}", noise(3)))
    assert len(piece) == pytest.approx(3 * RATE, abs=2500)
    sound = piece.read(0, len(piece))
    assert (sound.shape, sound.dtype) == ((2, len(piece)), np.float32)
    assert measure_loudness(np.ascontiguousarray(sound.T)) == pytest.approx(piece.loudness, abs=0.2)


def test_eight_channels_at_96_khz(tmp_path):
    piece = load_recording(make(tmp_path / "a.wav", noise(4, rate=96_000), "-ac", "8"))
    assert len(piece) == pytest.approx(4 * RATE, abs=50)
    assert np.abs(piece.read(0, 4 * RATE)).max() < 1


def test_the_quiet_at_both_ends_is_left_out(tmp_path):
    silent = "adelay=1500|1500,apad=pad_dur=2,aformat=channel_layouts=stereo"
    piece = load_recording(make(tmp_path / "a.wav", noise(3), "-af", silent))
    assert len(piece) == pytest.approx(3 * RATE, abs=100)


@pytest.mark.slow
def test_ten_hours_are_neither_read_nor_kept_whole(tmp_path, cache):
    """A WAV of ten hours, of which only the beginning takes room on the disk."""
    path = make(tmp_path / "long.wav", noise(60), "-ac", "1", "-c:a", "pcm_u8")
    content = bytearray(path.read_bytes())
    data, size = content.index(b"data"), 36_000 * RATE
    content[data + 4 : data + 8] = size.to_bytes(4, "little")
    content[4:8] = (size + data).to_bytes(4, "little")
    path.write_bytes(content)
    with path.open("r+b") as file:
        file.truncate(data + 8 + size)
    tracemalloc.start()
    piece = load_recording(path)
    LoopedSource([Music([piece], 1)]).block(to_frames(20), GRID)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    (kept,) = cache.rglob("*.pcm")
    assert kept.stat().st_size <= 4 * RATE * 30 * 60 + 100
    assert peak < 20_000_000


def test_is_decoded_once_and_again_when_it_changes(tmp_path, cache):
    path = make(tmp_path / "a.wav", noise(3))
    load_recording(path)
    (kept,) = cache.rglob("*.pcm")
    before = kept.stat().st_ino
    as_a_new_process(path)
    assert [file.stat().st_ino for file in cache.rglob("*.pcm")] == [before]
    make(path, noise(4))
    assert len(load_recording(path)) == pytest.approx(4 * RATE, abs=100)
    assert len(list(cache.rglob("*.pcm"))) == 2


def test_what_is_damaged_in_the_cache_is_decoded_again(tmp_path, cache):
    """A full disk and a machine that goes down leave files that are empty or cut."""
    path, other = (make(tmp_path / name, noise(3, seed=seed)) for name, seed in (("a.wav", 1), ("b.wav", 2)))
    samples = load_recording(path).samples.tobytes()
    (kept,) = cache.rglob("*.pcm")
    whole = kept.read_bytes()
    load_recording(other)
    (others,) = (file.read_bytes() for file in cache.rglob("*.pcm") if file != kept)
    for content in (b"", whole[:3], whole[:-1], whole[:-400], whole[:99] + b"x" + whole[100:], others):
        kept.write_bytes(content)
        assert as_a_new_process(path).samples.tobytes() == samples
        assert kept.read_bytes() == whole


def test_what_was_not_used_for_longest_makes_room(tmp_path, cache, monkeypatch):
    first, second = (load_recording(make(tmp_path / name, noise(3))) for name in ("a.wav", "b.wav"))
    before = list(cache.rglob("*.pcm"))
    for kept in before:
        os.utime(kept, (0, 0))
    monkeypatch.setenv("AUDIOGUIDE_CACHE_MB", "1")
    load_recording(make(tmp_path / "c.wav", noise(3)))
    assert not set(before) & set(cache.rglob("*.pcm"))
    assert first.read(0, 10).any()  # what is being heard stays, whether its name is there or not
    assert second.read(0, 10).any()


def no_audio(path):
    path.write_text("These are words.\n")


def empty(path):
    path.touch()


def silent(path):
    make(path, "anullsrc=d=4", "-f", "wav")


def picture(path):
    make(path, "color=c=red:s=32x32:d=1", "-f", "mp4")


def too_short(path):
    make(path, noise(0.3), "-f", "wav")


def cut_off(path):
    make(path, noise(4), "-f", "flac")
    path.write_bytes(path.read_bytes()[:30])


@pytest.mark.parametrize("spoil", [no_audio, empty, silent, picture, too_short, cut_off])
def test_what_is_no_sound_is_refused_in_a_sentence(tmp_path, cache, spoil):
    path = tmp_path / "a.mp3"
    spoil(path)
    with pytest.raises(RequestError) as error:
        load_recording(path)
    assert "a.mp3" in str(error.value)
    assert "\n" not in str(error.value)
    assert not list(cache.rglob("*.part"))


def test_a_folder_that_may_not_be_written_is_the_machines_fault(tmp_path, cache):
    cache.parent.mkdir()
    cache.write_text("in the way")
    with pytest.raises(EnvironmentFailure, match="cannot be decoded"):
        load_recording(make(tmp_path / "a.wav", noise(2)))


def piece(seconds, level=-20.0, value=None, seed=0):
    """A recording of noise, or of one value."""
    count = to_frames(seconds)
    samples = np.random.default_rng(seed).standard_normal((count, 2)) * 3000
    if value is not None:
        samples = np.full((count, 2), value * 2**15)
    return Recording(samples.astype(np.int16), level)


def test_several_in_a_row_and_round_again():
    music = Music([piece(20, value=0.1, level=LOUDNESS), piece(14, value=0.2, level=LOUDNESS)], 1)
    heard = LoopedSource([music]).block(0, to_frames(80))[:, 0]
    # The second begins three seconds before the first one ends: at 17 s; then at 28, 45, 56 s.
    at = [heard[to_frames(second)] for second in (0, 10, 16.9, 20.1, 27, 31.1, 44, 48.5)]
    assert at == pytest.approx([0.1, 0.1, 0.1, 0.2, 0.2, 0.1, 0.1, 0.2], abs=1e-3)
    assert heard[to_frames(18.5)] == pytest.approx((0.1 + 0.2) * np.sqrt(0.5), abs=1e-3)


def test_a_loop_is_not_heard():
    """Level and steps are the same across the join as away from it."""
    heard = LoopedSource([Music([piece(20)], 1)]).block(0, to_frames(60)).astype(np.float64)
    join = heard[to_frames(20) - CROSSFADE : to_frames(20)]
    away = heard[to_frames(5) : to_frames(8)]
    assert np.sqrt((join**2).mean()) == pytest.approx(np.sqrt((away**2).mean()), rel=0.05)
    assert np.abs(np.diff(join, axis=0)).max() < 1.3 * np.abs(np.diff(away, axis=0)).max()


@pytest.mark.parametrize("seconds", [(1.0,), (1.0, 30.0), (5.0, 1.5, 9.0)])
def test_pieces_shorter_than_a_crossfade(seconds):
    music = Music([piece(length, seed=number) for number, length in enumerate(seconds)], 1)
    heard = LoopedSource([music]).block(0, to_frames(40))
    windows = heard.reshape(-1, to_frames(0.5), 2)
    levels = np.sqrt((windows.astype(np.float64) ** 2).mean(axis=(1, 2)))
    assert levels.max() / levels.min() < 1.3


def test_any_start_and_size_give_the_same_bits():
    music = [piece(3), piece(2, seed=2)]
    whole = LoopedSource([Music(music, 1)]).block(0, to_frames(12))
    for start, count in ((0, 100), (to_frames(2.2), 50_000), (to_frames(7), 3 * GRID), (to_frames(11.9), 10)):
        assert LoopedSource([Music(music, 1)]).block(start, count).tobytes() == whole[start : start + count].tobytes()


def test_every_piece_is_brought_to_the_level(folder):
    make(folder / "loud.flac", noise(20, level=0.9))
    make(folder / "soft.mp3", noise(20, level=0.02))
    (folder / "mine.yaml").write_text("level: 0\nlayers: [{music: {files: [loud.flac, soft.mp3]}}]\n")
    sound = find_background("mine").make_source()
    for start in (0, to_frames(18)):
        assert measure_loudness(sound.block(start, to_frames(14))) == pytest.approx(LOUDNESS, abs=0.5)
    assert measure_loudness(sound.block(0, to_frames(60))) == pytest.approx(LOUDNESS, abs=0.5)


def test_files_that_are_not_there_are_told_with_their_line(folder):
    make(folder / "a.wav", noise(2))
    (folder / "mine.yaml").write_text("layers:\n  - music:\n      files: [a.wav, b.wav, c.wav]\n")
    with pytest.raises(RoutineError) as error:
        find_background("mine")
    assert [(problem.place.line, problem.place.column) for problem in error.value.problems] == [(3, 22), (3, 29)]
    assert "b.wav" in str(error.value)


def test_music_is_all_that_lies_in_ones_own_folder(home):
    with pytest.raises(RequestError, match="There is no music in"):
        find_background("music")
    (home / "music").mkdir(parents=True)
    make(home / "music/b.mp3", noise(5))
    make(home / "music/a.wav", noise(4))
    (home / "music/cover.jpg").write_bytes(b"a picture")
    sound = find_background("music").make_source()
    assert measure_loudness(sound.block(0, to_frames(8))) == pytest.approx(LOUDNESS, abs=0.5)


def test_music_that_is_added_or_changed_is_heard_in_the_same_process(home):
    """As `serve` runs for weeks."""
    (home / "music").mkdir(parents=True)
    make(home / "music/b.wav", noise(3))
    heard = [find_background("music").make_source().block(0, GRID).tobytes() for _ in range(2)]
    make(home / "music/a.wav", noise(3, seed=2))
    heard.append(find_background("music").make_source().block(0, GRID).tobytes())
    make(home / "music/a.wav", noise(4, seed=3))
    heard.append(find_background("music").make_source().block(0, GRID).tobytes())
    assert heard[0] == heard[1]
    assert len(set(heard)) == 3
