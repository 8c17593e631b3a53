"""The page's server, killed at any moment while a person changes one thing after the other on the page."""

from __future__ import annotations

import copy
import os
import re
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from random import Random
from threading import Thread
from typing import ClassVar

from killing import MARK, PROGRAM
from killing_services import Service
from page_server import SHORT, PageClient

from audioguide.system import mp3_frames
from audioguide.units import MP3_FRAME, RATE
from audioguide.web.job_change import read_frame


@dataclass
class Page:
    """What a person has on the page. Jobs go by the hold that they were ordered with: each has another one."""

    favourites: list[str] = field(default_factory=list)
    jobs: dict[float, tuple[str, float | None]] = field(default_factory=dict)
    """The name that each was given, and the place in it."""

    presets: set[str] = field(default_factory=set)

    def differences(self, found: Page) -> Iterator[str]:
        """What is there that differs from this one."""
        for hold in sorted({*self.jobs, *found.jobs}):
            if self.jobs.get(hold) != found.jobs.get(hold):
                yield f"the job of {hold} s is {found.jobs.get(hold)} in place of {self.jobs.get(hold)}"
        for what in ("favourites", "presets"):
            if {*getattr(self, what)} != {*getattr(found, what)}:
                yield f"{what} differ by { ({*getattr(self, what)} ^ {*getattr(found, what)}) }"


class Person:
    """Changes what is on the page, one thing after the other. `states` are what was asked for and answered, in order;
    `ids` are those of the jobs.
    """

    def __init__(self, states: list[Page], client: PageClient, ids: dict[float, str], chance: Random) -> None:
        self._states, self._client, self._ids, self._chance = states, client, ids, chance
        self._ordered: set[float] = set()

    def go_on(self) -> None:
        """Change one thing after the other until the server is gone."""
        with suppress(OSError, HTTPException, ValueError):
            while True:
                self._change(copy.deepcopy(self._states[-1]))

    def _change(self, page: Page) -> None:
        hold, job = round(self._chance.uniform(10, 34), 1), self._chance.choice([0.0, *page.jobs])
        name, asked = uuid.uuid4().hex[:6], {"holds": {"Stand tall": f"{hold}s"}}
        kind = self._chance.choice(("order", "favour", "place", "name", "preset", "delete", "change"))
        if kind == "favour":
            on = name[0] < "8"
            page.favourites = [one for one in page.favourites if one != "taster"] + ["taster"] * on
            self._ask(page, "PUT", "api/sessions/taster/favourite", {"on": on})
        elif kind == "preset":
            page.presets.add(f"p{name}")
            self._ask(page, "POST", "api/sessions/short-one/preset", {"name": f"p{name}", "options": asked})
        elif kind == "order" or not job:
            if hold not in page.jobs:
                page.jobs[hold] = "", None
                self._ids[hold] = self._ask(page, "POST", "api/jobs", {"session": "short-one", "options": asked})["job"]
                self._ordered.add(hold)
        elif kind == "place":
            seconds = self._chance.uniform(1, 4)
            page.jobs[job] = page.jobs[job][0], read_frame(seconds) / RATE
            self._ask(page, "PUT", f"api/jobs/{self._ids[job]}/place", {"position": seconds})
        elif kind == "name":
            page.jobs[job] = name, page.jobs[job][1]
            self._ask(page, "PATCH", f"api/jobs/{self._ids[job]}", {"name": name})
        elif kind == "delete":
            del page.jobs[job]
            self._ask(page, "DELETE", f"api/jobs/{self._ids[job]}")
        elif job in self._ordered and job < 35 and round(job + 5, 1) not in page.jobs:
            for _ in self._client.events(self._ids[job]):
                pass
            cues = self._client.get(f"api/jobs/{self._ids[job]}/timeline").data["cues"]
            start = next(cue["start"] for cue in cues if cue["kind"] == "hold")
            page.jobs[round(job + 5, 1)] = "", None
            body = {"position": start + 3, "hold": "longer"}
            self._ids[round(job + 5, 1)] = self._ask(page, "POST", f"api/jobs/{self._ids[job]}/change", body)["job"]

    def _ask(self, page: Page, method: str, path: str, body: object = None) -> dict:
        """Ask for what makes the page so; a state counts as asked for from now on, and as answered with the next."""
        self._states.append(page)
        reply = self._client.ask(method, path, body)
        assert reply.status < 300, (method, path, body, reply.body)
        self._states.append(page)
        return reply.data if reply.body else {}


class Server(Service):
    """Kills `audioguide serve`. What was answered has to be on the page of the next one."""

    name = "serve"
    scripts: ClassVar = {"short-one": SHORT}

    def __init__(self, folder: Path, chance: Random) -> None:
        super().__init__(folder, chance)
        self._page, self._ids = Page(), dict[float, str]()
        self._said, self._kept = folder / "said", folder / "cache/sessions"

    @contextmanager
    def _started(self, mark: str) -> Iterator[subprocess.Popen]:
        with self._said.open("wb") as said:
            program = subprocess.Popen(
                [*PROGRAM, "serve", "--port", "0"],
                env=self._world.surroundings(**{MARK: mark}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
                start_new_session=True,
            )
        with program:
            try:
                yield program
            finally:
                program.kill()

    def _kill(self, number: signal.Signals, mark: str) -> Iterator[str]:
        chance, states = Random(self._chance.random()), [self._page]

        def ask(program: subprocess.Popen) -> None:
            if address := program.stdout.readline().decode().strip():
                Person(states, PageClient(address), self._ids, chance).go_on()

        with self._started(mark) as program:
            (asking := Thread(target=ask, args=(program,))).start()
            time.sleep(self._chance.uniform(0, 6))
            yield from self._end(program, program.pid, number, mark, self._said.read_text)
            asking.join()
        for path in self._kept.glob("*"):
            if re.search(r"\.sound|\.part", path.name):
                yield f"left {path.name}"
            os.utime(path, (0, 0))  # as if hours had gone by: what belongs to no job is swept away
        with self._started(mark) as program:
            client = PageClient(program.stdout.readline().decode().strip())
            yield from self._judge(client, states[-2:])
            program.send_signal(signal.SIGTERM)
            code = program.wait(30)
        said, ids = self._said.read_text(), {*self._ids.values()}
        if code != 130 or "Traceback" in said or "damaged" in said:
            yield f"the next one ended with {code}: {said}"
        yield from (
            f"there is still {path.name}" for path in self._kept.glob("*") if path.name.split(".")[0] not in ids
        )
        yield from (f"there is still {name}" for name in self._world.parts())
        yield from (f"the blob {name} is torn" for name in self._world.torn_blobs())

    def _judge(self, client: PageClient, states: list[Page]) -> Iterator[str]:
        """What the next server has, which is to be the last state or the one before; and what it makes."""
        rows = {float(row["options"]["holds"]["Stand tall"].rstrip("s")): row for row in client.get("api/jobs").data}
        jobs = {hold: (row["label"] * row["renamed"], row["resume"]) for hold, row in rows.items()}
        presets = {path.stem for path in (self._world.folder / "home/presets").glob("*.yaml")}
        self._page = Page(client.get("api/home").data["favourites"], jobs, presets)
        self._ids.clear()
        self._ids.update({hold: row["job"] for hold, row in rows.items()})
        if self._page not in states:
            found = [" and ".join(one.differences(self._page)) for one in states]
            yield f"what was answered is lost: {found[0]}, or if all was done that was asked for: {found[-1]}"
        listed = {row["id"] for row in client.get("api/sessions").data["sessions"]}
        if not {"short-one", *presets} <= listed:
            yield f"the next one does not list { ({'short-one', *presets} - listed) }"
        hold = round(self._chance.uniform(35, 40), 3)
        made = client.made(holds={"Stand tall": f"{hold}s"})
        if made["state"] != "ready":
            yield f"the next one made nothing: {made}"
        self._page.jobs[hold], self._ids[hold] = ("", None), made["job"]
        name = uuid.uuid4().hex
        saved = client.ask("POST", "api/sessions/short-one/preset", {"name": f"p{name}", "options": {}})
        if saved.status != 201:
            yield f"the next one saved no preset: {saved.body!r}"
        self._page.presets.add(f"p{name}")
        for id in self._ids.values():
            yield from _judge_file(client, client.get(f"api/jobs/{id}").data)


def _judge_file(client: PageClient, row: dict) -> Iterator[str]:
    """What is wrong with the file of a job, where it has one: one that is only kept is made when somebody asks."""
    if row["state"] == "ready":
        content = client.get(f"api/jobs/{row['job']}/file").body
        count = len([*mp3_frames.frame_ends(content, mp3_frames.tag_length(content[:10]))])
        if not mp3_frames.is_whole(content) or count < 100:
            yield f"the MP3 of {row['job']} is damaged"
        if row["bytes"] != len(content) or abs((row["duration"] or 0) - count * MP3_FRAME / RATE) > 0.2:
            told = f"{row['bytes']} bytes and {row['duration']} s"
            yield f"the next one tells {told} of {len(content)} bytes and {count} frames"
