"""What an export says of its sound, against the same measured on the whole stems."""

from itertools import pairwise

import numpy as np
import pytest
from fakes import FakeVoice

from audioguide.mixer import GRID, Mixer
from audioguide.output.figures import NARRATION, Listener, _quiet, figures_of, unpacked
from audioguide.routine.load import load
from audioguide.routine.model import Bed
from audioguide.sound.loudness import integrated
from audioguide.timeline.compile import compile
from audioguide.timeline.model import Chapter, Cue, Section
from audioguide.timeline.words import words
from audioguide.units import frames

VOICE = FakeVoice()

ROUTINE = """
title: t
defaults: {breath: 4-6, background: %s}
steps:
  - say: Walk around for a minute, until your breath has settled.
  - {pose: {name: Sitting, hold: 40s, sides: [left, right]}}
  - rest: 5s
"""


def listened(write, background="pink-noise", mono=False):
    timeline = compile(load(write(ROUTINE % background)), VOICE.measure, words("en"))
    mixer = Mixer(VOICE.clip_for)
    for section in timeline.sections:
        mixer.add(section)
    stems = mixer.stems(0, mixer.available)
    heard = []
    for section in timeline.sections:
        listener = Listener(section, section.chapter.start, mono)
        bounds = [*range(section.chapter.start, section.chapter.end, GRID), section.chapter.end]
        for start, end in pairwise(bounds):
            listener.hear(stems.cut(start, end))
        packed = listener.heard().packed()
        kept, rest = unpacked(packed + b"what follows")
        assert all(part.base is None for part in (kept.programme, kept.narration, kept.under_speech, kept.in_holds))
        assert rest == b"what follows"
        heard.append(kept)
    return timeline, stems, figures_of(heard)


def test_figures_are_those_of_the_whole(write):
    timeline, stems, figures = listened(write)
    narration = np.concatenate([stems.voice[cue.start : cue.end] for cue in timeline.cues if cue.role in NARRATION])
    speech = [stems.background[cue.start : cue.end] for cue in timeline.cues if cue.kind == "speech"]
    assert figures.narration == pytest.approx(integrated(narration), abs=0.1)
    assert figures.programme == pytest.approx(integrated(stems.mix), abs=0.1)
    assert figures.under_speech == pytest.approx(integrated(np.concatenate(speech)) - figures.narration, abs=0.1)
    assert figures.under_speech <= -20
    assert figures.in_holds == pytest.approx(-29 - figures.narration, abs=0.5)
    peak = 20 * np.log10(np.abs(stems.mix).max())
    assert peak - 0.01 <= figures.true_peak < peak + 1


def test_one_channel_is_3_units_less_and_the_distance_the_same(write):
    _, _, both = listened(write)
    _, _, one = listened(write, mono=True)
    assert both.narration - one.narration == pytest.approx(3.01, abs=0.05)
    assert one.in_holds == pytest.approx(both.in_holds, abs=1.0)  # the sides of a stereo sound cancel in part


def test_without_a_background_there_is_nothing_to_say_of_it(write):
    _, _, figures = listened(write, "none")
    assert figures.in_holds is None
    assert figures.under_speech is None


def test_background_is_measured_away_from_words_and_ends(write):
    """The gain that was asked, relative to -16: no swell and no duck is in the figure."""
    _, _, figures = listened(write, "{name: pink-noise, gain: -18}")
    assert figures.in_holds + figures.narration == pytest.approx(-16 - 18, abs=0.5)
    assert figures.under_speech + figures.narration == pytest.approx(-16 - 22, abs=1.5)


def test_frames_of_a_hold_with_a_word_in_the_middle():
    hold = Cue("hold", 0, frames(20), bed=Bed("rain"))
    section = Section(Chapter("", 0, frames(20)), (hold,))
    assert list(_quiet(section, [(frames(9), frames(10))])) == [
        (frames(2), frames(7.5)),
        (frames(11.5), frames(18)),
    ]
