"""What a command loads before it does its work: libraries that it does not need would keep a person waiting."""

import subprocess
import sys

import pytest

ENGINES = ("onnxruntime", "hibari", "piper", "gtts", "requests", "scipy")
"""What speaks, or what only that needs."""

SINKS = (
    "PIL",
    "resvg_py",
    "fpdf",
    "fontTools",
    "mutagen",
    "pydub",
    "textual",
    "miniaudio",
    "simpleaudio",
    "sqlite3",
    "starlette",
)
"""What draws, writes, shows and plays."""

ROUTINE = "taster"

RUN = """
import sys
from audioguide.cli.main import run
code = run(sys.argv[1:])
assert code == 0, code
print(*sys.modules, file=sys.stderr)
"""

PLAY = """
import sys
import audioguide.cli.commands.play
import audioguide
with audioguide.load(sys.argv[1]).stream() as live:
    assert sum(len(stems.mix) for stems in live.stems()) == live.frames
print(*sys.modules, file=sys.stderr)
"""


HEAVY = ("urllib.request", "http.client", "numpy.polynomial", "logging.config")
"""What a library drags along for one small function."""


@pytest.fixture(scope="module", autouse=True)
def known(tmp_path_factory):
    """Every clip of the routine is in the cache."""
    folder = tmp_path_factory.mktemp("known")
    with pytest.MonkeyPatch.context() as patch:
        for command in (("list",), ("show", ROUTINE), ("export", ROUTINE, "-o", str(folder / "session.mp3"))):
            subprocess.run([sys.executable, "-c", RUN, *command], capture_output=True, check=True)
        patch.chdir(folder)
        yield folder


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    """No presets that other tests have left."""
    monkeypatch.setenv("AUDIOGUIDE_HOME", str(tmp_path / "home"))


def modules(program, *arguments):
    """The names of the modules that a program of its own has loaded at its end."""
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return set(done.stderr.splitlines()[-1].split())


def loaded(program, *arguments):
    """The names of their packages."""
    return {name.partition(".")[0] for name in modules(program, *arguments)}


def test_help_loads_next_to_nothing():
    assert not loaded(RUN, "--help") & {"numpy", "pydantic", "yaml", "rich", "platformdirs", *ENGINES, *SINKS}


@pytest.mark.parametrize("command", [("list",), ("list", "--json"), ("show", ROUTINE), ("show", ROUTINE, "--json")])
def test_what_is_spoken_already_is_listed_and_shown_without_an_engine(command):
    assert not loaded(RUN, *command) & {"numpy", *ENGINES, *SINKS}


@pytest.mark.parametrize(
    "command",
    [
        ("list",),
        ("show", ROUTINE),
        ("show", ROUTINE, "--hold", "40s", "--json"),
    ],
)
def test_a_command_loads_nothing_heavy_for_a_small_thing(command):
    assert not modules(RUN, *command) & set(HEAVY)


def test_a_command_loads_no_more_modules_than_it_did():
    """A figure to be raised when there is a reason for it: each module is a fifth of a millisecond."""
    names = modules(RUN, "show", ROUTINE)
    assert len([name for name in names if name.startswith("audioguide")]) <= 94
    assert len(names) <= 377


def test_an_export_needs_no_engine_for_what_is_spoken_already():
    assert not loaded(RUN, "export", ROUTINE, "-o", "session.wav") & {*ENGINES, "pydub", "textual", "starlette"}


def test_what_is_spoken_already_is_mixed_without_an_engine():
    """All that `play` loads but for its device and its screen."""
    names = modules(PLAY, ROUTINE)
    assert not {name.partition(".")[0] for name in names} & {*ENGINES, *SINKS}
    assert not names & set(HEAVY)
