"""A shared store for a clinic on this machine, as fsspec finds it by its address: `clinic:///folder`.

It is no folder to the program: what is written there appears while it is written, as with most servers. What goes wrong
with it stands in the file `fault` beside the folder, and what passes through it in the file `log`.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from fsspec import AbstractFileSystem

PLUGIN = "clinic_store-1.dist-info"
SECONDS = {"slow": 0.3, "silent": 3600.0}
"""For how long each question waits."""


class ClinicStore(AbstractFileSystem):  # type: ignore[misc]
    """Bytes in a folder."""

    protocol = "clinic"

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **_: Any) -> bytes:
        """The bytes of a name."""
        self._ask(path)
        content = Path(path).read_bytes()[start:end]
        self._log(path, f"get {len(content)}")
        return content

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **_: Any) -> None:
        """Write bytes under a name."""
        if self._ask(path) == "read-only":
            raise PermissionError("it is read-only")
        Path(path).write_bytes(value)
        self._log(path, f"put {len(value)}")

    def makedirs(self, path: str, exist_ok: bool = False) -> None:
        """Make a folder and those above it."""
        self._ask(path)
        Path(path).mkdir(parents=True, exist_ok=exist_ok)

    def _ask(self, path: str) -> str:
        fault = (_home(path) / "fault").read_text()
        time.sleep(SECONDS.get(fault, 0))
        if fault == "gone":
            raise ConnectionRefusedError("connection refused")
        return fault

    def _log(self, path: str, line: str) -> None:
        with (_home(path) / "log").open("a") as log:
            log.write(f"{line}\n")


def _home(path: str) -> Path:
    return next(folder.parent for folder in (Path(path), *Path(path).parents) if folder.name == "store")


class Store:
    """Such a store in a folder, and the `environment` of programs that use it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        plugin = folder / PLUGIN
        plugin.mkdir(parents=True)
        (plugin / "METADATA").write_text("Metadata-Version: 2.1\nName: clinic-store\nVersion: 1\n")
        (plugin / "entry_points.txt").write_text("[fsspec.specs]\nclinic = clinic_store:ClinicStore\n")
        (folder / "log").touch()
        self.fail("")
        paths = (str(folder), str(Path(__file__).parent), os.environ.get("PYTHONPATH", ""))
        self.environment = {"PYTHONPATH": os.pathsep.join(paths), "AUDIOGUIDE_STORE": f"clinic://{folder}/store"}

    def fail(self, fault: str) -> None:
        """From now on it is "gone", "slow", "silent" or "read-only"; "" ends that."""
        (self._folder / "fault.new").write_text(fault)
        (self._folder / "fault.new").replace(self._folder / "fault")

    def passed(self) -> tuple[int, int]:
        """The bytes that were read from it and written to it so far."""
        lines = [line.split() for line in (self._folder / "log").read_text().splitlines()]
        got, put = (sum(int(size) for verb, size in lines if verb == one) for one in ("get", "put"))
        return got, put
