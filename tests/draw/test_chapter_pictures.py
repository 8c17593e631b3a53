"""Which figure a chapter shows, and what the pictures of all chapters take."""

import io

import pytest
from PIL import Image

from audioguide import load
from audioguide.draw.chapter_pictures import render_pictures
from audioguide.draw.cover import SIZE, Bar, render_cover
from audioguide.model.chapter_figure import ChapterFigure, chapter_figures
from audioguide.routine.sources import read_pose

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


NAMES = ("squats", "childs-pose", "bridge", "cat-cow", "bird-dog", "low-lunge", "pigeon", "supine-twist")
POSES = [ChapterFigure(read_pose(name)[0].figure, side) for name in NAMES for side in (0, 1)]
BARS = (Bar(0.1, 0.2), Bar(0.3, 0.5), Bar(0.55, 0.95))


def opened(jpeg):
    picture = Image.open(io.BytesIO(jpeg))
    assert (picture.format, picture.mode, "progressive" in picture.info) == ("JPEG", "RGB", False)
    return picture


@pytest.mark.parametrize(("count", "room"), [(5, 1_500_000), (40, 300_000), (255, 1_200_000), (255, 100_000), (3, 0)])
def test_all_pictures_fit_into_their_room_however_many_there_are(count, room):
    figures = {place * 1152: POSES[place // 3 % len(POSES)] for place in range(count)}
    pictures = render_pictures(figures, "any", room)
    assert sum(map(len, pictures.values())) <= room
    assert len({opened(picture).size for picture in pictures.values()}) <= 1
    assert len(set(pictures.values())) <= len(set(figures.values()))
    assert list(pictures) == list(figures)[: len(pictures)]
    if room > 1_000_000:  # 255 is the most chapters that a file has
        assert len(pictures) == count
    assert render_pictures(figures, "any", room) == pictures


def test_each_side_and_each_palette_has_its_own_picture():
    drawn = [render_pictures({0: figure}, id, 10**6)[0] for figure in POSES[:2] for id in ("one", "two")]
    assert len(set(drawn)) == 4


def ink(jpeg, left, top, right, bottom):
    """The box of what stands out from the background in a part of a cover."""
    part = opened(jpeg).convert("L").crop((left, top, right, bottom))
    light = opened(jpeg).convert("L").getpixel((2, 2))
    return part.point(lambda value: 255 if value > light + 90 else 0).getbbox()


@pytest.mark.parametrize("count", [1, 2, 4, 16])
def test_the_figures_of_a_cover_stand_on_one_line_between_title_and_bars(count):
    title = "Rückenmuskulaturentspannung für Ängstliche"
    cover = render_cover(title, "an-id", BARS, [None, *POSES[:count], None])
    assert len(cover) <= 300_000
    assert cover == render_cover(title, "an-id", BARS, POSES[:count]) != render_cover(title, "an-id", BARS)
    left, top, right, bottom = ink(cover, 0, 560, SIZE, 780)
    assert left >= 80
    assert right <= SIZE - 80
    assert top > 0
    assert 194 <= bottom <= 200  # on the line
    assert not ink(cover, 0, 765, SIZE, 785)


def test_where_there_are_many_they_are_chosen_evenly_and_all_in_one_scale():
    standing, lying = (ChapterFigure(read_pose(name)[0].figure) for name in ("squats", "constructive-rest"))
    one, both = (
        ink(render_cover("A", "an-id", BARS, figures), 0, 400, SIZE, 750) for figures in ([standing], [standing, lying])
    )
    assert one[3] - one[1] >= both[3] - both[1] > 130  # made smaller together, if at all
    alike = [render_cover("A", "an-id", BARS, [POSES[0]] * count) for count in (1, 20)]
    assert alike[0] == alike[1]  # a pose is shown once
