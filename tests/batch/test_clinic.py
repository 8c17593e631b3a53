"""A clinic's table: names, weeks, all ways in which spreadsheets write it, and all that is wrong with it at once."""

from __future__ import annotations

import io
import json
from pathlib import Path

import mutagen
import pytest
from batch_plans import Plans
from PIL import Image

from audioguide.cli.main import run
from audioguide.session.open import open_session, parse_options

ROUTINE = """title: Evening for {client}
language: LANGUAGE
steps:
  - say: "TEXT"
  - pose: {name: Brücke, instructions: "OK, {client}.", hold: 10s, limits: 5s..20s, release: OK.}
"""
TEXTS = {"en": "Hello {client}, week {week}.", "de": "Hallo {client}, Woche {week}.", "es": "Hola {client}, {week}."}
STEPS = """title: Own
steps:
  - {pose: {name: Bridge, hold: 20s, limits: 5s..32s}}
  - {pose: {name: Clam, hold: 20s, limits: 5s..60s}}
"""


def shown(path: Path, capsys: pytest.CaptureFixture[str]) -> dict:
    capsys.readouterr()
    assert run(["show", str(path), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def holds(plans: Plans, text: str, name: str = "plan.csv") -> dict[str, list[float]]:
    """The holds of each session of a plan whose routine is `own.yaml`, by its file."""
    (plans.folder / "own.yaml").write_text(STEPS, "utf-8")
    found = {}
    for job in plans.jobs(text, name):
        timeline = open_session(job.source, parse_options(job.options), job.columns).outline.timeline
        seconds = [cue.frames / 44_100 for cue in timeline.cues if cue.kind == "hold"]
        found[str(Path(job.output).relative_to(plans.out))] = seconds
    return found


@pytest.mark.slow
def test_three_languages_and_names_in_everything(plans: Plans, capsys: pytest.CaptureFixture[str]) -> None:
    """Spoken, in the title and in the file's name, from a table that Excel saved on Windows."""
    for language, text in TEXTS.items():
        routine = ROUTINE.replace("LANGUAGE", language).replace("TEXT", text)
        (plans.folder / f"{language}.yaml").write_text(routine, "utf-8")
    clients = {"en": "Ann/Lee: 2", "de": "Zoë Müller", "es": "José Núñez"}
    rows = (
        f"{client};{language}.yaml;2;pico-{'gb' if language == 'en' else language}"
        for language, client in clients.items()
    )
    plan = plans.write("\r\n".join(("client;routine;weeks;voice", *rows)).encode("cp1252"))
    plans.out.rmdir()
    assert run(["batch", str(plan), "-o", str(plans.out / "new"), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err.startswith(f"{plan}: read as CP1252 with semicolons.\n")
    assert [row["state"] for row in json.loads(out)] == ["made"] * 6
    for language, folder in {"en": "Ann-Lee- 2", "de": "Zoë Müller", "es": "José Núñez"}.items():
        timeline = shown(plans.out / f"new/{folder}/{language} week 02.mp3", capsys)
        assert timeline["title"] == f"Evening for {clients[language]}"
        said = [cue["text"] for cue in timeline["cues"] if cue["kind"] == "speech"]
        assert TEXTS[language].format(client=clients[language], week=2) in said
        assert f"OK, {clients[language]}." in said
    assert run(["batch", str(plan), "-o", str(plans.out / "new")]) == 0
    assert capsys.readouterr().err.endswith("6 sessions: 0 made, 6 unchanged.\n")


def test_columns_are_no_placeholders_elsewhere(plans: Plans, capsys: pytest.CaptureFixture[str]) -> None:
    path = plans.folder / "own.yaml"
    path.write_text("title: A\nsteps:\n  - say: Hello {client}.\n  - include: part\n", "utf-8")
    (plans.folder / "part.yaml").write_text("title: B\nsteps:\n  - say: Bye {client}.\n", "utf-8")
    assert run(["check", str(path)]) == 2
    said = capsys.readouterr().out
    assert f"{path}:3:10: {{client}} stands for nothing." in said
    assert "A batch file may have a column 'client'." in said
    (job,) = plans.jobs("routine,client\nown.yaml,Ann\n")
    session = open_session(job.source, None, job.columns)
    assert [cue.text for cue in session.outline.timeline.cues if cue.text] == ["Hello Ann.", "Bye Ann."]
    (problem,) = plans.problems("routine,client,output\nown.yaml,Ann,a.mp3\nown.yaml,,b.mp3\n")
    assert (problem.place.line, "{client} stands for nothing" in problem.message) == (3, True)


@pytest.mark.parametrize("name", ["plan.csv", "plan.yaml"])
def test_weeks_grow_within_limits(plans: Plans, name: str) -> None:
    text = "client,routine,weeks,progress,output\nAnn,own.yaml,1..4,+5s,{client}/{week}.mp3\n"
    if name == "plan.yaml":
        text = """defaults: {progress: +5s}
sessions: [{client: Ann, routine: own.yaml, weeks: 4, output: "{client}/{week}.mp3"}]
"""
    grown = {"Ann/01.mp3": [20, 20], "Ann/02.mp3": [25, 25], "Ann/03.mp3": [30, 30], "Ann/04.mp3": [32, 35]}
    assert holds(plans, text, name) == grown
    (note,) = plans.plan(text, name)[1]
    assert note.endswith(":2: Ann: at the limit are Bridge (32s) from week 4.")


def test_weeks_of_single_poses(plans: Plans) -> None:
    """What is held by the row grows as well; a pose that grows by steps stays at the last one within its limit."""
    head = "routine,weeks,progress,progress:bridge,hold,hold:clam\n"
    assert holds(plans, f"{head}own.yaml,2..4,,+5s,,50s\n") == {
        "own week 02.mp3": [20, 50],
        "own week 03.mp3": [25, 50],
        "own week 04.mp3": [30, 50],
    }
    assert holds(plans, f"{head}own.yaml,4,+5s,+10s,10s,50s\n")["own week 04.mp3"] == [30, 60]
    (note,) = plans.plan(f"{head}own.yaml,4,+5s,+10s,10s,50s\n")[1]
    assert note.endswith(":2: at the limit are bridge from week 4, clam from week 4.")
    assert holds(plans, "routine,week,progress\nown.yaml,3,+2s\nown.yaml,12,-1s\n") == {
        "own week 03.mp3": [20, 20],
        "own week 12.mp3": [20, 20],
    }


def test_holds_in_breaths_do_not_grow_by_seconds(plans: Plans) -> None:
    (problem,) = plans.problems("routine,weeks,hold,progress\nfour-poses,4,5 breaths,+5s\n")
    assert (problem.place.column, problem.message) == (4, "+5s cannot be added to 5 breaths.")
    for progress in ("+5s", "5s"):
        assert len(plans.jobs(f"routine,weeks,hold,progress\nfour-poses,4,20s,{progress}\n")) == 4


def test_twelve_clients_for_six_weeks_are_twelve_rows(plans: Plans) -> None:
    (plans.folder / "own.yaml").write_text(STEPS, "utf-8")
    rows = "".join(f"Client {number},own.yaml,6,+5s,+2s\n" for number in range(12))
    jobs = plans.jobs(f"client,routine,weeks,hold:Bridge,progress\n{rows}")
    names = [str(Path(job.output).relative_to(plans.out)) for job in jobs]
    assert len(set(names)) == 72
    assert names[:6] == sorted(names[:6]) == [f"Client 0/own week 0{week}.mp3" for week in range(1, 7)]


def test_all_options_are_columns(plans: Plans) -> None:
    text = """Routine,Hold:Child's pose,rounds:cat-cow,Beyond limits,settle,cues,keep,length
four-poses,+5s,2,yes,4s,"halfway=off,ten=off",cat-cow; childs-pose,
"""
    (job,) = plans.jobs(text)
    options = parse_options(job.options)
    assert [(pose, str(hold)) for pose, hold in options.holds] == [("Child's pose", "+5s")]
    assert options.rounds == (("cat-cow", 2),)
    assert (options.beyond_limits, options.settle, options.keep) == (True, 4.0, ("cat-cow", "childs-pose"))
    assert options.cues.halfway == options.cues.ten == "off"


def test_every_problem_of_every_row(plans: Plans, capsys: pytest.CaptureFixture[str]) -> None:
    plan = plans.write("""client,routine,hold:Child's pose,hold:wheel,length,level,output,weeks,progress,hodl:x
Ann,four-poses,3:00,10s,0:30,brif,{clint}.mp3,,,1
Ben,lost.yaml,,,,,b.mp3,0..3,,
你好,four-poses,,,,,c.mp3,,+5s,
Di,four-poses,+90s,,soon,,d.xyz,,,
""")
    plans.out.rmdir()
    assert run(["batch", str(plan), "-o", str(plans.out)]) == 2
    out, err = capsys.readouterr()
    told = err.splitlines()
    starts = {
        "2: hold:Child's pose: A hold of 3m is over the limit",
        "2: hold:wheel: No pose of this routine is called 'wheel'.",
        "2: length: ",
        "2: level: 'level' cannot be 'brif'.",
        "2: output: {clint} stands for nothing: this row has no 'clint'. Did you mean client?",
        "2: hodl:x: There is no column 'hodl:x'. Did you mean hold?",
        "3: routine: There is no file",
        "3: weeks: '0..3' is not weeks from 1 to 104.",
        "4: progress: There are no weeks in which holds grow.",
        "5: hold:Child's pose: A hold of ",
        "5: length: 'soon' is not a length of time",
        "5: output: .xyz is not a format audioguide writes.",
    }
    for start in starts:
        assert any(line.startswith(f"{plan}:{start}") for line in told), (start, err)
    assert len(told) == len(starts), err
    assert (out, plans.out.exists()) == ("", False)


def test_a_name_that_the_voice_cannot_say(plans: Plans) -> None:
    (plans.folder / "own.yaml").write_text("title: A\nsteps:\n  - say: Hello {client}.\n", "utf-8")
    (problem,) = plans.problems("client,routine\nAnn,own.yaml\n你好,own.yaml\n")
    assert str(problem).startswith(f"{plans.folder / 'plan.csv'}:3: client: ")


def test_a_routine_is_checked_with_the_columns_of_each_row(plans: Plans) -> None:
    """Also where a column names what it includes, and only that has another column."""
    (plans.folder / "own.yaml").write_text('title: A\nsteps:\n  - include: "{part}"\n', "utf-8")
    (plans.folder / "a.yaml").write_text("title: B\nsteps:\n  - say: Hello.\n", "utf-8")
    (plans.folder / "b.yaml").write_text("title: C\nsteps:\n  - say: Hello {who}.\n", "utf-8")
    head = "client,routine,part,who\n"
    assert len(plans.jobs(f"{head}Al,own.yaml,a,\nBo,own.yaml,b,Bo\nDi,own.yaml,a,\n")) == 3
    rows = "Al,own.yaml,a,\nBo,own.yaml,b,Bo\nCy,own.yaml,b,\nDi,own.yaml,a,你好\nEd,own.yaml,b,你好\n"
    assert [place[0] for place in plans.wrong(f"{head}{rows}")] == [4, 6]


@pytest.mark.parametrize(
    ("raw", "note"),
    [
        ("client,routine\nZoë,taster\n".encode(), ""),
        ("client,routine\nZoë,taster\n".encode("utf-8-sig"), "UTF-8 with its mark with commas."),
        ("client;routine\r\nZoë;taster\r\n".encode(), "UTF-8 with semicolons."),
        ("client;routine\r\nZoë;taster\r\n".encode("cp1252"), "CP1252 with semicolons."),
        ("client\troutine\r\nZoë\ttaster\r\n".encode("utf-16"), "UTF-16 with tabs."),
        ('"client, or; team",client;routine\nx;Zoë;taster\n'.encode(), ""),
    ],
)
def test_as_spreadsheets_write_it(plans: Plans, raw: bytes, note: str) -> None:
    if not note and b";" in raw:
        assert plans.wrong(raw)
        return
    jobs, notes = plans.plan(raw)
    assert [job.columns for job in jobs] == [{"client": "Zoë"}]
    assert notes == ([f"{plans.folder / 'plan.csv'}: read as {note}"] if note else [])


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b"", [(1, 1, "empty-file")]),
        (b"routine,client\n", [(1, 1, "empty")]),
        (b"\x89PNG\r\n\x1a\n\0\0", [(3, 1, "not-csv")]),
        (b"routine\nt\x81ster\n", [(2, 1, "not-csv")]),
        (b"PK\x03\x04\x14\0", [(1, 1, "not-csv")]),
        (b"routine,Client,client \ntaster,a,b\n", [(1, 3, "duplicate-key")]),
        (b"routine,hold:bridge,Hold:bridge\ntaster,,\n", [(1, 3, "duplicate-key")]),
        (b'routine,client\ntaster,"Ann\n Berg"\n\nlost,x\n', [(5, 1, "unknown-routine")]),
        (b"routine,client,,,\ntaster,Ann,,,\ntaster,{x},,,\n", [(3, 2, "bad-character")]),
        (b"routine,side\ntaster,left\n", [(2, 2, "unknown-key")]),
        (b"routine,weeks,output\ntaster,3,a.mp3\n", [(2, 3, "duplicate-output")]),
        (b"routine,client\ntaster,A/b\ntaster,a:B\n", [(3, 1, "duplicate-output")]),
    ],
)
def test_tables_with_mistakes(plans: Plans, raw: bytes, found: list[tuple[int, int, str]]) -> None:
    assert plans.wrong(raw) == found


def test_a_column_that_is_there_twice_is_told_with_both(plans: Plans) -> None:
    (problem,) = plans.problems("routine,hold,Hold\ntaster,,\n")
    assert problem.message == "The columns 2 and 3 are the same: 'hold' and 'Hold'."


@pytest.mark.slow
def test_tags_and_cover(plans: Plans) -> None:
    plans.sessions()
    Image.new("RGB", (40, 40), "teal").save(plans.folder / "logo.png")
    text = """clinic,client,routine,title,artist,album,cover
Praxis,Ann,one.yaml,Evening for {client},{clinic},"{client}, all weeks",logo.png
Praxis,Ben,one.yaml,{client},,,{clinic}.png
"""
    (problem,) = plans.problems(text)
    assert str(problem).startswith(f"{plans.folder / 'plan.csv'}:3: cover: There is no file ")
    plan = plans.write(text.replace("{clinic}.png", ""))
    assert run(["batch", str(plan), "-o", str(plans.out)]) == 0
    tags = mutagen.File(plans.out / "Ann/one.mp3").tags
    names = ("TIT2", "TPE1", "TALB")
    assert [str(tags[name]) for name in names] == ["Evening for Ann", "Praxis", "Ann, all weeks"]
    cover = Image.open(io.BytesIO(tags.getall("APIC")[0].data)).convert("RGB")
    red, green, blue = cover.getpixel((cover.width // 2, cover.height // 2))
    assert (red < 20, abs(green - 128) < 10, abs(blue - 128) < 10) == (True, True, True)
    (problem,) = plans.problems(f"client,routine,title\n{'A' * 119},one.yaml,{{client}}: evening\n")
    assert problem.message.endswith("cannot be shown as a name. Write 1 to 120 letters.")
