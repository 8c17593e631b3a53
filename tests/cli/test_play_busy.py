"""`play` on a machine that is busy: as an ordinary user, with a busy loop on each core and an export over and over.

For ten minutes: `AUDIOGUIDE_BUSY_SECONDS=600 pytest -n 0 -m slow tests/cli/test_play_busy.py`.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from busy import busy
from pulse import SoundServer, retry_in_real_time, wait_until

from audioguide.units import to_frames

SECONDS = float(os.environ.get("AUDIOGUIDE_BUSY_SECONDS", "40"))
ROUTINE = "title: Long\ndefaults: {background: {name: warm-drone, during: always}, breath: 4-6}\nsteps:\n" + (
    "  - {pose: {name: Lie down, hold: 600s}}\n  - {pose: {name: Sit, hold: 600s}}\n"
)
COMMAND = [sys.executable, "-m", "audioguide"]
AS_USER = (
    ["setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice"] if hasattr(os, "getuid") and not os.getuid() else []
)


@pytest.mark.slow
@pytest.mark.real("pulseaudio", "parec")
@retry_in_real_time
def test_the_sound_does_not_break_off_while_others_work(sound_server: SoundServer, write, tmp_path):
    routine, over = write(ROUTINE), threading.Event()
    subprocess.run([*COMMAND, "show", routine], check=True, capture_output=True)

    def export() -> None:
        while not over.is_set():
            shutil.rmtree(tmp_path / "cache", ignore_errors=True)
            environment = os.environ | {"AUDIOGUIDE_CACHE": str(tmp_path / "cache")}
            command = [*COMMAND, "export", "lower-back-cool-down", "-o", str(tmp_path / "other.mp3")]
            child = subprocess.Popen([*AS_USER, *command], env=environment, stderr=subprocess.DEVNULL)
            while child.poll() is None and not over.wait(0.1):
                pass
            child.kill()
            child.wait()

    exporting = threading.Thread(target=export)
    with sound_server.recording() as recording, busy():
        exporting.start()
        try:
            play = [*AS_USER, *COMMAND, "play", str(routine), "--no-questions"]
            child = subprocess.Popen(play, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            wait_until(lambda: recording.seconds > SECONDS, "the time to be over", seconds=SECONDS + 60)
            child.send_signal(signal.SIGINT)
            told = child.communicate(timeout=60)[1]
        finally:
            over.set()
            exporting.join()
    assert "broke off" not in told
    sounding = np.flatnonzero(recording.sound.any(axis=1))
    assert len(sounding) > to_frames(SECONDS / 2)
    assert np.diff(sounding).max() < to_frames(0.06)
