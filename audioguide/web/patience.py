"""What uvicorn leaves open: how long it waits for a client, and which signals end it.

All that this program uses of uvicorn's private parts is here; pyproject.toml caps its version for them.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from audioguide.web.limits import HEAD_TIME, STALLED_TIME


class Patient(H11Protocol):
    """A connection that is closed when the head of a request does not come in time, or nothing of an answer is taken.

    uvicorn closes one that is idle between two requests itself.
    """

    _late: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first request from now on."""
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Wait for the rest of a head that has begun."""
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._cancel()
        elif self._late is None and (self.cycle is None or self.cycle.response_complete):
            self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing."""
        self._cancel()
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Give the client some time to take what it is sent."""
        super().pause_writing()
        self._stalled = self.loop.call_later(STALLED_TIME, self.transport.abort)

    def resume_writing(self) -> None:
        """It has taken something."""
        if self._stalled:
            self._stalled.cancel()
            self._stalled = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request; where an answer has begun, all that can be done is to break off."""
        with suppress(h11.LocalProtocolError):
            super().send_400_response(f"{msg}\n")
        self.transport.close()

    def _expect(self) -> None:
        self._late = self.loop.call_later(HEAD_TIME, self.transport.abort)

    def _cancel(self) -> None:
        if self._late:
            self._late.cancel()
            self._late = None


class Server(uvicorn.Server):
    """Ends in good order when it is interrupted, told to end, or its terminal is closed, and then as if it had not been
    there to notice. What this process was told to ignore is ignored.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Note signals for as long as it runs, and pass them on at the end."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        known = (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP"))
        heeded = [number for number in known if number and signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self.handle_exit) for number in heeded}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        for number in self._captured_signals[:1]:
            signal.raise_signal(number)
