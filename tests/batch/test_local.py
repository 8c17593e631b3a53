"""A plan on this machine: the files are those of `export`, and nothing that goes wrong with one stops another."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import stat
import sys
import time
from pathlib import Path

import pytest
from batch_plans import NAMES, Command, Plans, until

from audioguide.cli.main import run
from audioguide.system.ffmpeg import find_ffmpeg

posix = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")


BEGINNING = re.compile(
    r"Traceback \(most recent call last\):\n(?:  .*\n)+?  File .* in spawn_main\n(?:  .*\n)+"
    r"(?:EOFError: Ran out of input|_pickle.UnpicklingError: pickle data was truncated)\n"
)
"""What Python itself says of a process that is still being handed what it is to do when we are killed."""


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of an MP3 of the routine, as `export` makes it."""
    plans = Plans(tmp_path_factory.mktemp("expected"))
    plans.sessions()
    assert run(["export", str(plans.folder / "one.yaml"), "-o", str(plans.folder / "x.mp3"), "--hold", "5s"]) == 0
    return (plans.folder / "x.mp3").read_bytes()


class Batch:
    """Runs `batch` in this process."""

    def __init__(self, plans: Plans, capsys: pytest.CaptureFixture[str]) -> None:
        self._plans, self._capsys = plans, capsys

    def __call__(self, *arguments: str) -> tuple[int, dict[str, str], str]:
        """Exit code, the state of each file by name, stderr."""
        plan = self._plans.folder / "plan.csv"
        code = run(["batch", str(plan), "-o", str(self._plans.out), "--json", *arguments])
        out, err = self._capsys.readouterr()
        assert "Traceback" not in err
        facts = json.loads(out)
        return code, {str(Path(one["file"]).relative_to(self._plans.out)): one["state"] for one in facts}, err


@pytest.fixture
def batch(plans: Plans, capsys: pytest.CaptureFixture[str]) -> Batch:
    return Batch(plans, capsys)


@pytest.mark.slow
def test_the_files_of_export_once(
    plans: Plans, batch: Batch, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Again is made what is not there as it would be, and a WAV, which does not say what it is."""
    rows = {"a.mp3": "6s", "deep/er/b.wav": "Two=7s", "c.mp3": "6s", "d.opus": "6s"}
    plans.sessions(*(f"{name},{hold}" for name, hold in rows.items()))
    with monkeypatch.context() as own:
        own.setenv("AUDIOGUIDE_CACHE", str(plans.folder / "cache"))
        code, states, err = batch("--jobs", "2")
    assert (code, states) == (0, dict.fromkeys(rows, "made"))
    assert err == "4 sessions: 4 made.\n"
    files = plans.files()
    for name in ("a.mp3", "deep/er/b.wav"):
        path = plans.folder / Path(name).name
        assert run(["export", str(plans.folder / "one.yaml"), "-o", str(path), "--hold", rows[name]]) == 0
        assert path.read_bytes() == files[name]
    capsys.readouterr()
    os.utime(plans.out / "c.mp3", (0, 0))

    code, states, err = batch("--jobs", "1")
    assert (code, states) == (0, dict.fromkeys(rows, "kept") | {"deep/er/b.wav": "made"})
    assert err == "4 sessions: 1 made, 3 unchanged.\n"
    (plans.out / "a.mp3").write_bytes(b"something else")
    plans.sessions(*(f"{name},{hold}" for name, hold in (rows | {"d.opus": "8s"}).items()))
    states = batch("--jobs", "1")[1]
    assert states == {"a.mp3": "made", "deep/er/b.wav": "made", "c.mp3": "kept", "d.opus": "made"}
    again = plans.files()
    assert [name for name in rows if again[name] != files[name]] == ["d.opus"]


def test_everything_wrong_is_told_before_anything_is_made(plans: Plans, capsys: pytest.CaptureFixture[str]) -> None:
    plan = plans.sessions("a.mp3,5s", "b.mp3,Two=3:00", "c.mp3,Three=9s; Two=8:00", "d.mp3,5s", "a.mp3,soon")
    plans.out.rmdir()
    assert run(["batch", str(plan), "-o", str(plans.out)]) == 2
    out, err = capsys.readouterr()
    assert (out, plans.out.exists()) == ("", False)
    starts = [f"{plan}:3: hold: A hold of 3m is over the limit of 'Two', which is 1m.", f"{plan}:4: hold: A hold of 8m"]
    starts += [f"{plan}:4: hold: No pose of this routine is called 'Three'.", f"{plan}:6: hold: 'soon' is not a length"]
    starts += [f"{plan}:6: output: a.mp3 is already the file of line 2."]
    told = err.splitlines()
    assert len(told) == len(starts)
    assert all(any(line.startswith(start) for line in told) for start in starts), told


def test_a_folder_that_is_none_stops_no_other(plans: Plans, batch: Batch, expected: bytes) -> None:
    plans.sessions("taken/a.mp3,5s", "b.mp3,5s")
    (plans.out / "taken").write_text("a file")
    code, states, _ = batch()
    assert (code, states) == (1, {"taken/a.mp3": "failed", "b.mp3": "made"})
    (plans.out / "taken").unlink()
    assert batch()[:2] == (0, {"taken/a.mp3": "made", "b.mp3": "kept"})
    assert plans.files()["taken/a.mp3"] == expected


def test_what_the_command_refuses(plans: Plans, capsys: pytest.CaptureFixture[str]) -> None:
    plan = str(plans.sessions())
    for arguments, said in (
        (["-o", str(plans.folder / "one.yaml")], "one.yaml is not a folder."),
        (["-o", str(plans.out), "--jobs", "2", "--scheduler", "tcp://127.0.0.1:1"], "cannot be combined"),
        (["-o", str(plans.out), "--jobs", "0"], "--jobs"),
    ):
        assert run(["batch", plan, *arguments]) == 2
        assert said in capsys.readouterr().err
    assert plans.files() == {}


@pytest.mark.slow
def test_a_cache_that_cannot_be_written(
    plans: Plans, batch: Batch, monkeypatch: pytest.MonkeyPatch, expected: bytes
) -> None:
    (plans.folder / "file").write_text("no folder")
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(plans.folder / "file" / "cache"))
    plans.sessions("a.mp3,5s")
    assert batch()[:2] == (0, {"a.mp3": "made"})
    assert plans.files() == {"a.mp3": expected}
    assert batch()[:2] == (0, {"a.mp3": "kept"})


@pytest.mark.slow
@posix
def test_a_worker_that_is_killed_costs_nothing(plans: Plans, expected: bytes) -> None:
    command = Command("batch", plans.sessions(*(f"{one},5s" for one in NAMES)), "-o", plans.out, "--jobs", "2")
    until(lambda: list(plans.out.glob(".*.part")))  # it writes
    os.kill(command.workers()[0], signal.SIGKILL)
    code, _, err = command.end()
    # What was whole when its process ended, and not told yet, is found by the next one.
    assert (code, err) in [(0, f"4 sessions: {made}.\n") for made in ("4 made", "3 made, 1 unchanged")]
    assert plans.files() == dict.fromkeys(NAMES, expected)


@pytest.mark.slow
@posix
def test_a_session_that_kills_its_worker_is_the_only_one_that_fails(plans: Plans, expected: bytes) -> None:
    killer = plans.folder / "ffmpeg"
    killer.write_text(f'#!/bin/sh\ncase "$*" in *ipod*) kill -9 $PPID; exit 1;; esac\nexec {find_ffmpeg()} "$@"\n')
    killer.chmod(0o755)
    plan = plans.sessions("a.mp3,5s", "bad.m4a,5s", "c.mp3,5s", "d.mp3,5s")
    command = Command("batch", plan, "-o", plans.out, "--jobs", "2", IMAGEIO_FFMPEG_EXE=str(killer))
    code, _, err = command.end()
    assert code == 1
    failure, summary = err.splitlines()
    assert failure.startswith(f"{plan}:3: ")
    assert failure.endswith("The worker process was killed twice.")
    # As above: what was whole when the other's worker took its pool down is found by the next one.
    assert summary in [f"4 sessions: {made}, 1 failed." for made in ("3 made", "2 made, 1 unchanged")]
    assert plans.files() == dict.fromkeys(("a.mp3", "c.mp3", "d.mp3"), expected)


@posix
@pytest.mark.parametrize("moment", ["begins", "works"])
def test_ctrl_c(plans: Plans, batch: Batch, expected: bytes, moment: str) -> None:
    command = Command("batch", plans.sessions(*(f"{one},5s" for one in NAMES)), "-o", plans.out, "--jobs", "2")
    until(command.workers if moment == "begins" else lambda: list(plans.out.glob(".*.part")))
    os.killpg(command.process.pid, signal.SIGINT)
    code, _, err = command.end()
    assert (code, err.strip()) == (130, "Stopped.")
    until(lambda: not command.family(), 5)
    assert [*plans.out.glob(".*.part")] == []
    assert set(plans.files().values()) <= {expected}
    assert batch()[0] == 0
    assert plans.files() == dict.fromkeys(NAMES, expected)


@pytest.mark.slow
@posix
def test_killed_at_any_moment(plans: Plans, batch: Batch, expected: bytes) -> None:
    plan = plans.sessions(*(f"{one},5s" for one in NAMES))
    begun = time.monotonic()
    assert Command("batch", plan, "-o", plans.out, "--jobs", "2").end()[0] == 0
    whole = time.monotonic() - begun
    shutil.rmtree(plans.out)
    plans.out.mkdir()
    moments = random.Random(7)
    for _ in range(6):
        command = Command("batch", plan, "-o", plans.out, "--jobs", "2")
        time.sleep(moments.uniform(0.3, 1.0) * whole)
        command.process.kill()
        until(lambda: not command.family(), 3)  # noqa: B023
        err = command.process.communicate()[1]
        assert "Traceback" not in BEGINNING.sub("", err), err
        assert set(plans.files().values()) <= {expected}
        if len(plans.files()) == len(NAMES):
            (plans.out / moments.choice(NAMES)).unlink()
    done = len(plans.files())
    code, states, _ = batch()
    assert code == 0
    assert list(states.values()).count("kept") <= done
    assert plans.files() == dict.fromkeys(NAMES, expected)
    assert set(batch()[1].values()) == {"kept"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(plans: Plans, capsys: pytest.CaptureFixture[str]) -> None:
    plan = plans.sessions()
    plans.out.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert run(["batch", str(plan), "-o", str(plans.out)]) == 1
        assert "may not be written" in capsys.readouterr().err
    finally:
        plans.out.chmod(stat.S_IRWXU)


def test_what_goes_wrong_with_every_row_is_told_once(
    plans: Plans, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = plans.sessions("a.mp3", "b.mp3", "c.mp3")
    (home / "voices").mkdir(parents=True)
    (home / "voices/lexicon.yaml").write_text("asana:\n  say: [ah\n")
    assert run(["batch", str(plan), "-o", str(plans.out), "--jobs", "1"]) == 2
    first, *others = capsys.readouterr().err.splitlines()
    assert first.startswith(f"{plan}:2: {plans.folder / 'one.yaml'} failed: ")
    assert "lexicon.yaml:2:8: The [ that opens here" in first
    assert others == [
        *(f"{plan}:{line}: {plans.folder / 'one.yaml'} failed as line 2 did." for line in (3, 4)),
        "3 sessions: 0 made, 3 failed.",
    ]
