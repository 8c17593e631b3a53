"""`audioguide log`: what was done, and when."""

import json
from datetime import datetime, timedelta, timezone

import pytest
from rich.cells import cell_len

from audioguide.cli.commands import doctor, log
from audioguide.errors import EnvironmentFailure
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
