"""A plan, CSV or YAML, is read to the same jobs, and all that is wrong with it is told at once, with its place."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from batch_plans import Plans
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from audioguide.batch.plan import read_plan
from audioguide.cli.main import run
from audioguide.errors import RequestError, RoutineError
from audioguide.model.routine import Length
from audioguide.session.open import parse_options

TABLE = """routine,output,hold,skip,mono,pictures,bitrate,scale,beyond-limits,level
four-poses,anna/evening.mp3,childs-pose=1:00; cat-cow=40s,cat-cow,yes,no,96k,0.8,x,brief
four-poses,b.wav,45s,,,,,,,
taster,,,,no,yes,,,no,
"""
TEXT = """defaults: {}
sessions:
  - routine: four-poses
    output: anna/evening.mp3
    holds: {childs-pose: 1:00, cat-cow: 40s}
    skip: [cat-cow]
    mono: true
    pictures: false
    bitrate: 96k
    scale: 0.8
    beyond-limits: true
    level: brief
  - {routine: four-poses, output: b.wav, hold: 45s}
  - {routine: taster, mono: false, pictures: true}
"""


def test_a_table_says_what_a_plan_in_yaml_says(plans: Plans) -> None:
    table = plans.jobs(TABLE)
    text = plans.jobs(TEXT, "plan.yaml")
    assert [job.line for job in table] == [2, 3, 4]
    assert [job.line for job in text] == [3, 13, 14]
    assert [replace(job, line=0) for job in table] == [replace(job, line=0) for job in text]
    first, second, third = table
    assert first.output == str(plans.out / "anna/evening.mp3")
    assert (first.mono, first.pictures, first.bitrate) == (True, False, 96)
    assert [job.pictures for job in (second, third)] == [True, True]
    options = parse_options(first.options)
    assert options.holds == (("childs-pose", Length(60.0)), ("cat-cow", Length(40.0)))
    assert (options.skip, options.scale, options.beyond_limits) == (("cat-cow",), 0.8, True)
    assert parse_options(second.options).hold == Length(45.0)
    assert third.output == str(plans.out / "taster.mp3")
    assert not third.options


def test_a_job_is_plain_data(plans: Plans) -> None:
    for job in plans.jobs(TABLE):
        assert json.loads(json.dumps(asdict(job))) == asdict(job)
        assert type(job)(**json.loads(json.dumps(asdict(job)))) == job


@pytest.mark.parametrize("separator", [";", "\t", ","])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_tables_as_programs_write_them(plans: Plans, separator: str, ending: str, mark: str) -> None:
    rows = [
        ["routine", "output", "hold"],
        ["four-poses", '"a, b; c\td.mp3"' if separator != "\t" else '"a, b; c.mp3"', '"childs-pose=50s; cat-cow=40s"'],
        ["", " ", ""],
        [" taster ", "t.mp3", ""],
    ]
    text = mark + ending.join(separator.join(row) for row in rows)
    if separator != "\t":
        assert plans.wrong(text.replace("\td", "\td")) == [(2, 2, "invalid")]  # a tab is nothing for a name
    one, two = plans.jobs(text.replace("c\td", "c"))
    assert one.output == str(plans.out / "a, b; c.mp3")
    assert [pose for pose, _ in parse_options(one.options).holds] == ["childs-pose", "cat-cow"]
    assert (two.source, two.line) == ("taster", 4)


def test_lines_count_what_is_inside_quotes(plans: Plans) -> None:
    assert plans.wrong('routine,output\ntaster,"a\nb.mp3"\n\n\nnothing,\n') == [
        (2, 2, "invalid"),
        (6, 1, "unknown-routine"),
    ]
    assert plans.wrong('routine,skip,output\ntaster,"a;\n\nb",x.mp3\n\n\nnothing,,\n') == [
        *[(2, 2, "invalid")] * 2,
        (7, 1, "unknown-routine"),
    ]


def test_everything_wrong_is_told_at_once(plans: Plans) -> None:
    text = """routine,output,hold,bitrate,lenght,length
four-poses,a.mp3,quite long,96k,,
,b.mp3,,,,
four-poses,c.xyz,,loud,blue,soon
"""
    assert plans.wrong(text) == [
        (2, 3, "not-a-hold"),
        (3, 1, "missing-key"),
        (4, 2, "invalid"),
        (4, 4, "invalid"),
        (4, 5, "unknown-key"),
        (4, 6, "not-a-duration"),
    ]
    text = """routine,output,bitrate
four-pose,a.mp3,
four-poses,b.mp3,
four-poses,B.MP3,
four-poses,c.wav,96k
four-poses,d.mp3,97k
tastier,d.mp3,
"""
    assert plans.wrong(text) == [
        (2, 1, "unknown-routine"),
        (4, 2, "duplicate-output"),
        (5, 3, "invalid"),
        (6, 3, "invalid"),
        (7, 1, "unknown-routine"),
        (7, 2, "duplicate-output"),
    ]
    assert "four-poses" in plans.problems(text)[0].hint
    assert "line 3" in plans.problems(text)[1].message


@pytest.mark.parametrize(
    ("written", "meant"), [("Leval", "level"), ("ouput", "output"), ("holds", "hold"), ("bit-rate", "bitrate")]
)
def test_nearest_names(plans: Plans, written: str, meant: str) -> None:
    (problem, *_) = plans.problems(f"routine,{written}\ntaster,1\n")
    assert meant in str(problem)


@pytest.mark.parametrize(
    "output",
    [
        *("../x.mp3", "/x.mp3", "a/../../b.mp3", "C:x.mp3", "C:\\x.mp3", "a\\..\\..\\b.mp3", "\\x.mp3", "..", "."),
        *("no-ending", "x.", ".mp3", "a/", "mp3", "x.doc", "a/.mp3", "~/../../x.mp3", "\\\\there\\x.mp3"),
    ],
)
def test_outputs_that_are_no_files_of_the_folder(plans: Plans, output: str) -> None:
    assert plans.wrong(f"routine,output\ntaster,{output}\n") == [(2, 2, "invalid")]


@pytest.mark.parametrize(
    ("one", "other"), [("a.mp3", "A.mp3"), ("x/a.mp3", "x\\a.mp3"), ("a.mp3", "./a.mp3"), ("\u00e9.mp3", "e\u0301.mp3")]
)
def test_two_rows_cannot_have_one_output(plans: Plans, one: str, other: str) -> None:
    assert plans.wrong(f"routine,output\ntaster,{one}\ntaster,{other}\n") == [(3, 2, "duplicate-output")]


def test_a_row_without_an_output_takes_its_routines_name(plans: Plans) -> None:
    assert plans.wrong("routine,output\ntaster,\ntaster,\n") == [(3, 1, "duplicate-output")]


def test_routines_are_seen_from_the_plan(plans: Plans) -> None:
    (plans.folder / "own.yaml").write_text("title: Own\nsteps:\n  - say: One.\n", "utf-8")
    (job,) = plans.jobs("routine\nown.yaml\n")
    assert (job.source, job.output) == (str(plans.folder / "own.yaml"), str(plans.out / "own.mp3"))
    (plans.folder / "own.yaml").write_text("title: Own\nsteps:\n  - sy: One.\n", "utf-8")
    (problem,) = plans.problems("routine\nown.yaml\n")
    assert problem.code == "unknown-routine"
    assert "own.yaml:3:5" in problem.message


def test_cells_without_a_column(plans: Plans) -> None:
    assert plans.wrong("routine,output\ntaster,a.mp3,45s\ntaster,b.mp3,,\n") == [(2, 3, "invalid")]
    assert plans.wrong("routine,output,,\ntaster,a.mp3,45s,\n") == [(2, 3, "unknown-key")]
    assert plans.jobs("routine,output,,\ntaster,a.mp3,,\n")


def test_columns_that_are_there_twice(plans: Plans) -> None:
    assert plans.wrong("routine,output,hold,output\ntaster,a.mp3,,\n") == [(1, 4, "duplicate-key")]
    assert plans.jobs("routine,,\ntaster,,\n")  # what has no name may be there often


@pytest.mark.parametrize(
    "cell", ["45s; 50s", "childs-pose=50s; childs-pose=40s", "=45s", "childs-pose=", "childs-pose=x", "a=b=c"]
)
def test_holds_that_are_none(plans: Plans, cell: str) -> None:
    (found,) = plans.wrong(f"routine,output,hold\nfour-poses,a.mp3,{cell}\n")
    assert found[:2] == (2, 3)


def test_a_hold_for_all_and_one_for_a_pose(plans: Plans) -> None:
    (job,) = plans.jobs("routine,hold\nfour-poses,45s; childs-pose=5 breaths;\n")
    options = parse_options(job.options)
    assert options.hold == Length(45.0)
    assert options.holds == (("childs-pose", Length(5, "breaths")),)


@pytest.mark.parametrize(
    "column", ["mono", "pictures", "beyond-limits", "scale", "level", "chime", "breath", "length", "bitrate"]
)
@pytest.mark.parametrize("cell", ["perhaps", "-1", "1e999", "nan"])
def test_cells_that_say_nothing(plans: Plans, column: str, cell: str) -> None:
    (found,) = plans.wrong(f"routine,{column}\ntaster,{cell}\n")
    assert found[:2] == (2, 2)


@pytest.mark.parametrize("name", ["plan.csv", "plan.yaml"])
def test_what_is_no_plan(plans: Plans, name: str) -> None:
    assert plans.wrong(b"routine\n\x81\0\n", name) == [(2, 1, "not-csv" if name == "plan.csv" else "not-utf-8")]
    assert plans.wrong("", name) == [(1, 1, "empty-file")]
    with pytest.raises(RequestError, match=r"There is no file .*lost"):
        read_plan(plans.folder / f"lost.{name}", plans.out)
    with pytest.raises(RequestError, match="is a folder"):
        read_plan(plans.folder, plans.out)


def test_tables_that_are_none(plans: Plans) -> None:
    assert plans.wrong('routine,output\ntaster,"a.mp3\n') == [(2, 1, "not-csv")]
    assert plans.wrong('routine,output\ntaster,a.mp3\ntaster,"a".mp3\n') == [(3, 1, "not-csv")]
    assert plans.wrong("routine,output\n") == [(1, 1, "empty")]
    assert plans.wrong("routine,output\ntaster," + "a" * 200_000 + "\n") == [(2, 1, "not-csv")]


def test_plans_in_yaml_that_are_none(plans: Plans) -> None:
    assert plans.wrong("- routine: taster\n", "p.yaml") == [(1, 1, "not-a-routine")]
    assert "This is not a batch file." in plans.refused("- routine: taster\n", "p.yaml")
    assert plans.wrong("sessions: []\n", "p.yaml") == [(1, 11, "empty")]
    assert plans.wrong("sessions:\n  - taster\n  - {routin: taster}\n", "p.yaml") == [
        (2, 5, "not-a-mapping"),
        (3, 5, "missing-key"),
        (3, 6, "unknown-key"),
    ]
    text = "title: x\nsteps:\n  - say: One.\n"
    assert plans.wrong(text, "p.yaml") == [(1, 1, "missing-key"), (1, 1, "unknown-key"), (2, 1, "unknown-key")]


def test_defaults(plans: Plans) -> None:
    text = """defaults: {mono: true, bitrate: 96k, level: brief, skip: [cat-cow], holds: {childs-pose: 50s}, scale: 0.9}
sessions:
  - {routine: four-poses, output: a.mp3}
  - {routine: four-poses, output: b.wav, mono: false, scale: 1}
  - {routine: four-poses, output: c.mp3, bitrate: 128k, level: full, holds: {childs-pose: 1:00}}
"""
    one, two, three = plans.jobs(text, "p.yaml")
    assert (one.mono, one.bitrate) == (True, 96)
    assert (two.mono, two.bitrate) == (False, None)  # a WAV has none
    assert (three.mono, three.bitrate) == (True, 128)
    first, second, third = (parse_options(job.options) for job in (one, two, three))
    assert (first.level, first.skip, first.scale) == ("brief", ("cat-cow",), 0.9)
    assert second.scale == 1
    assert third.level == "full"
    assert third.holds[-1] == ("childs-pose", Length(60.0))
    assert plans.wrong("defaults: {output: x.mp3, hold: long}\nsessions: [{routine: taster}]\n", "p.yaml") == [
        (1, 12, "unknown-key"),
        (1, 33, "not-a-hold"),
    ]
    assert plans.jobs("defaults:\nsessions: [{routine: taster}]\n", "p.yaml")


WORDS = st.sampled_from(
    [
        *("routine", "output", "hold", "holds", "skip", "mono", "bitrate", "scale", "length", "voice", "sessions"),
        *("taster", "four-poses", "a.mp3", "../a.mp3", "b.wav", "45s", "childs-pose=1:00", ";", "=", "96k", "yes"),
        *("client", "weeks", "week", "progress", "hold:bridge", "progress:x", "{client}", "{week}.mp3", "1..3", "+5s"),
        *("defaults", "", " ", '"', "'", "\r", "\n", "\t", "\0", "\ufeff", "nan", "-1", "1e400", "\x85", "\u2028"),
    ]
)
CELLS = st.one_of(WORDS, st.text(max_size=6))
TABLES = st.lists(st.lists(CELLS, max_size=6).map(",".join), max_size=6).map("\n".join)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), CELLS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(CELLS, inner, max_size=4)),
    max_leaves=12,
)
ROWS = st.lists(
    st.fixed_dictionaries(
        {"routine": st.sampled_from(["taster", "four-poses", "nothing", ""])},
        optional=dict.fromkeys(
            [
                *("output", "hold", "holds", "skip", "mono", "bitrate", "scale", "length", "level", "breath", "client"),
                *("weeks", "week", "progress", "hold:childs-pose", "progress:cat-cow", "rounds:x", "title", "cues"),
            ],
            VALUES,
        ),
    ),
    max_size=3,
)


def _read(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        jobs = read_plan(path, folder)[0]
    except RoutineError as error:
        assert error.problems
        for problem in error.problems:
            assert problem.place.line >= 1
            assert problem.place.column >= 1
            assert problem.message.endswith((".", "?")) or "\n" in problem.message or problem.message
            assert "Traceback" not in str(problem)
    except RequestError as error:
        assert str(error)
    else:
        for job in jobs:
            assert job.line >= 1
            assert Path(job.output).resolve().is_relative_to(folder.resolve())
            parse_options(job.options)
            json.dumps(asdict(job))


SETTINGS = settings(suppress_health_check=list(HealthCheck))


@SETTINGS
@given(st.one_of(st.text(max_size=80), TABLES))
@example("routine,hold\ntaster,;=;\n")
@example("routine\0,output\ntaster,a\n")
def test_any_table(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    _read(tmp_path_factory.getbasetemp(), "any.csv", text)


@SETTINGS
@given(
    st.one_of(
        VALUES,
        st.fixed_dictionaries({"sessions": st.one_of(VALUES, ROWS)}, optional={"defaults": VALUES, "else": VALUES}),
    )
)
def test_any_data(tmp_path_factory: pytest.TempPathFactory, data: object) -> None:
    _read(tmp_path_factory.getbasetemp(), "any.yaml", json.dumps(data))


@SETTINGS
@given(st.one_of(st.text(max_size=60), TABLES))
def test_any_text_as_yaml(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    _read(tmp_path_factory.getbasetemp(), "any.yaml", text)


def test_names_that_no_file_has(plans: Plans, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a\0b", "\x1b[2J", "x" * 300):
        (found,) = plans.wrong(f"routine,output\n{name},x.mp3\n")
        assert found in plans.wrong(f"routine\n{name}\n")
        assert plans.wrong(f'sessions:\n- {{routine: "a", output: "{json.dumps(name)[1:-1]}"}}\n', "p.yaml")
    for command in (
        ["batch", "a\0b.csv", "-o", "out"],
        ["batch", "plan.csv", "-o", "o\0"],
        ["export", "taster", "-o", "\0.mp3"],
    ):
        assert run(command) == 2
        assert capsys.readouterr().err == "A name cannot have a NUL character in it. Write it again.\n"
