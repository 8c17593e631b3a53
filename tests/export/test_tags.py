import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from encoding import encoding
from tagged import CHAPTERS, FRAMES, TAGS

from audioguide.errors import EnvironmentFailure
from audioguide.export.encoder import find_ffmpeg
from audioguide.export.formats import format_of
from audioguide.export.tags import Tags, fit_chapters
from audioguide.export.writer import write_tags
from audioguide.model.timeline import Chapter

MAX_CHAPTERS = 255


def export(path: Path, tags: Tags) -> Path:
    sound = np.random.default_rng(2).uniform(-0.3, 0.3, (tags.frames, 2)).astype(np.float32)
    with encoding(path, format_of(path)) as encoder:
        encoder.write(sound)
    write_tags(path, format_of(path), tags)
    return path


def test_the_id3_tag_is_version_2_3_with_an_ordered_table_of_contents(tmp_path):
    from mutagen.id3 import ID3, CTOCFlags

    path = export(tmp_path / "a.mp3", TAGS)
    assert path.read_bytes()[:5] == b"ID3\x03\x00"
    table = ID3(path, translate=False)
    (contents,) = table.getall("CTOC")
    assert contents.flags == CTOCFlags.TOP_LEVEL | CTOCFlags.ORDERED
    chapters = [table[f"CHAP:{name}"] for name in contents.child_element_ids]
    assert [chapter.sub_frames["TIT2"].text[0] for chapter in chapters] == [chapter.title for chapter in CHAPTERS]
    assert chapters[0].start_time == 0
    assert all(one.end_time == other.start_time for one, other in pairwise(chapters))
    assert chapters[-1].end_time == int(table["TLEN"].text[0]) == round(FRAMES / 44.1)
    assert table["USLT::eng"].text == TAGS.transcript
    assert table.getall("APIC")[0].data == TAGS.cover
    assert table["TSSE"].text == ["audioguide"]  # and not the encoder
    # Version 2.3 has no UTF-8: nothing may be written in it, in a chapter either.
    encodings = [table["TIT2"].encoding, *(chapter.sub_frames["TIT2"].encoding for chapter in chapters)]
    assert set(encodings) == {1}


@pytest.mark.parametrize("ending", [".mp3", ".flac", ".wav"])
def test_the_sound_stays_as_it_was(tmp_path, ending):
    command = [
        find_ffmpeg(),
        "-v",
        "error",
        "-i",
        export(tmp_path / f"a{ending}", TAGS),
        "-map",
        "0:a",
        "-f",
        "f32le",
        "-",
    ]
    assert len(subprocess.check_output(command)) == FRAMES * 8


@pytest.mark.real("mpg123")
def test_the_length_survives_the_tags(tmp_path):
    path = export(tmp_path / "a.mp3", Tags("Short", 1153, (Chapter("Introduction", 0, 1153),), cover=TAGS.cover))
    assert len(subprocess.check_output(["mpg123", "-q", "-s", "-e", "f32", path])) == 1153 * 8


@pytest.mark.real("mp3val")
def test_the_tagged_file_is_well_formed(tmp_path):
    found = subprocess.run(
        ["mp3val", export(tmp_path / "a.mp3", TAGS)], capture_output=True, text=True, check=True
    ).stdout
    assert "WARNING" not in found
    assert "+ID3v2" in found


def test_control_characters_and_half_characters_are_left_out(tmp_path):
    from mutagen.id3 import ID3

    path = export(tmp_path / "a.mp3", Tags("One\0Two\ud800\x07", 1152, transcript="a\r\nb"))
    assert ID3(path)["TIT2"].text == ["OneTwo"]
    assert ID3(path)["USLT::eng"].text == "a\nb"


def chapters(count: int) -> list[Chapter]:
    return [Chapter(f"{number}", number * 1152, (number + 1) * 1152) for number in range(count)]


def test_a_table_of_contents_that_fits_stays():
    assert fit_chapters(chapters(MAX_CHAPTERS)) == tuple(chapters(MAX_CHAPTERS))


@pytest.mark.parametrize("count", [256, 300, 510, 1000, 8640])
def test_more_chapters_than_fit_are_joined_evenly(count):
    fitted = fit_chapters(chapters(count))
    assert len(fitted) == MAX_CHAPTERS
    assert (fitted[0].start, fitted[-1].end) == (0, count * 1152)
    assert all(one.end == other.start for one, other in pairwise(fitted))
    assert all(chapter.title == f"{chapter.start // 1152}" for chapter in fitted)
    lengths = {chapter.end - chapter.start for chapter in fitted}
    assert max(lengths) - min(lengths) <= 1152


def test_no_room_for_the_tags(tmp_path):
    resource = pytest.importorskip("resource")
    path = export(tmp_path / "a.mp3", Tags("Short", 44_100))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, hard))
    try:
        with pytest.raises(EnvironmentFailure, match="grew beyond the size"):
            write_tags(path, format_of(path), TAGS)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
