import numpy as np
import pytest

from audioguide.sound.synth.layer import LoopedSource
from audioguide.sound.synth.modulation import BreathMotion, BreathPhase, Modulated, WaveMotion
from audioguide.units import to_frames

GRID = 8192


def breaths(*phases):
    made, start = [], 0
    for phase, seconds in phases:
        made.append(BreathPhase(phase, start, to_frames(seconds)))
        start += to_frames(seconds)
    return made


SLEEPY = breaths(*[("in", 4), ("hold", 7), ("out", 8)] * 3)


class One:
    """A layer of ones."""

    def make(self, index):
        return np.ones((2, GRID), np.float32)


def test_fills_with_the_in_breath_and_empties_with_the_out_breath():
    motion = BreathMotion(6, SLEEPY)
    levels = [motion.level(to_frames(at)) for at in (0, 2, 4, 7.5, 11, 15, 19)]
    assert levels == pytest.approx([0, 0.5, 1, 1, 1, 0.5, 0], abs=1e-6)


def test_rests_empty_after_a_box_breath():
    motion = BreathMotion(6, breaths(("in", 4), ("hold", 4), ("out", 4), ("rest", 4), ("in", 4)))
    assert motion.level(to_frames(14)) == 0
    assert motion.level(to_frames(18)) == pytest.approx(0.5)


def test_settles_halfway_when_the_breath_cues_are_over():
    motion = BreathMotion(6, breaths(("in", 4), ("out", 6)))
    after = [motion.level(to_frames(at)) for at in (10, 12, 14, 60)]
    assert after == pytest.approx([0, 0.25, 0.5, 0.5])


def test_breathes_by_itself_where_nobody_is_told_to():
    motion = BreathMotion(6, ())
    assert [motion.level(to_frames(at)) for at in (0, 4, 10, 14)] == pytest.approx([0, 1, 0, 1], abs=1e-6)


def test_moves_by_its_depth_and_never_jumps():
    motion = BreathMotion(6, SLEEPY)
    gains = np.array([motion.gains(at)[0] for at in range(0, to_frames(60), 441)])
    assert 20 * np.log10(gains.max() / gains.min()) == pytest.approx(6, abs=0.01)
    assert np.abs(np.diff(gains)).max() < 0.006  # in 10 ms


@pytest.mark.parametrize(
    ("motion", "seconds"),
    [
        (BreathMotion(8, SLEEPY), 57),
        (BreathMotion(20, breaths(*[("in", 4), ("out", 6)] * 4)), 40),
        (BreathMotion(8, ()), 60),
        (WaveMotion(10.3, 20, 1.0, 1.3, 1.5, 3), 600),
    ],
)
def test_its_mean_power_is_one(motion, seconds):
    power = np.mean([motion.gains(at)[0] ** 2 for at in range(0, to_frames(seconds), 4410)])
    assert power == pytest.approx(1, rel=0.03)


def test_waves_come_about_every_period_and_no_two_alike():
    motion = WaveMotion(10, 12, 0, 1, 0, 1)
    gains = np.array([motion.gains(at)[0] for at in range(0, to_frames(600), to_frames(0.1))])
    peaks = [at for at in range(20, len(gains) - 20) if gains[at] == gains[at - 20 : at + 21].max()]
    apart = np.diff(peaks) / 10
    assert 50 <= len(peaks) <= 62
    assert apart.mean() == pytest.approx(10, abs=1.5)
    assert apart.std() > 1
    assert np.std(gains[peaks]) > 0.03


def test_a_wave_reaches_one_ear_before_the_other():
    motion = WaveMotion(10, 12, 0, 1, 2, 1)
    sides = np.array([motion.gains(at) for at in range(0, to_frames(100), to_frames(0.1))])
    assert np.abs(sides[:, 0] - sides[:, 1]).max() > 0.1
    assert abs(np.mean(sides[:, 0] - sides[:, 1])) < 0.02


def test_a_layer_is_moved_in_straight_lines_that_meet():
    motion = BreathMotion(9, SLEEPY)
    heard = LoopedSource([Modulated(One(), motion.gains)]).block(0, 60 * GRID)[:, 1]
    at = np.arange(0, 60 * GRID, GRID)
    assert heard[at] == pytest.approx([motion.gains(frame)[1] for frame in at])
    assert np.abs(np.diff(heard)).max() < 1e-4
