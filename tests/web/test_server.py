"""The server: who may send requests, what is refused, how it starts and ends; on a real server."""

import contextlib
import http.client
import ipaddress
import re
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from page_server import LAN, PageServer, started, wait_for

from audioguide.errors import EnvironmentFailure
from audioguide.web.server import choose_address, find_lan_address

HEAD = "GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
HOST = "Host: 127.0.0.1:{port}\r\n\r\n"

ROUTES = (
    ("GET", ""),
    ("GET", "assets/{odd}"),
    ("GET", "qr.svg"),
    ("GET", "api/sessions"),
    ("GET", "api/sessions/{odd}"),
    ("POST", "api/sessions/{odd}/length"),
    ("POST", "api/routines"),
    ("GET", "api/jobs"),
    ("POST", "api/jobs"),
    ("GET", "api/jobs/{odd}"),
    ("DELETE", "api/jobs/{odd}"),
    ("GET", "api/jobs/{odd}/events"),
    ("GET", "api/jobs/{odd}/timeline"),
    ("GET", "api/jobs/{odd}/sound"),
    ("GET", "api/jobs/{odd}/file"),
    ("GET", "api/jobs/{odd}/cover.jpg"),
    ("PATCH", "api/jobs/{odd}"),
    ("PUT", "api/jobs/{odd}/place"),
    ("POST", "api/jobs/{odd}/change"),
    ("GET", "api/home"),
    ("PUT", "api/sessions/{odd}/favourite"),
    ("POST", "api/sessions/{odd}/preset"),
)
ODD = (
    "..",
    "%2e%2e",
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "%ff%fe",
    "a" * 5000,
    "%2Fetc%2Fpasswd",
    "..%5c..",
    "CON",
    "-1",
    "~",
)


def status_of(reply: bytes) -> int:
    return int(reply.split(b" ", 2)[1])


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_nothing_odd_gets_through_any_route(server, method, route):
    body = {"options": {}} if method == "POST" else {} if method in ("PUT", "PATCH") else None
    for odd in ODD if "{odd}" in route else ():
        reply = server.ask(method, route.format(odd=odd), body)
        assert reply.status == 404, (odd, reply.body)
        assert b"root:" not in reply.body
    for start in ("/../", "//", "/..%2f", "/./"):
        path = f"{start}{route.format(odd='x')}"
        reply = server.raw(
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n\r\n".encode()
        )
        assert status_of(reply) in (404, 405, 415), path


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_a_wrong_method_is_told_the_right_ones(server, method, route):
    allowed = {other for other, path in ROUTES if path == route}
    for wrong in {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"} - allowed:
        reply = server.ask(wrong, route.format(odd="x"))
        assert reply.status == 405, (wrong, reply.status)
        assert allowed <= set(reply.headers["allow"].split(", ")) <= allowed | {"HEAD"}
        assert reply.data["error"] == "That cannot be done here."


def test_head_is_told_what_get_is_told(server):
    job = server.made()["job"]
    kinds = ("", "/events", "/timeline", "/sound", "/file", "/cover.jpg")
    for path in ("", "api/sessions", "api/sessions/taster", "api/jobs", *(f"api/jobs/{job}{kind}" for kind in kinds)):
        head, full = server.ask("HEAD", path), server.get(path)
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-type"] == full.headers["content-type"]
        if not path.startswith("api/sessions"):  # which may know more by now
            assert head.headers.get("content-length") == full.headers.get("content-length"), path


def test_every_answer_is_sealed(server):
    for method, path in (
        ("GET", ""),
        ("GET", "api/sessions"),
        ("GET", "nothing"),
        ("PUT", "api/jobs"),
        ("GET", "assets/x"),
    ):
        headers = server.ask(method, path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert not [name for name in headers if name.startswith("access-control")]
        assert "server" not in headers


def test_what_never_reaches_the_page(tmp_path):
    with PageServer(tmp_path, command=started(MAX_CONNECTIONS=4)) as server:
        assert status_of(server.raw(b"GET\r\n\r\n")) == 400
        # An answer has begun, and what comes then is no HTTP: there is nothing to be said any more.
        begun = HEAD.format(port=server.port).replace("GET /", "POST /api/jobs") + "Content-Type: application/json\r\n"
        large = b"20000\r\n" + b"a" * 0x20000 + b"\r\nnot a chunk\r\n"
        with server.connect() as connection, contextlib.suppress(ConnectionResetError):
            connection.sendall(f"{begun}Transfer-Encoding: chunked\r\n\r\n".encode() + large)
            assert status_of(connection.recv(1000)) == 413
        others = []

        def is_full() -> bool:  # of those that are answered as soon as all of it is there
            others.append(server.connect())
            others[-1].sendall(f"{begun}Content-Length: 9\r\n\r\n".encode())
            return server.get("").status == 503

        wait_for(is_full)
        assert "default-src 'self'" in server.get("").headers["content-security-policy"]
        for connection in others:
            connection.close()
        wait_for(lambda: server.get("").status == 200)
        assert "Traceback" not in server.stop()[1]


def test_only_the_addresses_that_are_served_are_answered(server):
    for host in (
        "evil.example",
        f"evil.example:{server.port}",
        f"127.0.0.1.evil.example:{server.port}",
        "127.0.0.2",
        "",
    ):
        assert server.get("", Host=host).status == 400, host
    assert server.get("", Host=f"localhost:{server.port}").status == 200
    twice = HEAD.format(port=server.port) + "Host: evil.example\r\nConnection: close\r\n\r\n"
    assert status_of(server.raw(twice.encode())) == 400
    assert status_of(server.raw(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")) == 400


def test_other_pages_cannot_ask(server):
    own = f"http://127.0.0.1:{server.port}"
    for origin in (
        "http://evil.example",
        "null",
        f"http://localhost:{server.port}",
        f"https://127.0.0.1:{server.port}",
    ):
        assert server.ask("POST", "api/jobs", {"session": "short-one"}, Origin=origin).status == 403, origin
        assert server.ask("DELETE", "api/jobs/x", Origin=origin).status == 403
    assert server.ask("DELETE", "api/jobs/x", Origin=own).status == 404
    for site in ("cross-site", "same-site"):
        assert server.get("api/sessions", Sec_Fetch_Site=site).status == 403
        assert server.get("", Sec_Fetch_Site=site).status == 200  # a link to the page
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        assert server.ask("POST", "api/jobs", b'{"session": "short-one"}', content_type=kind).status == 415


def test_bodies_have_a_size(server):
    for path, kind, most in (
        ("api/jobs", "application/json", 64_000),
        ("api/sessions/short-one/length", "application/json", 64_000),
        ("api/routines", "text/yaml", 200_000),
        ("api/routines", "audio/mpeg", 4_000_000),
    ):
        assert server.ask("POST", path, b" " * (most + 1), content_type=kind).status == 413
        head = (
            f"POST /{path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: {kind}\r\nConnection: close\r\n"
        )
        for length in (10**10, 10**18):  # told, and never sent
            assert status_of(server.raw(f"{head}Content-Length: {length}\r\n\r\n".encode())) == 413
        chunks = b"fffff\r\n" + b" " * 0xFFFFF + b"\r\n"
        with server.connect() as connection:
            connection.sendall(head.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
            try:
                for _ in range(20):
                    connection.sendall(chunks)
            except (BrokenPipeError, ConnectionResetError):
                continue  # it has heard enough
            assert status_of(connection.recv(1000)) == 413
    assert server.get("api/sessions").status == 200


def test_what_is_no_http_is_refused(server):
    for content in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\r\n\r\n\r\nHELLO\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
    ):
        with server.connect() as connection:
            try:
                connection.sendall(content)
                reply = connection.recv(1000)
            except ConnectionResetError:
                continue  # closed while we were still sending
        assert status_of(reply) in (400, 431), content[:40]
    upgrade = (
        HEAD.format(port=server.port) + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n"
    )
    with server.connect() as connection:
        connection.sendall(upgrade.encode())
        assert b" 101 " not in connection.recv(100)


@pytest.mark.slow
def test_slow_clients_are_let_go_of(tmp_path):
    """With short waits: the same ones, for a head that does not come, a body that does not, and nothing at all."""
    with PageServer(tmp_path, command=started(HEAD_TIMEOUT=0.5, BODY_TIMEOUT=0.5, IDLE_TIMEOUT=1)) as server:
        assert server.get("").status == 200
        head = HEAD.format(port=server.port)
        assert server.raw(b"") == b""
        assert server.raw(b"GET /") == b""
        assert server.raw(head.encode()) == b""
        post = head.replace("GET /", "POST /api/jobs") + "Content-Type: application/json\r\nContent-Length: 99\r\n\r\n{"
        assert status_of(server.raw(post.encode())) == 408
        reply = server.raw(head.encode() + b"\r\n")  # a whole request, and then nothing
        assert status_of(reply) == 200
        reply = server.raw(head.encode() + b"\r\nGET /ano")  # and half of another
        assert reply.count(b"HTTP/1.1 200") == 1


@pytest.mark.slow
def test_a_client_that_takes_nothing_is_let_go_of(tmp_path):
    scripts = tmp_path / "home/scripts"
    scripts.mkdir(parents=True)
    (scripts / "rest.yaml").write_text("title: Rest\nsteps: [{rest: 10m}, {say: Hello.}]\n")
    with PageServer(tmp_path, command=started(WRITE_TIMEOUT=0.5)) as server:
        facts = server.made("rest")  # 10 MB: more than the system keeps for a connection
        with socket.socket() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.settimeout(60)
            client.connect((server.host, server.port))
            client.sendall(f"GET /api/jobs/{facts['job']}/file HTTP/1.1\r\n{HOST.format(port=server.port)}".encode())
            wait_for(lambda: connections(server) == 1)
            wait_for(lambda: connections(server) == 0)
            client.setblocking(False)
            left = 0
            with contextlib.suppress(OSError):
                while chunk := client.recv(65536):
                    left += len(chunk)
            assert 0 < left < facts["bytes"]


def connections(server) -> int:
    """How many the server has: those of the system's table that are not closed on its side."""
    table = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    port = f":{server.port:04X}"
    return sum(row[1].endswith(port) and row[3] in ("01", "08") for row in table)


@pytest.mark.slow
def test_silent_connections_do_not_keep_the_owner_out(server):
    """However many: the oldest go first, and none on which a request is being answered."""
    job = server.order("long-one", level="brief")["job"]
    with server.connect() as own, contextlib.ExitStack() as stack:
        own.sendall(
            f"GET /api/jobs/{job}/events HTTP/1.1\r\nConnection: close\r\n{HOST.format(port=server.port)}".encode()
        )
        assert b" 200 " in own.recv(1000)
        idle = [stack.enter_context(server.connect()) for _ in range(300)]
        assert [server.get("api/sessions").status for _ in range(5)] == [200] * 5
        assert idle[0].recv(1) == b""
        idle[-1].sendall(HEAD.format(port=server.port).encode() + b"Connection: close\r\n\r\n")
        assert status_of(idle[-1].recv(100)) == 200
        server.ask("DELETE", f"api/jobs/{job}")
        told = b"".join(iter(lambda: own.recv(65536), b""))
        assert b"event: cancelled" in told


def test_the_address_with_most_silent_connections_gives_way(tmp_path):
    with PageServer(tmp_path, command=started(MAX_CONNECTIONS=20)) as server, contextlib.ExitStack() as stack:
        here = (server.host, server.port)
        first = stack.enter_context(server.connect())
        crowd = [
            stack.enter_context(socket.create_connection(here, 60, source_address=("127.0.0.3", 0))) for _ in range(40)
        ]
        assert server.get("").status == 200
        assert crowd[0].recv(1) == b""
        first.sendall(HEAD.format(port=server.port).encode() + b"Connection: close\r\n\r\n")
        assert status_of(first.recv(100)) == 200  # which has been silent for longest


@pytest.mark.slow
def test_thirty_phones_at_once_with_six_connections_each(server):
    def ask(number: int) -> list[int]:
        client = http.client.HTTPConnection(server.host, server.port, timeout=60)
        found = []
        for path in ("", "api/sessions", "assets/main.js", "api/jobs"):
            client.request("GET", server.base + path)
            with client.getresponse() as reply:
                found.append(len(reply.read()) and reply.status)
        client.close()
        return found

    with ThreadPoolExecutor(180) as phones:
        assert [*phones.map(ask, range(180))] == [[200] * 4] * 180


@pytest.mark.slow
def test_on_the_network_nothing_is_seen_without_the_token(tmp_path):
    with PageServer(tmp_path, command=LAN) as server:
        assert server.host == "127.0.0.2"
        token = server.base.strip("/")
        assert len(token) >= 22
        assert server.get("").status == 200
        assert server.get("api/sessions").status == 200
        without = server.base
        for path in (
            "/",
            "/api/sessions",
            f"/{token[:-1]}/",
            f"/{token}x/",
            f"/{token.swapcase()}/",
            f"//{token}/",
            "/%00/",
            "/é/",
        ):
            server.base = ""
            reply = server.get(path.replace("é", "%C3%A9"))
            assert (reply.status, reply.headers["content-type"]) == (404, "text/plain; charset=utf-8"), path
        reply = server.get(f"/{token}")
        assert (reply.status, reply.headers["location"]) == (308, f"/{token}/")
        server.base, server.host = without, "127.0.0.1"  # from this machine, the same
        assert server.get("api/sessions").status == 200
        assert server.get("", Host="evil.example").status == 400


def test_the_page_names_no_other_host(server):
    html = server.get("").body.decode()
    assert not re.findall(r"(?:src|href)=\"(?:https?:)?//", html)
    names = re.findall(r"(?:src|href)=\"\.?/?(assets/[^\"]+)\"", html)
    assert names
    for name in names:
        first = server.get(name, Accept_Encoding="gzip")
        assert first.status == 200
        assert first.headers.get("content-encoding") in ("gzip", None)
        assert server.get(name, If_None_Match=first.headers["etag"]).status == 304
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|<style|\sstyle=", html)


def test_the_qr_code_is_a_picture(server):
    reply = server.get("qr.svg")
    assert reply.headers["content-type"].startswith("image/svg+xml")
    assert reply.body.lstrip().startswith(b"<svg")
    assert b"<script" not in reply.body


def test_two_servers_do_not_share_a_port(server, tmp_path):
    second = subprocess.run(
        [sys.executable, "-m", "audioguide", "serve", "--port", str(server.port)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 1
    found = re.fullmatch(rf"Port {server.port} is taken\. Try --port (\d+)\.\n", second.stderr)
    assert found, second.stderr
    with socket.create_server(("127.0.0.1", int(found[1]))):
        pass  # which is free indeed


@pytest.mark.parametrize("port", ["-1", "65536", "http", "1e3"])
def test_what_is_no_port_is_refused(port):
    done = subprocess.run(
        [sys.executable, "-m", "audioguide", "serve", f"--port={port}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "Invalid value for '--port'" in done.stderr


@pytest.mark.parametrize(
    "number",
    [signal.SIGTERM, *(pytest.param(number, marks=pytest.mark.slow) for number in (signal.SIGINT, signal.SIGHUP))],
)
def test_it_ends_when_it_is_told_to(tmp_path, number):
    def heed() -> None:
        signal.signal(number, signal.SIG_DFL)

    with PageServer(tmp_path, preexec_fn=heed) as server:
        job = server.order("long-one")["job"]
        with server.connect() as events:
            events.sendall(f"GET /api/jobs/{job}/events HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode())
            wait_for(lambda: server.get(f"api/jobs/{job}").data["state"] == "making")
            code, said = server.stop(number)
        assert code == 130
        assert said.endswith("Stopped.\n")
        assert "Traceback" not in said
        assert list(server.sessions.iterdir()) == []


def test_it_prints_the_address_of_the_page(server):
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", server.address)


HOME, HOTSPOT, TUNNEL = "192.168.178.20", "10.42.0.1", "10.8.0.2"


@pytest.mark.parametrize(
    ("outward", "networks", "chosen"),
    [
        (HOME, {HOTSPOT: False, HOME: False}, HOME),  # the way out is where the router is, and so the phone
        (TUNNEL, {TUNNEL: True, HOME: False}, HOME),  # no phone is in a tunnel
        (TUNNEL, {TUNNEL: True}, TUNNEL),  # unless there is nothing else
        (None, {HOTSPOT: False}, HOTSPOT),  # this machine's own hotspot leads nowhere
        (HOME, {}, HOME),  # a system that does not tell its networks
        (HOME, {HOTSPOT: False}, HOME),
    ],
)
def test_the_address_is_in_the_network_that_a_phone_is_in(outward, networks, chosen):
    assert choose_address(outward, networks) == chosen


def test_a_machine_without_a_network_is_told_to_join_one():
    with pytest.raises(EnvironmentFailure, match="Join one"):
        choose_address(None, {})


def test_this_machine_is_asked():
    try:
        found = ipaddress.IPv4Address(find_lan_address())
    except EnvironmentFailure:
        pytest.skip("this machine is in no network")
    assert not found.is_loopback
    assert not found.is_unspecified
