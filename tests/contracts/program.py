"""What users see, frozen: these tests know the program only by its command line and `import audioguide`.

The frozen files lie in `frozen/`. Where a change is meant, `AUDIOGUIDE_FREEZE=1 pytest tests/contracts` writes them
anew, and the difference is read before it is committed. The voices are Pico's: it computes with whole numbers, so that
a sentence is as long on one machine as on another.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FREEZING = bool(os.environ.get("AUDIOGUIDE_FREEZE"))

VOICES = {"de": "pico-de", "es": "pico-es"}


class Program:
    """The command line, run as a person runs it, in a folder and with a home of its own."""

    def __init__(self, folder: Path, cache: Path | None = None) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.cache = cache or folder / "cache"
        self._environment = {
            **os.environ,
            "AUDIOGUIDE_HOME": str(self.home),
            "AUDIOGUIDE_CACHE": str(self.cache),
            "COLUMNS": "120",
        }

    def run(self, *arguments: str | Path, code: int = 0, cwd: Path | None = None) -> str:
        """What a command prints on stdout. It has to end with `code`, and never with a traceback."""
        done = subprocess.run(
            [sys.executable, "-m", "audioguide", *map(str, arguments)],
            cwd=cwd or self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert "Traceback" not in done.stderr
        assert done.returncode == code, done.stderr
        return done.stdout

    def json(self, *arguments: str | Path, code: int = 0, cwd: Path | None = None) -> Any:
        """What a command prints as JSON."""
        return json.loads(self.run(*arguments, "--json", code=code, cwd=cwd))
