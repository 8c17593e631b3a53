"""What the page remembers of one person while no server runs: one JSON file in the person's folder."""

from __future__ import annotations

import re
import secrets
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from audioguide.errors import EnvironmentFailure
from audioguide.system.files import atomic_write, lock_file, make_folder, os_error_message
from audioguide.system.paths import user_dir

if TYPE_CHECKING:
    from pydantic import TypeAdapter


@dataclass(eq=False, kw_only=True)
class JobRecord:
    """A job as it is kept. Those with the same `key` make the same session with the same options.

    `routine` is the id of the routine, `label` says what differs from it. `when` is the time of the order.
    """

    session: str
    options: dict[str, Any]
    key: str
    title: str
    routine: str
    label: str = ""
    renamed: bool = False
    bytes: int = 0
    duration: float = 0.0
    when: float = field(default_factory=time.time)
    notes: list[str] = field(default_factory=list)


@dataclass
class Memory:
    """The content of the file. Times are seconds since the epoch; `places` are those of jobs: seconds, and when."""

    __pydantic_config__: ClassVar[dict[str, str]] = {
        "extra": "forbid"
    }  # else what a later audioguide added would be lost

    format: Literal["audioguide-page/1"] = "audioguide-page/1"
    secret: str = ""
    favourites: list[str] = field(default_factory=list)
    used: dict[str, float] = field(default_factory=dict)
    places: dict[str, tuple[float, float]] = field(default_factory=dict)
    jobs: dict[str, JobRecord] = field(default_factory=dict)


@cache
def _form() -> TypeAdapter[Memory]:
    """What validates the file; made once, since a listener's place is kept every few seconds."""
    from pydantic import TypeAdapter

    return TypeAdapter(Memory)


class State:
    """The file. Several servers may use it at once: each change is made to what the file holds at that moment."""

    def __init__(self) -> None:
        self._path = user_dir() / "page.json"
        self._lock = threading.Lock()

    def read(self) -> Memory:
        """What is remembered; nothing where there is no file. One that is no such file is set aside, which is told."""
        with suppress(FileNotFoundError):
            try:
                content = self._path.read_bytes()
                return _form().validate_json(content)
            except ValueError:  # also pydantic's
                aside = self._path.with_name(f"page-damaged-{secrets.token_hex(4)}.json")
                self._path.rename(aside)
                message = f"{self._path.name} is damaged or of another audioguide: it is kept as {aside.name}."
                sys.stderr.write(f"{message} The page begins anew.\n")
        return Memory()

    def change(self, edit: Callable[[Memory], object]) -> Memory:
        """Change what is remembered; what it is then. EnvironmentFailure where the folder does not allow it."""
        from pydantic_core import to_json

        make_folder(self._path.parent)
        with self._lock, lock_file(self._path.with_suffix(".lock")):
            memory = self.read()
            edit(memory)
            with atomic_write(self._path) as (part,):
                try:
                    part.chmod(0o600)  # the secret is nobody else's
                    part.write_bytes(to_json(memory, indent=1))
                except OSError as error:
                    raise os_error_message(error, part) from None
            return memory

    def find_secret(self, *, new: bool = False) -> str:
        """The secret part of the address in the network: the one from before, unless there is none or a `new` one."""

        fresh = secrets.token_urlsafe(16)  # 128 bits, which nobody guesses

        def edit(memory: Memory) -> None:
            if new or not re.fullmatch(r"[\w-]{22,99}", memory.secret, re.ASCII):
                memory.secret = fresh

        try:
            return self.change(edit).secret
        except EnvironmentFailure as error:
            sys.stderr.write(f"This address is for this time only. {error}\n")
            return fresh


def note_place(memory: Memory, job: str, session: str, seconds: float | None) -> None:
    """Remember that a session was used now, and where in a job the listener is; None forgets the place."""
    memory.used[session] = time.time()
    memory.places.pop(job, None)
    if seconds is not None:
        memory.places[job] = seconds, time.time()
