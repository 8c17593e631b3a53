"""A file that an earlier version exported still opens, with its routine, options, background and words."""

import json

import pytest
from contracts.program import HERE
from extras import needs

pytestmark = needs("py_nanotts")

OLD = HERE / "old"


@pytest.mark.parametrize("name", ["version-0.1.0.mp3", "version-0.1.0.opus"])
def test_a_file_of_an_earlier_version_is_the_same_session(program, frozen, name):
    found = program.json("show", OLD / name)
    cues = [{**cue, "file": None, "line": None} for cue in found["cues"]]
    frozen("old-file.json", json.dumps({**found, "cues": cues}, indent=1, ensure_ascii=False) + "\n")


def test_its_options_can_be_changed(program):
    longer = program.json("show", OLD / "version-0.1.0.mp3", "--hold", "Twist=12s")
    assert [cue["frames"] for cue in longer["cues"] if cue["kind"] == "hold"] == [12 * 44_100] * 2
