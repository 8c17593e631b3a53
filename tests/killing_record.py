"""A voice that is recorded, killed at any moment: in a real terminal, with a real microphone."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import ClassVar

from killing import wait_for
from killing_terminal import Heard, Terminal

LINES = ("Lie down and rest.", "Sit up and rest.", "Stand up and rest.")


class Recording(Heard):
    """Kills `audioguide voices record`. What was kept stays, and the next one asks for the rest."""

    name, needs = "voices record", ("pulseaudio", "parec", "paplay")
    scripts: ClassVar = {
        "lines": "title: Lines\nsteps:\n" + "".join(f"  - say: {line}\n" for line in LINES),
        "one": f"title: One\ndefaults: {{background: none}}\nsteps:\n  - say: {LINES[0]}\n",
    }

    def __init__(self, folder: Path, chance: Random) -> None:
        super().__init__(folder, chance)
        self._server.plug_microphone()
        self._takes = folder / "home/voices/anna"

    def _kill(self, number: signal.Signals, mark: str) -> Iterator[str]:
        if len(self._files()) == len(LINES):
            for file in self._takes.glob("*.wav"):
                file.unlink()
        kept, keeps, writing = self._files(), Event(), self._chance.random() < 0.5
        begun = len(kept)
        with self._started("voices record lines --voice anna", mark) as terminal:
            (person := Thread(target=self._speak, args=(terminal, kept, keeps))).start()
            if writing:
                wait_for(lambda: keeps.is_set() or terminal.shell.poll() is not None, 60)
                time.sleep(self._chance.uniform(0, 0.05))
            else:
                time.sleep(self._chance.uniform(0, 22))
            yield from self._end(terminal.shell, terminal.pid, number, mark, terminal.written)
            person.join()
            if number != signal.SIGKILL:
                yield from terminal.judge()
        found = self._files()
        for name in found.keys() | kept.keys():
            if name in kept and found.get(name) != kept[name]:
                yield f"what was kept is lost: {name} is {'gone' if name not in found else 'another one'}"
            elif not _is_whole(found[name]):
                yield f"{name} is torn"
        if len(found) > len(kept) + 1:
            yield f"left {sorted(found)} where {sorted(kept)} were kept"
        with self._started("voices record lines --voice anna", mark) as terminal:
            with suppress(OSError):
                if len(found) < len(LINES):
                    terminal.sees("[Enter] begin")
                    terminal.press("q")
            code, said = terminal.shell.wait(60), terminal.written()
        if code or f"{len(found)} of {len(LINES)} texts are recorded" not in said or "Traceback" in said:
            yield f"the next one ended with {code}, and {len(found)} takes are there: {said[-3000:]}"
        if len(kept) > begun and (left := self._before & {*self._world.parts()}):  # a take was written after it
            yield f"there is still {left}"
        if self._files() != found:
            yield "the next one changed what was kept"

    def _speak(self, terminal: Terminal, kept: dict[str, bytes], keeps: Event) -> None:
        """Record one line after the other until the program is gone; `keeps` is set when one is being kept."""
        say = ["paplay", str(self._world.folder / "work/one.wav")]
        with suppress(OSError):
            terminal.sees("[Enter] begin")
            terminal.press("\r")
            terminal.sees("[Enter] go on")
            terminal.press("\r")
            for _ in range(len(LINES) - len(kept)):
                terminal.sees("[Enter] record")
                terminal.press("\r")
                terminal.sees("Enter ends it")
                subprocess.run(say, env=os.environ | self._server.environment, check=False)
                terminal.press("\r")
                terminal.sees("[L] listen")
                terminal.press("\r" if "keep  [R]" in terminal.written()[-200:] else "k")
                keeps.set()
                terminal.sees(" of ")
                kept.update(self._files())

    def _files(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in self._takes.glob("*.wav")}


def _is_whole(content: bytes) -> bool:
    """Whether a WAV file is as long as its head says."""
    return content[:4] == b"RIFF" and int.from_bytes(content[4:8], "little") == len(content) - 8 > 44_100
