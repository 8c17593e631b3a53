"""A media player of the desktop (MPRIS, on D-Bus): media keys, a headset, KDE Connect and `playerctl` steer what plays.

It has a thread of its own, which only looks at the player and asks it for things. What the bus does, or its absence,
never disturbs the sound.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from audioguide.player.commands import ASKS, Adjust, SeekTo
from audioguide.player.ui.view import ViewBuilder
from audioguide.system.files import temporary_folder
from audioguide.units import RATE

if TYPE_CHECKING:
    from dbus_fast import Message
    from dbus_fast.aio import MessageBus

    from audioguide.player.player import Player

_NAME, _PATH, _TRACK = "org.mpris.MediaPlayer2", "/org/mpris/MediaPlayer2", "/org/audioguide/session"
_PLAYER, _PROPERTIES = f"{_NAME}.Player", "org.freedesktop.DBus.Properties"
_PATIENCE, _TURN = 5.0, 0.25  # seconds for the bus to answer, and between two looks at the player
_SECOND = 1_000_000  # microseconds
_DATA = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))  # what never changes
_SIGNATURES = {str: "s", float: "d", bool: "b", int: "x", list: "as", dict: "a{sv}"}


class DesktopPlayer:
    """The player as the desktop sees it. One track is the session, whose title is the pose now."""

    def __init__(self, player: Player, title: str, artist: str) -> None:
        self._player, self._views = player, ViewBuilder(title)
        self._about: dict[str, Any] = {"xesam:album": title, "xesam:artist": [artist]}

    async def serve(self, draw_cover: Callable[[], bytes], halt: threading.Event) -> None:
        """Be on the session bus until `halt`; raises where there is none, and when it goes away."""
        from dbus_fast.aio import MessageBus

        logging.getLogger("dbus_fast").addHandler(logging.NullHandler())  # or else they are printed on the screen
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)  # of answers that nobody takes
        bus = await asyncio.wait_for(MessageBus().connect(), _PATIENCE)
        with temporary_folder() as folder:
            cover = folder / "cover.jpg"
            cover.write_bytes(draw_cover())
            self._about["mpris:artUrl"] = cover.as_uri()
            await self._tell(bus, halt)
        bus.disconnect()

    async def _tell(self, bus: MessageBus, halt: threading.Event) -> None:
        """Have a name on the bus, answer there, and tell what changes."""
        from dbus_fast import Message, NameFlag, RequestNameReply

        bus.add_message_handler(self._answer)
        name = f"{_NAME}.audioguide"
        if await bus.request_name(name, NameFlag.DO_NOT_QUEUE) is not RequestNameReply.PRIMARY_OWNER:
            await bus.request_name(f"{name}.instance{os.getpid()}")  # another one plays
        before, looked = self._describe()[_PLAYER], time.monotonic()
        while bus.connected and not halt.is_set():
            await asyncio.sleep(_TURN)
            now, before_that, looked = self._describe()[_PLAYER], looked, time.monotonic()
            if changed := {key: value for key, value in now.items() if key != "Position" and value != before[key]}:
                body = [_PLAYER, changed, list[str]()]
                bus.send(Message.new_signal(_PATH, _PROPERTIES, "PropertiesChanged", "sa{sv}as", body))
            moved = now["Position"].value - before["Position"].value
            sounded = (looked - before_that) * _SECOND if before["PlaybackStatus"].value == "Playing" else 0
            if abs(moved - sounded) > _SECOND:
                bus.send(Message.new_signal(_PATH, _PLAYER, "Seeked", "x", [now["Position"].value]))
            before = now

    def _describe(self) -> dict[str, dict[str, Any]]:
        """The properties of both interfaces."""
        now = self._player.now()
        view, set_by = self._views.build(now), now.transport
        title = ", ".join(filter(None, (view.pose or view.session, view.side)))
        length = {} if view.estimated else {"mpris:length": view.total * _SECOND // RATE}
        changing = {
            "PlaybackStatus": "Paused" if set_by.paused else "Playing",
            "Metadata": _to_variants({"mpris:trackid": _TRACK, "xesam:title": title, **length, **self._about}),
            "Volume": 0.0 if set_by.muted else set_by.volume,
            "Position": view.position * _SECOND // RATE,
        }
        return {_NAME: _to_variants(_DATA[_NAME]), _PLAYER: _to_variants(changing | _DATA[_PLAYER])}

    def _answer(self, call: Message) -> Message | bool:
        """Carry out a call of a method, and the answer to it; False for what is not meant for the player."""
        from dbus_fast import ErrorType, Message, MessageFlag, MessageType

        if call.path != _PATH or call.message_type is not MessageType.METHOD_CALL:
            return False
        values, signature, result = self._describe(), "", list[Any]()
        match call.member, call.signature, call.body:
            case "Introspect", "", _:
                signature, result = "s", [Path(__file__).with_suffix(".xml").read_text("utf-8")]
            case "GetAll", "s", [name]:
                signature, result = "a{sv}", [values.get(name, {})]
            case "Get", "ss", [name, key] if key in values.get(name, ()):
                signature, result = "v", [values[name][key]]
            case "Set", "ssv", [_, "Volume", value] if value.signature == "d":
                self._player.do(Adjust("volume", min(1.0, max(0.0, value.value))))
            case "Seek", "x", [offset]:
                self._player.do(SeekTo((values[_PLAYER]["Position"].value + offset) * RATE // _SECOND))
            case "SetPosition", "ox", [track, position]:
                if track == _TRACK and position >= 0:
                    self._player.do(SeekTo(position * RATE // _SECOND))
            case member, "", _ if member in _DATA["asks"]:
                self._player.do(ASKS[_DATA["asks"][member]])
            case _:
                return Message.new_error(call, ErrorType.UNKNOWN_METHOD, f"There is no such {call.member}.")
        expected = not call.flags & MessageFlag.NO_REPLY_EXPECTED
        return Message.new_method_return(call, signature, result) if expected else True


def _to_variants(values: dict[str, Any]) -> dict[str, Any]:
    from dbus_fast import Variant

    kinds = {key: "o" if value == _TRACK else _SIGNATURES[type(value)] for key, value in values.items()}
    return {key: Variant(kinds[key], value) for key, value in values.items()}
