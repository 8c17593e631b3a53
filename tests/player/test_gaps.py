from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from audioguide import doctor
from audioguide.player.gaps import Gaps, keep_gaps, last_gaps

ENDED = datetime(2026, 3, 1, 7, 30, tzinfo=UTC)


def finding() -> doctor.Finding:
    return doctor._tried("last session", False, doctor._last_session)


def test_the_last_session_is_the_one_that_counts(home: Path) -> None:
    home.mkdir()
    assert last_gaps() is None
    keep_gaps(3, ENDED)
    keep_gaps(0, ENDED)
    assert last_gaps() == Gaps(0, ENDED)


@pytest.mark.parametrize(
    ("count", "works", "said"),
    [(0, True, "no gap"), (1, False, "broke off once (2026-03-01 07:30)"), (3, False, "broke off 3 times")],
)
def test_doctor_tells_of_them(home: Path, count: int, works: bool, said: str) -> None:
    home.mkdir()
    assert "none was played" in finding().detail
    keep_gaps(count, ENDED)
    assert finding().works is works
    assert said in finding().detail


def test_where_nothing_can_be_kept_nothing_is(home: Path) -> None:
    keep_gaps(3, ENDED)  # the folder is not there
    assert last_gaps() is None


def test_a_damaged_note_is_none(home: Path) -> None:
    home.mkdir()
    (home / "gaps.txt").write_text("many, many")
    assert last_gaps() is None
