"""Keeping the machine awake: the system's own commands, on a bus with a login manager that behaves as logind does."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

if sys.platform != "linux":
    pytest.skip("the login manager of Linux", allow_module_level=True)

from bus import TEN_POSES, Bus, playing, running_bus
from dbus_fast import Message, MessageType
from dbus_fast.aio import MessageBus
from processes import children, command
from pulse import SoundServer, wait_until

from audioguide.cli.hands_free import keep_awake

pytestmark = [pytest.mark.slow, pytest.mark.real("dbus-daemon", "systemd-inhibit")]

MANAGER = "org.freedesktop.login1.Manager"


class LoginManager:
    """Takes locks, and knows which are held: those whose other end is open. `refused` are never given."""

    def __init__(self, bus: Bus, refused: tuple[str, ...] = ()) -> None:
        self._bus, self._refused = bus, refused
        self._locks: dict[int, str] = {}  # the reading ends
        self.asked: list[list[str]] = []
        self._end, self._ready = threading.Event(), threading.Event()

    def held(self) -> set[str]:
        for end in [*self._locks]:
            with_data = os.get_blocking(end)
            assert not with_data
            try:
                if os.read(end, 1) == b"":
                    del self._locks[end]
                    os.close(end)
            except BlockingIOError:
                pass
        return set(self._locks.values())

    def _answer(self, call: Message) -> Message | None:
        if call.message_type is not MessageType.METHOD_CALL or call.interface != MANAGER:
            return None
        self.asked.append(call.body)
        if call.member != "Inhibit" or call.body[0] in self._refused:
            return Message.new_error(call, "org.freedesktop.DBus.Error.AccessDenied", "Not you.")
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        self._locks[reading] = call.body[0]
        asyncio.get_running_loop().call_later(0.5, os.close, writing)  # it is sent by then
        return Message.new_method_return(call, "h", [0], [writing])

    async def _serve(self) -> None:
        bus = await MessageBus(bus_address=self._bus.address, negotiate_unix_fd=True).connect()
        bus.add_message_handler(self._answer)
        await bus.request_name("org.freedesktop.login1")
        self._ready.set()
        while not self._end.is_set():
            await asyncio.sleep(0.02)
        bus.disconnect()

    @contextmanager
    def running(self) -> Iterator[LoginManager]:
        thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        thread.start()
        try:
            assert self._ready.wait(30)
            yield self
        finally:
            self._end.set()
            thread.join()


@pytest.fixture
def bus(monkeypatch) -> Iterator[Bus]:
    with running_bus() as bus:
        for name, value in bus.environment.items():
            monkeypatch.setenv(name, value)
        yield bus


@contextmanager
def kept_awake(player) -> Iterator[tuple[threading.Event, list[bool]]]:
    halt, answers = threading.Event(), list[bool]()
    thread = threading.Thread(target=lambda: answers.append(keep_awake(player, halt, pause=1.0, turn=0.05)))
    thread.start()
    try:
        yield halt, answers
    finally:
        halt.set()
        thread.join()


def test_it_is_held_while_it_plays_and_not_in_a_long_pause(bus, new_children):
    transport = SimpleNamespace(paused=False)
    with LoginManager(bus).running() as logind:
        with kept_awake(SimpleNamespace(now=lambda: SimpleNamespace(transport=transport))) as (_, answers):
            wait_until(lambda: logind.held() == {"sleep", "idle"}, "both locks")
            assert sorted(logind.asked) == [
                [what, "audioguide", "A session plays.", "block"] for what in ("idle", "sleep")
            ]
            transport.paused = True
            wait_until(lambda: not logind.held(), "the locks to be given back")
            transport.paused = False
            wait_until(lambda: logind.held() == {"sleep", "idle"}, "the locks again")
            assert not answers
        assert answers == [True]
        wait_until(lambda: not logind.held(), "the locks to be given back at the end")
        assert not new_children()


def test_what_is_refused_leaves_the_other_and_all_refused_is_told(bus):
    player = SimpleNamespace(now=lambda: SimpleNamespace(transport=SimpleNamespace(paused=False)))
    with LoginManager(bus, refused=("sleep",)).running() as logind, kept_awake(player) as (halt, answers):
        wait_until(lambda: logind.held() == {"idle"} and len(logind.asked) == 2, "one lock")
        assert not answers
        halt.set()
    with LoginManager(bus, refused=("sleep", "idle")).running(), kept_awake(player) as (_, answers):
        wait_until(lambda: answers == [False], "both to be refused")


def test_without_a_login_manager_it_says_no(bus):
    player = SimpleNamespace(now=lambda: SimpleNamespace(transport=SimpleNamespace(paused=False)))
    with kept_awake(player) as (_, answers):
        wait_until(lambda: answers == [False], "an answer")


@pytest.mark.real("pulseaudio")
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_no_lock_outlives_the_session(bus, sound_server: SoundServer, write, how):
    env = bus.environment | sound_server.environment
    with LoginManager(bus).running() as logind, playing(write(TEN_POSES), env, "--output", "miniaudio") as child:
        wait_until(lambda: logind.held() == {"sleep", "idle"}, "the locks", seconds=60)
        holders = [one for one in children(child.pid) if "inhibit" in command(one)]
        assert len(holders) == 2
        child.send_signal(how)
        _, err = child.communicate(timeout=30)
        wait_until(lambda: not logind.held(), "the locks to be given back")
        assert "Traceback" not in err


def test_a_session_that_nobody_hears_lets_the_machine_sleep(bus, write):
    with (
        LoginManager(bus).running() as logind,
        playing(write("title: t\nsteps: [{rest: 3s}]\n"), bus.environment) as child,
    ):
        assert child.wait(60) == 0
        assert logind.asked == []
