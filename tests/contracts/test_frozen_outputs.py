"""What the commands print as JSON, and what `check` says of wrong files."""

import json

import pytest
from contracts.program import HERE

WRONG = HERE / "wrong"


def as_text(found) -> str:
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def test_the_list(new_program, frozen):
    frozen("list.json", as_text(new_program.json("list")))
    frozen("list-of-a-tag.json", as_text(new_program.json("list", "--tag", "breathing", "--level", "brief")))


@pytest.mark.parametrize("command", ["backgrounds", "chimes"])
def test_what_can_sound(program, frozen, command):
    frozen(f"{command}.json", as_text(program.json(command)))


def test_who_can_speak(program, frozen):
    told = [{**voice, "installed": None, "problem": None} for voice in program.json("voices")]
    frozen("voices.json", as_text(told))


def test_the_settings(program, frozen):
    told = as_text(program.json("config"))
    frozen("config.json", told.replace(str(program.home), "HOME").replace(str(program.cache), "CACHE"))


def test_a_log_in_which_nothing_is(program, frozen):
    log = program.json("log")
    for week in log["weeks"]:
        del week["monday"]
    frozen("log.json", as_text(log))


def test_the_cache(program):
    for kind in program.json("cache"):
        assert set(kind) == {"kind", "folder", "files", "bytes", "room", "oldest_use"}


def test_what_check_says_of_wrong_files(program, frozen):
    files = sorted(path.name for path in WRONG.glob("*.yaml"))
    assert len(files) >= 40
    frozen("check.txt", program.run("check", *files, cwd=WRONG, code=2))
    frozen("check.json", as_text(program.json("check", *files, cwd=WRONG, code=2)))


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["show", "lower-back"], 2),
        (["show", "taster", "--hold", "soon"], 2),
        (["show", "taster", "--hold", "childs-pose=5m"], 2),
        (["show", "taster", "--scale", "100"], 2),
        (["show", "taster", "--voice", "hart"], 2),
        (["show", "taster", "--skip", "pidgeon"], 2),
        (["export", "taster", "-o", "x.mp9"], 2),
        (["export", "taster", "-o", "nowhere/x.mp3"], 2),
        (["play", "nothing.mp3"], 2),
        (["frobnicate"], 2),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_request_is_refused(program, arguments, code):
    assert program.run(*arguments, code=code) == ""
