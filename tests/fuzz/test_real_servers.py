"""Real servers by raw connections, and the real program by its command line: what the targets run, from outside."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import pytest
from bus import playing
from carrying import carry
from page_server import LAN, PageServer

from fuzz.mutator import mutate
from fuzz.targets import options, web
from fuzz.targets.carried import payloads

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="it looks into /proc")]


def hammer(process: subprocess.Popen[str], address: str, count: int, seed: int) -> None:
    """Connections whose bytes are odd, cut, slow or broken off; afterwards the server is as it was before."""
    parts, chance, pool = urlsplit(address), Random(seed), [one.partition(b"\n")[2] for one in web.connections()]
    where, token = (parts.hostname, parts.port), parts.path.strip("/").encode()
    own = f"{parts.hostname}:{parts.port}".encode()
    pool = [one.replace(web.TOKEN.encode(), token).replace(web.HOST.encode(), own) for one in pool]
    inside = f"GET {parts.path} HTTP/1.1\r\nHost: {own.decode()}\r\nConnection: close\r\n\r\n".encode()
    assert b" 200 " in _talk(where, [inside])[:30]
    files, memory = _files(process), _memory(process)
    for _ in range(count):
        data = mutate(chance.choice(pool), chance, pool, [one for one in web.WORDS if one != web.TOKEN], "text")[
            :80_000
        ]
        at = chance.randrange(len(data) + 1)
        said = _talk(
            where, [data[:at], data[at:]] if chance.random() < 0.3 else [data], 0.05, hard=chance.random() < 0.1
        )
        assert b" 500 " not in said[:30], data
        assert b"Traceback" not in said, data
        if token and token not in data:
            assert not re.search(rb"^HTTP/1.1 [23]", said), data
    assert b" 200 " in _talk(where, [inside])[:30]
    for _ in range(200):
        if _files(process) <= files + 3:
            break
        time.sleep(0.1)
    assert _files(process) <= files + 3, "connections stay open"
    assert _memory(process) < memory + 150e6


def _talk(
    where: tuple[str | None, int | None], pieces: list[bytes], seconds: float = 20, *, hard: bool = False
) -> bytes:
    """What comes back at once; the other side is then hung up on, `hard` without a word."""
    said = b""
    with socket.create_connection(where, 20) as connection, suppress(OSError):
        for piece in pieces:
            connection.sendall(piece)
        if hard:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            return b""
        connection.settimeout(seconds)
        with suppress(TimeoutError):
            while piece := connection.recv(65_536):
                said += piece
    return said


def _files(process: subprocess.Popen[str]) -> int:
    return len([*Path(f"/proc/{process.pid}/fd").iterdir()])


def _memory(process: subprocess.Popen[str]) -> int:
    return int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) * 4096


COUNT = int(os.environ.get("AUDIOGUIDE_FUZZ", "80"))
"""Connections to each server, and eight times the command lines."""


def test_the_page_in_a_network_stands(tmp_path):
    with PageServer(tmp_path, command=LAN) as server:
        hammer(server.process, server.address, COUNT, 1)
        assert server.get("api/sessions").status == 200
        code, said = server.stop()
        assert (code, said) == (-15, "")


def test_send_stands(tmp_path):
    sound = carry(payloads()[0], tmp_path / "Short one.mp3")
    with sound.open("ab") as file:
        file.write((b"\xff\xfb\x92\x64" + bytes(413)) * 400)
    command = [sys.executable, "-m", "audioguide", "send", str(sound), "--address", "127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout
        hammer(child, child.stdout.readline().strip(), COUNT, 2)
        child.terminate()
        _, said = child.communicate(timeout=30)
        assert "Traceback" not in said


def test_the_remote_stands(write):
    routine = write("title: Quiet\ndefaults: {background: none}\nsteps:\n  - rest: 30min\n")
    with playing(routine, {}, "--remote") as child:
        assert child.stdout
        hammer(child, child.stdout.readline().strip(), COUNT, 4)
        assert child.poll() is None


def test_the_program_ends_with_a_sentence(tmp_path):
    chance, pool = Random(3), [*options.command_lines()]
    for name, text in options.FILES.items():
        (tmp_path / name).write_text(text)
    places = {"AUDIOGUIDE_HOME": str(tmp_path / "home"), "HOME": str(tmp_path), "EDITOR": "true"}
    done = 0
    while done < COUNT // 8:
        data = mutate(chance.choice(pool), chance, pool, options.VALUES + options.FLAGS, "text")
        with suppress(ValueError, RecursionError):
            given = json.loads(data)
            arguments = [str(one) for one in given] if isinstance(given, list) else []
            odd = any("\0" in one or any("\ud800" <= sign <= "\udc7f" for sign in one) for one in arguments)
            if not arguments or arguments[0] in LASTING or odd or len(data) > 50_000:
                continue
            command = [sys.executable, "-m", "audioguide", *arguments]
            about = {"cwd": tmp_path, "env": {**os.environ, **places}, "stdin": subprocess.DEVNULL, "timeout": 120}
            ended = subprocess.run(command, capture_output=True, check=False, **about)  # type: ignore[call-overload]
            said = ended.stderr.decode("utf-8", "replace")
            assert ended.returncode in (0, 1, 2, 130), (arguments, said)
            assert not options.CODE.search(said), (arguments, said)
            assert ended.returncode == 0 or said.strip(), arguments
            done += 1
    assert not [*tmp_path.rglob(".audioguide-*.part")]


LASTING = ("play", "serve", "send", "export", "batch", "voices", "backgrounds", "chimes", "doctor", "cache")
"""What makes sound, or waits for somebody."""
