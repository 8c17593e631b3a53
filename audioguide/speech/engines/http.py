"""Requests over the network: one in 1.02 seconds, with time limits, tried again a few times."""

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

ATTEMPTS = 4
"""Pauses of 2, 4 and 8 seconds lie between them."""

LONGEST_PAUSE = 120.0
"""A server that asks to be left alone for more seconds than this is not waited for."""

LARGEST = 4_000_000
"""Bytes of an answer; a piece of speech has some 100,000."""

_LOOK = 0.05
"""Seconds between two looks whether to go on waiting for an answer."""


class RequestFailed(Exception):
    """An answer that is no use, and why; `pause` is what the server asks to be left alone for, in seconds."""

    def __init__(self, why: str, pause: float = 0.0, *, final: bool = False) -> None:
        super().__init__(why)
        self.pause, self.final = pause, final or pause > LONGEST_PAUSE


class RateLimiter:
    """Lets the callers of all threads through one by one, at least `gap` seconds apart."""

    def __init__(self, gap: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._gap, self._clock = gap, clock
        self._lock = threading.Lock()
        self._free = 0.0

    def enter(self) -> float:
        """Goes through if that may be now; returns the seconds to wait before trying again, or else 0."""
        with self._lock:
            now = self._clock()
            if now < self._free:
                return self._free - now
            self._free = now + self._gap
            return 0.0

    def close(self, seconds: float) -> None:
        """Let nobody through for so long."""
        with self._lock:
            self._free = max(self._free, self._clock() + seconds)


RATE_LIMITER = RateLimiter(1.02)
"""That of this process. A second and a little: the way to a server is never twice as long."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long an attempt may take, in seconds: to connect, without a sign of life, and as a whole."""

    connect: float = 5.0
    read: float = 15.0
    whole: float = 30.0


class RateLimitedClient:
    """Sends requests from any number of threads. `wait` is handed what ends the wait early, and the seconds."""

    def __init__(
        self,
        times: Timeouts = Timeouts(),
        turnstile: RateLimiter = RATE_LIMITER,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        self._times, self._turnstile, self._wait = times, turnstile, wait
        self._hung_up = threading.Event()

    def ask(self, request: PreparedRequest, read: Callable[[bytes], T]) -> T:
        """What `read` makes of the answer; it raises Trouble when that is no use.

        Raises the Trouble of the last attempt, or EnvironmentFailure at once when `hang_up` was called meanwhile.
        """
        from tenacity import Retrying, retry_if_exception, stop_after_attempt, wait_exponential

        hung_up = self._hung_up

        def go_on(ended: bool = False) -> None:
            if ended or hung_up.is_set():
                raise EnvironmentFailure("Stopped before everything was spoken.")

        def attempt() -> T:
            while left := self._turnstile.enter():
                go_on(self._wait(hung_up, left))
            # On a thread of its own, since a socket that says nothing cannot be hurried: not when everything ends, and
            # not when a byte comes every few seconds.
            answer = run_in_daemon_thread(lambda: _send(request, self._times))
            late = time.monotonic() + self._times.whole
            while not wait([answer], _LOOK).done:
                go_on()
                if time.monotonic() > late:
                    raise RequestFailed("does not answer in time")
            return read(answer.result())

        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, RequestFailed) and not error.final),
            stop=stop_after_attempt(ATTEMPTS),
            wait=lambda state: max(wait_exponential(2)(state), self._pause_asked(state)),
            sleep=lambda seconds: go_on(self._wait(hung_up, seconds)),
            reraise=True,
        )
        return retrying(attempt)

    def hang_up(self) -> None:
        """End everything that is under way, with EnvironmentFailure; what is asked from now on is sent again."""
        hung_up, self._hung_up = self._hung_up, threading.Event()
        hung_up.set()

    def _pause_asked(self, state: RetryCallState) -> float:
        trouble = state.outcome and state.outcome.exception()
        asked = trouble.pause if isinstance(trouble, RequestFailed) else 0.0
        self._turnstile.close(asked)  # for the other threads, too
        return asked


def _send(request: PreparedRequest, times: Timeouts) -> bytes:
    from requests import Session, exceptions

    try:
        with Session() as session:
            # The machine's own proxies and certificates, if it has any; certificates are always verified.
            settings = session.merge_environment_settings(request.url or "", {}, True, None, None)
            settings["verify"] = settings["verify"] or True
            limits = (times.connect, times.read)
            with session.send(request, timeout=limits, allow_redirects=False, **settings) as response:
                return _content(response)
    except exceptions.Timeout:
        raise RequestFailed("does not answer in time") from None
    except (exceptions.ChunkedEncodingError, exceptions.ContentDecodingError):
        raise RequestFailed("breaks off in the middle") from None
    except exceptions.ConnectionError as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):  # other TLS errors may be the network's, and are tried again
            raise RequestFailed("cannot be trusted: its certificate is not the right one", final=True) from None
        raise RequestFailed("cannot be reached") from None
    except exceptions.RequestException as error:
        raise RequestFailed(f"cannot be asked ({type(error).__name__})") from None


def _content(response: Response) -> bytes:
    if response.status_code in (429, 503):
        raise RequestFailed("is asked too often", _pause_asked(response.headers.get("Retry-After", "")))
    if response.status_code != 200:
        final = response.status_code in (400, 404)
        raise RequestFailed(f"refuses to answer ({response.status_code} {response.reason})".rstrip(), final=final)
    content = b""
    for chunk in response.iter_content(65_536):
        content += chunk
        if len(content) > LARGEST:
            raise RequestFailed("sends far too much")
    return content


def _pause_asked(header: str) -> float:
    """Seconds of a Retry-After header, which gives them or a date; 0 when it gives neither."""
    from urllib3.exceptions import InvalidHeader
    from urllib3.util import Retry

    with contextlib.suppress(InvalidHeader, ValueError, OverflowError):
        return Retry().parse_retry_after(header)
    return 0.0
