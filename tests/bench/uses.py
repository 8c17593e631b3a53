"""What a person does besides making sound: compose a session for today, print a sheet, list own routines, check one,
import a text. Each is a command of its own. In a long run also the quick tests, which a contributor waits for.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from contextlib import chdir
from functools import partial
from pathlib import Path

from programs import AUDIOGUIDE, seconds, taking_turns
from records import ROOT
from rows import Row, Settings, row
from startup import ROUTINE, apart

OWN, TEXT = 300, 200_000
"""Routines of a person, and bytes of a text: ten hours of session, nearly the most there can be."""


def measure(settings: Settings) -> list[Row]:
    """All in turns, with modules compiled before, as on a second day."""
    with tempfile.TemporaryDirectory() as name, apart(Path(name), ROUTINE) as cache:
        folder = Path(name)
        own = _own_routines(folder / "home" / "scripts")
        text, listed = _text(folder / "long.md"), folder / "listed"

        def command(*words: str | Path, cache: Path = cache) -> float:
            return seconds((*AUDIOGUIDE, *words), cache)

        def list_first() -> float:
            shutil.rmtree(listed, ignore_errors=True)
            return command("list", cache=listed)

        uses = (
            partial(command, "compose", "--for", "lower back", "--length", "15:00", "-o", folder / "c.yaml", "--force"),
            partial(command, "sheet", ROUTINE, "-o", folder / "sheet.pdf"),
            list_first,
            partial(command, "list", cache=listed),
            partial(command, "check", own),
            partial(command, "import", text, "-o", folder / "imported.yaml", "--force"),
        )
        taking_turns(1, *uses)  # compiles the modules
        compose, sheet, first, again, check, read = taking_turns(settings.rounds(3), *uses)
    per_megabyte = [1e6 / TEXT * took for took in read]
    whole = "a whole program, as a person starts it, modules compiled before"
    many = f"{OWN} copies of the shipped ones, each with a sentence of its own"
    rows = [
        row("compose 15:00 for the lower back", compose, "s", whole, most=0.5),
        row(f"sheet of {ROUTINE}, PDF", sheet, "s", whole, most=1.5),
        row(f"list of {OWN} own routines, never seen before", first, "s", f"{many}; an empty cache", most=1.0),
        row(
            f"list of {OWN} own routines, once more",
            again,
            "s",
            f"{many}; the cache that the one before left",
            most=1.0,
        ),
        row("check of a routine", check, "s", whole),
        row("import of a long text, for each MB", per_megabyte, "s", f"{TEXT // 1000} kB of Markdown with pauses"),
    ]
    if settings.long:
        with chdir(ROOT):
            tests = seconds((sys.executable, "-m", "pytest"))
        rows.append(row("the quick tests", tests, "s", "`pytest`, all of them passed", most=300))
    return rows


def _own_routines(folder: Path) -> Path:
    """Fill a folder with copies of the shipped ones, with a sentence of its own in each; the first."""
    folder.mkdir(parents=True, exist_ok=True)
    shipped = [
        path.read_text("utf-8") for path in sorted((ROOT / "scripts").glob("*.yaml")) if path.stem.count(".") == 0
    ]
    files = [folder / f"own-{number:03}.yaml" for number in range(OWN)]
    for number, file in enumerate(files):
        text = re.sub(r"^title: .*", f"title: Own {number:03}", shipped[number % len(shipped)], flags=re.MULTILINE)
        file.write_text(text.replace("steps:", f"steps:\n  - say: This is number {number} of mine.", 1), "utf-8")
    return files[0]


def _text(place: Path) -> Path:
    """A handout over and over."""
    handout = (ROOT / "docs" / "examples" / "handout.md").read_text("utf-8")
    place.write_text("\n".join([handout] * (TEXT // len(handout))), "utf-8")
    return place
