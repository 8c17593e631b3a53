"""Timelines of shipped routines with a fake voice of fixed pace, as text to be read (AUDIOGUIDE_GOLDEN=1 rewrites).

A change of the compiler or of a text shows here as a change that a person can judge. Not every routine has one, since
nobody judges fifty pages: between them these have still, moving and counted poses, sides, rounds, rests, breathing,
prompts, pauses and a repeat. A new one begins as an empty file.
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


@pytest.mark.parametrize("golden", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_the_timeline_is_the_golden_one(golden):
    routine = customise(load(resources.routines()[golden.stem]), Options()).routine
    table = as_table(compile(routine, FakeVoice().measure, words("en"))) + "\n"
    if os.environ.get("AUDIOGUIDE_GOLDEN"):
        golden.write_text(table, "utf-8")
    assert table == golden.read_text("utf-8")
