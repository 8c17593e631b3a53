"""What phones, and others in their network, send to the servers: the bytes of a connection, and well-formed requests.

The apps of `serve` (with and without a secret) and of `send` run in this process, behind uvicorn's protocol and the
program's own, on a connection without a socket. Sessions are not made: a worker that ends at once takes their place.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

from audioguide.errors import RequestError
from audioguide.export.folder import ExportFolder
from audioguide.session.config import Config
from audioguide.session.open import open_session
from audioguide.system import paths
from audioguide.timeline.serialize import to_json
from audioguide.web import job_queue, send, server
from audioguide.web.app import create_app
from audioguide.web.audio_stream import _SoundIncomplete
from audioguide.web.export_job import ExportJob
from audioguide.web.job_queue import JobQueue
from audioguide.web.landing_page import describe_file
from fuzz.target import Target
from fuzz.targets.carried import WORDS as CARRIED
from fuzz.targets.carried import own_folder, payloads

JOB, TOKEN, HOST = "0123456789abcdef0123456789abcdef", "a-secret-of-22-letters-", "127.0.0.1:8765"
NOTHING = b"There is nothing here.\n"
ROUTINE = "title: Short one\nsteps:\n  - pose: {name: Stand, instructions: Stand up., hold: 12s}\n"
PLAN = "plan: Two weeks\nroutine: short-one\nstart: 2026-11-30\nweeks: 2\ndays: mon, thu\n"
SENT = "Short one ＂ · 40 %.mp3"
ALLOWED = {100, 200, 201, 202, 204, 206, 304, 307, 308, 400, 403, 404, 405, 408, 409, 413, 415, 416, 422, 429, 503}
PARTS = (
    "",
    "api",
    "sessions",
    "jobs",
    "routines",
    "home",
    "compose",
    "feed",
    "assets",
    "events",
    "timeline",
    "figures",
)
PARTS += (
    "sound",
    "file",
    "cover.jpg",
    "change",
    "place",
    "heard",
    "length",
    "favourite",
    "preset",
    "frieze.svg",
    "page",
)
_DISPOSITION = re.compile(
    r"(attachment|inline)(; filename=\"[^\"\\/\x00-\x1f\x7f]*\")?(; filename\*=utf-8''[\w.!~*'()%-]*)?", re.IGNORECASE
)


class Line:
    """The transport of a connection that nobody is at the other end of."""

    def __init__(self) -> None:
        self.written, self.is_closed = bytearray(), False

    def write(self, data: bytes) -> None:
        if len(self.written) < 3_000_000:
            self.written += data

    def close(self) -> None:
        self.is_closed = True

    abort = close

    def is_closing(self) -> bool:
        return self.is_closed

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"peername": ("127.0.0.1", 50_000), "sockname": ("127.0.0.1", 8765)}.get(name, default)

    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def set_protocol(self, protocol: Any) -> None: ...


class Site:
    """An app with its server's state; what it raises is kept."""

    def __init__(self, app: Any, token: str | None) -> None:
        self.app, self.token, self.errors, self.told = app, token, [], []  # type: ignore[var-annotated]
        self.config = server.build_server(self).config
        self.config.load()
        self.state = SimpleNamespace(total_requests=0, connections=set(), tasks=set(), default_headers=[])

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The app; a request outside the secret is told nothing."""
        first, about = str(scope["path"]).removeprefix("/").partition("/")[0], {"status": 0, "body": b""}

        async def note(message: Any) -> None:
            if message["type"] == "http.response.start":
                about["status"] = message["status"]
                check_headers(message["headers"])
            about["body"] += message.get("body", b"")[:200] if len(about["body"]) < 200 else b""  # type: ignore[operator,arg-type]
            await send(message)

        try:
            await self.app(scope, receive, note)
        except Exception as error:
            if not isinstance(error, _SoundIncomplete) and "can't handle event type" not in str(error):
                self.errors.append(error)  # and not that the connection is refused already, or broken off by intent
            raise
        if self.token and first != self.token and about["status"]:
            assert about["status"] == 404, "something is told without the secret"
            assert about["body"] in (NOTHING, b""), "something is told without the secret"
        parts = [part if part in PARTS else "_" for part in str(scope["path"]).split("/")[1:6]]
        self.told.append(f"{scope['method'][:8]} {' '.join(parts)} {_name(about['status'])}")

    async def talk(self, data: bytes) -> bytes:
        """All that comes back for the bytes of a connection, which is then lost."""
        line = Line()
        protocol = server.TimeoutProtocol(self.config, self.state, {}, _loop=asyncio.get_running_loop())  # type: ignore[arg-type]
        protocol.connection_made(line)  # type: ignore[arg-type]
        for at in range(0, len(data), 65_536):
            if not line.is_closed:
                protocol.data_received(data[at : at + 65_536])
            await asyncio.sleep(0)
        for _ in range(40):  # pipelined requests, one after the other
            if not (tasks := set(self.state.tasks)) or line.is_closed:
                break
            waits = protocol.cycle and protocol.cycle.more_body  # half a request
            done, _ = await asyncio.wait(tasks, timeout=0.01 if waits else 1)
            await asyncio.sleep(0)
            if not done:
                break
        protocol.connection_lost(None)
        if self.state.tasks:
            _, left = await asyncio.wait(set(self.state.tasks), timeout=4)
            assert not left, "a request goes on when its connection is gone"
        await asyncio.sleep(0)
        assert not self.state.connections
        return bytes(line.written)


def check_headers(headers: Any) -> None:
    """Nothing in a header breaks out of it, and names of files stay names."""
    for name, value in headers:
        assert re.fullmatch(rb"[\w-]+", name), "a header's name"
        assert not re.search(rb"[\r\n\0]", value), "a header breaks its line"
        if name.lower() == b"content-disposition":
            assert _DISPOSITION.fullmatch(value.decode("ascii")), "an odd Content-Disposition"


class Sites:
    """The servers of this process, with folders of their own that stay as they are."""

    def __init__(self) -> None:
        self.folder = own_folder()
        self.kept, self.runs = self.folder / "kept", 0
        self.loop = asyncio.new_event_loop()
        self.unhandled: list[Exception] = []
        self.loop.set_exception_handler(lambda loop, about: self.unhandled.append(about.get("exception")))  # type: ignore[arg-type]
        with self.entered():
            self._start()

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Within its folders, and with workers that make nothing."""
        own = {name: str(self.folder / name[11:].lower()) for name in ("AUDIOGUIDE_HOME", "AUDIOGUIDE_CACHE")}
        before = {name: os.environ.get(name) for name in own}, job_queue._start_worker, job_queue.MAX_WAITING
        os.environ |= own
        job_queue._start_worker, job_queue.MAX_WAITING = _end_at_once, 4
        paths.roots.cache_clear()
        try:
            yield
        finally:
            for name, value in before[0].items():
                os.environ.pop(name) if value is None else os.environ.update({name: value})
            _, job_queue._start_worker, job_queue.MAX_WAITING = before
            paths.roots.cache_clear()

    def _start(self) -> None:
        self._furnish()
        hosts = ["127.0.0.1", "localhost"]
        self.sites: dict[str, Site] = {}
        self.queues: list[JobQueue] = []
        self.lifespans: list[Any] = []
        feed = [ExportFolder(self.kept)]
        for name, token in (("page", None), ("lan", TOKEN)):
            app = create_app(Config(), hosts, token, f"http://{HOST}/", feed)
            self.sites[name] = Site(app, token)
        self.loop.run_until_complete(self._open())
        atexit.register(self.close)

    def close(self) -> None:
        """End all that goes on."""

        async def end() -> None:
            self.sending.cancel()
            for lifespan in self.lifespans:
                await lifespan.__aexit__(None, None, None)

        with self.entered():
            self.loop.run_until_complete(end())
        self.loop.close()

    def _furnish(self) -> None:
        """A person's folder and cache, with a session that is ready."""
        from carrying import carry

        home, cache = self.kept / "home", self.kept / "cache"
        for folder in (home / "scripts", home / "plans", cache / "sessions"):
            folder.mkdir(parents=True)
        (home / "scripts" / "short-one.yaml").write_text(ROUTINE)
        (home / "plans" / "two.yaml").write_text(PLAN)
        shutil.copytree(home, self.folder / "home")
        shutil.copytree(cache, self.folder / "cache")
        session = open_session("short-one")
        place, payload = cache / "sessions" / JOB, session.pack().payload  # type: ignore[misc]
        carry(payload, place.with_suffix(".mp3"))
        with place.with_suffix(".mp3").open("ab") as file:
            file.write((b"\xff\xfb\x92\x64" + bytes(413)) * 400)
        place.with_suffix(".jpg").write_bytes(b"\xff\xd8\xff\xd9")
        about = {"timeline": to_json(session.outline.timeline, files=False), "figures": {"steps": {}, "drawings": []}}
        place.with_suffix(".json").write_text(json.dumps(about))
        record: dict[str, Any] = {
            "session": "short-one",
            "options": {},
            "key": "k",
            "title": "Short one",
            "routine": "short-one",
        }
        record |= {"label": "a ＂ é", "duration": 30.0, "bytes": 4000}
        memory = {"jobs": {JOB: record}, "places": {JOB: [3.0, 1.0]}, "favourites": ["taster"], "secret": TOKEN}
        (home / "page.json").write_text(json.dumps(memory))
        self.record, self.sent = record, self.kept / SENT
        shutil.copy(place.with_suffix(".mp3"), self.sent)
        self.reset()

    def reset(self) -> None:
        """Put back what requests have changed."""
        shutil.copytree(self.kept / "cache", self.folder / "cache", dirs_exist_ok=True)
        shutil.copy(self.kept / "home" / "page.json", part := self.folder / "part")
        part.replace(self.folder / "home" / "page.json")  # whole, since another thread may read it
        for name in ("presets", "log"):
            shutil.rmtree(self.folder / "home" / name, ignore_errors=True)

    async def _open(self) -> None:
        """Start the apps; that of `send` is made by its server, which gives it away and waits."""
        for site in self.sites.values():
            routes = site.app._app.routes
            self.queues += [one.endpoint.__self__._queue for one in routes if one.path == "/api/jobs/{job}/events"]
            self.lifespans.append(site.app._app.router.lifespan_context(site.app._app))
            await self.lifespans[-1].__aenter__()
        made: list[Any] = []

        class Waiting:
            should_exit = False

            async def serve(self, sockets: Any) -> None:
                await asyncio.Event().wait()

        def give(app: Any, cert: Any = None) -> Waiting:
            made.append(app)
            return Waiting()

        real, send.build_server, send._SETTLED = send.build_server, give, 0.0  # type: ignore[assignment]
        file = describe_file(self.sent)
        sender = send._Sender({file.path.name: file}, 1e6, lambda *_: None, lambda _: None)
        self.sending = asyncio.create_task(sender.run("127.0.0.1", 0, None, lambda _: None))
        while not made:
            await asyncio.sleep(0)
        send.build_server = real
        made[0]._token = TOKEN
        self.sites["send"] = Site(made[0], TOKEN)

    def talk(self, name: str, data: bytes) -> str:
        """What comes of a connection."""
        with self.entered():
            return self._talk(name, data)

    def _talk(self, name: str, data: bytes) -> str:
        self.runs += 1
        if self.runs % 200 == 0:
            self.reset()
        site = self.sites[name]
        site.errors.clear()
        site.told.clear()
        for queue in self.queues:
            if JOB not in queue._jobs or not queue._jobs[JOB].is_whole:
                self.reset()
                queue._jobs[JOB] = ExportJob(id=JOB, place=queue._folder / JOB, **self.record, state="ready")
        said = self.loop.run_until_complete(site.talk(data))
        if errors := [*site.errors, *self.unhandled]:
            self.unhandled.clear()
            raise errors[0]
        statuses = {int(status) for status in re.findall(rb"^HTTP/1.1 (\d{3})", said)}
        assert statuses <= ALLOWED, f"an odd status: {statuses - ALLOWED}"
        assert b"Traceback (most recent" not in said
        came = "; ".join([*dict.fromkeys(site.told)] or map(_name, sorted(statuses)))
        if statuses and min(statuses) >= 400:
            raise RequestError(came)
        return came


def _name(status: int) -> str:
    return HTTPStatus(status).phrase if status else "no answer"


async def _end_at_once() -> Any:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec("true", stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL)


@cache
def _sites() -> Sites:
    return Sites()


def run_bytes(data: bytes) -> str:
    """The bytes of a connection; the first line says which server it is to."""
    name, _, rest = data.partition(b"\n")
    return _sites().talk({b"lan": "lan", b"send": "send"}.get(name.strip(), "page"), rest)


def run_request(data: bytes) -> str | None:
    """A well-formed request: server, method, path, headers, body; a body that is no text is JSON."""
    try:
        name, method, path, headers, body = json.loads(data)
        parts = [(str(key), str(value)) for key, value in headers.items()]
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None
    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else json.dumps(body).encode()
    method, path = re.sub(r"\s", "", str(method)) or "GET", re.sub(r"\s", "+", str(path))
    head = f"{method} {path} HTTP/1.1\r\nhost: {HOST}\r\n"
    head += "".join(f"{key}: {value}\r\n" for key, value in parts)
    if body is not None:
        head += f"content-length: {len(content)}\r\n"
    where = str(name) if str(name) in ("page", "lan", "send") else "page"
    return _sites().talk(where, head.encode("utf-8", "surrogatepass") + b"\r\n" + content * (body is not None))


_JOB = f"/api/jobs/{JOB}"
_HELD = {"options": {"holds": {"Stand": "20s"}}}
_DROPPED = {"content-type": "text/yaml"}
REQUESTS: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/", None),
    ("GET", "/sw.js", None),
    ("GET", "/qr.svg", None),
    ("GET", "/assets/page.css", None),
    ("GET", "/api/sessions?language=de&within=1", None),
    ("GET", "/api/sessions/short-one", None),
    ("GET", "/api/sessions/taster?language=de", None),
    ("GET", "/api/sessions/plan:two:1", None),
    ("GET", "/api/sessions/taster/frieze.svg", None),
    ("POST", "/api/sessions/short-one/length", _HELD),
    (
        "POST",
        "/api/sessions/taster/length",
        {"options": {"length": "3:00", "level": "brief", "cues": {"count": "off"}}},
    ),
    ("POST", "/api/sessions/short-one/heard", {"ago": 60, "heard": 40, "felt": "right", "hurt": [], **_HELD}),
    ("PUT", "/api/sessions/taster/favourite", {"on": True}),
    ("POST", "/api/sessions/short-one/preset", {"name": "Morning short", **_HELD}),
    ("GET", "/api/home", None),
    ("GET", "/api/compose", None),
    ("POST", "/api/compose", {"for": "hips", "length": "8:00", "without": ["wrists"], "language": "de", "seed": 3}),
    ("GET", "/api/jobs", None),
    ("POST", "/api/jobs", {"session": "short-one", **_HELD}),
    ("POST", "/api/jobs", {"session": "short-one", "options": {"voice": "/etc/passwd", "cover": "/etc/passwd"}}),
    ("GET", _JOB, None),
    ("PATCH", _JOB, {"name": "Vor dem Schlafen"}),
    ("DELETE", _JOB, None),
    ("GET", f"{_JOB}/events", None),
    ("GET", f"{_JOB}/timeline", None),
    ("GET", f"{_JOB}/figures", None),
    ("GET", f"{_JOB}/sound", None),
    ("GET", f"{_JOB}/sound?from=3.2", None),
    ("GET", f"{_JOB}/file", None),
    ("HEAD", f"{_JOB}/file", None),
    ("GET", f"{_JOB}/cover.jpg", None),
    ("PUT", f"{_JOB}/place", {"position": 12.5}),
    ("POST", f"{_JOB}/change", {"position": 4, "hold": "longer"}),
    ("POST", f"{_JOB}/change", {"position": 4, "options": {"background_level": -3}}),
    ("GET", "/feed.xml", None),
    ("GET", f"/feed/page/{JOB}.mp3", None),
    ("GET", "/feed/folder/../../etc/passwd", None),
    ("POST", "/api/routines", ROUTINE),
)
_SENT = "/Short%20one%20%EF%BC%82%20%C2%B7%2040%20%25.mp3"
TO_SEND = ("/", _SENT, f"{_SENT}?play", f"{_SENT}/cover.jpg", "/assets/page.css", "/..%2f..%2fetc%2fpasswd")
HEADERS = {
    "range": "bytes=0-99",
    "if-none-match": '"x"',
    "accept-encoding": "gzip",
    "user-agent": "Mozilla/5.0 (iPhone)",
}


def requests() -> Iterator[bytes]:
    """Every route of the servers, as it is used, and without its secret."""
    for method, path, body in REQUESTS:
        kind = {} if body is None else _DROPPED if isinstance(body, str) else {"content-type": "application/json"}
        yield json.dumps(["page", method, path, kind, body]).encode()
        yield json.dumps(["lan", method, f"/{TOKEN}{path}", {**kind, **HEADERS}, body]).encode()
        yield json.dumps(["lan", method, path, {**kind, "origin": "http://other.example"}, body]).encode()
    for kind in (
        "text/plain",
        "text/markdown",
        "text/html",
        "text/csv",
        "text/vtt",
        "application/x-subrip",
        "audio/wav",
    ):
        yield json.dumps(
            ["page", "POST", "/api/routines", {"content-type": kind}, "Stand up. [pause 3s]\nWell."]
        ).encode()
    for kind in ("audio/mpeg", "text/html"):
        text = f"\0audioguide session\0{payloads()[0].decode()}"
        text = text if kind == "audio/mpeg" else f'<script id="session" type="application/json">{text[20:]}</script>'
        yield json.dumps(["page", "POST", "/api/routines", {"content-type": kind}, text]).encode()
    for path in TO_SEND:
        yield json.dumps(["send", "GET", f"/{TOKEN}{path}", HEADERS, None]).encode()
        yield json.dumps(["send", "GET", path, {"accept-language": "de", "sec-purpose": "prefetch"}, None]).encode()


def connections() -> Iterator[bytes]:
    """The same as bytes, and shapes that have fooled other servers."""
    host = f"Host: {HOST}\r\n".encode()
    for method, path, body in REQUESTS:
        content = b"" if body is None else body.encode() if isinstance(body, str) else json.dumps(body).encode()
        kind = "text/yaml" if isinstance(body, str) else "application/json"
        more = f"Content-Type: {kind}\r\nContent-Length: {len(content)}\r\n".encode() if content else b""
        yield b"page\n" + f"{method} {path} HTTP/1.1\r\n".encode() + host + more + b"\r\n" + content
    for path in TO_SEND:
        yield b"send\n" + f"GET /{TOKEN}{path} HTTP/1.1\r\nRange: bytes=5-\r\n".encode() + host + b"\r\n"
    get, post = b"GET / HTTP/1.1\r\n" + host, b"POST /api/jobs HTTP/1.1\r\nContent-Type: application/json\r\n" + host
    inner = b"GET /api/jobs HTTP/1.1\r\n" + host + b"\r\n"
    chunked, hidden = b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n" + inner
    shapes = (
        (get + b"\r\n") * 5,
        post + b"Content-Length: 4\r\n" + chunked + b"\r\n" + hidden,
        post + chunked + b"Content-Length: 4\r\n\r\n" + hidden,
        post + b"Content-Length: 2\r\nContent-Length: 50\r\n\r\n{}" + inner,
        post + b"Content-Length: +2\r\n\r\n{}" + inner,
        post + b"Transfer-Encoding: xchunked\r\n\r\n" + hidden,
        post + b"Transfer-Encoding : chunked\r\n\r\n" + hidden,
        post + chunked + chunked + b"\r\n" + hidden,
        post + chunked + b"\r\n2;a=b\r\n{}\r\n0\r\nTrailer: x\r\n\r\n" + inner,
        post + chunked + b"\r\nFFFFFFFFFFFFFFFF\r\n{}",
        post + chunked + b"\r\n-2\r\n{}\r\n0\r\n\r\n",
        post + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
        post + b"Content-Length: 500\r\n\r\n{",
        get + b"X: " + b"a" * 70_000 + b"\r\n\r\n",
        get + b"a: b\r\n" * 5_000 + b"\r\n",
        get + b" folded: line\r\n\r\n",
        get + b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n",
        b"GET http://127.0.0.1:8765/api/jobs HTTP/1.1\r\n" + host + b"\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\n" + host + b"\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\n" + host + b"\r\n",
        b"OPTIONS * HTTP/1.1\r\n" + host + b"\r\n",
        b"GET /%zz%00%ff/..%2f..%5c//\xff HTTP/1.1\r\n" + host + b"\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/9.9\r\n" + host + b"\r\n",
        b"GET /\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        get + b"Host: other.example\r\n\r\n",
        b"GET / HTTP/1.1\nHost: 127.0.0.1:8765\n\n",
    )
    for shape in shapes:
        for name in (b"page", b"lan", b"send"):
            yield name + b"\n" + shape


WORDS = (
    *CARRIED,
    *("page", "lan", "send", JOB, TOKEN, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"),
    *(path for _, path, _ in REQUESTS),
    *(
        "%2e%2e%2f",
        "%00",
        "%ff%fe",
        "%0d%0aX: y",
        "%",
        "//",
        "?from=nan",
        "?from=-1",
        "?language=%00",
        "?within=-inf",
        "#",
    ),
    *(
        "Range: bytes=",
        "bytes=0-",
        "bytes=-1",
        "bytes=5-1",
        "bytes=0-0,2-2",
        "bytes=" + "0-," * 99 + "0-",
        "*",
        "W/",
        "range",
    ),
    *(
        "Host: ",
        "host",
        "Cookie: ",
        "content-type",
        "application/json",
        "text/yaml",
        "text/html",
        "text/csv",
        "audio/mp4",
    ),
    *("audio/mpeg", "audio/ogg", "audio/flac", "multipart/form-data; boundary=x", "gzip", "Content-Encoding: gzip\r\n"),
    *(
        "Content-Length: 0\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: chunked\r\n",
        "\r\n\r\n",
    ),
    *(
        "Origin: null\r\n",
        "origin",
        "sec-fetch-site",
        "cross-site",
        "Connection: close\r\n",
        "0\r\n\r\n",
        " HTTP/1.0",
        "if-range",
    ),
    *(
        "position",
        "hold",
        "longer",
        "keep",
        "end",
        "options",
        "session",
        "name",
        "ago",
        "heard",
        "felt",
        "hurt",
        "harder",
    ),
    *("background_level", "voice_level", "silence", "beyond_limits", "plan:two:1", "plan:two:٣", "plan::", "upload-0"),
)

TARGETS = (
    Target("web-requests", "http", requests, run_request, "text", WORDS, 8),
    Target("web-connections", "http", connections, run_bytes, "text", WORDS, 8),
)
