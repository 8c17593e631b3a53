import math
import re
import xml.etree.ElementTree as ET
import zlib
from itertools import combinations, pairwise

import numpy as np
import pytest
from fakes import FakeVoice
from PIL import Image

from audioguide.cli.main import run
from audioguide.errors import RequestError
from audioguide.opening import open_session
from audioguide.output.drawing import HEIGHT, WIDTH, Area, Line, Text
from audioguide.output.plot import check_picture, plot
from audioguide.output.runs import hold_length, runs_of
from audioguide.output.sheet import MARGIN, draw_sheets
from audioguide.output.strip import colours
from audioguide.timeline.compile import compile
from audioguide.units import RATE

NAMES = ("Neck roll", "Shoulder circles", "Wrist stretch", "Side bend", "Forward fold", "Low lunge", "Warrior two")
POSE = "  - pose: {{name: '{}', hold: {}s, limits: 5s..30m, instructions: Move in slowly{}}}\n"
SIDES = ", sides: [left, right]"
LONG = "Extended side angle pose with the top arm along the ear and a block under the lower hand, variation {}"

SESSIONS = {
    "no hold": "  - say: Hello.\n",
    "one short hold": POSE.format("Rest pose", 5, ""),
    "forty short poses": "".join(POSE.format(f"{NAMES[i % 7]} {i}", 5 + i % 4 * 5, "") for i in range(40)),
    "rounds": "  - {pose: {name: Bird dog, hold: 5s, sides: [left arm, right arm]}, rounds: 6, rest: 5s}\n",
    "long names": "".join(POSE.format(LONG.format(i), 12, SIDES * (i % 2)) for i in range(12)),
    "three hours": "".join(POSE.format(NAMES[i % 7], 20 + i % 5 * 20, SIDES) for i in range(75)),
    "twelve hours": "".join(POSE.format(NAMES[i % 7], 600, "") for i in range(70)),
    "Cyrillic": "".join(POSE.format(name, 25, SIDES) for name in ("Поза ребёнка", "Собака мордой вниз", "Мостик")),
    "no font": POSE.format("\u0c15\u0c30 \U00012000", 25, "") + POSE.format("Bridge", 25, ""),
}


@pytest.fixture
def timeline_of(write):
    def timeline_of(steps, extra=""):
        session = open_session(write(f"title: A title\n{extra}steps:\n{steps}"))
        return compile(session.routine, FakeVoice().measure, session.words)

    return timeline_of


def timeline_by_id(routine):
    session = open_session(routine)
    return compile(session.routine, FakeVoice().measure, session.words)


def opened(path):
    with Image.open(path) as picture:
        picture.load()
    return picture


def texts(sheet):
    return [shape for shape in sheet if isinstance(shape, Text) and shape.words]


def assert_readable(sheet):
    """Every text is on the paper, large enough, and over no other."""
    for text in texts(sheet):
        left, top, right, bottom = text.box
        assert MARGIN - 1 <= left <= right <= WIDTH - MARGIN + 1, text
        assert 0 <= top <= bottom <= HEIGHT, text
        assert text.size >= 7, text
    for one, other in combinations([text for text in texts(sheet) if text.width], 2):
        (left, top, right, bottom), (left2, top2, right2, bottom2) = one.box, other.box
        assert right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top, (one, other)


@pytest.mark.parametrize("one", [True, False], ids=["one sheet", "many"])
@pytest.mark.parametrize("name", SESSIONS)
def test_no_two_texts_overlap(name, one, timeline_of):
    sheets, _ = draw_sheets(timeline_of(SESSIONS[name], "defaults: {breath: 4-6}\n"), "What it is for. " * 30, one=one)
    assert len(sheets) == 1 or not one
    for sheet in sheets:
        assert_readable(sheet)


@pytest.mark.parametrize("routine", ["lower-back-cool-down", "four-poses", "taster"])
def test_shipped_routines_show_every_name_and_hold(routine):
    timeline = timeline_by_id(routine)
    (sheet,), _ = draw_sheets(timeline, "", one=True)
    assert_readable(sheet)
    words = [text.words for text in texts(sheet)]
    for held in filter(lambda each: each.holds, runs_of(timeline)):
        assert any(shown.split(" · ")[0] == held.name for shown in words), held.name
        assert all(any(hold_length(hold) in shown for shown in words) for hold in held.holds), held.name


def test_in_a_pdf_every_name_has_room(timeline_of):
    timeline = timeline_of(SESSIONS["forty short poses"])
    sheets, _ = draw_sheets(timeline, "", one=False)
    words = {text.words.split(" · ")[0] for sheet in sheets for text in texts(sheet)}
    assert {each.name for each in runs_of(timeline) if each.holds} <= words


def test_holds_are_as_wide_as_they_are_long(timeline_of):
    """However they are wrapped, the bars' widths add up to the holds' lengths, on one scale."""
    steps = "".join(POSE.format(name, 20 + 17 * number, SIDES) for number, name in enumerate(NAMES))
    timeline = timeline_of(steps)
    (sheet,), _ = draw_sheets(timeline, "", one=True)
    shares = []
    for each in filter(lambda each: each.holds, runs_of(timeline)):
        bars = [shape for shape in sheet if isinstance(shape, Area) and shape.fill == colours(each.kind)[0]]
        width = sum(bar.points[1][0] - bar.points[0][0] for bar in bars)
        in_legend = 20.0 if each.kind == 1 else 0.0
        shares.append((width - in_legend) / sum(hold.frames for hold in each.holds))
    scale = (WIDTH - 2 * MARGIN) / shares[0] / RATE / 60
    assert scale == pytest.approx(round(scale))  # whole minutes in a row
    assert shares == pytest.approx([shares[0]] * len(NAMES))


def test_rounds_are_one_run_and_a_pose_has_one_kind(timeline_of):
    steps = POSE.format("Bridge", 20, "") + SESSIONS["rounds"] + POSE.format("Bridge", 20, "")
    runs = runs_of(timeline_of(steps))
    assert [(each.name, each.kind, each.rounds) for each in runs if each.holds] == [
        ("Bridge", 0, 1),
        ("Bird dog", 1, 6),
        ("Bridge", 0, 1),
    ]
    assert runs[0].start == 0
    assert all(one.end == other.start for one, other in pairwise(runs))


def test_sixty_poses_differ_in_colour_or_pattern():
    assert len({(colours(kind)[0], kind % 5) for kind in range(60)}) == 60


def test_the_breath_rises_while_breathing_in(timeline_of):
    timeline = timeline_of("  - breathe: {pattern: 4-7-8, rounds: 2}\n")
    (sheet,), _ = draw_sheets(timeline, "", one=True)
    dark = colours(0)[1]
    (wave,) = [shape for shape in sheet if isinstance(shape, Line) and shape.colour == dark and len(shape.points) > 20]
    heights = {}
    for x, y in wave.points:
        heights[round(x - wave.points[0][0], 3)] = -y
    scale = (WIDTH - 2 * MARGIN) / 60
    at = lambda seconds: np.interp(seconds * scale, list(heights), list(heights.values()))  # noqa: E731
    assert at(0) == pytest.approx(at(19), abs=0.1)
    assert at(4) == pytest.approx(at(11), abs=0.1)
    assert at(4) - at(0) > 8
    assert at(0) < at(2) < at(4) > at(15) > at(19)
    assert all(math.isfinite(height) for height in heights.values())


def test_what_no_font_can_write_is_said(timeline_of):
    (sheet,), _ = draw_sheets(timeline_of(SESSIONS["no font"]), "", one=True)
    assert any("font" in text.words for text in texts(sheet))


def test_a_picture_is_a4_and_small_and_the_same_each_time(tmp_path):
    timeline = timeline_by_id("taster")
    for name in ("one.png", "two.PNG"):
        plot(timeline, tmp_path / name, "Two minutes.")
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.PNG").read_bytes()
    picture = opened(tmp_path / "one.png")
    assert picture.size == (2339, 1653)
    assert picture.info["dpi"] == pytest.approx((200, 200), abs=0.1)
    assert (tmp_path / "one.png").stat().st_size < 200_000
    pixels = np.asarray(picture.convert("RGB"))
    assert (pixels[:40] == 255).all()
    assert (pixels < 100).any()


def test_a_pdf_has_its_pages_where_its_table_says(tmp_path, timeline_of):
    path = tmp_path / "three-hours.pdf"
    plot(timeline_of(SESSIONS["three hours"]), path)
    whole = path.read_bytes()
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", whole)[1])
    offsets = [int(entry) for entry in re.findall(rb"(\d{10}) 00000 n ", whole[start:])]
    assert all(whole[at:].startswith(b"%d 0 obj\n" % number) for number, at in enumerate(offsets, 1))
    pages = int(re.search(rb"/Count (\d+)", whole)[1])
    assert pages > 1
    assert len(offsets) == 2 + 3 * pages
    images = re.findall(rb"/Width (\d+) /Height (\d+) .*?/Length (\d+) >>\nstream\n", whole)
    assert len(images) == pages
    for found in re.finditer(rb"/Subtype /Image /Width (\d+) /Height (\d+) .*?/Length (\d+) >>\nstream\n", whole):
        width, height, length = map(int, found.groups())
        assert len(zlib.decompress(whole[found.end() : found.end() + length])) == (width + 1) * height


def test_an_svg_is_whole_xml_with_the_names_as_text(tmp_path, timeline_of):
    path = tmp_path / "picture.svg"
    plot(timeline_of(POSE.format("Hip & <low> back", 20, "")), path, "A & B")
    words = [element.text for element in ET.parse(path).iter("{http://www.w3.org/2000/svg}text")]
    assert {"A title", "A & B", "Hip & <low> back"} <= set(words)


def test_the_file_is_replaced_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "taster.png"
    path.write_text("old")
    plot(timeline_by_id("taster"), path)
    assert opened(path).format == "PNG"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["plan.gif", "plan", "", "plan.png.txt"])
def test_another_ending_is_refused_with_those_that_are_known(name, tmp_path):
    with pytest.raises(RequestError, match=r"\.pdf, \.png, \.svg"):
        check_picture(tmp_path / "x" if name == "" else tmp_path / name)


def test_a_missing_folder_is_refused(tmp_path):
    with pytest.raises(RequestError, match="no folder"):
        plot(timeline_by_id("taster"), tmp_path / "nowhere" / "taster.png")


def test_show_draws_and_prints_the_path_alone(tmp_path, capsys):
    path = tmp_path / "taster.png"
    assert run(["show", "taster", "--plot", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    assert opened(path).format == "PNG"
    assert run(["show", "taster", "--json", "--plot", str(path.with_suffix(".svg"))]) == 0
    assert capsys.readouterr().out.startswith("{")
    assert path.with_suffix(".svg").exists()
    assert run(["show", "taster", "--plot", str(tmp_path / "taster.gif")]) == 2
    assert ".gif" in capsys.readouterr().err
