"""HTTP requests of the online voices: rate-limited, with timeouts, retried a few times."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import wait
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from audioguide.errors import EnvironmentFailure
from audioguide.system.process import run_in_daemon_thread

if TYPE_CHECKING:
    from requests import PreparedRequest, Response
    from tenacity import RetryCallState

T = TypeVar("T")

_POLL_SECONDS = 0.05  # how often a request that waits for its answer looks whether it is cancelled


class RequestFailed(Exception):
    """Why a request failed. It is not retried where it is `final`, or `pause` (asked for) is over 120 seconds."""

    def __init__(self, why: str, pause: float = 0.0, *, final: bool = False) -> None:
        super().__init__(why)
        self.pause, self.final = pause, final or pause > 120.0


class RateLimiter:
    """Lets callers on any thread through one by one, at least `gap` seconds apart."""

    def __init__(self, gap: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap, self._clock = gap, clock
        self._lock = threading.Lock()
        self._free = 0.0

    def acquire(self) -> float:
        """Go through if that is allowed now, and return 0; else return the seconds to wait before the next try."""
        with self._lock:
            now = self._clock()
            if now < self._free:
                return self._free - now
            self._free = now + self._gap
            return 0.0

    def block(self, seconds: float) -> None:
        """Let nobody through for that long."""
        with self._lock:
            self._free = max(self._free, self._clock() + seconds)


# Process-wide: one request per 1.02 s, so that two arrive a second apart even if the first one travels longer.
RATE_LIMITER = RateLimiter(1.02)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long an attempt may take, in seconds: to connect, between two bytes, and as a whole."""

    connect: float = 5.0
    read: float = 15.0
    total: float = 30.0


class RateLimitedClient:
    """Sends requests from any number of threads. `wait` gets the event that ends a wait early, and the seconds."""

    def __init__(
        self,
        timeouts: Timeouts = Timeouts(),
        limiter: RateLimiter = RATE_LIMITER,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        self._timeouts, self._limiter, self._wait = timeouts, limiter, wait
        self._cancelled = threading.Event()

    def send(self, request: PreparedRequest, parse: Callable[[bytes], T]) -> T:
        """Send a request and return what `parse` makes of the answer; it raises RequestFailed if that is unusable.

        Raises the RequestFailed of the last attempt, and EnvironmentFailure as soon as `cancel` is called.
        """
        from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

        cancelled = self._cancelled

        def check_cancelled(ended: bool = False) -> None:
            if ended or cancelled.is_set():
                raise EnvironmentFailure("Stopped before everything was spoken.")

        def attempt() -> T:
            while seconds := self._limiter.acquire():
                check_cancelled(self._wait(cancelled, seconds))
            # On a thread of its own: a read from a silent or a slow socket cannot be interrupted.
            answer = run_in_daemon_thread(lambda: _send(request, self._timeouts))
            left = self._timeouts.total
            while not wait([answer], _POLL_SECONDS).done:
                check_cancelled()
                left -= _POLL_SECONDS  # not by the clock, which goes on while this process is stopped (Ctrl-Z)
                if left < 0:
                    raise RequestFailed("does not answer in time")
            return parse(answer.result())

        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, RequestFailed) and not error.final),
            stop=stop_after_attempt(4),
            wait=lambda state: max(wait_exponential(2)(state), self._requested_pause(state)),  # 2, 4 and 8 seconds
            sleep=lambda seconds: check_cancelled(self._wait(cancelled, seconds)),
            reraise=True,
        )
        return retrying(attempt)

    def cancel(self) -> None:
        """End all requests under way with EnvironmentFailure. Later ones are sent as usual."""
        cancelled, self._cancelled = self._cancelled, threading.Event()
        cancelled.set()

    def _requested_pause(self, state: RetryCallState) -> float:
        failure = state.outcome and state.outcome.exception()
        pause = failure.pause if isinstance(failure, RequestFailed) else 0.0
        self._limiter.block(pause)  # for the other threads, too
        return pause


def _send(request: PreparedRequest, timeouts: Timeouts) -> bytes:
    from requests import Session, exceptions

    try:
        with Session() as session:
            # With this machine's proxies and certificates, if it has any. Certificates are always verified.
            settings = session.merge_environment_settings(request.url or "", {}, True, None, None)
            settings["verify"] = settings["verify"] or True
            limits = (timeouts.connect, timeouts.read)
            with session.send(request, timeout=limits, allow_redirects=False, **settings) as response:
                return _read_body(response)
    except exceptions.Timeout:
        raise RequestFailed("does not answer in time") from None
    except (exceptions.ChunkedEncodingError, exceptions.ContentDecodingError):
        raise RequestFailed("breaks off in the middle") from None
    except exceptions.ConnectionError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):  # other TLS errors are retried
            raise RequestFailed("cannot be trusted: its certificate is not the right one", final=True) from None
        raise RequestFailed("cannot be reached") from None
    except exceptions.RequestException as error:
        raise RequestFailed(f"cannot be reached ({type(error).__name__})") from None


def _read_body(response: Response) -> bytes:
    if response.status_code in (429, 503):
        raise RequestFailed("gets too many requests", _parse_retry_after(response.headers.get("Retry-After", "")))
    if response.status_code != 200:
        final = response.status_code in (400, 404)
        raise RequestFailed(f"refuses to answer ({response.status_code} {response.reason})".rstrip(), final=final)
    content = b""
    for chunk in response.iter_content(65_536):
        content += chunk
        if len(content) > 4_000_000:  # a piece of speech has some 100,000
            raise RequestFailed("sends too much data")
    return content


def _parse_retry_after(header: str) -> float:
    """Seconds of a Retry-After header, which gives them or a date; 0 when it gives neither."""
    from urllib3.exceptions import InvalidHeader
    from urllib3.util import Retry

    with contextlib.suppress(InvalidHeader, ValueError, OverflowError):
        return Retry().parse_retry_after(header)
    return 0.0
