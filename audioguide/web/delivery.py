"""What a phone has of a file, in bytes that have arrived: sent is not received, and a phone fetches in pieces."""

from __future__ import annotations

import asyncio
import re
import socket
import struct
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_RANGE = re.compile(r"bytes (\d{1,15})-\d+/\d+")

_LOOK = 0.05
"""Seconds between two looks at what is still under way."""

_SECOND_THOUGHTS = 6
"""Looks after the last byte in which a client that closes without having read all is noticed."""

_CLOSED, _CLOSE_WAIT = 7, 8
"""States of a connection (tcp_states.h of Linux): broken off; and closed in peace by the other end."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Which bytes of a file somebody has: spans in order, each from its first byte to the one after its last."""

    spans: tuple[tuple[int, int], ...] = ()

    def __len__(self) -> int:
        return sum(end - start for start, end in self.spans)

    def add(self, start: int, end: int) -> Extent:
        """These and the bytes from `start` to `end`."""
        if start >= end:
            return self
        apart = [span for span in self.spans if span[1] < start or span[0] > end]
        joined = [span for span in self.spans if not (span[1] < start or span[0] > end)]
        whole = (min([start, *(span[0] for span in joined)]), max([end, *(span[1] for span in joined)]))
        return Extent(tuple(sorted((*apart, whole))))

    def before(self, end: int) -> int:
        """The first of the bytes that reach up to `end` without a gap; `end` itself where there is none."""
        return next((first for first, last in self.spans if first < end <= last), end)


class Delivery:
    """Stands before the answers of one file, and counts what has arrived at each client.

    A client is an address: a phone that goes on after a broken download comes back on another connection. Where it goes
    on says how much of what it was sent it has got. `arrived` is told the most that one client has, in bytes; `find`
    gives the transport of a client's address and port.
    """

    def __init__(
        self,
        app: ASGIApp,
        find: Callable[[tuple[str, int]], asyncio.Transport | None],
        arrived: Callable[[int], None],
    ) -> None:
        self._app, self._find, self._arrived = app, find, arrived
        self._sent: dict[str, Extent] = {}
        self._got: dict[str, Extent] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, and count."""
        transport = self._find(tuple(scope["client"])) if scope["type"] == "http" and scope["client"] else None
        if transport is None or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        client = scope["client"][0]
        with _Line(transport) as line:
            start: int | None = None
            handed = 0

            async def counted(message: Message) -> None:
                nonlocal start, handed
                if message["type"] == "http.response.start":
                    start = _first_byte(message)
                    if start is not None:
                        self._has(client, self._sent.get(client, Extent()).before(start), start)
                elif transport.is_closing():
                    raise ConnectionResetError
                elif start is not None:
                    self._has(client, start, start + handed - line.waiting())
                    handed += len(message.get("body", b""))
                    self._sent[client] = self._sent.get(client, Extent()).add(start, start + handed)
                    if not message.get("more_body"):
                        # The answer ends when all of it is there: until then, nobody here closes the connection.
                        await send({**message, "more_body": True})
                        async for waiting in line.settling():
                            self._has(client, start, start + handed - waiting)
                        message = {**message, "body": b""}
                await send(message)

            # From 2.4 on, it is by an error that an application learns of a client that is gone. It would otherwise
            # stop by itself when a client closes because it has all that it wants.
            with suppress(ConnectionResetError):
                await self._app({**scope, "asgi": {**scope["asgi"], "spec_version": "2.4"}}, receive, counted)

    def _has(self, client: str, start: int, end: int) -> None:
        self._got[client] = self._got.get(client, Extent()).add(start, end)
        self._arrived(max(map(len, self._got.values())))


class _Line:
    """One connection: how many bytes are under way on it. It is watched beyond its closing."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._socket: socket.socket = transport.get_extra_info("socket").dup()

    def __enter__(self) -> _Line:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def waiting(self) -> int:
        """Bytes that were handed over and that the other end has not acknowledged."""
        return self._transport.get_write_buffer_size() + self._unacknowledged()

    async def settling(self) -> AsyncIterator[int]:
        """The bytes that are still under way, again and again until all has arrived; 0 comes last, and only if so."""
        quiet = 0
        while quiet < _SECOND_THOUGHTS:
            if self._is_broken():
                return
            if waiting := self.waiting():
                quiet = 0
                yield waiting
            quiet += 1
            await asyncio.sleep(_LOOK)
        yield 0

    def _unacknowledged(self) -> int:
        """Of the system's own queue (tcp(7), SIOCOUTQ); elsewhere than on Linux nothing is known of it."""
        if sys.platform != "linux":
            return 0
        import fcntl
        import termios

        (count,) = struct.unpack("i", fcntl.ioctl(self._socket, termios.TIOCOUTQ, bytes(4)))
        return int(count)

    def _is_broken(self) -> bool:
        """Whether one end has given up. A client that has all it wants closes in peace."""
        if sys.platform != "linux":
            return self._transport.is_closing() and self._transport.get_write_buffer_size() > 0
        state = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
        return state == _CLOSED or (self._transport.is_closing() and state != _CLOSE_WAIT)


def _first_byte(message: Message) -> int | None:
    """Where in the file an answer begins; None when it is no part of it, or several."""
    headers = {name.lower(): value.decode("latin-1") for name, value in message["headers"]}
    if message["status"] == 200:
        return 0
    found = _RANGE.fullmatch(headers.get(b"content-range", ""))
    return int(found[1]) if message["status"] == 206 and found else None
