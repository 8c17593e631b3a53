"""Six weeks with a plan as a person has them, at the command line: composed, planned, played, once painful, on a trip,
one week missed, reported. The clock is handed in. Each test is a step; the steps before it are done for it.
"""

import csv
import io
import json
import re
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import fitdecode
import pytest
import vobject
from tcxreader.tcxreader import TCXReader

from audioguide import Device
from audioguide.cli.main import run
from audioguide.player import devices
from audioguide.system import paths
from audioguide.system.plugins import Plugins

ZONE = ZoneInfo("Europe/Berlin")  # its clocks change on 25 October, in the third week
MONDAYS = [date(2026, 10, 5) + timedelta(weeks=week) for week in range(6)]
STEPS = ("composed", "planned", "played", "grown", "painful", "left out", "trip", "missed", "harder", "reported")


class Fast(Device):
    """A loudspeaker that takes a quarter of an hour in seconds."""

    name, audible = "fast", True

    def run(self, supply, halt):
        while not halt.wait(0.001):
            supply.take(min(supply.ahead, 40960))


class Story:
    """What the person does, up to a step. `whole`: all that is done at home is really played, in full length; else only
    what a test looks at, and the rest is added to the log.
    """

    def __init__(self, folder: Path, set_now: Callable[[str], None], *, whole: bool) -> None:
        self.folder, self.set_now, self.whole = folder, set_now, whole
        self.printed: dict[str, str] = {}  # by step, and what was looked at in it
        self.plans: dict[str, dict] = {}
        self.logs: dict[str, list[dict]] = {}

    def up_to(self, step: str) -> None:
        for name in STEPS[: STEPS.index(step) + 1]:
            if name not in self.logs:
                getattr(self, f"be_{name.replace(' ', '_')}")()
                self.logs[name] = json.loads(self.call("log", "--json"))["sessions"]
                self.plans[name] = next(iter(json.loads(self.call("plan", "show", "--json"))), {})

    def call(self, *arguments: object) -> str:
        """What a command prints, which has to succeed; what it tells is kept as `told`."""
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run([str(argument) for argument in arguments])
        self.told = err.getvalue()
        assert (code, "Traceback" in self.told) == (0, False), (arguments, self.told)
        return out.getvalue()

    def go_to(self, week: int, day: int, hour: str = "18:35") -> None:
        """Set the clock, to a day (0 is Monday) of a week (from 1)."""
        self.now = datetime.fromisoformat(f"{MONDAYS[week - 1] + timedelta(day)}T{hour}").replace(tzinfo=ZONE)
        self.set_now(self.now.isoformat())

    def play(self, week: int, day: int, felt: str = "right", hurt: str = "", *, quick: bool = False) -> None:
        """Do what is due, and say how it was."""
        self.go_to(week, day)
        if not quick or self.whole:
            self.call("play", "--next", "--output", "fast", "--no-questions")
        told, feeling = self.told, ["--hurt", hurt] if hurt else ["--felt", felt]
        self.call("log", "add", self.folder / "back.yaml", "--when", self.now.isoformat(), *feeling)
        self.told = told

    def be_composed(self) -> None:
        self.go_to(1, -1, "20:00")
        wishes = ("--for", "lower back", "--after", "run", "--without", "wrists,kneeling", "--equipment", "none")
        self.length = 900 if self.whole else 330
        wishes += () if self.whole else ("--words", "brief")
        self.printed["reasons"] = self.call("compose", *wishes, "--length", f"{self.length}s", "-o", "back.yaml")

    def be_planned(self) -> None:
        self.call(
            "plan", "new", "back", "--routine", "back.yaml", "--days", "mon,wed,fri", "--at", "18:30",
            "--weeks", 6, "--progress", "+5s a week", "--start", MONDAYS[0], "--zone", ZONE,
            *(() if self.whole else ("--background", "none")),
        )  # fmt: skip
        self.call("plan", "calendar", "back", "-o", "first.ics")

    def be_played(self) -> None:
        self.play(1, 0)
        self.printed["first"] = self.told
        self.printed["again"] = self.call("play", "--next", "--output", "fast") + self.told
        for day in (2, 4):
            self.play(1, day, quick=True)

    def be_grown(self) -> None:
        self.play(2, 0)

    def be_painful(self) -> None:
        first, second = self.holds("played")[0], self.holds("grown")[-1]
        self.hurt = next(pose for pose, hold in second.items() if hold > first[pose])
        self.play(2, 2, hurt=self.hurt, quick=True)
        self.go_to(2, 3)
        self.printed["rest"] = self.call("play", "--next", "--output", "fast") + self.told

    def be_left_out(self) -> None:
        self.play(2, 4)
        self.printed["left out"] = self.told

    def be_trip(self) -> None:
        self.go_to(2, 6, "12:00")
        (self.folder / "phone").mkdir()
        self.call("plan", "export", "back", "--to", "phone")
        for day in (0, 2, 4):
            self.go_to(3, day, "21:00")
            self.call("log", "add", "--next", "--felt", "right")
        self.go_to(3, 6, "12:00")
        self.call("plan", "calendar", "back", "-o", "second.ics")

    def be_missed(self) -> None:
        self.go_to(5, 0, "07:00")
        self.printed["missed"] = self.call("plan")

    def be_harder(self) -> None:
        for day in (0, 2):
            self.play(5, day, quick=True)
        self.play(5, 4, "harder", quick=True)

    def be_reported(self) -> None:
        for day in (0, 2, 4):
            self.play(6, day, quick=True)
        self.go_to(6, 5)
        self.printed["ended"] = self.call("plan") + self.call("play", "--next", "--output", "fast") + self.told
        for name in ("report.pdf", "report.csv", "report.json"):
            self.call("log", "report", "-o", name, "--weeks", 6)
        for name in ("last.fit", "last.tcx"):
            self.call("log", "export", "-o", name)

    def holds(self, step: str) -> list[dict[str, float]]:
        """The longest hold of each pose of each session, as the log has it after a step."""
        return [dict(row["holds"]) for row in self.logs[step]]

    def states(self, step: str) -> str:
        """The states of the plan's days after a step, a letter each, weeks apart."""
        days = self.plans[step]["days"]
        letters = {"done": "d", "missed": "m", "planned": "p", "due": "!", "rest": "r"}
        return " ".join("".join(letters[day["state"]] for day in days if day["week"] == week) for week in range(1, 7))


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", params=["quick", "whole"])
def story(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp("weeks")
    outputs = Plugins("audioguide.devices", {})
    outputs.register("fast", lambda text: Fast())
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("AUDIOGUIDE_HOME", str(folder / "home"))
        patch.setattr(devices, "DEVICES", outputs)
        paths.roots.cache_clear()
        yield Story(folder, lambda text: patch.setenv("AUDIOGUIDE_NOW", text), whole=request.param == "whole")
    paths.roots.cache_clear()


def test_composed(story):
    """What was wished, explained on one screen; it plays at its length to the frame, and is a routine without fault."""
    story.up_to("composed")
    lines = story.printed["reasons"].splitlines()
    assert len(lines) <= 24
    assert any("for lower back" in line for line in lines)
    shown = json.loads(story.call("show", "back.yaml", "--json"))
    assert shown["duration"] == pytest.approx(story.length, abs=0.001)
    story.call("check", "--strict", "back.yaml")


def test_planned(story):
    """Six weeks of three days lie before the person, and in the calendar at the same hour before and after the clocks
    change."""
    story.up_to("planned")
    assert story.states("planned") == " ".join(["ppp"] * 6)
    assert [day["grown"] for day in story.plans["planned"]["days"][::3]] == [0, 1, 2, 3, 4, 5]
    events = read_calendar(story.folder / "first.ics")
    assert [event.dtstart.value.strftime("%a %H:%M") for event in events.values()] == [
        f"{day} 18:30" for day in ("Mon", "Wed", "Fri") * 6
    ]
    hours = {event.dtstart.value.utcoffset() for event in events.values()}
    assert hours == {timedelta(hours=1), timedelta(hours=2)}
    assert all(event.valarm.trigger.value < timedelta(0) for event in events.values())


def test_played(story):
    """The first week: what is due is played once, is in the log as the plan's, and felt right."""
    story.up_to("played")
    assert "session 1 of 18, week 1 of 6" in story.printed["first"]
    assert "Nothing is due" in story.printed["again"]
    first = story.logs["played"][0]
    assert (first["plan"], first["plan_day"], first["felt"], first["counts"]) == ("back", 1, "right", True)
    assert first["heard"] == pytest.approx(story.length, abs=1)
    assert [row["felt"] for row in story.logs["played"]] == ["right"] * 3
    assert story.states("played") == "ddd ppp ppp ppp ppp ppp"


def test_grown(story):
    """The second week has holds that are 5 s longer, or a whole breath; none is shorter."""
    story.up_to("grown")
    first, second = story.holds("played")[0], story.holds("grown")[-1]
    more = {pose: second[pose] - first[pose] for pose in first}
    assert any(abs(seconds - 5) < 0.7 for seconds in more.values())  # the length was estimated before it was heard
    assert all(-0.5 < seconds <= 10 for seconds in more.values())
    assert story.logs["grown"][-1]["heard"] > story.logs["played"][0]["heard"] + 5


def test_painful(story):
    """The day after is one of rest, and a professional is named; nothing is to grow next week."""
    story.up_to("painful")
    last = story.logs["painful"][-1]
    assert last["hurt"] == [story.hurt]
    assert "Nothing is due" in story.printed["rest"]
    following = next(day for day in story.plans["painful"]["days"] if day["state"] == "planned")
    assert following["left_out"] == [story.hurt]
    assert "ask a doctor or a physiotherapist" in " ".join(following["notes"])


def test_the_pose_that_hurt_is_left_out_once(story):
    story.up_to("left out")
    before, after = story.holds("grown")[-1], story.holds("left out")[-1]
    assert set(before) - set(after) == {story.hurt}
    assert "ask a doctor" in story.printed["left out"]
    assert all(hold <= before[pose] + 0.1 for pose, hold in after.items())
    assert not any(day["left_out"] for day in story.plans["left out"]["days"] if day["week"] == 3)
    assert [day["grown"] for day in story.plans["left out"]["days"][::3]] == [0, 1, 1, 2, 3, 4]


def test_on_a_trip(story):
    """The week's files for the phone sort by date; what was done with them and is told counts as done."""
    story.up_to("trip")
    files = sorted(path.name for path in (story.folder / "phone").glob("*.mp3"))
    assert [name[:10] for name in files] == [str(MONDAYS[2] + timedelta(day)) for day in (0, 2, 4)]
    added = story.logs["trip"][-3:]
    assert [(row["source"], row["plan_day"], row["felt"]) for row in added] == [
        ("added", n, "right") for n in (7, 8, 9)
    ]
    assert story.states("trip") == "ddd ddd ddd ppp ppp ppp"


def test_exported_again_the_calendar_updates_what_it_has(story):
    story.up_to("trip")
    first, second = (read_calendar(story.folder / name) for name in ("first.ics", "second.ics"))
    assert list(first) == list(second)
    for uid, event in first.items():
        assert int(second[uid].sequence.value) > int(event.sequence.value)
        assert second[uid].dtstart.value == event.dtstart.value
    changed = [uid for uid in first if first[uid].description.value != second[uid].description.value]
    assert changed, "the lengths of the weeks after the pain are others than planned"


def test_missed(story):
    """A missed week is shown as it is; afterwards nothing has grown, and nobody is reproached."""
    story.up_to("missed")
    assert story.states("missed") == "ddd ddd ddd mmm !pp ppp"
    (week,) = (line for line in story.printed["missed"].splitlines() if "26 Oct" in line)
    assert len(re.findall("[✗x]", week)) == 3
    grown = [day["grown"] for day in story.plans["missed"]["days"][::3]]
    assert grown[4] == grown[3]
    assert any("no session was done" in note for note in story.plans["missed"]["days"][12]["notes"])


def test_harder_holds(story):
    """The week after one that felt harder has the same lengths."""
    story.up_to("harder")
    grown = [day["grown"] for day in story.plans["harder"]["days"][::3]]
    assert grown == [0, 1, 1, 2, 2, 2]


def test_reported(story):
    """All of it is in the report and in the export that others read; the plan has ended."""
    story.up_to("reported")
    assert "15 of 18 done, it has ended" in story.printed["ended"]
    report = json.loads((story.folder / "report.json").read_text("utf-8"))
    rows = report["sessions"]
    assert [row["felt"] for row in rows].count("harder") == 1
    assert [row["hurt"] for row in rows if row["hurt"]] == [[story.hurt]]
    assert len(rows) == 15
    table = [*csv.DictReader((story.folder / "report.csv").read_text("utf-8-sig").splitlines())]
    assert [row["started"] for row in table] == [row["started"] for row in rows]
    assert (story.folder / "report.pdf").read_bytes().startswith(b"%PDF-")
    with fitdecode.FitReader(story.folder / "last.fit", check_crc=fitdecode.CrcCheck.RAISE) as reader:
        (session,) = (
            frame for frame in reader if isinstance(frame, fitdecode.FitDataMessage) and frame.name == "session"
        )
    assert session.get_value("start_time") == datetime.fromisoformat(rows[-1]["started"])
    assert TCXReader().read(str(story.folder / "last.tcx"), only_gps=False).start_time is not None


def test_nothing_of_it_travels(story):
    """The files for the phone and the plan hold nothing of how it felt."""
    story.up_to("trip")
    assert all(story.hurt not in path.name for path in (story.folder / "phone").iterdir())


def read_calendar(path):
    """The events of a calendar, as another library reads them, by UID. It knows their zones from this file alone."""
    text = re.sub(r"(?<=TZID[:=])(?=[A-Z])", f"{path}/", path.read_bytes().decode())
    return {event.uid.value: event for event in vobject.readOne(text, validate=True).vevent_list}
