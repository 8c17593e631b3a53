"""A kept child: it answers, ends, hangs, or never was."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from audioguide.speech.child import Child, ChildFailure

ECHO = """
import sys
print("ready", file=sys.stderr)
for line in sys.stdin:
    line = line.strip()
    if line == "die":
        sys.exit("the model broke")
    if line == "quit":
        sys.exit(3)
    if line != "hang":
        print("noise before", file=sys.stderr)
        print("Wrote", line, file=sys.stderr)
"""


@pytest.fixture
def child(tmp_path: Path):
    child = Child([sys.executable, "-c", ECHO], tmp_path)
    yield child
    child.stop()


def test_each_line_gets_its_answer(child: Child) -> None:
    assert child.ask("one", "Wrote ", 20) == "one"
    assert child.ask("Übung, два", "Wrote ", 20) == "Übung, два"


def test_its_last_words_are_told(child: Child) -> None:
    with pytest.raises(ChildFailure, match=r"^the model broke$"):
        child.ask("die", "Wrote ", 20)
    with pytest.raises(ChildFailure, match="the model broke"):
        child.ask("one", "Wrote ", 0.5)


def test_a_child_that_hangs_is_given_up(child: Child) -> None:
    assert child.ask("one", "Wrote ", 20) == "one"
    with pytest.raises(ChildFailure, match=r"no answer within 0\.2 seconds"):
        child.ask("hang", "Wrote ", 0.2)


def test_stopping_twice_is_fine_and_frees_who_waits(child: Child) -> None:
    import threading

    told: list[str] = []

    def wait() -> None:
        try:
            child.ask("hang", "Wrote ", 20)
        except ChildFailure as failure:
            told.append(str(failure))

    waiting = threading.Thread(target=wait)
    waiting.start()
    child.stop()
    child.stop()
    waiting.join(10)
    assert not waiting.is_alive()
    assert told


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ChildFailure, match="does not start"):
        Child([str(tmp_path / "none")], tmp_path)


def test_it_ends_when_we_do(tmp_path: Path) -> None:
    """Also when we are killed: its input ends then."""
    code = (
        "import os, sys; from pathlib import Path; from audioguide.speech.child import Child\n"
        f"child = Child([sys.executable, '-c', {ECHO!r}], Path({str(tmp_path)!r}))\n"
        "child.ask('one', 'Wrote ', 20); print(child._process.pid, flush=True); os._exit(1)"
    )
    pid = int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
    for _ in range(200):
        if not _runs(pid):
            return
        time.sleep(0.05)
    raise AssertionError("the child outlived its parent by ten seconds")


def _runs(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    try:
        return state.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
