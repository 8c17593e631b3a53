"""The figures of all runs together, in build/bench.json: a part that is measured again replaces its own."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Any

from rows import Row, Settings, short

from audioguide.system.ffmpeg import find_ffmpeg
from audioguide.system.process import cores

ROOT = Path(__file__).resolve().parents[2]
PATH = ROOT / "build" / "bench.json"

BUSY = "† other programs kept this machine busy meanwhile: seconds are too many, and ratios less sure"

Records = dict[str, dict[str, dict[str, Any]]]
"""By part, and there by what was measured: the row and the day."""


def read() -> Records:
    """What was measured so far."""
    if not PATH.exists():
        return {}
    records: Records = json.loads(PATH.read_text("utf-8"))
    return records


def keep(part: str, rows: Sequence[Row]) -> None:
    """Merge a part's rows: those of a long run stay when a shorter one follows."""
    records, day = read(), {"day": f"{date.today()}"}
    records.setdefault(part, {}).update({made.what: asdict(made) | day for made in rows})
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(json.dumps(records, indent=1, ensure_ascii=False) + "\n", "utf-8")


def rows_of(records: Records, part: str) -> list[Row]:
    """A part's rows, in the order in which they were measured first."""
    return [
        Row(**{name: value for name, value in made.items() if name != "day"}) for made in records.get(part, {}).values()
    ]


def days(records: Records) -> str:
    """The days on which the figures were taken: the first and the last of them."""
    taken = sorted({made["day"] for part in records.values() for made in part.values()})
    return " to ".join(dict.fromkeys((taken[0], taken[-1])))


def judged(measure: Callable[[Settings], list[Row]], settings: Settings) -> list[Row]:
    """A part's rows; busy are those during which other programs kept more than a tenth of the cores at work."""
    begun, before = time.monotonic(), _work_of_others()
    rows = measure(settings)
    busy = (_work_of_others() - before) / (time.monotonic() - begun) > cores() / 10
    return [replace(made, busy=busy) for made in rows]


def _work_of_others() -> float:
    """Processor seconds since the system began, but for this program and those that it started (Linux)."""
    user, nice, system, _idle, _waiting, *others = map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:])
    *own, _clock = os.times()
    return sum((user, nice, system, *others)) / os.sysconf("SC_CLK_TCK") - sum(own)


def machine() -> str:
    """The processor, its cores, Python and ffmpeg."""
    version = subprocess.run([find_ffmpeg(), "-version"], capture_output=True, text=True, check=True).stdout.split()[2]
    return f"{_processor()}, {cores()} cores, Python {platform.python_version()}, ffmpeg {version.split('-')[0]}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def told(made: Row) -> str:
    """The figure with its unit, and a dagger where the machine was busy."""
    return _figure(made) + " †" * made.busy


def _figure(made: Row) -> str:
    """As a person reads it: minutes from 100 s on."""
    if made.unit == "s" and made.figure >= 100:
        return f"{made.figure / 60:.1f} min"
    if made.unit == "ms":
        return f"{made.figure:.0f} ms"
    if made.unit.startswith("of "):
        return f"{made.figure:.0f} {made.unit}"
    return f"{short(made.figure)} {made.unit}".replace("x", "×")


def held(made: Row) -> str:
    """The bound, and whether it is met."""
    if made.bound is None:
        return ""
    return made.bound.replace(" x", " ×") + ("" if made.met else ", missed")
