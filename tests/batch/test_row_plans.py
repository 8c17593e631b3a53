"""The plans of a batch file: a row makes one for its client, with the routine and the row's options in it."""

import json
from dataclasses import asdict

import pytest
from ruamel.yaml import YAML

from audioguide.batch.job import JobResult, run_job
from audioguide.cli.main import run
from audioguide.version import __version__

TABLE = """client,routine,weeks,progress,hold,plan,plan:start,plan:days,plan:at,plan:zone
Anna,own.yaml,2,+1s,10s,yes,2026-12-01,"tue,thu",18:30,Europe/Berlin
Ben,own.yaml,1,,,plans/{client}.yaml,2026-12-02,wed,,
Cem,own.yaml,,,,no,2026-12-02,wed,,
"""
OWN = "title: For {client}\nsteps:\n  - say: Hello {client}.\n  - pose: {name: Rest, id: rest, hold: 5s}\n"


@pytest.fixture
def make(plans):
    plans.write(OWN, "own.yaml")

    def make():
        results = [JobResult(job, **run_job(asdict(job), 1, __version__)) for job in plans.jobs(TABLE)]
        assert [result.error for result in results] == [""] * len(results)
        return [result.to_json().get("plan") for result in results]

    return make


def test_a_row_makes_a_plan_with_its_routine_and_options(make, plans, capsys, monkeypatch):
    anna, ben = plans.out / "Anna/own.yaml", plans.out / "plans/Ben.yaml"
    assert make() == [str(anna), None, str(ben), None]
    plan = YAML(typ="safe", pure=True).load(anna.read_text("utf-8"))
    assert plan["routine"]["steps"][0] == {"say": "Hello Anna."}
    given = {key: str(plan[key]) for key in ("plan", "start", "weeks", "days", "at", "zone", "options")}
    shown = ("For Anna", "2026-12-01", "2", "tue,thu", "18:30", "Europe/Berlin", "{'hold': '10s'}")
    assert given == dict(zip(given, shown, strict=True))
    before = {path: path.stat().st_mtime_ns for path in (anna, ben)}
    make()
    assert {path: path.stat().st_mtime_ns for path in (anna, ben)} == before

    monkeypatch.setenv("AUDIOGUIDE_NOW", "2026-11-20T08:00+01:00")  # the client, on another machine
    for path in plans.folder.glob("own.*"):
        path.unlink()
    assert run(["check", str(anna), str(ben)]) == 0
    capsys.readouterr()
    assert run(["plan", "show", str(anna), "--json"]) == 0
    days = json.loads(capsys.readouterr().out)[0]["days"]
    assert [(day["when"], day["grown"]) for day in days] == [
        ("2026-12-01T18:30:00+01:00", 0),
        ("2026-12-03T18:30:00+01:00", 0),
        ("2026-12-08T18:30:00+01:00", 1),
        ("2026-12-10T18:30:00+01:00", 1),
    ]


def test_what_is_wrong_with_a_plan_is_told_at_its_cell(plans):
    plans.write(OWN, "own.yaml")
    plans.write(OWN.replace("Hello", "Week {week},"), "week.yaml")
    head = "client,routine,weeks,plan,plan:start,plan:days,plan:at\n"
    rows = [
        "A,own.yaml,2,yes,2026-02-29,mon,18:30",
        "B,own.yaml,2,yes,2026-02-28,someday,25:00",
        "C,own.yaml,2,c.txt,2026-02-28,mon,18:30",
        "D,own.yaml,,yes,2026-02-28,mon,18:30",
        "E,own.yaml,2,yes,,mon,18:30",
        "F,own.yaml,2,../f.yaml,2026-02-28,mon,",
        "G,week.yaml,2,yes,2026-02-28,mon,",
        "H,own.yaml,2,a.yaml,2026-02-28,mon,",
        "I,own.yaml,2,a.yaml,2026-02-28,mon,{hour}",
    ]
    found = [one.place[1:3] for one in plans.problems(head + "\n".join(rows) + "\n")]
    assert found == [(2, 5), (3, 6), (3, 7), (4, 4), (5, 4), (6, 4), (7, 4), (8, 4), (10, 4), (10, 7)]
    assert "Did you mean start?" in plans.refused(head.replace("plan:start", "plan:stat") + rows[0])
