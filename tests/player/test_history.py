"""The log: what is recorded, what it survives, and that a session is played whatever is wrong with it."""

import contextlib
import os
import re
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audioguide.errors import EnvironmentFailure
from audioguide.player import history, history_db
from audioguide.player.history import (
    Progress,
    SessionLog,
    SessionRecord,
    count_streak,
    find_mean_days,
    find_monday,
    group_by_week,
)
from audioguide.timeline.resume import Bookmark
from audioguide.units import RATE

BRIDGE = Bookmark(3, "pose", "Bridge", 2, "left side", 250.0)
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=1)))


def minutes(count):
    return round(count * 60 * RATE)


class Wall:
    """A clock on the wall, to be set, and lines that were told."""

    def __init__(self, now=NOON):
        self.now = now
        self.told = []

    def __call__(self):
        return self.now

    def log(self):
        return SessionLog(self.told.append, self)


@pytest.fixture
def wall(home):
    return Wall()


def play(log, end="stopped", heard=4, length=10, left=BRIDGE, key="a", again=None):
    with log.begin(key, key.title(), again) as entry:
        entry.end(end, Progress(minutes(heard), length and minutes(length), 0, lambda: left))


def test_a_session_is_noted(wall):
    assert wall.log().records() == []
    play(wall.log(), "finished", heard=9)
    play(wall.log())
    first, second = wall.log().records()
    assert (first.title, first.started, first.heard, first.length, first.end) == ("A", NOON, 540, 600, "finished")
    assert first.started.utcoffset() == timedelta(hours=1)
    assert (first.mark, first.done, first.running) == (None, True, False)
    assert (second.mark, second.done, second.end) == (BRIDGE, False, "stopped")
    assert wall.told == []


@pytest.mark.parametrize(
    ("end", "heard", "length", "done"),
    [
        ("finished", 5, 10, True),
        ("finished", 4.9, 10, False),
        ("stopped", 9.9, 10, False),
        ("finished", 5, None, False),
    ],
)
def test_done_is_what_was_heard_to_its_closing(wall, end, heard, length, done):
    play(wall.log(), end, heard, length)
    assert wall.log().records()[0].done is done


def test_it_offers_what_was_left_in_the_middle(wall):
    log = wall.log()
    assert log.unfinished("a") is None
    play(log)
    assert log.unfinished("b") is None
    assert log.unfinished("a").mark == BRIDGE
    play(log, left=None)  # began anew, and left in the introduction
    assert log.unfinished("a").mark == BRIDGE
    play(log, "finished", key="b")
    assert log.unfinished("a").mark == BRIDGE
    play(log, "finished")
    assert log.unfinished("a") is None


@pytest.mark.parametrize(("later", "offered"), [(23.9, True), (24.1, False), (-2, True), (-30, False)])
def test_only_for_a_day_whatever_the_clock_does(wall, later, offered):
    play(wall.log())
    wall.now += timedelta(hours=later)
    assert (wall.log().unfinished("a") is not None) is offered


def test_gone_on_with_it_is_still_one_session(wall):
    play(wall.log(), heard=4)
    wall.now += timedelta(hours=1)
    play(wall.log(), "finished", heard=6, again=wall.log().unfinished("a"))
    (record,) = wall.log().records()
    assert (record.started, record.heard, record.done) == (NOON, 600, True)
    assert wall.log().unfinished("a") is None


def test_what_was_forgotten_meanwhile_begins_anew(wall):
    play(wall.log())
    offered = wall.log().unfinished("a")
    history_db.delete_all()
    play(wall.log(), again=offered)
    assert len(wall.log().records()) == 1
    assert wall.told == []


def test_notes_are_few(wall, monkeypatch):
    asked = []

    def left():
        asked.append(1)
        return BRIDGE

    with wall.log().begin("a", "A") as entry:
        for heard in range(100):
            entry.update(Progress(heard, left=left))
        assert len(asked) == 1
        monkeypatch.setattr(history, "EVERY", 0.0)
        entry._due = 0.0
        entry.update(Progress(minutes(3), left=left))
        entry.update(Progress(minutes(4), left=left))
        assert len(asked) == 3
        (record,) = wall.log().records()
        assert (record.heard, record.length, record.mark, record.end) == (240, None, BRIDGE, "open")
        assert record.running
        assert wall.log().unfinished("a") is None, "it is being played"


def test_what_is_left_without_a_word_was_interrupted(wall):
    with contextlib.suppress(KeyboardInterrupt), wall.log().begin("a", "A") as entry:
        entry.update(Progress(minutes(1)))
        entry.update(Progress(minutes(2), left=lambda: BRIDGE))
        raise KeyboardInterrupt
    (record,) = wall.log().records()
    assert (record.end, record.heard, record.mark) == ("interrupted", 120, BRIDGE)


PLAYER = """
import sys
from audioguide.player import history
from audioguide.timeline.resume import Bookmark
history.EVERY = 0.0
entry = history.SessionLog(print).begin(sys.argv[1], "A")
for n in range(int(sys.argv[2])):
    entry.update(history.Progress((n + 1) * 44100, left=lambda: Bookmark(3, "pose", "Bridge", 1, None, n + 1.0)))
    print(n + 1, flush=True)
"""


def player(key, count):
    command = [sys.executable, "-c", PLAYER, key, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


def test_a_killed_process_loses_nothing_it_noted(home):
    noted = 0
    with player("a", 10**9) as process:
        while noted < 300:
            noted = int(process.stdout.readline())
        assert SessionLog(print).unfinished("a") is None, "it still plays"
        process.kill()
        last = [noted, *map(int, process.stdout.read().splitlines()[:-1])][-1]  # its last line may be half a line
    record = SessionLog(print).unfinished("a")
    assert record.heard >= last
    assert record.mark.seconds == record.heard
    assert (record.end, record.running) == ("open", False)
    assert sqlite3.connect(history_db.log_file()).execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_several_play_at_once(home):
    players = [player(str(number), 200) for number in range(4)]
    for process in players:
        with process:
            assert process.stdout.read().splitlines() == [str(n + 1) for n in range(200)]
    heard = {record.key: record.heard for record in SessionLog(print).records()}
    assert heard == {"0": 200, "1": 200, "2": 200, "3": 200}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_it_is_private(wall):
    play(wall.log())
    with wall.log().begin("a", "A"):
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in history_db.log_folder().iterdir()}
    assert modes == dict.fromkeys(("sessions.sqlite3", "sessions.sqlite3-wal", "sessions.sqlite3-shm"), 0o600)
    assert stat.S_IMODE(history_db.log_folder().stat().st_mode) == 0o700


def test_a_damaged_file_is_put_aside(wall):
    history_db.log_folder().mkdir(parents=True)
    for count in (1, 2):
        history_db.log_file().write_text("Dear diary, " * 100)
        assert wall.log().unfinished("a") is None
        assert len(list(history_db.log_folder().glob("damaged-*"))) == len(wall.told) == count
        play(wall.log())
        assert len(wall.log().records()) == 1
    (aside, _) = history_db.log_folder().glob("damaged-*/sessions.sqlite3")
    assert aside.read_text().startswith("Dear diary")
    assert all(
        re.fullmatch(r"The log was damaged. It was moved to .+, and a new one begins.", line) for line in wall.told
    )
    history_db.delete_all()
    assert not list(history_db.log_folder().iterdir())


OLD = "".join(
    f"ALTER TABLE sessions DROP COLUMN {name};"
    for name in ("gaps", "felt", "hurt", "plan", "plan_day", "source", "holds", "breaks")
)
OLD += "PRAGMA user_version = 1"


def test_a_log_of_the_version_before_goes_on(wall):
    """Version 1 had no gaps, and did not know how it felt."""
    play(wall.log())
    with contextlib.closing(sqlite3.connect(history_db.log_file())) as connection:
        connection.executescript(OLD)
    play(wall.log(), "finished")
    first, second = wall.log().records()
    assert (first.end, first.heard, first.mark, second.end) == ("stopped", 240, BRIDGE, "finished")
    assert (first.felt, first.hurt, first.plan, first.source) == (None, (), None, "played")
    wall.log().feel(first.id, "harder", ["bridge"])
    assert (wall.log().records()[0].felt, wall.log().records()[0].hurt) == ("harder", ("bridge",))
    assert wall.told == []


# Each example waits for the disk.
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.tuples(st.integers(0, 12287), st.binary(min_size=1, max_size=80)), min_size=1, max_size=6))
def test_any_damage_is_survived(wall, damages):
    history_db.delete_all()
    for _ in range(5):
        play(wall.log())
    content = bytearray(history_db.log_file().read_bytes())
    for start, bytes in damages:
        content[start : start + len(bytes)] = bytes
    history_db.log_file().write_bytes(content)
    wall.log().unfinished("a")
    try:
        wall.log().records()
    except EnvironmentFailure as failure:
        assert "\n" not in str(failure)
    wall.told.clear()
    play(wall.log(), key="b")
    assert len(wall.told) <= 2
    if not wall.told:
        assert [record.key for record in wall.log().records()][-1:] == ["b"]


def make_folder_a_file(home):
    home.mkdir()
    (home / "log").write_text("")


def make_file_a_folder(home):
    (home / "log" / "sessions.sqlite3").mkdir(parents=True)


def make_newer(home):
    play(Wall().log())
    with sqlite3.connect(history_db.log_file()) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (make_folder_a_file, "cannot be used"),
        (make_file_a_folder, "cannot be used"),
        (make_newer, "was written by a newer audioguide. Update this one."),
    ],
)
def test_a_log_that_cannot_be_used_is_told_once(home, wall, spoil, told):
    spoil(home)
    assert wall.log().unfinished("a") is None
    with wall.log().begin("a", "A") as entry:
        entry.update(Progress(5))
        entry.end("finished", Progress(5, 5))
    (line,) = wall.told
    assert line.startswith("This session is not recorded. The log ")
    assert told in line


def test_a_full_disk_is_told_at_the_end(wall):
    with wall.log().begin("a", "A") as entry:
        pages = entry._connection.execute("PRAGMA page_count").fetchone()[0]
        entry._connection.execute(f"PRAGMA max_page_count = {pages}")
        long = Bookmark(3, "pose", "Bridge " * 2000)
        entry.update(Progress(5, left=lambda: long))
        assert wall.told == []
        entry.end("stopped", Progress(5, left=lambda: long))
    (line,) = wall.told
    assert line.startswith("The end of this session was not recorded. ")
    assert "and the free space." in line


def test_a_log_in_use_elsewhere_is_told(wall, monkeypatch):
    play(wall.log())
    monkeypatch.setattr(history_db, "PATIENCE", 0.05)
    other = sqlite3.connect(history_db.log_file(), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    play(wall.log())
    other.execute("ROLLBACK")
    other.close()
    (line,) = wall.told
    assert "is in use by another program" in line
    play(wall.log())
    assert len(wall.log().records()) == 2


def test_it_can_be_switched_off_and_forgotten(wall):
    play(wall.log())
    history_db.set_enabled(on=False)
    play(wall.log())
    assert wall.log().unfinished("a") is None
    assert len(wall.log().records()) == 1
    history_db.delete_all()
    assert wall.log().records() == []
    assert not history_db.log_file().exists()
    play(wall.log())
    assert wall.log().records() == []
    history_db.set_enabled(on=True)
    play(wall.log())
    assert len(wall.log().records()) == 1
    assert wall.told == []


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
