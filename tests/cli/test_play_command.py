"""`audioguide play` on a real sound server, driven from outside as a person would."""

import os
import pty
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from busy import busy
from pulse import SoundServer, wait_until
from waves import gaps, in_steps

from audioguide.units import RATE

SHORT = """\
title: Short
defaults: {background: warm-drone}
steps:
  - say: Sit down.
  - {pose: {name: Twist, hold: 12s}, breath: 2-3, settle: 1s}
"""
COMMAND = [sys.executable, "-m", "audioguide"]


def environment(server: SoundServer, tmp_path) -> dict[str, str]:
    return os.environ | server.environment | {"AUDIOGUIDE_CACHE": str(tmp_path / "cache")}


def exported(routine, tmp_path, env, *options) -> np.ndarray:
    """The session as it is exported."""
    target = tmp_path / "exported.wav"
    command = [*COMMAND, "export", routine, "-o", target, *options]
    subprocess.run(command, env=env, check=True, capture_output=True)
    return in_steps(target)


def broke_off(err: str) -> bool:
    """Whether the command says that there were gaps; nothing else is in order."""
    assert re.fullmatch(r"(The sound broke off (once|\d+ times)(: this machine was too busy)?\.\n)?", err), err
    return bool(err)


@pytest.mark.slow
@pytest.mark.real("pulseaudio", "parec")
def test_what_is_heard_is_what_is_exported(sound_server: SoundServer, write, tmp_path):
    """With an empty cache: it is spoken while it is played. Half of the time others need the processor: where that
    makes silence, it is said.
    """
    path, env = write(SHORT), environment(sound_server, tmp_path)
    with sound_server.recording() as recording:
        command = [*COMMAND, "play", path, "--silence", "digital", "--cues", "end=off"]
        child = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
        wait_until(lambda: len(recording.sound) > 8 * RATE, "the first half to be heard", seconds=60)
        with busy():
            _, err = child.communicate()
    assert child.returncode == 0
    assert bool(gaps(recording.frames, exported(path, tmp_path, env))) <= broke_off(err)


def test_a_file_is_what_an_export_is(write, tmp_path):
    path, played = write(SHORT), tmp_path / "played.wav"
    subprocess.run([*COMMAND, "play", path, "--output", f"wav:{played}"], check=True, capture_output=True)
    subprocess.run([*COMMAND, "export", path, "-o", tmp_path / "exported.wav"], check=True, capture_output=True)
    assert played.read_bytes() == (tmp_path / "exported.wav").read_bytes()


@pytest.mark.real("pulseaudio", "parec")
def test_ctrl_c_stops_cleanly(sound_server: SoundServer, tmp_path):
    env = environment(sound_server, tmp_path)
    with sound_server.recording() as recording:
        child = subprocess.Popen([*COMMAND, "play", "taster"], env=env, stderr=subprocess.PIPE, text=True)
        wait_until(lambda: len(recording.sound) > RATE, "the session to be heard", seconds=20)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=10)
    assert (child.returncode, err.strip()) == (130, "Stopped.")
    tail = np.abs(recording.sound[-RATE // 100 :]).max(axis=1)
    assert tail[-1] <= tail.max()
    assert tail[-1] < 400  # faded out, not cut off


@pytest.mark.slow
@pytest.mark.real("pulseaudio", "parec")
def test_the_line_and_the_space_bar_on_a_real_terminal(sound_server: SoundServer, tmp_path, write):
    env = environment(sound_server, tmp_path) | {"COLUMNS": "70", "TERM": "xterm"}
    master, slave = pty.openpty()
    command = [*COMMAND, "play", "--plain", write(SHORT)]
    child = subprocess.Popen(command, env=env, pass_fds=[slave], preexec_fn=lambda: os.login_tty(slave))
    os.close(slave)
    os.set_blocking(master, False)
    screen = ""

    def see(text: str) -> bool:
        nonlocal screen
        try:
            screen += os.read(master, 65536).decode()
        except (BlockingIOError, OSError):
            time.sleep(0.01)
        return text in screen

    try:
        wait_until(lambda: see("Twist · hold 0:1"), "the hold", seconds=20)
        os.write(master, b" ")
        wait_until(lambda: see("paused"), "the pause")
        os.write(master, b" ")
        screen = ""
        wait_until(lambda: see("left"), "the session to go on")
        os.write(master, b"q")
        wait_until(lambda: see("") and child.poll() is not None, "the end")
    finally:
        child.kill()
        child.wait()
        os.close(master)
    assert child.returncode == 0


def test_without_a_sound_device_it_names_export(tmp_path):
    env = os.environ | {
        "PULSE_SERVER": f"unix:{tmp_path}/none",
        "XDG_RUNTIME_DIR": str(tmp_path),
        "HOME": str(tmp_path),
    }
    played = subprocess.run([*COMMAND, "play", "taster"], env=env, capture_output=True, text=True, check=False)
    if played.returncode == 0:
        pytest.skip("this machine has a sound device that needs no server")
    assert played.returncode == 1
    assert played.stderr == "There is no sound device to play on. Use `audioguide export` to make a file instead.\n"


WRONG = {
    "--device Nowhere --output null": "The output null has no devices to choose from. Leave out --device Nowhere.",
    "--output nonsense": "There is no output 'nonsense'. Known: miniaudio, null, simpleaudio, wav:FILE.",
    "--output wav:none/a.wav": "There is no folder none. Make it, or choose another.",
    "--output null --from 99:00": "The session is only 0:21 long. Begin before 99:00.",
    "--output null --from soon": "--from: 'soon' is not a length of time. Write 45s, 1m30s, 1:30 or 2 min.",
    "--output null --start-at cobra": "No pose of this routine is called 'cobra'. Known: Twist.",
    "--output null --start-at 2 --from 3": "--from and --start-at are two places to begin at: give one of them.",
    "--output null --resume --from 3": "--resume goes on where you stopped: leave out --from and --start-at, or",
}


@pytest.mark.parametrize(("options", "said"), WRONG.items(), ids=WRONG)
def test_what_cannot_be_asked(call, write, options, said):
    code, out, err = call("play", write(SHORT), *options.split())
    assert (code, out) == (2, "")
    assert err.startswith(said)
    assert err.count("\n") == 1


@pytest.mark.real("pulseaudio")
def test_a_device_that_is_not_there_names_those_that_are(sound_server: SoundServer, call, write):
    code, _, err = call("play", write(SHORT), "--device", "Nowhere")
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith("There is no sound device 'Nowhere'. ")


TINY = "title: Tiny\nsteps:\n- {pose: {name: Twist, hold: 5s}, settle: 0s}"


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_are_closed_are_done_without(write, tmp_path, closed):
    shell = ["sh", "-c", f'"$0" -m audioguide play "$1" --output wav:"$2" {closed}']
    command = [*shell, sys.executable, write(TINY), tmp_path / "played.wav"]
    played = subprocess.run(command, capture_output=True, text=True)
    assert (played.returncode, played.stdout, played.stderr) == (0, "", "")
    assert (tmp_path / "played.wav").stat().st_size > RATE


def test_a_locale_without_umlauts(write, tmp_path):
    path = write(TINY.replace("Twist", "Kätzchen").replace("Tiny", "Dehnübung"))
    env = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0"}
    command = [*COMMAND, "play", path, "--output", f"wav:{tmp_path}/played.wav"]
    played = subprocess.run(command, env=env, capture_output=True)
    assert (played.returncode, played.stdout, played.stderr) == (0, b"", b"")


def test_two_at_once(write, tmp_path):
    children = [
        subprocess.Popen([*COMMAND, "play", write(TINY), "--output", f"wav:{tmp_path / str(n)}.wav"]) for n in range(2)
    ]
    assert [child.wait() for child in children] == [0, 0]
    assert (tmp_path / "0.wav").read_bytes() == (tmp_path / "1.wav").read_bytes()


@pytest.mark.slow
@pytest.mark.real("pulseaudio", "parec")
def test_a_process_that_was_stopped_is_not_called_a_busy_machine(sound_server: SoundServer, write):
    """Nor is a machine that was asleep: gaps are counted, and not the time in which nothing ran."""
    background = "defaults: {background: {name: warm-drone, during: always}}"
    path = write(f"title: t\n{background}\nsteps:\n- say: Sit down on the floor, and stretch your legs out.")
    for _ in range(3):  # a machine that is really busy has gaps of its own
        with sound_server.recording() as recording:
            child = subprocess.Popen([*COMMAND, "play", path], stderr=subprocess.PIPE, text=True)
            wait_until(lambda: len(recording.sound) > RATE, "the session to be heard", seconds=20)
            child.send_signal(signal.SIGSTOP)
            time.sleep(1.3)
            child.send_signal(signal.SIGCONT)
            if not broke_off(child.communicate(timeout=60)[1]):
                return
    pytest.fail("it was called busy each time")


@pytest.mark.real("pulseaudio")
def test_where_nothing_can_be_noted_it_plays_all_the_same(sound_server: SoundServer, write):
    env = os.environ | {"AUDIOGUIDE_HOME": "/dev/null/none"}
    child = subprocess.Popen([*COMMAND, "play", write(TINY)], env=env, stderr=subprocess.PIPE, text=True)
    assert child.stderr.readline().startswith("This session is not recorded. ")
    child.send_signal(signal.SIGINT)
    assert (child.communicate()[1].strip(), child.returncode) == ("Stopped.", 130)
