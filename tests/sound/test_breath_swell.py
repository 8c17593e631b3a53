"""The one background that listens: it follows the breath cues of the hold that it sounds in."""

from fakes import FakeVoice

from audioguide.routine.load import load
from audioguide.sound.mixer import Mixer
from audioguide.system.ffmpeg import measure_loudness
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases
from audioguide.units import to_frames

VOICE = FakeVoice()
ROUTINE = """
title: t
defaults: {breath: 5-5, background: breath-swell, level: brief}
steps:
  - pose: {name: Sitting, hold: 60s}
  - pose: {name: Lying, hold: 60s}
    breath: 8-12
"""


def test_rises_and_falls_with_the_breath_cues_of_its_hold(write):
    timeline = compile(load(write(ROUTINE)), VOICE.measure, find_phrases("en"))
    mixer = Mixer(VOICE.clip_for)
    for section in timeline.sections:
        mixer.add(section)
    first, second = (cue.start for cue in timeline.cues if cue.kind == "hold")

    def level(hold, second):
        """Of 400 ms around that second of a hold."""
        return measure_loudness(mixer.stems(hold + to_frames(second - 0.2), to_frames(0.4)).background)

    tops, ends = [level(first, at) for at in (15, 25)], [level(first, at) for at in (10, 20)]
    assert min(tops) - max(ends) > 4
    assert level(second, 20) < level(second, 24) < level(second, 27.8)
    assert level(second, 27.8) - level(second, 39.8) > 4
