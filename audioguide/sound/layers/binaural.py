"""`binaural`: a tone for each ear, so close to one another that only the two ears together hear them beat."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from annotated_types import Interval

from audioguide.sound.layers.kind import LayerSpec, Share
from audioguide.sound.tones import Partial, Tones

_SWAY, _DEPTH = (0.0173, 0.0291), 0.3


@dataclass(frozen=True)
class Binaural(LayerSpec):
    """`binaural: {carrier: 220, beat: 6}`, in hertz; `overtones` says how much of its octave and twelfth sound along.

    Every partial has the same beat. Mixed into one channel it would be an ugly tremolo.
    """

    stereo_only: ClassVar[bool] = True

    carrier: Annotated[float, Interval(ge=50, le=1000)]
    beat: Annotated[float, Interval(ge=0.5, le=40)]
    overtones: Share = 0.0

    def layer(self, gain: float, folder: Path) -> Tones:
        """The tones."""
        partials = []
        for number, share, depth in ((1, 1.0, _DEPTH), (2, self.overtones, -_DEPTH), (3, self.overtones / 2, -_DEPTH)):
            amplitude = 0.1 * share * gain
            for side, (left, right) in ((-1, (amplitude, 0.0)), (1, (0.0, amplitude))):
                hertz = number * self.carrier + side * self.beat / 2
                partials.append(Partial(hertz, left, right, _SWAY, depth, turn=0.17 * number))
        return Tones([one for one in partials if one.left or one.right])
