import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide import units


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("45", 45),
        (45, 45),
        ("45s", 45),
        ("1m30s", 90),
        ("1:30", 90),
        ("2 min", 120),
        ("2 minutes", 120),
        ("1:02:03", 3723),
        ("0.5s", 0.5),
        ("1h", 3600),
        (" 20 s ", 20),
        ("1m 30s", 90),
    ],
)
def test_durations_as_people_write_them(text, seconds):
    assert units.parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    [
        "-5s",
        "0s",
        "0",
        "forever",
        "1e9",
        1e9,
        "",
        "  ",
        "s",
        "1:3",
        "inf",
        float("nan"),
        "13h",
        "1:75",
        "1:60:00",
        "1:00:60",
    ],
)
def test_what_is_no_duration_says_so(text):
    with pytest.raises(ValueError, match=r"\.$"):
        units.parse_duration(text)


@pytest.mark.parametrize("text", [float("inf"), 10**400, "9" * 400 + ":00:00", "9" * 5000 + ":00:00", "9" * 5000 + "h"])
def test_what_no_float_holds_is_too_long(text):
    with pytest.raises(ValueError, match="is longer than a session may be"):
        units.parse_duration(text)
    with pytest.raises(ValueError, match="is not a length of time"):
        units.parse_duration(f"-{text}" if isinstance(text, str) else -text)


@pytest.mark.parametrize("text", [0, "0", "0s", " 0 s ", "0:00", "0:00:00", "0 min", "0.0"])
def test_nothing_is_a_pause_but_no_length_of_time(text):
    assert units.parse_pause(text) == 0
    with pytest.raises(ValueError, match="more than 0 seconds"):
        units.parse_duration(text)


@given(st.text(max_size=12))
def test_any_text_is_a_duration_or_a_sentence(text):
    try:
        assert 0 < units.parse_duration(text) <= units.LONGEST_SESSION
    except ValueError as error:
        assert str(error).endswith(".")


@given(st.integers(1, 12 * 3600))
def test_what_is_printed_reads_back(seconds):
    assert units.parse_duration(units.format_duration(seconds)) == seconds


@given(st.integers(0, 10**9))
def test_the_grid_is_the_next_multiple(frame):
    assert units.align_to_grid(frame) % units.MP3_FRAME == 0
    assert 0 <= units.align_to_grid(frame) - frame < units.MP3_FRAME
