"""Encoders started by a shell: as children are, but for their exit code."""

import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from processes import alive, below

from audioguide.errors import EnvironmentFailure
from audioguide.export.encoder import Encoder, spawn_shell
from audioguide.export.formats import FORMATS

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")

MP3 = FORMATS[".mp3"]


def noise(seconds: float) -> np.ndarray:
    return np.random.default_rng(1).uniform(-0.4, 0.4, (round(44_100 * seconds), 2)).astype(np.float32)


def below_here(new_children) -> list[int]:
    """The processes that this one has started since the test began, and theirs."""
    return [found for child in new_children() for found in (child, *below(child))]


def encoded(start, seconds: float) -> bytes:
    with Encoder(None, MP3, 2, start) as encoder:
        encoder.write(noise(seconds))
    return encoder.content


def test_many_at_once_are_those_of_children(new_children):
    with spawn_shell() as start, ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda number: encoded(start, number / 10), range(1, 41)))
        assert len(new_children()) == 1, "and the shell is the only one"
        with Encoder(None, MP3) as child:
            child.write(noise(2.3))
    assert made[22] == child.content
    assert new_children() == []


def test_what_has_ended_is_not_kept(new_children):
    with spawn_shell() as start:
        for _ in range(10):
            encoded(start, 0.1)
        assert len(below_here(new_children)) <= 3  # the shell looks when it is asked for the next one


def test_one_that_is_killed_is_told_and_no_other_ends(new_children):
    def killed(start):
        with Encoder(None, MP3, 2, start) as encoder:
            os.kill(below_here(new_children)[-1], signal.SIGKILL)
            for _ in range(100):
                encoder.write(noise(1))

    with spawn_shell() as start, Encoder(None, MP3, 2, start) as other:
        with pytest.raises(EnvironmentFailure, match="ffmpeg failed: it ended too early"):
            killed(start)
        other.write(noise(1))
    assert len(other.content) > 10_000


def test_one_that_does_not_start_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("IMAGEIO_FFMPEG_EXE", str(tmp_path / "it's not here"))
    with spawn_shell() as start, pytest.raises(EnvironmentFailure, match=r"ffmpeg failed: .*not found"):
        encoded(start, 60)


def test_where_the_shell_is_gone_they_are_children(new_children):
    with spawn_shell() as start:
        os.kill(new_children()[0], signal.SIGKILL)
        assert len(encoded(start, 1)) > 10_000


def test_one_that_is_left_by_an_exception_ends(new_children):
    def interrupted(start):
        with Encoder(None, MP3, 2, start) as encoder:
            pid = below_here(new_children)[-1]
            os.kill(pid, signal.SIGSTOP)
            encoder.write(noise(1))
            raise KeyboardInterrupt(pid)

    with spawn_shell() as start, pytest.raises(KeyboardInterrupt) as raised:
        interrupted(start)
    for _ in range(100):
        if not alive(raised.value.args[0]):
            return
        time.sleep(0.05)
    pytest.fail("it runs on")
