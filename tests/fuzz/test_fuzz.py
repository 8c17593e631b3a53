"""The kept corpus comes out well, and so do some thousands of new inputs; and the fuzzer sees what it is for."""

from __future__ import annotations

import os
import time

import pytest

from fuzz.target import kept, outcome, targets

CORPUS = [(name, file) for name, target in targets().items() for file in kept(target)]


@pytest.mark.parametrize("name", sorted({name for name, _ in CORPUS}))
def test_no_kept_input_is_a_find(name: str):
    for file, data in kept(targets()[name]).items():
        came = outcome(targets()[name].run, data)
        assert came.kind != "find", f"corpus/{name}/{file}: {came.trace}"


@pytest.mark.slow
def test_no_new_input_is_a_find():
    runner = pytest.importorskip("fuzz.runner", reason="limits are those of POSIX", exc_type=ImportError)
    tallies = runner.fuzz(runner.share_out(6000), seed=int.from_bytes(os.urandom(4)), until=time.monotonic() + 30)
    finds = [
        (find.target, find.outcome.shape, find.data, find.outcome.trace)
        for one in tallies.values()
        for find in one.finds
    ]
    assert not finds
    assert sum(one.accepted for one in tallies.values())
    assert sum(one.refused for one in tallies.values())
