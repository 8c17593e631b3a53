"""Doses as they are prescribed: reps, holds, rounds, sides, at any step."""

import pytest

from audioguide.errors import RequestError, RoutineError
from audioguide.model import holds
from audioguide.model.options import Options
from audioguide.model.routine import Pose, RestStep
from audioguide.model.selectors import select_sides
from audioguide.routine.customise import customise
from audioguide.routine.load import load


@pytest.fixture
def steps(write):
    """The steps of a routine with these lines."""

    def make(*lines, **options):
        text = "\n".join(
            ("title: t", "defaults: {hold: 30s, settle: 6s}", "steps:", *(f"  - {line}" for line in lines))
        )
        return customise(load(write(text + "\n")), Options(**options)).routine.steps

    return make


@pytest.mark.parametrize(
    ("step", "seconds"),
    [
        ("{pose: squats}", 50),
        ("{pose: squats, reps: 12}", 60),
        ("{pose: squats, hold: 4s, rest: 2s}", 10 * 4 + 9 * 2),
        ("{pose: bridge, reps: 10, hold: 5s, rest: 3s}", 77),
        ("{pose: bridge, reps: 10}", 50),
        ("{pose: {name: Quad set, reps: 10, hold: 5s}, rest: 5s}", 95),
        ("{pose: {name: Quad set, hold: 5s}, reps: 10, rest: 5s}", 95),
        ("{pose: {name: Leg raise, reps: 10, tempo: 3-5-3}}", 110),
        ("{pose: {name: Heel slide}, sets: 2, reps: 12}", 60),
        ("{pose: {name: Wall sit, hold: 12m}}", 720),
    ],
)
def test_how_long_a_dose_takes(steps, step, seconds):
    """No default of 30 s cuts any reps, or makes them longer."""
    assert [holds.hold_seconds(one) for one in steps(step)] == [seconds]


def test_what_a_step_says_of_a_library_pose(steps):
    (step,) = steps("{pose: bridge, sets: 2, rest: 20s, settle: 0s, release: Lower., keep: always, hold: 12s}")
    assert (step.rounds, step.rest, step.settle, step.keep, step.pose.release) == (2, 20, 0, True, "Lower.")
    assert [step.settle for step in steps("pose: bridge", "pose: {name: P, settle: 9s}")] == [6, 9]
    settled = "{repeat: 1, settle: 2s, steps: [{pose: bridge}]}"
    assert [step.settle for step in steps(settled, "{include: taster, settle: 4s}") if hasattr(step, "settle")][:2] == [
        *(2, 4)
    ]


def test_all_rounds_of_a_side_before_the_next_one(steps):
    one, two, three = steps("{pose: figure-four, rounds: 2, rest: 5s, order: rounds-first}", "rest: 5s")
    assert [(step.number, step.pose.sides, step.rounds) for step in (one, two)] == [
        *((1, ("left ankle crossed",), 2), (2, ("right ankle crossed",), 2)),
    ]
    assert (one.pose.instructions.brief is None, two.pose.instructions.brief is None) == (False, True)
    assert isinstance(three, RestStep)
    assert three.number == 3
    assert len(steps("{pose: bridge, order: rounds-first}")) == 1


LEGS = Pose("Pigeon", sides=("left leg", "right leg"))
MIXED = Pose("Bug", sides=("left arm and right leg", "right arm and left leg", "both"))


@pytest.mark.parametrize(
    ("pose", "names", "sides"),
    [
        (LEGS, ["left"], ["left leg"]),
        (LEGS, ["Left", "LEFT leg", "right"], ["left leg", "left leg", "right leg"]),
        (MIXED, ["left", "both"], ["left arm and right leg", "both"]),
        (Pose("Turn", sides=("to the left", "to the right")), ["right"], ["to the right"]),
        (Pose("Twice", sides=("left", "left", "right")), ["left"], ["left"]),
    ],
)
def test_sides_by_their_words(pose, names, sides):
    assert select_sides(pose, names) == tuple(sides)


@pytest.mark.parametrize(
    ("pose", "name", "message"),
    [
        (LEGS, "lift", "'lift' is no side of 'Pigeon'. Its sides are: left leg, right leg."),
        (LEGS, "leg", "'leg' may be several sides of 'Pigeon'. Its sides are"),
        (Pose("Bridge"), "left", "'Bridge' has no sides. Leave them out here."),
    ],
)
def test_a_side_that_is_not_there(pose, name, message):
    with pytest.raises(RequestError) as caught:
        select_sides(pose, [name])
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("step", "key", "message"),
    [
        ("{pose: pigeon, sides: up}", "sides", "'up' is no side of 'Pigeon'"),
        ("{pose: pigeon, sides: []}", "sides", "'sides' is empty"),
        ("{pose: bridge, sides: [left]}", "sides", "'Bridge' has no sides"),
        ("{pose: bridge, sets: 2, rounds: 2}", "", "`sets` and `rounds` are the same"),
        ("{pose: bridge, order: first}", "order", "'order' cannot be 'first'"),
        ("{pose: bridge, keep: sometimes}", "keep", "'keep' cannot be 'sometimes'"),
        ("{pose: bridge, reps: 1000000}", "reps", "'reps' cannot be 1000000: 999 is the most"),
        ("{pose: bridge, reps: 0}", "reps", "'reps' cannot be 0"),
        (
            "{pose: cat-cow, reps: 8}",
            "reps",
            "'Cat-cow' is done by the breath, so it is not counted. Write hold: 8 breaths",
        ),
        ("{pose: squats, hold: 5 breaths}", "hold", "Each rep of 'Squats' is held, and that is not counted in breaths"),
        ("{pose: {name: P, reps: 3, hold: 2 breaths}}", "hold", "Each rep of 'P' is held"),
        ("{pose: {name: P, hold: 30m}, reps: 999}", "", "With this the session is longer than 12h"),
        ("{pose: {name: P, hold: 31m}}", "hold", "A hold of 31m is over the limit of 'P', which is 30m"),
        ("{pose: standing-hamstring-stretch, reps: 3, hold: 30s}", "hold", "A hold of 30s is over the limit"),
    ],
)
def test_a_dose_that_cannot_be(steps, step, key, message):
    with pytest.raises(RoutineError) as caught:
        steps(step)
    column = len("  - ") + (step.index(f"{key}: ") + len(f"{key}: ") if key else 0) + 1
    assert f":4:{column}: {message}" in str(caught.value)
