"""Programs that last and are killed at any moment, again and again in one world: how each is ended and judged."""

from __future__ import annotations

import os
import signal
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

from killing import PATIENCE, Tally, World, command_line, heeds, marked, wait_for


class Service:
    """Kills a program that lasts. What it finds is what the run before has left, and each kill is judged by the next.

    `needs` are the programs without which that cannot be done.
    """

    name = ""
    needs: tuple[str, ...] = ()
    scripts: dict[str, str]

    def __init__(self, folder: Path, chance: Random) -> None:
        self.tally, self._chance, self._world, self._before = Tally(), chance, World(folder), set[str]()
        (folder / "home/scripts").mkdir()
        for name, text in self.scripts.items():
            (folder / "home/scripts" / f"{name}.yaml").write_text(text, "utf-8")
            self._world.run(f"export {name} -o {name}.wav").check_returncode()  # all is spoken from now on

    def close(self) -> None:
        """End what was started for it."""

    def kill(self, number: signal.Signals) -> None:
        """Start the program, end it at a random moment, and judge what is left and the next run."""
        self._before = {*self._world.parts()}
        try:
            found = [*self._kill(number, uuid.uuid4().hex)]
        except (TimeoutError, subprocess.TimeoutExpired) as error:  # of a sound server, a page, or of its end
            found = [f"was not judged: {error}"]
        self.tally.faults += [f"{self.name}, {number.name}: {fault}" for fault in found]

    def _kill(self, number: signal.Signals, mark: str) -> Iterator[str]:
        raise NotImplementedError

    def _end(
        self, program: subprocess.Popen, pid: int, number: signal.Signals, mark: str, read: Callable[[], str]
    ) -> Iterator[str]:
        """End a process, `program` or what that runs, and judge how it ends; `read` gives what it has said.

        Until it heeds SIGTERM, Python has its own way to end at Ctrl-C, with a traceback: that is waited for.
        """
        if number != signal.SIGKILL:
            wait_for(lambda: program.poll() is not None or heeds(pid, signal.SIGTERM), PATIENCE)
        running = program.poll() is None
        self.tally.runs += 1
        self.tally.killed += running
        with suppress(ProcessLookupError):
            os.kill(-os.getpgid(pid) if number == signal.SIGINT else pid, number)  # as a terminal sends Ctrl-C
        code, said = program.wait(60), read()
        if "Traceback" in said or "Exception" in said:
            yield f"a traceback: {said[-3000:]}"
        if code not in ((-9, 247) if number == signal.SIGKILL else (130,)) and (running or code):
            yield f"exit code {code}: {said[-500:]}"
        if not wait_for(lambda: not marked(mark), PATIENCE):
            yield f"{[command_line(pid) for pid in marked(mark)]} ran on"
        if number != signal.SIGKILL:
            yield from (f"left {name}" for name in {*self._world.parts()} - self._before)
