"""`audioguide export --to FOLDER` and `--all`: sessions for a phone's folder, of which only what changed is written."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from audioguide.cli.sessions import fit_and_report, open_resolved, read_settings, resolve_routine, save_preset, write
from audioguide.errors import AudioguideError, RequestError
from audioguide.export.captions import sidecar_paths
from audioguide.export.folder import ExportFolder, FolderFailure
from audioguide.model.options import Options
from audioguide.session.embed import safe_id
from audioguide.session.open import check_options
from audioguide.session.output import compute_mark
from audioguide.session.preset import ResolvedRoutine, resolve
from audioguide.system import paths
from audioguide.system.process import share_one_heap, trim_memory
from audioguide.units import RATE, format_clock, format_megabytes, to_frames


@dataclass(frozen=True)
class Settings:
    """How each session is written: see `Session.export`."""

    mono: bool = False
    bitrate: int | None = None
    captions: tuple[str, ...] = ()
    chapters: tuple[str, ...] = ()


@dataclass(frozen=True)
class Result:
    """What became of one session: its file and its length in seconds, or why there is none."""

    id: str
    file: Path | None = None
    seconds: float = 0.0
    written: bool = False
    error: str = ""
    exit_code: int = 0

    @property
    def facts(self) -> dict[str, Any]:
        """As `--json` has it."""
        return {
            "id": self.id,
            "file": str(self.file) if self.file else None,
            "written": self.written,
            "duration": round(self.seconds, 6) if self.file else None,
            "bytes": self.file.stat().st_size if self.file else None,
            "error": self.error or None,
        }

    def __str__(self) -> str:
        if self.file is None:
            return f"{self.id} failed: {self.error}"
        what = format_megabytes(self.file.stat().st_size) if self.written else "unchanged"
        return f"{self.file}  {format_clock(to_frames(self.seconds))}, {what}"


def shelve(folder: Path, routine: str, options: Options, settings: Settings, save: str | None, *, machine: bool) -> int:
    """Put one session into a folder, and tell what became of it."""
    shelf = ExportFolder(folder)
    resolved = resolve_routine(routine, options, save)
    result = _put(shelf, resolved, settings)
    shelf.finish()
    save_preset(resolved, save)
    click.echo(json.dumps(result.facts, ensure_ascii=False, indent=2) if machine else result)
    return 0


def shelve_all(folder: Path, tag: str | None, options: Options, settings: Settings, *, machine: bool) -> int:
    """Put all that `audioguide list` shows into a folder, and tell what became of each; the exit code of the failures.

    One that fails stops nothing, and one that an option does not fit is left out. What goes wrong in the same way with
    several, as by a typo in a lexicon, is told once.
    """
    check_options(options)
    shelf = ExportFolder(folder)
    results: list[Result] = []
    failures: dict[str, str] = {}
    for result in _results(shelf, tag, options, settings):
        results.append(result)
        first = failures.setdefault(result.error, result.id) if result.error else result.id
        if not machine:
            click.echo(result if first == result.id else f"{result.id} failed as {first} did.", err=not result.file)
    shelf.finish()
    if not results:
        raise RequestError("No routine fits.", "Try fewer options.")
    if machine:
        click.echo(json.dumps([result.facts for result in results], ensure_ascii=False, indent=2))
    codes = [result.exit_code for result in results if result.error]
    if codes:
        click.echo(f"{len(codes)} of {len(results)} sessions failed.", err=True)
    return min(codes, default=0)


def _results(shelf: ExportFolder, tag: str | None, options: Options, settings: Settings) -> Iterator[Result]:
    config = read_settings()
    share_one_heap()
    for id, path in (*paths.routine_files().items(), *paths.preset_files().items()):
        try:
            found = resolve(path, options, config)
            if not tag or tag.casefold() in map(str.casefold, found.routine.tags):
                yield _put(shelf, found, settings)
                trim_memory()
        except FolderFailure:
            raise  # as it would for all that come after
        except AudioguideError as error:
            if isinstance(error, RequestError) and error.option:
                click.echo(f"{id} is left out: {error}", err=True)
            else:
                yield Result(id, error=str(error), exit_code=error.exit_code)


def _put(shelf: ExportFolder, resolved: ResolvedRoutine, settings: Settings) -> Result:
    """Put one session on the shelf, if what lies there is not what it would be.

    It is made on this machine's own disk: to write back and forth in a phone is slow, and some cannot.
    """
    session = open_resolved(resolved)
    id, how = session.routine.id, asdict(settings)
    target = shelf.place(safe_id(id))
    files = (target, *sidecar_paths(target, settings.captions, settings.chapters))
    if seconds := shelf.seconds(files, compute_mark(session, target, **how)):
        return Result(id, target, seconds)
    shelf.check(files)  # before it is made for nothing
    with tempfile.TemporaryDirectory(prefix="audioguide-") as folder:
        made = [Path(folder) / file.name for file in files]
        timeline = write(fit_and_report(session), made[0], **how)
        shelf.add(timeline, made)
    return Result(id, target, timeline.frames / RATE, written=True)
