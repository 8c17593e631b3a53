"""Written text to spoken text, and the guess at its length."""

from dataclasses import replace

import pytest

from audioguide.model.timeline import Utterance
from audioguide.speech.normalize import normalize
from audioguide.speech.numbers import load_spoken_forms
from audioguide.speech.voice_speaker import VoiceSpeaker
from audioguide.speech.voices import find_profile
from audioguide.units import RATE

HEART = find_profile("heart")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Breathe in.", "Breathe in."),
        ("  Lie down,\n  and rest.\n", "Lie down, and rest."),
        ("a\x00b\x1b[0m\tc", "a b [0m c"),
        ("soft\u00adhyphen\u200b and\ufeff mark", "softhyphen and mark"),
        ("cafe\u0301", "caf\u00e9"),
        ("lone \ud800 surrogate", "lone surrogate"),
        ("<break time='1s'/>", "break time 1 second"),
        (" \n\t ", ""),
        ("1" * 18, "1" * 18),
        ("1" * 40, " ".join("1" * 40)),
        ("1" + ",000" * 13, " ".join("1" + "000" * 13)),
    ],
)
def test_spoken(written: str, said: str) -> None:
    assert normalize(written, load_spoken_forms("en")) == said


LINE = "Lie on your back with your knees bent"


def estimate(*sentences: str, rate: float = 1.0, letters: float = 19.5, pause: float = 0.8) -> float:
    """Seconds."""
    rates = replace(HEART.rate, narration=rate)
    with VoiceSpeaker(replace(HEART, rate=rates, letters=letters, pause=pause)) as speaker:
        return speaker.estimate(Utterance(" ".join(sentences), "say")) / RATE


def test_the_estimate_grows_with_words_and_slows_with_the_rate() -> None:
    assert estimate(LINE) == pytest.approx(1.8, abs=0.3)
    assert estimate(LINE, rate=0.5) == pytest.approx(2 * estimate(LINE), abs=0.001)
    assert estimate(LINE, letters=10) > 1.5 * estimate(LINE)
    assert estimate("Lie, on your back, with your knees bent") > estimate(LINE) + 0.3


def test_the_estimate_pauses_between_sentences_as_the_voice_does() -> None:
    two = estimate("Lie on your back.", "Bend your knees.", pause=0)
    assert estimate("Lie on your back.", "Bend your knees.", pause=0.8) == pytest.approx(two + 0.8, abs=0.001)
    assert estimate("Lie on your back.", "Bend your knees.", rate=0.5) == pytest.approx(2 * two + 0.8, abs=0.001)
