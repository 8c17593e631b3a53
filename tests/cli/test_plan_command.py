"""`audioguide plan`, `play --next` and `export --next`: weeks of a person, with a clock handed in."""

import json
from datetime import datetime

import pytest

from audioguide.player.history import PlanDay, Progress, SessionLog
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
        "Four poses",
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
