"""`audioguide export --to FOLDER` and `--all`: sessions in a phone's folder, where only what changed is written."""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click

from audioguide.cli.console import print_json
from audioguide.cli.sessions import fit_and_report, open_resolved, read_settings, save_preset, write
from audioguide.errors import AudioguideError, RequestError
from audioguide.export.captions import sidecar_paths
from audioguide.export.feed import FEED
from audioguide.export.folder import COVER, ExportFolder, FolderFailure
from audioguide.model.notation import LONGEST_TITLE
from audioguide.model.options import Options, to_data
from audioguide.session.embed import safe_id
from audioguide.session.embedded import read_cover
from audioguide.session.open import check_options
from audioguide.session.output import ARTIST, compute_fingerprint
from audioguide.session.preset import ResolvedRoutine, resolve
from audioguide.session.variant import describe_variant
from audioguide.system import paths
from audioguide.system.files import temporary_folder, write_bytes
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


def open_folder(path: Path, format: str | None, layout: str | None, feed: str | None) -> ExportFolder:
    """The folder to export to. RequestError where there is none, or for what is no address."""
    if feed and not re.fullmatch(r"https?://[^\s?#/][^\s?#]*", feed):
        raise RequestError(f"{feed!r} is no address of a folder.", "Write it as https://example.org/yoga-7ybn3/.")
    if feed and format in ("wav", "html"):
        raise RequestError(f"A .{format} cannot be in a feed.", "Choose another --format.")
    address = f"{quote(feed, safe='%/:@[]').removesuffix(FEED).rstrip('/')}/{FEED}" if feed else ""
    return ExportFolder(path, f".{format or 'mp3'}", layout or "plain", address)


def export_to_folder(
    folder: ExportFolder, resolved: ResolvedRoutine, settings: Settings, save: str | None, *, prune: bool, as_json: bool
) -> None:
    """Write one session into a folder, and print the result; with `prune` it has no other one of its routine then."""
    result = write_to_folder(folder, resolved, settings)
    own = safe_id(resolved.routine.id)
    _finish(folder, (folder.prune([result.file or folder.path], own.__eq__) if prune else ()), as_json)
    save_preset(resolved, save)
    if as_json:
        print_json(result.to_json())
    else:
        click.echo(result)


def _finish(folder: ExportFolder, removed: Iterable[Path], as_json: bool) -> None:
    folder.finish()
    for path in removed:
        click.echo(f"{path}  removed", err=as_json)


def export_all_to_folder(
    folder: ExportFolder, tag: str | None, options: Options, settings: Settings, *, prune: bool, as_json: bool
) -> int:
    """Write all routines and presets into a folder, print the results, and give the exit code.

    A session that fails does not stop the others, and one that cannot have the options is left out.
    """
    check_options(options)
    config = read_settings()
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
    failed = {safe_id(result.id) for result in results if result.error}
    kept = [result.file for result in results if result.file]
    _finish(folder, folder.prune(kept, lambda id: id not in failed) if prune and kept else (), as_json)
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
    variant, own = "" if name else _name_variant(resolved), "" if name else safe_id(resolved.routine.id)
    title = " ".join(filter(None, (resolved.options.title or resolved.routine.title, variant and f"({variant})")))
    if is_book := folder.layout != "plain":  # servers of books take the album for the title
        resolved = replace(resolved, options=resolved.options.over(Options(album=title[:LONGEST_TITLE])))
    session, settings = open_resolved(resolved), settings or {"captions": (), "chapters": ()}
    if folder.feed:
        settings = settings | {"captions": tuple({*settings["captions"], "vtt"}), "chapters": ("json",)}
    parts = {"name": name or f"{own} {variant}".strip(), "artist": resolved.options.artist or ARTIST, "title": title}
    id, target = name or resolved.routine.id, folder.place(own, **parts)
    picture = target.with_name(COVER if is_book else f"{target.stem}.jpg")
    sidecars = sidecar_paths(target, settings["captions"], settings["chapters"])
    has_picture = (is_book or folder.feed) and folder.ending not in (".wav", ".html")
    files = (target, *sidecars, *([picture] if has_picture else ()))
    mark = compute_fingerprint(session, target, **settings)
    if seconds := folder.seconds(files, mark):
        return Result(id, target, seconds)
    folder.check(files)  # before the work
    with temporary_folder() as temporary:
        made = [temporary / file.name for file in files]
        timeline = write(fit_and_report(session), made[0], **settings)
        if has_picture:
            write_bytes(made[-1], read_cover(made[0]))
        folder.add(made, target, own, mark, timeline.frames / RATE)
    return Result(id, target, timeline.frames / RATE, written=True)


def _name_variant(resolved: ResolvedRoutine) -> str:
    """What differs from the routine; where that is not all of it, with a mark of the rest."""
    variant = describe_variant(resolved)
    rest = hashlib.sha256(json.dumps(to_data(resolved.options), default=str).encode()).hexdigest()[:6]
    return re.sub(r" \+ \d+$", f" {rest}", variant)[:100]
