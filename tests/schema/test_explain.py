"""Mistakes that people make in YAML are told at the line that they have to mend, with what to write there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.cli.main import run
from audioguide.errors import RequestError
from audioguide.session.check import check

HEAD = "title: My class\nsteps:\n"


def told(text: str, folder: Path) -> list[str]:
    (folder / "a.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    problems = check(folder / "a.yaml")
    return [f"{one.place.line}:{one.place.column}: {one.message} {one.hint}" for one in problems]


@pytest.mark.parametrize(
    ("text", "place", "advice"),
    [
        ("title: Note: my class\nsteps:\n  - say: Hi.\n", "1:12", '`title: "Note: my class"`'),
        (f'{HEAD}  - say: 5 o\'clock: "now"  # a note\n', "3:19", '`say: "5 o\'clock: \\"now\\""`'),
        ('title: "My class\ndescription: d\nsteps:\n  - say: Hi.\n', "1:8", '`title: "My class"`'),
        ('title: "My class\ndescription: "d"\nsteps:\n  - say: Hi.\n', "1:8", '`title: "My class"`'),
        ("title: 'My class\nsteps:\n  - say: Don't.\n", "1:8", '`title: "My class"`'),
        (f'{HEAD}  - {{say: "Hi}}\n  - say: there\n', "3:11", "Close it where the text ends."),
        (f"{HEAD}  - say: 'Don't hurry.'\n  - say: Bye.\n", "3:15", '`say: "Don\'t hurry."`'),
        (f'{HEAD}  - say: "Breathe" and rest.\n', "3:19", "`say: '\"Breathe\" and rest.'`"),
        ("title: My class\nstep:\n  - say: Hi.\n", "2:1", "Did you mean steps?"),
        (f"{HEAD}\t- say: Hi.\n", "3:1", "tab"),
        (f"{HEAD}  - pose: bridge\n\thold: 30s\n", "4:1", "tab"),
        (f"{HEAD}  - pose: bridge\n    hold:30s\n  - say: Hi.\n", "4:10", "`hold: 30s`"),
        ("title:My class\nsteps:\n  - say: Hi.\n", "1:7", "`title: My class`"),
        ("title My class\nsteps:\n  - say: Hi.\n", "1:6", "`title: My class`"),
        (f"{HEAD}  - pose: {{name: Cat, hold:30s}}\n  - say: Hi.\n", "3:23", "`hold: 30s`"),
        ("title: A\ndefaults:\n  hold:30s\nsteps:\n  - say: Hi.\n", "3:3", "`hold: 30s`"),
        (f"{HEAD}  - pose childs-pose\n  - say: Hi.\n", "3:5", "`- pose: childs-pose`"),
        (f"{HEAD}  - pose:childs-pose\n  - say: Hi.\n", "3:5", "`- pose: childs-pose`"),
        (f"{HEAD}  - pose childs-pose\n    hold: 30s\n", "3:9", "`pose: childs-pose`"),
        (f"{HEAD}  -say: Hi.\n  - say: Bye.\n", "3:4", "`- say: Hi.`"),
        ("title: A\nsteps\n  - pose: bridge\n", "2:6", "`steps:`"),
        (f"{HEAD}  - pose: bridge\n   hold: 30s\n", "4:4", "not indented as those around it"),
        (f"{HEAD}  - pose: bridge\n      hold: 30s\n", "4:7", "not indented as those around it"),
        (f"{HEAD}- pose: bridge\n - say: Hi.\n", "4:2", "not indented as those around it"),
        (f"{HEAD}  - say: Hi.\nhold: 3\n  - say: Bye.\n", "4:1", "not indented as those around it"),
        (f"{HEAD}  - say: Lie down.\n      Remember: breathe.\n", "4:7", "or put quotes around the text"),
        (f"{HEAD}  - say: {{pause 2s}} Go on.\n  - say: Bye.\n", "3:10", '`say: "{pause 2s} Go on."`'),
        (f"{HEAD}  - say: *Now* go on.\n", "3:10", '`say: "*Now* go on."`'),
        (f"{HEAD}  - say: > Now\n      go on.\n", "3:10", "begin it on the next line"),
        (f"{HEAD}  - pose: {{name: Cat, hold: 30s\n  - say: Bye.\n", "3:11", "Close it"),
        (f"{HEAD}  - pose: {{name: Cat hold: 30s}}\n  - say: Bye.\n", "3:26", "comma is missing"),
        (f"{HEAD}  - say: Hi.\r\n  - say: a: b\r", "4:11", '`say: "a: b"`'),
    ],
)
def test_told_at_its_own_line(text: str, place: str, advice: str, tmp_path: Path) -> None:
    (problem,) = told(text, tmp_path)
    assert problem.startswith(f"{place}: ")
    assert advice in problem


def test_what_is_advised_works(tmp_path: Path) -> None:
    """The line that is shown, in place of the one that is wrong, is all that was missing."""
    for wrong in ("title: Note: my class", 'title: "My class', "title: 'It's'", "title: @home", "title:My class"):
        (problem,) = told(f"{wrong}\nsteps:\n  - say: Hi.\n  - pose: bridge\n  - say: Bye.\n", tmp_path)
        (advised,) = re.findall("`(.*)`", problem)
        assert told(f"{advised}\nsteps:\n  - say: Hi.\n  - pose: bridge\n  - say: Bye.\n", tmp_path) == []


def test_at_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "class.yaml"
    path.write_text("title: Note: my class\nsteps:\n  - say: Hi.\n")
    for command in ("check", "show", "export"):
        assert run([command, str(path)]) == 2
        said = "".join(capsys.readouterr())
        assert (
            f'{path}:1:12: A text with a colon in it needs quotes. Put quotes around the whole text: `title: "' in said
        )


def test_thousands_of_mistakes_are_not_all_told(tmp_path: Path) -> None:
    steps, keys = "  - pose bridge\n" * 3_000, "".join(f"k{number}: b\n" for number in range(3_000))
    for text in (HEAD + steps, "a: b\n" * 3_000, keys):
        assert 50 < len(told(text, tmp_path)) <= 102


SHIPPED = [path.read_text("utf-8")[:1500] for path in sorted(Path("scripts").glob("*.yaml"))]
PIECES = st.sampled_from([*"\t\n\r:-{}[]\"'#&*!|>%@`?,~\\é\u2028", "- ", "\n  ", ": ", "\r\n", "---\n", "<<: ", "  "])


@given(st.sampled_from(SHIPPED), st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 6), PIECES), max_size=4))
def test_any_slip_of_the_fingers_is_told(tmp_path_factory: pytest.TempPathFactory, text: str, slips) -> None:
    for at, gone, piece in slips:
        text = text[:at] + piece + text[at + gone :]
    try:
        problems = told(text, tmp_path_factory.getbasetemp())
    except RequestError as error:
        problems = [f"1:1: {error}"]
    for problem in problems:
        line, column = map(int, problem.split(":")[:2])
        assert 1 <= line <= len(re.split("\r\n?|\n", text))
        assert column >= 1
