"""A plan on a Dask cluster: the same files, and when the cluster is gone, what is done stays."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import pytest
from batch_plans import NAMES, Command, Plans, until
from clusters import Cluster
from extras import needs

import audioguide
from audioguide.batch.dask import run_on_cluster
from audioguide.batch.job import run_job
from audioguide.cli.main import run
from audioguide.errors import EnvironmentFailure

pytestmark = needs("distributed")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    yield cluster
    cluster.close()


@pytest.fixture
def cluster(running: Cluster) -> Cluster:
    """The one of this run; what a test before has ended of it is started anew."""
    running.mend()
    return running


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of the routine's MP3, made here."""
    plans = Plans(tmp_path_factory.mktemp("expected"))
    assert Command("batch", plans.sessions("a.mp3,5s"), "-o", plans.out).end()[0] == 0
    return plans.files()["a.mp3"]


@pytest.mark.slow
def test_the_same_bytes_as_here(plans: Plans, cluster: Cluster, expected: bytes) -> None:
    plan = plans.sessions(*(f"{one},5s" for one in NAMES), "taken/wrong.mp3,5s")
    (plans.out / "taken").write_text("a file")
    code, out, err = Command("batch", plan, "-o", plans.out, "--scheduler", cluster.address).end()
    (plans.out / "taken").unlink()
    wrong, summary = err.splitlines()
    assert (code, summary) == (1, "5 sessions: 4 made, 1 failed.")
    assert wrong.startswith(f"{plan}:6: ")
    assert len(out.splitlines()) == 4
    assert plans.files() == dict.fromkeys(NAMES, expected)
    plan = plans.sessions(*(f"{one},5s" for one in NAMES))
    code, out, err = Command("batch", plan, "-o", plans.out, "--scheduler", cluster.address).end()
    assert (code, err) == (0, "4 sessions: 0 made, 4 unchanged.\n")
    code, out, err = Command("batch", plan, "-o", plans.out).end()
    assert (code, err) == (0, "4 sessions: 0 made, 4 unchanged.\n")


def test_a_worker_of_another_version_makes_nothing(plans: Plans) -> None:
    (job,) = plans.jobs("routine,output\ntaster,a.mp3\n")
    made = run_job(asdict(job), 1, "0.0.9")
    assert made["state"] == "failed"
    there = f"has audioguide {audioguide.__version__}, and the batch is of 0.0.9. Install the same there."
    assert made["error"].endswith(there)
    assert plans.files() == {}


@pytest.mark.slow
def test_a_scheduler_that_is_not_there(plans: Plans) -> None:
    code, out, err = Command("batch", plans.sessions(), "-o", plans.out, "--scheduler", "127.0.0.1:1").end()
    assert (code, out) == (1, "")
    (sentence,) = err.splitlines()
    assert sentence.startswith("The scheduler at 127.0.0.1:1 does not answer")


@pytest.mark.slow
def test_a_scheduler_without_workers(plans: Plans, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audioguide.batch.dask._WORKER_SECONDS", 0.2)
    cluster = Cluster(tmp_path, 0)
    try:
        until(lambda: _listens(cluster.address))
        with pytest.raises(EnvironmentFailure, match="has no workers"):
            list(run_on_cluster(cluster.address, plans.jobs("routine,output\ntaster,a.mp3\n")))
    finally:
        cluster.close()


def _listens(address: str) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), 1):
        return True
    return False


@pytest.mark.parametrize(
    "address",
    [
        *(
            "nonsense",
            "abc://h:1",
            "tcp://[:1",
            "tcp://",
            "tcp://x:y",
            "tcp://x:99999",
            " ",
            "tcp://a b:1",
            "tcp://-:1",
        ),
        *("tcp://a..b:1", f"tcp://{'a' * 64}:1", "tcp://h:1/", "tcp://h:1\n", "tcp://\udc80:1", "tcp://h:٣", ""),
    ],
)
def test_addresses_that_are_none(plans: Plans, capsys: pytest.CaptureFixture[str], address: str) -> None:
    assert run(["batch", str(plans.sessions()), "-o", str(plans.out), "--scheduler", address]) == 2
    (sentence,) = capsys.readouterr().err.splitlines()
    assert sentence == f"{address!r} is not the address of a scheduler. Write it as tcp://10.0.0.5:8786."


@pytest.mark.slow
def test_a_scheduler_that_ends_in_the_middle(plans: Plans, cluster: Cluster, expected: bytes) -> None:
    names = [f"{number}.mp3" for number in range(16)]
    plan = plans.sessions(*(f"{one},5s" for one in names))
    command = Command("batch", plan, "-o", plans.out, "--scheduler", cluster.address)
    until(lambda: len(plans.files()) >= 2)
    cluster.scheduler.kill()
    code, out, err = command.end()
    assert code == 1
    assert err == (
        f"The scheduler at {cluster.address} no longer answers. "
        "Finished files stay: start it and its workers, and run this again.\n"
    )
    told = [Path(line.split("  ")[0]).name for line in out.splitlines()]
    assert len(told) < len(names)
    states = {name: (plans.out / name).stat() for name in told}
    code, out, err = Command("batch", plan, "-o", plans.out).end()
    assert code == 0
    assert {name: (plans.out / name).stat().st_mtime_ns for name in told} == {
        name: state.st_mtime_ns for name, state in states.items()
    }
    kept = [Path(line.split("  ")[0]).name for line in out.splitlines() if line.endswith("unchanged")]
    assert set(kept) >= set(told)
    assert plans.files() == dict.fromkeys(names, expected)


@pytest.mark.slow
def test_a_worker_that_ends_in_the_middle(plans: Plans, cluster: Cluster, expected: bytes) -> None:
    names = [f"{number}.mp3" for number in range(8)]
    plan = plans.sessions(*(f"{one},5s" for one in names))
    command = Command("batch", plan, "-o", plans.out, "--scheduler", cluster.address)
    until(lambda: len(plans.files()) >= 2)
    cluster.workers[0].kill()
    code, _, err = command.end()
    # What was whole when its worker ended, and not told yet, is found by the next one.
    assert (code, err) in [(0, f"8 sessions: {made}.\n") for made in ("8 made", "7 made, 1 unchanged")]
    assert plans.files() == dict.fromkeys(names, expected)


@pytest.mark.slow
def test_a_store_that_goes_away_in_the_middle(plans: Plans, tmp_path: Path) -> None:
    """Two workers with a cache each: all is made, as here; what went wrong is told after it, in one place."""
    plan, store = plans.sessions(*(f"{number}.mp3,{5 + number}s" for number in range(8))), tmp_path / "store"
    known = {"AUDIOGUIDE_STORE": f"file://{store}", "AUDIOGUIDE_CACHE": f"{tmp_path}/cache"}
    assert Command("batch", plan, "-o", tmp_path / "here", **known).end()[0] == 0
    shutil.rmtree(store / "pieces")  # what is said is in it
    (place := tmp_path / "cluster").mkdir()
    cluster = Cluster(place, apart=True, AUDIOGUIDE_STORE=f"file://{store}")
    try:
        command = Command("batch", plan, "-o", plans.out, "--scheduler", cluster.address)
        until(lambda: len(plans.files()) >= 2)
        store.rename(tmp_path / "away")
        store.write_text("no folder")
        code, _, err = command.end()
        again = Command("batch", plan, "-o", plans.out, "--scheduler", cluster.address).end()
    finally:
        cluster.close()
    summary, *notes = err.splitlines()
    assert (code, summary, again[0]) == (0, "8 sessions: 8 made.", 0)
    assert notes
    assert all(note.startswith(f"Shared cache file://{store} is not used (") for note in notes)
    assert again[2].startswith("8 sessions: 0 made, 8 unchanged.\n")
    assert plans.files() == {path.name: path.read_bytes() for path in (tmp_path / "here").iterdir()}
    assert not list(plans.out.glob(".*"))
