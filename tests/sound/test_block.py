import numpy as np

from audioguide.sound.block import add_mono, apply_gain, raised_cosine, silence


def test_silence_is_a_block_of_zeros():
    block = silence(5)
    assert (block.shape, block.dtype, block.flags.c_contiguous) == ((5, 2), np.float32, True)
    assert not block.any()


def test_a_rise_goes_from_exactly_zero_towards_one_without_a_corner():
    ramp = raised_cosine(1000)
    assert ramp[0] == 0
    assert 0.99999 < ramp[-1] < 1
    steps = np.diff(ramp)
    assert (steps > 0).all()
    assert steps[0] < 1e-5
    assert steps[-1] < 1e-5
    assert len(raised_cosine(0)) == 0


def test_one_gain_for_both_channels():
    block = np.array([[1, 2], [3, 4]], np.float32)
    gain = np.array([0.5, 2], np.float32)
    assert apply_gain(block, gain).tolist() == [[0.5, 1], [6, 8]]
    assert block.tolist() == [[1, 2], [3, 4]]


def test_a_clip_is_added_to_both_channels():
    block = np.array([[1, 2], [3, 4]], np.float32)
    add_mono(np.array([10, 20], np.float32), block)
    assert block.tolist() == [[11, 12], [23, 24]]
