"""A session that plays, killed at any moment: in a real terminal, on a real sound server."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import sqlite3
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Thread
from typing import ClassVar

import numpy as np
from killing import MARK, PROGRAM, World, sessions, wait_for
from killing_services import Service
from pulse import Recording, SoundServer

LASTING = """\
title: Lasting
defaults: {background: {name: warm-drone, during: always}, level: brief}
steps:
  - rest: 30s
  - pose: {name: Rest, instructions: Lie down., hold: 10s}
  - pose: {name: Sit, hold: 10s, sides: [left, right]}
  - pose: {name: Bow, hold: 60s}
"""
NOTED = 5.0
"""Seconds after which `play` notes again how far it is."""

SLACK = 1.5
"""Seconds by which what is noted may differ from what was heard: what is on its way, and a busy machine."""


_LEADER = """\
import signal, subprocess, sys, termios
signal.signal(signal.SIGINT, lambda *_: None)
modes, program = termios.tcgetattr(0), subprocess.Popen(sys.argv[2:])
with open(sys.argv[1], "w") as file:
    print(program.pid, file=file, flush=True)
    code = program.wait()
    print(termios.tcgetattr(0) == modes, file=file)
sys.exit(code % 256)
"""
"""Stands in for a shell: a terminal has other modes as soon as the first program in it has ended."""


class Terminal:
    """A terminal with one program in it, which `shell` runs, and what that has written there."""

    def __init__(self, world: World, arguments: str, **surroundings: str) -> None:
        self._master, self._slave = pty.openpty()
        termios.tcsetwinsize(self._slave, (24, 80))
        self._written, self._looked, self._told = bytearray(), 0, world.folder / "terminal"
        self._told.unlink(missing_ok=True)
        self.shell = subprocess.Popen(
            [sys.executable, "-c", _LEADER, str(self._told), *PROGRAM, *arguments.split()],
            env=world.surroundings(**surroundings, TERM="xterm-256color"),
            cwd=world.folder / "work",
            pass_fds=[self._slave],
            preexec_fn=lambda: os.login_tty(self._slave),
        )
        wait_for(lambda: self._told.exists() and self._told.read_text(), 60)
        self.pid = int(self._told.read_text())
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        with suppress(OSError):  # when it is closed
            while True:
                self._written += os.read(self._master, 65536)

    def written(self) -> str:
        """All of it; each byte that is not ASCII is a sign."""
        time.sleep(0.05)  # for what is on its way
        return self._written.decode("latin-1")

    def sees(self, text: str) -> None:
        """Wait until a text is written, after what was seen before. OSError if the program ends."""
        while (at := self._written.find(text.encode(), self._looked)) < 0:
            if self.shell.poll() is not None and text not in self.written()[self._looked :]:
                raise OSError(f"it ended before {text}")
            time.sleep(0.01)
        self._looked = at + len(text)

    def press(self, key: str) -> None:
        os.write(self._master, key.encode())

    def judge(self) -> Iterator[str]:
        """The faults of a terminal whose program has ended and could clean up."""
        written = self.written()
        if "True" not in self._told.read_text():
            yield "left the modes of the terminal changed"
        for what, on, off in (("screen", "\x1b[?1049h", "\x1b[?1049l"), ("cursor", "\x1b[?25l", "\x1b[?25h")):
            if written.rfind(on) > written.rfind(off):
                yield f"left the {what} of the terminal changed"

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *error: object) -> None:
        if self.shell.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
        self.shell.wait()
        os.close(self._slave)
        self._reader.join()
        os.close(self._master)


class Heard(Service):
    """A program in a terminal, with a sound server of its own."""

    def __init__(self, folder: Path, chance: Random) -> None:
        super().__init__(folder, chance)
        (folder / "pulse").mkdir()
        self._server = SoundServer(folder / "pulse")

    def close(self) -> None:
        self._server.stop()

    def _started(self, arguments: str, mark: str) -> Terminal:
        return Terminal(self._world, arguments, **self._server.environment, **{MARK: mark})


class Playing(Heard):
    """Kills `audioguide play`. The log has to know how far it was, and the next one goes on there."""

    name, needs = "play", ("pulseaudio", "parec")
    scripts: ClassVar = {"lasting": LASTING}

    def _kill(self, number: signal.Signals, mark: str) -> Iterator[str]:
        log = self._world.folder / "home/log/sessions.sqlite3"
        shutil.rmtree(log.parent, ignore_errors=True)
        timeline = json.loads(self._world.run("show lasting --json").stdout)
        starts = [cue["start"] for cue in timeline["cues"] if cue.get("role") == "name"]
        plain = self._chance.choice(("", " --plain"))
        with (
            self._server.recording() as recording,
            self._started(f"play lasting --start-at Rest{plain}", mark) as terminal,
        ):
            if self._chance.random() < 0.8:
                wait_for(lambda: len(recording.sound) or terminal.shell.poll() is not None, 60)
                time.sleep(self._chance.uniform(0, 20))
            else:
                time.sleep(self._chance.uniform(0, 1.5))
            yield from self._end(terminal.shell, terminal.pid, number, mark, terminal.written)
            if number != signal.SIGKILL:
                yield from terminal.judge()
            heard = _measure(recording)
        try:
            sessions(log)
        except sqlite3.DatabaseError:
            yield "the log is damaged"
        yield from self._judge(number, mark, starts, heard)
        yield from (f"there is still {name}" for name in self._world.parts())
        yield from (f"the blob {name} is torn" for name in self._world.torn_blobs())

    def _judge(self, number: signal.Signals, mark: str, starts: list[float], heard: float) -> Iterator[str]:
        """What the log has of so many seconds that were heard from the first of the poses on, and the next one."""
        try:
            before = self._log()
        except subprocess.CalledProcessError as error:
            yield f"the next one, `log`, ended with {error.returncode}: {error.stderr}"
            return
        late = SLACK + (NOTED if number == signal.SIGKILL else 0)
        if len(before) > 1:
            yield f"the log has {len(before)} sessions, not one"
        place = before[0]["left"] if before else None
        if heard > late and not place:
            yield f"what was noted is lost: no place is in the log after {heard:.1f} s"
        elif place and not -SLACK < (away := starts[0] + heard - place["seconds"]) < late:
            yield f"what was noted is lost: a place {away:.1f} s before the kill was, after {heard:.1f} s"
        elif place and abs(before[0]["heard"] - place["seconds"] + starts[0]) > SLACK:
            yield f"the log is torn: {before[0]['heard']} s were heard until {place['seconds']} s"
        with self._server.recording() as recording, self._started("play lasting --resume", mark) as terminal:
            wait_for(lambda: len(recording.sound) > 2 * 44_100 or terminal.shell.poll() is not None, 60)
            os.kill(terminal.pid, signal.SIGINT)
            code = terminal.shell.wait(60)
            if code != 130 or "Traceback" in (said := terminal.written()) or "damaged" in said:
                yield f"the next one ended with {code}: {terminal.written()[-3000:]}"
            heard = _measure(recording)
        after = self._log()
        if place:
            announced = max(start for start in starts if start <= place["seconds"] + 0.01)
            again = after[0]["left"]["seconds"] - announced
            if len(after) != 1 or abs(again - heard) > SLACK:
                yield f"the next one went on {again - heard:.1f} s after the announcement, with {len(after)} sessions"
        elif len(after) != len(before) + 1 or after[-1]["heard"] > heard + SLACK:
            yield f"the next one began elsewhere: {after[-1]['heard']} s are in the log, {len(after)} sessions"

    def _log(self) -> list[dict]:
        listed = self._world.run("log --json")
        listed.check_returncode()
        return json.loads(listed.stdout)["sessions"]


def _measure(recording: Recording) -> float:
    """The seconds that were heard: where a busy machine has gaps in the sound, there is silence, which it never has."""
    return int(np.any(recording.frames != 0, axis=1).sum()) / 44_100
