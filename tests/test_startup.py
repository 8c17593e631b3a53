"""What a command loads before it does its work: libraries that it does not need would keep a person waiting."""

import subprocess
import sys
import threading

import pytest

import audioguide
from audioguide.speech import hibari

ENGINES = ("onnxruntime", "hibari", "piper", "gtts", "requests", "scipy")
"""What speaks, or what only that needs."""

SINKS = ("PIL", "mutagen", "pydub", "textual", "miniaudio", "simpleaudio", "sqlite3", "starlette")
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
import audioguide.cli.play_
import audioguide
with audioguide.load(sys.argv[1]).live() as live:
    assert sum(len(stems.mix) for stems in live.stems()) == live.frames
print(*sys.modules, file=sys.stderr)
"""


@pytest.fixture(scope="module", autouse=True)
def spoken():
    """Every clip of the routine is in the cache."""
    audioguide.load(ROUTINE).timeline()


def loaded(program, *arguments):
    """The names of the packages that a program of its own has loaded at its end."""
    done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
    return {name.partition(".")[0] for name in done.stderr.split()}


def test_help_loads_next_to_nothing():
    assert not loaded(RUN, "--help") & {"numpy", "pydantic", "ruamel", "rich", "platformdirs", *ENGINES, *SINKS}


@pytest.mark.parametrize("command", [("list",), ("list", "--json"), ("show", ROUTINE), ("show", ROUTINE, "--json")])
def test_what_is_spoken_already_is_listed_and_shown_without_an_engine(command):
    assert not loaded(RUN, *command) & {*ENGINES, *SINKS}


def test_what_is_spoken_already_is_mixed_without_an_engine():
    """All that `play` loads but for its device and its screen."""
    assert not loaded(PLAY, ROUTINE) & {*ENGINES, *SINKS}


def test_the_embedded_voice_speaks_without_scipy():
    program = (
        "import sys; from audioguide.speech import hibari; hibari._load('heart'); print(*sys.modules, file=sys.stderr)"
    )
    packages = loaded(program)
    assert "hibari" in packages
    assert "scipy" not in packages


def test_a_module_is_refused_to_one_thread_alone():
    found = []

    def look():
        found.append(sys.meta_path[0].find_spec("scipy"))

    before = sys.meta_path
    with hibari._Refused("scipy"):
        with pytest.raises(ModuleNotFoundError):
            sys.meta_path[0].find_spec("scipy")
        other = threading.Thread(target=look)
        other.start()
        other.join()
    assert found == [None]
    assert sys.meta_path == before
