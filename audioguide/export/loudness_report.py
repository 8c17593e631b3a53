"""How loud a finished file is, as a listener hears it: measured by ffmpeg's ebur128 (EBU R 128, ITU-R BS.1770)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioguide.model.timeline import Role, Timeline
from audioguide.system.ffmpeg import run_ffmpeg
from audioguide.units import RATE

NARRATION: frozenset[Role] = frozenset({"say", "name", "instructions", "begin", "release"})
"""The speech outside holds."""

_STEP, _WINDOW = RATE // 10, 4 * RATE // 10
"""Frames from one momentary loudness to the next, and in each of them."""

_FLOOR = -70.0
"""LUFS: what is fainter counts as silence (BS.1770)."""

_SLOWEST = 10.0
"""Times as fast as it sounds: a file that takes longer to measure is one that ffmpeg hangs on."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """Of the narration and of everything together in LUFS, gated; the highest true peak in dBTP. None of silence."""

    narration: float | None
    programme: float | None
    true_peak: float | None


def measure_loudness(path: Path, timeline: Timeline) -> Loudness:
    """The loudness of an exported file, whose timeline tells where the narration is.

    Raises EnvironmentFailure where the file cannot be read.
    """
    chain = "ebur128=peak=true:framelog=quiet:metadata=1,ametadata=print:key=lavfi.r128.M:file=-"
    measure = ("-nostdin", "-i", f"file:{path}", "-map", "0:a", "-af", chain, "-f", "null", "-")
    done = run_ffmpeg(measure, path, 60 + timeline.frames / RATE / _SLOWEST)
    summary = dict(re.findall(r"^ +(I|Peak): +(\S+) (?:LUFS|dBFS)", done.stderr.decode(errors="replace"), re.MULTILINE))
    momentary = np.array(re.findall(rb"^lavfi\.r128\.M=(\S+)", done.stdout, re.MULTILINE), float)
    return Loudness(
        _gated(momentary[_narrated(timeline, len(momentary))]),
        *(value if (value := float(summary[name])) > _FLOOR else None for name in ("I", "Peak")),
    )


def _narrated(timeline: Timeline, count: int) -> NDArray[np.bool_]:
    """Which of the momentary loudnesses are of narration alone."""
    made = np.zeros(count, bool)
    for cue in timeline.cues:
        if cue.role in NARRATION:
            first = -(-(cue.start + _WINDOW) // _STEP) - 1  # each is of the window that ends with its step
            made[first : cue.end // _STEP] = True
    return made


def _gated(momentary: NDArray[np.float64]) -> float | None:
    """The integrated loudness of windows of 400 ms: of those above −70 LUFS and at most 10 LU under these together."""

    def together(windows: NDArray[np.float64]) -> float:
        return 10 * float(np.log10(np.mean(10 ** (windows / 10))))

    loud = momentary[momentary > _FLOOR]
    return round(together(loud[loud > together(loud) - 10]), 1) if len(loud) else None
