"""Disks, caches, clocks, devices and eight processes that go wrong: how many cases, and how many faults were found.

A case has no fault when its command ends with 0 and makes what it makes undisturbed, or with one plain sentence and
nothing left; and when, once the disturbance is over, it makes that.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

from killing import PROGRAM, World, add_routine
from pulse import SoundServer, wait_until
from rows import Row, Settings, tell

SEED = 19
SESSION = "export short -o a.mp3"
Fault = str | None


def measure(settings: Settings) -> list[Row]:
    """Fewer damages of the cache in a short run."""
    with tempfile.TemporaryDirectory() as name:
        known = World(Path(name) / "known")
        add_routine(known)
        reference = _made(known, SESSION)
        parts: dict[str, tuple[Callable[[], Iterator[Fault]], str]] = {
            "caches that are damaged": (
                lambda: _damage(known, reference, 400 if settings.long else 40),
                "flipped, cut, longer, empty, swapped, of another kind or version, a folder, a link; then an export",
            ),
            "disks that are full": (lambda: _full(known), "the target's, the cache's, the temporary or the person's"),
            "disks that cannot be written": (lambda: _read_only(known), "the same places"),
            "disks that vanish": (lambda: _vanishing(known), "unmounted in the middle, or the folder removed"),
            "clocks that jump": (
                lambda: _clocks(known, reference),
                "an hour, a day, a year, seven times a second",
            ),
            "devices that come and go": (
                lambda: _devices(known),
                "`play` while sinks are removed and come back, and the sound server ends, hangs or starts; none at all",
            ),
            "processes on one cache": (
                lambda: _eight(known, reference),
                "eight exports of three sessions, nothing known, also while another one clears the cache over and over",
            ),
        }
        rows = []
        for what, (cases, how) in parts.items():
            found = [*cases()]
            faults = [fault for fault in found if fault]
            for fault in faults:
                tell(f"{what}: {fault}")
            tell(f"{what}: {len(faults)} faults of {len(found)}")
            rows.append(Row(f"{what}: faults", len(faults), f"of {len(found)}", "0", not faults, how))
        return rows


def _made(world: World, arguments: str) -> bytes:
    done = world.run(arguments)
    assert not done.returncode, done.stderr
    path = world.folder / "work" / arguments.split()[-1]
    content = path.read_bytes()
    path.unlink()
    return content


def _damage(known: World, reference: bytes, count: int) -> Iterator[Fault]:
    """Each time some files of the cache are damaged; exported by one process, which has to read them each time."""
    chance, world = Random(SEED), World(known.folder.with_name("damaged"), known)
    export = (
        "import sys, audioguide\n"
        "from audioguide.schema import form_cache\n"
        "for line in sys.stdin:\n"
        "    form_cache._made.clear(), form_cache._kept.clear()\n"  # or forms would be read the first time only
        "    try:\n"
        "        audioguide.load('short').export('a.mp3')\n"
        "        print('done', flush=True)\n"
        "    except audioguide.AudioguideError as error:\n"
        "        print(error, flush=True)\n"
    )
    program = subprocess.Popen(
        [sys.executable, "-c", export],
        env=world.surroundings(),
        cwd=world.folder / "work",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdin
    assert program.stdout
    with program:
        for number in range(count):
            named = [path for path in sorted((world.folder / "cache").rglob("*.*")) if len(path.stem) == 40]
            blobs = [path for path in named if path.is_file()]
            for path in {*named} - {*blobs}:  # what can never be a file again is for one round
                with suppress(OSError):
                    path.rmdir() if path.is_dir() else path.unlink()
            some = chance.sample(blobs, chance.randint(1, 3))
            how = [f"{path.parent.parent.name}: {_spoil(path, chance.choice(blobs), chance)}" for path in some]
            program.stdin.write("on\n")
            program.stdin.flush()
            told = program.stdout.readline().strip()
            made = world.folder / "work/a.mp3"
            same = made.exists() and made.read_bytes() == reference
            made.unlink(missing_ok=True)
            yield None if told == "done" and same else f"{number} {how}: {told}, same: {same}"
            if program.poll() is not None:
                return
        program.stdin.close()


def _spoil(path: Path, other: Path, chance: Random) -> str:
    """Damage a file of the cache in some way, and say which. Its old content is never written through a hard link."""
    content = (path.read_bytes() if path.is_file() else b"gone").ljust(8)  # it may be damaged already
    path.unlink(missing_ok=True)
    ways: dict[str, Callable[[], object]] = {
        "flipped": lambda: path.write_bytes(_flipped(content, chance)),
        "cut": lambda: path.write_bytes(content[: chance.randrange(len(content))]),
        "longer": lambda: path.write_bytes(content + b"\0" * chance.randint(1, 99)),
        "empty": lambda: path.write_bytes(b""),
        "zeros": lambda: path.write_bytes(bytes(len(content))),
        "swapped": lambda: path.write_bytes(other.read_bytes() if other.is_file() else content[:-1]),
        "another version": lambda: path.write_bytes(content[:7] + bytes([content[7] ^ 3]) + content[8:]),
        "a folder": path.mkdir,
        "a link to nothing": lambda: path.symlink_to("nowhere"),
        "a link to itself": lambda: path.symlink_to(path.name),
        "a link to another": lambda: path.symlink_to(other),
        "gone": lambda: None,
        "not to be read": lambda: (path.write_bytes(content), path.chmod(0)),
        "of the future": lambda: (path.write_bytes(content), os.utime(path, (4e9, 4e9))),
    }
    way = chance.choice(sorted(ways))
    ways[way]()
    return way


def _flipped(content: bytes, chance: Random) -> bytes:
    spoilt = bytearray(content)
    for _ in range(chance.choice((1, 1, 20))):
        spoilt[chance.randrange(len(spoilt))] ^= 1 << chance.randrange(8)
    return bytes(spoilt)


COMMANDS = (
    "export short -o a.mp3",
    "export short -o a.m4a",
    "export short -o a.wav",
    "export short -o a.html --captions vtt",
    "export short --to phone",
    "play short --output wav:a.wav",
    "sheet short -o a.pdf",
    "log add short --when 2026-12-01T18:30",
    "compose --for hips --length 5m --seed 3 --save hips",
)


def _mount(place: Path, *options: str) -> bool:
    """A disk of its own for a folder, with what is in it; False where none may be mounted."""
    kept = place.with_name(f"{place.name}-kept")
    place.rename(kept)
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join(options), "none", place], capture_output=True, check=False
    )
    with suppress(OSError, shutil.Error):
        shutil.copytree(kept, place, dirs_exist_ok=True)
    return not done.returncode


def _unmount(place: Path) -> None:
    subprocess.run(["umount", "-l", place], capture_output=True, check=False)


def _full(known: World) -> Iterator[Fault]:
    """The disk of one place has some room more than it needs at first."""
    for place in ("work", "cache", "tmp", "home"):
        for room in ("0k", "16k", "200k"):
            for command in COMMANDS:
                yield from _on_a_disk(known, place, room, command)


def _read_only(known: World) -> Iterator[Fault]:
    for place in ("work", "cache", "tmp", "home"):
        for command in COMMANDS:
            yield from _on_a_disk(known, place, "", command)


def _on_a_disk(known: World, place: str, room: str, command: str) -> Iterator[Fault]:
    world = World(known.folder.with_name("disk"), known)
    try:
        (world.folder / "work/phone").mkdir()
        if place == "cache":
            shutil.rmtree(world.folder / "cache")
            (world.folder / "cache").mkdir()
        before, disk = world.files(), world.folder / place
        used = sum(-(-path.stat().st_size // 4096) * 4 for path in disk.rglob("*"))
        size = f"size={used + 8 * len([*disk.rglob('*')]) + int(room.strip('k') or 9999) + 4}k"
        if not _mount(disk, size):
            return
        if not room:
            subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        done = world.run(command)
        what = f"{place} with {room or 'no right to write'}, {command}"
        left = [part for part in world.parts() if part not in ("tmp/",)]
        if done.returncode not in (0, 1) or "Traceback" in done.stderr or left:
            yield f"{what}: {done.returncode}, left {left}: {done.stderr[-600:]}"
        elif done.returncode and (world.files() != before or done.stderr.count("\n") > 2):
            yield f"{what}: {sorted(world.files().keys() ^ before.keys())}: {done.stderr[-600:]}"
        else:
            yield None
    finally:
        _unmount(world.folder / place)
        shutil.rmtree(world.folder, ignore_errors=True)


def _vanishing(known: World) -> Iterator[Fault]:
    """A disk is unmounted, or a folder removed, while a command runs; then it is whole or told in a sentence."""
    chance = Random(SEED)
    for place in ("work", "cache", "tmp", "home"):
        for command in COMMANDS[:6]:
            for way in ("unmounted", "removed"):
                world = World(known.folder.with_name("vanishing"), known)
                (world.folder / "work/phone").mkdir()
                disk = world.folder / place
                try:
                    if way == "unmounted" and not _mount(disk, "size=100m"):
                        return
                    program = world.start(command, "vanishing")
                    with suppress(subprocess.TimeoutExpired):
                        program.wait(chance.uniform(0.3, 2.0))
                    if way == "unmounted":
                        _unmount(disk)
                    else:
                        shutil.rmtree(disk, ignore_errors=True)
                    code, told = program.wait(120), (world.folder / "said").read_text("utf-8", "replace")
                    wrong = code not in (0, 1, 2) or "Traceback" in told
                    yield f"{place} {way}, {command}: {code}: {told[-800:]}" if wrong else None
                finally:
                    _unmount(disk)
                    shutil.rmtree(world.folder, ignore_errors=True)


JUMPING = """
import sys, time
from datetime import timedelta
from audioguide.system import clock
usual, day, begun, jumps = time.time, clock.now, time.monotonic(), {jumps}

def off():
    return jumps[int((time.monotonic() - begun) / 0.15) % len(jumps)]

time.time = lambda: usual() + off()
clock.now = lambda: day() + timedelta(seconds=off())
from audioguide.cli import main
sys.argv[1:] = {arguments}
main()
"""


def _clocks(known: World, reference: bytes) -> Iterator[Fault]:
    """The clock jumps several times a second; what is made does not depend on it."""
    hour, year = 3600, 365 * 86_400
    log = ("log add short", "log --json", "log report -o r.pdf", "log export --fit a.fit --tcx a.tcx", "cache --json")
    plan = "plan new weekly --routine short --days mon,wed --weeks 2 --zone Europe/Berlin"
    more = (SESSION, "play short --output wav:a.wav", "play short --output null", plan, "plan show weekly")
    for jumps in ([0, hour], [0, -hour], [0, year], [0, -year], [hour, -86_400, 0], [0, year, -year, -hour]):
        world = World(known.folder.with_name("clocks"), known)
        try:
            for command in (*more, *log, "plan calendar weekly -o w.ics"):
                program = JUMPING.format(jumps=jumps, arguments=command.split())
                surroundings = world.surroundings()
                del surroundings["AUDIOGUIDE_NOW"]
                done = subprocess.run(
                    [sys.executable, "-c", program],
                    env=surroundings,
                    cwd=world.folder / "work",
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    check=False,
                )
                wrong = done.returncode or "Traceback" in done.stderr
                if command == SESSION:
                    wrong = wrong or (world.folder / "work/a.mp3").read_bytes() != reference
                yield f"{jumps}, {command}: {done.returncode} {done.stderr[-600:]}" if wrong else None
        finally:
            shutil.rmtree(world.folder, ignore_errors=True)


def _devices(known: World) -> Iterator[Fault]:
    """What happens to the loudspeaker while a session plays: it ends as finished, and all of it was played."""

    def unplug(server: SoundServer) -> None:
        server.unplug()
        time.sleep(1.5)
        server.plug()

    def change(server: SoundServer) -> None:
        server.plug("headset", "Headset")
        server.pactl("set-default-sink", "headset").check_returncode()

    def restart(server: SoundServer) -> None:
        server.stop()
        time.sleep(1)
        server.restart()

    def freeze(server: SoundServer) -> None:
        with server.frozen():
            time.sleep(3)

    def often(server: SoundServer) -> None:
        for _ in range(3):
            unplug(server)
            time.sleep(0.5)

    def add(server: SoundServer) -> None:
        server.plug("headset", "Headset")
        server.unplug()
        time.sleep(0.5)
        server.plug()

    for happens in (unplug, change, restart, freeze, often, add):
        with tempfile.TemporaryDirectory() as folder:
            server, world = SoundServer(Path(folder)), World(known.folder.with_name("devices"), known)
            try:
                surroundings = world.surroundings(**server.as_alsa())
                del surroundings["AUDIOGUIDE_NOW"], surroundings["PULSE_SINK"]
                play = [*PROGRAM, "play", "short", "--no-questions"]
                program = subprocess.Popen(
                    play, env=surroundings, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
                )
                wait_until(lambda: server.pactl("list", "short", "sink-inputs").stdout != b"", "sound", 30)  # noqa: B023
                time.sleep(1)
                happens(server)
                told = program.communicate(timeout=120)[1]
                (one,) = json.loads(world.run("log --json").stdout)["sessions"]
                wrong = program.returncode or "Traceback" in told or one["end"] != "finished"
                wrong = wrong or one["heard"] < one["length"] - 1
                yield f"{happens.__name__}: {program.returncode}, {one}: {told[-600:]}" if wrong else None
            finally:
                server.stop()
                shutil.rmtree(world.folder, ignore_errors=True)
    none = {"PULSE_SERVER": "unix:/nonexistent", "ALSA_CONFIG_PATH": "/dev/null"}
    done = subprocess.run(
        [*PROGRAM, "play", "short"],
        env=known.surroundings(**none),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    yield None if done.returncode == 1 and "no sound device" in done.stderr else f"no device: {done.stderr}"


def _eight(known: World, reference: bytes) -> Iterator[Fault]:
    """Eight programs at once on one cache in which nothing is, beside one that clears it over and over."""
    world = World(known.folder.with_name("eight"), known)
    options = ("", " --hold 9s", " --level full")
    references = [reference, *(_made(known, f"export short{more} -o a.mp3") for more in options[1:])]
    for cleared in (False, True):
        shutil.rmtree(world.folder / "cache", ignore_errors=True)
        programs = []
        for number in range(8):
            small = {"AUDIOGUIDE_CACHE_MB": "0"} if number == 7 else {}
            command = [*PROGRAM, *f"export short{options[number % 3]} -o {number}.mp3".split()]
            programs.append(
                subprocess.Popen(
                    command,
                    env=world.surroundings(**small),
                    cwd=world.folder / "work",
                    stdin=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        while cleared and any(program.poll() is None for program in programs):
            world.run("cache clear --yes")
        for number, program in enumerate(programs):
            told = program.communicate(timeout=600)[1]
            made = world.folder / f"work/{number}.mp3"
            same = made.exists() and made.read_bytes() == references[number % 3]
            yield (
                None if not program.returncode and same else f"{number}, {cleared}: {program.returncode}, {told[-600:]}"
            )
        left = world.parts() + world.torn_blobs()
        yield f"left {left}" if left else None
