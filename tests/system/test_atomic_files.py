import errno
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.system.files import atomic_write, os_error_message, temporary_folder, write_text


def test_a_file_appears_when_all_is_written(tmp_path):
    target = tmp_path / "a.mp3"
    with atomic_write(target) as (part,):
        part.write_bytes(b"new")
        assert not target.exists()
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def test_the_temporary_file_lies_beside_it_hidden_from_players(tmp_path):
    with atomic_write(tmp_path / "a.mp3") as (part,):
        assert part.parent == tmp_path
        assert part.name.startswith(".audioguide-")
        assert part.suffix == ".part"


def write_until(failure: type[BaseException], *targets: Path) -> None:
    with atomic_write(*targets) as parts:
        for part in parts:
            part.write_bytes(b"new")
        raise failure


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt, SystemExit])
def test_the_old_files_stay_until_the_end(tmp_path, failure):
    old, other = tmp_path / "a.mp3", tmp_path / "a.voice.wav"
    old.write_bytes(b"old")
    with pytest.raises(failure):
        write_until(failure, old, other)
    assert old.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [old]


def test_several_files_appear_together(tmp_path):
    targets = [tmp_path / name for name in ("a.mp3", "a.voice.wav", "a.chimes.wav")]
    with atomic_write(*targets) as parts:
        for part, target in zip(parts, targets, strict=True):
            part.write_text(target.name)
    assert [target.read_text() for target in targets] == [target.name for target in targets]


def test_when_one_place_is_wrong_nothing_is_made(tmp_path):
    with pytest.raises(RequestError), atomic_write(tmp_path / "a.mp3", tmp_path / "missing" / "b.wav"):
        pytest.fail("the body must not run")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_folder_is_named(tmp_path):
    with (
        pytest.raises(RequestError, match=r"There is no folder .*nowhere\."),
        atomic_write(tmp_path / "nowhere" / "a.mp3"),
    ):
        pytest.fail("the body must not run")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a folder that is used")
def test_a_working_folder_that_is_gone_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()
    with pytest.raises(RequestError, match="working folder is gone"), atomic_write(Path("a.mp3")):
        pytest.fail("the body must not run")


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RequestError), atomic_write(tmp_path / "file" / "a.mp3"):
        pytest.fail("the body must not run")


def test_a_folder_in_place_of_the_file(tmp_path):
    with pytest.raises(RequestError, match="is a folder"), atomic_write(tmp_path):
        pytest.fail("the body must not run")


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX: a device has a path")
def test_a_device_is_not_replaced():
    with pytest.raises(RequestError, match="not an ordinary file"), atomic_write(Path("/dev/null")):
        pytest.fail("the body must not run")


def test_a_name_that_is_too_long_is_refused_before_the_work(tmp_path):
    with pytest.raises(RequestError, match="too long"), atomic_write(tmp_path / ("a" * 300 + ".mp3")):
        pytest.fail("the body must not run")


@pytest.mark.parametrize("name", ["ヨ" * 83 + ".yaml", "a" * 251 + ".mp3"])
def test_the_longest_name_that_a_disk_takes(tmp_path, name):
    write_text(tmp_path / name, "new")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_many_threads_write_one_file(tmp_path):
    texts = [str(number) * 20_000 for number in range(10)]
    with ThreadPoolExecutor(10) as threads:
        list(threads.map(lambda text: write_text(tmp_path / "a.yaml", text), texts * 10))
    assert (tmp_path / "a.yaml").read_text() in texts
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX: permissions and links")
def test_permissions_are_the_usual_ones(tmp_path):
    (tmp_path / "usual").touch()
    with atomic_write(tmp_path / "a.mp3"):
        pass
    assert (tmp_path / "a.mp3").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX: permissions and links")
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    link, real = tmp_path / "a.mp3", tmp_path / "real" / "b.mp3"
    link.symlink_to(real)
    with atomic_write(link) as (part,):
        part.write_bytes(b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_may_not_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(EnvironmentFailure, match="may not be written"), atomic_write(tmp_path / "a.mp3"):
        pytest.fail("the body must not run")


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc, a folder that nobody may write")
def test_a_folder_that_nobody_may_write():
    with pytest.raises(EnvironmentFailure), atomic_write(Path("/proc/self/fdinfo/a.mp3")):
        pytest.fail("the body must not run")


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "disk is full"), (errno.EROFS, "may not be written"), (errno.EFBIG, "size"), (errno.EIO, "In")],
)
def test_a_failure_is_one_plain_sentence(number, said):
    failure = os_error_message(OSError(number, os.strerror(number)), Path("music/.a.mp3.part"))
    assert isinstance(failure, EnvironmentFailure)
    assert said in str(failure)
    assert "music" in str(failure)
    assert ".part" not in str(failure)


LEAVING = """
    import sys, time
    from pathlib import Path
    from audioguide.system.files import atomic_write

    with atomic_write(*map(Path, sys.argv[1:])) as parts:
        for part in parts:
            part.write_bytes(b"half")
        print(flush=True)
        time.sleep(100)
"""


@contextmanager
def writing(*targets: Path) -> Iterator[subprocess.Popen]:
    """Another program that writes them."""
    command = [sys.executable, "-c", textwrap.dedent(LEAVING), *targets]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as program:
        program.stdout.readline()
        yield program
        program.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_what_a_killed_program_left_is_swept_away(tmp_path):
    with writing(tmp_path / "a.mp3", tmp_path / "b.mp3"):
        assert len(list(tmp_path.iterdir())) == 2
    assert len(list(tmp_path.iterdir())) == 2
    write_text(tmp_path / "c.yaml", "whole")
    assert [path.name for path in tmp_path.iterdir()] == ["c.yaml"]


def test_a_folder_whose_file_is_gone_is_swept_away_and_one_in_use_stays(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with temporary_folder() as used:
        lone, other = used.with_name(".audioguide-0123456789abcdef.part.d"), tmp_path / ".audioguide-01.part.d"
        for folder in (lone, other):
            folder.mkdir()
            (folder / "a").write_text("a")
        with temporary_folder():
            assert (used.is_dir(), lone.exists(), other.is_dir()) == (True, False, True)
    assert [*tmp_path.iterdir()] == [other]


INTERRUPTED = """
import os, signal, sys
import audioguide.system.files as files
from audioguide.cli import main
import audioguide.system.process as process
child = process.start(["sleep", "60"])
print(child.pid, flush=True)
files._lock = lambda file: os.kill(os.getpid(), signal.SIGINT)
sys.argv = ["audioguide", "new", "a.yaml"]
main()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal")
def test_an_interruption_between_two_steps_leaves_nothing(tmp_path):
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip()) == (130, "Stopped.")
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)
    assert [*tmp_path.iterdir()] == []


WAITING = """
import os, signal, threading
import audioguide.cli as cli
begin = cli.main
import audioguide.cli.main as commands
from audioguide.system.files import temporary_file
from pathlib import Path
def run(arguments):
    locked = threading.Lock()
    locked.acquire()
    with temporary_file(Path()):
        try:
            os.kill(os.getpid(), signal.SIGTERM)
        finally:
            locked.acquire()
cli._PATIENCE, commands.run = 1, run
begin()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no such signal")
def test_an_interruption_that_leaves_something_locked_ends_all_the_same(tmp_path):
    done = subprocess.run([sys.executable, "-c", WAITING], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (130, "")
    assert [*tmp_path.iterdir()] == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such locks")
def test_what_another_program_still_writes_stays(tmp_path):
    with writing(tmp_path / "a.mp3"):
        (theirs,) = tmp_path.iterdir()
        with atomic_write(tmp_path / "a.mp3") as (part,):
            part.write_bytes(b"whole")
        with pytest.raises(ZeroDivisionError), atomic_write(tmp_path / "a.mp3"):
            raise ZeroDivisionError
        assert sorted(path.name for path in tmp_path.iterdir()) == [theirs.name, "a.mp3"]


def test_other_hidden_files_stay(tmp_path):
    names = [
        ".a.mp3.part",
        ".a.mp3.01234567.part",
        ".audioguide-0123456789abcdef.part.bak",
        ".audioguide.part",
        "audioguide-0123456789abcdef.part",
    ]
    for name in names:
        (tmp_path / name).write_bytes(b"mine")
        os.utime(tmp_path / name, (0, 0))
    with atomic_write(tmp_path / "a.mp3") as (part,):
        part.write_bytes(b"whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names, "a.mp3"])


def test_no_file_stays_open(tmp_path):
    before = os.dup(0)
    os.close(before)
    for _ in range(3):
        with atomic_write(tmp_path / "a.mp3", tmp_path / "b.mp3") as parts:
            for part in parts:
                part.write_bytes(b"whole")
    after = os.dup(0)
    os.close(after)
    assert after == before
