"""Measures the loudness of an exported file by ffmpeg's ebur128 filter (EBU R 128, ITU-R BS.1770)."""

import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from audioguide.model.timeline import Role, Timeline
from audioguide.system.ffmpeg import run_ffmpeg
from audioguide.units import RATE

NARRATION: frozenset[Role] = frozenset({"say", "name", "instructions", "begin", "release"})  # the speech outside holds
_STEP, _WINDOW = RATE // 10, 4 * RATE // 10  # frames between two momentary loudnesses, and frames that each one covers
_FLOOR = -70.0  # LUFS: anything fainter counts as silence (BS.1770)
_SLOWEST = 10.0  # times real time: ffmpeg hangs if it measures a file more slowly


@dataclass(frozen=True, slots=True)
class Loudness:
    """The gated loudness of the narration and of everything in LUFS, and the true peak in dBTP; None for silence."""

    narration: float | None
    programme: float | None
    true_peak: float | None


def measure_file(path: Path, timeline: Timeline) -> Loudness:
    """Measure an exported file of this timeline. EnvironmentFailure where it cannot be read."""
    chain = "ebur128=peak=true:framelog=quiet:metadata=1,ametadata=print:key=lavfi.r128.M:file=-"
    measure = ("-nostdin", "-i", f"file:{path}", "-map", "0:a", "-af", chain, "-f", "null", "-")
    done = run_ffmpeg(measure, path, 60 + timeline.frames / RATE / _SLOWEST)
    summary = dict(re.findall(r"^ +(I|Peak): +(\S+) (?:LUFS|dBFS)", done.stderr.decode(errors="replace"), re.MULTILINE))
    momentary = np.array(re.findall(rb"^lavfi\.r128\.M=(\S+)", done.stdout, re.MULTILINE), float)
    return Loudness(
        _integrate(momentary[_is_narration(timeline, len(momentary))]),
        *(value if (value := float(summary[name])) > _FLOOR else None for name in ("I", "Peak")),
    )


def _is_narration(timeline: Timeline, count: int) -> NDArray[np.bool_]:
    """Which of `count` momentary loudnesses cover narration alone."""
    found = np.zeros(count, bool)
    for cue in timeline.cues:
        if cue.role in NARRATION:
            first = -(-(cue.start + _WINDOW) // _STEP) - 1  # a window ends with its step
            found[first : cue.end // _STEP] = True
    return found


def _integrate(momentary: NDArray[np.float64]) -> float | None:
    """The gated mean of windows of 400 ms: of those above −70 LUFS, all that are at most 10 LU below their mean."""

    def mean(windows: NDArray[np.float64]) -> float:
        return 10 * float(np.log10(np.mean(10 ** (windows / 10))))

    loud = momentary[momentary > _FLOOR]
    return round(mean(loud[loud > mean(loud) - 10]), 1) if len(loud) else None
