import numpy as np
import pytest

from audioguide.errors import RoutineError
from audioguide.sound.background import find_background, load_background
from audioguide.sound.synth.layer import BUILT_IN
from audioguide.sound.synth.modulation import BreathPhase
from audioguide.system import paths
from audioguide.system.ffmpeg import measure_loudness
from audioguide.units import RATE, to_frames

LOUDNESS = -29.0

BREATHS = (BreathPhase("in", 0, to_frames(2)), BreathPhase("out", to_frames(2), to_frames(2)))


@pytest.fixture
def preset(tmp_path):
    def write(text):
        path = tmp_path / f"mine-{len(list(tmp_path.iterdir()))}.yaml"
        path.write_text(text, "utf-8")
        return load_background(path)

    return write


def problems(preset, text):
    with pytest.raises(RoutineError) as error:
        preset(text)
    return [(problem.place.line, problem.place.column, problem.code) for problem in error.value.problems]


def test_a_preset_without_a_level_is_levelled(preset):
    made = preset("layers: [{noise: {slope: -4, low: 200}, level: -20}, {drops: {rate: 20, low: 500, high: 2000}}]")
    assert measure_loudness(made.make_source().block(0, 60 * RATE)) == pytest.approx(LOUDNESS, abs=0.1)


def test_layers_have_levels(preset):
    soft, loud = (preset(f"{{level: 0, layers: [{{noise: {{slope: -3}}, level: {level}}}]}}") for level in (-12, 0))
    ratio = np.abs(soft.make_source().block(0, RATE)).sum() / np.abs(loud.make_source().block(0, RATE)).sum()
    assert ratio == pytest.approx(10 ** (-12 / 20), rel=1e-4)


def test_everything_wrong_is_told_at_once_with_its_place(preset):
    text = """description: Mine.
level: high
layers:
  - nose: {slope: -3}
  - noise: {slop: -3, low: 3}
  - noise: {slope: -3}
    drops: {rate: 3, low: 300, high: 900}
  - music: {files: []}
  - noise: {slope: -3}
    waves: {period: 2, depth: 3}
"""
    assert problems(preset, text) == [
        (2, 8, "not-a-number"),
        (4, 5, "unknown-key"),
        (5, 13, "unknown-key"),
        (5, 28, "out-of-range"),
        (6, 5, "invalid"),
        (8, 20, "empty"),
        (10, 21, "out-of-range"),
    ]


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "layers: []", "layers: [{level: 3}]", "layers: noise", "a: [b"])
def test_what_is_no_background_is_refused(preset, text):
    with pytest.raises(RoutineError) as error:
        preset(text)
    assert "routine" not in str(error.value)


def test_stereo_only_is_known_of_binaural_alone():
    assert [name for name in paths.background_files() if name != "music" and find_background(name).stereo_only] == [
        "binaural"
    ]


def test_only_what_follows_the_breath_is_another_sound_for_other_breaths():
    ocean, swell = find_background("ocean"), find_background("breath-swell")
    assert (ocean.follows_breath, swell.follows_breath) == (False, True)
    assert ocean.make_source(BREATHS) is ocean.make_source()
    assert swell.make_source(BREATHS) is not swell.make_source()
    assert swell.make_source(BREATHS) is swell.make_source(list(BREATHS))


def test_the_breath_swell_is_loud_at_the_top_of_a_breath_and_soft_at_its_end():
    sound = find_background("breath-swell").make_source(
        [BreathPhase("in", 0, to_frames(5)), BreathPhase("out", to_frames(5), to_frames(5))]
    )
    top, end = (measure_loudness(sound.block(to_frames(at), to_frames(0.4))) for at in (4.8, 9.6))
    assert top - end > 4


@pytest.mark.parametrize("pattern", [(3, 3), (4, 6), (4, 7, 8), (4, 4, 4, 4), (2, 0, 10)])
def test_the_breath_swell_has_its_level_whatever_the_pattern(pattern):
    breaths, start = [], 0
    while start < to_frames(60):
        for phase, seconds in zip(("in", "hold", "out") if len(pattern) > 2 else ("in", "out"), pattern, strict=False):
            breaths.append(BreathPhase(phase, start, max(1, to_frames(seconds))))
            start = breaths[-1].end
    assert measure_loudness(find_background("breath-swell").make_source(breaths).block(0, start)) == pytest.approx(
        LOUDNESS, abs=0.5
    )


def test_binaural_tones_beat_at_their_rate(preset):
    made = preset("{level: 0, layers: [{binaural: {carrier: 200, beat: 8}}]}").make_source().block(0, 10 * RATE)
    left, right = (np.abs(np.fft.rfft(made[:, ear])).argmax() / 10 for ear in (0, 1))
    assert (left, right) == (196, 204)


def test_every_kind_is_used_by_a_shipped_preset():
    layers = [layer for name in paths.background_files() if name != "music" for layer in find_background(name).layers]
    used = {word for layer in layers for word, _ in layer.kinds}
    assert used | {"music"} == set(BUILT_IN)
