"""The page's server as a process of its own, on a free port, with folders of its own."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from audioguide.system import paths

SHORT = """\
title: Short one
description: Over in a few seconds.
tags: [test]
defaults: {background: none}
steps:
  - pose: {name: Stand tall, instructions: Stand up., hold: 12s, limits: 10s..40s}
"""

LONG = """\
title: Long one
description: An hour of standing.
defaults: {background: pink-noise}
steps:
  - repeat: 60
    steps:
      - pose: {name: Stand tall, instructions: Stand up., hold: 60s, limits: 10s..60s}
"""


def started(lan: str | None = None, **limits: float) -> list[str]:
    """The command for a server with other limits, or open to a network."""
    lines = [
        "import audioguide.web.limits as limits",
        *(f"limits.{name} = {value}" for name, value in limits.items()),
        "from audioguide.session.config import Config",
        "from audioguide.web.server import serve",
        f"serve(Config(), 0, {lan!r}, lambda text: print(text, flush=True))",
    ]
    return [sys.executable, "-c", "\n".join(lines)]


LAN = started("127.0.0.2")
"""Opens it to a network that every machine has: another address of itself."""


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def data(self):
        return json.loads(self.body)


class PageClient:
    """Asks a server at an address."""

    def __init__(self, address: str) -> None:
        parts = urlsplit(address)
        self.host, self.port, self.base = parts.hostname, parts.port, parts.path

    def ask(self, method: str, path: str, body=None, timeout: float = 60, **headers: str) -> Reply:
        """One request on a connection of its own; a body that is no bytes is sent as JSON."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            headers.setdefault("content-type", "application/json")
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request(method, self.base + path, body, headers)
            reply = connection.getresponse()
            fields = {name.lower(): value for name, value in reply.getheaders()}
            return Reply(reply.status, fields, reply.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Reply:
        return self.ask("GET", path, **headers)

    def connect(self, timeout: float = 60) -> socket.socket:
        """A bare connection."""
        return socket.create_connection((self.host, self.port), timeout)

    def raw(self, content: bytes, timeout: float = 60) -> bytes:
        """All that comes back for some bytes, until the connection is closed."""
        with self.connect(timeout) as connection:
            connection.sendall(content)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def order(self, session: str = "short-one", **options) -> dict:
        """A job that makes a session."""
        reply = self.ask("POST", "api/jobs", {"session": session, "options": options})
        assert reply.status == 202, reply.body
        return reply.data

    def events(self, job: str):
        """The events of a job until its last: (kind, data)."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=120)
        connection.request("GET", f"{self.base}api/jobs/{job}/events")
        kind = ""
        for line in connection.getresponse():
            if line.startswith(b"event: "):
                kind = line[7:].strip().decode()
            elif line.startswith(b"data: "):
                yield kind, json.loads(line[6:])
        connection.close()

    def made(self, session: str = "short-one", **options) -> dict:
        """A job that is over."""
        *_, (_, facts) = self.events(self.order(session, **options)["job"])
        return facts


class PageServer(PageClient):
    """`audioguide serve` on a free port; `folder` holds the person's own folder and the cache."""

    def __init__(self, folder: Path, *, command: list[str] | None = None, clips: bool = True, **options) -> None:
        self.home, self.cache = folder / "home", folder / "cache"
        scripts = self.home / "scripts"
        scripts.mkdir(parents=True, exist_ok=True)
        (scripts / "short-one.yaml").write_text(SHORT)
        (scripts / "long-one.yaml").write_text(LONG)
        self.cache.mkdir(exist_ok=True)
        if clips and not (self.cache / "clips").exists():  # what is spoken once is spoken for all tests
            shared = paths.cache_root() / "clips"
            shared.mkdir(parents=True, exist_ok=True)
            (self.cache / "clips").symlink_to(shared)
        self.process = subprocess.Popen(
            command or [sys.executable, "-m", "audioguide", "serve", "--port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "AUDIOGUIDE_HOME": str(self.home), "AUDIOGUIDE_CACHE": str(self.cache)},
            **options,
        )
        self.address = self.process.stdout.readline().strip()
        assert self.address, self.process.stderr.read()
        super().__init__(self.address)

    def __enter__(self) -> PageServer:
        return self

    def __exit__(self, *error) -> None:
        self.stop()

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """End it; returns its exit code and what it said."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        _, said = self.process.communicate(timeout=30)
        return self.process.returncode, said

    @property
    def sessions(self) -> Path:
        """Where it keeps what it has made."""
        return self.cache / "sessions"


def wait_for(condition, seconds: float = 60):
    """What a condition returns as soon as that is true."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
    return found
