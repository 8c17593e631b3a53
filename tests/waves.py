"""What was recorded against what was exported, in the steps of 16 bits that a sound server plays."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from audioguide.units import to_frames

_CHUNK = 1 << 16
_SURE = to_frames(0.05)
"""So many frames in a row are alike by no accident."""

_NEAR = 100
"""Where the first quiet frames are silence, the same is found so many frames sooner or later."""


def in_steps(path: Path) -> np.ndarray:
    """A WAV file of 24 bits as (frames, 2), in steps of 16 bits, not rounded."""
    data = path.read_bytes()
    raw = np.frombuffer(data[data.index(b"data") + 8 :], np.uint8).reshape(-1, 3)
    padded = np.concatenate([np.zeros((len(raw), 1), np.uint8), raw], axis=1)
    return padded.view("<i4").reshape(-1, 2) / 2**16


def trimmed(sound: np.ndarray) -> np.ndarray:
    """From the first frame that is heard in 16 bits to the last."""
    loud = np.flatnonzero(np.abs(sound).max(axis=1) >= 1)
    return sound[loud[0] : loud[-1] + 1]


def alike(heard: np.ndarray, written: np.ndarray) -> np.ndarray:
    """Of each frame, whether it is the same. A server rounds floats in its own way: a step to either side."""
    return np.abs(heard - written).max(axis=1) < 2


def place(part: np.ndarray, whole: np.ndarray) -> int:
    """Where a part is in the whole, frame by frame. AssertionError where it is not."""
    size = 1 << (len(whole) + len(part)).bit_length()
    spectra = [np.fft.rfft(sound[:, 0].astype(float), size) for sound in (whole, part)]
    likeness = np.fft.irfft(spectra[0] * np.conj(spectra[1]), size)[: len(whole) - len(part) + 1]
    sums = np.cumsum(np.concatenate([[0.0], np.square(whole[:, 0], dtype=float)]))
    missed = sums[len(part) :] - sums[: -len(part)] - 2 * likeness  # the squares of what differs, but for a constant
    for at in np.argsort(missed)[:3]:
        if alike(whole[at : at + len(part)], part).all():
            return int(at)
    raise AssertionError("what was looked for was not heard")


def gaps(heard: np.ndarray, written: np.ndarray, *, to_the_end: bool = True) -> list[int]:
    """Frames of each silence that was heard and not written. AssertionError where anything else differs.

    Silence before and after does not matter; nor do quiet frames that are silence in one and not in the other. Unless
    it is heard `to_the_end`, more may have been written.
    """
    heard = trimmed(heard)
    there = _again(heard, written, int(np.flatnonzero(np.abs(written).max(axis=1) >= 1)[0]))
    here, found = 0, []
    while (same := _same(heard[here:], written[there:])) < len(heard) - here:
        here, there = here + same, there + same
        silent = int(np.flatnonzero(np.abs(heard[here:]).max(axis=1) >= 1)[0])
        assert silent, f"another sound is heard after {there} frames"
        there = _again(heard[here + silent :], written, there)
        here += silent
        found.append(silent)
    rest = written[there + len(heard) - here :]
    assert not to_the_end or np.abs(rest).max(initial=0) < 2, "it ends too soon"
    return found


def _same(heard: np.ndarray, written: np.ndarray) -> int:
    """How many frames are alike from the first one on."""
    count = min(len(heard), len(written))
    for start in range(0, count, _CHUNK):
        stop = min(start + _CHUNK, count)
        unlike = np.flatnonzero(~alike(heard[start:stop], written[start:stop]))
        if len(unlike):
            return start + int(unlike[0])
    return count


def _again(heard: np.ndarray, written: np.ndarray, near: int) -> int:
    """The frame near one that is known, from which on what is heard was written."""
    for there in sorted(range(max(0, near - _NEAR), near + _NEAR), key=lambda at: abs(at - near)):
        count = min(_SURE, len(heard), len(written) - there)
        if alike(heard[:count], written[there : there + count]).all():
            return there
    raise AssertionError(f"something else is heard after {near} frames")
