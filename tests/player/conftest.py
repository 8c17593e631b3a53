from __future__ import annotations

from collections.abc import Iterator

import pytest
from pulse import SoundServer


@pytest.fixture(scope="session")
def running_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoundServer]:
    server = SoundServer(tmp_path_factory.mktemp("pulse"))
    yield server
    server.stop()


@pytest.fixture
def sound_server(running_server: SoundServer, monkeypatch: pytest.MonkeyPatch) -> SoundServer:
    """A sound server that this process, and what it starts, plays to."""
    for name, value in running_server.environment.items():
        monkeypatch.setenv(name, value)
    return running_server
