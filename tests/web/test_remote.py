"""A phone as the remote of `play`: real browsers that steer a real session, and strangers that try to."""

from __future__ import annotations

import http.client
import json
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args
from urllib.parse import urlsplit

import browser as browser_on
import pytest
from bus import TEN_POSES, playing
from playwright.sync_api import Page, expect
from pulse import wait_until

import audioguide.web
from audioguide.player.ui.view import Stage

REMOTE = Path(audioguide.web.__file__).parent / "remote"
slow = pytest.mark.slow
pytestmark = pytest.mark.xdist_group("browser")  # one after the other: they are about one port


@contextmanager
def remote_of(routine, *options: str, environment=None) -> Iterator[tuple[subprocess.Popen[str], str]]:
    with playing(routine, environment or {}, "--remote", *options) as child:
        assert child.stdout
        yield child, child.stdout.readline().strip()


@contextmanager
def phone(browser, address: str, **options) -> Iterator[Page]:
    with browser_on.opened(browser, **options) as context:
        page = context.new_page()
        page.goto(address)
        expect(page.locator("#left")).not_to_be_empty()
        yield page


def seconds(page: Page, id: str) -> int:
    minutes, rest = re.findall(r"\d+", page.locator(id).inner_text())
    return int(minutes) * 60 + int(rest)


def press(page: Page, what: str) -> None:
    page.locator(f"[data-do='{what}']").click()


@slow
@pytest.mark.real("chromium")
def test_phones_steer_a_session_and_see_what_it_does(browser, write):
    with remote_of(write(TEN_POSES)) as (child, address), phone(browser, address, locale="de-DE") as mine:
        with phone(browser, address, locale="es", viewport={"width": 844, "height": 390}) as other:
            mine.get_by_role("button", name="Pause").click()
            expect(other.locator("#stage")).to_have_text("en pausa")
            press(other, "next")
            expect(mine.locator("#side")).to_have_text("right side")
            expect(mine.locator("#next")).to_have_text("Danach: Bend")
            press(mine, "previous")
            expect(other.locator("#side")).to_have_text("left side")
            before = seconds(mine, "#count"), seconds(mine, "#left")
            mine.get_by_role("button", name="Länger halten").click()
            expect(mine.locator("#message")).to_have_text(re.compile("Twist.*1:05"))
            assert seconds(mine, "#count") == before[0] + 5
            assert seconds(mine, "#left") > before[1]
            press(other, "voice-down")
            expect(mine.locator("#message")).to_have_text("Voice -2 dB")
            for page in (mine, other):
                assert page.locator("audio, video").count() == 0
                assert browser_on.violations(page) == []
                assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            for _ in range(3):
                mine.get_by_role("button", name="Weiter", exact=True).click()
                expect(other.locator("#stage")).not_to_have_text("en pausa")
                other.get_by_role("button", name="Pausa").click()
                expect(mine.locator("#stage")).to_have_text("angehalten")
        mine.context.set_offline(True)
        mine.evaluate("window.dispatchEvent(new Event('online'))")  # as it wakes up, and before it has a network
        expect(mine.locator("#message")).to_have_text("Die Übung ist nicht zu erreichen. Neuer Versuch …")
        mine.context.set_offline(False)
        expect(mine.locator("body")).not_to_have_class(re.compile("gone"))
        mine.get_by_role("button", name="Beenden").click()
        mine.get_by_role("button", name="Wirklich beenden? Noch einmal tippen.").click()
        assert child.wait(30) == 0
        expect(mine.locator("#message")).to_contain_text("Die Übung ist zu Ende.")


def status(address: str, path: str, method: str = "GET", **headers: str) -> int:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        return connection.getresponse().status
    finally:
        connection.close()


@slow
def test_strangers_get_nothing_and_the_session_plays_on(write):
    with remote_of(write(TEN_POSES)) as (child, address):
        secret = urlsplit(address).path
        assert status(address, secret) == 200
        for path in ("/", "/do/stop", "/x/do/stop", "/%00/", "/" + "a" * 5000, secret.upper() + "do/stop"):
            assert status(address, path, "POST") == 404, path
        assert status(address, f"{secret}do/stop", "POST", Origin="http://evil.example") == 403
        assert status(address, f"{secret}do/stop", "POST", Sec_Fetch_Site="cross-site") == 403
        assert status(address, f"{secret}do/stop", "POST", Host="evil.example") == 400
        assert status(address, f"{secret}do/stop") == 404
        for what in ("nothing", "STOP", "__class__", "", "..%2fstop", "%ff"):
            assert status(address, f"{secret}do/{what}", "POST") in (404, 405), what
        for path in ("assets/../remote.py", "assets/..%2f..%2fremote.py", "..%2fserver.py", "assets//etc/passwd"):
            assert status(address, f"{secret}{path}") == 404, path
        sockets = [socket.create_connection((urlsplit(address).hostname, urlsplit(address).port)) for _ in range(100)]
        for one in sockets[::2]:
            one.sendall(b"GET /\xff\xfe HTTP/1.1\r\n" * 3)
        assert status(address, f"{secret}do/voice-down", "POST") == 204
        for one in sockets:
            one.close()
        assert child.poll() is None
        assert status(address, f"{secret}do/stop", "POST") == 204
        out, err = child.communicate(timeout=30)
        assert (child.returncode, out) == (0, "")
        assert "Traceback" not in err


@slow
def test_two_sessions_have_each_a_remote_of_its_own_and_a_phone_goes_on_with_the_next(write, browser):
    with remote_of(write(TEN_POSES)) as (child, first), remote_of(write(TEN_POSES)) as (_, second):
        assert urlsplit(first).port != urlsplit(second).port
        with phone(browser, first) as page:
            assert status(first, f"{urlsplit(first).path}do/stop", "POST") == 204
            assert child.wait(30) == 0
            expect(page.locator("#message")).to_contain_text("The session is over.")
            with remote_of(write(TEN_POSES)) as (_, third):
                assert third == first
                expect(page.locator("body")).not_to_have_class(re.compile("gone"))


@slow
@pytest.mark.real("tmux")
def test_the_code_is_shown_first_and_again_by_a_key(tmux, write):
    """On the screen it makes way for a phone, or any key."""
    play = [sys.executable, "-m", "audioguide", "play", str(write(TEN_POSES)), "--output", "null", "--remote"]
    tmux.run(f"clear; {shlex.join(play)}; echo code $?")
    tmux.sees("╰")  # the frame around it
    address = re.search(r"http://\S+/", tmux.shown)
    assert address
    assert status(address[0], f"{urlsplit(address[0]).path}events") == 200
    wait_until(lambda: address[0] not in tmux.shown, "the session", seconds=30)
    tmux.press("c")
    tmux.sees(address[0])
    tmux.press("x", "q")
    tmux.sees("code 0")
    tmux.run(f"clear; {shlex.join([*play, '--plain'])}; echo code $?")
    tmux.sees("left", seconds=60)
    tmux.press("c")
    wait_until(lambda: tmux.shown.rstrip().splitlines()[-2].startswith("http://"), "the code above the line")
    tmux.press("q")
    tmux.sees("code 0")


def test_the_words_are_there_in_three_languages():
    words = json.loads((REMOTE / "words.json").read_text("utf-8"))
    assert words.keys() == {"de", "en", "es"}
    page = (REMOTE / "index.html").read_text("utf-8")
    used = {
        *re.findall(r'data-say="(.+?)"', page),
        *re.findall(r'say\("(.+?)"', (REMOTE / "remote.js").read_text("utf-8")),
    }
    used |= {f"stage.{stage}" for stage in get_args(Stage)}
    for texts in words.values():
        assert texts.keys() == words["en"].keys() >= used
        for key, text in texts.items():
            assert re.findall(r"{\w+}", text) == re.findall(r"{\w+}", words["en"][key]), key
