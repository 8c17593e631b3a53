"""The formats of an export, its bit rate, and what lies beside it."""

import json
import subprocess

import pytest

from audioguide.media import find_ffmpeg
from audioguide.output.formats import FORMATS

SHORT = "title: Short\nsteps:\n  - say: Hello.\n  - {pose: {name: Rest pose, hold: 5s}}\n"
BESIDE = ("--captions", "vtt", "--captions", "srt", "--captions", "lrc", "--captions", "vtt", "--chapters", "json")


def decoded(path, channels: int, rate: int) -> float:
    """Seconds in the file."""
    command = [find_ffmpeg(), "-v", "error", "-i", path, "-map", "0:a", "-f", "s16le", "-"]
    return len(subprocess.run(command, capture_output=True, check=True).stdout) / 2 / channels / rate


@pytest.mark.parametrize("mono", [False, True])
@pytest.mark.parametrize("ending", FORMATS)
def test_every_format_in_one_channel_and_two(call, write, tmp_path, ending, mono):
    rate = ("--bitrate", "64k") if FORMATS[ending].bitrates else ()
    more = ("--mono",) if mono else ()
    code, out, _ = call("export", write(SHORT), "-o", f"a{ending}", "--json", *rate, *more)
    assert code == 0
    seconds = decoded(tmp_path / f"a{ending}", 1 if mono else 2, 48_000 if ending == ".opus" else 44_100)
    assert seconds == pytest.approx(json.loads(out)["frames"] / 44_100, abs=1.1 / 48_000)


def test_sidecars_appear_beside_the_file_and_are_told(call, write, tmp_path):
    code, out, _ = call("export", write(SHORT), "-o", "a.m4a", "--json", *BESIDE)
    assert code == 0
    facts = json.loads(out)
    names = ["a.vtt", "a.srt", "a.lrc", "a.chapters.json"]
    assert facts["sidecars"] == names
    assert sorted(item.name for item in tmp_path.iterdir()) == sorted(["a.m4a", "routine.yaml", *names])
    assert "Hello.</v>" in (tmp_path / "a.vtt").read_text("utf-8")
    assert len(json.loads((tmp_path / "a.chapters.json").read_text("utf-8"))["chapters"]) == facts["chapters"]
    assert call("export", write(SHORT), "-o", "a.m4a", *BESIDE)[1].splitlines()[2:] == names


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
