"""Command lines: every command with every option, and values of all kinds; a command that would serve or play does not.

An input is a JSON list of arguments, as `["show", "taster", "--hold", "45s"]`. It runs in this process, in a folder
with files, a folder and links. It has to end with 0, 1 or 2 and, unless it is 0, with plain words.
"""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import click

from audioguide.cli import sessions
from audioguide.cli.commands import batch, record
from audioguide.cli.main import COMMANDS, group, run
from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.session.composition import Composition
from audioguide.session.preview import Preview
from audioguide.speech.voice_speaker import VoiceSpeaker
from audioguide.system import paths
from audioguide.web import send, server
from fuzz.target import Target
from fuzz.targets.carried import own_folder, payloads

ROUTINE = "title: Own\nsteps:\n  - pose: {name: Stand, instructions: Up., hold: 5s, limits: 1s..60s}\n  - rest: 2s\n"
CODE = re.compile(r"Traceback|object at 0x|<class |Errno|NoneType|\bException\b", re.ASCII)
SIGNS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202d\u202e]")
DO_MORE = ("export", "batch", "plan", "sheet")
"""What makes several files: one that fails leaves the others."""
FILES = {
    "own.yaml": ROUTINE,
    "broken.yaml": "title: [",
    "text.txt": "Stand up. [pause 5s]\nWell done.\n",
    "table.csv": "routine,file\nown.yaml,a.mp3\n",
    "plan.yaml": "plan: P\nroutine: own.yaml\nstart: 2026-12-01\nweeks: 2\ndays: mon\n",
    "picture.png": "no picture",
    "noise.mp3": "no sound",
    "-dash.yaml": ROUTINE,
}
VALUES = (
    *(
        "45s",
        "1:30",
        "0",
        "-1",
        "1e9",
        "nan",
        "٣s",
        "½",
        "5 breaths",
        "Bridge=45s",
        "=45s",
        "Bridge=",
        "1=2",
        "a=b=c",
        "4-7-8",
    ),
    *(
        "",
        " ",
        "none",
        "off",
        "count=off",
        "halfway=off,ten=off",
        "de",
        "en",
        "xx",
        "full",
        "bell",
        "heart",
        "pink-noise",
    ),
    *(
        "taster",
        "four-poses",
        "own.yaml",
        "broken.yaml",
        "text.txt",
        "table.csv",
        "plan.yaml",
        "picture.png",
        "noise.mp3",
    ),
    *(
        "shared.mp3",
        "folder",
        "missing/x.mp3",
        "link",
        "loop",
        "pipe",
        "/dev/null",
        "/dev/full",
        "/dev/zero",
        "/proc/self/mem",
    ),
    *(
        "/",
        ".",
        "..",
        "~",
        "~nobody/x",
        "./-dash.yaml",
        "-dash.yaml",
        "--",
        "-",
        "out.mp3",
        "out.pdf",
        "out.png",
        "out.svg",
    ),
    *(
        "out.yaml",
        "out",
        "out.",
        ".mp3",
        "a" * 300,
        "a/" * 2000,
        "\udcff",
        "x\udc80.mp3",
        "\x1b[31m",
        "\n",
        "\t",
        "\u202e",
    ),
    *("2026-12-01", "0000-00-00", "9999-12-31", "mon,thu", "monday", "25:00", "18:30", "+5s", "+10%", "Europe/Berlin"),
    *(
        "hips",
        "lower back",
        "wrists",
        "127.0.0.1",
        "::1",
        "999.1.1.1",
        "tcp://x",
        "8765",
        "65536",
        "96k",
        "1k",
        "http://x",
    ),
    *(
        "🧘",
        "é",
        "e\u0301",
        "ß",
        "İ",
        "\ufeff",
        "{x}",
        "%s",
        "$HOME",
        "`id`",
        "'",
        '"',
        "\\",
        "CON",
        "nul.mp3",
        "*",
        "?",
    ),
)


def _commands() -> Iterator[tuple[list[str], click.Command]]:
    context = click.Context(group)
    for name in COMMANDS:
        command = group.get_command(context, name)
        assert command
        yield [name], command
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                yield [name, inner], command.commands[inner]


FLAGS = tuple(sorted({flag for _, command in _commands() for one in command.params for flag in one.opts}))


def command_lines() -> Iterator[bytes]:
    """Each command alone, and with each of its options twice."""
    for number, (words, command) in enumerate(_commands()):
        yield json.dumps(words).encode()
        yield json.dumps([*words, "taster"]).encode()
        yield json.dumps([*words, "own.yaml", "out.yaml"]).encode()
        for option in command.params:
            if isinstance(option, click.Option) and option.opts[-1] not in ("--help", "-h"):
                values = VALUES[number % len(VALUES)], VALUES[(number * 7 + len(option.opts[-1])) % len(VALUES)]
                for value in values:
                    more = [] if option.is_flag else [value]
                    yield json.dumps([*words, "taster", option.opts[-1], *more]).encode()


@cache
def _folder() -> Path:
    folder = own_folder()
    (folder / "kept" / "folder").mkdir(parents=True)
    for name, text in FILES.items():
        (folder / "kept" / name).write_text(text)
    kept = folder / "kept"
    (kept / "link").symlink_to("own.yaml")
    (kept / "loop").symlink_to("loop")
    tempfile.gettempdir()
    sys.addaudithook(_watch)
    from carrying import carry

    carry(payloads()[0], kept / "shared.mp3")
    return folder


def _stop(*_: Any, **__: Any) -> NoReturn:
    raise EnvironmentFailure("Here it would begin.")


BEGINS = (
    *((Composition, "stream"), (VoiceSpeaker, "_make"), (Preview, "write"), (sessions, "play_preview")),
    *(
        (batch, "run_local"),
        (batch, "run_on_cluster"),
        (server, "serve"),
        (send, "send_files"),
        (record, "record_voice"),
    ),
)
"""What makes a sound, plays it, or waits for somebody: it says here that it would begin."""
_writing: dict[str, str] = {}


def _watch(event: str, about: tuple[Any, ...]) -> None:
    """Nothing may be written outside the folder of this process."""
    if event == "open" and _writing and isinstance(about[0], str | bytes):
        mode, flags = about[1] or "", about[2] or 0
        name = os.path.realpath(os.fsdecode(about[0]))
        if (set("wax+") & set(mode) or flags & (os.O_WRONLY | os.O_RDWR)) and not name.startswith(
            (_writing["folder"], tempfile.gettempdir())
        ):
            assert name.startswith(("/dev/", "/proc/", "/memfd")), f"it would write {name}"
            raise OSError(errno.EACCES, "not in this test", name)


@contextlib.contextmanager
def _entered(folder: Path) -> Iterator[Path]:
    """Within a fresh folder and a home of its own; nothing begins."""
    place, names = folder / "here", ("AUDIOGUIDE_HOME", "HOME", "EDITOR", "VISUAL", "AUDIOGUIDE_NOW")
    before, was = {name: os.environ.get(name) for name in names}, Path.cwd()
    for one in (place, folder / "home"):
        shutil.rmtree(one, ignore_errors=True)
    shutil.copytree(folder / "kept", place, symlinks=True)
    home = str(folder / "home")
    os.environ |= dict(zip(names, (home, home, "true", "true", "2026-12-01T18:30+01:00"), strict=True))
    paths.roots.cache_clear()
    os.chdir(place)
    _writing["folder"] = os.path.realpath(folder.parent)
    real = [(owner, name, getattr(owner, name)) for owner, name in BEGINS]
    try:
        for owner, name, _ in real:
            setattr(owner, name, _stop)
        yield place
    finally:
        for owner, name, function in real:
            setattr(owner, name, function)
        _writing.clear()
        os.chdir(was)
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})
        paths.roots.cache_clear()


def _listing(folder: Path) -> dict[str, int]:
    return {str(path): path.lstat().st_mtime_ns for path in folder.rglob("*") if not path.is_dir()}


def run_command(data: bytes) -> str | None:
    """A command line, to its end."""
    try:
        given = json.loads(data)
        assert isinstance(given, list)
        arguments = [one if isinstance(one, str) else str(one) for one in given]
    except (ValueError, RecursionError, AssertionError):
        return None
    if arguments[:1] == ["doctor"] or (arguments[:1] == ["check"] and len(arguments) > 8):
        return None  # what takes long, and what asks more processes
    with _entered(_folder()) as place:
        kept, streams = _listing(place), (sys.stdin, sys.stdout, sys.stderr)
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8") for _ in range(2))
        sys.stdin, sys.stdout, sys.stderr = io.TextIOWrapper(io.BytesIO()), out, err
        try:
            code = run(arguments)
        finally:
            sys.stdin, sys.stdout, sys.stderr = streams
        said = [(one.flush(), one.buffer.getvalue().decode("utf-8", "replace"))[1] for one in (out, err)]  # type: ignore[func-returns-value,attr-defined]
        assert code in (0, 1, 2) or (code == 130 and "Stopped." in said[1]), f"it ended with {code}"
        assert not CODE.search(said[1]), "the words of a program, not of a person"
        assert code == 0 or said[1].strip() or said[0].strip(), "it says nothing"
        assert not SIGNS.search("".join(said)), "a control character is printed"
        left = _listing(place)
        assert not [name for name in left if ".part" in name], "a temporary file is left"
        assert code == 0 or left == kept or arguments[0] in DO_MORE, "it failed, and has written"
    if code:
        raise RequestError(f"{said[1]}{said[0]}")
    return arguments[0] if arguments else ""


TARGETS = (Target("options", "options", command_lines, run_command, "text", VALUES + FLAGS, 4),)
