"""Which figure a chapter shows, for any way in which a routine or an option names its sides."""

import pytest

from audioguide import load
from audioguide.model.chapter_figure import chapter_figures

FIGURE = {
    "on_floor": ["near_foot", "far_foot"],
    "frames": [{"spine": [90, 90], "head": 90, "near_arm": [-80, -80, -80], "near_leg": [-90, -90, 0]}],
}
POSE = {"id": "lift", "name": "Lift", "instructions": "Lift it.", "hold": "10s", "sides": ["left leg", "right leg"]}


def shown(step, **options):
    plain = {"name": "Plain", "instructions": "Stand.", "hold": "10s", "limits": "5s..1m"}
    steps = [{"say": "Hello."}, step, {"pose": plain}, {"breathe": {"pattern": "4-6", "rounds": 1}}]
    session = load({"title": "Some figures", "steps": steps}, voice="heart", background="none", **options)
    figures = chapter_figures(session.routine, session.outline.timeline)
    return [figure and figure.side for figure in figures]


@pytest.mark.parametrize(
    ("step", "options", "sides"),
    [
        ({}, {}, [0]),
        ({"rounds": 2}, {}, [0, 0]),
        ({"sides": "right"}, {}, [1]),
        ({"sides": ["right", "left"]}, {}, [1]),
        ({"rounds": 2, "order": "rounds-first"}, {}, [0, 0, 1, 1]),
        ({}, {"sides": {"lift": "right"}}, [1]),
        ({"rounds": 2, "order": "rounds-first"}, {"sides": {"lift": "right"}}, [1, 1]),
    ],
)
def test_a_chapter_shows_its_pose_on_the_side_that_is_done_first(step, options, sides):
    assert shown({"pose": POSE | {"figure": FIGURE}} | step, **options) == [None, *sides, None, None]


def test_without_a_figure_there_is_none():
    assert shown({"pose": POSE}) == [None] * 4
