"""Sending a file to a phone: real connections that break off, go on, are slow or only ask; and the QR codes."""

import http.client
import os
import random
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager, suppress
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import browser as browser_on
import pytest
import segno
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_server import wait_for

from audioguide.errors import EnvironmentFailure
from audioguide.web import send
from audioguide.web.auth import render_qr_svg, render_qr_text
from audioguide.web.landing_page import SentFile, describe_device

SENT = "Rücken – lang.mp3"
SIZE = 6_000_000
"""Bytes: more than all the buffers between two programs hold."""


class Sending(threading.Thread):
    """`send` at work; `join` gives what it raised."""

    def __init__(
        self, *files, timeout=5
    ):  # it gives up so many seconds after the last request: it may take a while here
        super().__init__(daemon=True)
        self._files, self._timeout, self._ready = files, timeout, threading.Event()
        self.sent, self.told = [0], []
        self.error = None
        self.start()
        assert self._ready.wait(20)

    def run(self):
        try:
            tell = lambda count, size: self.sent.append(count)  # noqa: E731
            files = [SentFile(file, file.stat().st_size, file.stem, (), b"") for file in self._files]
            settings = {"timeout": self._timeout, "ready": self._show, "sent": tell, "tell": self.told.append}
            send.send_files(files, "127.0.0.1", **settings)
        except EnvironmentFailure as error:
            self.error = error

    def _show(self, address):
        self.address = urlsplit(address)
        self.path = f"{self.address.path}{quote(self._files[0].name)}"
        self._ready.set()

    def ended(self):
        """Wait for the end; whether the phone has it."""
        self.join(30)
        assert not self.is_alive()
        return self.error is None

    @contextmanager
    def asked(self, method="GET", path=None, host=None, **headers):
        """An answer whose body is not read; in the end the connection is closed, whatever is still to come."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        client = http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=20)
        with closing(client):
            client.request(method, path or self.path, headers={"Host": host or self.address.netloc, **headers})
            with client.getresponse() as answer:
                yield answer

    def ask(self, *arguments, **headers):
        """An answer, and all of its body."""
        with self.asked(*arguments, **headers) as answer:
            return answer, answer.read()

    def status(self, *arguments, **headers):
        return self.ask(*arguments, **headers)[0].status


@pytest.fixture(autouse=True)
def _short_linger(monkeypatch):
    monkeypatch.setattr(send, "LINGER", 2.0)  # seconds that it stays open after the file was sent


@pytest.fixture
def file(tmp_path):
    path = tmp_path / SENT
    path.write_bytes(random.Random(1).randbytes(SIZE))
    return path


@pytest.fixture
def sending(file):
    return Sending(file)


def test_it_stays_open_for_a_while_after_a_download(sending, file):
    answer, content = sending.ask()
    assert content == file.read_bytes()
    assert answer.headers["Content-Type"] == "audio/mpeg"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"Rucken  lang.mp3\"; filename*=UTF-8''R%C3%BCcken%20%E2%80%93%20lang.mp3"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    wait_for(lambda: sending.sent[-1] == SIZE)
    assert sending.sent == sorted(sending.sent)
    assert sending.ask(Range="bytes=-100")[1] == content[-100:]
    assert sending.ended()


def test_a_broken_download_is_gone_on_with(sending, file):
    with sending.asked() as answer:
        taken, etag = answer.read(2_500_000), answer.headers["ETag"]
    answer, rest = sending.ask(Range=f"bytes={len(taken)}-", If_Range=etag)
    assert answer.status == 206
    assert taken + rest == file.read_bytes()
    assert sending.ended()


def test_pieces_in_any_order_make_a_whole(sending, file):
    content = file.read_bytes()
    for first in (4_000_000, 0, 2_000_000):
        assert sending.sent[-1] < SIZE
        _, piece = sending.ask(Range=f"bytes={first}-{first + 1_999_999}")
        assert piece == content[first : first + 2_000_000]
    assert sending.ended()


def test_a_part_is_not_the_whole(file):
    sending = Sending(file, timeout=1.5)
    assert sending.status("HEAD") == 200
    assert sending.status(path=f"{sending.path}other") == 404
    sending.ask(Range="bytes=0-999999")
    with sending.asked(Range="bytes=1000000-") as answer:
        answer.read(1_000_000)
    assert not sending.ended()
    assert 2_000_000 <= sending.sent[-1] < SIZE
    assert re.fullmatch(
        r"Only \d\d % of Rücken – lang.mp3 was fetched, and nothing more for 1.5s. .*", str(sending.error)
    )


@pytest.mark.slow
def test_a_slow_client_has_the_time_it_needs(file):
    """Longer than the timeout in all, but never without a byte for as long."""
    sending = Sending(file, timeout=1.5)
    with sending.asked() as answer:
        taken = b""
        while chunk := answer.read(SIZE // 8):
            taken += chunk
            time.sleep(0.3)  # this client is slow: what is waited for is its own pace
    assert taken == file.read_bytes()
    assert sending.ended()


def test_nobody_comes(file):
    sending = Sending(file, timeout=0.2)
    assert not sending.ended()
    assert str(sending.error) == (
        "Nobody fetched Rücken – lang.mp3 within 0.2s. Is the phone in the same network? Then try again."
    )


def test_the_doors_are_closed(sending):
    path = sending.address.path
    assert sending.status(path=f"{sending.path}/cover.jpg", host="evil.example") == 400
    assert sending.status(path=f"{path}x{quote(SENT)}") == 404
    assert len(path.strip("/")) >= 22  # 128 bits in base64
    assert sending.status(path="/") == 404
    assert sending.status(path=f"{path[:-3]}xx/") == 404
    assert sending.status(path=f"{path}other") == 404
    assert sending.status(path=f"{path}../") == 404
    assert sending.status(host="evil.example") == 400
    answer, _ = sending.ask("POST")
    assert (answer.status, set(answer.headers["Allow"].split(", "))) == (405, {"GET", "HEAD"})
    assert sending.status(Range="bytes=99999999-") == 416
    assert {*sending.sent} == {0}
    sending.ask()
    assert sending.ended()


IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/126.0.0.0 Mobile Safari/537.36"
DOWNLOADER = "AndroidDownloadManager/14 (Linux; U; Android 14; Pixel 7 Build/UP1A)"


@pytest.mark.slow
def test_it_tells_who_took_what_and_what_nobody_took(file, tmp_path):
    other = tmp_path / "other.mp3"
    other.write_bytes(b"other")
    sending = Sending(file, other, timeout=2)
    sending.ask(User_Agent=IPHONE)
    with sending.asked(User_Agent=ANDROID) as answer:
        part = answer.read(3_000_000)
    sending.ask(User_Agent=DOWNLOADER, Range=f"bytes={len(part)}-")  # the same phone goes on
    assert not sending.ended()
    assert sending.told[-2:] == [f"{SENT}: iPhone (127.0.0.1), Android phone (127.0.0.1).", "other.mp3: not taken."]
    assert str(sending.error).startswith("Nobody fetched other.mp3 within 2s. ")


LOOKS = (
    {"User-Agent": "WhatsApp/2.23.20.0 A"},
    {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
    {"User-Agent": IPHONE, "X-Purpose": "preview"},
    {"User-Agent": ANDROID, "Sec-Purpose": "prefetch;prerender"},
)


def test_who_only_looks_takes_nothing(forever):
    before = len(forever.sent)
    for headers in LOOKS:
        assert forever.status(path=forever.address.path, **headers) == 200
        assert forever.ask(**headers)[1] == bytes(range(256))
    assert len(forever.sent) == before


@pytest.mark.slow
def test_who_only_looks_keeps_nothing_open(file):
    sending = Sending(file, timeout=3)
    asked = 0
    while sending.is_alive():
        with suppress(OSError, http.client.HTTPException):
            sending.ask(path=sending.address.path, **LOOKS[asked % 4])
            asked += 1
    assert not sending.ended()
    assert str(sending.error).startswith("Nobody fetched")


@pytest.mark.slow
@pytest.mark.parametrize("size", [SIZE, 30_000])
def test_a_download_that_breaks_off_is_not_taken(tmp_path, size):
    file = tmp_path / "small.mp3"
    file.write_bytes(random.Random(2).randbytes(size))
    sending = Sending(file, timeout=2)
    for _ in range(3):
        with sending.asked(User_Agent=IPHONE) as answer:
            answer.read(1000)
    sending.ask("HEAD", User_Agent=IPHONE)
    for first in (0, 5, size - 7):
        sending.ask(Range=f"bytes={first}-{first + 5}", User_Agent=IPHONE)
    sending.ask(path=f"{sending.path}?play", User_Agent=IPHONE)  # it was heard, and is not kept
    assert not sending.ended()
    assert sending.told == []


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_whatever_is_broken_and_gone_on_with_counts_what_arrived(data):
    """A phone that reads some bytes of an answer and goes on there has the file when it has all of it, not before."""
    size = data.draw(st.integers(1, 2000))
    download, has, is_done = send.Download(size), 0, False
    while not is_done and data.draw(st.booleans()):
        span = [has, has]
        download.begin(span)
        span[1] = data.draw(st.integers(has, size))  # was sent; not all of it has to arrive
        has = data.draw(st.integers(has, span[1]))
        if is_done := has == size:
            download.had.append(span)
        assert download.is_whole == is_done
        assert download.count(download.had) <= has <= download.count(download.sent)


@given(st.text(max_size=300))
def test_any_user_agent_is_a_few_plain_letters(agent):
    assert re.fullmatch(r"[\w .+-]{0,40}", describe_device(agent), re.ASCII)


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (IPHONE, "iPhone"),
        ("AppleCoreMedia/1.0.0.21F79 (iPhone; U; CPU OS 17_5 like Mac OS X; de_de)", "iPhone"),
        (ANDROID, "Android phone"),
        (DOWNLOADER, "Android phone"),
        (ANDROID.replace(" Mobile", ""), "Android tablet"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Firefox/127.0", "Windows computer"),
        ("curl/8.5.0", "curl"),
        ("", "a device"),
        ("facebookexternalhit/1.1", ""),
    ],
)
def test_devices_have_plain_names(agent, device):
    assert describe_device(agent) == device


@given(st.binary(max_size=60))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_range_is_answered(forever, value):
    text = "bytes=" + re.sub(r"[^ -~]", "", value.decode("latin-1"))
    assert forever.status(Range=text) in (200, 206, 400, 416)


@pytest.fixture(scope="module")
def forever(tmp_path_factory):
    """A server for small questions."""
    path = tmp_path_factory.mktemp("range") / "some.mp3"
    path.write_bytes(bytes(range(256)))
    return Sending(path, timeout=600)


@pytest.mark.slow
@pytest.mark.real("chromium")
def test_a_browser_keeps_the_file(file, browser):
    sending = Sending(file, timeout=20)
    with browser_on.opened(browser) as context:
        page = context.new_page()
        page.goto(sending.address.geturl())
        with page.expect_download() as download:
            page.get_by_role("link", name="Save").click()
        assert download.value.suggested_filename == file.name
        assert download.value.path().read_bytes() == file.read_bytes()
    assert sending.ended()


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """Start `audioguide send` as a person does; gives the process and its address."""
    folder = tmp_path_factory.mktemp("send")
    (folder / "short.yaml").write_text("title: Short\nsteps:\n  - say: Hello.\n  - rest: 2s\n", "utf-8")
    running = []

    def start(*arguments):
        command = [
            sys.executable,
            "-m",
            "audioguide",
            *map(str, arguments),
            "--address",
            "127.0.0.1",
            "--timeout",
            "3s",
        ]
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        running.append(process)
        return process, urlsplit(process.stdout.readline().strip())

    start.folder = folder
    yield start
    for process in running:
        process.kill()
        process.communicate()


def fetched(address):
    client = http.client.HTTPConnection(address.hostname, address.port, timeout=20)
    with closing(client):
        client.request("GET", address.path)
        with client.getresponse() as answer:
            path = re.search(r'class="save" href="([^"]+)"', answer.read().decode())[1]
        client.request("GET", address.path + path)
        with client.getresponse() as answer:
            return answer, answer.read()


@pytest.mark.slow
def test_a_routine_is_made_and_sent(started):
    process, address = started("send", "short.yaml", "--scale", "1.5")
    answer, content = fetched(address)
    out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (0, "")
    size = f"{len(content) / 1e6:.1f} MB"
    again = "It can be fetched again for 3s; Ctrl-C ends it."
    taker = "a device (127.0.0.1)"
    assert err == f"short.mp3, {size}, was fetched by {taker}. {again}\nshort.mp3: {taker}.\n"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="short.mp3"'
    assert content.startswith(b"ID3")


@pytest.mark.slow
def test_an_exported_file_goes_as_it_is_unless_an_option_changes_it(started):
    command = [sys.executable, "-m", "audioguide", "export", "short.yaml", "-o", "mine.m4a", "--json"]
    subprocess.run(command, cwd=started.folder, check=True, capture_output=True)
    process, address = started("send", "mine.m4a")
    answer, content = fetched(address)
    assert process.wait(30) == 0
    assert content == (started.folder / "mine.m4a").read_bytes()
    assert answer.headers["Content-Type"] == "audio/mp4"
    process, address = started("send", "mine.m4a", "--level", "brief")
    answer, content = fetched(address)
    assert process.wait(30) == 0
    assert answer.headers["Content-Type"] == "audio/mpeg"


def test_an_interruption_ends_it_in_peace(started):
    process, _ = started("send", "short.yaml")
    process.terminate()
    _, err = process.communicate(timeout=30)
    assert (process.returncode, err.strip()) == (130, "Stopped.")


def test_a_port_that_is_taken_is_told_before_anything_waits(started):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process, _ = started("send", "short.yaml", "--port", port)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert err.startswith(f"Port {port} is taken. Try --port ")
    assert err.count("\n") == 1


QUIET_ZONE = 4  # modules, by ISO/IEC 18004
ADDRESS = "http://192.168.178.123:46065/5CGR9gq36v5eHP4ezr12NA/"


def test_the_terminal_shows_every_module_dark_on_light():
    lines = render_qr_text(ADDRESS).splitlines()
    assert all(line.startswith("\x1b[38;5;231;48;5;16m") and line.endswith("\x1b[0m") for line in lines)
    halves = [re.sub(r"\x1b\[[\d;]*m", "", line) for line in lines]
    shown = [[sign not in signs for sign in line] for line in halves for signs in ("▀█", "▄█")]
    code = [[bool(module) for module in row] for row in segno.make(ADDRESS, micro=False).matrix_iter(border=QUIET_ZONE)]
    assert shown[: len(code)] == code
    assert len(shown) - len(code) <= 1


def test_an_address_fits_an_80_column_terminal():
    lines = render_qr_text(ADDRESS).splitlines()
    assert len(lines) <= 24
    assert max(len(re.sub(r"\x1b\[[\d;]*m", "", line)) for line in lines) <= 80


def test_the_picture_has_nothing_that_a_strict_page_refuses():
    picture = ElementTree.fromstring(render_qr_svg(ADDRESS))
    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert {child.tag.rpartition("}")[2] for child in picture} == {"path"}
    assert not any("style" in element.attrib for element in picture.iter())
    side = segno.make(ADDRESS, micro=False).symbol_size(border=QUIET_ZONE)[0]
    assert picture.attrib["viewBox"] == f"0 0 {side} {side}"
