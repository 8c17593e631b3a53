"""Contract 4: the timeline as JSON."""

import json

from any_routine import WRITTEN, read
from fakes import FakeVoice
from hypothesis import assume, given
from hypothesis import strategies as st

from audioguide.errors import RequestError
from audioguide.model.options import Options
from audioguide.model.routine import BreatheStep, Length, PoseStep
from audioguide.routine.customise import customise
from audioguide.routine.load import load
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases
from audioguide.timeline.serialize import format_timestamp, to_json, to_rows

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


@given(WRITTEN, st.sampled_from([None, 7.0, 45.0]), st.integers(0, 5))
def test_any_routine_has_a_row_for_each_chapter_and_each_step_left_out(written, hold, skipped):
    routine = read(written)
    numbers = [step.number for step in routine.steps]
    options = Options(hold=hold and Length(hold), skip=tuple(map(str, numbers[:skipped])))
    try:
        session = customise(routine, options).routine
        timeline = compile(session, FakeVoice().measure, find_phrases("en"))
    except RequestError:
        assume(False)
    rows = list(to_rows(timeline, session, routine))
    left_out = [texts for _, texts in rows if texts[-1] == "left out"]
    wanted = [step for step in routine.steps[:skipped] if isinstance(step, PoseStep | BreatheStep)]
    assert len(left_out) == len([step for step in wanted if getattr(step, "optional", None) is None])
    assert next(texts[0].strip() for _, texts in rows if texts not in left_out) == "0:00"
    assert len(rows) - len(left_out) == len(timeline.chapters)
    assert {len(texts) for _, texts in rows} == {4}
    if hold is None and not skipped:
        assert not any(differs for differs, _ in rows)
