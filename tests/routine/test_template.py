"""The routine that a person starts from is one, whatever the file is called."""

import pytest

from audioguide.cli.commands.edit import template
from audioguide.routine.json_schema import SCHEMA_FILE
from audioguide.routine.load import load
from audioguide.routine.routine_form import STEP_KINDS
from audioguide.schema.document import parse_document
from audioguide.session.check import check


def test_it_passes_the_strictest_check(write):
    assert check(write(template("quiet-morning", completed=False))) == ()


def test_every_kind_of_step_is_in_it_and_the_commented_ones_work(write):
    text = template("mine", completed=False)
    assert all(f"- {kind}:" in text for kind in STEP_KINDS)
    lines = (line.replace("# ", "", 1) if line.startswith(("  # -", "  #  ")) else line for line in text.splitlines())
    shown = write("\n".join(lines), "shown.yaml")
    assert check(shown) == ()
    assert len(load(shown).steps) > len(load(write(text)).steps) + 10


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("quiet-morning", "Quiet morning"),
        ("null", "Null"),
        ("12", "12"),
        ("a: b #c", "A: b #c"),
        ("- x", "X"),
        ('"', "My routine"),
        ("été", "Été"),
        ("x" * 300, "X" + "x" * 119),
    ],
)
def test_its_title_is_the_name_of_the_file(name, title):
    assert parse_document(template(name, completed=False), "new.yaml").data["title"] in (title, 12)


def test_an_editor_is_told_of_the_schema_only_where_there_is_one():
    assert template("mine", completed=True).startswith(f"# yaml-language-server: $schema={SCHEMA_FILE}\n")
    assert "yaml-language-server" not in template("mine", completed=False)
