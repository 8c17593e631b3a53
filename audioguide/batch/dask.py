"""Jobs on a Dask cluster: its workers call the same function as those of this machine."""

import logging
import re
from collections.abc import Generator, Sequence
from dataclasses import asdict
from typing import Any

from audioguide.batch.job import Job, JobResult, run_job
from audioguide.errors import EnvironmentFailure, RequestError, install_hint
from audioguide.version import __version__

# Scheme, host (a name, or an address of IPv4 or IPv6) and port.
_ADDRESS = re.compile(r"(?:(?:tcp|tls|wss?)://)?(\[[\w.:%]+\]|\w[\w.-]*):(\d{1,5})", re.ASCII)
_CONNECT_SECONDS = 5.0
_WORKER_SECONDS = 60.0  # for which the first worker is waited for


def run_on_cluster(address: str, jobs: Sequence[Job]) -> Generator[JobResult, None, None]:
    """The results of jobs as they come from the workers of the scheduler at an address such as tcp://10.0.0.5:8786.

    The workers write the files, so the folder of the files, and those of routines, need the same path on all machines.
    RequestError for an invalid address, EnvironmentFailure when Dask is not installed or the scheduler does not answer.
    """
    try:
        from distributed import Client, as_completed
        from distributed.scheduler import KilledWorker
    except ImportError:
        hint = f"{install_hint('distributed')}, or leave --scheduler out."
        raise EnvironmentFailure(f"--scheduler needs Dask. {hint}") from None
    _check_address(address)
    for name in ("distributed", *logging.root.manager.loggerDict):  # each has a level and handlers of its own
        if name.partition(".")[0] in ("distributed", "tornado", "asyncio"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # our messages report errors
    try:
        client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = str(error).splitlines()[0] if str(error) else "no answer"
        raise EnvironmentFailure(f"The scheduler at {address} does not answer: {reason}. Is it running?") from None
    again = "Finished files stay: start it and its workers, and run this again."
    gone = f"The scheduler at {address} no longer answers. {again}"
    try:
        try:
            client.wait_for_workers(1, timeout=_WORKER_SECONDS)
        except TimeoutError:
            hint = f"Start some (`dask worker {address} --nthreads 1`), and run this again."
            raise EnvironmentFailure(f"The scheduler at {address} has no workers. {hint}") from None
        running: dict[Any, Job] = {client.submit(run_job, asdict(job), 1, __version__, pure=False): job for job in jobs}
        for future in as_completed(running, loop=client.loop):
            job = running.pop(future)
            if future.cancelled():
                raise TimeoutError
            if failure := future.exception():
                killed = isinstance(failure, KilledWorker)
                why = "Several workers died while they made it." if killed else f"The worker failed: {failure}."
                yield JobResult(job, "failed", error=why)
            else:
                yield JobResult(job, **future.result())
            future.release()
        if running:
            raise TimeoutError
    except OSError:
        raise EnvironmentFailure(gone) from None
    finally:
        client.close(timeout=2)


def _check_address(address: str) -> None:
    """Raises RequestError for an invalid address. Dask's client would only say so when it cannot be closed any more."""
    try:
        host, port = _ADDRESS.fullmatch(address).groups()  # type: ignore[union-attr]
        host.encode("idna")
        if not 0 < int(port) < 65536:
            raise ValueError
    except (AttributeError, ValueError):
        message = f"{address!r} is not the address of a scheduler."
        raise RequestError(message, "Write it as tcp://10.0.0.5:8786.") from None
