"""A listener's options on a routine."""

from dataclasses import replace

import pytest

from audioguide.errors import RequestError, RoutineError
from audioguide.model import holds
from audioguide.model.options import Options
from audioguide.model.routine import BackgroundSpec, BreathPattern, Length, PoseStep
from audioguide.routine.customise import customise
from audioguide.routine.load import load

ROUTINE = """\
title: t
steps:
  - say: Hello.
  - pose: childs-pose
  - pose: standing-hamstring-stretch
  - {pose: childs-pose, hold: 20s}
  - pose: cat-cow
  - {pose: pelvic-tilt, hold: 2 breaths}
  - pose: {name: Squat, reps: 10, tempo: 2-1-2}
"""


@pytest.fixture
def routine(write):
    return load(write(ROUTINE))


def asked(routine, **options):
    steps = customise(routine, Options(**options)).routine.steps
    return {step.number: holds.hold_seconds(step) for step in steps if isinstance(step, PoseStep)}


def test_without_options_nothing_changes(routine):
    assert asked(routine) == {2: 45, 3: 20, 4: 20, 5: 50, 6: 20, 7: 50}


def test_a_hold_for_all_keeps_within_limits_and_says_so(routine):
    customised = customise(routine, Options(hold=Length(50)))
    assert asked(routine, hold=Length(50)) == {2: 50, 3: 20, 4: 50, 5: 50, 6: 30, 7: 50}
    assert list(customised.clamped.values()) == ["Standing hamstring stretch (20s)", "Pelvic tilt (30s)"]


def test_moving_poses_take_whole_cycles_rounded_down(routine):
    assert asked(routine, hold=Length(29))[5] == 20
    assert asked(routine, hold=Length(1))[5] == 10


def test_a_hold_cuts_no_reps(routine):
    """Until now squats for 30 s were six of the ten that were written."""
    for options in ({"hold": Length(30)}, {"hold": Length(6)}, {"scale": 0.5}, {"hold": Length(3, "breaths")}):
        assert asked(routine, **options)[7] == 50
    assert asked(routine, holds=(("squat", Length(6)),))[7] == 60, "each rep is held so long"
    with pytest.raises(RequestError, match="'Squat' is counted, so it cannot be held for 3 breaths"):
        asked(routine, holds=(("squat", Length(3, "breaths")),))


def test_a_pose_is_named_by_id_name_or_number(routine):
    for selector in ("childs-pose", "Child's pose", "child’s POSE"):
        assert asked(routine, holds=((selector, Length(33)),)) == asked(routine) | {2: 33, 4: 33}
    assert asked(routine, holds=(("4", Length(33)),)) == asked(routine) | {4: 33}
    assert asked(routine, holds=(("squat", Length(15)),))[7] == 150


def test_the_order_of_hold_options(routine):
    options = {"hold": Length(40), "holds": (("4", Length(25)),), "scale": 0.5}
    assert asked(routine, **options) == {2: 20, 3: 10, 4: 25, 5: 20, 6: 15, 7: 50}


def test_scaling_keeps_breaths_whole_and_reps(routine):
    assert asked(routine, scale=1.25) == {2: 56.25, 3: 20, 4: 25, 5: 60, 6: 20, 7: 50}
    assert asked(routine, scale=1.25, beyond_limits=True)[3] == 25
    assert asked(routine, scale=1) == asked(routine)


def test_a_named_hold_over_its_limit_is_refused(routine):
    with pytest.raises(RequestError, match="over the limit of 'Standing hamstring stretch', which is 20s"):
        asked(routine, holds=(("3", Length(30)),))
    assert asked(routine, holds=(("3", Length(30)),), beyond_limits=True)[3] == 30


def test_a_written_hold_over_its_limit_is_refused_where_it_is_written(write):
    routine = load(write("title: t\nsteps:\n  - {pose: bridge, hold: 61s}\n"))
    with pytest.raises(RoutineError, match=r":3:26: A hold of 1m1s is over the limit of 'Bridge', which is 1m\."):
        customise(routine, Options())
    assert asked(routine, beyond_limits=True) == {1: 61}
    assert asked(routine, hold=Length(30)) == {1: 30}


def test_a_default_is_no_order_and_keeps_within_limits(write):
    text = "title: t\ndefaults: {hold: 30s}\nsteps:\n  - pose: standing-hamstring-stretch\n  - pose: bird-dog\n"
    assert asked(load(write(text))) == {1: 20, 2: 5}


@pytest.mark.parametrize("snap", [False, True])
def test_snap_ends_a_hold_with_an_out_breath(write, snap):
    text = f"title: t\ndefaults: {{breath: 4-6{', snap: breath' if snap else ''}}}\nsteps:\n  - pose: childs-pose\n"
    assert asked(load(write(text)), hold=Length(37)) == {1: 40 if snap else 37}


def test_optional_steps_are_for_their_level(write):
    text = "title: t\nsteps:\n  - pose: bridge\n  - {pose: cat-cow, optional: full}\n"
    routine = load(write(text))
    assert list(asked(routine)) == [1]
    assert list(asked(routine, level="full")) == [1, 2]


def test_skipping(routine):
    assert list(asked(routine, skip=("childs-pose", "5"))) == [3, 6, 7]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"holds": (("bridge", Length(30)),)}, "No pose of this routine is called 'bridge'"),
        ({"holds": (("cat-cov", Length(30)),)}, "Did you mean cat-cow"),
        ({"holds": (("1", Length(30)),)}, "Step 1 is not a pose"),
        ({"holds": (("99", Length(30)),)}, "There is no step 99"),
        ({"skip": ("nothing",)}, "No pose of this routine"),
    ],
)
def test_what_cannot_be_says_why(routine, options, message):
    with pytest.raises(RequestError, match=message):
        customise(routine, Options(**options))


def test_nothing_left(write):
    with pytest.raises(RequestError, match="nothing is left"):
        customise(load(write("title: t\nsteps:\n  - pose: bridge\n")), Options(skip=("bridge",)))


def test_a_hold_in_breaths_names_who_has_none_to_count(routine):
    still = replace(routine.steps[1], breath=None)
    customised = customise(replace(routine, steps=(still, *routine.steps[2:])), Options(hold=Length(3, "breaths")))
    assert customised.notes[-1] == "Without a breath pattern, so not held for 3 breaths: Child's pose."


@pytest.mark.parametrize(
    ("hold", "limits", "seconds"), [("60s", "5s..60s", 54), ("8s", "5s..8.5s", 8), ("45s", "5s..60s", 45)]
)
def test_snapping_keeps_within_the_limit(write, hold, limits, seconds):
    pose = f"{{name: P, breath: 3.3-5.7, hold: {hold}, limits: {limits}}}"
    assert asked(load(write(f"title: t\nsteps:\n  - {{pose: {pose}, snap: breath}}\n"))) == {1: pytest.approx(seconds)}


def test_what_is_written_in_place_is_the_steps_own(write):
    text = "title: t\ndefaults: {hold: 15s, breath: 4-6}\nsteps:\n  - pose: {name: P, hold: 40s, breath: 3-3}\n"
    (step,) = load(write(text)).steps
    assert (step.hold, step.origin, str(step.breath)) == (Length(40), "step", "3-3")


SLOW = BreathPattern(6, 0, 9, 0)


def test_a_breath_for_all_makes_holds_in_breaths_longer_as_far_as_their_limits(routine):
    customised = customise(routine, Options(breath=SLOW))
    assert asked(routine, breath=SLOW) == asked(routine) | {5: 75, 6: 30}
    assert not customised.clamped
    assert asked(routine, breath=BreathPattern(8, 0, 9, 0))[6] == 17
    assert list(customise(routine, Options(breath=BreathPattern(8, 0, 9, 0))).clamped) == ["Pelvic tilt"]


def test_a_breath_for_all_leaves_breathing_exercises_alone(write):
    routine = load(write("title: t\nsteps:\n  - breathe: {pattern: 4-7-8, rounds: 2}\n  - pose: bridge\n"))
    breathe, bridge = customise(routine, Options(breath=SLOW)).routine.steps
    assert str(breathe.pattern) == "4-7-8"
    assert bridge.breath == SLOW


def test_a_pinned_hold_in_breaths_counts_the_breaths_of_the_option(routine):
    pin = (("childs-pose", Length(5, "breaths")),)
    with pytest.raises(RequestError, match="over the limit"):
        customise(routine, Options(breath=SLOW, holds=pin))
    assert asked(routine, breath=BreathPattern(3, 0, 4, 0), holds=pin)[2] == 35


def test_options_lie_over_one_another():
    under = Options(hold=Length(20), holds=(("bridge", Length(10)),), scale=2, level="brief", skip=("cat-cow",))
    over = Options(holds=(("bridge", Length(15)),), scale=0.5, length=600, skip=("bridge", "cat-cow"))
    both = over.over(under)
    assert both.hold == Length(20)
    assert both.holds == (("bridge", Length(10)), ("bridge", Length(15)))
    assert (both.scale, both.length, both.level, both.skip) == (0.5, 600, "brief", ("cat-cow", "bridge"))
    assert under.over(Options()) == under


def test_another_background_keeps_the_times_and_levels_of_the_first(write):
    text = """
title: t
defaults: {background: {name: ocean, during: always, gain: -16}}
steps:
  - say: Hello.
  - {pose: childs-pose, background: none}
  - {breathe: {pattern: 4-6, rounds: 2}}
  - {rest: 20s, background: singing-bowls}
"""
    steps = customise(load(write(text)), Options(background="rain")).routine.steps
    rain = BackgroundSpec("rain", "always", -16)
    assert [step.background for step in steps] == [rain, BackgroundSpec("rain"), rain, rain]
    assert all(
        step.background is None for step in customise(load(write(text)), Options(background="none")).routine.steps
    )


def test_one_chime_for_all(routine):
    poses = [step for step in customise(routine, Options(chime="wood")).routine.steps if isinstance(step, PoseStep)]
    assert {step.chime for step in poses} == {"wood"}
    silent = customise(routine, Options(chime="none")).routine.steps
    assert {step.chime for step in silent if isinstance(step, PoseStep)} == {None}
