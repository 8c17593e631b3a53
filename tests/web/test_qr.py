"""The QR code, in the terminal and as a picture: both show the code that was made."""

import re
from xml.etree import ElementTree

import segno

from audioguide.web.send import render_qr_svg, render_qr_text

QUIET_ZONE = 4  # modules, by ISO/IEC 18004
ADDRESS = "http://192.168.178.123:46065/5CGR9gq36v5eHP4ezr12NA/"


def test_the_terminal_shows_every_module_dark_on_light():
    lines = render_qr_text(ADDRESS).splitlines()
    assert all(line.startswith("\x1b[38;5;231;48;5;16m") and line.endswith("\x1b[0m") for line in lines)
    halves = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in lines]
    shown = [[sign not in signs for sign in line] for line in halves for signs in ("▀█", "▄█")]
    code = [[bool(module) for module in row] for row in segno.make(ADDRESS, micro=False).matrix_iter(border=QUIET_ZONE)]
    assert shown[: len(code)] == code
    assert len(shown) - len(code) <= 1


def test_an_address_fits_an_80_column_terminal():
    lines = render_qr_text(ADDRESS).splitlines()
    assert len(lines) <= 24
    assert max(len(re.sub(r"\x1b\[[\d;]*m", "", line)) for line in lines) <= 80


def test_the_picture_has_nothing_that_a_strict_page_refuses():
    picture = ElementTree.fromstring(render_qr_svg(ADDRESS))
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert {child.tag.rpartition("}")[2] for child in picture} == {"path"}
    assert not any("style" in element.attrib for element in picture.iter())
    side = segno.make(ADDRESS, micro=False).symbol_size(border=QUIET_ZONE)[0]
    assert picture.attrib["viewBox"] == f"0 0 {side} {side}"
