"""`audioguide log`: what was done, and when."""

import contextlib
import json
import os
import re
import sqlite3
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from audioguide.cli.commands import doctor, log
from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.player import history_db
from audioguide.player.history import Progress, SessionLog
from audioguide.player.history import group_by_week as by_weeks
from audioguide.timeline.resume import Bookmark
from audioguide.units import RATE

NOW = datetime(2026, 3, 18, 18, 0, tzinfo=timezone(timedelta(hours=1)))
BRIDGE = Bookmark(3, "pose", "Bridge", 1, "left side", 250.0)


def played(days_ago, minutes, end="finished", mark=None, title="Lower-back cool-down", length=16):
    started = NOW - timedelta(days=days_ago)
    with SessionLog(print, lambda: started).begin("lower-back-cool-down", title) as entry:
        entry.end(end, Progress(round(minutes * 60 * RATE), length * 60 * RATE, left=lambda: mark))


@pytest.fixture
def noted(home, monkeypatch):
    monkeypatch.setenv("AUDIOGUIDE_NOW", NOW.isoformat())
    monkeypatch.setenv("COLUMNS", "80")
    played(9, 16)
    played(7, 16)
    played(2, 4.2, "stopped", BRIDGE)
    played(1, 12, title="Slow breathing")
    played(0, 0.2, "stopped")


def test_it_shows_weeks_and_sessions(call, noted):
    code, out, err = call("log", "--weeks", "3")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "        Mo Tu We Th Fr Sa Su  days   min",
        " 2 Mar   .  .  .  .  .  .  .",
        " 9 Mar  ##  . ##  .  .  .  .     2    32",
        "16 Mar  -- **  .  .  .  .  .     1    16",
        "",
        "-- under 5 min  ++ under 10  ** under 15  ## 15 and more",
        "",
        "This week: 1 day. Before: 2 days a week. Advised for a runner's back: 2 or 3",
        "days a week, 15 to 20 minutes each.",
        "",
        "Tue 17 Mar 18:00   12 min  Slow breathing: done",
        "Mon 16 Mar 18:00    4 min  Lower-back cool-down",
        "                           left in Bridge, left side, 4:10 in",
        "Wed 11 Mar 18:00   16 min  Lower-back cool-down: done",
        "Mon  9 Mar 18:00   16 min  Lower-back cool-down: done",
    ]


@pytest.mark.parametrize("columns", [5, 20, 40, 49, 50, 80, 200])
def test_it_keeps_to_the_terminal(call, noted, monkeypatch, columns):
    played(0, 9, "stopped", BRIDGE, title="A quite long title of a session " * 4)
    monkeypatch.setenv("COLUMNS", str(columns))
    played(0, 9, title="腰のストレッチ" * 20)
    _, out, _ = call("log")
    assert max(map(cell_len, out.splitlines())) <= max(columns, 36)


def test_in_a_terminal_it_is_in_blocks_and_colour(noted):
    table = by_weeks(SessionLog(print).records(), NOW.date(), 1)
    _, week, _, legend = log.draw_weeks(table, 80, fancy=True)
    assert "\x1b[32m░░\x1b[0m" in week
    assert " ·" in week
    assert legend == "░░ under 5 min  ▒▒ under 10  ▓▓ under 15  ██ 15 and more"
    assert log.can_show("utf-8")
    assert not log.can_show("ascii")
    assert not log.can_show(None)


def test_weeks_of_two_years_say_which(call, noted):
    _, out, _ = call("log", "--weeks", "12")
    assert out.splitlines()[1].startswith("29 Dec 25  ")
    assert out.splitlines()[2].startswith(" 5 Jan 26  ")


def test_as_json(call, noted):
    data = json.loads(call("log", "--json", "--weeks", "1")[1])
    assert data["advised"] == {"days": [2, 3], "minutes": [15, 20]}
    assert data["weeks"] == [{"monday": "2026-03-16", "days": 1, "minutes": [4.2, 12, 0.2, 0, 0, 0, 0]}]
    left, done, hardly = data["sessions"]
    assert left["left"] == {
        "step": 3,
        "kind": "pose",
        "title": "Bridge",
        "round": 1,
        "side": "left side",
        "seconds": 250.0,
    }
    assert (left["started"], left["end"], left["done"]) == ("2026-03-16T18:00:00+01:00", "stopped", False)
    assert (done["heard"], done["length"], done["done"], done["left"]) == (720, 960, True, None)
    assert hardly["heard"] == 12


def test_an_empty_diary(call, home):
    line = "The log is empty. A session played with `audioguide play ROUTINE` is logged here.\n"
    assert call("log") == (0, line, "")
    assert json.loads(call("log", "--json", "--weeks", "1")[1])["sessions"] == []
    assert not home.exists()


@pytest.mark.parametrize("count", ["0", "521", "-1", "x"])
def test_weeks_that_are_none(call, home, count):
    code, out, err = call("log", "--weeks", count)
    assert (code, out) == (2, "")
    assert "--weeks" in err


def test_it_is_forgotten_when_that_is_meant(call, noted):
    code, out, err = call("log", "--forget")
    assert (code, out) == (2, "")
    assert "Add --yes" in err
    assert len(SessionLog(print).records()) == 5
    assert call("log", "--forget", "--yes") == (0, "The log is deleted.\n", "")
    assert SessionLog(print).records() == []
    assert call("log", "--forget", "--yes")[0] == 0


def test_it_is_switched_off_and_on(call, home, write):
    assert call("log", "--off")[:2] == (0, "Sessions are no longer logged. `audioguide log --on` logs them again.\n")
    played(0, 16)
    short = write("title: t\nsteps: [say: Hello.]")
    assert call("play", short, "--output", "wav:short.wav") == (0, "", "")
    assert [path.name for path in home.rglob("*") if path.is_file()] == ["off"], "no trace of when it was used"
    _, out, _ = call("log")
    assert out == "The log is empty. Sessions are not logged. `audioguide log --on` logs them again.\n"
    assert call("log", "--on")[:2] == (0, "Sessions are logged.\n")
    played(0, 16)
    assert len(SessionLog(print).records()) == 1
    assert call("log", "--off", "--on")[0] == 2


def test_a_damaged_log_is_put_aside_and_a_new_one_begun(call, noted):
    history_db.log_file().write_bytes(b"damage")
    code, out, err = call("log")
    (aside,) = history_db.log_folder().glob("damaged-*/sessions.sqlite3")
    assert (code, aside.read_bytes()) == (0, b"damage")
    assert out.startswith("The log is empty.")
    assert err == f"The log was damaged. It was moved to {aside.parent}, and a new one begins.\n"
    played(0, 16)
    assert call("log")[2] == ""


def test_doctor_tells_of_gaps_in_the_last_session(home):
    assert doctor.check_last_session() == "none in the log yet"
    for gaps, expected in ((0, "no gap"), (1, r"once \(2026"), (3, "3 times")):
        with SessionLog(print, lambda: NOW).begin("a", "A") as entry:
            entry.end("finished", Progress(gaps=gaps))
        with SessionLog(print).begin("a", "A"):  # is still being played
            if not gaps:
                assert expected in doctor.check_last_session()
                continue
            with pytest.raises(EnvironmentFailure, match=expected):
                doctor.check_last_session()


@pytest.fixture
def clocked(home, monkeypatch):
    """Monday 7 December 2026, 20:00, and an empty log."""
    monkeypatch.setenv("AUDIOGUIDE_NOW", "2026-12-07T20:00")
    monkeypatch.setenv("COLUMNS", "80")


def test_what_was_done_elsewhere_is_added_once(call, clocked):
    code, out, err = call("log", "add", "lower-back-cool-down", "--when", "yesterday 18:30", "--felt", "harder")
    assert (code, err) == (0, "")
    assert re.fullmatch(r"Sun  6 Dec( 2026)? 18:30  +1\d min  Lower-back cool-down: done, felt harder\.\n", out)
    code, out, err = call("log", "add", "lower-back-cool-down", "--when", "2026-12-06 18:35", "--hurt", "Bridge")
    assert (code, "It was in the log already. How it felt is noted." in out) == (0, True)
    assert "physiotherapist" in err
    (record,) = json.loads(call("log", "--json")[1])["sessions"]
    facts = {key: record[key] for key in ("felt", "hurt", "source", "done", "counts", "plan")}
    assert facts == {
        "felt": "harder", "hurt": ["bridge"], "source": "added", "done": True, "counts": True, "plan": None,
    }  # fmt: skip


def test_the_file_of_a_session_counts_as_its_routine_and_for_its_plan(call, clocked, write):
    write("title: Long stand\nsteps: [pose: {name: Stand, instructions: Stand., hold: 310s}]", "stand.yaml")
    scripts = Path(os.environ["AUDIOGUIDE_HOME"]) / "scripts"
    scripts.mkdir(parents=True)
    (call.folder / "stand.yaml").rename(scripts / "stand.yaml")
    plan = ("--routine", "stand", "--days", "mon,thu", "--at", "18:30", "--weeks", "2", "--start", "2026-12-07")
    assert call("plan", "new", "weeks", *plan)[0] == 0
    assert call("export", "stand", "-o", "phone.mp3")[0] == 0
    assert call("log", "add", "phone.mp3", "--felt", "right", "--when", "18:30")[0] == 0
    (record,) = SessionLog(print).records()
    assert (record.key, record.counts, record.plan) == ("stand", True, None)
    assert "Nothing is due" in call("log", "add", "--next")[2]
    call("log", "forget", "18:30", "--yes")
    assert call("log", "add", "--next", "--felt", "harder")[0] == 0
    (record,) = SessionLog(print).records()
    assert (record.key, record.plan, record.plan_day, record.felt) == ("stand", "weeks", 1, "harder")
    assert call("log", "add")[0] == 2
    for word in (b"weeks", b"harder", b"plan"):
        assert word not in (call.folder / "phone.mp3").read_bytes()


def test_a_taster_does_not_count_for_its_day(call, clocked):
    code, _, err = call("log", "add", "taster")
    assert (code, err) == (0, "It is shorter than 5 minutes, so it does not count for its day.\n")
    (week,) = json.loads(call("log", "--json", "--weeks", "1")[1])["weeks"]
    assert week["days"] == 0
    assert sum(week["minutes"]) > 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nothing"], "nothing"),
        (["taster", "--when", "tomorrow 8:00"], "'tomorrow 8:00' is no time. Write it as"),
        (["taster", "--when", "20:01"], "is still to come"),
        (["taster", "--when", "2026-02-29 8:00"], "is no time"),
        (["taster", "--when", "0001-01-01T00:00"], "is no time"),
        (["taster", "--when", ""], "is no time"),
        (["taster", "--when", "yesterday 25:00"], "is no time"),
        (["taster", "--felt", "great"], "great"),
        (["taster", "--hurt", "wrists"], "No pose of this routine is called 'wrists'."),
    ],
)
def test_what_cannot_be_added_is_told(call, clocked, words, said):
    code, out, err = call("log", "add", *words)
    assert (code, out) == (2, "")
    assert said in err
    assert SessionLog(print).records() == []


def test_nothing_is_added_to_a_log_that_is_off(call, clocked):
    call("log", "--off")
    code, _, err = call("log", "add", "taster")
    assert (code, err) == (2, "Sessions are not logged. `audioguide log --on` logs them again.\n")


@given(st.text(max_size=30))
def test_any_text_is_a_time_that_has_been_or_is_refused(text):
    now = datetime(2026, 12, 7, 20, 0).astimezone()
    try:
        assert log.read_moment(text, now) <= now
    except RequestError as refused:
        assert "\n" not in refused.message.replace(repr(text), "")


@pytest.mark.parametrize(
    ("text", "day"), [("7:05", 7), ("today 7:05", 7), ("yesterday 07:05", 6), ("fri 7:05", 4), ("Monday 7:05", None)]
)
def test_words_for_days(text, day):
    found = log.read_moment(text, datetime(2026, 12, 7, 20, 0).astimezone())
    assert (found.hour, found.minute) == (7, 5)
    assert found.date() == (date(2026, 12, day) if day else date(2026, 11, 30))


def test_one_session_is_forgotten(call, clocked):
    for when in ("yesterday 18:30", "yesterday 7:00"):
        call("log", "add", "lower-back-cool-down", "--when", when)
    code, _, err = call("log", "forget", "yesterday 18:00", "--yes")
    assert (code, err) == (2, "No session began on 2026-12-06 at 18:00. On that day there is 07:00, 18:30.\n")
    assert call("log", "forget", "yesterday 18:30")[0] == 2, "nobody can answer"
    assert call("log", "forget", "yesterday 18:30", "--yes")[0] == 0
    assert [record.started.hour for record in SessionLog(print).records()] == [7]
    assert b"Lower-back" in history_db.log_file().read_bytes()
    call("log", "forget", "yesterday 7:00", "--yes")
    assert b"Lower-back" not in history_db.log_file().read_bytes()
    assert call("log", "forget", "--yes") == (0, "The log is deleted.\n", "")
    assert not history_db.log_file().exists()


@pytest.mark.parametrize("words", [[], ["add", "taster"], ["forget", "7:00", "--yes"], ["--json"]])
def test_a_log_from_the_future_is_told_and_left_alone(call, clocked, words):
    call("log", "add", "taster", "--when", "7:00")
    with contextlib.closing(sqlite3.connect(history_db.log_file())) as connection:
        connection.execute("PRAGMA user_version = 99")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = history_db.log_file().read_bytes()
    code, out, err = call("log", *words)
    assert (code, out) == (1, "")
    assert err == f"The log {history_db.log_file()} was written by a newer audioguide. Update this one.\n"
    assert history_db.log_file().read_bytes() == before
