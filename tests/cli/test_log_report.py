"""`audioguide log report` and `log export`: read back by other readers, and what is said about wrong wishes."""

import csv
import io
import json
import re
import subprocess
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import fitdecode
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tcxreader.tcxreader import TCXReader

import audioguide
from audioguide.draw.report_page import ReportPage, SessionBar, draw_report
from audioguide.player.held_poses import HeldPoses
from audioguide.player.history import PlanDay, Progress, SessionLog, SessionRecord
from audioguide.session.activity import list_parts, to_fit, to_tcx
from audioguide.session.handout import load_words
from audioguide.session.log_report import LogReport
from audioguide.system import paths
from audioguide.units import RATE

ZONE = timezone(timedelta(hours=1))
NOW = datetime(2026, 11, 29, 20, 0, tzinfo=ZONE)


@pytest.fixture
def kept(home, monkeypatch):
    """Three sessions: one that hurt, one of a plan in two parts, and one of another day."""
    monkeypatch.setenv("AUDIOGUIDE_NOW", NOW.isoformat())
    add(NOW - timedelta(days=13), hurt=("bridge",), felt="harder", holds=(("bridge", 30.0), ("My own", 20.0)))
    at = [NOW - timedelta(days=6)]
    log = SessionLog(print, lambda: at[0])
    again = None
    for minutes, pause in ((5, 90), (10, 0)):
        with log.begin("a", "Lower-back <cool-down>", again, PlanDay("back", 1)) as entry:
            at[0] += timedelta(minutes=minutes)
            holds = {"bridge": 35.0} if again else {"bridge": 25.0, "cobra": 10.0}
            entry.end("stopped", Progress(minutes * 60 * RATE, 900 * RATE, holds=holds))
        again, at[0] = log.last(), at[0] + timedelta(minutes=pause)
    add(NOW - timedelta(days=1), title="=HYPERLINK(1)", felt="right")


def add(started, title="Cool-down", heard=900.0, **more):
    SessionLog(print).add(SessionRecord(0, "a", title, started, heard, 900.0, "finished", None, False, **more))


def write(call, *arguments, code=0):
    found, out, err = call("log", *arguments)
    assert found == code, err
    return err if code else out.splitlines()


@pytest.mark.real("pdftotext")
@pytest.mark.real("pdfinfo")
def test_a_page_of_paper_in_three_languages(call, kept):
    for language, words in {"en": "30 s → 35 s", "de": "Brücke", "es": "Qué dolió"}.items():
        write(call, "report", "-o", "r.pdf", "--for", "Zoë Łuczak", "--weeks", "4", "--language", language)
        text = subprocess.run(["pdftotext", "-layout", "r.pdf", "-"], capture_output=True, text=True, check=True).stdout
        assert "Zoë Łuczak" in text
        assert words in text
        assert "30 s → 35 s" in text
        assert "45 min" in text
    info = subprocess.run(["pdfinfo", "r.pdf"], capture_output=True, text=True, check=True).stdout
    assert "Pages:           1" in info
    assert "595 x 842" in info


def test_a_table_of_sessions(call, kept):
    assert write(call, "report", "-o", "r.csv") == ["r.csv"]
    with Path("r.csv").open(encoding="utf-8-sig", newline="") as file:
        hurt, parts, formula = csv.DictReader(file)
    assert (hurt["started"], hurt["heard"], hurt["felt"], hurt["hurt"]) == (
        "2026-11-16T20:00:00+01:00", "900.0", "harder", "bridge",
    )  # fmt: skip
    assert (parts["plan"], parts["plan_day"], parts["counts"]) == ("back", "1", "yes")
    assert parts["holds"] == "bridge: 35.0; cobra: 10.0"
    assert formula["title"] == "'=HYPERLINK(1)"


def test_as_json_by_days_and_by_plan(call, kept):
    write(call, "report", "-o", "r.json", "--from", "2026-11-17", "--to", "2026-11-28", "--for", " Zoë ")
    data = json.loads(Path("r.json").read_text("utf-8"))
    assert (data["for"], data["from"], data["to"]) == ("Zoë", "2026-11-17", "2026-11-28")
    assert [week["monday"] for week in data["weeks"]] == ["2026-11-16", "2026-11-23"]
    assert [session["holds"] for session in data["sessions"]] == [{"bridge": 35.0, "cobra": 10.0}, {}]
    write(call, "report", "-o", "r.json", "--plan", "back")
    assert [session["plan"] for session in json.loads(Path("r.json").read_text("utf-8"))["sessions"]] == ["back"]


def test_a_session_in_two_parts_as_fit(call, kept):
    assert write(call, "export", "mon 20:00", "-o", "x.fit") == ["x.fit"]
    with fitdecode.FitReader("x.fit", check_crc=fitdecode.CrcCheck.RAISE) as reader:
        found = [frame for frame in reader if isinstance(frame, fitdecode.FitDataMessage)]
    values = {name: [{field.name: field.value for field in frame.fields} for frame in found if frame.name == name]
              for name in ("file_id", "session", "lap", "event", "activity", "record")}  # fmt: skip
    (session,), (activity,) = values["session"], values["activity"]
    start = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
    assert values["file_id"][0]["type"] == "activity"
    assert (session["sport"], session["sub_sport"]) == ("training", "flexibility_training")
    assert (session["start_time"], session["total_elapsed_time"], session["total_timer_time"]) == (start, 6300, 900)
    assert [(lap["start_time"] - start, lap["total_timer_time"]) for lap in values["lap"]] == [
        (timedelta(0), 300), (timedelta(minutes=95), 600),
    ]  # fmt: skip
    assert [event["event_type"] for event in values["event"]] == ["start", "stop_all"] * 2
    assert activity["local_timestamp"].replace(tzinfo=ZONE) == activity["timestamp"]
    assert len(values["record"]) == 17


def test_without_a_time_it_is_the_last_one(call, kept):
    assert write(call, "export", "-o", "x.tcx", "--fit", "y.fit") == ["x.tcx", "y.fit"]
    assert TCXReader().read("x.tcx", only_gps=False).start_time == datetime(2026, 11, 28, 19, 0)


def test_the_same_as_tcx(call, kept):
    write(call, "export", "2026-11-23T20:00", "--tcx", "x.tcx")
    read = TCXReader().read("x.tcx", only_gps=False)
    assert (read.activity_type, read.start_time) == ("Other", datetime(2026, 11, 23, 19, 0))
    assert [(lap.start_time.minute, lap.duration) for lap in read.laps] == [(0, 300), (35, 600)]
    assert "Lower-back &lt;cool-down&gt;" in Path("x.tcx").read_text("utf-8")


@given(st.floats(0, 1e5), st.lists(st.tuples(*[st.floats(-1e5, 1e5)] * 2, st.floats(0, 1e5)), max_size=4))
def test_any_clock_gives_parts_in_order(heard, breaks):
    """The clock of a machine may be set while it plays."""
    gaps = tuple((NOW + timedelta(seconds=a), NOW + timedelta(seconds=b), total) for a, b, total in breaks)
    record = SessionRecord(1, "a", "\x00=Ü", NOW, heard, None, "open", None, False, noted=NOW, breaks=gaps)
    parts = list_parts(record)
    assert all(part.start < part.end and 0 <= part.heard <= (part.end - part.start).total_seconds() for part in parts)
    assert all(one.end <= two.start for one, two in pairwise(parts))
    if (parts[-1].end - parts[0].start) < timedelta(hours=3):
        assert list(fitdecode.FitReader(io.BytesIO(to_fit(record)), check_crc=fitdecode.CrcCheck.RAISE))
        assert TCXReader().read(io.BytesIO(to_tcx(record)), only_gps=False).activity_type == "Other"


WRONG = {
    ("report", "-o", "r.doc"): ".doc is not written here. Name a file that ends in .pdf or .csv or .json.",
    ("report", "-o", "r"): "'r' has no ending. Name a file that ends in .pdf or .csv or .json.",
    ("report", "-o", "none/r.csv"): "none",
    ("report", "-o", "r.pdf", "--language", "fr"): "There are no words for a report in 'fr'. Write en, de or es.",
    ("report", "-o", "r.csv", "--plan", "bakc"): "No session in the log is of a plan 'bakc'. Did you mean back?",
    ("report", "-o", "r.csv", "--to", "2020-01-01"): "No session in the log is from 2019-10-14 to 2020-01-01.",
    ("report", "-o", "r.csv", "--from", "2027-01-01"): "A report from 2027-01-01 to 2026-11-29 begins after it ends.",
    ("report", "-o", "r.csv", "--from", "1900-01-01"): "has more than 520 weeks",
    ("report", "-o", "r.csv", "--to", "0001-01-01"): "No session in the log is from 0001-01-01 to 0001-01-01.",
    ("report", "-o", "r.csv", "--from", "2026-02-29"): "does not match the format",
    ("report", "-o", "r.csv", "--weeks", "3", "--to", "2026-11-20"): "It is either --weeks, or --from and --to.",
    ("export",): "Say where to write it, as `-o session.fit`.",
    ("export", "--fit", "x.tcx"): ".tcx is not written here. Name a file that ends in .fit.",
    ("export", "-o", "x.gpx"): ".gpx is not written here. Name a file that ends in .fit or .tcx.",
    ("export", "mon 7:00", "-o", "x.fit"): "No session began on 2026-11-23 at 07:00. On that day there is 20:00.",
    ("export", "soon", "-o", "x.fit"): "'soon' is no time.",
}


@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_wrong_wishes(call, kept, arguments, tmp_path):
    err = write(call, *arguments, code=2)
    assert WRONG[arguments] in err
    assert "Traceback" not in err
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".pdf", ".csv", ".fit", ".tcx")]


def test_an_empty_log(call, home):
    for arguments in (("report", "-o", "r.pdf"), ("export", "-o", "x.fit")):
        assert write(call, *arguments, code=2).startswith("The log is empty. A session played with")


bars = st.builds(SessionBar, st.floats(0, 2000), st.sampled_from(["easier", "right", "harder", ""]), st.booleans())
seconds = st.lists(st.floats(0, 9999), min_size=1, max_size=520).filter(any).map(tuple)
texts = st.text(max_size=60)


@given(
    st.lists(st.tuples(texts, st.integers(0, 7), st.lists(bars, max_size=3).map(tuple)), min_size=1, max_size=520),
    st.lists(st.tuples(texts, st.integers(0, 99), seconds), max_size=70),
    st.lists(texts, max_size=99),
)
def test_any_report_is_one_page(weeks, holds, pain):
    words = load_words(paths.sheet_words_file("en"))
    page = ReportPage("", (("1", "x"),) * 4, tuple(weeks), tuple(holds), tuple(pain), words)
    svg = draw_report(page)
    assert max(float(y) for y in re.findall(r'<text[^>]* y="([\d.]+)"', svg)) <= 806


@pytest.mark.parametrize("name", ["a\udcff\x07b 🧘 腰", "x" * 3000, "=1+1"])
def test_any_name_can_stand_on_it(call, kept, name):
    for ending in ("pdf", "csv", "json"):
        assert write(call, "report", "--for", name, "-o", f"r.{ending}") == [f"r.{ending}"]


def test_a_session_of_a_wrong_clock(call, kept):
    add(datetime(1970, 1, 1, 0, 5, tzinfo=UTC))
    err = write(call, "export", "1970-01-01 0:05", "-o", "x.fit", code=2)
    assert err.endswith("by the clock, which was wrong, and FIT has no such time. Write a .tcx file.\n")
    write(call, "export", "1970-01-01 0:05", "-o", "x.tcx")


def test_what_is_skipped_was_not_held():
    session = audioguide.load("lower-back-cool-down")
    sections = session.outline.timeline.sections
    held = HeldPoses(session.routine.steps)
    poses = {step.number for step in session.routine.steps if step.kind == "pose"}
    holds = [cue for section in sections for cue in section.cues if cue.kind == "hold" and cue.step in poses]
    first, last = holds[0], holds[-1]
    held.follow(sections, first.start + 5 * RATE, first.start + 5 * RATE)
    held.follow(sections, last.start, first.start + 5 * RATE)  # a jump
    held.follow(sections, last.start + 3 * RATE, first.start + 8 * RATE)
    assert list(held.longest.values()) == [5.0, 3.0]


def test_the_report_of_no_holds_says_so():
    record = SessionRecord(1, "a", "A", NOW, 900.0, None, "stopped", None, False)
    page = LogReport(NOW.date(), NOW.date(), (record,)).to_page(load_words(paths.sheet_words_file("en")), {})
    assert "No holds are in the log" in draw_report(page)
    assert "No pose was said to hurt" in draw_report(page)
