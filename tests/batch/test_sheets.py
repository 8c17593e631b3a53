"""The sheets of a plan: a row's own words on them, and which are made again."""

from dataclasses import asdict

import pytest

from audioguide.batch.job import JobResult, run_job
from audioguide.version import __version__

PLAN = """client,routine,output,hold,sheet,sheet:clinic,sheet:link,sheet:weeks
Anna,one.yaml,{client}.mp3,5s,yes,Nord,https://a.example/{client} 1.mp3,2
Ben,one.yaml,{client}.mp3,5s,sheets/{client}.pdf,,,
Cem,one.yaml,{client}.mp3,5s,no,Nord,,
"""


@pytest.fixture
def make(plans):
    plans.sessions()

    def make(text=PLAN):
        """For each row: the state of its session, and of its sheet."""
        results = [JobResult(job, **run_job(asdict(job), 1, __version__)) for job in plans.jobs(text)]
        assert [result.error for result in results] == [""] * len(results)
        return [(result.state, result.to_json().get("sheet_made")) for result in results]

    return make


def test_a_sheet_is_made_beside_its_session_and_again_only_when_it_would_differ(make, plans):
    assert make() == [("made", True), ("made", True), ("made", None)]
    first = plans.files()
    assert {*first} == {"Anna.mp3", "Anna.pdf", "Ben.mp3", "sheets/Ben.pdf", "Cem.mp3"}
    assert make() == [("kept", False), ("kept", False), ("kept", None)]
    (plans.out / "sheets/Ben.pdf").unlink()
    assert make(PLAN.replace("Nord", "Süd")) == [("kept", True), ("kept", True), ("kept", None)]
    after = plans.files()
    assert after["sheets/Ben.pdf"] == first["sheets/Ben.pdf"]
    assert after["Anna.pdf"] != first["Anna.pdf"]
    assert make(PLAN.replace("Nord", "Süd").replace("5s", "6s", 1))[0] == ("made", True)


def test_yaml_has_the_same_keys_and_defaults(plans):
    plans.sessions()
    rows = "defaults: {sheets: {clinic: Nord, for: '{client} B.'}}\nsessions:\n- {routine: one.yaml, client: Anna}\n"
    (job,) = plans.jobs(rows + "  \n", "plan.yaml")
    assert job.sheet == {"file": str(plans.out / "Anna/one.pdf"), "for": "Anna B.", "clinic": "Nord"}
    assert plans.jobs(rows.replace("client: Anna", "client: Anna, sheet: false"), "plan.yaml")[0].sheet == {}
    weeks = "client,routine,weeks,sheet\nAnna,one.yaml,2,x\n"
    assert [job.sheet["file"][-15:] for job in plans.jobs(weeks)] == ["one week 01.pdf", "one week 02.pdf"]


def test_what_is_wrong_with_a_sheet_is_told_at_its_cell(plans):
    plans.sessions()
    plan = "routine,output,sheet,sheet:logo,sheet:link,sheet:clinc\n"
    assert "did you mean clinic?" in plans.refused(plan + "one.yaml,a.mp3,yes,,,x\n").lower()
    head = plan.replace(",sheet:clinc", "")
    rows = "one.yaml,a.mp3,yes,plan.csv,\none.yaml,b.mp3,x.mp3,,ftp://x\none.yaml,c.mp3,a.pdf,,{client}\n"
    found = [(place.line, place.column) for place in (one.place for one in plans.problems(head + rows))]
    assert found == [(2, 4), (3, 3), (3, 5), (4, 3), (4, 5)]
