"""A folder with a plan in it."""

from pathlib import Path

import pytest
from batch_plans import Plans


@pytest.fixture
def plans(tmp_path: Path) -> Plans:
    return Plans(tmp_path)
