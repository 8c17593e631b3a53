"""`check` as a whole: many files at once, and the page that explains each code."""

import copy
import json
import re
from pathlib import Path
from typing import get_args

import pytest
from fakes import FakeVoice

import audioguide
from audioguide.errors import Code
from audioguide.model.options import Options
from audioguide.routine.load import load
from audioguide.schema.document import parse_document
from audioguide.session import check as checking
from audioguide.session.check import check, check_all
from audioguide.session.open import compose
from audioguide.timeline.compiler import compile

PACKAGE = Path(audioguide.__file__).parent
PAGE = (PACKAGE.parent / "docs" / "checking.md").read_text("utf-8")


def test_the_page_has_every_code_once():
    assert sorted(re.findall(r"^\| `([\w-]+)` \| .+ \| .+ \|$", PAGE, re.MULTILINE)) == sorted(get_args(Code))


def test_every_code_is_used():
    source = "".join(path.read_text("utf-8") for path in PACKAGE.rglob("*.py") if path.name != "errors.py")
    assert [code for code in get_args(Code) if f'"{code}"' not in source] == []


def test_many_files_are_checked_as_one_by_one_and_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(checking, "FILES_PER_PROCESS", 10)
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


def test_a_word_in_other_letters_is_told_with_its_own_place(write):
    write("title: u\nsteps:\n  - say: Bow and say नमस्ते.\n", "under.yaml")
    text = "title: t\nsteps:\n  - say: >-\n      Sit down.\n      Say नमस्ते, and शान्ति.\n  - include: under.yaml\n"
    first, second, third = check(write(text))
    assert [(one.place.line, one.place.column) for one in (first, second)] == [(5, 11), (5, 23)]
    assert first.message == "The voice cannot say 'नमस्ते': it reads Latin letters only, not 'नमसत'."
    assert (Path(third.place.file).name, third.place.line) == ("under.yaml", 3)
    text = "title: t\nlanguage: de\nsteps:\n  - say: Grüße, Kräfte, naïve Ÿ ½ ∆ 🙂 fünf 4°.\n"
    assert not check(write(text)), "all of it is read"


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


EVERY_KEY = """\
title: All
description: Everything there is.
tags: [x]
source: me
language: en
defaults: {hold: 30s, breath: 4-6, background: none, voice: heart, level: normal, chime: bell, snap: breath}
steps:
  - {say: Hello., chapter: One}
  - pose:
      {name: Cat, sanskrit: x, instructions: {brief: a, normal: b, full: c}, hold: 20s, limits: 5s..60s, sides: [left],
       position: supine, settle: 3s, breath: 4-6, tempo: 2-1-2, prompts: [{say: x, at: half}], begin: Go.,
       release: Out., caution: Care., targets: [t], source: s}
    background: {name: none, during: always, gain: -13, between: -24}
    hold: 20s
    breath: 4-6
    chime: bell
    level: full
    snap: breath
    rounds: 2
    rest: 5s
    settle: 2s
    prompts: [{say: y, every: 10s}]
    optional: full
  - pose: {name: Cow, breath_words: {in: Up., out: Down.}, release: Out., caution: {full: Care.}, instructions: Kneel.}
  - pose: {name: Dog, reps: 3, begin: Go., prompts: [{say: z, at: 2s}]}
  - {rest: 5s, background: none}
  - {breathe: {pattern: 4-6, rounds: 2}, background: none, chime: bowl}
  - {repeat: 2, steps: [{say: Again.}], hold: 10s}
  - {include: taster, hold: 10s}
  - say: The end.
"""


@pytest.mark.slow
def test_a_half_written_file_is_checked(write):
    """Whatever key has nothing after its colon, or a text in which nothing is left to say."""
    whole = parse_document(EVERY_KEY, "all.yaml")
    assert not [problem for problem in check(write(EVERY_KEY)) if problem.severity == "error"]
    for path in whole.places:
        for value in (None, "{side}", "{pause 1s} {side}", "{pause 1s}"):
            data = copy.deepcopy(whole.data)
            inner = data
            for key in path[:-1]:
                inner = inner[key]
            if path:
                inner[path[-1]] = value
            file = write(json.dumps(data))
            if not any(problem.severity == "error" for problem in check(file)):
                session = compose(load(file), Options(level="full"))
                compile(session.routine, FakeVoice().measure, session.phrases)


def test_a_text_that_comes_to_nothing_is_located(write):
    steps = (
        "{name: Cat, release: '{pause 1s}{side}'}",
        "{name: Cat, begin: '{side} '}",
        "{name: Cow, breath_words: {in: Up, out: '{side}'}}",
        "{name: Cow, sides: [left], begin: '{side}'}",
        "{name: Cow, caution: {full: '{side}!'}}",
    )
    lines = "".join(f"  - pose: {step}\n" for step in steps)
    found = check(write(f"title: a\ndefaults: {{breath: 4-6}}\nsteps:\n{lines}"))
    assert [(problem.place.line, problem.code) for problem in found if problem.severity == "error"] == [
        (line, "no-words") for line in (4, 5, 6, 8)
    ]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("{pose: bridge, hold: 0.5s}", "0.5s is too short for a hold: 1s is the least."),
        ("{pose: {name: x, limits: 0.001s..9s}}", "0.001s is too short for a limit: 1s is the least."),
        ("{pose: bridge, breath: 0.01-0.01}", "'0.01-0.01' has a part of under 0.5 seconds."),
        ("{breathe: {pattern: 4-0.2-6, rounds: 2}}", "'4-0.2-6' has a part of under 0.5 seconds."),
        ("{pose: {name: x, reps: 3, tempo: 0.1-0-0.1}}", "'0.1-0-0.1' is quicker than anybody counts"),
        ("{pose: {name: x, prompts: [{say: a, every: 0.01s}]}}", "0.01s is too short for `every`: 1s is the least."),
        ("{pose: {name: x, limits: 1s..12h}, hold: 2h, rounds: 7}", "With this the session is longer than 12h"),
        (
            "{pose: {name: x, breath_words: {in: a, out: b}}, breath: 120-120, hold: 999 breaths}",
            "With this the session",
        ),
        ("{repeat: 999, steps: [{repeat: 999, steps: [{say: x}]}]}", "With this the session has over 43,200 steps."),
    ],
)
def test_what_has_no_end_is_refused_before_it_is_laid_out(write, monkeypatch, step, said):
    monkeypatch.setattr(checking, "compile", None)
    (problem,) = (one for one in check(write(f"title: t\nsteps:\n  - {step}\n")) if one.severity == "error")
    assert problem.message.startswith(said)


def test_a_preset_is_compiled_with_its_own_voice(write):
    write("title: t\ndefaults: {voice: gtts}\nsteps: [{say: Привет}]\n", "hello.yaml")
    (problem,) = check(write("routine: hello.yaml\noptions: {voice: heart}\n", "mine.yaml"))
    assert (Path(problem.place.file).name, problem.place.line, problem.code) == ("hello.yaml", 3, "unspeakable")
