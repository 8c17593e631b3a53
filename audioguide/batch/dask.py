"""Jobs on a Dask cluster: the same function of the same rows, and the rest is Dask's."""

from __future__ import annotations

import logging
import re
from collections.abc import Generator, Sequence
from typing import Any

from audioguide.batch.job import Job, JobResult, run_job
from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.version import __version__

# mypy: allow-untyped-calls
# Dask's functions have no types.


_ADDRESS = re.compile(r"(?:(\w+)://)?(\[[\w.:%]+\]|\w[\w.-]*):(\d{1,5})", re.ASCII)
"""Scheme, host (a name, or an address of IPv4 or IPv6) and port."""

_PATIENCE = 5.0
"""Seconds in which a scheduler has to answer."""


def run_on_cluster(address: str, jobs: Sequence[Job]) -> Generator[JobResult, None, None]:
    """The results of jobs as they come from the workers of the scheduler at an address, as tcp://10.0.0.5:8786.

    The workers write the files, so the folder has to have the same path for all of them, and for the routines that are
    files. RequestError for what is no address, EnvironmentFailure where Dask is not installed, and where the scheduler
    does not answer, or no longer does.
    """
    try:
        from distributed import Client, as_completed
        from distributed.comm.registry import get_backend
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise EnvironmentFailure(
            "Jobs for a cluster need Dask. Run: pip install 'audioguide[batch]', or leave --scheduler out."
        ) from None
    try:  # before there is a client, which cannot be put away when it has none
        scheme, host, port = _ADDRESS.fullmatch(address).groups()  # type: ignore[union-attr]
        get_backend(scheme or "tcp")
        host.encode("idna")
        if not 0 < int(port) < 65536:
            raise ValueError
    except (AttributeError, ValueError, ImportError):
        raise RequestError(f"{address!r} is no address of a scheduler.", "Write it as tcp://10.0.0.5:8786.") from None
    _hush()
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else "no answer"
        raise EnvironmentFailure(f"The scheduler at {address} does not answer: {reason}. Is it running?") from None
    try:
        running: dict[Any, Job] = {
            client.submit(run_job, job.to_dict(), 1, __version__, pure=False): job for job in jobs
        }
        for future in as_completed(running, loop=client.loop):
            job = running.pop(future)
            if future.cancelled():
                raise _gone(address)
            failure = future.exception()
            if isinstance(failure, KilledWorker):
                yield JobResult(job, "failed", error="The workers that made it died, one after the other.")
            elif failure is not None:
                yield JobResult(job, "failed", error=f"The worker failed: {failure}.")
            else:
                yield JobResult(job, **future.result())
            future.release()
        if running:
            raise _gone(address)
    except (OSError, TimeoutError):
        raise _gone(address) from None
    finally:
        client.close(timeout=2)


def _hush() -> None:
    """What matters is told in a sentence. Dask gives its loggers levels and handlers of their own, each apart."""
    for name in ("distributed", *logging.root.manager.loggerDict):
        if name.partition(".")[0] in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)


def _gone(address: str) -> EnvironmentFailure:
    return EnvironmentFailure(f"The scheduler at {address} is gone. What is done stays: start it, and run this again.")
