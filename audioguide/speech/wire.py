"""Requests over the network, politely and patiently: one a second, tried again after a while, never waited for forever.

Nothing here knows what is asked or answered.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from audioguide.errors import EnvironmentFailure

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

T = TypeVar("T")

PAUSES = (2.0, 4.0, 8.0)
"""Seconds before the second, third and fourth attempt."""

LONGEST_PAUSE = 120.0
"""A server that asks for more seconds than this is not waited for."""

LARGEST = 4_000_000
"""Bytes of an answer; a piece of speech has some 100,000."""


class Trouble(Exception):
    """An answer that is no use, and why; `pause` is what the server asks to be left alone for, in seconds."""

    def __init__(self, why: str, pause: float = 0.0, *, final: bool = False) -> None:
        super().__init__(why)
        self.pause, self.final = pause, final


class Turnstile:
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


TURNSTILE = Turnstile(1.02)
"""The one of this process: a request a second, and a little, since the way to a server is never twice as long."""


@dataclass(frozen=True, slots=True)
class Times:
    """How long an attempt may take, in seconds: to connect, without a sign of life, and as a whole."""

    connect: float = 5.0
    read: float = 15.0
    whole: float = 30.0


class Wire:
    """Sends requests from any number of threads. `wait` is handed what ends the wait early, and the seconds."""

    def __init__(
        self,
        times: Times = Times(),
        turnstile: Turnstile = TURNSTILE,
        wait: Callable[[threading.Event, float], bool] = threading.Event.wait,
    ) -> None:
        self._times, self._turnstile, self._wait = times, turnstile, wait
        self._hung_up = threading.Event()
        self._open: set[Future[bytes]] = set()

    def ask(self, request: PreparedRequest, read: Callable[[bytes], T]) -> T:
        """What `read` makes of the answer; it raises Trouble when that is no use.

        Raises the Trouble of the last attempt, or EnvironmentFailure at once when `hang_up` was called meanwhile.
        """
        hung_up = self._hung_up
        for pause in (*PAUSES, 0.0):
            self._go_through(hung_up)
            try:
                return read(self._answer(request, hung_up))
            except Trouble as trouble:
                if not pause or trouble.final or trouble.pause > LONGEST_PAUSE:
                    raise
                if trouble.pause:
                    self._turnstile.close(trouble.pause)  # for the other threads, too
                self._pause(max(pause, trouble.pause), hung_up)
        raise AssertionError("the last attempt returns or raises")

    def hang_up(self) -> None:
        """End everything that is under way, with EnvironmentFailure; what is asked from now on is sent again."""
        hung_up, self._hung_up = self._hung_up, threading.Event()
        hung_up.set()
        for answer in tuple(self._open):
            _settle(answer, lambda answer: answer.set_exception(_stopped()))

    def _go_through(self, hung_up: threading.Event) -> None:
        while left := self._turnstile.enter():
            self._pause(left, hung_up)

    def _pause(self, seconds: float, hung_up: threading.Event) -> None:
        if self._wait(hung_up, seconds) or hung_up.is_set():
            raise _stopped()

    def _answer(self, request: PreparedRequest, hung_up: threading.Event) -> bytes:
        # On a thread of its own, since a socket that says nothing cannot be hurried: not when everything ends, and
        # not when a byte comes every few seconds.
        answer: Future[bytes] = Future()
        self._open.add(answer)
        try:
            if hung_up.is_set():
                raise _stopped()
            threading.Thread(target=_send, args=(request, self._times, answer), name="request", daemon=True).start()
            return answer.result(self._times.whole)
        except TimeoutError:
            raise Trouble("does not answer in time") from None
        finally:
            self._open.discard(answer)


def _send(request: PreparedRequest, times: Times, answer: Future[bytes]) -> None:
    import requests

    try:
        with requests.Session() as session:
            # The machine's own proxies and certificates, if it has any; certificates are always verified.
            settings = session.merge_environment_settings(request.url or "", {}, True, None, None)
            settings["verify"] = settings["verify"] or True
            limits = (times.connect, times.read)
            with session.send(request, timeout=limits, allow_redirects=False, **settings) as response:
                content = _content(response)
    except Exception as error:  # whoever waits gets to know
        trouble = error if isinstance(error, Trouble) else _trouble(error)
        _settle(answer, lambda answer: answer.set_exception(trouble))
    else:
        _settle(answer, lambda answer: answer.set_result(content))


def _content(response: Response) -> bytes:
    if response.status_code in (429, 503):
        raise Trouble("is asked too often", _pause_asked(response.headers.get("Retry-After", "")))
    if response.status_code != 200:
        final = response.status_code in (400, 404)
        raise Trouble(f"refuses to answer ({response.status_code} {response.reason})".rstrip(), final=final)
    content = b""
    for chunk in response.iter_content(65_536):
        content += chunk
        if len(content) > LARGEST:
            raise Trouble("sends far too much")
    return content


def _pause_asked(header: str) -> float:
    """Seconds of a Retry-After header, which gives them or a date (RFC 9110, 10.2.3); 0 when it gives neither."""
    if header.strip().isdecimal():
        return float(header)
    from email.utils import parsedate_to_datetime

    try:
        date = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return 0.0
    aware = date if date.tzinfo else date.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def _trouble(error: Exception) -> Trouble:
    import requests

    match error:
        case requests.exceptions.SSLError() if _about_certificate(error):
            return Trouble("cannot be trusted: its certificate is not the right one", final=True)
        case requests.exceptions.Timeout():
            return Trouble("does not answer in time")
        case requests.exceptions.ChunkedEncodingError() | requests.exceptions.ContentDecodingError():
            return Trouble("breaks off in the middle")
        case requests.exceptions.ConnectionError():
            return Trouble("cannot be reached")
    return Trouble(f"cannot be asked ({type(error).__name__})")


def _about_certificate(error: BaseException) -> bool:
    """Whether a certificate was refused; other TLS errors may be the network's, and are tried again."""
    import ssl

    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    queue: list[object] = [error]
    while queue:
        cause = queue.pop()
        if isinstance(cause, BaseException) and cause not in found:
            found.append(cause)
            queue += [*cause.args, cause.__cause__, cause.__context__, getattr(cause, "reason", None)]
    return found


def _settle(answer: Future[bytes], settle: Callable[[Future[bytes]], None]) -> None:
    with contextlib.suppress(InvalidStateError):  # it came too late: nobody waits any more
        settle(answer)


def _stopped() -> EnvironmentFailure:
    return EnvironmentFailure("Stopped before everything was spoken.")
