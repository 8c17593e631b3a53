"""A cache that machines share, at any address of fsspec. Others write to it: `BlobCache` verifies what it gets."""

import os
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cached_property, lru_cache
from typing import Any, TypeVar

from audioguide.errors import EnvironmentFailure, install_hint
from audioguide.system.process import run_in_daemon_thread, wait_for

T = TypeVar("T")

VARIABLE = "AUDIOGUIDE_STORE"
PATIENCE = 10.0  # seconds without an answer after which this process does without it,
REST = 300.0  # for so many seconds: the workers of a cluster live for days


class RemoteCache:
    """Bytes by name at an address. Any thread may use it. `error` says why it was not used; empty while it is."""

    def __init__(self, address: str) -> None:
        try:
            import fsspec
        except ImportError:
            message = f"{VARIABLE} names a shared cache, and fsspec is not installed."
            raise EnvironmentFailure(f"{message} {install_hint('fsspec')}") from None
        self.address = re.sub(r"//[^/]*@", "//", address.partition("?")[0])  # without user and password
        self.error, self.error_taken = "", False
        self._address, self._read_only, self._rests_until = address, False, 0.0
        self._fsspec: Any = fsspec

    def get(self, name: str, largest: int) -> bytes | None:
        """The bytes of a name; None where there are none, or more than `largest`, or the cache does not answer."""

        def read() -> bytes | None:
            system, root = self._root
            try:
                content: bytes = system.cat_file(f"{root}/{name}", end=largest + 1)
            except (FileNotFoundError, IsADirectoryError):
                return None
            return content if len(content) <= largest else None

        return self._attempt(read)

    def put(self, name: str, content: bytes) -> None:
        """Keep bytes under a name. In a folder they appear whole; elsewhere the checksum tells what is incomplete."""

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
            self._attempt(write)

    def check(self) -> None:
        """Write something and read it again. EnvironmentFailure where that does not work."""
        name, content = f"check/{secrets.token_hex(8)}", secrets.token_bytes(64)
        self.put(name, content)
        if self.get(name, len(content)) != content:
            error = self.error or f"The shared cache {self.address} does not return what was written to it."
            raise EnvironmentFailure(f"{error} Check {VARIABLE}.")

    @cached_property
    def _root(self) -> tuple[Any, str]:
        system, root = self._fsspec.core.url_to_fs(self._address)
        return system, str(root).rstrip("/")

    def _attempt(self, work: Callable[[], T]) -> T | None:
        if time.monotonic() < self._rests_until:
            return None
        try:
            return wait_for(run_in_daemon_thread(work), PATIENCE)
        except Exception as error:  # every kind of file system has errors of its own
            reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
            self._rests_until = time.monotonic() + REST
            self.error = f"Shared cache {self.address} is not used ({reason}); using the local cache."
            return None


connect = lru_cache(maxsize=4)(RemoteCache)  # the one `RemoteCache` of an address in this process


def open_remote_cache() -> RemoteCache | None:
    """The cache at the address in `AUDIOGUIDE_STORE`, if it is set. EnvironmentFailure where fsspec is missing."""
    address = os.environ.get(VARIABLE, "")
    return connect(address) if address else None


def take_error() -> str:
    """Why the shared cache was not used, as a sentence; empty while it is used, and from the second call on."""
    with suppress(EnvironmentFailure):
        if (cache := open_remote_cache()) and not cache.error_taken:
            cache.error_taken = bool(cache.error)
            return cache.error
    return ""
