"""The HTTP server: where it listens, how long it waits for a client, and how it ends."""

from __future__ import annotations

import asyncio
import errno
import gc
import ipaddress
import os
import signal
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from audioguide.errors import EnvironmentFailure
from audioguide.session.config import Config
from audioguide.web.certificate import Certificate
from audioguide.web.limits import HEAD_TIMEOUT, IDLE_TIMEOUT, MAX_CONNECTIONS, SHUTDOWN_TIMEOUT, WRITE_TIMEOUT
from audioguide.web.state import State

if TYPE_CHECKING:
    from audioguide.export.folder import ExportFolder

LOCALHOST = "127.0.0.1"
DEFAULT_PORT = 8765  # always the same, so that a bookmark of the page keeps working
_PORTS_TRIED = 20  # ports after a taken one that are tried for a suggestion
_OUTSIDE = "203.0.113.1"  # an address that belongs to nobody (RFC 5737). A route to it is looked up; nothing is sent.


def serve(
    config: Config,
    port: int | None,
    lan: str | None,
    show: Callable[[str], None],
    cert: Certificate | None = None,
    feed: Sequence[ExportFolder] | None = None,
    *,
    new_address: bool = False,
) -> None:
    """Serve the page until this process is interrupted or told to end; the signal is then raised again.

    `lan` is this machine's address in its network, where the page is opened too, behind a secret: that of last time,
    unless there is to be a `new_address`. `show` gets the address of the page; with a certificate it is served over
    HTTPS. With `feed`, what is made there is in a podcast feed, with the sessions of these folders. EnvironmentFailure
    where the port is taken.
    """
    gc.set_threshold(1_000)  # a command is too short for it, but what a server leaves behind adds up
    with ExitStack() as stack:
        sockets = [stack.enter_context(open_socket(LOCALHOST, DEFAULT_PORT if port is None else port))]
        port = sockets[0].getsockname()[1]
        if lan is not None:
            sockets.append(stack.enter_context(open_socket(lan, port)))
        token = State().find_secret(new=new_address) if lan is not None else None
        address = f"{write_origin(lan or LOCALHOST, port, cert)}/{f'{token}/' if token else ''}"
        show(address)  # a request from now on waits until the application is loaded
        from audioguide.web.app import create_app

        hosts = [LOCALHOST, "localhost", *filter(None, [lan]), *(cert.names if cert else ())]
        asyncio.run(build_server(create_app(config, hosts, token, address, feed), cert).serve(sockets))


def write_origin(address: str, port: int, cert: Certificate | None) -> str:
    """The beginning of the links to a server."""
    if cert is None:
        return f"http://{address}:{port}"
    return f"https://{cert.choose_host(address, address == LOCALHOST)}:{port}"


def build_server(app: ASGIApp, cert: Certificate | None = None) -> uvicorn.Server:
    """A server with time limits and security headers, which logs nothing.

    Its `serve(sockets)` ends when the process is told to, or when `should_exit` is set.
    """
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
        ssl_certfile=cert.file if cert else None,
        ssl_keyfile=cert.key if cert else None,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=IDLE_TIMEOUT,
        timeout_graceful_shutdown=SHUTDOWN_TIMEOUT,
    )
    return SignalServer(config)


class SignalServer(uvicorn.Server):
    """Shuts down on SIGINT, SIGTERM and SIGHUP, then raises the first one again for the handlers from before.

    A signal that this process ignores stays ignored.
    """

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals while the server runs."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        known = (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP"))
        handled = [number for number in known if number and signal.getsignal(number) is not signal.SIG_IGN]
        before = {number: signal.signal(number, self.handle_exit) for number in handled}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        for number in self._captured_signals[:1]:
            signal.raise_signal(number)


class TimeoutProtocol(H11Protocol):
    """Closes a connection when the head of a request does not arrive in time, or the client stops reading an answer.

    uvicorn itself closes connections that are idle between two requests.
    """

    _opened = 0.0
    _head_timer: asyncio.TimerHandle | None = None
    _write_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start waiting for the first request."""
        super().connection_made(transport)
        self._opened = self.loop.time()
        self._make_room()
        self._start_head_timer()

    def data_received(self, data: bytes) -> None:
        """Stop waiting when a head is complete; start again when the next one has begun."""
        before = self.cycle
        super().data_received(data)
        if self.cycle is not before:
            self._stop_head_timer()
        elif self._head_timer is None and (self.cycle is None or self.cycle.response_complete):
            self._start_head_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop all timers."""
        self._stop_head_timer()
        self.resume_writing()
        if exc and self.scope:  # the client had not read all of the answer
            self.scope["state"]["broken"] = True
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """Start waiting for the client to read."""
        super().pause_writing()
        self._write_timer = self.loop.call_later(WRITE_TIMEOUT, self.transport.abort)

    def resume_writing(self) -> None:
        """Stop waiting: the client has read something."""
        if self._write_timer:
            self._write_timer.cancel()
            self._write_timer = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is not HTTP; where an answer has begun already, only close the connection."""
        with suppress(h11.LocalProtocolError):
            super().send_400_response(f"{msg}\n")
        self.transport.close()

    def _make_room(self) -> None:
        """Where there are too many connections, end the one that has waited longest for a request.

        Those of the address that has most of them go first, so that nobody's silence keeps others out.
        """
        silent = [one for one in self.connections if isinstance(one, TimeoutProtocol) and one is not self]
        silent = [one for one in silent if one.cycle is None or one.cycle.response_complete]
        if silent and len(self.connections) >= MAX_CONNECTIONS:
            crowd = Counter(one.client and one.client[0] for one in silent)
            last = min(silent, key=lambda one: (-crowd[one.client and one.client[0]], one._opened))
            self.connections.discard(last)
            last.transport.abort()

    def _start_head_timer(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT, self.transport.abort)

    def _stop_head_timer(self) -> None:
        if self._head_timer:
            self._head_timer.cancel()
            self._head_timer = None


def open_socket(address: str, port: int) -> socket.socket:
    """A socket that listens; port 0 means any free one.

    EnvironmentFailure where that is impossible; for a port that is taken it suggests another one.
    """
    try:
        return socket.create_server((address, port))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            reason = f"No server can listen at {address}: {os.strerror(error.errno or 0)}."
            raise EnvironmentFailure(f"{reason} Give an address of this machine.") from None
        what = "is taken" if error.errno == errno.EADDRINUSE else "may not be used"
        raise EnvironmentFailure(f"Port {port} {what}. Try --port {_find_free_port(address, port)}.") from None


def _find_free_port(address: str, port: int) -> int:
    """A free port, close to `port` if possible."""
    nearby = range(max(port, 1024) + 1, min(max(port, 1024) + _PORTS_TRIED, 65_535))
    for other in (*nearby, 0):
        with suppress(OSError), socket.create_server((address, other)) as bound:
            return int(bound.getsockname()[1])
    return 0


def find_lan_address(cert: Certificate | None = None) -> str:
    """The IPv4 address of this machine in the network that a phone is most likely in, or that a certificate is for.

    Raises as `choose_address`.
    """
    networks = dict(_list_networks())
    for name in (*cert.addresses, *cert.names) if cert else ():
        with suppress(OSError, UnicodeError):
            if (found := socket.gethostbyname(name)) in networks:
                return found
    return choose_address(_find_outward_address(), networks)


def choose_address(outward: str | None, networks: Mapping[str, bool]) -> str:
    """The `outward` address, unless it belongs to a tunnel, which no phone is in, and there is another network.

    `networks` are the addresses of this machine, and whether each is one end of a tunnel to one other machine.
    EnvironmentFailure when there is no address at all.
    """
    shared = next((address for address, is_tunnel in networks.items() if not is_tunnel), None)
    if shared and (outward is None or networks.get(outward)):
        return shared
    if found := outward or next(iter(networks), None):
        return found
    raise EnvironmentFailure("This machine is in no network that a phone could be in. Join one, then try again.")


def _find_outward_address() -> str | None:
    """This machine's address on the route to the internet; None where there is no route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect((_OUTSIDE, 9))
        address = str(probe.getsockname()[0])
        return None if address.startswith(("127.", "0.")) else address
    return None


def _list_networks() -> Iterator[tuple[str, bool]]:
    """The networks of this machine, those of containers last.

    They are needed where there is no route to the internet, as for a phone in this machine's own hotspot.
    """
    import psutil

    states, found = psutil.net_if_stats(), psutil.net_if_addrs()
    for name in sorted(found, key=lambda name: name.startswith(("docker", "br-", "veth"))):
        for address in found[name]:
            is_ipv4 = address.family == socket.AF_INET and not ipaddress.IPv4Address(address.address).is_loopback
            if is_ipv4 and name in states and states[name].isup:
                yield address.address, "pointopoint" in states[name].flags
