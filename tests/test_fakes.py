"""The stand-ins keep the promises that other tests rest on."""

import numpy as np
import pytest
from fakes import AFTER, BEFORE, FakeVoice

from audioguide.model.timeline import Utterance


@pytest.mark.parametrize("text", ["Hi", "Begin", "Lie on your back and bend both knees, feet flat on the floor."])
def test_fake_clip_has_the_measured_length_and_a_known_onset(text: str) -> None:
    utterance = Utterance(text, "say")
    clip = FakeVoice().clip_for(utterance)
    loud = np.flatnonzero(np.abs(clip) > 10 ** (-66 / 20))
    assert clip.shape == (FakeVoice().measure(utterance),)
    assert (loud[0], loud[-1]) == (BEFORE, len(clip) - 1 - AFTER)
    assert clip[0] == clip[-1] == 0


def test_fake_clip_lies_at_its_level() -> None:
    clip = FakeVoice().clip_for(Utterance("A sentence that is long enough for its ends not to matter." * 4, "say"))
    assert 20 * np.log10(np.sqrt(np.mean(clip**2))) == pytest.approx(-19, abs=0.2)
