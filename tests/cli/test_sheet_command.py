"""`audioguide sheet`: what stands on paper, where, and what is said about a wrong logo, link, name or file."""

import io
import re
import subprocess
import xml.etree.ElementTree as ET

import numpy as np
import pytest
import segno
from disks import disk
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import audioguide
from audioguide.draw.render import to_png
from audioguide.draw.sheet import PAPERS, draw_sheet
from audioguide.session.handout import load_words, make_sheet
from audioguide.system import paths

MARGIN = 12 / 25.4 * 72  # points that printers leave white
DOSES = {
    "30 s": {"hold": "30s"},
    "2 × 1 min 30 s, 20 s rest": {"hold": "90s", "rounds": 2, "rest": "20s"},
    "45 s each side": {"hold": "45s", "sides": ["left leg", "right leg"]},
    "10 reps": {"reps": 10},
    "3 × 10, hold 5 s, 30 s rest": {"reps": 10, "hold": "5s", "rounds": 3, "rest": "30s"},
    "2 × 8 each side": {"reps": 8, "sides": ["left", "right"], "rounds": 2},
    "2 × 5 breaths": {"hold": "5 breaths", "breath": "4-6", "rounds": 2},
    "7.5 s": {"hold": "7.5s"},
}


def pose(name, **more):
    inner = {key: more.pop(key) for key in ("sides", "instructions", "caution", "tempo") if key in more}
    return {"pose": {"name": name, **inner}, **more}


def routine(*steps, **more):
    return {"title": "A title", "steps": list(steps), **more}


def words_of(path):
    return subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout


def pages_of(data, **fields):
    return draw_sheet(make_sheet(audioguide.load(data), fields)[0])


@pytest.mark.real("pdftotext")
@pytest.mark.real("pdfinfo")
@pytest.mark.real("pdffonts")
def test_a_pdf_has_its_words_in_reading_order_its_fonts_a_title_and_a_language(call):
    who = ("--for", "Zoë Łuczak 🧘", "--clinic", "Physio Nord", "--date", "1 May", "--link", "https://a.example/k.mp3")
    assert call("sheet", "lower-back-cool-down", *who, "-o", "a.pdf") == (0, "a.pdf\n", "")
    text = " ".join(words_of("a.pdf").split())
    said = ("Physio Nord", "Lower-back cool-down", "About 18 min", "Bird dog", "4 × 5 s each side", "reach the arm")
    places = [text.find(words) for words in (*said, "If your wrists", "Bridge", "2 × 30 s, 15 s rest", "Week 4")]
    assert places == sorted(places)
    assert places[0] >= 0
    assert "Scan to listen" in text
    assert text.count("Skip what hurts") == len(re.findall(r"\d ?/ ?2", text)) == 2
    info = subprocess.run(["pdfinfo", "a.pdf"], capture_output=True, text=True, check=True).stdout
    assert re.search(r"Title: +Lower-back cool-down – Zoë Łuczak", info)
    assert "A4" in info
    assert b"/Lang (en)" in (call.folder / "a.pdf").read_bytes()
    fonts = subprocess.run(["pdffonts", "a.pdf"], capture_output=True, text=True, check=True).stdout.split("\n")[2:-1]
    assert {line.split()[-5] for line in fonts} == {"yes"}


@pytest.mark.real("pdftotext")
@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("feierabend", ("Etwa", "Übungen", "5 Wiederholungen", "je Seite", "4 Atemzüge", "Woche 1", "Mo", "Datum")),
        ("espalda-ligera", ("Unos", "ejercicios", "respiraciones", "por lado", "Semana 1", "mié", "Fecha")),
    ],
)
def test_a_sheet_is_in_the_language_of_its_routine(call, id, said):
    assert call("sheet", id, "-o", "a.pdf")[::2] == (0, "")
    text = words_of("a.pdf")
    assert [words for words in said if words not in text] == []
    assert not re.search(r"\b(Name or|breaths|Week|about|each)\b", text)


def test_every_language_has_all_the_words():
    keys = {language: {*load_words(paths.sheet_words_file(language))} for language in ("en", "de", "es")}
    assert keys["en"] == keys["de"] == keys["es"]


def test_another_language_has_its_words_in_ones_own_folder(call, home):
    for folder in ("prompts", "sheets"):
        (home / "voices" / folder).mkdir(parents=True)
    (home / "voices/prompts/fr.yaml").write_bytes(paths.prompts_file("en").read_bytes())
    (call.folder / "a.yaml").write_text("title: Bonjour\nlanguage: fr\nsteps: [{pose: {name: Pont, hold: 20s}}]\n")
    note = "The sheet's own words are English: there is no voices/sheets/fr.yaml.\n"
    assert call("sheet", "a.yaml", "-o", "a.svg") == (0, "a.svg\n", note)
    words = home / "voices/sheets/fr.yaml"
    words.write_text("name: Nom\ndays: L M M J V S D\n")
    assert call("sheet", "a.yaml", "-o", "a.svg") == (0, "a.svg\n", "")
    assert ">Nom<" in (call.folder / "a.svg").read_text()
    words.write_text("days: L M\n")
    code, _, err = call("sheet", "a.yaml", "-o", "a.svg")
    assert (code, err.endswith("has not seven days. Write days: Mon Tue Wed Thu Fri Sat Sun.\n")) == (2, True)


@pytest.mark.parametrize(("dose", "step"), DOSES.items())
def test_a_dose_is_written_as_on_prescriptions(dose, step):
    (row,) = make_sheet(audioguide.load(routine(pose("Any", **step))), {})[0].rows
    assert row.dose == dose


def test_a_pose_that_comes_again_is_listed_once_with_all_its_doses():
    twice = {"repeat": 2, "steps": [pose("One", hold="20s"), {"breathe": {"pattern": "4-7-8", "rounds": 3}}]}
    steps = [twice, pose("Two", hold="10s"), {"say": "Words between."}, {"rest": "5s"}, pose("One", hold="30s")]
    sheet = make_sheet(audioguide.load(routine(*steps)), {})[0]
    assert [(row.name, row.dose) for row in sheet.rows] == [
        ("One", "20 s (2 times in the session), then 30 s"),
        ("Breathing 4-7-8", "3 breaths (2 times in the session)"),
        ("Two", "10 s"),
    ]
    assert sheet.rows[1].texts == ("Breathe in 4 s, hold 7 s, breathe out 8 s.",)
    assert "Order: 1, 2, 1, 2, 3, 1" in sheet.about[0]
    sides = {"reps": 5, "rounds": 2, "order": "rounds-first", "sides": ["left", "right"]}
    (row,) = make_sheet(audioguide.load(routine(pose("One", **sides))), {})[0].rows
    assert (row.dose, row.sides) == ("2 × 5 each side", "left, right")


def test_texts_lose_their_pauses_and_placeholders_get_their_words():
    step = pose("Any", hold="20s", instructions="Stay {pause 2s} for {hold}.", caution="Not {pause 1s} far.")
    (row,) = make_sheet(audioguide.load(routine(step)), {})[0].rows
    assert (row.texts[0], row.caution) == ("Stay for twenty seconds.", "Not far.")


def test_doses_are_those_of_the_options(call):
    assert call("sheet", "four-poses", "--hold", "childs-pose=1:00", "--only", "holds", "-o", "a.svg")[0] == 0
    assert ">1 min<" in (call.folder / "a.svg").read_text()


@pytest.mark.parametrize(("paper", "large"), [("a4", True), ("letter", False)])
def test_nothing_is_cut_and_no_letter_is_too_small(call, paper, large):
    logo = call.folder / "logo.png"
    Image.new("RGB", (300, 200), "navy").save(logo)
    long = routine(
        *(pose(f"A pose {n} " * 4, hold="20s", instructions="Word " * 60, caution="Care. " * 9) for n in range(9))
    )
    long["steps"] += [
        pose("Nem" * 39, hold="20s", instructions="We " * 1_600, sides=["Nem" * 39, "Mno" * 39], caution="We " * 999)
    ]
    link = "https://a.example/" + "x" * 280
    asked = {"person": "W" * 80, "clinic": "W" * 100, "date": "W" * 30, "link": link, "paper": paper, "large": large}
    for source in (long, "pre-run-warm-up"):
        sheet = make_sheet(audioguide.load(source), asked | {"logo": (logo.read_bytes(), 2 / 3)})[0]
        pages, _ = draw_sheet(sheet)
        assert 1 <= len(pages) <= 3
        for page in pages:
            drawn = np.asarray(Image.open(io.BytesIO(to_png(page, round(PAPERS[paper][0])))).convert("L")) < 250
            rows, columns = (np.flatnonzero(drawn.any(axis=axis)) for axis in (1, 0))
            assert min(rows[0], columns[0]) >= MARGIN
            assert rows[-1] <= PAPERS[paper][1] - MARGIN
            assert columns[-1] <= PAPERS[paper][0] - MARGIN
            assert min(float(size) for size in re.findall('font-size="(.*?)"', page)) >= (16 if large else 8)


def test_the_code_is_that_of_the_link():
    link = "https://example.org/knee.mp3?for=anna&week=1"
    (page, *_), _ = pages_of("taster", link=link)
    picture = np.asarray(Image.open(io.BytesIO(to_png(page, 595 * 4))).convert("L")) < 128
    matrix = np.array([[*row] for row in segno.make(link, error="m", micro=False).matrix])
    place = (np.arange(len(matrix)) + 0.5) * 72 / len(matrix) * 4
    seen = picture[np.ix_((40 * 4 + place).astype(int), ((595 - 40 - 72) * 4 + place).astype(int))]
    assert (seen == matrix.astype(bool)).all()


def test_days_and_weeks_are_boxes_to_tick():
    def boxes(**fields):
        return sum(page.count('rx="1.5"') for page in pages_of("taster", **fields)[0])

    assert (boxes(), boxes(days=(0, 2, 4), weeks=6), boxes(weeks=0), boxes(weeks=12)) == (28, 18, 0, 84)


def test_a_moving_pose_shows_its_start_and_its_end_and_a_pose_without_a_figure_nothing():
    def figures(step):
        return re.findall(r'translate\(([\d.]+) [\d.]+\) scale\(.{1,9}\)"><g ', pages_of(routine(step))[0][0])

    assert len({*figures({"pose": "cat-cow"})}) == 2
    assert figures(pose("Any", hold="20s")) == []


def test_what_has_no_place_is_counted(call):
    sheet = make_sheet(audioguide.load(routine(*(pose(f"Pose {n}", hold="5s") for n in range(500)))), {})[0]
    pages, left_out = draw_sheet(sheet)
    assert len(pages) == 3
    assert 420 < left_out < 480
    assert f"And {left_out} more" in pages[-1]
    many = "".join(f"  - pose: {{name: Pose {n}, hold: 5s}}\n" for n in range(80))
    (call.folder / "many.yaml").write_text(f"title: Many\nsteps:\n{many}")
    code, _, err = call("sheet", "many.yaml", "-o", "a.png")
    assert code == 0
    assert re.fullmatch(
        r"\d+ of 80 exercises have no place .*3 pages\. Try --weeks 0\.\nThis is the first of 3 pages\. .*\n", err
    )


def test_a_wrong_request_is_told_at_once_and_leaves_no_file(call):
    (call.folder / "text.png").write_text("no picture")
    (call.folder / "logo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (call.folder / "large.png").write_bytes(bytes(20_000_001))
    Image.new("1", (50_000, 1_001)).save(call.folder / "huge.png")
    for arguments, message in (
        (("--logo", "text.png"), "text.png is no picture that can be read. Name a JPEG or a PNG."),
        (("--logo", "logo.svg"), "logo.svg is no picture that can be read. Name a JPEG or a PNG."),
        (("--logo", "large.png"), "large.png is larger than 20 MB."),
        (("--logo", "huge.png"), "huge.png has more than 50 million pixels."),
        (("--logo", "none.png"), "There is no file none.png."),
        (("--for", "x" * 10_000), "cannot stand on a sheet: that takes a name of at most 80 characters."),
        (("--for", "a\x07b"), "'a\\x07b' cannot stand on a sheet: that takes a name"),
        (("--link", "ftp://a.example/b"), "that takes an http or https address of at most 300 characters."),
        (("--link", "https://a.example/" + "x" * 5_000), "that takes an http or https address"),
        (("--link", "https://"), "that takes an http or https address"),
        (("--days", "mon,funday"), "'mon,funday' cannot stand on a sheet: that takes days as mon,wed,fri."),
        (("--weeks", "13"), "that takes a number of weeks from 0 to 12."),
        (("--weeks", "-1"), "that takes a number of weeks from 0 to 12."),
        (("-o", "a.gif"), ".gif is not a picture that audioguide draws. Known: .pdf, .png, .svg."),
        (("-o", "none/a.pdf"), "There is no folder none."),
    ):
        code, out, err = call("sheet", "taster", "-o", "a.pdf", *arguments)
        assert (code, out, err.count("\n")) == (2, "", 1), err
        assert message in err
    assert not (call.folder / "a.pdf").exists()


def test_a_full_disk_leaves_the_sheet_that_was_there(call):
    with disk(call.folder / "small", "4k") as folder:
        (folder / "a.pdf").write_text("old")
        code, out, err = call("sheet", "taster", "-o", folder / "a.pdf")
        assert (code, out) == (1, "")
        assert "full" in err
        assert (folder / "a.pdf").read_text() == "old"


@settings(max_examples=6, deadline=None)
@given(st.text(max_size=300), st.text(max_size=80), st.sampled_from([*PAPERS]), st.booleans())
def test_any_words_make_a_picture(words, person, paper, large):
    step = pose("Any", hold="20s", instructions="A. " + re.sub(r"[{}\x00-\x1f\x7f-\x9f\ud800-\udfff]", "", words))
    for page in pages_of(routine(step), person=person, paper=paper, large=large)[0]:
        assert ET.fromstring(page).tag.endswith("svg")
