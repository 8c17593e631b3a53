"""A voice of one's own, recorded line by line: a person at a real terminal, whom a real microphone hears."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from disks import disk
from loudness import integrated_loudness
from pulse import SoundServer, retry_in_real_time, wait_until
from tmux import Tmux

from audioguide.model.timeline import Utterance
from audioguide.speech.voice_speaker import VoiceSpeaker
from audioguide.speech.voices import find_profile
from audioguide.system.ffmpeg import decode_to_segment
from audioguide.units import RATE

pytestmark = [pytest.mark.real("tmux", "pulseaudio", "paplay")]

LINES = ["Lie down. Rest.", "Bend your knees, and let your arms sink to the floor."]
ROUTINE = "title: Two\nsteps:\n" + "".join(f"  - say: {line}\n" for line in LINES)
FILES = ["bend-your-knees-and-let-your-arms-sink-to-the-floor.wav", "lie-down-rest.wav"]


class Person:
    """Somebody at the terminal who speaks with a voice of the program, in a room that is not quite silent."""

    def __init__(self, tmux: Tmux, routine: Path, home: Path) -> None:
        self.tmux, self.routine = tmux, routine
        self.profile, self.takes = home / "voices/anna.yaml", home / "voices/anna"

    def begins(self, *options: str) -> None:
        command = [sys.executable, "-m", "audioguide", "voices", "record", str(self.routine), "--voice", "anna"]
        self.tmux.run(f"clear; {' '.join([*command, *options])}; echo code $?")

    def sees(self, text: str) -> None:
        """Wait until a text is there, wherever the terminal breaks it."""
        wait_until(lambda: "".join(text.split()) in "".join(self.tmux.shown.split()), f"{text!r} to be shown")

    def presses(self, key: str, sees: str) -> None:
        self.tmux.press(key)
        self.sees(sees)

    def says(self, text: str, gain: float = 0.5) -> np.ndarray:
        """Say it, with half a second before and after it; what was said."""
        with VoiceSpeaker(find_profile("heart")) as speaker:
            said = np.pad(speaker.clip_for(Utterance(text, "say")), RATE // 2) * gain
        heard = said + np.random.default_rng(1).normal(0, 0.0001, len(said))
        play = ["paplay", "--raw", "--format=s16le", f"--rate={RATE}", "--channels=1"]
        subprocess.run(play, input=np.rint(heard.clip(-1, 1) * 32767).astype("<i2").tobytes(), check=True)
        return said

    def checks_the_sound(self) -> None:
        self.sees("Sound check: say nothing")
        self.presses("Enter", "speak now")
        self.says(LINES[1])
        self.sees("[Enter] go on")
        assert "Good." in self.tmux.shown

    def records(self, text: str, number: str, verdict: str = "Good.", gain: float = 0.5) -> np.ndarray:
        self.sees(number)
        self.presses("Enter", "Enter ends it")
        said = self.says(text, gain)
        self.presses("Enter", verdict)
        return said


@pytest.fixture
def person(sound_server: SoundServer, home: Path, tmux: Tmux, write) -> Iterator[Person]:
    sound_server.plug_microphone()
    yield Person(tmux, write(ROUTINE), home)
    sound_server.unplug_microphone()


def samples(path: Path) -> np.ndarray:
    return np.array(decode_to_segment(path, 300.0).get_array_of_samples()) / 32768


def likeness(sound: np.ndarray, of: np.ndarray) -> float:
    """How much a sound is like another one somewhere in it: the highest correlation."""
    size = len(sound) + len(of)
    found = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(of, size)), size)
    at = int(np.argmax(found))
    return float(found[at] / np.linalg.norm(of) / np.linalg.norm(sound[at : at + len(of)]))


@pytest.mark.slow
@retry_in_real_time
def test_a_routine_is_recorded_and_speaks(person: Person, call):
    person.begins()
    person.checks_the_sound()
    person.tmux.press("Enter")
    said = []
    for number, line in enumerate(LINES, 1):
        said.append(person.records(line, f"{number} of 2"))
        person.tmux.press("Enter")
    person.sees("2 of 2 texts are recorded in")
    assert sorted(path.name for path in person.takes.iterdir() if path.suffix) == FILES
    code, _, err = call("export", person.routine, "--voice", "anna", "--background", "none", "-o", "out.wav")
    assert (code, err) == (0, "")
    session = samples(call.folder / "out.wav")
    for clip in said:
        spoken = clip[RATE // 2 : -RATE // 2]
        assert likeness(session, spoken) > 0.98  # every word, from its beginning to its end
        assert likeness(samples(person.takes / "lie-down-rest.wav"), spoken) > 0.98 or clip is said[1]
    stereo = np.repeat(session[:, None], 2, axis=1).astype(np.float32)
    assert integrated_loudness(stereo, RATE) == pytest.approx(-16, abs=0.5)


@pytest.mark.slow
def test_what_is_bad_is_told_and_taken_again_and_what_is_kept_stays(person: Person):
    person.begins()
    person.checks_the_sound()
    person.tmux.press("Enter")
    person.records("Lie", "1 of 2", "were some words left out?")
    person.tmux.press("l")  # listens, and is asked again
    wait_until(lambda: person.tmux.shown.count("[K] keep it") == 2, "the end of it")
    person.records(LINES[0], "1 of 2", "It is too quiet", gain=0.005)
    person.records(LINES[0], "1 of 2", "It is clipped", gain=6)
    person.records(LINES[0], "1 of 2")
    person.presses("Enter", "2 of 2")
    person.presses("b", "1 of 2")
    person.tmux.press("l")  # to what was kept
    wait_until(lambda: person.tmux.shown.count("[Enter] record") == 2, "the end of it")
    person.presses("s", "2 of 2")
    person.presses("q", "1 of 2 texts are recorded in")
    person.sees("code 0")
    kept = (person.takes / FILES[1]).read_bytes()
    person.begins()  # only the other line is left
    person.checks_the_sound()
    person.presses("Enter", "1 of 1")
    assert "Bend your knees" in person.tmux.shown
    person.presses("m", "[M] model")
    os.kill(person.tmux.process, signal.SIGINT)
    person.sees("code 130")
    assert (person.takes / FILES[1]).read_bytes() == kept
    person.begins("--all")
    person.checks_the_sound()
    person.presses("Enter", "1 of 2")
    assert not list(person.takes.glob("*.part"))


@pytest.mark.slow
def test_a_microphone_that_goes_and_a_second_recorder(person: Person, sound_server: SoundServer, home: Path):
    person.begins()
    person.checks_the_sound()
    person.presses("Enter", "1 of 2")
    second = Tmux(home)
    try:
        other = Person(second, person.routine, home)
        other.begins()
        other.sees("Somebody records into")
        other.sees("code 2")
    finally:
        second.close()
    person.presses("Enter", "Enter ends it")
    sound_server.unplug_microphone()
    try:
        person.sees("has gone. Plug it in again, and go on.")
        person.sees("code 1")
        person.begins("--device", "nothing")
        person.sees("There is no sound device 'nothing'.")
        person.sees("code 2")
    finally:
        sound_server.plug_microphone()


def test_without_a_microphone_nothing_is_made(sound_server: SoundServer, home: Path, tmux: Tmux, write):
    person = Person(tmux, write(ROUTINE), home)
    person.begins()  # what the loudspeaker plays is no microphone
    person.sees("There is no microphone. Plug one in, or allow it in the system's sound settings.")
    person.sees("code 1")
    assert not person.profile.exists()


@pytest.mark.slow
@pytest.mark.parametrize(("state", "told"), [("ro", "may not be written"), ("full", "The disk is full")])
def test_a_disk_that_takes_nothing(person: Person, home: Path, tmp_path: Path, state: str, told: str):
    with disk(tmp_path / "disk", "60k") as place:
        person.profile.parent.mkdir(parents=True)
        person.profile.write_text(PROFILE.format(place))
        if state == "ro":
            subprocess.run(["mount", "-o", "remount,ro", place], check=True)
        person.begins()
        if state == "full":
            person.checks_the_sound()
            person.tmux.press("Enter")
            person.records(LINES[0], "1 of 2")
            person.tmux.press("Enter")
        person.sees(told)
        person.sees("code 1")
        assert [path.name for path in place.iterdir() if path.name != ".held"] == []


PROFILE = """\
engine: recorded
model: {}
language: en
rate: {{narration: 1, breath: 1, count: 1}}
gain: {{narration: 0, breath: -1, count: -1}}
"""


def test_what_is_asked_wrongly(call, write, person: Person):
    code, _, err = call("voices", "record", person.routine)
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith("Recording asks for keys, and there is no terminal to press them in.")
    person.begins("--voice", "heart")
    person.sees("(hibari, ")
    person.sees("code 2")
    write(ROUTINE.replace("title: Two", "title: Zwei\nlanguage: de"))
    person.begins()
    person.sees("Sound check: say nothing")
    assert "language: de" in person.profile.read_text()
    assert "fallback: pico-de" in person.profile.read_text()
    person.presses("q", "0 of 2 texts are recorded in")
    write(ROUTINE)
    person.begins()
    wait_until(
        lambda: "(recorded, de) has no recordings in the language en" in person.tmux.shown.replace("\n", ""), "it"
    )
