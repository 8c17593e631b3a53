"""The address that this machine has in its network, where a phone finds it."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from audioguide.errors import EnvironmentFailure

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


def lan_address() -> str:
    """The IPv4 address of this machine in the network that a phone is most likely in, too.

    EnvironmentFailure when it is in none.
    """
    found = choose(_outward(), tuple(_networks()))
    if found is None:
        raise EnvironmentFailure("This machine is in no network that a phone could be in. Join one, then try again.")
    return found


def choose(outward: str | None, networks: tuple[Network, ...]) -> str | None:
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
