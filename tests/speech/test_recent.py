"""Clips that were asked for last are at hand; long ones do not fill the memory."""

import numpy as np

from audioguide.speech.recent import CLIPS, SAMPLES, RecentClips
from audioguide.timeline.model import Utterance


class Maker:
    def __init__(self, samples: int) -> None:
        self.samples, self.made = samples, []

    def __call__(self, utterance: Utterance) -> np.ndarray:
        self.made.append(utterance.text)
        return np.zeros(self.samples, np.float32)


def ask(recent: RecentClips, *texts: str) -> None:
    for text in texts:
        recent.get(Utterance(text, "say"))


def test_what_was_asked_for_last_is_at_hand() -> None:
    maker = Maker(10)
    recent = RecentClips(maker)
    texts = [str(number) for number in range(CLIPS)]
    ask(recent, *texts, texts[0], "new", texts[0], texts[1])
    assert maker.made == [*texts, "new", texts[1]]


def test_long_clips_are_fewer_and_the_longest_is_kept_alone() -> None:
    maker = Maker(SAMPLES // 2)
    recent = RecentClips(maker)
    ask(recent, "a", "b", "b", "a", "c", "a", "b")
    assert maker.made == ["a", "b", "c", "b"]
    maker = Maker(SAMPLES + 1)
    recent = RecentClips(maker)
    ask(recent, "a", "a", "b", "b", "a")
    assert maker.made == ["a", "b", "a"]
