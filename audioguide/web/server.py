"""The server on its sockets: where it listens, how long it waits, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import secrets
import signal
import socket
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from audioguide.errors import EnvironmentFailure
from audioguide.model.options import Options
from audioguide.web.limits import HEAD_TIMEOUT, IDLE_TIMEOUT, MAX_CONNECTIONS, WRITE_TIMEOUT

if TYPE_CHECKING:
    from starlette.types import ASGIApp


class TimeoutProtocol(H11Protocol):
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
        self._stalled = self.loop.call_later(WRITE_TIMEOUT, self.transport.abort)

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
        self._late = self.loop.call_later(HEAD_TIMEOUT, self.transport.abort)

    def _cancel(self) -> None:
        if self._late:
            self._late.cancel()
            self._late = None


class SignalServer(uvicorn.Server):
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


HERE = "127.0.0.1"
PORT = 8765
"""Where the page is if nobody says otherwise, so that a bookmark holds."""

_FURTHER = 20
"""Ports that are tried for one that is free."""

_TO_END = 1
"""Seconds that answers which are under way have when the server ends."""


def serve(standing: Options, port: int | None, lan: str | None, tell: Callable[[str], None]) -> None:
    """Serve the page until this process is told to end, which ends this as any interruption does.

    `lan` is the address of this machine in its network, and opens the page there. `tell` is told the address that the
    page has. EnvironmentFailure where the port is taken.
    """
    with ExitStack() as stack:
        sockets = [stack.enter_context(open_socket(HERE, PORT if port is None else port))]
        port = sockets[0].getsockname()[1]
        if lan is not None:
            sockets.append(stack.enter_context(open_socket(lan, port)))
        token = create_token() if lan is not None else None
        path = f"{token}/" if token else ""
        address = f"http://{lan or HERE}:{port}/{path}"
        tell(address)  # whoever asks from now on waits until all is loaded
        from audioguide.web.app import create_app

        app = create_app(standing, [HERE, "localhost", *filter(None, [lan])], token, address)
        asyncio.run(build_server(app).serve(sockets))


def create_token() -> str:
    """A secret that an address has in it: nobody guesses 128 bits."""
    return secrets.token_urlsafe(16)


def build_server(app: ASGIApp) -> uvicorn.Server:
    """A server for an application, patient and silent, which seals every answer. Its `serve(sockets)` ends when the
    process is told to, or when `should_exit` is set.
    """
    import uvicorn

    from audioguide.web.auth import HEADERS

    config = uvicorn.Config(
        app,
        loop="asyncio",
        http=TimeoutProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        headers=[*HEADERS],
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=IDLE_TIMEOUT,
        timeout_graceful_shutdown=_TO_END,
    )
    return SignalServer(config)


def open_socket(address: str, port: int) -> socket.socket:
    """A socket that listens; port 0 is any that is free. EnvironmentFailure, with another port, where it is taken."""
    try:
        return _bound(address, port)
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise EnvironmentFailure(f"There can be no server at {address}: {error.strerror}.") from None
        what = "is taken" if error.errno == errno.EADDRINUSE else "may not be used"
        raise EnvironmentFailure(f"Port {port} {what}. Try --port {_free(address, port)}.") from None


def _bound(address: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there, it would let two servers have one port
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((address, port))
        bound.listen(128)
    except BaseException:
        bound.close()
        raise
    bound.setblocking(False)
    return bound


def _free(address: str, port: int) -> int:
    """A port that is free, one that is near if there is any."""
    nearby = range(max(port, 1024) + 1, min(max(port, 1024) + _FURTHER, 65_535))
    for other in (*nearby, 0):
        try:
            with _bound(address, other) as bound:
                return int(bound.getsockname()[1])
        except OSError:
            continue
    return 0


_ELSEWHERE = "203.0.113.1"
"""An address of nobody (RFC 5737): the way there is the way out. Nothing is sent."""

# ioctl_list(2), netdevice(7)
_SIOCGIFFLAGS, _SIOCGIFADDR = 0x8913, 0x8915
_IFF_UP, _IFF_LOOPBACK, _IFF_POINTOPOINT = 0x1, 0x8, 0x10


@dataclass(frozen=True, slots=True)
class Network:
    """A network that this machine is in: its address there, and whether only one other machine is (a tunnel)."""

    address: str
    tunnel: bool = False


def find_lan_address() -> str:
    """The IPv4 address of this machine in the network that a phone is most likely in, too.

    EnvironmentFailure when it is in none.
    """
    found = choose_address(_outward(), tuple(_networks()))
    if found is None:
        raise EnvironmentFailure("This machine is in no network that a phone could be in. Join one, then try again.")
    return found


def choose_address(outward: str | None, networks: tuple[Network, ...]) -> str | None:
    """The address on the way out, unless that is a tunnel and there is another one: no phone is in a tunnel."""
    shared = [network.address for network in networks if not network.tunnel]
    if outward in shared or not shared:
        return outward or next((network.address for network in networks), None)
    if outward is None or any(network.address == outward for network in networks):
        return shared[0]
    return outward


def _outward() -> str | None:
    """Our address on the way to the rest of the world; None where there is no such way."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as outward, contextlib.suppress(OSError):
        outward.connect((_ELSEWHERE, 9))
        address = str(outward.getsockname()[0])
        return None if address.startswith(("127.", "0.")) else address
    return None


def _networks() -> Iterator[Network]:
    """The networks that can be told of, those of containers last. Without a way out (a phone in this machine's own
    hotspot) they are all there is.
    """
    if sys.platform != "linux":
        with contextlib.suppress(OSError):
            for *_, place in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET, socket.SOCK_DGRAM):
                if not str(place[0]).startswith("127."):
                    yield Network(str(place[0]))
        return
    import fcntl

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        for _, name in sorted(socket.if_nameindex(), key=lambda one: one[1].startswith(("docker", "br-", "veth"))):
            request = struct.pack("256s", name.encode()[:15])
            with contextlib.suppress(OSError):  # it has no such address, or is gone by now
                (flags,) = struct.unpack_from("H", fcntl.ioctl(asking, _SIOCGIFFLAGS, request), 16)
                address = socket.inet_ntoa(fcntl.ioctl(asking, _SIOCGIFADDR, request)[20:24])
                if flags & _IFF_UP and not flags & _IFF_LOOPBACK:
                    yield Network(address, bool(flags & _IFF_POINTOPOINT))
