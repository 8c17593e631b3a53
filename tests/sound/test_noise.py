import numpy as np

from audioguide.sound.synth.noise import chance


def test_is_the_same_for_the_same_number_and_evenly_spread():
    drawn = np.array([[chance(seed, number) for number in range(-500, 500)] for seed in range(20)])
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert chance(3, -7) == chance(3, -7)
    assert np.ptp(np.histogram(drawn, 10, (0, 1))[0]) < 300  # of 2,000 in each tenth
    neighbours = np.corrcoef(drawn[:, :-1].ravel(), drawn[:, 1:].ravel())[0, 1]
    seeds = np.corrcoef(drawn[:-1].ravel(), drawn[1:].ravel())[0, 1]
    assert abs(neighbours) < 0.03
    assert abs(seeds) < 0.03
