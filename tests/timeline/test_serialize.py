"""Contract 4: the timeline as JSON."""

import json

from fakes import FakeVoice

from audioguide.routine.load import load
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases
from audioguide.timeline.serialize import format_timestamp, to_json

KEYS = "kind role start_frame frames start duration text pose side round step line file phase asked".split()


def test_every_cue_has_every_key():
    timeline = compile(load("four-poses"), FakeVoice().measure, find_phrases("en"))
    data = json.loads(json.dumps(to_json(timeline)))
    assert (data["format"], data["routine"], data["sample_rate"]) == ("audioguide-timeline/1", "four-poses", 44100)
    assert data["frames"] == timeline.frames
    assert data["chapters"][0]["start"] == 0
    for cue in data["cues"]:
        assert set(KEYS) <= set(cue)
        assert abs(cue["start"] * 44100 - cue["start_frame"]) < 0.1
    hold = next(cue for cue in data["cues"] if cue["kind"] == "hold")
    assert hold["asked"] * 44100 == hold["frames"]
    assert hold["file"].endswith(".yaml")
    assert {cue["phase"] for cue in data["cues"] if cue["kind"] == "breath"} == {"in", "out"}


def test_timestamps():
    assert format_timestamp(44100 * 61 + 22050) == "  1:01.500"
    assert format_timestamp(44100 * 3661) == "1:01:01.000"
