"""Every shipped routine's timeline with a fake voice of fixed pace, as text to be read (AUDIOGUIDE_GOLDEN=1 rewrites).

A change of the compiler or of a text shows here as a change that a person can judge.
"""

import os
from pathlib import Path

import pytest
from fakes import FakeVoice

from audioguide import resources
from audioguide.routine.customise import Options, customise
from audioguide.routine.load import load
from audioguide.timeline.compile import compile
from audioguide.timeline.render import as_table
from audioguide.timeline.words import words

GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.mark.parametrize("path", resources.routines().values(), ids=lambda path: path.stem)
def test_the_timeline_is_the_golden_one(path):
    routine = customise(load(path), Options()).routine
    table = as_table(compile(routine, FakeVoice().measure, words("en"))) + "\n"
    golden = GOLDEN / f"{path.stem}.txt"
    if os.environ.get("AUDIOGUIDE_GOLDEN"):
        golden.write_text(table, "utf-8")
    assert table == golden.read_text("utf-8")
