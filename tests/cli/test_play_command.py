"""`audioguide play` on a real sound server, driven from outside as a person would."""

import os
import pty
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from pulse import SoundServer, wait_until

from audioguide.units import RATE

SHORT = """\
title: Short
steps:
  - say: Sit down.
  - {pose: {name: Twist, hold: 12s}, breath: 2-3, settle: 1s}
"""
COMMAND = [sys.executable, "-m", "audioguide"]


def environment(server: SoundServer, tmp_path) -> dict[str, str]:
    return os.environ | server.environment | {"AUDIOGUIDE_CACHE": str(tmp_path / "cache")}


def exported(path, environment) -> np.ndarray:
    """The session as WAV, from its first frame that is heard in 16 bit to the last, in steps of 16 bit, not rounded."""
    target = path.with_suffix(".wav")
    subprocess.run([*COMMAND, "export", path, "-o", target], env=environment, check=True, capture_output=True)
    data = target.read_bytes()
    raw = np.frombuffer(data[data.index(b"data") + 8 :], np.uint8).reshape(-1, 3)
    padded = np.concatenate([np.zeros((len(raw), 1), np.uint8), raw], axis=1)
    steps = padded.view("<i4").reshape(-1, 2) / 2**16
    loud = np.flatnonzero(np.abs(steps).max(axis=1) >= 1)
    return steps[loud[0] : loud[-1] + 1]


@pytest.mark.real("pulseaudio", "parec")
def test_what_is_heard_is_what_is_exported(sound_server: SoundServer, write, tmp_path):
    """With an empty cache: the session is spoken while it is played."""
    path, env = write(SHORT), environment(sound_server, tmp_path)
    with sound_server.recording() as recording:
        played = subprocess.run([*COMMAND, "play", path], env=env, capture_output=True, text=True, check=False)
    assert (played.returncode, played.stdout, played.stderr) == (0, "", "")
    heard, written = recording.sound, exported(path, env)
    # The server turns floats into 16 bits in its own way: a step to either side, which may hide the first quiet frames.
    assert abs(len(heard) - len(written)) < 10
    shift = min(range(-5, 6), key=lambda n: np.abs(heard[10 + n : 4010 + n] - written[10:4010]).sum())
    count = min(len(heard) - shift, len(written)) - 10
    assert np.abs(heard[10 + shift : count + shift] - written[10:count]).max() < 2


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


@pytest.mark.real("pulseaudio", "parec")
def test_the_line_and_the_space_bar_on_a_real_terminal(sound_server: SoundServer, tmp_path, write):
    env = environment(sound_server, tmp_path) | {"COLUMNS": "70", "TERM": "xterm"}
    master, slave = pty.openpty()
    command = [*COMMAND, "play", write(SHORT)]
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
