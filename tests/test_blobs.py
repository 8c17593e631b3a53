"""Blobs: what was put there comes out whole, or not at all, from this machine or from a store that others share."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest

from audioguide.blobs import Blobs, key_of
from audioguide.shared import Shared

KEY = key_of("a", 1.0)
CONTENT = bytes(range(256)) * 8


def blobs(folder: Path, shared: Path | None = None, mark: bytes = b"test\x00\x00\x00\x01") -> Blobs:
    return Blobs(folder / "kind", ".blob", mark, 1_000_000, Shared(f"file://{shared}") if shared else None)


def test_what_is_put_comes_out(tmp_path: Path) -> None:
    here = blobs(tmp_path)
    assert (here.get(KEY), here.length(KEY)) == (None, None)
    here.put(KEY, CONTENT)
    assert (here.get(KEY), here.length(KEY)) == (CONTENT, len(CONTENT))
    here.put(KEY, b"")
    assert (here.get(KEY), here.length(KEY)) == (b"", 0)
    assert not list(tmp_path.rglob("*.part"))
    assert here.name.fullmatch(here.path(KEY).name)


def damaged(whole: bytes) -> dict[str, bytes]:
    flipped = [(f"flipped {at}", at) for at in (0, 8, 11, 15, 40, len(whole) - 1)]
    return {
        "empty": b"",
        "a part of the head": whole[:20],
        "the head alone": whole[:32],
        "cut": whole[:-1],
        "longer": whole + b"x",
        "foreign": b"something else, and longer than a head is",
        **{name: whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for name, at in flipped},
    }


def test_what_is_damaged_is_none(tmp_path: Path) -> None:
    here = blobs(tmp_path)
    here.put(KEY, CONTENT)
    path = here.path(KEY)
    for what, content in damaged(path.read_bytes()).items():
        path.write_bytes(content)
        assert here.get(KEY) is None, what
        assert here.length(KEY) in (None, len(CONTENT)), what  # it reads the head alone
        here.put(KEY, CONTENT)
        assert here.get(KEY) == CONTENT, what


def test_another_kind_is_none(tmp_path: Path) -> None:
    blobs(tmp_path).put(KEY, CONTENT)
    other = blobs(tmp_path, mark=b"test\x00\x00\x00\x02")
    assert (other.get(KEY), other.length(KEY)) == (None, None)


def test_machines_share(tmp_path: Path) -> None:
    one, two = blobs(tmp_path / "one", tmp_path / "shared"), blobs(tmp_path / "two", tmp_path / "shared")
    one.put(KEY, CONTENT)
    assert two.length(KEY) == len(CONTENT)
    assert two.path(KEY).read_bytes() == one.path(KEY).read_bytes()
    two.path(KEY).unlink()
    assert two.get(KEY) == CONTENT
    assert two.path(KEY).exists()
    two.path(KEY).write_bytes(b"damaged here")
    assert two.get(KEY) == CONTENT
    assert two.path(KEY).read_bytes() == one.path(KEY).read_bytes()
    assert not list(tmp_path.rglob("*.part"))


def test_what_is_damaged_in_the_store_is_none(tmp_path: Path) -> None:
    one, two = blobs(tmp_path / "one", tmp_path / "shared"), blobs(tmp_path / "two", tmp_path / "shared")
    one.put(KEY, CONTENT)
    (path,) = (tmp_path / "shared").rglob("*.blob")
    for what, content in damaged(path.read_bytes()).items():
        path.write_bytes(content)
        assert (two.get(KEY), two.length(KEY)) == (None, None), what
        assert not two.path(KEY).exists(), what
    one.put(KEY, CONTENT)  # what was made again replaces it
    assert two.get(KEY) == CONTENT


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    here = blobs(tmp_path / "file", tmp_path / "shared")
    here.put(KEY, CONTENT)
    assert (here.get(KEY), here.length(KEY)) == (CONTENT, len(CONTENT))  # the shared store has it


def _busy(folder: Path, number: int) -> int:
    """How often something else came out than was put in."""
    here, wrong = blobs(folder / str(number % 2), folder / "shared"), 0
    for turn in range(60):
        key, content = key_of(turn % 4), bytes([turn % 4]) * 50_000
        here.put(key, content)
        wrong += here.get(key) != content
    return wrong + bool(here.shared and here.shared.trouble)


def test_many_processes(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert pool.starmap(_busy, [(tmp_path, number) for number in range(3)]) == [0, 0, 0]
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("name", ["a", "1", ""])
def test_names_of_what_is_made_of_other_things(name: str) -> None:
    assert len({key_of(name), key_of(name, ""), key_of("", name, ""), key_of(name, 1.0)}) == 4
