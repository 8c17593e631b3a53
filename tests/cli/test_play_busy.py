"""`play` on a machine that is busy: as an ordinary user, with a busy loop on each core and an export over and over.

For ten minutes: `AUDIOGUIDE_BUSY_SECONDS=600 pytest -n 0 -m slow tests/cli/test_play_busy.py`.
"""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from busy import AS_USER, busy, exporting
from pulse import SoundServer, retry_in_real_time, wait_until

from audioguide.units import to_frames

SECONDS = float(os.environ.get("AUDIOGUIDE_BUSY_SECONDS", "40"))
ROUTINE = "title: Long\ndefaults: {background: {name: warm-drone, during: always}, breath: 4-6}\nsteps:\n" + (
    "  - {pose: {name: Lie down, hold: 600s}}\n  - {pose: {name: Sit, hold: 600s}}\n"
)
COMMAND = [sys.executable, "-m", "audioguide"]


@pytest.mark.slow
@pytest.mark.real("pulseaudio", "parec")
@retry_in_real_time
def test_the_sound_does_not_break_off_while_others_work(sound_server: SoundServer, write, tmp_path):
    routine = write(ROUTINE)
    subprocess.run([*COMMAND, "show", routine], check=True, capture_output=True)
    with sound_server.recording() as recording, busy(), exporting(tmp_path, os.environ):
        play = [*AS_USER, *COMMAND, "play", str(routine), "--no-questions"]
        child = subprocess.Popen(play, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        wait_until(lambda: recording.seconds > SECONDS, "the time to be over", seconds=SECONDS + 60)
        child.send_signal(signal.SIGINT)
        told = child.communicate(timeout=60)[1]
    assert "broke off" not in told
    sounding = np.flatnonzero(recording.sound.any(axis=1))
    assert len(sounding) > to_frames(SECONDS / 2)
    assert np.diff(sounding).max() < to_frames(0.06)
