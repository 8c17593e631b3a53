"""A person's own recordings: found by their texts, of one loudness, trimmed; each error is one sentence."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from loudness import integrated_loudness

from audioguide.errors import RequestError
from audioguide.model.timeline import Utterance
from audioguide.speech.clip import ClipCache
from audioguide.speech.engines.engine import make_engine
from audioguide.speech.engines.recordings import RecordedEngine, find_recordings, recording_list, recording_name
from audioguide.speech.voice_speaker import VoiceSpeaker
from audioguide.speech.voices import VoiceProfile, load_profile
from audioguide.system.ffmpeg import find_ffmpeg
from audioguide.units import RATE

LONG = "Kneel on the mat, big toes together, knees apart. Sit back on your heels and fold forward over your thighs."

PROFILE = """\
title: My own voice
engine: recorded
model: takes
language: en
rate: {narration: 1, breath: 1, count: 1}
gain: {narration: 0, breath: -1, count: 0}
fallback: heart
"""


@pytest.fixture
def voice(tmp_path: Path) -> VoiceProfile:
    (tmp_path / "takes").mkdir()
    (tmp_path / "mine.yaml").write_text(PROFILE)
    return load_profile(tmp_path / "mine.yaml")


@pytest.fixture
def takes(voice: VoiceProfile) -> Path:
    return voice.folder / "takes"


def record(path: Path, seconds: float = 1.0, level: float = 0.5, room: float = 0.001) -> Path:
    """A take: a room, a second of it before the voice, two after."""
    voice = f"sine=frequency=300:duration={seconds}:sample_rate=48000,volume={8 * level},adelay=1000,apad=pad_dur=2"
    noise = f"anoisesrc=duration={seconds + 3}:amplitude={room}:sample_rate=48000:seed=1"
    mixed = ["-filter_complex", f"{voice}[voice];{noise}[room];[voice][room]amix=normalize=0"]
    subprocess.run([find_ffmpeg(), "-v", "error", *mixed, "-y", path], check=True, capture_output=True)
    return path


@pytest.mark.parametrize("name", ["breathe-in.wav", "Breathe in.mp3", "BREATHE  IN.flac", "breathe_in.ogg"])
def test_a_recording_is_found_by_text_or_id(voice: VoiceProfile, takes: Path, name: str) -> None:
    record(takes / name)
    samples = make_engine(voice).speak("Breathe in.", 1.0)
    assert samples.dtype == np.float32
    assert len(samples) / RATE == pytest.approx(1.0 + 0.16, abs=0.06)


@pytest.mark.parametrize("level", [0.01, 0.1, 0.9])
@pytest.mark.parametrize("seconds", [0.3, 2.0])
def test_recordings_are_equally_loud_and_trimmed(
    tmp_path: Path, voice: VoiceProfile, takes: Path, level: float, seconds: float
) -> None:
    record(takes / "begin.wav", seconds, level, room=level / 500)
    with VoiceSpeaker(voice, cache=ClipCache(tmp_path / "clips")) as speaker:
        clip = speaker.clip_for(Utterance("Begin.", "begin"))
    assert len(clip) / RATE == pytest.approx(seconds + 0.15, abs=0.1)  # with some of the room
    among_silences = np.pad(clip, RATE // 2)
    assert integrated_loudness(among_silences, RATE) == pytest.approx(-19, abs=0.3 if seconds > 1 else 1)


@pytest.mark.parametrize("under_db", [45, 37, 29])
def test_a_noisy_room_is_not_part_of_the_word(voice: VoiceProfile, takes: Path, under_db: int) -> None:
    loudest = 0.5
    record(takes / "two.wav", 0.5, loudest, room=loudest * 3**0.5 * 10 ** (-under_db / 20))  # of even noise
    assert len(make_engine(voice).speak("Two.", 1.0)) / RATE == pytest.approx(0.5 + 0.16, abs=0.06)


def test_what_begins_with_its_word_keeps_it(voice: VoiceProfile, takes: Path) -> None:
    tight = ["-f", "lavfi", "-i", "sine=frequency=300:duration=0.8", "-filter:a", "afade=out:d=0.3:st=0.5"]
    subprocess.run([find_ffmpeg(), "-v", "error", *tight, takes / "two.wav"], check=True, capture_output=True)
    assert len(make_engine(voice).speak("Two.", 1.0)) / RATE == pytest.approx(0.8, abs=0.02)


def test_a_text_of_several_sentences_is_one_recording(voice: VoiceProfile, takes: Path) -> None:
    name = recording_name(LONG)
    assert len(name) <= 67
    assert name != recording_name(f"{LONG} And rest.")
    record(takes / f"{name}.m4a", 3)
    with VoiceSpeaker(voice, cache=ClipCache(takes.parent / "clips")) as speaker:
        assert speaker.cannot_say(Utterance(LONG, "instructions")) is None
        assert speaker.measure(Utterance(LONG, "instructions")) / RATE == pytest.approx(3.2, abs=0.1)


def test_a_file_may_be_named_by_its_whole_text(voice: VoiceProfile, takes: Path) -> None:
    record(takes / f"{LONG}.wav")
    assert find_recordings(voice).file(LONG) == takes / f"{LONG}.wav"


def test_the_index_names_files(voice: VoiceProfile, takes: Path) -> None:
    record(takes / "take 7.wav")
    record(takes / "begin.wav")
    (takes / "index.yaml").write_text('recordings:\n  "Breathe out.": take 7.wav\n  Begin: take 7.wav\n')
    found = find_recordings(voice)
    assert found.file("breathe out") == found.file("Begin.") == takes / "take 7.wav"
    (takes / "index.yaml").write_text("recordings:\n  Begin: gone.wav\n  Rest: lost.wav\nfolder: x\n")
    with pytest.raises(RequestError, match=r"index\.yaml:4:1: There is no key 'folder'"):
        find_recordings(voice)
    (takes / "index.yaml").write_text("recordings:\n  Begin: gone.wav\n  Rest: lost.wav\n")
    with pytest.raises(RequestError) as caught:
        find_recordings(voice)
    places = [line.split("index.yaml:")[1] for line in str(caught.value).splitlines()]
    assert [place.split(" ")[0] for place in places] == ["2:10:", "3:9:"]
    assert "gone.wav" in places[0]


def test_of_two_takes_the_later_one_counts(voice: VoiceProfile, takes: Path) -> None:
    early, late = record(takes / "begin.wav"), record(takes / "Begin.flac")
    os.utime(early, ns=(0, 1_000))
    os.utime(late, ns=(0, 2_000))
    assert find_recordings(voice).file("Begin.") == late
    os.utime(early, ns=(0, 3_000))
    assert find_recordings(voice).file("Begin.") == early


def test_what_is_not_recorded(voice: VoiceProfile, takes: Path) -> None:
    (takes / "notes.txt").write_text("Begin")
    refused = make_engine(voice).cannot_say("Begin.")
    assert refused
    assert str(refused).startswith("'Begin.' is not recorded: ")
    assert "takes holds no begin.wav or the like. Record it" in str(refused)
    with pytest.raises(RequestError, match="is not recorded"):
        make_engine(voice).speak("Begin.", 1.0)
    assert "nothing to say" in str(make_engine(voice).cannot_say("..."))


def test_a_folder_that_is_not_there(voice: VoiceProfile) -> None:
    with pytest.raises(RequestError, match=r"There is no folder .*elsewhere with recordings\. Make it"):
        make_engine(replace(voice, model="elsewhere")).cannot_say("Begin.")


def test_the_version_follows_the_files(voice: VoiceProfile, takes: Path) -> None:
    versions = [RecordedEngine(voice).version]
    take = record(takes / "begin.wav")
    versions.append(RecordedEngine(voice).version)
    os.utime(take, ns=(0, 1))
    versions.append(RecordedEngine(voice).version)
    record(takes / "rest.wav")
    versions.append(RecordedEngine(voice).version)
    assert len(set(versions)) == 4
    assert RecordedEngine(voice).version == versions[-1]


def test_a_recording_that_changes_during_a_session_is_not_cached_as_the_old_one(
    tmp_path: Path, voice: VoiceProfile, takes: Path
) -> None:
    begin, clips = record(takes / "begin.wav"), ClipCache(tmp_path / "clips")
    with VoiceSpeaker(voice, cache=clips) as speaker:
        key = speaker.clip_key(Utterance("Begin.", "begin"))
        record(begin, 2.0)
        with pytest.raises(RequestError, match=r"begin\.wav was changed in the meantime\. Run it again\."):
            speaker.measure(Utterance("Begin.", "begin"))
    assert clips.frames(key) is None
    with VoiceSpeaker(voice, cache=clips) as speaker:
        assert speaker.measure(Utterance("Begin.", "begin")) / RATE == pytest.approx(2.0, abs=0.2)


def test_bad_recordings(voice: VoiceProfile, takes: Path) -> None:
    (takes / "begin.wav").write_text("no sound")
    (takes / "rest.wav").touch()
    record(takes / "release.wav", level=0, room=0)
    long = ["-f", "lavfi", "-i", "sine=300:d=302:r=8000"]
    subprocess.run([find_ffmpeg(), "-v", "error", *long, takes / "walk.flac"], check=True)
    for text, said in {
        "Begin.": r"begin\.wav is not a sound that can be read\. Save it as",
        "Rest.": r"rest\.wav is empty\.",
        "Release.": r"release\.wav is silent\. Record it again\.",
        "Walk.": r"walk\.flac is longer than 5m\.",
    }.items():
        with pytest.raises(RequestError, match=said):
            make_engine(voice).speak(text, 1.0)


def test_the_sheet_has_each_text_once(voice: VoiceProfile, takes: Path) -> None:
    record(takes / "Begin.flac")
    said = [("Child's pose.", "name"), (LONG, "instructions"), ("Begin.", "begin"), ("begin", "say"), ("—", "say")]
    rows = recording_list([Utterance(text, role) for text, role in said], voice)
    assert [(row.text, row.said.role, row.file.name, row.exists) for row in rows] == [
        ("Child's pose.", "name", "childs-pose.wav", False),
        (LONG, "instructions", f"{recording_name(LONG)}.wav", False),
        ("Begin.", "begin", "Begin.flac", True),
    ]
    for row in rows:
        record(row.file)
    assert all(row.exists for row in recording_list([Utterance(text, "say") for text, _ in said], voice))
