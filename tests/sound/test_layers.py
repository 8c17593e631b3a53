"""Kinds of layers that another package adds, by an entry point or by a call."""

import sys

import numpy as np
import pytest

from audioguide.errors import RoutineError
from audioguide.sound.background import find_background
from audioguide.sound.synth.layer import GRID, LAYERS, LayerSpec

WIND = '''
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Interval

from audioguide.sound.synth.layer import LayerSpec
from audioguide.sound.synth.layer import GRID


@dataclass(frozen=True)
class Gust(LayerSpec):
    """`gust: {force: 3}`."""

    force: Annotated[float, Interval(ge=1, le=9)] = 1.0

    def layer(self, gain, folder):
        return Steady(self.force * gain)


@dataclass
class Steady:
    level: float

    def make(self, index):
        return np.full((2, GRID), self.level, np.float32)
'''


@pytest.fixture
def preset(home):
    """Writes one of one's own and reads it."""
    folder = home / "voices/backgrounds"
    folder.mkdir(parents=True)

    def read(text):
        (folder / "mine.yaml").write_text(text)
        return find_background("mine")

    return read


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An installed package with a kind of layer."""
    (tmp_path / "gust_of_tests.py").write_text(WIND)
    metadata = tmp_path / "gust_of_tests-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: gust-of-tests\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[audioguide.layers]\ngust = gust_of_tests:Gust\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("gust_of_tests", None)


def test_a_preset_has_layers_of_another_package(package, preset):
    made = preset("level: 0\nlayers: [{gust: {force: 2}, level: -20}, {gust: {}, level: -20}]\n")
    assert made.make_source().block(0, GRID) == pytest.approx(0.3)


def test_what_is_wrong_in_them_is_told_with_its_place(package, preset):
    text = "layers:\n  - gust: {force: 10, cold: 2}\n  - {gust: {}, noise: {slope: 0}}\n  - gist: {}\n"
    with pytest.raises(RoutineError) as error:
        preset(text)
    problems = [(problem.place.line, problem.place.column, problem.code) for problem in error.value.problems]
    assert problems == [(2, 19, "out-of-range"), (2, 23, "unknown-key"), (3, 5, "invalid"), (4, 5, "unknown-key")]
    assert "Write one of binaural, bowls, drone, drops, gust, music, noise in it." in str(error.value)


def test_one_that_a_call_adds(preset):
    class Click(LayerSpec):
        def layer(self, gain, folder):
            return self

        def make(self, index):
            return np.full((2, GRID), index, np.float32)

    LAYERS.register("click", Click)
    assert preset("level: 0\nlayers: [{click: {}}]\n").make_source().block(3 * GRID, 1).tolist() == [[3, 3]]
