"""`plan calendar` and `plan export`: what a calendar and a phone get of a plan."""

import json
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import vobject
from mutagen.id3 import ID3

PLAN = """\
plan: Evening
routine:
  title: Evening, in short; with a comma
  steps:
    - pose: {name: Rest pose, id: rest-pose, hold: 5s}
    - pose: {name: Bow, id: bow, hold: 20s, sides: [left, right], limits: 5s..30s}
start: %s
weeks: %d
days: [%s]
at: "%s"
zone: %s
progress: +1s
"""


@pytest.fixture
def plan(tmp_path):
    """Write a plan's file."""

    def plan(start="2026-12-01", weeks=2, days="tue, thu", at="18:30", zone="Europe/Berlin", name="evening.yaml"):
        path = tmp_path / name
        path.write_text(PLAN % (start, weeks, days, at, zone), "utf-8")
        return path

    return plan


@pytest.fixture
def now(monkeypatch):
    def now(text):
        monkeypatch.setenv("AUDIOGUIDE_NOW", text)

    now("2026-12-01T08:00+01:00")
    return now


def read(path):
    """The events of a calendar, as another library reads them, by UID. It knows their zones from this file alone."""
    text = re.sub(r"(?<=TZID[:=])(?=[A-Z])", f"{path}/", path.read_bytes().decode())
    return {event.uid.value: event for event in vobject.readOne(text, validate=True).vevent_list}


def test_another_reader_finds_each_session_with_its_holds(call, plan, now):
    code, out, err = call("plan", "calendar", plan(), "-o", "plan.ics")
    assert (code, out, err) == (0, "plan.ics  4 sessions\n", "")
    events = read(call.folder / "plan.ics")
    assert list(events) == [f"evening-{number}@audioguide" for number in (1, 2, 3, 4)]
    first, later = events["evening-1@audioguide"], events["evening-3@audioguide"]
    assert first.summary.value == "Evening, in short; with a comma 1/4"
    assert first.dtstart.value == datetime(2026, 12, 1, 18, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    rows = json.loads(call("plan", "export", "evening.yaml", "--to", ".", "--json")[1])
    assert 0 <= (first.dtend.value - first.dtstart.value).total_seconds() - rows[0]["duration"] < 60
    assert "Bow: 20 s each side" in first.description.value.splitlines()
    assert "Bow: 21 s each side" in later.description.value.splitlines()
    assert [event.valarm.trigger.value for event in events.values()] == [timedelta(minutes=-10)] * 4


@pytest.mark.parametrize(
    ("zone", "start", "day", "at"),
    [
        ("Europe/Berlin", "2026-03-23", "sun", "03:15"),  # in the hour after the clock goes forward
        ("Europe/Berlin", "2026-10-19", "sun", "18:30"),
        ("Europe/Dublin", "2026-03-23", "sun", "02:15"),
        ("America/Sao_Paulo", "2026-03-23", "mon", "18:30"),  # has no changes
        ("Australia/Lord_Howe", "2026-03-30", "sun", "02:15"),  # half an hour
        ("Asia/Kolkata", "2026-03-30", "mon", "06:00"),
    ],
)
def test_the_time_is_right_on_both_sides_of_a_change_of_clock(call, plan, now, zone, start, day, at):
    path = plan(start, 40, day, at, zone)
    assert call("plan", "calendar", path, "-o", "plan.ics")[0] == 0
    told = [event.dtstart.value for event in read(call.folder / "plan.ics").values()]
    first = datetime.fromisoformat(f"{start}T{at}") + timedelta(days=6 if day == "sun" else 0)
    meant = [(first + timedelta(weeks=week)).replace(tzinfo=ZoneInfo(zone)) for week in range(40)]
    assert [time.astimezone(UTC) for time in told] == [time.astimezone(UTC) for time in meant]


def test_exporting_again_updates_events(call, plan, now):
    path = plan()
    call("plan", "calendar", path, "-o", "first.ics")
    now("2026-12-01T19:00+01:00")
    path.write_text(path.read_text("utf-8").replace("18:30", "07:00"), "utf-8")
    call("plan", "calendar", path, "-o", "second.ics")
    first, second = read(call.folder / "first.ics"), read(call.folder / "second.ics")
    assert first.keys() == second.keys()
    for uid, event in first.items():
        assert int(second[uid].sequence.value) > int(event.sequence.value)
        assert second[uid].dtstamp.value > event.dtstamp.value
        assert event.dtstart.value - second[uid].dtstart.value == timedelta(hours=11, minutes=30)


def test_what_is_over_is_marked_and_has_no_alarm(call, plan, now):
    now("2026-12-03T12:00+01:00")
    path = plan(days="mon, tue, wed, thu, fri")
    path.write_text(re.sub("routine:.*?start", "routine: taster\nstart", path.read_text("utf-8"), flags=re.DOTALL))
    assert call("log", "add", "taster", "--when", "2026-12-02 18:30")[0] == 0
    assert call("plan", "calendar", path, "-o", "plan.ics")[0] == 0
    events = [*read(call.folder / "plan.ics").values()][:4]
    assert [event.summary.value[:3] for event in events] == ["✗ T", "✓ T", "Tas", "Tas"]
    assert ["valarm" in event.contents for event in events] == [False, False, True, True]


def test_the_coming_week_is_in_the_folder_and_stays_up_to_date(call, plan, now):
    folder = call.folder / "phone"
    folder.mkdir()
    path = plan()
    code, out, err = call("plan", "export", path, "--to", folder)
    names = ["2026-12-01 Tue evening.mp3", "2026-12-03 Thu evening.mp3"]
    assert (code, err) == (0, "")
    assert [line.partition("  ")[0] for line in out.splitlines()] == [f"{folder}/{name}" for name in names]
    assert sorted(item.name for item in folder.glob("*.mp3")) == names
    assert ID3(folder / names[0])["TIT2"].text == ["2026-12-01 Evening"]
    rows = json.loads(call("plan", "export", path, "--to", folder, "--weeks", "2", "--json")[1])
    assert [row["written"] for row in rows] == [False, False, True, True]
    assert rows[3]["duration"] > rows[0]["duration"] + 2  # each side is a second longer, and the rest is, too
    path.write_text(path.read_text("utf-8").replace("+1s", "+4s").replace("hold: 20s", "hold: 22s"), "utf-8")
    rows = json.loads(call("plan", "export", path, "--to", folder, "--json")[1])
    assert [row["written"] for row in rows] == [True, True]


def test_after_pain_no_file_on_the_phone_grows(call, plan, now):
    """The next week's files are written before it begins, and have the holds which that week then has."""
    path = plan(weeks=3)
    path.write_text(re.sub("routine:.*?start", "routine: taster\nstart", path.read_text("utf-8"), flags=re.DOTALL))
    now("2026-12-01T20:00+01:00")
    assert call("log", "add", "taster", "--hurt", "childs-pose", "--when", "2026-12-01 18:30")[0] == 0
    foreseen = json.loads(call("plan", "show", path, "--json")[1])[0]["days"]
    assert [day["grown"] for day in foreseen] == [0, 0, 0, 0, 1, 1]
    now("2026-12-08T08:00+01:00")
    there = json.loads(call("plan", "show", path, "--json")[1])[0]["days"]
    assert [day["grown"] for day in there[:4]] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("calendar", "evening.yaml", "-o", "plan.txt"), "plan.txt does not end with .ics. Write -o plan.ics."),
        (("calendar", "-o", "plan.ics"), "There is no plan. Begin one with `audioguide plan new`."),
        (("calendar", "mornin", "-o", "plan.ics"), "There is no plan 'mornin'"),
        (("calendar", "evening.yaml", "-o", "gone/plan.ics"), "gone"),
        (("export", "evening.yaml", "--to", "gone"), "There is no folder gone."),
        (("export", "evening.yaml", "--to", ".", "--weeks", "0"), "0 is not in the range"),
        (("export", "--to", "."), "There is no plan."),
        (("export", "broken.yaml", "--to", "."), "broken.yaml:11"),
        (("calendar", "broken.yaml", "-o", "plan.ics"), "broken.yaml:11"),
    ],
)
def test_bad_input_is_told_and_leaves_nothing(call, plan, now, arguments, message):
    plan()
    plan(zone="Europe/Berlim", name="broken.yaml")
    before = sorted(call.folder.iterdir())
    code, out, err = call("plan", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert len(err.splitlines()) == 1
    assert sorted(call.folder.iterdir()) == before
