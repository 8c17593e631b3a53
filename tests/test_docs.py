"""What the documentation says can be typed works: every command is one, and what can be run here is run."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

import audioguide
from audioguide.batch.plan import read_plan
from audioguide.cli.main import group, run
from audioguide.system.paths import routine_files, voice_file

ROOT = Path(__file__).parent.parent
PAGES = [*(ROOT / name for name in ("README.md", "CONTRIBUTING.md")), *sorted((ROOT / "docs").glob("*.md"))]
SHORT = """\
title: Short
defaults: {background: none, voice: pico-us}
steps:
  - {pose: childs-pose, hold: 10s}
"""


def tokens(page: Path) -> Iterator[Token]:
    for token in MarkdownIt("commonmark").enable("table").parse(page.read_text("utf-8")):
        yield from (token, *(token.children or ()))


def blocks(page: Path, kind: str) -> list[str]:
    """The fenced blocks of a kind."""
    return [token.content for token in tokens(page) if token.type == "fence" and token.info == kind]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Where each command stands, and its words without `audioguide`, a comment, or what a column beside it says."""
    for page in PAGES:
        for token in tokens(page):
            if token.type in ("code_inline", "code_block") or (token.type == "fence" and token.info in ("", "sh")):
                for line in token.content.splitlines():
                    if line.startswith("audioguide "):
                        words = shlex.split(re.split(r"\s{3,}", line)[0], comments=True)
                        yield f"{page.name}: {shlex.join(words)}", words[1:]


ALL = dict(commands())
SESSIONS = {id: words for id, words in ALL.items() if words[0] in ("show", "play", "export", "send") and len(words) > 1}
FAST = ("new", "import", "check", "list", "schema", "backgrounds")


def parsed(words: list[str]) -> click.Context:
    """The context of a command as click reads it; a UsageError where it is none."""
    context = click.Context(group)
    command: click.Command = group
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, found, words = command.resolve_command(context, words)
        assert name
        assert found
        command, context = found, found.make_context(name, [*words], context)
        words = [*context.protected_args, *context.args] if isinstance(command, click.Group) else []
    return context


@pytest.mark.parametrize("id", ALL)
def test_every_command_is_one(id: str) -> None:
    if len(ALL[id]) == 1:  # it is only named
        assert group.get_command(click.Context(group), ALL[id][0])
        return
    try:
        assert parsed(ALL[id]).command is not group
    except click.exceptions.Exit as done:  # --help
        assert done.exit_code == 0


@pytest.fixture
def folder(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what the documentation takes for granted, where the first voice is a fast one."""
    (home / "voices").mkdir(parents=True)
    (home / "voices/heart.yaml").write_text(voice_file("pico-us").read_text("utf-8"), "utf-8")
    monkeypatch.chdir(tmp_path)
    (routine,) = (text for text in blocks(ROOT / "README.md", "yaml") if "steps:" in text)
    Path("quiet.yaml").write_text(routine, "utf-8")
    Path("class.txt").write_text("Stand up.\n\n[pause 5s]\n\nSit down.\n", "utf-8")
    Path("handout.md").write_text("# Class\n\nStand up.\n\n[pause 5s]\n\nSit down.\n", "utf-8")
    (home / "config.yaml").write_text("options: {level: brief}\n", "utf-8")  # the less is said, the faster
    (home / "presets").mkdir()
    (home / "presets/mine.yaml").write_text("routine: four-poses\n", "utf-8")
    return tmp_path


def as_shown(context: click.Context) -> list[str]:
    """The `show` of the same session with the same options."""
    show = group.get_command(context, "show")
    assert show
    words = ["show", str(context.params["routine"])]
    for option in (one for one in show.params if isinstance(one, click.Option) and one.name in context.params):
        given = context.params[option.name or ""]
        for value in given if isinstance(given, tuple) else [given]:
            if value not in (None, False):
                words += [option.opts[0]] if value is True else [option.opts[0], str(value)]
    return words


def test_every_session_can_be_made(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the options that stand there: whether `play` plays and `export` exports is for other tests."""
    assert run(["export", "taster", "-o", "cool-down.mp3"]) == 0
    Path("cool-down.m4b").write_bytes(Path("cool-down.mp3").read_bytes())
    shown = set()
    for id, words in SESSIONS.items():
        if "--help" not in words and parsed(words).params["routine"] not in (None, "cool-down.m4b"):
            shown.add(shlex.join(as_shown(parsed(words))))
            assert run(as_shown(parsed(words))) == 0, (id, capsys.readouterr().err)
    assert len(shown) >= 15


@pytest.mark.parametrize("words", [words for words in ALL.values() if words[0] in FAST and len(words) > 1])
def test_what_is_fast_is_run(folder: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    if "preview" in words or "FILE" in " ".join(words):
        return
    Path("cool-down.yaml").unlink(missing_ok=True)
    if words[0] == "new":
        Path(words[1]).unlink(missing_ok=True)
    if "cool-down.mp3" in words:
        assert run(["export", "taster", "-o", "cool-down.mp3"]) == 0
    assert run(words) == 0, capsys.readouterr().err


def test_plans_and_presets_are_right(folder: Path) -> None:
    page = ROOT / "docs/batch.md"
    Path("own").mkdir()
    Path("own/shoulder.yaml").write_text(SHORT, "utf-8")
    for kind in ("csv", "yaml"):
        (text,) = blocks(page, kind)
        Path(f"clients.{kind}").write_text(text, "utf-8")
        jobs = read_plan(Path(f"clients.{kind}"), folder)
        for job in jobs:
            audioguide.load(job.source, holds={pose: str(hold) for pose, hold in job.options.get("holds", {}).items()})
        assert len(jobs) >= 2
    Path("own/morning.yaml").write_text(blocks(ROOT / "docs/presets.md", "yaml")[0], "utf-8")
    assert run(["check", "own/morning.yaml"]) == 0


def test_python_is_run(folder: Path, home: Path) -> None:
    """Of a short routine by the name of the long one."""
    (home / "scripts").mkdir()
    (home / "scripts/lower-back-cool-down.yaml").write_text(SHORT, "utf-8")
    assert routine_files()["lower-back-cool-down"].parent == home / "scripts"
    example = "\n".join(line[4:] for line in (audioguide.__doc__ or "").splitlines() if line.startswith("    "))
    for code in [*blocks(ROOT / "docs/python.md", "python"), example]:
        Path("cool-down.mp3").unlink(missing_ok=True)
        exec(compile(ast.parse(code), "docs/python.md", "exec"), {})
        assert Path("cool-down.mp3").stat().st_size > 10_000


def test_what_is_linked_and_named_is_there() -> None:
    """Links within the project; and files of the program, the tests and the data, with tests in them, named as code."""
    lost = []
    for page in PAGES:
        for token in tokens(page):
            link = str(token.attrs.get("href") or token.attrs.get("src") or "").partition("#")[0]
            if link and "://" not in link and not (page.parent / link).exists():
                lost.append(f"{page.name}: {link}")
            name, _, test = token.content.partition("::")
            if token.type == "code_inline" and re.fullmatch(r"(\w+/)+\w+\.py", name):
                files = [file for root in (ROOT, ROOT / "audioguide") if (file := root / name).exists()]
                if not files or (test and f"def {test}" not in files[0].read_text("utf-8")):
                    lost.append(f"{page.name}: {token.content}")
    assert lost == []
