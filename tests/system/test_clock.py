"""The one clock."""

from datetime import UTC, datetime, timedelta

import pytest

from audioguide.errors import RequestError
from audioguide.system import clock


def test_it_is_the_local_time_with_its_offset(monkeypatch):
    monkeypatch.delenv("AUDIOGUIDE_NOW", raising=False)
    assert clock.now().utcoffset() is not None
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert abs(datetime.now(clock.local_zone()) - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_variable_sets_it(monkeypatch):
    monkeypatch.setenv("AUDIOGUIDE_NOW", "2026-12-01T18:30+01:00")
    assert clock.now().isoformat() == "2026-12-01T18:30:00+01:00"
    monkeypatch.setenv("AUDIOGUIDE_NOW", "2026-12-01")
    assert clock.now().utcoffset() is not None
    for wrong in ("2027-02-29", "soon", "18:30", "0001-01-01T00:00Z", "9999-12-31"):
        monkeypatch.setenv("AUDIOGUIDE_NOW", wrong)
        with pytest.raises(RequestError, match=f"{wrong} is no time"):
            clock.now()
