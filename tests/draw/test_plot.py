import io
import re
import subprocess
import xml.etree.ElementTree as ET
from itertools import combinations, groupby

import numpy as np
import pytest
from disks import disk
from fakes import FakeVoice
from PIL import Image

from audioguide.cli.main import run
from audioguide.draw import font
from audioguide.draw.plot import draw_sheets
from audioguide.draw.render import to_file
from audioguide.model.chapter_figure import chapter_figures
from audioguide.session.open import open_session
from audioguide.timeline.compiler import compile

WIDTH, HEIGHT, MARGIN = 842, 595, 34
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
    "other letters": POSE.format("猫のポーズ 🧘", 25, SIDES) + POSE.format("Поза ребёнка", 25, ""),
}


@pytest.fixture
def timeline_of(write):
    def timeline_of(steps, extra=""):
        session = open_session(write(f"title: A title\n{extra}steps:\n{steps}"))
        return compile(session.routine, FakeVoice().measure, session.phrases)

    return timeline_of


def timeline_by_id(routine):
    session = open_session(routine)
    return compile(session.routine, FakeVoice().measure, session.phrases)


def elements(sheet, name):
    return list(ET.fromstring(sheet).iter(f"{{http://www.w3.org/2000/svg}}{name}"))


def texts(sheet):
    """Of every text: its words and the box that its letters are in."""
    for each in elements(sheet, "text"):
        if each.text:
            size, x, y = (float(each.get(key)) for key in ("font-size", "x", "y"))
            width = font.text_width(each.text, size, bold=each.get("font-weight") == "bold")
            left = x - width * {None: 0, "middle": 0.5, "end": 1}[each.get("text-anchor")]
            yield each.text, size, (left, y - 0.75 * size, left + width, y + 0.22 * size)


@pytest.mark.parametrize("one", [True, False], ids=["one sheet", "many"])
@pytest.mark.parametrize("name", SESSIONS)
def test_every_text_is_on_the_paper_large_enough_and_over_no_other(name, one, timeline_of):
    sheets = draw_sheets(timeline_of(SESSIONS[name], "defaults: {breath: 4-6}\n"), "What it is for. " * 30, single=one)
    assert len(sheets) == 1 if one else len(sheets) <= 24
    for sheet in sheets:
        found = list(texts(sheet))
        for words, size, (left, top, right, bottom) in found:
            assert MARGIN - 1 <= left <= right <= WIDTH - MARGIN + 1, words
            assert 0 <= top <= bottom <= HEIGHT, words
            assert size >= 7
        for (words, _, one_box), (others, _, other) in combinations(found, 2):
            apart = one_box[2] <= other[0] or other[2] <= one_box[0] or one_box[3] <= other[1] or other[3] <= one_box[1]
            assert apart, (words, others)


@pytest.mark.parametrize("routine", ["lower-back-cool-down", "four-poses", "taster"])
def test_shipped_routines_show_every_name_and_every_length_once(routine):
    timeline = timeline_by_id(routine)
    shown = [words for sheet in draw_sheets(timeline, single=True) for words, *_ in texts(sheet)]
    for chapter in timeline.chapters:
        assert any(chapter.title.startswith(words) for words in shown if len(words) > 3), chapter.title
    lengths = [words.split(" ")[0] for words in shown if re.match(r"(\d+m)?(\d+s)?( ·|$)", words) and words]
    assert len(lengths) == sum(cue.kind == "hold" for cue in timeline.cues)


def test_in_a_pdf_every_name_of_forty_short_poses_has_room(timeline_of):
    timeline = timeline_of(SESSIONS["forty short poses"])
    shown = {words for sheet in draw_sheets(timeline, single=False) for words, *_ in texts(sheet)}
    assert {chapter.title for chapter in timeline.chapters[1:]} <= shown


def test_holds_are_as_wide_as_they_are_long(timeline_of):
    """However they are wrapped, the bars' widths add up to the holds' lengths, on one scale, in one colour a pose."""
    timeline = timeline_of("".join(POSE.format(name, 20 + 17 * at, SIDES) for at, name in enumerate(NAMES)))
    (sheet,) = draw_sheets(timeline, single=True)
    rows = [each for each in elements(sheet, "rect") if float(each.get("height")) > 15 and not each.get("fill-opacity")]
    widths = {}
    for bar in rows[1:]:  # after the paper
        widths[bar.get("fill")] = widths.get(bar.get("fill"), 0) + float(bar.get("width"))
    lengths = [
        sum(cue.frames for cue in cues)
        for _, cues in groupby((c for c in timeline.cues if c.kind == "hold"), lambda c: c.step)
    ]
    scales = [width / length for width, length in zip(widths.values(), lengths, strict=True)]
    assert scales == pytest.approx([scales[0]] * len(NAMES), rel=1e-3)


def test_the_breath_rises_while_breathing_in(timeline_of):
    (sheet,) = draw_sheets(timeline_of("  - breathe: {pattern: 4-7-8, rounds: 1}\n"), single=True)
    (wave,) = [each.get("d") for each in elements(sheet, "path") if each.get("stroke-linejoin")]
    points = np.array([curve.split("C")[0].split() for curve in f"{wave[1:]}L".split("L")[:-1]], float)
    (x, y), end = points.T, np.array(wave.split()[-2:], float)
    np.testing.assert_allclose((x - x[0]) / (end[0] - x[0]) * 19, [0, 4, 11], atol=0.02)
    assert y[0] == end[1] > y[1] + 20  # downwards is more
    assert y[1] == y[2]


def figures_on(sheet):
    """The left, upper, right and lower edges of the figures on a sheet."""
    groups = [re.findall(r"[\d.-]+", each.get("transform", "")) for each in elements(sheet, "g")]
    places = [[float(number) for number in numbers] for numbers in groups if len(numbers) == 3]
    return [(x, y, x + 100 * scale, y + 80 * scale) for x, y, scale in places if x > MARGIN and y > 80]


@pytest.mark.parametrize(("routine", "count"), [("lower-back-cool-down", 7), ("taster", 2), ("slow-breathing", 0)])
def test_a_figure_stands_before_the_first_hold_of_its_pose(routine, count):
    session = open_session(routine)
    timeline = compile(session.routine, FakeVoice().measure, session.phrases)
    (sheet,) = draw_sheets(timeline, "", chapter_figures(session.routine, timeline), single=True)
    assert len(figures_on(sheet)) == count
    boxes = [[float(each.get(key)) for key in ("x", "y", "width", "height")] for each in elements(sheet, "rect")]
    bars = [(x, y, x + wide, y + high) for x, y, wide, high in boxes if 20 < high < 100]
    for left, top, right, bottom in figures_on(sheet):
        under = [bar for bar in bars if bar[0] < right and left < bar[2] and bar[1] < bottom and top < bar[3]]
        assert len(under) == 1  # the pose's own ground, and no hold


def test_where_poses_are_close_together_there_are_no_figures(write):
    session = open_session(write("title: Long\nsteps:\n" + "  - {pose: childs-pose, hold: 60s}\n" * 150))
    timeline = compile(session.routine, FakeVoice().measure, session.phrases)
    figures = chapter_figures(session.routine, timeline)
    assert figures_on(draw_sheets(timeline, "", figures, single=True)[0]) == []
    assert figures_on(draw_sheets(timeline, "", figures, single=False)[0])


def plot(timeline, ending):
    return to_file(draw_sheets(timeline, "Two minutes.", single=ending != ".pdf"), ending, timeline.title, "en")


def test_a_png_is_a4_and_small_and_every_file_is_the_same_each_time():
    timeline = timeline_by_id("taster")
    png = plot(timeline, ".png")
    assert len(png) < 200_000
    picture = Image.open(io.BytesIO(png))
    np.testing.assert_allclose(picture.size, (2339, 1653), atol=1)
    pixels = np.asarray(picture.convert("RGB"))
    assert (pixels[:40] == 255).all()
    assert (pixels < 100).any()
    assert all(plot(timeline, ending) == plot(timeline, ending) for ending in (".png", ".svg", ".pdf"))


@pytest.mark.real("pdftotext")
def test_a_pdf_has_the_words_on_as_many_pages_as_it_takes(tmp_path, timeline_of):
    path = tmp_path / "three-hours.pdf"
    path.write_bytes(plot(timeline_of(SESSIONS["three hours"]), ".pdf"))
    pages = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout.split("\f")
    assert len(pages) > 5
    assert all("A title" in page and "hold, with its length" in page for page in pages[:-1])
    assert all(any(name in page for page in pages) for name in NAMES)


def test_show_draws_and_prints_the_path_alone(tmp_path, capsys):
    path = tmp_path / "taster.PNG"
    path.write_text("old")
    assert run(["show", "taster", "--plot", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}\n"
    assert path.read_bytes().startswith(b"\x89PNG")
    assert list(tmp_path.iterdir()) == [path]
    assert run(["show", "taster", "--json", "--plot", str(path.with_suffix(".svg"))]) == 0
    assert capsys.readouterr().out.startswith("{")
    assert elements(path.with_suffix(".svg").read_text(), "text")


@pytest.mark.parametrize("name", ["plan.gif", "plan", "plan.png.txt", "nowhere/plan.png", "folder.png"])
def test_what_can_not_be_drawn_there_is_refused_in_one_sentence(name, tmp_path, capsys):
    (tmp_path / "folder.png").mkdir()
    assert run(["show", "taster", "--plot", str(tmp_path / name)]) == 2
    told = capsys.readouterr().err
    assert len(told.strip().splitlines()) == 1
    assert (".pdf, .png, .svg" in told) == (not name.endswith(".png"))


def test_a_full_disk_is_told_in_one_sentence(tmp_path, capsys):
    with disk(tmp_path / "full", "4k") as full:
        assert run(["show", "taster", "--plot", str(full / "taster.png")]) == 1
        assert capsys.readouterr().err.startswith("The disk is full")
        assert list(full.iterdir()) == []
