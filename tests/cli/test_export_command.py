"""The formats of an export, its bit rate, and what lies beside it."""

import json
import subprocess

import numpy as np
import pytest
from encoding import encoding
from mutagen.id3 import ID3

from audioguide.cli.commands.export import describe_chapters
from audioguide.errors import EnvironmentFailure
from audioguide.export.formats import FORMATS
from audioguide.export.loudness_report import Loudness, measure_file
from audioguide.model.timeline import Chapter, Section, Timeline
from audioguide.system.ffmpeg import find_ffmpeg, measure_loudness

SHORT = "title: Short\nsteps:\n  - say: Hello.\n  - {pose: {name: Rest pose, hold: 5s}}\n"
BESIDE = ("--captions", "vtt", "--captions", "srt", "--captions", "lrc", "--captions", "vtt", "--chapters", "json")


def samples(path, channels: int) -> np.ndarray:
    """Shape (frames, channels)."""
    command = [find_ffmpeg(), "-v", "error", "-i", path, "-map", "0:a", "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, "<f4").reshape(-1, channels)


@pytest.mark.parametrize("mono", [False, True])
@pytest.mark.parametrize("ending", [ending for ending in FORMATS if ending != ".html"])
def test_every_format_in_one_channel_and_two(call, write, tmp_path, ending, mono):
    rate = ("--bitrate", "64k") if FORMATS[ending].bitrates else ()
    more = ("--mono",) if mono else ()
    code, out, _ = call("export", write(SHORT), "-o", f"a{ending}", "--json", *rate, *more)
    assert code == 0
    seconds = len(samples(tmp_path / f"a{ending}", 1 if mono else 2)) / (48_000 if ending == ".opus" else 44_100)
    assert seconds == pytest.approx(json.loads(out)["frames"] / 44_100, abs=1.1 / 48_000)


def test_chapters_have_pictures_unless_that_is_not_wanted(call, write, tmp_path):
    steps = "[{say: Hello.}, {pose: squats, rounds: 2}, {pose: bird-dog}, {breathe: {pattern: 4-6, rounds: 1}}]"
    source = write(f"title: Short\ndefaults: {{level: brief}}\nsteps: {steps}\n")
    assert call("export", source, "-o", "a.mp3")[0] == call("export", source, "-o", "b.mp3", "--no-pictures")[0] == 0
    tags, plain = ID3(tmp_path / "a.mp3"), ID3(tmp_path / "b.mp3")
    found = [[one.data for one in frame.sub_frames.getall("APIC")] for frame in tags.getall("CHAP")]
    assert [len(pictures) for pictures in found] == [0, 1, 1, 1, 0]
    assert found[1] == found[2] != found[3]
    assert sum(len(one.data) for one in tags.getall("APIC")) + sum(len(one[0]) for one in found if one) <= 1_500_000
    assert not any(frame.sub_frames.getall("APIC") for frame in plain.getall("CHAP"))
    assert plain.getall("APIC") == tags.getall("APIC")  # the cover


def test_sidecars_appear_beside_the_file_and_are_told(call, write, tmp_path):
    code, out, _ = call("export", write(SHORT), "-o", "a.m4a", "--json", *BESIDE)
    assert code == 0
    facts = json.loads(out)
    names = ["a.vtt", "a.srt", "a.lrc", "a.chapters.json"]
    assert facts["sidecars"] == names
    assert sorted(item.name for item in tmp_path.iterdir()) == sorted(["a.m4a", "routine.yaml", *names])
    assert "Hello.</v>" in (tmp_path / "a.vtt").read_text("utf-8")
    assert len(json.loads((tmp_path / "a.chapters.json").read_text("utf-8"))["chapters"]) == facts["chapters"]
    assert call("export", write(SHORT), "-o", "a.m4a", *BESIDE)[1].splitlines()[1:] == names


def test_without_asking_nothing_lies_beside_it(call, write, tmp_path):
    facts = json.loads(call("export", write(SHORT), "-o", "a.m4b", "--json")[1])
    assert facts["sidecars"] == []
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.m4b", "routine.yaml"]


def test_where_a_sidecar_cannot_lie_nothing_is_written(call, write, tmp_path):
    (tmp_path / "a.vtt").mkdir()
    code, out, err = call("export", write(SHORT), "-o", "a.mp3", "--stems", *BESIDE)
    assert (code, out) == (2, "")
    assert err == "a.vtt is a folder. Name a file.\n"
    assert sorted(item.name for item in tmp_path.iterdir()) == ["a.vtt", "routine.yaml"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-o", "a.flac", "--bitrate", "96k"), "no bit rate to choose"),
        (("-o", "a.mp3", "--bitrate", "100k"), "The nearest is 96k."),
        (("-o", "a.m4a", "--bitrate", "8k"), "64k to 256k"),
        (("-o", "a.opus", "--bitrate", "good"), "Write 96k."),
        (("-o", "a.mp3", "--captions", "ass"), "'ass'"),
        (("-o", "a.mp3", "--chapters", "xml"), "'xml'"),
    ],
)
def test_what_there_is_not_is_refused_in_a_sentence(call, write, tmp_path, arguments, said):
    code, out, err = call("export", write(SHORT), *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert [item.name for item in tmp_path.iterdir()] == ["routine.yaml"]


def test_chapters_that_a_file_cannot_hold_are_told(call, write):
    assert describe_chapters(1, FORMATS[".mp3"]) == "1 chapter"
    assert describe_chapters(255, FORMATS[".mp3"]) == "255 chapters"
    joined = "301 chapters (the file holds 255 at most, so neighbours are joined)"
    assert describe_chapters(301, FORMATS[".m4a"]) == joined
    out = call("export", write(SHORT), "-o", "a.wav")[1]
    assert "2 chapters (not in the file: a .wav has no tags)" in out


SPOKEN = """
title: Spoken
steps:
  - say: Walk around for a minute, until your breath has settled, and then come to your hands and knees.
  - say: Let your head hang, and feel how the weight of it draws your shoulders away from your ears.
  - rest: 1s
"""


@pytest.mark.parametrize("more", [(), ("--mono",)])
@pytest.mark.parametrize("ending", [".wav", ".mp3", ".opus"])
def test_how_loud_the_file_is_on_request(call, write, tmp_path, ending, more):
    """All that is said here is narration, so what is beside it is the narration alone."""
    assert json.loads(call("export", write(SPOKEN), "-o", f"a{ending}", "--json", *more)[1])["loudness"] is None
    facts = json.loads(call("export", write(SPOKEN), "-o", f"a{ending}", "--loudness", "--stems", "--json", *more)[1])
    found, usual = facts["loudness"], -19 if more else -16
    voice = samples(tmp_path / "a.voice.wav", 1 if more else 2)
    assert found["narration"] == pytest.approx(measure_loudness(voice), abs=0.3)
    assert found["narration"] == pytest.approx(usual, abs=1)
    assert found["programme"] == pytest.approx(usual, abs=1)
    assert 20 * np.log10(np.abs(voice).max()) - 0.2 <= found["true_peak"] <= -1
    said = call("export", write(SPOKEN), "-o", f"a{ending}", "--loudness", *more)[1].splitlines()
    assert said[1].startswith(f"  voice {found['narration']} LUFS, all together {found['programme']} LUFS, true peak -")


def test_silence_has_no_loudness(tmp_path):
    with encoding(tmp_path / "a.wav") as encoder:
        encoder.write(np.zeros((44_100, 2), np.float32))
    timeline = Timeline("", "", (Section(Chapter("", 0, 44_100), ()),))
    assert measure_file(tmp_path / "a.wav", timeline) == Loudness(None, None, None)
    (tmp_path / "a.wav").write_text("no sound")
    with pytest.raises(EnvironmentFailure, match="Invalid data"):
        measure_file(tmp_path / "a.wav", timeline)
