"""A machine that has other things to do."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

AS_USER = (
    ["setpriv", "--bounding-set=-sys_nice", "--inh-caps=-sys_nice"] if hasattr(os, "getuid") and not os.getuid() else []
)
"""What a command begins with, so that root may raise no priority either."""


@contextmanager
def busy() -> Iterator[None]:
    """Two processes keep two cores busy."""
    children = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        yield
    finally:
        for child in children:
            child.kill()
            child.wait()


@contextmanager
def exporting(folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """A session is exported over and over, each time with nothing known."""
    over, cache = threading.Event(), folder / "other"
    export_it = [sys.executable, "-m", "audioguide", "export", "lower-back-cool-down", "-o", folder / "other.mp3"]

    def export() -> None:
        while not over.is_set():
            shutil.rmtree(cache, ignore_errors=True)
            surroundings = {**environment, "AUDIOGUIDE_CACHE": str(cache)}
            child = subprocess.Popen([*AS_USER, *export_it], env=surroundings, stderr=subprocess.DEVNULL)
            while child.poll() is None and not over.wait(0.1):
                pass
            child.kill()
            child.wait()

    thread = threading.Thread(target=export)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
