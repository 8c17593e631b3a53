"""A background as it is written: a file of `voices/backgrounds/`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, create_model, model_validator

from audioguide.routine.written import Form, Name, slip
from audioguide.sound.layers import KINDS
from audioguide.sound.layers.drone import MOST_PAIRS
from audioguide.sound.layers.music import MOST

Seed = Annotated[int, Field(ge=0, lt=2**31)]
Hertz = Annotated[float, Field(ge=20, le=20_000)]
Slow = Annotated[float, Field(ge=0, le=5)]
Amplitude = Annotated[float, Field(gt=0, le=2)]
Share = Annotated[float, Field(ge=0, le=1)]
Decibels = Annotated[float, Field(ge=-60, le=20)]
Depth = Annotated[float, Field(ge=0, le=40)]


class PairForm(Form):
    """Two tones of a drone."""

    hertz: tuple[Hertz, Hertz]
    amplitude: Amplitude
    sway: tuple[Slow, Slow]
    depth: Share
    drift: Slow


class DroneForm(Form):
    """`drone: {pairs: [...]}`."""

    pairs: Annotated[list[PairForm], Field(min_length=1, max_length=MOST_PAIRS)]


class NoiseForm(Form):
    """`noise: {slope: -3, low: 40, high: 12000}`."""

    slope: Annotated[float, Field(ge=-18, le=6)]
    low: Hertz = 30.0
    high: Hertz = 16_000.0
    width: Share = 0.45
    seed: Seed = 0


class DropsForm(Form):
    """`drops: {rate: 40, low: 700, high: 5000}`."""

    rate: Annotated[float, Field(ge=1, le=120)]
    low: Hertz
    high: Hertz
    ring: Annotated[float, Field(ge=0.005, le=0.12)] = 0.04
    splash: Share = 0.5
    width: Share = 0.5
    seed: Seed = 0


class BowlForm(Form):
    """One bowl."""

    hertz: Annotated[float, Field(ge=60, le=600)]
    beat: Annotated[float, Field(ge=0, le=5)] = 0.7
    ring: Annotated[float, Field(ge=2, le=120)] = 60.0
    side: Annotated[float, Field(ge=-1, le=1)] = 0.0


class BowlsForm(Form):
    """`bowls: {every: 6, bowls: [...]}`."""

    bowls: Annotated[list[BowlForm], Field(min_length=2, max_length=4)]
    every: Annotated[float, Field(ge=2, le=60)] = 7.0
    mallet: Annotated[float, Field(ge=0.01, le=2)] = 0.08
    seed: Seed = 0


class BinauralForm(Form):
    """`binaural: {carrier: 220, beat: 6}`."""

    carrier: Annotated[float, Field(ge=50, le=1000)]
    beat: Annotated[float, Field(ge=0.5, le=40)]
    overtones: Share = 0.0


class MusicForm(Form):
    """`music: {files: [a.mp3, b.flac]}`."""

    files: Annotated[list[Name], Field(min_length=1, max_length=MOST)] | None = None


_FORMS: dict[str, type[Form]] = {
    "drone": DroneForm,
    "noise": NoiseForm,
    "drops": DropsForm,
    "bowls": BowlsForm,
    "binaural": BinauralForm,
    "music": MusicForm,
}


class WavesForm(Form):
    """`waves: {period: 11, depth: 12}`: what `motion.WaveMotion` says."""

    period: Annotated[float, Field(ge=5, le=120)]
    depth: Depth
    lag: Annotated[float, Field(ge=0, le=10)] = 0.0
    sharp: Annotated[float, Field(ge=0.5, le=5)] = 1.0
    spread: Annotated[float, Field(ge=0, le=3)] = 0.0
    seed: Seed = 0


class _AnyLayerForm(Form):
    """One layer: a kind with its numbers, its level, and what moves it."""

    level: Decibels = 0.0
    breath: Depth | None = None
    waves: WavesForm | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> _AnyLayerForm:
        if len([word for word in KINDS if getattr(self, word) is not None]) != 1:
            fix = f"Write one of {', '.join(KINDS)} in it."
            raise slip("invalid", "A layer has one kind, and this has not.", fix)
        return self


_keys: dict[str, Any] = {word: (_FORMS[word] | None, None) for word in KINDS}
LayerForm = create_model("LayerForm", __base__=_AnyLayerForm, **_keys)


class PresetForm(Form):
    """A background. `level` (dB) brings it to the usual loudness; where it is left out, that is measured."""

    description: str = ""
    level: Decibels | None = None
    layers: Annotated[list[LayerForm], Field(min_length=1, max_length=12)]  # type: ignore[valid-type]  # made above
