"""The diary by weeks."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from audioguide.player.history import SessionRecord, count_streak, find_mean_days, find_monday, group_by_week

BERLIN = ZoneInfo("Europe/Berlin")


def record(started, minutes=16.0, end="finished"):
    return SessionRecord(1, "a", "A", started, minutes * 60, 16 * 60.0, end, None, False)


def on(*days, **more):
    return [record(datetime.fromisoformat(f"{day}T18:00+01:00"), **more) for day in days]


def test_weeks_begin_on_monday():
    table = group_by_week(on("2026-03-02", "2026-03-08", "2026-03-09"), date(2026, 3, 12), 2)
    assert [week.monday for week in table] == [date(2026, 3, 2), date(2026, 3, 9)]
    assert table[0].minutes == (16, 0, 0, 0, 0, 0, 16)
    assert [week.days for week in table] == [2, 1]


def test_days_that_were_begun_have_minutes_and_do_not_count():
    (week,) = group_by_week(on("2026-03-02", minutes=5.0, end="stopped"), date(2026, 3, 2), 1)
    assert (week.minutes[0], week.days) == (5, 0)


def test_two_sessions_on_one_day_are_one_day():
    (week,) = group_by_week(on("2026-03-02", "2026-03-02"), date(2026, 3, 2), 1)
    assert (week.minutes[0], week.days) == (32, 1)


def test_a_week_across_new_year():
    table = group_by_week(on("2025-12-31", "2026-01-01"), date(2026, 1, 5), 2)
    assert (table[0].monday, table[0].days) == (date(2025, 12, 29), 2)
    assert find_monday(date(2027, 1, 3)) == date(2026, 12, 28)


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])  # of 23 and of 25 hours
def test_days_are_those_of_the_clock_on_the_wall(day):
    year, month, number = map(int, day.split("-"))
    spans = [datetime(year, month, number, hour, 30, tzinfo=BERLIN) for hour in (0, 23)]
    table = group_by_week([record(one.astimezone(one.tzinfo)) for one in spans], date(year, month, number), 2)
    assert table[-1].minutes == (0, 0, 0, 0, 0, 0, 32)


def test_a_day_abroad_is_the_day_there():
    late = datetime(2026, 3, 2, 23, 30, tzinfo=ZoneInfo("America/New_York"))
    assert late.astimezone(UTC).date() == date(2026, 3, 3)
    assert group_by_week([record(late)], date(2026, 3, 4), 1)[0].minutes[:2] == (16, 0)


def test_what_lies_in_the_future_breaks_nothing():
    assert group_by_week(on("2031-01-01"), date(2026, 3, 4), 1)[0].days == 0


def test_the_average_is_of_whole_weeks_since_the_first():
    table = group_by_week(on("2026-03-02", "2026-03-03", "2026-03-16"), date(2026, 3, 17), 8)
    assert find_mean_days(table) == 1
    assert find_mean_days(table[-1:]) is None
    assert find_mean_days(group_by_week([], date(2026, 3, 17), 8)) is None


@pytest.mark.parametrize(
    ("days", "row"),
    [
        ([], 0),
        (["2026-03-02", "2026-03-03"], 0),
        (["2026-03-09", "2026-03-10"], 1),
        (["2026-03-09", "2026-03-10", "2026-03-16"], 1),
        (["2026-03-09", "2026-03-10", "2026-03-16", "2026-03-17"], 2),
    ],
)
def test_weeks_in_a_row(days, row):
    assert count_streak(group_by_week(on(*days), date(2026, 3, 17), 8)) == row
