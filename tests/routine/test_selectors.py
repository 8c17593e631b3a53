"""Options name steps of a routine that may have changed since they were saved."""

import pytest

from audioguide.model.options import Options
from audioguide.model.routine import Length
from audioguide.model.selectors import applicable, stable_selector
from audioguide.routine.load import load

TEXT = """\
title: t
steps:
  - say: Hello.
  - pose: bridge
  - pose: {name: 90 90 stretch, hold: 20s}
  - rest: 5s
  - pose: bridge
"""


@pytest.fixture
def routine(write):
    return load(write(TEXT))


@pytest.mark.parametrize(
    ("written", "reached"),
    [
        ("bridge", "bridge"),
        ("Bridge", "Bridge"),
        ("2", "2"),
        ("2 bridge", "2"),
        ("  5  Bridge ", "5"),
        ("90 90 stretch", "90 90 stretch"),
        ("3 90 90 stretch", "3"),
        ("3 bridge", None),
        ("9 bridge", None),
        ("9", None),
        ("1", None),  # words have no hold
        ("pigeon", None),
        ("", None),
    ],
)
def test_a_hold_reaches_the_pose_that_was_meant_or_none(routine, written, reached):
    fitted = applicable(Options(holds=((written, Length(20)),)), routine)
    assert fitted.options.holds == (((reached, Length(20)),) if reached else ())
    assert fitted.missing == (() if reached else (written,))


@pytest.mark.parametrize(("written", "reached"), [("1", "1"), ("1 say", "1"), ("4 rest", "4"), ("4 say", None)])
def test_any_step_can_be_skipped(routine, written, reached):
    assert applicable(Options(skip=(written,)), routine).options.skip == ((reached,) if reached else ())


def test_a_number_alone_is_told(routine):
    assert applicable(Options(holds=(("2", Length(5)), ("5 bridge", Length(5)))), routine).bare == {"2": "bridge"}


@pytest.mark.parametrize(
    ("asked", "kept"),
    [
        ("2", "2 bridge"),
        ("3", "3 90 90 stretch"),
        ("4", "4 rest"),
        ("Bridge", "bridge"),
        ("90 90 Stretch", "90 90 stretch"),
    ],
)
def test_what_is_kept_reaches_the_same(routine, asked, kept):
    assert stable_selector(asked, routine) == kept
    again = applicable(Options(skip=(kept,)), routine)
    assert again.missing == ()
    assert again.bare == {}
