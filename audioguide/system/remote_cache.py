"""A store that several machines share, at any address that fsspec knows: a folder, a bucket, a server.

It only saves work: when it fails or is slow, the session is made without it. What comes from it was written by others,
and is only believed when its checksum is right (`blobs.Blobs`).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import Any, TypeVar
from urllib.parse import urlsplit

from audioguide.errors import EnvironmentFailure
from audioguide.system.process import run_in_daemon_thread, wait_for

T = TypeVar("T")

VARIABLE = "AUDIOGUIDE_STORE"

PATIENCE = 10.0
"""Seconds without an answer after which the store is not asked again by this program."""


def open_remote_cache() -> RemoteCache | None:
    """The store at the address in `AUDIOGUIDE_STORE`, if there is one. EnvironmentFailure where fsspec is missing."""
    address = os.environ.get(VARIABLE, "")
    return _at(address) if address else None


def take_error() -> str:
    """Why the store is not used any more, in a sentence, the first time that this is asked for; else nothing."""
    with suppress(EnvironmentFailure):
        if (store := open_remote_cache()) and not store.told:
            store.told = bool(store.trouble)
            return store.trouble
    return ""


class RemoteCache:
    """Bytes by name on the store at an address. Any thread may use it.

    `trouble` is a sentence that says why it is not used any more, empty while it is. `told` is for `new_trouble`.
    """

    def __init__(self, address: str) -> None:
        self.address = _without_secrets(address)
        self.trouble, self.told = "", False
        self._address, self._read_only = address, False
        try:
            import fsspec
        except ImportError:
            raise EnvironmentFailure(
                f"{VARIABLE} names a shared store, and fsspec is not installed. Run: pip install 'audioguide[batch]'"
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
        """Keep bytes under a name. In a folder they appear at once; elsewhere the checksum tells a half."""

        def write() -> None:
            from fsspec.implementations.local import LocalFileSystem

            system, root = self._root
            path = f"{root}/{name}"
            is_folder = isinstance(system, LocalFileSystem)
            part = f"{path}.{secrets.token_hex(4)}.part" if is_folder else path
            try:
                system.makedirs(path.rpartition("/")[0], exist_ok=True)
                system.pipe_file(part, content)
                if is_folder:
                    os.replace(part, path)  # noqa: PTH105 – a name of fsspec's
            except PermissionError:
                self._read_only = True

        if not self._read_only:
            self._tried(write)

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
        answer = run_in_daemon_thread(act)
        try:
            return wait_for(answer, PATIENCE)
        except Exception as error:  # every kind of store has errors of its own
            reason = str(error) or (type(error).__name__ if answer.done() else f"no answer within {PATIENCE:g} seconds")
            why = reason.splitlines()[0].rstrip(".")
            self.trouble = f"The shared store {self.address} is not used: {why}. This machine's own cache is."
            return None


_at = lru_cache(maxsize=4)(RemoteCache)


def _without_secrets(address: str) -> str:
    """An address as it can be shown: without a name and a password in it."""
    with suppress(ValueError):
        parts = urlsplit(address)
        if "@" in parts.netloc:
            return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="").geturl()
    return address
