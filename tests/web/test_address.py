"""Which of its addresses a machine tells a phone."""

import ipaddress

import pytest

from audioguide.errors import EnvironmentFailure
from audioguide.web.server import Network, choose_address, find_lan_address

HOME, HOTSPOT, TUNNEL = "192.168.178.20", "10.42.0.1", "10.8.0.2"


@pytest.mark.parametrize(
    ("outward", "networks", "chosen"),
    [
        (HOME, (Network(HOTSPOT), Network(HOME)), HOME),  # the way out is where the router is, and so the phone
        (TUNNEL, (Network(TUNNEL, tunnel=True), Network(HOME)), HOME),  # no phone is in a tunnel
        (TUNNEL, (Network(TUNNEL, tunnel=True),), TUNNEL),  # unless there is nothing else
        (None, (Network(HOTSPOT),), HOTSPOT),  # this machine's own hotspot leads nowhere
        (HOME, (), HOME),  # a system that does not tell its networks
        (HOME, (Network(HOTSPOT),), HOME),
    ],
)
def test_the_address_is_in_the_network_that_a_phone_is_in(outward, networks, chosen):
    assert choose_address(outward, networks) == chosen


def test_a_machine_without_a_network_is_told_to_join_one():
    with pytest.raises(EnvironmentFailure, match="Join one"):
        choose_address(None, ())


def test_this_machine_is_asked():
    try:
        found = ipaddress.IPv4Address(find_lan_address())
    except EnvironmentFailure:
        pytest.skip("this machine is in no network")
    assert not found.is_loopback
    assert not found.is_unspecified
