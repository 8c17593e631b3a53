"""A store that machines share saves work, and whatever is wrong with it, the session is made all the same."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from extras import needs

from audioguide.cli.main import run
from audioguide.errors import EnvironmentFailure
from audioguide.system import remote_cache
from audioguide.system.cache import BlobCache

pytestmark = needs("fsspec")

ROUTINE = "title: One\nsteps:\n  - say: One.\n  - {pose: {name: Two, hold: 5s, limits: 5s..60s}}\n"


class Machine:
    """Exports one routine with a cache of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._monkeypatch, self._capsys = folder, monkeypatch, capsys
        (folder / "one.yaml").write_text(ROUTINE, "utf-8")

    def export(self, cache: str) -> tuple[bytes, str]:
        """The bytes of the file, and what was told."""
        remote_cache.connect.cache_clear()  # another program
        self._monkeypatch.setenv("AUDIOGUIDE_CACHE", str(self.folder / cache))
        path = self.folder / f"{cache}.mp3"
        assert run(["export", str(self.folder / "one.yaml"), "-o", str(path)]) == 0
        out, err = self._capsys.readouterr()
        assert "Traceback" not in err
        assert str(path) in out
        return path.read_bytes(), err

    def made(self, cache: str) -> set[str]:
        """The clips and pieces in a cache, by kind and key."""
        folder = self.folder / cache
        return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix in (".clip", ".piece")}


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Machine]:
    yield Machine(tmp_path, monkeypatch, capsys)
    remote_cache.connect.cache_clear()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Path]:
    """The file as it is without a store, and the cache that it left."""
    folder = tmp_path_factory.mktemp("expected")
    (folder / "one.yaml").write_text(ROUTINE, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AUDIOGUIDE_CACHE", str(folder / "cache"))
        patch.delenv("AUDIOGUIDE_STORE", raising=False)
        assert run(["export", str(folder / "one.yaml"), "-o", str(folder / "x.mp3")]) == 0
    return (folder / "x.mp3").read_bytes(), folder / "cache"


def nothing_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on, whoever speaks or encodes fails."""

    def put(self: BlobCache, key: str, content: bytes) -> None:
        assert self.folder.name == "notes", "it was made again"

    monkeypatch.setattr(BlobCache, "put", put)


@pytest.mark.parametrize("kind", ["file", "memory"])
def test_a_second_machine_makes_nothing_again(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, expected: tuple[bytes, Path], kind: str
) -> None:
    address = f"file://{machine.folder}/store" if kind == "file" else f"memory://{machine.folder.name}"
    monkeypatch.setenv("AUDIOGUIDE_STORE", address)
    first = machine.export("first")
    assert first == (expected[0], "")
    nothing_is_made(monkeypatch)
    assert machine.export("second") == first
    assert machine.made("second") == machine.made("first") != set()
    if kind == "file":
        assert machine.made("store") == machine.made("first")
        assert not list((machine.folder / "store").rglob("*.part"))


def test_a_damaged_store(machine: Machine, monkeypatch: pytest.MonkeyPatch, expected: tuple[bytes, Path]) -> None:
    store = machine.folder / "store"
    shutil.copytree(expected[1], store)
    files = sorted(path for path in store.rglob("*") if path.suffix in (".clip", ".piece"))
    for number, path in enumerate(files):
        content = bytearray(path.read_bytes())
        content[(number * 977) % len(content)] ^= 1
        path.write_bytes(content)
    monkeypatch.setenv("AUDIOGUIDE_STORE", f"file://{store}")
    assert machine.export("here") == (expected[0], "")
    nothing_is_made(monkeypatch)
    assert machine.export("there") == (expected[0], "")  # the store was mended


def test_what_is_too_large(machine: Machine, monkeypatch: pytest.MonkeyPatch, expected: tuple[bytes, Path]) -> None:
    store = machine.folder / "store"
    shutil.copytree(expected[1], store)
    monkeypatch.setattr("audioguide.system.cache.LARGEST", 100)
    monkeypatch.setenv("AUDIOGUIDE_STORE", f"file://{store}")
    assert machine.export("here") == (expected[0], "")


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("nonsense://somewhere", "nonsense"),
        ("file://{folder}/one.yaml/store", "Not a directory"),
        ("http://127.0.0.1:1/store", ""),
    ],
)
def test_a_store_that_cannot_be_reached(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, expected: tuple[bytes, Path], address: str, reason: str
) -> None:
    address = address.format(folder=machine.folder)
    monkeypatch.setenv("AUDIOGUIDE_STORE", address)
    content, told = machine.export("here")
    assert content == expected[0]
    (sentence,) = told.splitlines()
    assert sentence.startswith(f"Shared cache {address} is not used (")
    assert sentence.endswith("); using the local cache.")
    assert reason in sentence


def slow(seconds: float) -> type:
    from fsspec.implementations.memory import MemoryFileSystem

    class Slow(MemoryFileSystem):
        protocol = "slow"
        asked = 0

        def cat_file(self, *_: object, **__: object) -> bytes:
            Slow.asked += 1
            time.sleep(seconds)
            return b""

        pipe_file = cat_file  # type: ignore[assignment]

    return Slow


@pytest.mark.slow
def test_a_slow_store(machine: Machine, monkeypatch: pytest.MonkeyPatch, expected: tuple[bytes, Path]) -> None:
    import fsspec

    system = slow(1.0)
    fsspec.register_implementation("slow", system, clobber=True)
    monkeypatch.setattr(remote_cache, "PATIENCE", 0.05)
    monkeypatch.setenv("AUDIOGUIDE_STORE", "slow://store")
    content, told = machine.export("here")
    assert content == expected[0]
    assert told == "Shared cache slow://store is not used (no answer within 0.05 seconds); using the local cache.\n"
    assert system.asked <= 8  # what was asked side by side


_HANGS = """
import sys, time, fsspec
from fsspec.implementations.memory import MemoryFileSystem
from audioguide.system import remote_cache as shared
from audioguide.system.cache import BlobCache
class Hangs(MemoryFileSystem):
    protocol = "hangs"
    def cat_file(self, *_, **__):
        time.sleep(1000)
fsspec.register_implementation("hangs", Hangs)
shared.PATIENCE = 0.1
store = shared.RemoteCache("hangs://x")
assert store.get("a", 10) is None
print(store.error)
"""


def test_a_store_that_hangs_lets_the_program_end() -> None:
    import subprocess

    done = subprocess.run([sys.executable, "-c", _HANGS], capture_output=True, text=True, timeout=60, env=os.environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no answer within 0.1 seconds" in done.stdout


def test_trouble_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDIOGUIDE_STORE", "nonsense://once")
    store = remote_cache.open_remote_cache()
    assert store is not None
    assert remote_cache.take_error() == ""
    assert store.get("a", 10) is None
    assert remote_cache.take_error() == store.error != ""
    assert remote_cache.take_error() == ""


def test_a_store_that_comes_back_is_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a process that lives for days, such as a worker of a cluster."""
    store = remote_cache.RemoteCache(f"file://{tmp_path}/store")
    (tmp_path / "store").write_text("no folder")
    store.put("a/b", b"lost")
    (tmp_path / "store").unlink()
    store.put("a/b", b"not asked yet")
    assert (store.get("a/b", 10), bool(store.error)) == (None, True)
    monkeypatch.setattr(remote_cache, "REST", 0.0)
    again = remote_cache.RemoteCache(f"file://{tmp_path}/file")
    (tmp_path / "file").write_text("no folder")
    again.put("a/b", b"lost")
    (tmp_path / "file").unlink()
    again.put("a/b", b"kept")
    assert again.get("a/b", 10) == b"kept"


def test_play_tells_it_too(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUDIOGUIDE_STORE", "nonsense://played")
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(machine.folder / "played"))  # what is known is not asked for
    remote_cache.connect.cache_clear()
    run(["play", str(machine.folder / "one.yaml"), "--output", f"wav:{machine.folder / 'x.wav'}"])
    assert capsys.readouterr().err.count("Shared cache nonsense://played is not used (") == 1


@pytest.mark.slow
def test_batch_tells_it_too(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUDIOGUIDE_STORE", "nonsense://batch")
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(machine.folder / "batch"))  # what is known is not asked for
    plan = machine.folder / "plan.csv"
    plan.write_text("routine,output\none.yaml,a.mp3\none.yaml,b.mp3\n", "utf-8")
    assert run(["batch", str(plan), "-o", str(machine.folder), "--jobs", "2"]) == 0
    assert capsys.readouterr().err.count("Shared cache nonsense://batch is not used (") == 1


def test_without_fsspec(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    monkeypatch.setenv("AUDIOGUIDE_STORE", "memory://none")
    remote_cache.connect.cache_clear()
    with pytest.raises(EnvironmentFailure, match=r"Run: pip install fsspec"):
        remote_cache.open_remote_cache()
    assert remote_cache.take_error() == ""
    monkeypatch.delenv("AUDIOGUIDE_STORE")
    assert remote_cache.open_remote_cache() is None
