"""Segments of the same inputs have the same samples, so that a cached one can be used again."""

from functools import cache
from hashlib import blake2b

import pytest
from any_routine import WRITTEN, read
from fakes import FakeVoice
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from audioguide.export.mp3 import split_chapter
from audioguide.export.segment_cache import SegmentInputs
from audioguide.model.options import Options
from audioguide.model.routine import Length, PoseStep
from audioguide.routine.customise import customise
from audioguide.routine.load import load
from audioguide.schema.document import parse_document
from audioguide.sound.mixer import Mixer
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases

VOICE = FakeVoice()
BEDS = ("ocean", "breath-swell", "{name: pink-noise, during: always}", "none")


class Pieces:
    """The pieces of a session by what they are made of."""

    def __init__(self, routine, **options):
        timeline = compile(customise(routine, Options(**options)).routine, VOICE.measure, find_phrases("en"))
        self._mixer = Mixer(VOICE.clip_for)
        for section in timeline.sections:
            self._mixer.add(section)
        inputs = SegmentInputs(lambda utterance: utterance.text)
        self.found = {}
        for section in timeline.sections:
            for piece in split_chapter(section.chapter.start, section.chapter.end, timeline.frames):
                shape = piece.first - piece.start, piece.last - piece.start
                self.found[repr((shape, inputs.describe(timeline.sections, piece.start, piece.stop)))] = piece
        self.samples = cache(self._samples)

    def _samples(self, key):
        """A digest of them."""
        piece = self.found[key]
        return blake2b(self._mixer.block(piece.start, piece.stop - piece.start)).digest()


def agree(one, other):
    """How many pieces two sessions share; that these sound alike is asserted."""
    shared = one.found.keys() & other.found.keys()
    for key in shared:
        assert one.samples(key) == other.samples(key), key
    return len(shared)


TEXT = """
title: t
defaults: {breath: 4-6, background: %s}
steps:
  - say: Walk around for a minute, until your breath has settled.
  - {pose: {name: One, hold: 40s, sides: [left, right], limits: 5s..300s}}
  - {pose: {name: Two, hold: 90s, limits: 5s..300s, instructions: Lie down on your back.}}
  - {pose: {name: Three, hold: 30s, limits: 5s..300s}, rounds: 2, rest: 10s}
  - {pose: {name: Four, reps: 10}}
  - rest: 20s
"""


@pytest.mark.parametrize(
    "background", [*BEDS[1:3], *(pytest.param(name, marks=pytest.mark.slow) for name in BEDS[::3])]
)
def test_a_changed_hold_leaves_the_other_chapters(write, background):
    routine = load(write(TEXT % background))
    before = Pieces(routine)
    for hold, length, chapters in (("One", 55.0, 4), ("Two", 97.5, 4), ("Three", 12.0, 2)):
        after = Pieces(routine, holds=((hold, Length(length)),))
        others = len(after.found) - agree(before, after)
        # Its own pieces are others, and no others are; but what sounds all the time flows from it into the next one.
        assert 0 < others <= chapters + ("always" in background)


def test_a_longer_hold_leaves_its_own_beginning(write):
    routine = load(write(TEXT % "warm-drone"))
    one, other = (Pieces(routine, holds=(("Two", Length(length)),)) for length in (200.0, 230.0))
    assert len(other.found) - agree(one, other) <= 4  # of eight: halfway is later now


@pytest.mark.slow
@settings(max_examples=20)  # each of them mixes two sessions, which takes seconds
@given(WRITTEN, st.sampled_from(BEDS), st.data())
def test_same_inputs_same_samples(written, background, data):
    written["defaults"]["background"] = parse_document(f"background: {background}", "").data["background"]
    routine = read(written)
    steps = [step.number for step in routine.steps if isinstance(step, PoseStep)]
    assume(steps)
    number = data.draw(st.sampled_from(steps))
    length = data.draw(st.floats(5, 200))
    agree(Pieces(routine), Pieces(routine, holds=((str(number), Length(length)),), beyond_limits=True))
