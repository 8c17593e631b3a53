"""A store that several machines share, by any address that fsspec knows: a folder, a bucket, a server.

It is there to save work, and must never cost any: whatever it does wrong, the session is made without it. What comes
from it was written by others, and is only believed when its digest is right (`blobs.Blobs`).
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property, lru_cache
from queue import Empty, SimpleQueue
from typing import Any, TypeVar
from urllib.parse import urlsplit

from audioguide.errors import EnvironmentFailure

T = TypeVar("T")

VARIABLE = "AUDIOGUIDE_STORE"

PATIENCE = 10.0
"""Seconds after which it is taken to be away, for the rest of the program."""


def shared_store() -> Shared | None:
    """The store at the address in `AUDIOGUIDE_STORE`, if there is one. EnvironmentFailure where fsspec is missing."""
    address = os.environ.get(VARIABLE, "")
    return _at(address) if address else None


def new_trouble() -> str:
    """Why the store is not used any more, in a sentence, the first time that this is asked for; else nothing."""
    with suppress(EnvironmentFailure):
        if (store := shared_store()) and not store.told:
            store.told = bool(store.trouble)
            return store.trouble
    return ""


@lru_cache(maxsize=4)
def _at(address: str) -> Shared:
    return Shared(address)


class Shared:
    """Bytes by name on the store at an address. Any thread may use it."""

    def __init__(self, address: str) -> None:
        self.address = _without_secrets(address)
        self._address = address
        self._takes = True
        self.trouble = ""
        """Why it is not used any more, in a sentence; empty while it is."""
        self.told = False
        try:
            import fsspec
        except ImportError:
            raise EnvironmentFailure(
                "AUDIOGUIDE_STORE names a shared store, and fsspec is not installed. "
                "Run: pip install 'audioguide[batch]'"
            ) from None
        self._fsspec: Any = fsspec

    def get(self, name: str, largest: int) -> bytes | None:
        """The bytes of a name; None where there are none, more than `largest`, or the store does not answer."""

        def read() -> bytes | None:
            system, root = self._root
            try:
                content: bytes = system.cat_file(f"{root}/{name}", end=largest + 1)
            except (FileNotFoundError, IsADirectoryError):
                return None
            return content if len(content) <= largest else None

        return self._tried(read)

    def put(self, name: str, content: bytes) -> None:
        """Keep bytes under a name. They appear at once where the store can do that: elsewhere a half is no whole."""

        def write() -> None:
            system, root = self._root
            path = f"{root}/{name}"
            system.makedirs(path.rpartition("/")[0], exist_ok=True)
            if "file" not in (system.protocol if isinstance(system.protocol, tuple) else (system.protocol,)):
                system.pipe_file(path, content)
                return
            part = f"{path}.{secrets.token_hex(4)}.part"
            system.pipe_file(part, content)
            os.replace(part, path)  # noqa: PTH105 – a name of fsspec's

        def write_where_one_may() -> None:
            try:
                write()
            except PermissionError:  # it may well be there to be read only
                self._takes = False

        if self._takes:
            self._tried(write_where_one_may)

    def check(self) -> None:
        """Write something and read it. EnvironmentFailure when that does not work."""
        name, content = f"check/{secrets.token_hex(8)}", secrets.token_bytes(64)
        self.put(name, content)
        if self.get(name, len(content)) != content:
            trouble = self.trouble or f"{self.address} does not give back what it is given."
            raise EnvironmentFailure(f"{trouble} Look at {VARIABLE}.")

    @cached_property
    def _root(self) -> tuple[Any, str]:
        system, root = self._fsspec.core.url_to_fs(self._address)
        return system, str(root).rstrip("/")

    def _tried(self, act: Callable[[], T]) -> T | None:
        """What an act gives; None, and never again, where the store fails or takes too long."""
        if self.trouble:
            return None
        answers = SimpleQueue[T | Exception]()

        def ask() -> None:
            try:
                answers.put(act())
            except Exception as error:  # every kind of store has errors of its own
                answers.put(error)

        # In a thread that nobody waits for: one that never comes back must not keep the program from ending.
        threading.Thread(target=ask, name="store", daemon=True).start()
        try:
            answer = answers.get(timeout=PATIENCE)
        except Empty:
            answer = TimeoutError(f"no answer within {PATIENCE:g} seconds")
        if not isinstance(answer, Exception):
            return answer
        self._give_up(str(answer) or type(answer).__name__)
        return None

    def _give_up(self, reason: str) -> None:
        if not self.trouble:
            first = reason.splitlines()[0].rstrip(".")
            self.trouble = f"The shared store {self.address} is not used: {first}. This machine's own cache is."


def _without_secrets(address: str) -> str:
    """An address as it can be shown: without a name and a password in it."""
    with suppress(ValueError):
        parts = urlsplit(address)
        if "@" in parts.netloc:
            return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
    return address
