"""An export that is killed, starved or beside itself: a file is whole or not there, and the next run is right."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from disks import disk
from killing import CASES, Killing, signals
from killing_record import Recording
from killing_server import Server
from killing_terminal import Playing

ROUTINE = """
title: Faults
defaults: {background: warm-drone}
steps:
  - say: Lie down.
  - {pose: {name: One, hold: 12s, sides: [left, right]}}
  - {pose: {name: Two, hold: 30s}}
  - say: Done.
"""

EXPORT = (sys.executable, "-m", "audioguide", "export")


@pytest.fixture(scope="module")
def place(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("faults")
    (folder / "r.yaml").write_text(ROUTINE, "utf-8")
    return folder


def start(place: Path, cache: Path, output: Path) -> subprocess.Popen[bytes]:
    """An export under way, in a process group of its own."""
    environment = os.environ | {"AUDIOGUIDE_CACHE": str(cache)}
    command = [*EXPORT, place / "r.yaml", "-o", output]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )


def export(place: Path, cache: Path, output: Path) -> bytes:
    """What an export writes that succeeds."""
    process = start(place, cache, output)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return output.read_bytes()


@pytest.fixture(scope="module")
def known(place) -> Path:
    """A cache in which everything is."""
    export(place, place / "known", place / "reference.mp3")
    return place / "known"


@pytest.fixture(scope="module")
def reference(place, known) -> bytes:
    return (place / "reference.mp3").read_bytes()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX: SIGKILL")
def test_killed_at_random_moments(place, known, reference, tmp_path):
    """Of three the cache was empty, of three the pieces were gone: wherever it was killed, nothing is half done."""
    chance = random.Random(20261126)
    output = tmp_path / "a.mp3"
    for number in range(6):
        cache = tmp_path / f"cache-{number}"
        if number % 2:
            shutil.copytree(known, cache, ignore=shutil.ignore_patterns("pieces"))
        process = start(place, cache, output)
        time.sleep(chance.uniform(0.05, 2.5))
        process.kill()
        process.communicate()
        if output.exists():
            assert output.read_bytes() == reference
            output.unlink()
        assert {path.name for path in tmp_path.glob("*.mp3")} == set()
        assert export(place, cache, output) == reference
        output.unlink()


def test_two_exports_of_the_same_file_at_once(place, reference, tmp_path):
    processes = [start(place, tmp_path / "cache", tmp_path / "a.mp3") for _ in range(2)]
    for process in processes:
        _, said = process.communicate(timeout=300)
        assert process.returncode == 0, said
    assert (tmp_path / "a.mp3").read_bytes() == reference
    assert [path.name for path in tmp_path.iterdir() if path.name != "cache"] == ["a.mp3"]


@pytest.mark.slow
def test_a_cache_that_cannot_be_written(place, reference, tmp_path):
    (tmp_path / "file").write_text("no folder")
    assert export(place, tmp_path / "file" / "cache", tmp_path / "a.mp3") == reference


def test_a_cache_on_a_full_disk(place, reference, tmp_path):
    with disk(tmp_path / "small", "200k") as small:
        assert export(place, small / "cache", tmp_path / "a.mp3") == reference


def test_a_disk_that_fills_while_it_is_written(place, known, reference, tmp_path):
    with disk(tmp_path / "small", "400k") as small:
        process = start(place, known, small / "a.mp3")
        _, said = process.communicate(timeout=300)
        assert process.returncode == 1
        assert b"disk is full" in said
        assert list(small.iterdir()) == []
    assert export(place, known, tmp_path / "a.mp3") == reference


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX: limits")
@pytest.mark.parametrize("ending", [".mp3", ".m4a", ".wav"])
def test_a_limit_on_the_size_of_files(place, known, tmp_path, ending):
    """The encoder is ended by a signal, and Python gets an error: both are told in the same words."""
    from resource import RLIMIT_FSIZE, setrlimit

    done = subprocess.run(
        [*EXPORT, place / "r.yaml", "-o", tmp_path / f"a{ending}"],
        env=os.environ | {"AUDIOGUIDE_CACHE": str(known)},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: setrlimit(RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "beyond the size that the system allows" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="POSIX: SIGKILL")
@pytest.mark.parametrize("command", [("play", "--output"), ("export", "-o")])
def test_what_a_killed_program_left_is_swept_away_by_the_next(place, known, reference, tmp_path, command):
    (tmp_path / ".theirs.part").write_bytes(b"of another program")
    os.utime(tmp_path / ".theirs.part", (0, 0))
    output = f"wav:{tmp_path / 'a.wav'}" if "play" in command else str(tmp_path / "a.mp3")
    arguments = (*EXPORT[:-1], command[0], place / "r.yaml", command[1], output)
    process = subprocess.Popen(arguments, env=os.environ | {"AUDIOGUIDE_CACHE": str(tmp_path / "cache")})
    while not list(tmp_path.glob(".audioguide-*.part")):
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    assert len(list(tmp_path.glob(".audioguide-*.part"))) == 1
    assert export(place, known, tmp_path / "b.mp3") == reference
    assert {path.name for path in tmp_path.iterdir()} - {"cache"} == {".theirs.part", "b.mp3"}


@pytest.mark.slow
def test_every_kept_piece_is_damaged(place, known, reference, tmp_path):
    cache = tmp_path / "cache"
    shutil.copytree(known, cache)
    for piece in (cache / "pieces").rglob("*.piece"):
        content = bytearray(piece.read_bytes())
        content[len(content) // 2] ^= 1
        piece.write_bytes(content)
    assert export(place, cache, tmp_path / "a.mp3") == reference


def test_an_encoder_that_dies(place, tmp_path):
    """One sentence, and nothing is left; with the encoder back, all is well."""
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\nhead -c 100000 >/dev/null\necho 'out of wits' >&2\nexit 1\n")
    broken.chmod(0o755)
    environment = os.environ | {"AUDIOGUIDE_CACHE": str(tmp_path / "cache"), "IMAGEIO_FFMPEG_EXE": str(broken)}
    done = subprocess.run(
        [*EXPORT, place / "r.yaml", "-o", tmp_path / "a.m4a"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "out of wits" in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("*.m4a")) + list(tmp_path.glob(".*.part"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_commands_that_are_killed_at_any_moment_leave_nothing_that_is_not_whole(tmp_path):
    killing = Killing(tmp_path, random.Random(os.environ.get("AUDIOGUIDE_SEED", 1)))
    some = [case for case in CASES if case.name in ("export WAV to a phone", "plan new", "log add", "import a file")]
    for number, sent in enumerate(signals(8)):
        killing.kill(some[number % len(some)], sent)
    assert killing.tally.faults == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize(
    ("service", "count"),
    [
        (Server, 5),
        pytest.param(Playing, 4, marks=pytest.mark.real(*Playing.needs)),
        pytest.param(Recording, 4, marks=pytest.mark.real(*Recording.needs)),
    ],
)
def test_programs_that_last_and_are_killed_lose_nothing_that_was_kept(tmp_path, service, count):
    with closing(service(tmp_path / "world", random.Random(os.environ.get("AUDIOGUIDE_SEED", 1)))) as killing:
        for sent in signals(count):
            killing.kill(sent)
    assert killing.tally.faults == []
