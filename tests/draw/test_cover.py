import io
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from audioguide.draw.cover import Bar, draw_cover, render_cover

SIZE = 1000

BARS = (Bar(0.1, 0.2), Bar(0.3, 0.5), Bar(0.55, 0.95))
MARGIN = 84


def pixels(jpeg, size=SIZE):
    return np.asarray(Image.open(io.BytesIO(jpeg)).resize((size, size), Image.Resampling.LANCZOS), np.int16)


def drawn(jpeg):
    """Where something stands out from the background."""
    whole = pixels(jpeg)
    return np.abs(whole - whole[0, 0]).max(axis=2) > 40


def runs(line):
    """Starts and ends of what is drawn in a row of pixels."""
    return np.flatnonzero(np.diff(np.concatenate(([0], line.astype(int), [0]))))


@pytest.mark.parametrize(
    ("title", "bars"),
    [
        ("Four poses", BARS),
        ("", ()),
        ("Растяжка для спины", BARS),
        ("日本語のヨガ 🧘", BARS),
        ("w" * 400, [Bar(i / 1000, (i + 0.5) / 1000) for i in range(1000)]),
        ("A hold of no length", [Bar(1.0, 1.0)]),
        ("A title & <b>\x00\ud800", BARS),
    ],
)
def test_any_routine_gets_a_small_baseline_jpeg(title, bars):
    jpeg = render_cover(title, "an-id", bars)
    picture = Image.open(io.BytesIO(jpeg))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (SIZE, SIZE))
    assert "progressive" not in picture.info
    assert len(jpeg) <= 300_000
    assert jpeg == render_cover(title, "an-id", bars)


def test_routines_differ_in_colour():
    assert len({tuple(pixels(render_cover("Title", f"routine-{number}", BARS))[0, 0]) for number in range(12)}) >= 4


def test_bars_stand_where_the_holds_lie_from_the_first_to_the_last_and_longer_ones_are_taller():
    ink = drawn(render_cover("", "an-id", BARS))
    edges = (runs(ink[870]) - MARGIN) / (SIZE - 2 * MARGIN)
    first, last = BARS[0].start, BARS[-1].end
    expected = [(edge - first) / (last - first) for bar in BARS for edge in (bar.start, bar.end)]
    np.testing.assert_allclose(edges, expected, atol=0.006)
    heights = [ink[:, runs(ink[870])[2 * place] + 40].sum() for place in range(3)]
    assert heights[0] < heights[1] < heights[2]


def test_title_and_bars_share_their_left_edge():
    ink = drawn(render_cover("Rücken Jost", "an-id", BARS))
    top, bottom = ink[:500], ink[500:]
    assert abs(np.flatnonzero(top.any(axis=0))[0] - MARGIN) <= 1
    assert np.flatnonzero(bottom.any(axis=0))[[0, -1]].tolist() == [MARGIN, SIZE - MARGIN - 1]
    assert not ink[:, : MARGIN - 2].any()


def test_the_background_is_of_one_colour():
    whole = pixels(render_cover("", "an-id", ()))
    assert (whole == whole[0, 0]).all()


@pytest.mark.parametrize(
    "title", ["Lower-back cool-down", "Rückenmuskulaturentspannung für Ängstliche und alle anderen"]
)
def test_the_title_is_seen_in_a_list(title):
    """At 64 pixels the letters still stand out from the background."""
    light = pixels(render_cover(title, "an-id", ()), 64) @ (0.299, 0.587, 0.114)
    assert np.ptp(light[4:26, 4:60]) > 110


def test_a_long_title_is_cut_between_words():
    title = "A long and very slow evening session for the whole body with a bolster, two blocks and a strap"
    lines = [element.text for element in ET.fromstring(draw_cover(title, "an-id", ())) if element.text]
    assert len(lines) == 4
    shown = " ".join(lines)
    assert shown.endswith("…")
    assert title.startswith(shown[:-1] + " ")
