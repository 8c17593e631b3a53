"""A real Dask cluster on this machine: a scheduler and its workers, each in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import audioguide

PROGRAM = Path(audioguide.__file__).parent.parent
_RUN = "import sys; from distributed.cli.{0} import main; sys.exit(main())"


class Cluster:
    """A scheduler and workers, which are ended with it.

    With `apart` each worker has a cache of its own, as on a machine of its own.
    """

    def __init__(self, folder: Path, workers: int = 2, apart: bool = False, **environment: str) -> None:
        self._folder, self._apart, self._environment = folder, apart, environment
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{self._port}"
        self.scheduler = self._scheduler()
        self.workers = [self._worker(number) for number in range(workers)]

    def mend(self) -> None:
        """Start what has ended anew."""
        if self.scheduler.poll() is not None:
            self.scheduler = self._scheduler()
        self.workers = [one if one.poll() is None else self._worker(number) for number, one in enumerate(self.workers)]

    def _scheduler(self) -> subprocess.Popen[bytes]:
        return self._start("dask_scheduler", "--host", "127.0.0.1", "--port", str(self._port), "--no-dashboard")

    def _worker(self, number: int) -> subprocess.Popen[bytes]:
        alone = ("--nworkers", "1", "--nthreads", "1", "--no-nanny", "--no-dashboard")
        own = {"AUDIOGUIDE_CACHE": str(self._folder / f"cache{number}")} if self._apart else {}
        return self._start("dask_worker", self.address, *alone, "--local-directory", f"worker{number}", **own)

    def _start(self, program: str, *arguments: str, **own: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", _RUN.format(program), *arguments],
            cwd=self._folder,
            env=os.environ | {"PYTHONPATH": str(PROGRAM)} | self._environment | own,  # the same program as here
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self) -> None:
        """End them all."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
