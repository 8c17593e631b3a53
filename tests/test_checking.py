"""`check` as a whole: many files at once, and the page that explains each code."""

import re
from pathlib import Path
from typing import get_args

import pytest

import audioguide
from audioguide import checking
from audioguide.checking import check, check_all
from audioguide.errors import Code

PACKAGE = Path(audioguide.__file__).parent
PAGE = (PACKAGE.parent / "docs" / "checking.md").read_text("utf-8")


def test_the_page_has_every_code_once():
    assert sorted(re.findall(r"^\| `([\w-]+)` \| .+ \| .+ \|$", PAGE, re.MULTILINE)) == sorted(get_args(Code))


def test_every_code_is_used():
    source = "".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py") if path.name != "errors.py")
    assert [code for code in get_args(Code) if f'"{code}"' not in source] == []


def test_many_files_are_checked_as_one_by_one_and_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(checking, "MANY", 10)
    monkeypatch.setattr(checking, "cores", lambda: 3)
    files = []
    for number in range(40):
        path = tmp_path / f"{number:02}.yaml"
        path.write_text(
            f"title: t\nsteps:\n  - pose: bridge\n    hold: {number + 50}s\n  - rest: {number + 1}s\n", "utf-8"
        )
        files.append(str(path))
    files.insert(7, str(tmp_path / "missing.yaml"))
    found = list(check_all(files))
    assert [problem.code for problem in found[7]] == ["unreadable"]
    assert found[:7] + found[8:] == [check(path) for path in files[:7] + files[8:]]
    assert len(set(map(str, found))) > 20


def test_a_text_that_the_voice_cannot_say_is_found_wherever_it_is_said(write):
    text = """\
title: t
steps:
  - say: Привет
  - pose: {name: Lunge, hold: 20s, release: Stand., prompts: [{say: Стой, at: 3s}], sides: [left, справа]}
  - say: Done.
"""
    found = check(write(text))
    assert [problem.code for problem in found] == ["unspeakable"] * 3
    assert [problem.place.line for problem in found] == [3, 4, 4]


@pytest.mark.parametrize(
    "text",
    [
        "title: t\nsteps:\n  - {repeat: 999, steps: [{say: x}, {pose: {name: x, hold: 44s}}]}\n",
        "title: t\nsteps:\n  - {repeat: 999, steps: [{say: " + "a word and " * 400 + "}]}\n",
    ],
)
def test_a_session_that_talk_alone_makes_too_long_is_found(write, text):
    assert "session-too-long" in {problem.code for problem in check(write(text))}


def test_a_presets_file_and_a_voice_are_told_apart(write):
    assert {problem.code for problem in check(write("engine: x\nmodel: y\n"))} == {"missing-key", "unknown-key"}
