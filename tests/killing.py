"""Programs that are killed at any moment, and what is left of them: of files, processes and temporary things."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from processes import command as command_line
from processes import heeds

from audioguide.system.files import sweep

PROGRAM = (sys.executable, "-m", "audioguide")
ROUTINE = """\
title: Short
defaults: {background: warm-drone, level: brief}
steps:
  - pose: {name: Rest, instructions: Lie down., hold: 8s}
  - pose: {name: Sit, hold: 6s, sides: [left, right]}
"""
TEXT = "# Evening\n\nLie down. (pause 10 seconds)\n\nSit up. (pause 5 seconds)\n"
MARK = "AUDIOGUIDE_KILLED"
"""A variable in the environment of a program and of all that it starts, by which they are found."""

PART = re.compile(r"\.audioguide-[0-9a-f]{16}\.part")
PATIENCE = 15.0
"""Seconds in which everything has to have ended that a killed program has started."""


@dataclass(frozen=True)
class Case:
    """A command; with `again` it may refuse to do what is done already. `cold` forgets the clips, the pieces or all."""

    name: str
    arguments: str
    again: bool = False
    cold: tuple[str, ...] = ("pieces",)
    given: tuple[tuple[str, str], ...] = ()
    """Files of the working folder."""

    setup: tuple[str, ...] = ()
    """Commands that come before it."""


_PLAN = "plan new weekly --routine short --days mon,wed,fri --weeks 2 --start 2026-12-02 --zone Europe/Berlin"
_LOGGED = "log add short --when 2026-12-01T18:30 --felt right"
_TABLE = (("rows.csv", "routine,output,hold\nshort,a.mp3,8s\nshort,b.mp3,9s\nshort,c.m4a,8s\n"),)
_FEED = "--feed https://example.org/yoga/"

CASES = (
    *(Case(f"export {form}", f"export short -o a.{form}") for form in ("mp3", "m4a", "m4b", "opus", "flac", "wav")),
    Case("export html", "export short -o a.html"),
    Case("export, clips unknown", "export short -o a.mp3", cold=("clips", "pieces")),
    Case("export, nothing known", "export short -o a.mp3", cold=("",)),
    Case("export with files beside it", "export short -o a.mp3 --stems --captions vtt --captions lrc --chapters json"),
    Case("export a preset", "export short -o a.mp3 --hold 9s --save mine"),
    Case("export to a phone", "export short --to phone", given=(("phone/other.txt", "mine"),)),
    Case("export WAV to a phone", "export short --to phone --format wav", given=(("phone/other.txt", "mine"),)),
    Case("export to a feed", f"export short --to phone {_FEED} --prune", given=(("phone/other.txt", "mine"),)),
    Case("export to a library", "export short --to phone --layout audiobookshelf", given=(("phone/o.txt", "mine"),)),
    Case("batch", "batch rows.csv -o out --jobs 2", given=_TABLE),
    Case("plan new", _PLAN, again=True),
    Case("plan new -o", f"{_PLAN} -o handed.yaml"),
    Case("plan add", "plan add handed.yaml", again=True, setup=(f"{_PLAN} -o handed.yaml",)),
    Case("plan calendar", "plan calendar weekly -o weekly.ics", setup=(_PLAN,)),
    Case("plan export", "plan export weekly --to phone", setup=(_PLAN,), given=(("phone/other.txt", "mine"),)),
    Case("plan delete", "plan delete weekly --yes", again=True, setup=(_PLAN,)),
    Case("sheet", "sheet short -o a.pdf"),
    Case("poses draw", "poses draw --all -o poses.pdf"),
    Case("show --plot", "show short --plot plot.pdf"),
    Case("schema", "schema -o schema.json"),
    Case("import", "import text.md -o evening.yaml", again=True, given=(("text.md", TEXT),)),
    Case("import --force", "import text.md -o o.yaml --force", given=(("text.md", TEXT), ("o.yaml", ROUTINE))),
    Case("import a file", "import a.mp3 -o evening.yaml", again=True, setup=("export short -o a.mp3",)),
    Case("new", "new fresh.yaml", again=True),
    Case("compose -o", "compose --for hips --length 5m --seed 3 -o hips.yaml --force"),
    Case("compose --save", "compose --for hips --length 5m --seed 3 --save hips", again=True),
    Case("delete", "delete mine --yes", again=True, setup=("show short --hold 9s --save mine",)),
    Case("edit --copy", "edit taster --copy", again=True),
    Case("config --edit", "config --edit"),
    Case("log add", _LOGGED),
    Case("log forget", "log forget 2026-12-01T18:30 --yes", again=True, setup=(_LOGGED,)),
    Case("log export", "log export --fit a.fit --tcx a.tcx", setup=(_LOGGED,)),
    Case("log report", "log report -o report.pdf", setup=(_LOGGED,)),
    Case("log --off", "log --off"),
    Case("log --forget", "log --forget --yes", again=True, setup=(_LOGGED,)),
    Case("cache clear", "cache clear --yes"),
    Case("play to a file", "play short --output wav:a.wav"),
    Case("voices say --as", "voices say asana --as AH-suh-nuh -o word.wav"),
    Case("voices preview", "voices preview heart -o voice.wav"),
    Case("backgrounds preview", "backgrounds preview warm-drone -o background.wav"),
    Case("check", "check short"),
)


@dataclass
class Tally:
    """What became of what was killed, and the faults that were found, each in words."""

    runs: int = 0
    killed: int = 0
    faults: list[str] = field(default_factory=list)


class World:
    """Folders of a program's own, made as another one: the person's, the cache, the temporary and the working one."""

    def __init__(self, folder: Path, like: World | None = None) -> None:
        self.folder = folder
        if like:
            shutil.copytree(like.folder, folder, copy_function=_copy)
        for name in ("home", "cache", "tmp", "work"):
            (folder / name).mkdir(parents=True, exist_ok=True)

    def surroundings(self, **more: str) -> dict[str, str]:
        """The environment of a program in it."""
        folders = {"HOME": "home", "AUDIOGUIDE_HOME": "home", "AUDIOGUIDE_CACHE": "cache", "TMPDIR": "tmp"}
        fixed = {"AUDIOGUIDE_NOW": "2026-12-02T18:00+01:00", "TZ": "Europe/Berlin", "EDITOR": "true", "VISUAL": ""}
        return os.environ | fixed | {name: str(self.folder / place) for name, place in folders.items()} | more

    def run(self, arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        command = [*PROGRAM, *arguments.split()]
        return subprocess.run(
            command,
            env=self.surroundings(),
            cwd=self.folder / "work",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def start(self, arguments: str, mark: str) -> subprocess.Popen[bytes]:
        """Start a command, in a process group of its own."""
        with (self.folder / "said").open("wb") as said:
            return subprocess.Popen(
                [*PROGRAM, *arguments.split()],
                env=self.surroundings(**{MARK: mark}),
                cwd=self.folder / "work",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
            )

    def files(self) -> dict[str, bytes]:
        """What a person finds: every file by its name, the log by its sessions."""
        found = {}
        for top in ("home", "work"):
            for path in (self.folder / top).rglob("*"):
                name = path.relative_to(self.folder).as_posix()
                if "sqlite3" in name:
                    if log := sessions(self.folder / "home/log/sessions.sqlite3"):
                        found["the log"] = log
                elif path.is_file() and path.suffix != ".lock":
                    found[name] = re.sub(rb"<pubDate>.*?</pubDate>", b"", path.read_bytes())
        return found

    def parts(self) -> list[str]:
        """Temporary files and folders that lie in it."""
        below = (path for top in ("home", "work", "cache") for path in (self.folder / top).rglob(".*.part"))
        return sorted(str(path.relative_to(self.folder)) for path in (*below, *(self.folder / "tmp").iterdir()))

    def torn_blobs(self) -> list[str]:
        """Files of the cache whose content is not what their head says: read without a word as if they were whole."""
        torn = []
        for path in (self.folder / "cache").rglob("*"):
            if re.fullmatch(r"[0-9a-f]{40}\.\w+", path.name):
                content = path.read_bytes()
                if content[16:36].hex() != path.stem or content[36:56] != hashlib.sha1(content[56:]).digest():
                    torn.append(path.name)
        return torn


def add_routine(world: World) -> None:
    """Give the person of a world the routine `short`."""
    (world.folder / "home/scripts").mkdir()
    (world.folder / "home/scripts/short.yaml").write_text(ROUTINE, "utf-8")


def _copy(source: str, target: str) -> None:
    if "/cache/" in source:  # its files never change
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def sessions(file: Path) -> bytes:
    """The sessions of a log, as far as they do not tell of a process; raises for one that is damaged."""
    if not file.exists():
        return b""
    with TemporaryDirectory() as folder, ExitStack() as closed:  # a disk that cannot be written opens none
        copies = [
            shutil.copy2(path, folder) for path in file.parent.glob(f"{file.name}*") if path.suffix[-4:] != "-shm"
        ]
        log = closed.enter_context(closing(sqlite3.connect(min(copies))))
        if log.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise sqlite3.DatabaseError("damaged")
        with suppress(sqlite3.OperationalError):  # no table yet
            found = log.execute("SELECT key, started, heard, length, felt, hurt FROM sessions").fetchall()
            return repr(found).encode() if found else b""
    return b""


class Killing:
    """Kills the commands of `CASES` below a folder, each of which has a world as it is before and one after."""

    def __init__(self, folder: Path, chance: Random) -> None:
        self._folder, self._chance, self.tally = folder, chance, Tally()
        self._known = World(folder / "known")
        add_routine(self._known)
        _succeed(self._known, "export short -o a.mp3")
        (self._known.folder / "work/a.mp3").unlink()
        self._before: dict[Case, tuple[World, dict[str, bytes], dict[str, bytes], float]] = {}

    def prepare(self, case: Case) -> tuple[World, dict[str, bytes], dict[str, bytes], float]:
        """The world before a command, its files, those after it, and how long it takes in seconds."""
        if case not in self._before:
            before = World(self._folder / f"before-{len(self._before)}", self._known)
            for name, text in case.given:
                (before.folder / "work" / name).parent.mkdir(exist_ok=True)
                (before.folder / "work" / name).write_text(text, "utf-8")
            for command in case.setup:
                _succeed(before, command)
            for kind in case.cold:
                shutil.rmtree(before.folder / "cache" / kind, ignore_errors=True)
            with self._world(before) as world:
                begun = time.monotonic()
                _succeed(world, case.arguments)
                lasts = time.monotonic() - begun
                self._before[case] = before, before.files(), world.files(), lasts
                if left := world.parts():
                    self.tally.faults.append(f"{case.name}, undisturbed: left {left}")
        return self._before[case]

    @contextmanager
    def _world(self, before: World) -> Iterator[World]:
        world = World(self._folder / f"w-{uuid.uuid4().hex[:8]}", before)
        try:
            yield world
        finally:
            shutil.rmtree(world.folder, ignore_errors=True)

    def kill(self, case: Case, number: signal.Signals) -> None:
        """Run a command once, and end it at a random moment of its usual time, or while it writes its files."""
        before, old, new, lasts = self.prepare(case)
        with self._world(before) as world:
            mark, writing = uuid.uuid4().hex, self._chance.random() < 0.35
            program = world.start(case.arguments, mark)
            if number != signal.SIGKILL:  # before it can heed both others, Python ends in its own way
                wait_for(lambda: program.poll() is not None or heeds(program.pid, signal.SIGTERM), lasts + PATIENCE)
            if writing:
                top = [path for path in (world.folder / "work", world.folder / "home") if path.exists()]
                wait_for(lambda: program.poll() is not None or any(_has_parts(path) for path in top), 3 * lasts)
                time.sleep(self._chance.uniform(0, 0.03))
            else:
                with suppress(subprocess.TimeoutExpired):
                    program.wait(self._chance.uniform(0, lasts))
            running = program.poll() is None
            if number == signal.SIGINT:  # as a terminal does
                with suppress(ProcessLookupError):
                    os.killpg(program.pid, number)
            else:
                program.send_signal(number)
            self.tally.runs += 1
            self.tally.killed += running
            how = f"{number.name} while it {'wrote' if writing else 'ran'}"
            try:
                for fault in self._judge(case, world, program, number, mark, old, new):
                    self.tally.faults.append(f"{case.name}, {how}: {fault}")
            except subprocess.TimeoutExpired as error:
                program.kill()
                self.tally.faults.append(f"{case.name}, {how}: ran on, {error}")

    def _judge(
        self,
        case: Case,
        world: World,
        program: subprocess.Popen[bytes],
        number: signal.Signals,
        mark: str,
        old: dict[str, bytes],
        new: dict[str, bytes],
    ) -> Iterator[str]:
        code = program.wait(60)
        told = (world.folder / "said").read_text("utf-8", "replace")
        if "Traceback" in told or "Exception" in told:
            yield f"a traceback: {told}"
        over = world.files() == new  # Python has the usual handlers again when it ends
        if code not in (0, -9 if number == signal.SIGKILL else 130) and not (over and code == -number):
            yield f"exit code {code}: {told}"
        if not wait_for(lambda: not marked(mark), PATIENCE):
            yield f"{[command_line(pid) for pid in marked(mark)]} ran on"
            for pid in marked(mark):
                os.kill(pid, signal.SIGKILL)
        if number != signal.SIGKILL and (left := world.parts()):
            yield f"left {left}"
        yield from _compare(world.files(), old, new)
        yield from (f"the blob {name} is torn" for name in world.torn_blobs())
        done = world.files() == new
        again = world.run(case.arguments)
        if again.returncode and not (case.again and done):
            yield f"the next one ended with {again.returncode}: {again.stderr}"
        if "Traceback" in again.stderr:
            yield f"a traceback of the next one: {again.stderr}"
        if (found := world.files()) != new:
            differing = sorted({name for name in found.keys() | new.keys() if found.get(name) != new.get(name)})
            yield f"the next one made others: {differing}"
        sweep(world.folder / "tmp")  # as the next one does that needs a temporary folder
        if left := world.parts():
            yield f"after the next one there is still {left}"


def _compare(found: dict[str, bytes], old: dict[str, bytes], new: dict[str, bytes]) -> Iterator[str]:
    """What is neither as it was nor as it was to be."""
    for name in found.keys() | old.keys():
        content = found.get(name)
        if PART.fullmatch(Path(name).name):
            continue
        if content not in (old.get(name), new.get(name)):
            yield f"{name} is {'gone' if content is None else 'neither the old one nor the new one'}"


def _succeed(world: World, arguments: str) -> None:
    done = world.run(arguments)
    if done.returncode:
        raise AssertionError(f"{arguments}: {done.stderr}")


def _has_parts(folder: Path) -> bool:
    with suppress(OSError):
        return any(PART.fullmatch(name) for _, _, names in os.walk(folder) for name in names)
    return False


def wait_for(condition, seconds: float) -> bool:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.003)
    return True


def marked(mark: str) -> list[int]:
    """The processes that run with a mark in their environment."""
    wanted, found = f"{MARK}={mark}".encode(), []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError):
                if wanted in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
    return found


def shared_memory() -> set[str]:
    """Semaphores and shared memory that have a name."""
    folder = Path("/dev/shm")
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


def signals(count: int) -> Sequence[signal.Signals]:
    """Of five, three are SIGKILL."""
    turn = (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL, signal.SIGINT, signal.SIGKILL)
    return [turn[number % len(turn)] for number in range(count)]
