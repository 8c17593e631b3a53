"""Languages of a person's own."""

import pytest


@pytest.fixture
def own_prompts(home):
    """A person's own folder of language files."""
    folder = home / "voices/prompts"
    folder.mkdir(parents=True)
    return folder
