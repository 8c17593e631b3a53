"""`audioguide export --to FOLDER` and `--all`: sessions in a phone's folder, where only what changed is written."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from audioguide.cli.console import print_json
from audioguide.cli.sessions import fit_and_report, open_resolved, read_settings, save_preset, write
from audioguide.errors import AudioguideError, RequestError
from audioguide.export.captions import sidecar_paths
from audioguide.export.folder import ExportFolder, FolderFailure
from audioguide.model.options import Options
from audioguide.session.embed import safe_id
from audioguide.session.open import check_options
from audioguide.session.output import compute_fingerprint
from audioguide.session.preset import ResolvedRoutine, resolve
from audioguide.system import paths
from audioguide.system.process import share_one_heap, trim_memory
from audioguide.units import RATE, format_clock, format_megabytes, to_frames

Settings = dict[str, Any]  # keyword arguments of `Session.export`: mono, pictures, bitrate, captions, chapters


@dataclass(frozen=True)
class Result:
    """One session of a folder: its file and its length in seconds, or the error."""

    id: str
    file: Path | None = None
    seconds: float = 0.0
    written: bool = False
    error: AudioguideError | None = None

    def to_json(self) -> dict[str, Any]:
        """As `--json` prints it."""
        row: dict[str, Any] = {"id": self.id, "file": str(self.file) if self.file else None, "written": self.written}
        row |= {"duration": round(self.seconds, 6) if self.file else None}
        row |= {"bytes": self.file.stat().st_size if self.file else None}
        return row | {"error": str(self.error) if self.error else None}

    def __str__(self) -> str:
        if self.file is None:
            return f"{self.id} failed: {self.error}"
        what = format_megabytes(self.file.stat().st_size) if self.written else "unchanged"
        return f"{self.file}  {format_clock(to_frames(self.seconds))}, {what}"


def export_to_folder(
    path: Path, resolved: ResolvedRoutine, settings: Settings, save: str | None, *, as_json: bool
) -> None:
    """Write one session into a folder, and print the result."""
    folder = ExportFolder(path)
    result = write_to_folder(folder, resolved, settings)
    folder.finish()
    save_preset(resolved, save)
    if as_json:
        print_json(result.to_json())
    else:
        click.echo(result)


def export_all_to_folder(path: Path, tag: str | None, options: Options, settings: Settings, *, as_json: bool) -> int:
    """Write all routines and presets into a folder, print the results, and give the exit code.

    A session that fails does not stop the others, and one that cannot have the options is left out.
    """
    check_options(options)
    folder, config = ExportFolder(path), read_settings()
    results: list[Result] = []
    failures: dict[str, str] = {}
    share_one_heap()
    for id, source in (*paths.routine_files().items(), *paths.preset_files().items()):
        try:
            resolved = resolve(source, options, config)
            if tag and tag.casefold() not in map(str.casefold, resolved.routine.tags):
                continue
            result = write_to_folder(folder, resolved, settings)
            trim_memory()
        except FolderFailure:
            raise  # all others would fail, too
        except AudioguideError as error:
            if isinstance(error, RequestError) and error.option:
                click.echo(f"{id} is left out: {error}", err=True)
                continue
            result = Result(id, error=error)
        results.append(result)
        first = failures.setdefault(str(result.error), result.id) if result.error else result.id
        if not as_json:
            click.echo(result if first == result.id else f"{result.id} failed as {first} did.", err=not result.file)
    folder.finish()
    if not results:
        raise RequestError("No routine fits.", "Try fewer options.")
    if as_json:
        print_json([result.to_json() for result in results])
    codes = [result.error.exit_code for result in results if result.error]
    if codes:
        click.echo(f"{len(codes)} of {len(results)} sessions failed.", err=True)
    return min(codes, default=0)


def write_to_folder(
    folder: ExportFolder, resolved: ResolvedRoutine, settings: Settings | None = None, name: str = ""
) -> Result:
    """Write a session into a folder, unless it is there as it would be made now; `name` instead of its id."""
    # It is written to the local disk and then copied, since a phone is slow to write back and forth, or cannot.
    session = open_resolved(resolved)
    settings = settings or {"captions": (), "chapters": ()}
    id, target = name or session.routine.id, folder.place(safe_id(session.routine.id), name)
    files = (target, *sidecar_paths(target, settings["captions"], settings["chapters"]))
    if seconds := folder.seconds(files, compute_fingerprint(session, target, **settings)):
        return Result(id, target, seconds)
    folder.check(files)  # before the work
    with tempfile.TemporaryDirectory(prefix="audioguide-") as temporary:
        made = [Path(temporary) / file.name for file in files]
        timeline = write(fit_and_report(session), made[0], **settings)
        folder.add(made)
    return Result(id, target, timeline.frames / RATE, written=True)
