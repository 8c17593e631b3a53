"""A store that several machines share: what one of them has made, no other needs to make again.

`AUDIOGUIDE_STORE` names it, by an address that fsspec understands: `file:///mnt/share/audioguide`, `s3://bucket/name`.
Without that there is none. A store that is away, slow or refuses stops nothing: that is told once, and after a while it
is asked again.

What lies there is data from others. Here it is only carried, and never more of it than was asked for; whoever reads it
checks that it is whole (see `blobs`).
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any, TypeVar
from urllib.parse import urlsplit

from audioguide.errors import EnvironmentFailure

VARIABLE = "AUDIOGUIDE_STORE"

PATIENCE = 5.0
"""Seconds that a store may take to answer."""

AWAY = 300.0
"""Seconds for which a store that did not answer is left alone."""

FORGOTTEN = 60.0
"""Seconds for which a name that was not there is not asked for again: somebody may have made it since."""

_RENAMING = frozenset({"file", "local", "sftp", "ssh", "smb"})
"""Kinds of store in which others see a file while it is written, and a name can be given at once. In the others, such
as those of objects, a file appears whole anyway.
"""

T = TypeVar("T")


class Shared:
    """The store at an address, from any number of threads."""

    def __init__(self, address: str, patience: float = PATIENCE) -> None:
        self.address = _without_secrets(address)
        self._address = address
        self._patience = patience
        self._lock = threading.Lock()
        self._files: Any = None
        self._root = ""
        self._away_until = 0.0
        self._takes = True
        self._told = False
        self._missing: dict[str, float] = {}

    def get(self, name: str, most: int) -> bytes | None:
        """What is kept under a name, `a/b/c`; None when there is nothing, more than `most` bytes, or no answer."""
        now = time.monotonic()
        if now < self._away_until or now < self._missing.get(name, 0.0):
            return None
        try:
            content = self._within_patience(lambda: self._read(name, most + 1))
        except FileNotFoundError:
            if len(self._missing) > 100_000:
                self._missing.clear()
            self._missing[name] = now + FORGOTTEN
            return None
        except Exception as error:  # every kind of store has its own
            self._leave_alone(error)
            return None
        return content if len(content) <= most else None

    def put(self, name: str, content: bytes) -> None:
        """Keep something under a name, for all who share the store: whole, or not at all."""
        if not self._takes or time.monotonic() < self._away_until:
            return
        try:
            self._within_patience(lambda: self._write(name, content))
        except PermissionError as error:  # it may well be there to be read only
            self._takes = False
            self._tell(f"The shared store {self.address} takes nothing ({_reason(error)}): it is only read.")
        except Exception as error:
            self._leave_alone(error)

    def check(self) -> None:
        """Write something and read it. EnvironmentFailure when that does not work."""
        name, content = f"check/{secrets.token_hex(8)}", secrets.token_bytes(64)
        try:
            self._within_patience(lambda: self._write(name, content))
            found = self._within_patience(lambda: self._read(name, len(content) + 1))
            with suppress(Exception):
                self._within_patience(lambda: self._files.rm_file(f"{self._root}/{name}"))
        except Exception as error:
            raise EnvironmentFailure(f"{self.address} does not work ({_reason(error)}). Look at {VARIABLE}.") from None
        if found != content:
            raise EnvironmentFailure(f"{self.address} gives back something else than it was given.")

    def _within_patience(self, job: Callable[[], T]) -> T:
        """What a job returns or raises; TimeoutError when it takes too long, and is then left to itself.

        On a thread of its own, which the end of the program does not wait for.
        """
        if self._files is None:
            import_module("fsspec")  # slow on a busy machine, and none of the store's doing
        done: Future[T] = Future()

        def run() -> None:
            try:
                self._open()
                done.set_result(job())
            except BaseException as error:
                done.set_exception(error)

        threading.Thread(target=run, name="shared store", daemon=True).start()
        return done.result(self._patience)

    def _open(self) -> None:
        from fsspec.core import url_to_fs

        if self._files is None:
            files, root = url_to_fs(self._address)
            self._root = root.rstrip("/")
            self._files = files

    def _read(self, name: str, most: int) -> bytes:
        content: bytes = self._files.cat_file(f"{self._root}/{name}", 0, most)
        return content

    def _write(self, name: str, content: bytes) -> None:
        path = f"{self._root}/{name}"
        kinds = self._files.protocol  # a name, or several for the same
        folder, _, last = path.rpartition("/")
        renaming = not _RENAMING.isdisjoint((kinds,) if isinstance(kinds, str) else kinds)
        target = f"{folder}/.{last}.{secrets.token_hex(4)}.part" if renaming else path
        try:
            self._files.pipe_file(target, content)
        except FileNotFoundError:
            self._files.makedirs(folder, exist_ok=True)
            self._files.pipe_file(target, content)
        if target != path:
            try:
                self._files.mv(target, path)
            except BaseException:
                with suppress(Exception):
                    self._files.rm_file(target)
                raise

    def _leave_alone(self, error: Exception) -> None:
        self._away_until = time.monotonic() + AWAY
        self._tell(f"The shared store {self.address} does not work ({_reason(error)}): this machine goes on alone.")

    def _tell(self, line: str) -> None:
        """Once. Python's own way to a listener shows it on stderr where nobody asks for anything else."""
        with self._lock:
            told, self._told = self._told, True
        if not told:
            import logging

            logging.getLogger("audioguide").warning(line)


def shared_store() -> Shared | None:
    """The store that the environment names, the same one each time; None where it names none."""
    address = os.environ.get(VARIABLE)
    return _shared(address) if address else None


@cache
def _shared(address: str) -> Shared:
    return Shared(address)


def _without_secrets(address: str) -> str:
    """An address as it can be shown: without a name and a password in it."""
    with suppress(ValueError):
        parts = urlsplit(address)
        if "@" in parts.netloc:
            return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
    return address


def _reason(error: BaseException) -> str:
    """Why, in one line."""
    if isinstance(error, TimeoutError):
        return "no answer"
    if isinstance(error, ModuleNotFoundError) and error.name == "fsspec":
        return "fsspec is not installed: pip install 'audioguide[batch]'"
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(said.split())[:200].rstrip(".") or type(error).__name__
