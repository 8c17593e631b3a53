"""A real server on this machine that speaks the protocol of Google Translate's voice, and misbehaves on command."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

from audioguide.system.ffmpeg import find_ffmpeg

LETTERS_A_SECOND = 15


@dataclass(frozen=True)
class Asked:
    """A request: when it came, and what for."""

    time: float
    text: str
    language: str
    host: str


@lru_cache
def mp3(tenths: int, level: float = 0.1) -> bytes:
    """A tone of so many tenths of a second as the service sends its speech: 24 kHz, one channel, bare frames."""
    source = (
        f"sine=frequency=300:duration={tenths / 10}:sample_rate=24000,volume={8 * level},adelay=150,apad=pad_dur=0.2"
    )
    write = "-ac 1 -c:a libmp3lame -b:a 64k -write_xing 0 -id3v2_version 0 -f mp3 pipe:1"
    command = [find_ffmpeg(), "-v", "error", "-f", "lavfi", "-i", source, *write.split()]
    return subprocess.run(command, capture_output=True, check=True).stdout


def speech(text: str) -> bytes:
    """The sound of a text: the longer it is, the longer it takes."""
    return mp3(2 + 10 * len(text) // LETTERS_A_SECOND)


def answer(sound: bytes) -> bytes:
    """The body that the service wraps a sound in."""
    inner = json.dumps([base64.b64encode(sound).decode()], separators=(",", ":"))
    return (
        b")]}'\n\n" + json.dumps([["wrb.fr", "jQ1olc", inner, None, None, None, "generic"]]).replace(", ", ",").encode()
    )


class SpeechServer:
    """Use it as a context manager. Each of `faults` spoils one answer, in order, and `spoilt` those to its texts."""

    def __init__(self, certificate: Path | None = None) -> None:
        self.faults: deque[str] = deque()
        self.spoilt: dict[str, str] = {}
        self.asked: list[Asked] = []
        self.over = threading.Event()
        handler = type("Handler", (_Handler,), {"speech_server": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._http.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that hung up is no news
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self.origin = f"{'https' if certificate else 'http'}://localhost:{self._http.server_port}"
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    @property
    def texts(self) -> list[str]:
        return [asked.text for asked in self.asked]

    def __enter__(self) -> SpeechServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class Tunnel:
    """A proxy through which every secure host is the one server: for programs that know only the real address."""

    def __init__(self, server: SpeechServer) -> None:
        port = int(server.origin.rpartition(":")[2])
        handler = type("Handler", (_TunnelHandler,), {"port": port})
        self._proxy = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._proxy.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._proxy.server_port}"
        self._thread = threading.Thread(target=self._proxy.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Tunnel:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._proxy.shutdown()
        self._proxy.server_close()
        self._thread.join()


def certify(path: Path, host: str) -> Path:
    """A key and a certificate for the host, signed by nobody else, in one file; needs openssl."""
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2".split()
    names = ["-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"]
    made = subprocess.run([*command, *names, "-keyout", "-", "-out", "-"], check=True, capture_output=True)
    path.write_bytes(made.stdout)
    return path


class _TunnelHandler(BaseHTTPRequestHandler):
    port: int

    def do_CONNECT(self) -> None:
        self.send_response(200)
        self.end_headers()
        with socket.create_connection(("127.0.0.1", self.port)) as server:
            there = threading.Thread(target=_pour, args=(self.connection, server), daemon=True)
            there.start()
            _pour(server, self.connection)
            there.join()

    def log_message(self, *_: object) -> None:
        pass


def _pour(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while content := source.recv(65_536):
            sink.sendall(content)
        sink.shutdown(socket.SHUT_WR)


class _Handler(BaseHTTPRequestHandler):
    speech_server: SpeechServer

    def do_POST(self) -> None:
        server = self.speech_server
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        ((((_, parameters, _, _),),),) = (json.loads(parse_qs(form)["f.req"][0]),)
        text, language, _, _ = json.loads(parameters)
        server.asked.append(Asked(time.monotonic(), text, language, self.headers["Host"]))
        assert self.path == "/_/TranslateWebserverUi/data/batchexecute"
        assert 0 < len(text) <= 100
        fault = server.faults.popleft() if server.faults else server.spoilt.get(text, "none")
        whole = answer(speech(text))
        match fault.split():
            case ["429", *pause]:
                self._send(b"slow down", 429, **({"Retry-After": " ".join(pause)} if pause else {}))
            case ["status", status]:
                self._send(b"no", int(status))
            case ["redirect"]:
                self._send(b"", 302, Location="/sorry")
            case ["hang"]:
                server.over.wait(20)
            case ["drip"]:
                self._drip(whole)
            case ["half-body"]:
                self._send(whole, cut=len(whole) // 2)
            case ["half-sound"]:
                self._send(answer(speech(text)[: len(speech(text)) // 2 + 7]))
            case ["few-frames"]:
                self._send(answer(mp3(1)))
            case ["silence"]:
                self._send(answer(mp3(40, 0.0001)))
            case ["no-sound"]:
                self._send(b")]}'\n\n" + b'[["wrb.fr","jQ1olc",null,null,null,[3],"generic"]]')
            case ["empty-sound"]:
                self._send(answer(b""))
            case ["noise"]:
                self._send(answer(bytes(range(256)) * 20))
            case ["empty"]:
                self._send(b"")
            case ["huge"]:
                self._send(whole + bytes(5_000_000))
            case ["page"]:
                self._send(b"<!DOCTYPE html><html><body>Sorry\xe2\x80\xa6</body></html>")
            case ["reset"]:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            case _:
                self._send(whole)

    def _send(self, body: bytes, status: int = 200, cut: int | None = None, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:cut])

    def _drip(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.speech_server.over.wait(0.05):
                return

    def log_message(self, *_: object) -> None:
        pass
