"""Languages of a person's own."""

import pytest

from audioguide.timeline.words import words


@pytest.fixture
def own_prompts(home):
    """A person's own folder of language files."""
    folder = home / "voices/prompts"
    folder.mkdir(parents=True)
    words.cache_clear()
    yield folder
    words.cache_clear()
