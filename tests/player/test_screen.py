"""The textual application under its own pilot: keys in, commands and text out."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from player_fakes import FakeDevice, Written, noise, until
from player_views import SECTIONS, Puppet, now, second

from audioguide.errors import EnvironmentFailure
from audioguide.player.commands import Command, KeyMap, SeekTo
from audioguide.player.player import Player
from audioguide.player.ui.screen import HelpScreen, PlayerApp, ScreenPart
from audioguide.player.ui.view import ViewBuilder
from audioguide.units import to_frames


def play(
    player: object,
    act: Callable[[PlayerApp, object], Awaitable[None]],
    *,
    size: tuple[int, int] = (80, 24),
    tick: Callable[[object], None] = lambda now: None,
    unicode: bool = True,
    keymap: KeyMap | None = None,
) -> PlayerApp:
    """Run the application without a terminal, and do something in it."""
    app = PlayerApp(player, ViewBuilder("Morning"), tick, unicode=unicode, keymap=keymap)

    async def run() -> None:
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            app.look()
            await pilot.pause()
            await act(app, pilot)

    asyncio.run(run())
    return app


IN = "█ █▄ █"  # the upper row of these letters


def text(app: PlayerApp) -> str:
    """What is really on the screen."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


@pytest.mark.parametrize(("key", "command"), [(key, command) for command in Command for key in command.keys])
def test_every_key_is_a_command(key, command):
    player = Puppet(42)

    async def act(app, pilot):
        await pilot.press(key)

    play(player, act)
    assert player.asked == [command]


def test_shows_what_the_player_says_and_follows_it():
    player = Puppet(42)

    async def act(app, pilot):
        assert IN in text(app)
        assert "Morning" in text(app)
        player.moment = now(86)
        app.look()
        await pilot.pause()
        assert "round 2 of 3" in text(app)
        assert IN not in text(app)

    play(player, act)


def test_eighty_by_twenty_four_shows_all():
    async def act(app, pilot):
        assert (
            text(app)
            == """\
  Morning                                                     0:42 · 1:48 left
  ▄▀▀ █ █ █ █   █▀▄ █ ▄▀▀     █▀▄ ▄▀▀▄ ▄▀▀ █▀▀
  █   █▀█ █ █   █ █    ▀▄     █▀  █  █  ▀▄ █▀
   ▀▀ ▀ ▀ ▀ ▀▀▀ ▀▀    ▀▀      ▀    ▀▀  ▀▀  ▀▀▀

  █ █ ▄▀▀▄ █   █▀▄                                               █ █▄ █
  █▀█ █  █ █   █ █                                               █ █ ▀█
  ▀ ▀  ▀▀  ▀▀▀ ▀▀                                                ▀ ▀  ▀

  █████████         █████████   █████████                      ▄▄▀▀▀▀▀▀▄▄
  ███▀▀▀███   ▄▄▄   ▀▀▀▀▀▀███   ███▀▀▀███                    ▄█▀   ▄▄   ▀█▄
  ███   ███   ███         ███   ███   ███                   ▄▀  ▄██████▄  ▀▄
  ███   ███         █████████   █████████                   █  ▄████████▄  █
  ███   ███   ▄▄▄   ███▀▀▀▀▀▀   ███▀▀▀███                   █  ▀████████▀  █
  ███   ███   ███   ███         ███   ███                   ▀▄  ▀██████▀  ▄▀
  █████████         █████████   █████████                    ▀█▄   ▀▀   ▄█▀
  ▀▀▀▀▀▀▀▀▀         ▀▀▀▀▀▀▀▀▀   ▀▀▀▀▀▀▀▀▀                      ▀▀▄▄▄▄▄▄▀▀
  ━━━━━───────────────────────────────────────────────────────────────────────

  “Child's pose.”

  ▁▁▁▁▁▁▁▁▁▁▁▁▁▁▁ ▁▁▁▁▄█▄▄▄▄▄▄▄▄▄▄▄▄▄▁▁▁▁▁ ▁▁▄▄▄▁▁▄▄▄▁▁▁▁▁▁▁▁▁ ▁▁▄▄▄▄▄▁▁▁▁▁▁▁▁
  next  Bird dog · round 2 of 3 · left side
  space pause  q stop  ? keys  ←→ 5 s  <> pose  +- hold  = keep  90 voice"""
        )

    play(Puppet(42), act)


def test_twenty_by_five_shows_the_pose_and_the_count():
    async def act(app, pilot):
        assert (
            text(app)
            == """\
Bird dog
0:04
left side · round 2…
▁▁▁▁ ▄▄▄▄▁ █▁▁▁▁ ▄▁▁
1:26 · 1:04 left"""
        )

    play(Puppet(86), act, size=(20, 5))


@pytest.mark.parametrize("size", [(20, 5), (40, 12), (80, 24), (200, 60), (1, 1)])
@pytest.mark.parametrize("unicode", [True, False])
def test_every_size_works_and_can_change(size, unicode):
    player = Puppet(86)

    async def act(app, pilot):
        shown = text(app)
        assert len(shown.split("\n")) == size[1]
        assert unicode or shown.isascii()
        await pilot.press("space")
        await pilot.resize_terminal(60, 18)
        await pilot.pause()
        assert len(text(app).split("\n")) == 18
        assert "1:04 left" in text(app)

    play(player, act, size=size, unicode=unicode)
    assert player.asked == [Command.PAUSE]


def test_without_colour(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")

    async def act(app, pilot):
        colours = {
            segment.style.color.name
            for strip in app.screen._compositor.render_strips()
            for segment in app._filters[-1].apply(list(strip), app.screen.background_colors[0])
            if segment.style and segment.style.color
        }
        assert colours <= {"default"}
        assert IN in text(app)

    play(Puppet(42), act)


def test_help_lists_the_keys_and_any_key_closes_it():
    player = Puppet(42)

    async def act(app, pilot):
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        assert "skip this pose" in text(app)
        await pilot.press("s")
        await pilot.pause()
        assert "skip this pose" not in text(app)

    play(player, act)
    assert player.asked == []


def test_help_in_a_low_terminal_and_in_ascii():
    async def act(app, pilot):
        await pilot.press("question_mark")
        await pilot.pause()
        assert "stop" in text(app)
        assert "pause, go on" in text(app)
        assert text(app).isascii()

    play(Puppet(42), act, size=(80, 12), unicode=False)


def test_a_small_terminal_lists_all_keys_on_pages():
    seen = []

    async def act(app, pilot):
        for _ in range(3):
            await pilot.press("question_mark")
            await pilot.pause()
            seen.append(text(app))

    play(Puppet(42), act, size=(40, 12))
    assert "? more" in seen[0]
    assert "? more" not in seen[1]
    for line in KeyMap().format_help():
        assert line[:30] in "".join(seen[:2])
    assert "mute" not in seen[2]


def test_keys_of_the_listener_take_the_place_of_the_programs():
    player = Puppet(42)
    own = {Command.LONGER: ("a", ">"), Command.NEXT: ("+",), Command.STOP: (), Command.KEEP: ("f2",)}

    async def act(app, pilot):
        await pilot.press(*(["a", ">", "+", "<", "-", "f2", "=", "pagedown", "q"]))
        await pilot.pause()
        assert "? lists the keys" in text(app)
        await pilot.press("space")
        await pilot.pause()
        shown = text(app).splitlines()[-1].split()
        assert shown == "space pause ? keys ←→ 5 s <+ pose a- hold f2 keep 90 voice".split()
        await pilot.press("question_mark")
        await pilot.pause()
        lines = text(app)
        assert "a >    5 s longer" in lines
        assert "+      next pose" in lines
        assert "stop" not in lines

    play(player, act, keymap=KeyMap(own), size=(100, 30))
    longer, shorter, keep = Command.LONGER, Command.SHORTER, Command.KEEP
    assert player.asked == [longer, longer, Command.NEXT, Command.PREVIOUS, shorter, keep, Command.PAUSE]


@pytest.mark.parametrize("key", ["x", "tab", "ctrl+q", "ctrl+p", "ctrl+backslash", "home", "f1", "enter"])
def test_an_unknown_key_gets_a_hint_and_nothing_else(key):
    player = Puppet(42)

    async def act(app, pilot):
        await pilot.press(key)
        await pilot.pause()
        assert "? lists the keys" in text(app)
        assert app.is_running

    assert play(player, act).return_value is None
    assert player.asked == []


def test_a_click_on_the_strip_seeks():
    player = Puppet(42)

    async def act(app, pilot):
        row = app.screen.query_one("#strip").region.y
        await pilot.click(offset=(40, row))
        await pilot.click(offset=(40, row - 2))

    play(player, act)
    assert player.asked == [SeekTo(second(75))]


def test_q_ends_with_the_player():
    player = Puppet(42)

    async def act(app, pilot):
        await pilot.press("q")
        await pilot.pause()

    assert play(player, act).return_value == "stopped"
    assert player.asked == [Command.STOP]


def test_it_ends_when_the_session_does():
    player = Puppet(150)

    async def act(app, pilot):
        player.moment = replace(player.moment, end="finished")
        app.look()
        await pilot.pause()

    assert play(player, act).return_value == "finished"


@pytest.mark.parametrize("keys", [["ctrl+c"], ["ctrl+c", "ctrl+c"], ["question_mark", "ctrl+c"]])
def test_ctrl_c_interrupts(keys):
    async def act(app, pilot):
        await pilot.press(*keys)
        await pilot.pause()

    assert play(Puppet(42), act).return_value == "interrupted"


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no such signals")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_being_told_to_end_is_an_interruption(name):
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT)

    async def act(app, pilot):
        signal.raise_signal(getattr(signal, name))
        async with asyncio.timeout(60):
            while app.return_value is None:
                await pilot.pause()

    try:
        assert play(Puppet(42), act).return_value == "interrupted"
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGINT, before[1])


@pytest.mark.parametrize(
    ("error", "end"), [(EnvironmentFailure("The disk is full."), "stopped"), (KeyboardInterrupt(), "interrupted")]
)
def test_what_is_done_on_the_side_may_fail(error, end):
    def tick(now):
        if now.position > second(50):
            raise error

    player = Puppet(42)

    async def act(app, pilot):
        player.moment = now(51)
        app.look()
        await pilot.pause()

    app = play(player, act, tick=tick)
    assert (app.return_value, app.failure) == (end, error)


def test_what_did_not_change_is_not_drawn(monkeypatch):
    async def act(app, pilot):
        drawn = []
        monkeypatch.setattr(ScreenPart, "update", lambda self, *content, **how: drawn.append(self.id))
        app.look()
        assert drawn == []
        app._player.moment = now(42.4)  # the breath goes on, no second begins
        app.look()
        assert drawn == ["body"]

    play(Puppet(42.01), act)


def test_a_key_at_the_foot_can_be_clicked():
    player = Puppet(42)

    async def act(app, pilot):
        await pilot.click(offset=(3, 23))
        await pilot.pause()

    play(player, act)
    assert player.asked == [Command.PAUSE]


def test_a_real_player_is_steered_and_shown():
    device, sound = FakeDevice(), noise(to_frames(12))
    source = Written(sound, sections=SECTIONS)
    with Player(source, device) as player:
        until(lambda: device.opened)
        device.take(44_100)

        async def act(app, pilot):
            app.look()
            await pilot.pause()
            assert "0:01" in text(app) or "0:00" in text(app)
            await pilot.press("space")
            until(lambda: player.now().transport.paused)
            app.look()
            await pilot.pause()
            assert "█▀▄ ▄▀▄ █ █ ▄▀▀ █▀▀ █▀▄" in text(app)  # paused
            await pilot.press("9")
            until(lambda: player.now().transport.voice < 0)
            app.look()
            await pilot.pause()
            assert "Voice -2 dB" in text(app)

        play(player, act)
