import html
import json
import re
import subprocess
from pathlib import Path

import pytest

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.export.captions import (
    caption_cues,
    format_chapters,
    format_lrc,
    format_srt,
    format_vtt,
    sidecar_paths,
    write_sidecar,
)
from audioguide.model.timeline import Chapter, Cue, Section, Timeline

SECOND = 44_100
HOSTILE = [
    "a --> b",
    "<v Eve>&lt;b> & </v> {\\an8}",
    "[00:10.00] [ti:other] not a time",
    "17",
    "WEBVTT",
    "NOTE nothing",
    "line one\nline two\r\n\r\n00:00:01.000 --> 00:00:02.000\nthree",
    "\u2028separated\0 and \x07rung\ud800",
]


def speech(at: float, text: str, role: str = "say", length: float = 0.75) -> Cue:
    return Cue("speech", round(at * SECOND), round(length * SECOND), role=role, text=text)


def session(*texts: str, offset: float = 0.0) -> Timeline:
    cues = (Cue("hold", 0, SECOND), *(speech(offset + number, text) for number, text in enumerate(texts)))
    end = round((offset + len(texts) + 1) * SECOND)
    return Timeline("Evening [2] <b>", "evening", (Section(Chapter("Introduction", 0, end), cues),))


PLAIN = session("Walk around.", "Slowly & <softly>.")


def test_every_utterance_is_a_caption_with_breath_words_and_counts():
    cues = (
        speech(0.5, "Bird dog,\n left side.", "name"),
        Cue("breath", 0, SECOND, phase="in"),
        speech(2, "Breathe in.", "breath"),
        Cue("chime", 3 * SECOND, SECOND, chime="start"),
        speech(4, "One.", "count"),
        speech(5, "Three.", "countdown"),
    )
    found = caption_cues(Timeline("T", "t", (Section(Chapter("Introduction", 0, 9 * SECOND), cues),)))
    assert (found[0].start, found[0].end, found[0].role) == (22_050, 22_050 + 33_075, "name")
    assert [caption.role for caption in found] == ["name", "breath", "count", "countdown"]


def test_webvtt_to_the_letter():
    assert format_vtt(PLAIN) == (
        "WEBVTT\n\n"
        "1\n00:00:00.000 --> 00:00:00.750\n<v.say Guide>Walk around.</v>\n\n"
        "2\n00:00:01.000 --> 00:00:01.750\n<v.say Guide>Slowly &amp; &lt;softly&gt;.</v>\n"
    )


def test_subrip_to_the_letter():
    assert format_srt(PLAIN) == (
        "1\r\n00:00:00,000 --> 00:00:00,750\r\nWalk around.\r\n\r\n"
        "2\r\n00:00:01,000 --> 00:00:01,750\r\nSlowly & ‹softly›.\r\n"
    )


def test_lyrics_to_the_letter():
    assert format_lrc(PLAIN) == (
        "[ti:Evening (2) ‹b›]\n[length:00:03.00]\n[re:audioguide]\n"
        "[00:00.00]Walk around.\n[00:01.00]Slowly & ‹softly›.\n"
    )


def test_times_beyond_an_hour():
    late = session("Wake up.", offset=2 * 3600 + 3 * 60 + 4.005)
    assert "02:03:04.005 --> 02:03:04.755" in format_vtt(late)
    assert "02:03:04,005 --> 02:03:04,755" in format_srt(late)
    assert "[123:04.00]Wake up." in format_lrc(late) or "[123:04.01]Wake up." in format_lrc(late)


def test_a_caption_of_no_length_still_ends_after_it_began():
    cues = (speech(1, "Ah.", length=0.0001),)
    timeline = Timeline("T", "t", (Section(Chapter("Introduction", 0, 2 * SECOND), cues),))
    assert "00:00:01.000 --> 00:00:01.001" in format_vtt(timeline)


def test_a_session_without_a_word():
    silent = session()
    assert format_vtt(silent) == "WEBVTT\n"
    assert format_srt(silent) == ""
    assert format_lrc(silent).count("\n") == 3


def test_chapters_as_podcasts_have_them():
    chapters = (Chapter("Introduction", 0, 1152), Chapter('Child\'s "pose" 🧘\0', 1152, 3 * SECOND))
    found = json.loads(format_chapters(Timeline("T", "t", tuple(Section(chapter, ()) for chapter in chapters))))
    assert found == {
        "version": "1.2.0",
        "title": "T",
        "chapters": [
            {"startTime": 0.0, "endTime": 0.026, "title": "Introduction"},
            {"startTime": 0.026, "endTime": 3.0, "title": 'Child\'s "pose" 🧘'},
        ],
    }


def test_the_json_has_more_chapters_than_a_tag():
    sections = tuple(Section(Chapter(f"{number}", number * 1152, (number + 1) * 1152), ()) for number in range(300))
    assert len(json.loads(format_chapters(Timeline("T", "t", sections)))["chapters"]) == 300


def test_hostile_texts_are_single_lines_that_mean_nothing_else():
    blocks = format_vtt(session(*HOSTILE)).split("\n\n")[1:]
    assert len(blocks) == len(HOSTILE)
    for number, block in enumerate(blocks, 1):
        identifier, times, text = block.rstrip("\n").split("\n")
        assert identifier == str(number)
        assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}", times)
        inside = re.fullmatch(r"<v\.say Guide>(.*)</v>", text)[1]
        assert "<" not in inside
        assert ">" not in inside
        assert html.unescape(inside) == "".join(
            s for s in " ".join(HOSTILE[number - 1].split()) if s not in "\0\x07\ud800"
        )
    lines = format_lrc(session(*HOSTILE)).splitlines()[3:]
    assert [line.count("[") for line in lines] == [1] * len(HOSTILE)


def read(path: Path) -> list[tuple[float, str]]:
    """Start and text of every caption, as ffprobe reads them."""
    wanted = ["-show_entries", "packet=pts_time,data", "-show_data", "-of", "json"]
    found = subprocess.run(["ffprobe", "-v", "error", *wanted, path], capture_output=True, check=True)
    assert found.stderr == b""
    packets = json.loads(found.stdout)["packets"]
    return [(float(packet["pts_time"]), text_of(packet["data"])) for packet in packets]


def text_of(dump: str) -> str:
    """The bytes of ffprobe's dump: an address, 16 bytes in hexadecimal, the same as signs."""
    rows = re.findall(r"^[0-9a-f]{8}: ([0-9a-f ]{39})", dump, re.MULTILINE)
    return bytes.fromhex("".join(rows).replace(" ", "")).decode()


@pytest.mark.real("ffprobe")
@pytest.mark.parametrize("ending", ["vtt", "srt", "lrc"])
def test_another_program_reads_every_caption_at_its_time(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    write_sidecar(path, f".{ending}", session("Walk around.", *HOSTILE, "Τέλος 🧘", offset=3599.5))
    found = read(path)
    assert [round(start, 2) for start, _ in found] == [3599.5 + number for number in range(len(HOSTILE) + 2)]
    assert "Walk around." in found[0][1]
    assert "Τέλος 🧘" in found[-1][1]


@pytest.mark.real("ffmpeg")
@pytest.mark.parametrize("ending", ["vtt", "srt"])
def test_what_is_shown_is_what_is_said(tmp_path, ending):
    path = tmp_path / f"a.{ending}"
    write_sidecar(path, f".{ending}", session("Rest & breathe.", "Three."))
    command = ["ffmpeg", "-v", "error", "-i", path, "-f", "srt", "-"]
    shown = subprocess.run(command, capture_output=True, check=True, text=True)
    assert shown.stderr == ""
    assert shown.stdout.splitlines()[2::4] == ["Rest & breathe.", "Three."]


def test_they_lie_beside_the_file_each_once():
    found = sidecar_paths(Path("a/b.c.mp3"), ("vtt", "lrc", "vtt"), ("json", "json"))
    assert found == (Path("a/b.c.vtt"), Path("a/b.c.lrc"), Path("a/b.c.chapters.json"))


@pytest.mark.parametrize(("captions", "chapters"), [(("ass",), ()), ((), ("vtt",))])
def test_another_kind_is_refused_with_the_known_ones(captions, chapters):
    with pytest.raises(RequestError, match="There is no sidecar"):
        sidecar_paths(Path("a.mp3"), captions, chapters)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full, a disk without room")
def test_a_full_disk_is_named():
    with pytest.raises(EnvironmentFailure, match="disk is full"):
        write_sidecar(Path("/dev/full"), ".vtt", PLAIN)
