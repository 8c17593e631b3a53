"""File names that every disk takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.system.files import safe_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("lower-back-cool-down", "lower-back-cool-down.mp3"),
        ("Rücken 2.0", "Rücken 2.0.mp3"),
        ("u\u0308ben", "\xfcben.mp3"),  # composed, as phones write it
        ('a/b\\c:d*e?f"g<h>i|j', "a-b-c-d-e-f-g-h-i-j.mp3"),
        ("../../etc/passwd", "-..-etc-passwd.mp3"),
        (".hidden", "hidden.mp3"),
        ("#1 for runners", "1 for runners.mp3"),
        ("ends with dots...", "ends with dots.mp3"),
        ("line\nbreak", "line-break.mp3"),
        ("CON", "session-CON.mp3"),
        ("com1.morning", "session-com1.morning.mp3"),
        ("...", "session.mp3"),
        ("half \ud83d", "half -.mp3"),
    ],
)
def test_what_a_disk_may_refuse_is_replaced(text, name):
    assert safe_name(text, ".mp3") == name


@given(st.text(max_size=300))
def test_any_text_gives_a_name(text):
    name = safe_name(text, ".mp3")
    assert len(name.encode()) <= 150 + len("session-.mp3")
    assert not set(name) & set('<>:"/\\|?*\n\r\t\0')
    assert name[0] not in ".# "
    assert name.removesuffix(".mp3")[-1] not in ". "
    assert safe_name(name.removesuffix(".mp3"), ".mp3") == name
