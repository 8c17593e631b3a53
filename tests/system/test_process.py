"""Child processes: they end when they should, in their own time or ours."""

import os
import signal
import subprocess
import sys
import time

import pytest
from processes import alive

from audioguide.system.process import run, run_in_daemon_thread, wait_for

ECHO = "import sys\nfor line in sys.stdin: print(line.strip(), flush=True)"


def test_what_a_program_says_and_how_it_ends():
    done = run([sys.executable, "-c", "import sys; print('Übung', input); print('no', file=sys.stderr); exit(3)"], 20)
    assert (done.returncode, done.stdout.decode().split()[0], done.stderr) == (3, "Übung", b"no\n")


def test_one_that_hangs_is_ended():
    with pytest.raises(TimeoutError, match=r"^no answer within 0.2 seconds$"):
        run([sys.executable, "-c", "import time; time.sleep(3600)"], 0.2)


def test_one_that_does_not_start():
    with pytest.raises(OSError, match="No such file"):
        run(["no/such/program"], 1)


def test_one_that_reads_ends_when_we_are_killed():
    code = (
        "import os, subprocess, sys; from audioguide.system.process import start\n"
        f"child = start([sys.executable, '-c', {ECHO!r}], stdin=subprocess.PIPE, stdout=subprocess.PIPE)\n"
        "child.stdin.write(b'on\\n'); child.stdin.flush(); child.stdout.readline()\n"
        "print(child.pid, flush=True); os._exit(1)"
    )
    pid = int(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout)
    deadline = time.monotonic() + 20
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not alive(pid)


def test_output_into_a_file(tmp_path):
    with (tmp_path / "out").open("wb") as file:
        done = run([sys.executable, "-c", "print(input() * 100_000)"], 20, b"ab\n", file)
    assert done.stdout is None
    assert (tmp_path / "out").stat().st_size == 200_000 + len(os.linesep)


def test_work_in_a_daemon_thread():
    assert wait_for(run_in_daemon_thread(lambda: 3), 20) == 3
    with pytest.raises(ZeroDivisionError):
        wait_for(run_in_daemon_thread(lambda: 1 // 0), 20)
    with pytest.raises(TimeoutError, match=r"^no answer within 0.05 seconds$"):
        wait_for(run_in_daemon_thread(lambda: time.sleep(2)), 0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows stops no processes")
def test_the_time_limit_does_not_run_while_this_process_is_stopped():
    code = (
        "import sys; from audioguide.system.process import run\n"
        "print('begun', flush=True)\n"
        "print(run([sys.executable, '-c', 'import time; time.sleep(0.7); print(7)'], 1.5).stdout.decode())"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as program:
        program.stdout.readline()
        time.sleep(0.2)
        program.send_signal(signal.SIGSTOP)
        time.sleep(2)
        program.send_signal(signal.SIGCONT)
        assert program.stdout.read().split() == [b"7"]
