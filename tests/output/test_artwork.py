import io

import numpy as np
import pytest
from PIL import Image

from audioguide.output.artwork import SIZE, Bar, cover

BARS = (Bar(0.1, 0.2), Bar(0.3, 0.5), Bar(0.55, 0.95))


def pixels(jpeg: bytes) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(jpeg)), np.int16)


@pytest.mark.parametrize(
    ("title", "bars"),
    [
        ("Four poses", BARS),
        ("", ()),
        ("Растяжка для спины", BARS),
        ("日本語のヨガ 🧘", BARS),
        ("w" * 400, [Bar(i / 1000, (i + 0.5) / 1000) for i in range(1000)]),
        ("A hold of no length", [Bar(1.0, 1.0)]),
    ],
)
def test_any_routine_gets_a_small_baseline_jpeg(title, bars):
    jpeg = cover(title, "an-id", bars)
    picture = Image.open(io.BytesIO(jpeg))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (SIZE, SIZE))
    assert "progressive" not in picture.info
    assert len(jpeg) <= 300_000


def test_the_same_routine_gets_the_same_cover():
    assert cover("Four poses", "four-poses", BARS) == cover("Four poses", "four-poses", BARS)


def test_routines_differ_in_colour():
    corners = {tuple(pixels(cover("Title", f"routine-{number}", BARS))[0, 0]) for number in range(12)}
    assert len(corners) >= 4


def test_bars_stand_where_the_holds_lie():
    bare, drawn = pixels(cover("", "an-id", ())), pixels(cover("", "an-id", BARS))
    row = np.abs(drawn - bare).max(axis=2)[900] > 40
    edges = (np.flatnonzero(np.diff(row.astype(int))) - 84) / (SIZE - 168)
    np.testing.assert_allclose(edges, [0.1, 0.2, 0.3, 0.5, 0.55, 0.95], atol=0.006)


def test_a_longer_hold_is_taller():
    drawn = np.abs(pixels(cover("", "an-id", BARS)) - pixels(cover("", "an-id", ()))).max(axis=2) > 40
    heights = [int(drawn[:, 84 + round(832 * (bar.start + bar.end) / 2)].sum()) for bar in BARS]
    assert heights[0] < heights[1] < heights[2]


def test_the_title_is_seen_in_a_list():
    """At 64 pixels the letters still stand out from the background."""
    small = Image.open(io.BytesIO(cover("Lower-back cool-down", "lower-back-cool-down", ()))).resize((64, 64))
    light = np.asarray(small.convert("L"), np.int16)[4:26, 4:60]
    assert light.max() - light.min() > 110
