"""The sessions that are measured: routine files of shipped routines, in which nearly every sentence is another."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from programs import AUDIOGUIDE, surroundings

INCLUDED = {
    20: ("taster", "lower-back-cool-down"),
    60: ("taster", "core-and-back", "hip-openers", "shoulders-and-chest", "lower-back-cool-down"),
}
"""What makes about so many minutes."""

HOLD = "Seated turn"
"""The pose whose hold is changed: a hold that there is once."""

INSTRUCTION = "Sit tall, turn from your ribs, and look over your shoulder."

_TURN = """\
  - pose:
      name: Seated turn
      instructions: {instruction}
      hold: 20s
      release: Come back to the middle.
"""


def routine(folder: Path, minutes: int, instruction: str = INSTRUCTION) -> Path:
    """The file of a session of about so many minutes; after its first part comes a pose of its own."""
    first, *others = (f"  - include: {name}\n" for name in INCLUDED[minutes])
    turn = _TURN.format(instruction=instruction)
    path = folder / f"minutes-{minutes}.yaml"
    path.write_text(f"title: The {minutes} minutes\nsteps:\n{first}{turn}{''.join(others)}", "utf-8")
    return path


def repeated(folder: Path, times: int) -> Path:
    """The file of a session that does the 20 minutes so many times, each time with other holds."""
    path = folder / f"times-{times}.yaml"
    holds = (25 + number / 7 for number in range(times))
    steps = "".join(f"  - {{include: {name}, hold: {hold:.3f}s}}\n" for hold in holds for name in INCLUDED[20])
    path.write_text(f"title: Over and over\nsteps:\n{steps}", "utf-8")
    return path


def export(session: Path, output: Path, *options: str) -> list[str | Path]:
    """The command that exports a session."""
    return [*AUDIOGUIDE, "export", session, "-o", output, *options]


def timeline(session: Path, cache: Path) -> dict[str, Any]:
    """What `show --json` says of a session."""
    command = [*AUDIOGUIDE, "show", session, "--json"]
    shown = subprocess.run(command, env=surroundings(cache), capture_output=True, check=True)
    told: dict[str, Any] = json.loads(shown.stdout)
    return told
