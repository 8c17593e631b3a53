"""A program that is kept running beside us: it is handed lines, and answers on its error output."""

from __future__ import annotations

import os
import queue
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from audioguide.machine import APART


class ChildFailure(Exception):
    """The child ended or did not answer; the message is its last words, or what became of it."""


def environment() -> dict[str, str]:
    """Ours, with UTF-8 between us and the child, and without its inference library telling its maker of its use."""
    return {**os.environ, "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "ORT_DISABLE_TELEMETRY": "1"}


class Child:
    """A running program. It ends when it is stopped, and also when we end, since then its input does."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                cwd=folder,
                env=environment(),
                encoding="utf-8",
                errors="replace",
                **APART,
            )
        except OSError as error:
            raise ChildFailure(f"{command[0]} does not start: {error.strerror or error}") from None
        assert self._process.stdin
        assert self._process.stderr
        self._input: IO[str] = self._process.stdin
        self._said: queue.Queue[str | None] = queue.Queue()
        self._last: deque[str] = deque(maxlen=5)
        self._reader = threading.Thread(target=self._read, args=(self._process.stderr,), daemon=True)
        self._reader.start()

    def ask(self, line: str, answer: str, seconds: float) -> str:
        """Hand it a line, and return what follows `answer` in the next of its messages that holds it.

        Raises ChildFailure when it ends instead, or says nothing at all for that many seconds.
        """
        with suppress(OSError, ValueError):  # where it is gone, or was stopped, what it said last tells why
            self._input.write(line + "\n")
            self._input.flush()
        while True:
            try:
                said = self._said.get(timeout=seconds)
            except queue.Empty:
                raise ChildFailure(f"no answer within {seconds:g} seconds") from None
            if said is None:
                self._said.put(None)  # for who asks next
                raise ChildFailure(self._last[-1] if self._last else f"exit code {self._process.wait()}")
            _, mark, rest = said.partition(answer)
            if mark:
                return rest

    def stop(self) -> None:
        """End it, whatever it is doing."""
        self._process.kill()
        with suppress(OSError):
            self._input.close()
        self._process.wait()
        self._reader.join()

    def _read(self, messages: IO[str]) -> None:
        with messages:
            for message in messages:
                if message := message.strip():
                    self._last.append(message)
                    self._said.put(message)
        self._said.put(None)
