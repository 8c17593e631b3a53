"""Programs that a small process starts, and what becomes of them."""

import errno
import os
import signal
import socket
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from processes import alive, children
from pulse import wait_until

from audioguide.errors import EnvironmentFailure
from audioguide.machine import work_steadily
from audioguide.output.encoder import Encoder
from audioguide.output.formats import FORMATS
from audioguide.output.starter import start_here, starting
from audioguide.output.starter_process import serve

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere programs are started as children")
WAYS = pytest.mark.parametrize("small", [True, False], ids=["by the small process", "as children"])


def open_files() -> set[Path]:
    return set(Path("/proc/self/fd").iterdir())


def parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def close(child) -> None:
    for stream in (child.stdin, child.stdout, child.stderr):
        stream.close()


@WAYS
def test_what_goes_in_and_comes_out(small):
    with starting() as start:
        child = (start if small else start_here)(["sh", "-c", "cat; echo words >&2; exit 3"])
        assert child.poll() is None
        child.stdin.write(b"sound")
        child.stdin.close()
        assert (child.stdout.read(), child.stderr.read(), child.wait()) == (b"sound", b"words\n", 3)
        assert (child.poll(), child.wait()) == (3, 3)
        close(child)


@WAYS
def test_a_program_that_is_not_there(small):
    with starting() as start, pytest.raises(FileNotFoundError):
        (start if small else start_here)(["/nowhere/at/all"])


@WAYS
def test_a_program_that_is_ended(small):
    with starting() as start:
        child = (start if small else start_here)(["sleep", "100"])
        child.kill()
        assert child.wait() == -signal.SIGKILL
        child.kill()  # of one that has ended
        close(child)


def test_it_is_no_child_of_ours():
    with starting() as start:
        child = start([sys.executable, "-c", "import os; print(os.getpid(), flush=True); input()"])
        pid = int(child.stdout.readline())
        assert parent(pid) != os.getpid()
        assert parent(parent(pid)) == os.getpid()
        close(child)
        child.wait()


def test_where_it_may_not_choose_how_it_is_scheduled(monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EPERM, "not permitted")

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        ours.shutdown(socket.SHUT_WR)
        serve(theirs)  # returns, since nobody can ask
    work_steadily()


def test_many_at_once_from_many_threads():
    def echoed(number: int) -> int:
        child = start(["cat"])
        child.stdin.write(b"%d" % number)
        child.stdin.close()
        said = int(child.stdout.read())
        assert child.wait() == 0
        close(child)
        return said

    with starting() as start, ThreadPoolExecutor(8) as threads:
        assert list(threads.map(echoed, range(100))) == list(range(100))


def test_nothing_is_left_open_and_nothing_runs_on():
    before, files = children(os.getpid()), open_files()
    with starting() as start:
        child = start(["cat"])
        close(child)
        child.wait()
        with pytest.raises(FileNotFoundError):
            start(["/nowhere/at/all"])
    assert (children(os.getpid()), open_files()) == (before, files)


def test_what_starts_them_dies():
    """What it started is told to have been killed, and what comes then are children."""
    with starting() as start:
        before = start(["cat"])
        for pid in children(os.getpid()):
            if b"starter_process" in Path(f"/proc/{pid}/cmdline").read_bytes():
                os.kill(pid, signal.SIGKILL)
        assert before.wait() == -signal.SIGKILL
        close(before)
        for _ in range(2):
            child = start([sys.executable, "-c", "import os; print(os.getppid())"])
            assert int(child.stdout.read()) == os.getpid()
            assert child.wait() == 0
            close(child)


def test_an_encoder_that_does_not_start_is_told(monkeypatch):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", "/nowhere/at/all")
    with (
        starting() as start,
        pytest.raises(EnvironmentFailure, match=r"ffmpeg does not start: .+\. Run audioguide doctor"),
    ):
        Encoder(None, FORMATS[".mp3"], start=start).__enter__()


PARENT = """
    import sys, time
    from audioguide.output.starter import starting

    with starting() as start:
        child = start([sys.executable, "-c", "import os; print(os.getppid(), os.getpid(), flush=True); input()"])
        sys.stdout.buffer.write(child.stdout.readline())
        sys.stdout.flush()
        time.sleep(100)
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_nothing_outlives_us(how):
    """What is started ends with its input, as encoders do, and what started it after that."""
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(PARENT)], stdout=subprocess.PIPE) as ours:
        starter, started = map(int, ours.stdout.readline().split())
        assert alive(starter)
        ours.send_signal(how)
        ours.wait()
        wait_until(lambda: not alive(started) and not alive(starter), "their end", seconds=20)


def test_ctrl_c_does_not_reach_them():
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(PARENT)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        process_group=0,
    ) as ours:
        starter, started = map(int, ours.stdout.readline().split())
        groups = {os.getpgid(pid) for pid in (starter, started)}
        assert ours.pid not in groups
        os.killpg(ours.pid, signal.SIGINT)
        ours.wait()
        wait_until(lambda: not alive(started) and not alive(starter), "their end", seconds=20)


def test_an_encoder_makes_the_same_of_the_same_either_way():
    sound = (0.1 * np.random.default_rng(5).standard_normal((44_100, 2))).astype(np.float32)
    with starting() as start:
        made = []
        for way in (start, start_here):
            with Encoder(None, FORMATS[".mp3"], start=way) as encoder:
                encoder.write(sound)
            made.append(encoder.content)
    assert made[0] == made[1] != b""


def encode(start, then) -> None:
    with Encoder(None, FORMATS[".mp3"], start=start) as encoder:
        encoder.write(np.zeros((44_100, 2), np.float32))
        then(encoder)


def give_up(encoder: Encoder) -> None:
    raise KeyboardInterrupt


def kill(encoder: Encoder) -> None:
    encoder._child.kill()
    for _ in range(100):
        encoder.write(np.zeros((44_100, 2), np.float32))


def test_an_encoder_that_is_given_up_or_dies_leaves_nothing():
    files = open_files()
    with starting() as start:
        with pytest.raises(KeyboardInterrupt):
            encode(start, give_up)
        with pytest.raises(EnvironmentFailure, match="ffmpeg failed: exit code -9"):
            encode(start, kill)
    assert open_files() == files
