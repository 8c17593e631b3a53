"""A voice of one's own recordings: what is to be recorded, and a session of what is and what is not."""

import json
import subprocess

import pytest

from audioguide.system.ffmpeg import find_ffmpeg

ROUTINE = "title: Two\nsteps:\n  - say: Lie down. Rest.\n  - say: Bend your knees for 30s.\n  - say: Lie down. Rest.\n"
PROFILE = """\
engine: recorded
model: takes
language: en
rate: {narration: 1, breath: 1, count: 1}
gain: {narration: 0, breath: 0, count: 0}
fallback: heart
"""


@pytest.fixture
def takes(home):
    folder = home / "voices/takes"
    folder.mkdir(parents=True)
    (home / "voices/mine.yaml").write_text(PROFILE)
    return folder


def test_the_sheet_and_the_session(call, write, takes):
    routine = write(ROUTINE)
    name = takes / "lie-down-rest.flac"
    subprocess.run([find_ffmpeg(), "-v", "error", "-f", "lavfi", "-i", "sine=300:d=2", name], check=True)
    code, out, err = call("voices", "record-sheet", routine, "--voice", "mine")
    assert code == 0
    assert out.splitlines() == [
        "ok  lie-down-rest.flac                  say  Lie down. Rest.",
        "--  bend-your-knees-for-30-seconds.wav  say  Bend your knees for 30 seconds.",
    ]
    assert err.startswith("1 of 2 texts are recorded in ")
    code, out, err = call("show", routine, "--voice", "mine", "--json")
    assert (code, err) == (0, "")
    lengths = [cue["duration"] for cue in json.loads(out)["cues"]]
    assert lengths[0] == lengths[2] == pytest.approx(2.07, abs=0.05)  # with its soft ends
    assert lengths[1] != pytest.approx(2, abs=0.05)


def test_a_sheet_before_there_is_a_voice(call, write):
    code, out, err = call("voices", "record-sheet", write(ROUTINE), "--json")
    assert code == 0
    assert [(row["file"], row["there"], row["role"]) for row in json.loads(out)] == [
        ("lie-down-rest.wav", False, "say"),
        ("bend-your-knees-for-30-seconds.wav", False, "say"),
    ]
    assert err == ""


def test_without_a_fallback_what_is_missing_is_told(call, write, takes, home):
    (home / "voices/mine.yaml").write_text(PROFILE.replace("fallback: heart\n", ""))
    code, _, err = call("export", write(ROUTINE), "--voice", "mine")
    assert code == 2
    lines = [line.partition("yaml:")[2] for line in err.splitlines()]
    assert lines[0].startswith("3:5: 'Lie down. Rest.' is not recorded: ")
    assert len(lines) == 1
    code, out, _ = call("voices")
    assert [line.split()[0] for line in out.splitlines() if line.startswith("mine")] == ["mine"]


def test_recordings_that_match_no_line_are_told(call, write, takes):
    for name in ("lie-down-and-rest.wav", "walk-a-mile.wav", "bend-your-knees-for-30-seconds.wav"):
        (takes / name).write_bytes(b"sound")
    routine = write(ROUTINE.replace("steps:", "defaults: {voice: mine}\nsteps:"))
    code, _, err = call("voices", "record-sheet", routine)
    assert (code, err.splitlines()[1:]) == (
        0,
        [
            "Is lie-down-and-rest.wav the recording of 'Lie down. Rest.'? Then name it lie-down-rest.wav.",
            "Of no text of this routine: walk-a-mile.wav.",
        ],
    )
    code, out, _ = call("check", routine)
    assert code == 0
    assert out.count("is not recorded") == 1  # not one for each file of another routine
    assert "routine.yaml:4:5: warning: 'Lie down. Rest.' is not recorded, but " in out
    assert "lie-down-and-rest.wav has nearly its name. Name it lie-down-rest.wav. [unspeakable]" in out
