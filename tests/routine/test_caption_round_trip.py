"""What an export writes as captions is the same session when it is imported again: the same words at the same times."""

from pathlib import Path

import pytest
from any_routine import WRITTEN, read
from fakes import FakeVoice
from hypothesis import given

from audioguide.export import captions
from audioguide.routine.importers.script import parse_script
from audioguide.routine.load import check_routine, load
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases
from audioguide.units import RATE

FORMATS = {"vtt": captions.format_vtt, "srt": captions.format_srt, "lrc": captions.format_lrc}


def session(routine):
    return compile(routine, FakeVoice().measure, find_phrases(routine.language))


def assert_same(timeline, ending):
    script = parse_script(FORMATS[ending](timeline), f"captions.{ending}")
    routine, problems = check_routine(Path("captions.yaml"), script)
    assert not problems
    before, after = captions.caption_cues(timeline), captions.caption_cues(session(routine))
    assert [" ".join(cue.text.split()).rstrip(".") for cue in before] == [cue.text.rstrip(".") for cue in after]
    assert max(abs(one.start - other.start) for one, other in zip(before, after, strict=True)) <= 0.05 * RATE


@pytest.mark.parametrize("ending", FORMATS)
@pytest.mark.parametrize("id", ["four-poses", "slow-breathing", "feierabend", "taster"])
def test_a_shipped_routine_comes_back_from_its_captions(id, ending):
    assert_same(session(load(id)), ending)


@given(WRITTEN)
def test_any_routine_comes_back_from_its_captions(written):
    timeline = session(read(written))
    for ending in FORMATS:
        assert_same(timeline, ending)
