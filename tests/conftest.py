"""Real parts: a test marked `real("ffprobe")` runs the program of that name, and says so where it is missing.

With AUDIOGUIDE_REAL set, as in continuous integration, a missing part fails the test instead of skipping it.
"""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulse import SoundServer
from tmux import Tmux

from audioguide.system import paths


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("real"):
        for program in marker.args:
            if shutil.which(program):
                continue
            if os.environ.get("AUDIOGUIDE_REAL"):
                pytest.fail(f"{program} is not installed, and AUDIOGUIDE_REAL asks for real parts", pytrace=False)
            pytest.skip(f"needs {program}, which is not installed")


def pytest_configure() -> None:
    """Ctrl-C and hanging up are heeded, in what is started here, too: a shell has what it runs in the background, and
    nohup, ignore them, and the program keeps to that.
    """
    for name, usual in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, usual)


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of the person who runs the tests is read or written; the clips made are shared by all tests."""
    folder = tmp_path_factory.mktemp("own")
    os.environ.setdefault("AUDIOGUIDE_CACHE", str(folder / "cache"))
    os.environ["AUDIOGUIDE_HOME"] = str(folder / "home")
    os.environ.pop("AUDIOGUIDE_STORE", None)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A person's own folder of this test alone, not there yet."""
    monkeypatch.setenv("AUDIOGUIDE_HOME", str(tmp_path / "home"))
    paths.roots.cache_clear()
    yield tmp_path / "home"
    paths.roots.cache_clear()  # after the test, the variable is the old one again when it is read next


@pytest.fixture
def write(tmp_path: Path):
    """Write a routine file of this name and get its path."""

    def write(text: str, name: str = "routine.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


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


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """A terminal of this test alone."""
    terminal = Tmux(tmp_path)
    try:
        terminal.sees("ready>")
        yield terminal
    finally:
        terminal.close()
