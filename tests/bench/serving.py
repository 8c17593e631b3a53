"""The page's server under load: `python tests/bench/serving.py [PART...] [--phones 30]`.

The parts are `cold`, `start`, `sliders`, `downloads`, `class`, `jobs`; without any, all but the last are measured.

* cold: from the start of `audioguide serve` to its address, and from there to the page with its files and the list of
  all sessions, each asked for at once.
* start: from a press of Start on a warm server, with its clips made, to the first second of sound.
* sliders: from a moved slider to the session's new length, over all sessions: one hold, the total length, the level.
* downloads: phones that fetch one 20-minute session at the same time, each byte compared, while somebody looks at the
  page; and how much memory the server takes meanwhile.
* class: phones that each look at the list, start a session of their own, hear its sound and change a hold, at once.
* jobs: 300 short jobs one after another: the memory of the server, and what is left of its workers.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import os
import random
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

sys.path.append(str(Path(__file__).parents[1]))
from page_server import PageServer
from processes import below
from programs import summary

ROUTINE = "lower-back-cool-down"
MINUTES = 20
ROUNDS = 5


@contextmanager
def serving() -> Iterator[PageServer]:
    """A server of its own, with the clips that this machine has."""
    with tempfile.TemporaryDirectory() as folder, PageServer(Path(folder)) as server:
        yield server


def cold() -> None:
    """A person who starts it, and a phone that is there at once."""
    starts, views = [], []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        with serving() as server:
            started = time.perf_counter()
            view(server)
            server.get("api/sessions")
            starts.append(started - begin)
            views.append(time.perf_counter() - started)
    print(f"cold       address after   {summary(starts)}")
    print(f"           page and list   {summary(views)} later")


def view(server: PageServer) -> int:
    """The page and all files that it names, as a phone asks for them; returns the bytes that came."""
    page = server.get("", Accept_Encoding="gzip")
    names = re.findall(r"<(?!link data-view).*(assets/[\w./-]+)", server.get("").body.decode())
    return len(page.body) + sum(len(server.get(name, Accept_Encoding="gzip").body) for name in dict.fromkeys(names))


def sliders() -> None:
    """A thumb on a slider."""
    chance, times = random.Random(1), []
    with serving() as server:
        for row in server.get("api/sessions").data["sessions"]:
            form = server.get(f"api/sessions/{row['id']}").data
            for _ in range(20):
                options: dict[str, object] = {"level": chance.choice(("brief", "normal", "full"))}
                if form["holds"]:
                    hold = chance.choice(form["holds"])
                    options["holds"] = {hold["select"]: f"{chance.uniform(hold['shortest'], hold['longest']):.1f}s"}
                if form["length"] and chance.random() < 0.3:
                    options["length"] = chance.uniform(form["length"]["shortest"], form["length"]["longest"])
                begin = time.perf_counter()
                server.ask("POST", f"api/sessions/{row['id']}/length", {"options": options})
                times.append((time.perf_counter() - begin) * 1000)
    high = quantiles(times, n=20)[-1]
    print(
        f"sliders    new length      {median(times):7.1f} ms median, {high:.1f} ms at 95 %, {max(times):.1f} ms at most"
    )


def downloads(phones: int) -> None:
    """A class whose phones fetch their session at once."""
    with serving() as server:
        facts = server.made(ROUTINE, length=f"{MINUTES}:00")
        path = f"api/jobs/{facts['job']}/file"
        digest = hashlib.sha256(server.get(path).body).digest()
        quiet = memory(server)
        right, views, most = [], [], [quiet]
        gate = threading.Barrier(phones + 1)

        def fetch() -> None:
            gate.wait()
            right.append(hashlib.sha256(server.get(path).body).digest() == digest)

        threads = [threading.Thread(target=fetch) for _ in range(phones)]
        for thread in threads:
            thread.start()
        gate.wait()
        begin = time.perf_counter()
        while any(thread.is_alive() for thread in threads):
            asked = time.perf_counter()
            server.get("")
            views.append((time.perf_counter() - asked) * 1000)
            most.append(memory(server))
        took = time.perf_counter() - begin
        print(f"downloads  {phones} × {facts['bytes'] / 1e6:.1f} MB   {took:7.2f} s, {sum(right)} of {phones} right")
        print(f"           page views      {median(views):7.1f} ms median of {len(views)}, {max(views):.1f} ms at most")
        print(
            f"           memory          {quiet:7.1f} MB before, {max(most):.1f} MB at most, {memory(server):.1f} after"
        )


def start() -> None:
    """A thumb on Start."""
    times = []
    with serving() as server:
        server.made(ROUTINE)
        for number in range(ROUNDS):
            begin = time.perf_counter()
            job = server.order(ROUTINE, scale=1.01 + number / 100)
            first_sound(server, job["job"])
            times.append(time.perf_counter() - begin)
            server.ask("DELETE", f"api/jobs/{job['job']}")
    print(f"start      first sound     {summary(times)}")


def first_sound(server: PageServer, job: str) -> int:
    """The bytes of a second of a job's sound, as soon as they are there."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=120)
    connection.request("GET", f"{server.base}api/jobs/{job}/sound")
    content = connection.getresponse().read(16_000)
    connection.close()
    return len(content)


def together(phones: int) -> None:
    """A class that begins at once, each with a session of their own."""
    with serving() as server:
        server.made(ROUTINE)
        gate, times, faults = threading.Barrier(phones), dict[str, list[float]](), []
        quiet = memory(server)

        def take_part(number: int) -> None:
            def timed(what: str, act: Callable[[], object]) -> object:
                begin = time.perf_counter()
                found = act()
                times.setdefault(what, []).append(time.perf_counter() - begin)
                return found

            gate.wait()
            try:
                timed("list", lambda: server.get("api/sessions"))
                job = timed("start", lambda: server.order(ROUTINE, scale=1.2 + number / 100))["job"]
                timed("first sound", lambda: first_sound(server, job))
                wish = {"position": 60.0, "hold": "longer"}
                answer = timed("change", lambda: server.ask("POST", f"api/jobs/{job}/change", wish, 120))
                if answer.status != 202:
                    faults.append(answer.body)
            except Exception as error:
                faults.append(error)

        threads = [threading.Thread(target=take_part, args=(number,)) for number in range(phones)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(f"class      {phones} phones, {len(faults)} refused: {faults[:2]}")
        for what, took in times.items():
            print(f"           {what:<15} {summary(took)}, {max(took):.2f} s at most, {len(took)} phones")
        print(f"           memory          {quiet:7.1f} MB before, {memory(server):.1f} after")


def jobs(count: int = 300) -> None:
    """An evening of short sessions."""
    with serving() as server:
        for number in range(count + 1):
            server.made("short-one", holds={"Stand tall": f"{10 + number / 10 % 25:.1f}s"})
            if number % (count // 6) == 0:
                files = len([*Path(f"/proc/{server.process.pid}/fd").iterdir()])
                left = len(below(server.process.pid))
                print(
                    f"jobs       after {number:3}       {memory(server):7.1f} MB, {files} files open, {left} processes"
                )


def memory(server: PageServer) -> float:
    """The megabytes of the server's process that are in memory."""
    pages = int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=["cold", "start", "sliders", "downloads", "class", "jobs", []])
    parser.add_argument("--phones", type=int, default=30)
    asked = parser.parse_args()
    phones = asked.phones
    parts = {"cold": cold, "start": start, "sliders": sliders, "downloads": lambda: downloads(phones)}
    parts["class"] = lambda: together(phones)
    for part in asked.parts or parts:
        (parts | {"jobs": jobs})[part]()


if __name__ == "__main__":
    main()
