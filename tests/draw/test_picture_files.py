import base64
import io
import re
import subprocess

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from PIL import Image

from audioguide.draw.font import text_width
from audioguide.draw.render import to_jpeg, to_pdf, to_png, to_svg
from audioguide.draw.svg import box, document, text


def written(words, **more):
    return document(400, 100, box(0, 0, 400, 100, "#ffffff"), text(words, 10, 60, 40, "#000000", **more), unit="pt")


def ink(words, **more):
    picture = Image.open(io.BytesIO(to_png(written(words, **more), 400))).convert("L")
    return np.flatnonzero((np.asarray(picture) < 128).any(axis=0))


def test_a_png_is_as_large_as_asked_and_says_how_large_to_print_it():
    picture = Image.open(io.BytesIO(to_png(written("Ä"), 800, 200)))
    picture.load()
    assert picture.size == (800, 200)
    assert picture.info["dpi"] == pytest.approx((200, 200), abs=0.1)


def test_letters_are_kerned_and_bold_is_a_weight_of_its_own():
    regular, bold = ink("AVAVAV"), ink("AVAVAV", bold=True)
    assert np.ptp(regular) < 0.9 * text_width("AVAVAV", 40)
    assert len(bold) > len(regular)


def test_letters_that_no_font_has_leave_no_box():
    assert len(ink("\U00050000\ue000")) == 0
    assert np.ptp(ink("Hip 🧘 日本 flow")) > 50


def test_a_jpeg_is_baseline():
    picture = Image.open(io.BytesIO(to_jpeg(written("é"), 400)))
    assert (picture.format, picture.size, "progressive" in picture.info) == ("JPEG", (400, 100), False)


@pytest.mark.real("pdftotext")
@pytest.mark.real("pdffonts")
def test_a_pdf_has_a_page_a_picture_and_text_as_text(tmp_path):
    path = tmp_path / "a.pdf"
    mixed = document(400, 100, text("Anna", 20, 40, 30, "#000"), text("日本 & more", 20, 80, 30, "#000"))
    pages = [written("Über Yoga & Tür", bold=True), mixed, written("Ташкент")]
    path.write_bytes(to_pdf(pages, "Ä title", "de"))
    words = subprocess.run(["pdftotext", path, "-"], capture_output=True, text=True, check=True).stdout
    assert [page.strip() for page in words.split("\f")] == ["Über Yoga & Tür", "Anna", "Ташкент", ""]
    fonts = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.split("\n")[2:-1]
    assert {re.sub(r".*\+", "", line.split()[0]) for line in fonts} == {"Inter", "InterBold"}
    assert to_pdf(pages, "Ä title", "de") == path.read_bytes()


@pytest.mark.real("pdftoppm")
def test_a_pdf_looks_like_the_png(tmp_path):
    picture = written("Cobra in", bold=True)
    (tmp_path / "a.pdf").write_bytes(to_pdf([picture], ""))
    subprocess.run(["pdftoppm", "-png", "-r", "72", "-singlefile", tmp_path / "a.pdf", tmp_path / "a"], check=True)
    pages = [Image.open(io.BytesIO(file)) for file in ((tmp_path / "a.png").read_bytes(), to_png(picture, 400))]
    edges = [np.flatnonzero((np.asarray(page.convert("L")) < 128).any(axis=0))[[0, -1]] for page in pages]
    np.testing.assert_allclose(*edges, atol=1)


@pytest.mark.parametrize(("words", "bold", "faces"), [("Grüße", False, 1), ("Grüße", True, 2), ("", False, 0)])
def test_an_svg_brings_its_letters_along(words, bold, faces):
    fonts = re.findall(r"base64,([^)]+)", to_svg(written(words, bold=bold)))
    found = [TTFont(io.BytesIO(base64.b64decode(data))) for data in fonts]
    assert [set(map(chr, face.getBestCmap())) for face in found] == [set(words)] * faces
