"""Written text to spoken text, and the guess at its length."""

import pytest

from audioguide.speech.estimate import estimate_frames
from audioguide.speech.text import spoken
from audioguide.units import RATE


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Breathe in.", "Breathe in."),
        ("  Lie down,\n  and rest.\n", "Lie down, and rest."),
        ("a\x00b\x1b[0m\tc", "a b [0m c"),
        ("soft\u00adhyphen\u200b and\ufeff mark", "softhyphen and mark"),
        ("cafe\u0301", "caf\u00e9"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("<break time='1s'/>", "<break time='1s'/>"),
        (" \n\t ", ""),
    ],
)
def test_spoken(written: str, said: str) -> None:
    assert spoken(written) == said


def test_the_estimate_grows_with_words_and_pauses_and_slows_with_the_rate() -> None:
    plain = estimate_frames("Lie on your back with your knees bent", 1.0)
    paused = estimate_frames("Lie on your back. With your knees bent", 1.0)
    assert plain / RATE == pytest.approx(1.8, abs=0.3)
    assert paused - plain == pytest.approx(0.9 * RATE, abs=0.1 * RATE)
    assert estimate_frames("Lie on your back with your knees bent", 0.5) == pytest.approx(2 * plain, abs=1)
