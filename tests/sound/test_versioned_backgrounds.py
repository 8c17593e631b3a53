"""What lies under a section whose holds were changed while it was heard."""

import numpy as np
import pytest

from audioguide.sound.section_backgrounds import VersionedBackgrounds
from audioguide.units import to_frames

TAKEOVER = to_frames(0.3)

COUNT = 60_000


class Noise:
    """Something that sounds all the time, each seed unlike any other."""

    def __init__(self, seed):
        self.sound = np.random.default_rng(seed).normal(0, 0.1, (COUNT, 2)).astype(np.float32)

    def block(self, start, count):
        return self.sound[start : start + count]


def rendered(beds, size=COUNT):
    return np.concatenate([beds.block(start, min(size, COUNT - start)) for start in range(0, COUNT, size)])


ONE, TWO, THREE = Noise(1), Noise(2), Noise(3)


def test_each_version_sounds_from_its_frame_on():
    heard = rendered(VersionedBackgrounds(ONE).with_version(10_000, TWO).with_version(40_000, THREE))
    assert np.array_equal(heard[:10_000], ONE.sound[:10_000])
    assert np.array_equal(heard[10_000 + TAKEOVER : 40_000], TWO.sound[10_000 + TAKEOVER : 40_000])
    assert np.array_equal(heard[40_000 + TAKEOVER :], THREE.sound[40_000 + TAKEOVER :])
    middle = 10_000 + TAKEOVER // 2
    assert heard[middle] == pytest.approx((ONE.sound[middle] + TWO.sound[middle]) / 2, abs=1e-4)


def test_a_change_before_another_one_takes_its_place():
    beds = VersionedBackgrounds(ONE).with_version(30_000, TWO).with_version(10_000, THREE)
    assert np.array_equal(rendered(beds)[10_000 + TAKEOVER :], THREE.sound[10_000 + TAKEOVER :])


@pytest.mark.parametrize("size", [97, 441, 8_192])
def test_any_blocks_give_the_same_bits(size):
    beds = VersionedBackgrounds(ONE).with_version(5_000, TWO).with_version(5_900, THREE).with_version(17_000, ONE)
    assert rendered(beds, size).tobytes() == rendered(beds).tobytes()


def test_where_versions_are_the_same_so_is_what_is_heard():
    assert rendered(VersionedBackgrounds(ONE).with_version(3_000, Noise(1))).tobytes() == ONE.sound.tobytes()
