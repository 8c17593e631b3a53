"""`play` for ten minutes on a busy machine, as an ordinary user: its recording against the export, sample by sample."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from busy import AS_USER, busy, exporting
from killing import PROGRAM
from pulse import SoundServer
from rows import Row, Settings
from waves import gaps, in_steps, place

from audioguide.units import RATE, to_frames

STEPS = """\
title: Long
defaults: {{background: {{name: warm-drone, during: always}}, breath: 4-6}}
steps:
  - {{pose: {{name: Lie down, hold: {half}s}}}}
  - {{pose: {{name: Sit, hold: {half}s}}}}
"""


GAP = to_frames(0.015)
"""What a sound server asks for at a time is more; at the end the background fades to less than a step."""


def measure(settings: Settings) -> list[Row]:
    """Half a minute, in a long run ten minutes."""
    seconds = 600 if settings.long else 30
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = SoundServer(folder)
        try:
            (folder / "long.yaml").write_text(STEPS.format(half=seconds // 2), "utf-8")
            written, played, told = _play(folder, server)
        finally:
            server.stop()
    sounding = np.flatnonzero(played.any(axis=1))  # the background sounds all the time
    silences = [int(frames) for frames in np.diff(sounding) if frames > GAP]
    try:
        begin = int(sounding[0]) + RATE  # a part of the lead-in is left out
        at = place(played[begin : begin + RATE // 2], written[: 10 * RATE])
        alike = not gaps(played[begin:], written[at:])
    except AssertionError as error:  # after a gap, the program fades in
        alike, told = False, f"{told} {error}"
    longest = 1000 * max(silences, default=0) / RATE
    how = f"{len(played) / RATE:.0f} s beside two busy loops and an export over and over, at no other priority"
    return [
        Row(
            "gaps in what was heard",
            len(silences),
            "gaps",
            "0 gaps",
            not len(silences),
            f"{how}; it said: {told or '–'}",
        ),
        Row("the longest gap", longest, "ms", None, None, "in a recording of the sound server"),
        Row("recordings unlike the export", not alike, "of 1", "0", alike, "every sample, to the rounding of 16 bits"),
    ]


def _play(folder: Path, server: SoundServer) -> tuple[np.ndarray, np.ndarray, str]:
    """What was to be heard and what was, s16, and what the program said."""
    environment = os.environ | server.environment | {"AUDIOGUIDE_CACHE": str(folder / "cache")}
    written, options = folder / "long.wav", ["--silence", "digital", "--cues", "end=off"]
    export = [*PROGRAM, "export", folder / "long.yaml", "-o", written, *options]
    subprocess.run(export, env=environment, check=True, capture_output=True)
    play = [*AS_USER, *PROGRAM, "play", folder / "long.yaml", "--no-questions", *options]
    with server.recording() as recording, busy(), exporting(folder, environment):
        done = subprocess.run(
            play, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    assert not done.returncode, done.stderr
    return in_steps(written), recording.frames, " ".join(done.stderr.split())
