"""Of stretches that are made of the same, the samples are the same: what lets a piece be used again."""

import pytest
from any_routine import WRITTEN, read
from fakes import FakeVoice
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from audioguide.makings import Makings
from audioguide.mixer import Mixer
from audioguide.output.mp3_file import pieces
from audioguide.routine.customise import Options, customise
from audioguide.routine.load import load
from audioguide.routine.model import Length, PoseStep
from audioguide.timeline.compile import compile
from audioguide.timeline.words import words

VOICE = FakeVoice()
BEDS = ("warm-drone", "ocean", "breath-swell", "{name: pink-noise, during: always}", "none")


def made(routine, **options):
    """The pieces of a session by what they are made of, and its mixer."""
    timeline = compile(customise(routine, Options(**options)).routine, VOICE.measure, words("en"))
    mixer = Mixer(VOICE.clip_for)
    for section in timeline.sections:
        mixer.add(section)
    makings = Makings(lambda utterance: utterance.text)
    found = {}
    for section in timeline.sections:
        for piece in pieces(section.chapter.start, section.chapter.end, timeline.frames):
            shape = piece.first - piece.start, piece.last - piece.start
            found[repr((shape, makings.of(timeline.sections, piece.start, piece.stop)))] = piece
    return found, mixer


def agree(one, other):
    """How many pieces two sessions share; that these sound alike is asserted."""
    (pieces_of_one, mixer), (pieces_of_other, other_mixer) = one, other
    shared = pieces_of_one.keys() & pieces_of_other.keys()
    for key in shared:
        a, b = pieces_of_one[key], pieces_of_other[key]
        first = mixer.block(a.start, a.stop - a.start)
        second = other_mixer.block(b.start, b.stop - b.start)
        assert first.tobytes() == second.tobytes(), key
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


@pytest.mark.parametrize("background", BEDS)
@pytest.mark.parametrize(("hold", "length"), [("One", 55.0), ("Two", 97.5), ("Three", 12.0)])
def test_a_changed_hold_leaves_the_other_chapters(write, background, hold, length):
    routine = load(write(TEXT % background))
    before = made(routine)
    after = made(routine, holds=((hold, Length(length)),))
    shared = agree(before, after)
    assert shared < len(after[0])
    # Its own pieces are others, and no others are; but what sounds all the time flows from it into the next one.
    assert len(after[0]) - shared <= {"One": 4, "Two": 4, "Three": 2}[hold] + ("always" in background)


def test_a_longer_hold_leaves_its_own_beginning(write):
    routine = load(write(TEXT % "warm-drone"))
    one, other = made(routine, holds=(("Two", Length(200.0)),)), made(routine, holds=(("Two", Length(230.0)),))
    assert len(other[0]) - agree(one, other) <= 4  # of eight: halfway is later now


@settings(max_examples=60, deadline=None)
@given(WRITTEN, st.sampled_from(BEDS), st.data())
def test_same_makings_same_samples(written, background, data):
    written["defaults"]["background"] = YAML(typ="safe", pure=True).load(background)
    routine = read(written)
    steps = [step.number for step in routine.steps if isinstance(step, PoseStep)]
    assume(steps)
    number = data.draw(st.sampled_from(steps))
    length = data.draw(st.floats(5, 200))
    agree(made(routine), made(routine, holds=((str(number), Length(length)),), beyond_limits=True))
