import numpy as np
import pytest

from audioguide.sound.chimes import LOUDNESS, chime
from audioguide.sound.loudness import integrated
from audioguide.units import frames

CHIMES = [("release", frames(1.2)), ("start", frames(0.25))]


@pytest.mark.parametrize(("kind", "count"), CHIMES)
def test_has_its_level_and_length(kind, count):
    bell = chime(kind, count)
    assert (bell.shape, bell.dtype, bell.flags.c_contiguous) == ((count, 2), np.float32, True)
    assert integrated(bell) == pytest.approx(LOUDNESS, abs=0.1)
    assert np.abs(bell).max() < 0.3


@pytest.mark.parametrize(("kind", "count"), [*CHIMES, ("release", frames(0.6)), ("start", 100)])
def test_begins_and_ends_in_silence_without_a_click(kind, count):
    bell = chime(kind, count)
    assert not bell[0].any()
    assert not bell[-1].any()
    if count > 1000:
        surrounded = np.pad(bell.astype(np.float64), ((10, 10), (0, 0)))
        assert np.abs(np.diff(surrounded, n=4, axis=0)).max() < 1e-3


@pytest.mark.parametrize(("kind", "count"), CHIMES)
def test_dies_away(kind, count):
    energy = (chime(kind, count)[:, 0].astype(np.float64).reshape(-1, count // 5) ** 2).sum(axis=1)
    assert (np.diff(energy) < 0).all()
    assert energy[-1] < energy[0] / 100


def test_is_made_once_and_cannot_be_changed():
    assert chime("release", 1000) is chime("release", 1000)
    with pytest.raises(ValueError, match="read-only"):
        chime("release", 1000)[0] = 1
