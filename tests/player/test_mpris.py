"""The player on a real message bus, steered by playerctl and called by a stranger."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlparse

import pytest

if sys.platform != "linux":
    pytest.skip("the desktops of Linux", allow_module_level=True)

from bus import TEN_POSES, playing, running_bus, until_shows
from dbus_fast import Message, MessageFlag, MessageType, Variant
from dbus_fast.aio import MessageBus
from pulse import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.real("dbus-daemon", "playerctl")]

NAME, PATH = "org.mpris.MediaPlayer2.audioguide", "/org/mpris/MediaPlayer2"
PLAYER, PROPERTIES = "org.mpris.MediaPlayer2.Player", "org.freedesktop.DBus.Properties"


@pytest.fixture
def bus():
    with running_bus() as bus:
        yield bus


def test_playerctl_steers_what_plays_and_sees_where_it_is(bus, write):
    with playing(write(TEN_POSES), bus.environment) as child:
        until_shows(bus, "Playing", "status")
        until_shows(bus, "Ten minutes", "metadata", "xesam:album")
        assert bus.playerctl("metadata", "xesam:artist") == "audioguide"
        cover = Path(urlparse(bus.playerctl("metadata", "mpris:artUrl")).path)
        assert cover.read_bytes().startswith(b"\xff\xd8")
        bus.playerctl("pause")
        until_shows(bus, "Paused", "status")
        bus.playerctl("pause")  # which is no "go on"
        held = bus.playerctl("position")
        bus.playerctl("next")
        until_shows(bus, "Twist, right side", "metadata", "xesam:title")
        assert bus.playerctl("status") == "Paused"
        bus.playerctl("next")
        until_shows(bus, "Bend", "metadata", "xesam:title")
        assert float(bus.playerctl("position")) > float(held) + 60
        wait_until(lambda: bus.playerctl("metadata", "mpris:length"), "the length to be known", seconds=60)
        length = int(bus.playerctl("metadata", "mpris:length")) / 1e6
        assert 600 < length < 900
        bus.playerctl("position", "300")
        wait_until(lambda: abs(float(bus.playerctl("position")) - 300) < 5, "a jump", seconds=20)
        there = float(bus.playerctl("position"))
        bus.playerctl("position", "10-")
        wait_until(lambda: there - 16 < float(bus.playerctl("position")) <= there - 9, "a jump back", seconds=20)
        bus.playerctl("volume", "0.5")
        until_shows(bus, "0.500000", "volume")
        bus.playerctl("play")
        until_shows(bus, "Playing", "status")
        bus.playerctl("play-pause")
        until_shows(bus, "Paused", "status")
        bus.playerctl("stop")
        assert child.wait(30) == 0
        assert not cover.exists()
        assert child.communicate() == ("", "Volume 50%\n")
    assert bus.playerctl("status") == ""


def test_the_desktop_is_told_of_each_pose_and_jump(bus, write):
    command = ["playerctl", "-p", "audioguide", "metadata", "--follow", "-f", "{{title}} {{status}}"]
    env = os.environ | bus.environment
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as follower:
        with playing(write(TEN_POSES), bus.environment):
            until_shows(bus, "Playing", "status")
            asked, told = (
                [("next",), ("next",), ("pause",)],
                ["Twist, right side Playing", "Bend Playing", "Bend Paused"],
            )
            for arguments, wanted in zip(asked, told, strict=True):
                bus.playerctl(*arguments)
                assert follower.stdout
                while follower.stdout.readline().strip() != wanted:
                    assert follower.poll() is None
        follower.kill()


def test_a_second_session_is_another_player(bus, write):
    with playing(write(TEN_POSES), bus.environment):
        until_shows(bus, "Playing", "status")
        with playing(write(TEN_POSES), bus.environment) as second:
            second_name = f"audioguide.instance{second.pid}"
            wait_until(lambda: second_name in bus.playerctl("-l"), "the second one", seconds=60)
            bus.playerctl("-p", second_name, "stop")
            assert second.wait(30) == 0
        assert bus.playerctl("status") == "Playing"


HOSTILE = (
    (PLAYER, "Seek", "s", ["far"]),
    (PLAYER, "Seek", "", []),
    (PLAYER, "Nothing", "", []),
    (PROPERTIES, "Get", "ss", [PLAYER, "Nothing"]),
    (PROPERTIES, "Get", "ss", ["nobody", "Volume"]),
    (PROPERTIES, "Set", "ssv", [PLAYER, "Volume", Variant("s", "loud")]),
    (PROPERTIES, "Set", "ssv", [PLAYER, "Metadata", Variant("as", [])]),
)
HARMLESS = (
    (PLAYER, "SetPosition", "ox", ["/another/track", 0]),
    (PLAYER, "SetPosition", "ox", ["/org/audioguide/session", -5]),
    (PLAYER, "Seek", "x", [-(2**62)]),
    (PROPERTIES, "Set", "ssv", [PLAYER, "Volume", Variant("d", float("inf"))]),
    (PROPERTIES, "Set", "ssv", [PLAYER, "Volume", Variant("d", -3.0)]),
    (PROPERTIES, "Set", "ssv", [PLAYER, "Volume", Variant("d", float("nan"))]),
    (PROPERTIES, "GetAll", "s", ["nobody"]),
)


async def call_all(address: str) -> None:
    bus = await MessageBus(bus_address=address).connect()
    for interface, member, signature, body in (*HOSTILE, *HARMLESS):
        call = Message(NAME, PATH, interface, member, signature=signature, body=body)
        answer = await asyncio.wait_for(bus.call(call), 30)
        wrong = (interface, member, signature, body) in HOSTILE
        assert answer.message_type is (MessageType.ERROR if wrong else MessageType.METHOD_RETURN), (member, body)
    for count in range(300):
        if count % 25 == 0:  # more than its socket takes would end the connection of this client
            await bus.introspect(NAME, PATH)
        await bus.send(Message(NAME, PATH, PLAYER, "Pause", flags=MessageFlag.NO_REPLY_EXPECTED))
    assert (await bus.introspect(NAME, PATH)).interfaces[-1].name == PLAYER
    bus.disconnect()


def test_whatever_is_called_it_plays_on(bus, write):
    with playing(write(TEN_POSES), bus.environment) as child:
        until_shows(bus, "Playing", "status")
        asyncio.run(call_all(bus.address))
        until_shows(bus, "Paused", "status")
        assert bus.playerctl("volume") == "0.000000"
        child.send_signal(signal.SIGINT)
        assert "Traceback" not in child.communicate(timeout=30)[1]
        assert child.returncode == 130


SHORT = "title: Short\nsteps:\n  - say: Sit down on the floor.\n  - rest: 4s\n"


def test_a_bus_that_goes_away_is_not_missed(bus, write):
    with playing(write(SHORT), bus.environment) as child:
        wait_until(lambda: bus.playerctl("status") == "Playing" or child.poll() is not None, "it", seconds=60)
        bus.process.kill()
        assert child.communicate(timeout=60) == ("", "")
        assert child.returncode == 0


@pytest.mark.parametrize("address", ["", "unix:path=/nowhere", "rubbish", "silent"])
def test_without_a_bus_nothing_is_said(write, tmp_path, address):
    with socket.socket(socket.AF_UNIX) as silent:
        if address == "silent":  # it lets everybody in, and never says a word
            silent.bind(str(tmp_path / "bus"))
            silent.listen()
            address = f"unix:path={tmp_path / 'bus'}"
        with playing(write(SHORT), {"DBUS_SESSION_BUS_ADDRESS": address}) as child:
            assert child.communicate(timeout=60) == ("", "")
            assert child.returncode == 0
