"""`audioguide plan`, `play --next` and `export --next`: weeks of a person, with a clock handed in."""

import json
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.cli.due import resolve_given
from audioguide.model.holds import hold_seconds
from audioguide.model.options import Options
from audioguide.player.history import PlanDay, Progress, SessionLog
from audioguide.schema.yaml_writer import to_yaml
from audioguide.session.check import check
from audioguide.session.open import build_session
from audioguide.units import RATE

pytestmark = pytest.mark.usefixtures("home")


@pytest.fixture
def at(monkeypatch):
    """Sets the clock."""

    def at(text):
        monkeypatch.setenv("AUDIOGUIDE_NOW", text if "+" in text else f"{text}+01:00")

    at("2026-11-30T18:00")
    return at


@pytest.fixture
def new(call, at):
    """Begins a plan, which has to work."""

    def new(*arguments):
        code, out, err = call("plan", "new", *arguments, "--zone", "Europe/Berlin")
        assert code == 0, err
        return out, err

    return new


CARE = ("care", "--routine", "four-poses", "--days", "mon,wed,fri", "--at", "18:30", "--weeks", "6")


def do(number, when, felt=None, hurt=(), plan="care"):
    """Plays a session of a plan to its end."""
    log = SessionLog(print, lambda: datetime.fromisoformat(f"{when}+01:00"))
    plan_day = PlanDay(plan, number) if plan else None
    with log.begin("four-poses", "Four poses", None, plan_day) as entry:
        entry.end("finished", Progress(600 * RATE, 600 * RATE))
    if felt or hurt:
        log.feel(entry.id, felt, hurt)


def holds():
    """The hold of each pose in the session that is due."""
    return {step.pose.id: hold_seconds(step) for step in session().routine.steps if step.kind == "pose"}


def session():
    """What is due."""
    return build_session(resolve_given(None, Options(), None, due=True)[0])


def marks(call):
    code, out, _ = call("plan", "show", "care", "--json")
    assert code == 0
    letters = {"done": "+", "due": "!", "missed": "x", "rest": "~", "planned": "."}
    return "".join(letters[day["state"]] for day in json.loads(out)[0]["days"])


def test_six_weeks_are_planned_and_seen(call, new, at):
    out, _ = new(*CARE, "--progress", "+5s a week", "--deload", "4")
    assert "18 sessions, from Mon 30 Nov 18:30 to Fri 8 Jan 2027 18:30." in out
    do(1, "2026-11-30T19:00")
    do(2, "2026-12-02T19:00", plan=None)  # of the routine, without --next
    at("2026-12-08T09:00")
    assert call("plan")[1].splitlines() == [
        "Four poses (care)",
        "             Mo Tu We Th Fr Sa Su",
        "  1  30 Nov  +     +     x",
        "  2   7 Dec  !     .     .        +5s",
        "  3  14 Dec  .     .     .        +10s",
        "  4  21 Dec  .     .     .        lighter",
        "  5  28 Dec  .     .     .        +15s",
        "  6   4 Jan  .     .     .        +20s",
        "+ done  ! due  x missed  ~ rest  . planned",
        "2 of 18 done, due now.",
    ]


def test_the_session_that_is_due_has_the_holds_of_that_day(call, new, at):
    new(*CARE, "--progress", "+5s", "--progress", "bridge=+20s", "--hold", "cat-cow=2 breaths", "--deload", "4")
    first = {"childs-pose": 45, "cat-cow": 20, "downward-dog-split": 20, "bridge": 30}
    assert holds() == first
    do(1, "2026-11-30T19:00")
    at("2026-12-07T10:00")
    # A pinned hold grows as well, in whole breaths; a single progress is for its pose alone.
    assert holds() == {"childs-pose": 50, "cat-cow": 30, "downward-dog-split": 25, "bridge": 50}
    do(4, "2026-12-07T19:00")
    at("2026-12-14T10:00")
    assert holds() == {"childs-pose": 55, "cat-cow": 30, "downward-dog-split": 30, "bridge": 60}  # 60 is its limit
    code, out, err = call("export", "--next", "-o", "due.wav", "--background", "none")
    assert (code, out[:7]) == (0, "due.wav")
    assert err.splitlines()[-2:] == [
        "Four poses: session 7 of 18, week 3 of 6.",
        "At the longest hold, which grows no more: Bridge (1m).",
    ]
    do(7, "2026-12-14T19:00")
    nothing = "Nothing is due of care: 3 of 18 done, next Wed 16 Dec 18:30.\n"
    assert call("export", "--next") == (0, "", nothing)
    assert call("play", "--next", "care") == (0, "", nothing)
    at("2026-12-21T10:00")
    assert holds() == first  # the lighter week
    at("2027-02-01T10:00")
    assert call("play", "--next")[2].endswith("Nothing is due of care: 3 of 18 done, it has ended.\n")


def test_pain_and_hard_sessions_slow_it_down(call, new, at):
    new("care", "--routine", "four-poses", "--days", "mon,tue,thu", "--weeks", "4", "--progress", "+5s")
    do(1, "2026-11-30T19:00", hurt=["bridge"])
    at("2026-12-01T09:00")
    assert marks(call) == "+~.........."  # a rest day
    at("2026-12-02T09:00")
    assert marks(call) == "+!.........."
    assert "bridge" not in holds()
    assert "ask a doctor" in call("plan")[2]
    do(2, "2026-12-02T19:00", felt="right")
    at("2026-12-03T09:00")
    assert holds()["bridge"] == 30
    at("2026-12-07T09:00")
    assert holds()["childs-pose"] == 45  # nothing grows after pain
    do(4, "2026-12-07T19:00", felt="harder")
    at("2026-12-14T09:00")
    assert holds()["childs-pose"] == 45
    do(7, "2026-12-14T19:00", felt="right")
    at("2026-12-21T09:00")
    assert holds()["childs-pose"] == 50


def test_a_day_is_due_until_the_next_one_and_missed_after_it(call, new, at):
    new(*CARE)
    at("2026-12-01T23:59")
    assert marks(call)[:4] == "!..."
    at("2026-12-02T00:00")
    assert marks(call)[:4] == "x!.."
    at("2026-12-06T23:59")
    assert marks(call)[:4] == "xx!."
    do(9, "2026-12-30T19:00")  # the clock was ahead for a while
    at("2026-11-20T00:00")
    assert marks(call)[:9] == "........+"


@pytest.mark.slow
def test_of_two_plans_the_earlier_one_is_first(call, new, at):
    new("late", "--routine", "taster", "--days", "mon", "--weeks", "2", "--at", "20:00")
    new("early", "--routine", "four-poses", "--days", "mon", "--weeks", "2", "--at", "07:00", "--length", "9:00")
    code, out, err = call("export", "--next", "-o", "due.wav")
    assert (code, out.split()[1]) == (0, "9:00,")
    assert "Due as well: late, by `audioguide play --next late`." in err
    assert "It is a plan: `audioguide play --next late`" in call("play", "late")[2]
    (call.folder / "home/plans/early.yaml").write_text("plan: [")
    code, _, err = call("plan", "list")
    assert code == 0
    assert "Left out, since it cannot be used: home/plans/early.yaml:1:7: The [ that opens here" in err
    assert call("plan", "delete", "early", "--yes")[0] == 0
    assert call("plan", "list")[1:] == ("late  Taster  0 of 2 done, due now.\n", "")


def test_a_coach_hands_out_a_plan_with_the_routine_in_it(call, new, at, home):
    (home / "scripts/poses").mkdir(parents=True)
    pose = home / "scripts/poses/mine.yaml"
    pose.write_text("name: Mine\ninstructions: Lie down.\nhold: 20s\nrelease: Let go.")
    (home / "scripts/own.yaml").write_text("title: Own\nsteps: [{pose: mine}, {include: taster}, {say: Well done.}]")
    new("--routine", "own", "--days", "tue", "--weeks", "3", "--progress", "+50s", "-o", "anna.yaml")
    pose.unlink()
    (home / "scripts/own.yaml").unlink()
    assert call("check", "anna.yaml", "--strict") == (0, "", "")
    assert call("plan", "add", "anna.yaml", "--start", "2026-12-05")[0] == 0
    at("2026-12-08T10:00")
    assert holds()["mine"] == 20
    assert "is a plan. `audioguide play --next anna.yaml`" in call("play", "anna.yaml")[2]
    (call.folder / "anna.yaml").write_text((call.folder / "anna.yaml").read_text().replace("20s", "20 parsecs"))
    assert call("check", "anna.yaml")[1].startswith("anna.yaml:11:15: ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("--weeks 0", "Invalid value for '--weeks': 0 is not in the range 1<=x<=104."),
        ("--weeks 1000", "Invalid value for '--weeks'"),
        ("--days ,", "--days: Nothing is no day of the week."),
        ("--days mon,someday", "--days: someday is no day of the week."),
        ("--start 2026-11-29", "The start 2026-11-29 is in the past."),
        ("--start 2027-02-29", "--start: 2027-02-29 is not a day in the calendar."),
        ("--start 9999-12-31", "--start: 9999-12-31 is not a day"),
        ("--at 24:00", "--at: 24:00 is not a time of day."),
        ("--zone Europe/Berln", "Did you mean Europe/Berlin?"),
        ("--progress -5s", "--progress: -5s is no progress"),
        ("--progress brige=+5s", "No pose of this routine is called 'brige'."),
        ("--progress +5s --length 9:00", "The session is fitted to a length, so its holds cannot grow."),
        ("--hold bridge=2h", "A hold of 2h is over the limit of 'Bridge'"),
        ("--voice nobody", "There is no voice 'nobody'."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_written(call, at, home, arguments, message):
    code, out, err = call("plan", "new", *CARE, *arguments.split())
    assert (code, out) == (2, "")
    assert message in err
    assert not (home / "plans").exists()


def test_a_plan_that_no_longer_works_says_so(call, new, at, home):
    (home / "scripts").mkdir(parents=True)
    routine = home / "scripts/own.yaml"
    routine.write_text("title: Own\nsteps: [{pose: bridge}, {pose: cat-cow}, {say: Well done.}]")
    new("care", "--routine", "own", "--days", "mon", "--weeks", "2", "--progress", "bridge=+5s", "--skip", "cat-cow")
    routine.write_text("title: Own\nsteps: [{pose: childs-pose}, {say: Well done.}]")
    assert "The plan care no longer matches its routine: cat-cow, bridge." in call("plan")[2]
    assert "warning: The plan care no longer matches" in call("check", "home/plans/care.yaml")[1]
    routine.unlink()
    code, _, err = call("export", "--next")
    assert code == 2
    assert "The routine of the plan care is gone: There is no routine 'own'." in err
    gone = "home/plans/care.yaml:4:10: The routine of the plan care is gone: There is no routine 'own'."
    assert gone in call("check", "home/plans/care.yaml")[1]


@pytest.mark.slow
def test_each_day_of_a_plan_with_wishes_has_a_session_of_its_own(call, new, at, home):
    wishes = ("--for", "lower back", "--wish", "without=wrists", "--length", "12:00", "--progress", "+5s")
    new("care", *wishes, "--progress", "bridge=+10s", "--days", "mon,thu", "--weeks", "4")
    first = session()
    at("2026-12-03T10:00")
    said = [[step.text for step in one.routine.steps if step.kind == "say"] for one in (first, session())]
    assert said[0] != said[1]
    do(2, "2026-12-03T19:00", felt="right")
    at("2026-12-07T10:00")
    assert first.options.length == 720
    assert session().options.length is None  # what was fitted has grown, and is not fitted again
    assert 730 < session().outline.timeline.frames / RATE < 900
    do(3, "2026-12-07T19:00", hurt=["bridge", "childs-pose"])
    at("2026-12-10T10:00")
    assert not {"bridge", "childs-pose"} & holds().keys()
    plan = home / "plans/care.yaml"
    plan.write_text(plan.read_text().replace("wrists", "unicorn"))
    code, _, err = call("export", "--next")
    assert code == 2
    assert "Nothing here is called 'unicorn', so it cannot be left out." in err
    assert call("check", "home/plans/care.yaml")[1].startswith("home/plans/care.yaml:5:3: Nothing here is called")


KEYS = st.sampled_from("plan routine wishes start weeks days at zone progress deload options at_ steps".split())
DATES = ("2027-02-29", "2028-02-29", "2:30", "18:30", "Europe/Berlin", "../x")
VALUES = st.sampled_from(
    [*DATES, "care", "taster", 0, 3, 1000, -1, 2.5, True, None, [], ["mon"], ["mon", 7], {}, {"x": []}, "a" * 5000]
) | st.sampled_from(["+5s", "5 breaths", {"default": "+1 breath"}, {"childs-pose": "+5s"}, {"hold": "90s"}])


@given(st.dictionaries(KEYS, VALUES))
def test_any_plan_works_or_is_refused_at_its_place(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("plan") / "any.yaml"
    good = {"plan": "P", "routine": "taster", "start": "2026-11-30", "weeks": 2, "days": ["mon"], "zone": "UTC"}
    path.write_text(to_yaml(good | data), "utf-8")
    for problem in check(path):
        assert problem.place.line >= 1
        assert problem.message


@pytest.mark.parametrize(("date", "written"), [("2027-03-28", "03:30+02:00"), ("2027-10-31", "02:30+02:00")])
def test_the_night_in_which_the_clock_is_changed(call, at, date, written):
    code, _, err = call(
        *"plan new care --routine taster --days sun --weeks 1 --at 2:30 --zone Europe/Berlin --start".split(), date
    )
    assert code == 0, err
    day = json.loads(call("plan", "show", "--json")[1])[0]["days"][0]
    assert day["when"] == f"{date}T{written[:5]}:00{written[5:]}"


def test_a_session_carries_its_plan_only_where_that_is_said(call, new, tmp_path):
    routine = tmp_path / "two.yaml"
    routine.write_text("title: Two\nsteps: [{pose: {name: Sit, hold: 12s}}, {say: Done.}]\n")
    new("care", "--routine", str(routine), "--days", "mon", "--at", "18:30", "--weeks", "3", "--progress", "+5s")
    for name, more in (("alone", ()), ("with", ("--with-plan",))):
        code, _, err = call("export", "--next", *more, "-o", f"{tmp_path}/{name}.mp3")
        assert code == 0, err
    code, _, err = call("export", str(routine), "--with-plan", "-o", f"{tmp_path}/x.mp3")
    assert (code, err) == (2, "--with-plan is for what is due of a plan. Add --next.\n")
    routine.unlink()
    assert call("plan", "delete", "care", "--yes")[0] == 0
    code, _, err = call("plan", "add", f"{tmp_path}/alone.mp3")
    assert (code, "alone.mp3 carries no plan." in err) == (2, True)
    code, out, err = call("plan", "add", f"{tmp_path}/with.mp3")
    assert (code, "3 sessions, from Mon 30 Nov 18:30" in out) == (0, True), err
    assert holds() == {None: 12.0}
