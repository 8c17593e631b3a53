"""How the tests are run: real parts, folders of their own, which tests share a worker, and how long they try.

A test marked `real("ffprobe")` runs the program of that name, and skips with the reason where it is missing. With
AUDIOGUIDE_REAL set, as in continuous integration, a missing part fails the test instead of skipping it.

`pytest` runs the quick tests and `pytest -m slow` the slow ones, with more examples of every property.
"""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import hypothesis
import pytest
from processes import children
from pulse import SoundServer
from tmux import Tmux

from audioguide.system import paths

# Tests, and the program that they start hundreds of times, are compiled once.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

UNTIMED = {"deadline": None, "suppress_health_check": [hypothesis.HealthCheck.too_slow]}
hypothesis.settings.register_profile("quick", max_examples=25, derandomize=True, **UNTIMED)
hypothesis.settings.register_profile("long", max_examples=100, **UNTIMED)

SHARED = {"running_server": "sound server", "browser": "browser"}
"""What a run has one of: fixtures that take long to start, and the name of the group of tests that use one."""


def pytest_configure(config: pytest.Config) -> None:
    """Choose how many examples are tried, and heed Ctrl-C and hanging up, also in what is started here.

    A shell has what it runs in the background, and nohup, ignore the two signals, and the program keeps to that.
    """
    usual = "long" if is_slow_run(config) else "quick"
    hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", usual))
    for name, handler in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


def is_slow_run(config: pytest.Config) -> bool:
    return config.getoption("markexpr") == "slow"


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores, since quick tests often wait, and slow ones listen; none for a single file."""
    if os.environ.get("AUDIOGUIDE_FREEZE") or (len(config.args) == 1 and ".py" in config.args[0]):
        return 0
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + (not is_slow_run(config))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests are made at once, and stay: looking for garbage among them took a third of the time."""
    gc.disable()
    result = yield
    gc.freeze()
    gc.enable()
    return result


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests that share something run in one worker. In a slow run, properties are slow tests, too."""
    for item in items:
        if is_slow_run(config) and hypothesis.is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker("slow")
        fixtures = item._fixtureinfo.name2fixturedefs
        groups = [group for name, group in SHARED.items() if name in fixtures]
        of_module = any(fixture[-1].scope in ("module", "package") for fixture in fixtures.values())
        if groups or of_module:
            item.add_marker(pytest.mark.xdist_group(groups[0] if groups else item.path.stem))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """The name of a test is in the environment of the programs that it starts, which takes 128 kB: no long texts."""
    return f"{argname}-of-{len(val)}" if isinstance(val, str | bytes) and len(val) > 1000 else None


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """An open browser leaves Playwright's loop running in this thread: other tests are not to see it."""
    running = None if "browser" in pyfuncitem.fixturenames else asyncio._get_running_loop()
    if running:
        asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        if running:
            asyncio._set_running_loop(running)


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("real"):
        for program in marker.args:
            if shutil.which(program):
                continue
            if os.environ.get("AUDIOGUIDE_REAL"):
                pytest.fail(f"{program} is not installed, and AUDIOGUIDE_REAL asks for real parts", pytrace=False)
            pytest.skip(f"needs {program}, which is not installed")


@pytest.fixture(scope="session", autouse=True)
def own_folders(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of the person who runs the tests is read or written. All tests, in all workers, share the clips made."""
    run = tmp_path_factory.getbasetemp()
    shared = run.parent if "PYTEST_XDIST_WORKER" in os.environ else run
    os.environ.setdefault("AUDIOGUIDE_CACHE", str(shared / "cache"))
    os.environ["AUDIOGUIDE_HOME"] = str(run / "home")
    os.environ.pop("AUDIOGUIDE_STORE", None)
    os.environ.pop("DBUS_SESSION_BUS_ADDRESS", None)
    cache = Path(os.environ["AUDIOGUIDE_CACHE"])
    cache.mkdir(exist_ok=True)
    (cache / "told-of-sleep").touch()  # so that it is in no picture of the screen


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A person's own folder of this test alone, not there yet."""
    monkeypatch.setenv("AUDIOGUIDE_HOME", str(tmp_path / "home"))
    paths.roots.cache_clear()
    yield tmp_path / "home"
    paths.roots.cache_clear()  # after the test, the variable is the old one again when it is read next


@pytest.fixture
def new_children() -> Callable[[], list[int]]:
    """Lists the processes that this one has started since the test began; a worker may have others."""
    before = children(os.getpid())
    return lambda: [child for child in children(os.getpid()) if child not in before]


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
