"""The parts together, as a session writes a file and its stems."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest
from disks import disk
from encoding import encoding

from audioguide.errors import EnvironmentFailure
from audioguide.export.formats import format_of
from audioguide.export.tags import Tags
from audioguide.export.writer import write_tags
from audioguide.model.timeline import Chapter
from audioguide.system.files import atomic_write

SECOND = np.random.default_rng(1).uniform(-0.4, 0.4, (44_100, 2)).astype(np.float32)


def export(target: Path, *stems: Path, seconds: int = 5, cover: int = 1000) -> None:
    frames = seconds * 44_100
    with atomic_write(target, *stems) as parts:
        with ExitStack() as open_encoders:
            encoders = [
                open_encoders.enter_context(encoding(part, format_of(place)))
                for part, place in zip(parts, (target, *stems), strict=True)
            ]
            for _ in range(seconds):
                for encoder in encoders:
                    encoder.write(SECOND)
        chapters = (Chapter("Introduction", 0, frames),)
        write_tags(parts[0], format_of(target), Tags("Title", frames, chapters, cover=bytes(cover)))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for 400 kB: 25 seconds of MP3, a second and a half of WAV."""
    with disk(tmp_path / "disk", "400k") as place:
        yield place


def test_a_file_and_its_stems(tmp_path):
    names = ["a.mp3", "a.background.wav", "a.chimes.wav", "a.voice.wav"]
    export(*(tmp_path / name for name in names), seconds=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert all((tmp_path / name).stat().st_size > 44_100 * 6 for name in names[1:])


@pytest.mark.parametrize(
    ("name", "seconds", "cover"),
    [
        ("old.mp3", 60, 0),
        ("old.mp3", 5, 300_000),
        ("new.mp3", 23, 0),
        ("new.wav", 5, 0),
        ("new.flac", 5, 0),
        ("new.m4a", 23, 0),
        ("new.m4b", 5, 300_000),
        ("new.opus", 40, 0),
    ],
)
def test_on_a_full_disk_what_was_there_stays(small_disk, name, seconds, cover):
    export(small_disk / "old.mp3", seconds=3)
    before = (small_disk / "old.mp3").read_bytes()
    with pytest.raises(EnvironmentFailure, match="disk is full"):
        export(small_disk / name, seconds=seconds, cover=cover)
    assert [path.name for path in small_disk.iterdir()] == ["old.mp3"]
    assert (small_disk / "old.mp3").read_bytes() == before


def test_when_one_stem_does_not_fit_none_is_left(small_disk):
    with pytest.raises(EnvironmentFailure, match="disk is full"):
        export(small_disk / "a.mp3", small_disk / "a.voice.wav")
    assert list(small_disk.iterdir()) == []


def test_a_disk_that_may_only_be_read(small_disk):
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(EnvironmentFailure, match="may not be written"):
        export(small_disk / "a.mp3")
