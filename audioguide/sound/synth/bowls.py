"""`bowls`: singing bowls, struck softly now and then, whose tones overlap.

A struck bowl is a sum of decaying modes. Each mode is two tones of nearly the same frequency, which beat, since no bowl
is quite round. All earlier strokes add up to one complex amplitude for each tone, so the cost of a grid block does not
depend on how many of them still ring. A stroke starts with a grid block. Its attack is the difference of two decays:
the slow one of the ringing and the fast one of the mallet.

The ratios of the modes are typical of Himalayan bowls (see Inácio, Henrique and Antunes, "The dynamics of Tibetan
singing bowls", Acta Acustica 92, 2006); amplitudes, decays and beating are chosen by ear.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from annotated_types import Interval, Len

from audioguide.arrays import NDArray, np
from audioguide.schema.document import Record
from audioguide.sound.synth.layer import GRID, LayerSpec, Planes, Seed
from audioguide.sound.synth.noise import chance
from audioguide.units import RATE

# Ratio to the lowest mode, amplitude, decay time (as a factor of the bowl's), and beating (as a factor of its).
_MODES = ((1.0, 0.8, 1.0, 0.5), (2.76, 1.0, 0.6, 1.0), (5.18, 0.34, 0.33, 1.9), (8.16, 0.1, 0.17, 3.1))
_COLUMNS = 128
_ROWS = 16  # as in `tones.py`: one product stays on the caller's thread for up to 64 tones
_INAUDIBLE = 1e-5  # amplitude at which a mallet's tones are left out: under -120 dBFS in any background
_AUDIBLE = 1.4  # decay times after which a stroke is left out: it is 84 dB down
_Tone = tuple[int, complex, tuple[float, float]]  # its bowl's number, exponent per frame, amplitudes left and right


@dataclass(frozen=True)
class Bowl(Record):
    """One bowl: its lowest mode and beating in hertz, its decay time (60 dB) in seconds, and its side (-1 to 1)."""

    hertz: Annotated[float, Interval(ge=60, le=600)]
    beat: Annotated[float, Interval(ge=0, le=5)] = 0.7
    ring: Annotated[float, Interval(ge=2, le=120)] = 60.0
    side: Annotated[float, Interval(ge=-1, le=1)] = 0.0


@dataclass(frozen=True)
class Bowls(LayerSpec):
    """`bowls: {every: 6, bowls: [...]}`: a stroke about every 6 seconds, never twice in a row on the same bowl.

    `mallet` is how soft the mallet is: the seconds until a stroke is at its loudest.
    """

    bowls: Annotated[tuple[Bowl, ...], Len(2, 4)]
    every: Annotated[float, Interval(ge=2, le=60)] = 7.0
    mallet: Annotated[float, Interval(ge=0.01, le=2)] = 0.08
    seed: Seed = 0

    def layer(self, gain: float, folder: Path) -> BowlLayer:
        """The bowls."""
        return BowlLayer(self, gain)


class BowlLayer:
    """A layer of bowls. Strokes before frame 0 still ring in it."""

    def __init__(self, form: Bowls, gain: float) -> None:
        self._form = form
        self._between = form.every * RATE / GRID
        self._strokes = lru_cache(maxsize=4)(self._strokes_near)
        pairs = [pair for number, bowl in enumerate(form.bowls) for pair in _tones(number, bowl, form.mallet)]
        tones = [ringing for ringing, _ in pairs] + [mallet for _, mallet in pairs]
        bowls, exponents, sides = (np.array(column) for column in zip(*tones, strict=True))
        self._bowl = bowls
        self._length = int(max(bowl.ring for bowl in form.bowls) * _AUDIBLE * RATE / GRID) + 1
        self._decays = np.exp(exponents * GRID * np.arange(self._length)[:, None])
        self._rows = np.exp(exponents * np.arange(0, GRID, _COLUMNS)[:, None])
        columns = np.exp(exponents[:, None] * np.arange(_COLUMNS))
        both = np.tile(gain * 0.1 * sides.T, 2)[:, None].astype(np.float32).reshape(2, 1, 2, -1)
        # With and without the mallet's tones: mostly no stroke is recent, and that is half the work.
        self._tables = {
            count: (
                np.concatenate([columns[:count].real, columns[:count].imag]).astype(np.float32),
                both[..., :count].reshape(2, 1, -1),
            )
            for count in (len(tones), len(pairs))
        }
        self._rings = len(pairs)

    def make(self, index: int) -> Planes:
        """Grid block `index`."""
        begins, weights = self._strokes(int(index // self._between))
        ages = index - begins
        sounding = (ages >= 0) & (ages < self._length)
        ringing = (self._decays[ages[sounding]] * weights[sounding]).sum(axis=0)
        is_recent = np.abs(ringing[self._rings :]).max(initial=0) > _INAUDIBLE
        count = len(ringing) if is_recent else self._rings
        table, sides = self._tables[count]
        now = self._rows[:, :count] * ringing[:count]  # (rows, tones); the imaginary part is the sound
        both = sides * np.concatenate([now.imag, now.real], axis=-1).astype(np.float32)
        block: Planes = both.reshape(2, -1, _ROWS, both.shape[-1]) @ table
        return block.reshape(2, GRID)

    def _strokes_near(self, last: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """The strokes audible around stroke `last`: their grid blocks, and how much they excite each tone."""
        strokes = range(last - int(self._length / self._between) - 2, last + 2)
        turns = [stroke + 0.4 * (chance(self._form.seed, stroke) - 0.5) for stroke in strokes]
        strengths = [0.6 + 0.4 * chance(self._form.seed + 1, stroke) for stroke in strokes]
        struck = np.array([self._bowl_of(stroke) for stroke in strokes])
        begins = np.rint(np.array(turns) * self._between).astype(np.int64)
        return begins, np.array(strengths)[:, None] * (self._bowl == struck[:, None])

    def _bowl_of(self, stroke: int) -> int:
        """Strokes alternate between bowls of even and odd number, so that none is struck twice in a row."""
        choices = range(stroke % 2, len(self._form.bowls), 2)
        return choices[int(chance(self._form.seed + 2, stroke) * len(choices))]


def _tones(number: int, bowl: Bowl, mallet: float) -> Iterator[tuple[_Tone, _Tone]]:
    """The tones of a bowl, each with the one that is subtracted for the mallet."""
    size = math.sqrt(150 / bowl.hertz)  # a smaller bowl is softer
    for mode, (ratio, amplitude, ringing, beating) in enumerate(_MODES):
        fall = math.log(1000) / (bowl.ring * ringing)
        growth = fall + 3 / (mallet / math.sqrt(ratio))
        lean = 0.25 * (-1) ** (mode + number)  # each ear hears the beat at another time
        for share, offset, leaning in ((1.0, 0.0, lean), (0.55, bowl.beat * beating, -lean)):
            side = max(-1.0, min(1.0, bowl.side + leaning))
            turn = 2 * math.pi * (ratio * bowl.hertz + offset)
            left, right = (size * amplitude * share * (1 + to * side) for to in (-1, 1))
            ring = number, complex(-fall, turn) / RATE, (left, right)
            yield ring, (number, complex(-growth, turn) / RATE, (-left, -right))
