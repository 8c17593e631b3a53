"""Figures: bodies that a teacher would let pass, on the ground in every frame, and what is wrong in a stranger's."""

import io
import json
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from audioguide import load
from audioguide.draw.figure_svg import DAY, NIGHT, PAGE, draw_figure, figure_moments
from audioguide.draw.render import to_pdf, to_png
from audioguide.draw.skeleton import resting, solve
from audioguide.model.figure import CHAINS, Figure, KeyFrame, joint_faults
from audioguide.routine.load import read_library

POSES = {step.pose.id: step.pose.figure for step in read_library()[0] if step.pose.figure}
MOMENTS = [at / 8 for at in range(9)]
PARTS = ["head", "hips", *(f"{side}_{part}" for side in ("near", "far") for part in ("elbow", "hand", "knee", "foot"))]
FRAME = {"spine": [90, 90], "head": 90, "near_arm": [-80, -80, -80], "near_leg": [-90, -90, 0]}


def routine(figure):
    pose = {"name": "Stand", "instructions": "Stand.", "hold": "10s", "release": "Rest.", "figure": figure}
    return {"title": "Stands", "steps": [{"pose": pose}, {"say": "That was it."}]}


def figure_of(figure):
    return load(routine(figure)).routine.steps[0].pose.figure


def picture(figure, **more):
    return np.asarray(Image.open(io.BytesIO(to_png(draw_figure(figure, **more), 200))))


def every_posture(figure):
    for moment in MOMENTS if figure.moves else [0.0]:
        yield moment, solve(figure, moment)


@pytest.mark.parametrize("id", POSES)
def test_what_rests_on_the_ground_touches_it_and_stays_there_and_nothing_sinks(id):
    figure = POSES[id]
    if figure.view == "above":
        return
    first = solve(figure)
    for moment, body in every_posture(figure):
        for part in resting(figure):
            assert abs(body.gap(part)) <= 0.01, (part, moment)
            assert abs(body.discs(part)[0][0].real - first.discs(part)[0][0].real) <= 0.015, (part, moment)
        lowest = {part: min(point.imag - radius for point, radius in body.discs(part)) for part in PARTS}
        assert min(lowest.values()) >= -0.01, (lowest, moment)
        assert figure.props or min(lowest.values()) <= 0.01, (lowest, moment)


@pytest.mark.parametrize("id", [id for id, figure in POSES.items() if figure.view == "side"])
def test_no_joint_bends_as_no_body_does(id):
    assert [joint_faults(frame) for frame in POSES[id].frames] == [[]] * len(POSES[id].frames)
    for moment, body in every_posture(POSES[id]):
        assert joint_faults(KeyFrame(*(tuple(body.parts[chain]) for chain in CHAINS)), slack=2.0) == [], moment


@pytest.mark.parametrize("id", POSES)
def test_a_figure_is_within_its_picture_in_every_tone_and_on_both_sides(id):
    figure = POSES[id]
    for side, palette in ((0, DAY), (1, NIGHT)):
        alpha = picture(figure, side=side, palette=palette, moment=1.0)[:, :, 3]
        assert not any(edge.any() for edge in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]))
        assert alpha[20:-12].any()


@pytest.mark.parametrize("id", [id for id, figure in POSES.items() if figure.moves])
def test_a_moving_figure_has_the_same_shapes_at_every_moment(id):
    drawn = figure_moments(POSES[id], 5)
    assert len({re.sub(r"-?[\d.]+ ?", "", svg) for svg in drawn}) == 1
    assert len(set(drawn)) > 1
    assert all(f"var(--figure-{name})" in PAGE.__repr__() for name in ("near", "far", "line", "prop", "ground"))


@pytest.mark.parametrize("id", [id for id, figure in POSES.items() if figure.moves])
def test_a_moving_figure_goes_on_without_a_jump(id):
    drawn = [solve(POSES[id], at / 100) for at in range(101)]
    drawn.insert(1, solve(POSES[id], 1e-9))
    points = np.array([[point for chain in body.joints.values() for point in chain] for body in drawn])
    assert np.abs(np.diff(points, axis=0)).max() < 0.03


def test_a_still_figure_is_the_same_at_every_moment():
    for figure in (figure for figure in POSES.values() if not figure.moves):
        assert draw_figure(figure, moment=1.0) == draw_figure(figure)


def test_the_other_side_is_mirrored_from_the_front_and_changes_near_and_far_from_the_side():
    frame = {**FRAME, "near_arm": [180, 180, 180], "far_arm": [-90, -90, -90]}
    front = figure_of({"view": "front", "frames": [frame]})
    left, right = picture(front, side=0), picture(front, side=1)
    assert np.abs(left.astype(int) - right[:, ::-1]).mean() < 0.5
    assert np.abs(left.astype(int) - right).mean() > 3
    side = figure_of({"frames": [frame]})
    swapped = figure_of({"frames": [{**frame, "near_arm": frame["far_arm"], "far_arm": frame["near_arm"]}]})
    assert draw_figure(side, side=1) != draw_figure(side)
    assert np.array_equal(picture(side, side=1)[:50], picture(swapped)[:50])


def test_limbs_are_bent_to_the_ground_and_their_lengths_stay():
    figure = figure_of({"on_floor": ["near_foot", "far_foot"], "frames": [FRAME, {**FRAME, "spine": [60, 60]}]})
    low = figure_of({"on_floor": ["near_foot", "far_foot"], "frames": [{**FRAME, "near_leg": [-10, -110, 0]}]})
    for body in (solve(figure, 0.5), solve(low)):
        hip, knee, ankle, *_ = body.joints["near_leg"]
        assert abs(knee - hip) == pytest.approx(0.245)
        assert abs(ankle - knee) == pytest.approx(0.235)
        assert body.gap("near_foot") == pytest.approx(0, abs=1e-3)


ANGLES = st.floats(-720, 720) | st.tuples(st.floats(-720, 720), st.floats(-90, 90)).map(list)
FRAMES = st.fixed_dictionaries(
    {"head": ANGLES, "spine": st.lists(ANGLES, min_size=2, max_size=2)}
    | {limb: st.lists(ANGLES, min_size=3, max_size=3) for limb in ("near_arm", "near_leg")},
    optional={limb: st.lists(ANGLES, min_size=3, max_size=3) for limb in ("far_arm", "far_leg")},
)
FIGURES = st.fixed_dictionaries(
    {"frames": st.lists(FRAMES, min_size=1, max_size=3), "view": st.sampled_from(["side", "front", "above"])},
    optional={
        "on_floor": st.lists(st.sampled_from(PARTS), max_size=4),
        "props": st.dictionaries(st.sampled_from(["wall", "chair", "towel", "ice-pack"]), st.sampled_from(PARTS)),
    },
)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["frames", "view", "props", "spine", "head", "chair", "x"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(FIGURES, st.floats(0, 1))
def test_any_angles_are_drawn(written, moment):
    figure = figure_of(written)
    assert isinstance(figure, Figure)
    for side in (0, 1):
        svg = draw_figure(figure, moment=moment, side=side)
        assert not re.search(r"nan|inf\b", svg)
        assert svg == draw_figure(figure, moment=moment, side=side)


@given(ANYTHING)
def test_anything_else_is_no_figure(written):
    pose = routine(
        json.loads(json.dumps(written).replace("NaN", "0").replace("-Infinity", "0").replace("Infinity", "0"))
    )
    assert load(pose).routine.steps[0].pose.figure is None


@pytest.mark.slow
def test_all_are_printed():
    pages = [draw_figure(figure, side=side) for figure in POSES.values() for side in (0, 1)]
    assert to_pdf(pages, "Poses").count(b"/Type /Page\n") == len(pages)
