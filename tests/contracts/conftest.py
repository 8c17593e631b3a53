"""The program of the contract tests, and how their frozen files are read."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from contracts.program import FREEZING, HERE, Program


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """One for all these tests, with the cache of all workers; `AUDIOGUIDE_CONTRACTS_CACHE` names one that is kept."""
    cache = os.environ.get("AUDIOGUIDE_CONTRACTS_CACHE") or os.environ["AUDIOGUIDE_CACHE"]
    return Program(tmp_path_factory.mktemp("contracts"), Path(cache))


@pytest.fixture
def new_program(tmp_path: Path) -> Program:
    """One that has spoken nothing yet."""
    return Program(tmp_path)


@pytest.fixture(scope="session")
def frozen() -> Callable[[str, str], None]:
    """Hold a text against the frozen file of that name; where the checkout lies stands there as ROOT."""
    root = str(HERE.parent.parent)

    def compare(name: str, text: str) -> None:
        path, text = HERE / "frozen" / name, text.replace(root, "ROOT")
        if FREEZING:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        assert text == path.read_text("utf-8")

    return compare
