"""Presets: a routine with options, kept under a name as a small file in the person's own folder.

A preset outlives changes of its routine. What it says of poses that are not there any more is put aside and told; a
step number is kept together with the pose that it meant (`7 bridge`), so that it never reaches another one.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from audioguide.errors import Problem, RequestError, RoutineError, SourceLocation, suggest
from audioguide.model.options import Options
from audioguide.model.routine import Length, PoseStep, Routine
from audioguide.model.selectors import applicable, names_of, slug, stable_selector
from audioguide.routine.load import SOUND_ENDINGS, is_path, load_with_source
from audioguide.routine.sources import RoutineSource
from audioguide.schema.document import LARGEST_FILE, Document, read_document
from audioguide.system import paths
from audioguide.system.files import make_folder, write_text
from audioguide.system.paths import is_file

if TYPE_CHECKING:
    from audioguide.session.embedded import EmbeddedSession

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_ROUTINE_KEY = re.compile(rb"^[{ ]*[\"']?routine[\"']?\s*:", re.MULTILINE)

_HEAD = """\
# A preset of audioguide: a routine with options, with the same words as on the command line.
# To change it, edit this file, or layer options over it: audioguide show {name} --hold 40s --save {name}
"""


@dataclass(frozen=True)
class Preset:
    """A preset as it is written; `routine` is an id or the absolute path of a file."""

    name: str
    document: Document
    routine: str
    options: Options
    path: Path


@dataclass(frozen=True)
class ResolvedRoutine:
    """What a session is going to be made of: a routine, and its options in all their layers.

    `written` is all that the routine is written in, and `source` its id or absolute path. `kept` are the options
    without the standing ones: what a preset keeps. `carried` is what came along if a sound file carries the routine.
    `notes` are what a listener should be told, a line each.
    """

    routine: Routine
    written: RoutineSource
    options: Options
    source: str
    kept: Options
    preset: Preset | None = None
    carried: EmbeddedSession | None = None
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What the log knows it by, from whatever folder: a routine's id, or the real path of its file or preset."""
        path = self.preset.path if self.preset else Path(self.source)
        return os.path.realpath(path) if self.preset or path.is_absolute() else self.source


def resolve(source: str | Path, options: Options, standing: Options | None = None) -> ResolvedRoutine:
    """The routine of an id, a file or a preset, with `options` over the preset's over the standing ones.

    A sound file carries its routine with all options that were in force: the standing ones do not reach it, so that it
    is the same session on any machine. Of a preset and of standing options, what is for poses that the routine does not
    have is left out. RequestError and RoutineError as for `load`, and for a preset that is wrong or whose routine is
    gone.
    """
    if sound := find_sound(source):
        from audioguide.session.embedded import read_embedded

        carried = read_embedded(sound)
        routine, written = carried.routine(), carried.bundle.collect()
        whole = options.over(carried.options)
        return ResolvedRoutine(routine, written, whole, str(sound.absolute()), whole, carried=carried)
    path = find_preset(source)
    if path is None:
        routine, written = load_with_source(source)
        under = applicable(standing or Options(), routine).options
        return ResolvedRoutine(routine, written, options.over(under), _reference(source), options, notes=routine.notes)
    preset = read_preset(path)
    routine, written = written_of(preset)
    under = applicable(standing or Options(), routine).options
    own = applicable(preset.options, routine)
    kept = options.over(own.options)
    notes = [f"The preset {preset.name} no longer matches: {', '.join(own.missing)}."] if own.missing else []
    notes += (
        f"The preset {preset.name} names step {number}, which is {label} now. Write `{number} {label}` in it, "
        "and a change of the routine will be noticed."
        for number, label in own.bare.items()
    )
    named = replace(routine, id=preset.name, title=f"{routine.title} ({preset.name})", file=preset.document.file)
    return ResolvedRoutine(
        named, written, kept.over(under), preset.routine, kept, preset, notes=(*routine.notes, *notes)
    )


def folder() -> Path:
    """Where presets are kept."""
    return paths.user_dir() / "presets"


def find_sound(source: str | Path) -> Path | None:
    """The sound file that is meant by a path; None when something else is."""
    path = Path(source)
    return path if path.suffix.lower() in SOUND_ENDINGS else None


def find_preset(source: str | Path) -> Path | None:
    """The file of a preset, given by name or as a path; None when it is a routine's, or nothing's."""
    if isinstance(source, str) and not is_path(source):
        if source in paths.routine_files():
            return None
        if own := paths.preset_files().get(source):
            return own
    path = Path(source)
    if path.suffix not in paths.ENDINGS:
        return None
    return path if path.parent == folder() or _holds_preset(path) else None


def _holds_preset(path: Path) -> bool:
    """Whether a file names a routine, and has no steps of its own."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE)
        # Most files are routines, which are long to parse: a line that begins with the key tells them apart at once.
        if not _ROUTINE_KEY.search(raw):
            return False
        data = read_document(path).data
        return "routine" in data and "steps" not in data
    except (OSError, RequestError):
        return False  # whoever reads it as a routine says what is wrong


def read_preset(path: Path) -> Preset:
    """The preset in a file. RoutineError with all that is wrong with it."""
    return preset_in(read_document(path), path)


def preset_in(document: Document, path: Path) -> Preset:
    """The preset that stands in the file at `path`; a relative path in it begins at the file's folder."""
    from audioguide.routine.options_form import (  # a form is slow to make, and few sessions need it
        PresetForm,
        options_of,
    )
    from audioguide.schema.validate import validate

    form = validate(document, PresetForm)
    routine = form.routine
    if is_path(routine) or (routine not in paths.routine_files() and is_file(path.parent / routine)):
        routine = str((path.parent / paths.expand(routine)).absolute())
    return Preset(path.stem, document, routine, options_of(form.options), path)


def routine_of(preset: Preset) -> Routine:
    """The routine of a preset. RequestError when it is gone, RoutineError when it is wrong."""
    return written_of(preset)[0]


def written_of(preset: Preset) -> tuple[Routine, RoutineSource]:
    """As `routine_of`, with all that the routine is written in."""
    try:
        return load_with_source(preset.routine)
    except RoutineError:
        raise
    except RequestError as error:
        alike = f"{error.hint} " if error.hint.startswith("Did you mean") else ""
        delete = f"audioguide delete {quote(preset.name)}"
        hint = f"{alike}Mend it in {preset.document.file}, or delete it with `{delete}`."
        raise RequestError(f"The routine of the preset {preset.name} is gone: {error.message}", hint) from None


def check_source(plan: ResolvedRoutine) -> None:
    """Raises RequestError for a routine that no preset can be of: a sound file is sent on, and gone."""
    if plan.carried:
        file = plan.carried.file
        raise RequestError(
            f"A preset is of a routine on this machine, and that of {file} is only in there.",
            f"Take it out with `audioguide import {quote(file)} -o {quote(plan.routine.id)}.yaml`, then save that one.",
        )


def check_name(name: str) -> None:
    """Raises RequestError for a name that no preset can have, with one that it can."""
    if not _NAME.fullmatch(name):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        offer = slug(plain)[:80].strip("-")
        hint = f"Try --save {offer}." if _NAME.fullmatch(offer) else "Try one like morning-short."
        raise RequestError(f"{name!r} cannot be a preset's name: those have small letters, digits and hyphens.", hint)
    if name in paths.routine_files():
        raise RequestError(f"{name} is the id of a routine, so no preset can have it.", f"Try --save my-{name}.")


def save(name: str, plan: ResolvedRoutine) -> Path:
    """Keep the options of a plan as a preset, over one of that name if there is one; returns its file.

    RequestError for a name that cannot be, EnvironmentFailure where it cannot be written.
    """
    from audioguide.model.options import as_written
    from audioguide.schema.yaml_writer import to_yaml

    check_name(name)
    check_source(plan)
    if not plan.source.isprintable():
        raise RequestError("The name of the routine's file is not text, so no preset can name it.", "Rename the file.")
    holds: dict[str, Length] = {}
    for selector, length in plan.kept.holds:
        pose = stable_selector(selector, plan.routine)
        holds.pop(pose, None)  # the last one counts, so it also stands last
        holds[pose] = length
    skip = dict.fromkeys(stable_selector(selector, plan.routine) for selector in plan.kept.skip)
    options = replace(plan.kept, holds=tuple(holds.items()), skip=tuple(skip))
    text = to_yaml({"routine": plan.source, "options": as_written(options)})
    make_folder(folder())
    path = paths.preset_files().get(name) or folder() / f"{name}.yaml"
    write_text(path, _HEAD.format(name=name) + text)
    return path


def made_of(routine: str) -> tuple[str, ...]:
    """The names of the presets of a routine, by its id."""
    found = []
    for name, path in paths.preset_files().items():
        try:
            if read_preset(path).routine == routine:
                found.append(name)
        except RequestError:
            continue  # what cannot be read is nobody's preset
    return tuple(found)


def _reference(source: str | Path) -> str:
    if isinstance(source, str) and not is_path(source) and source in paths.routine_files():
        return source
    return str(Path(source).absolute())


def problems_of(document: Document, path: Path) -> Iterator[Problem]:
    """What is wrong with a preset's file; what no longer matches its routine is a warning, since the rest works."""
    try:
        preset = preset_in(document, path)
    except RoutineError as error:
        yield from error.problems
        return
    try:
        routine = routine_of(preset)
    except RoutineError as error:
        for problem in error.problems[:1]:
            message = f"The routine {preset.routine} of this preset cannot be used: {problem.message}"
            yield Problem(
                document.place(("routine",)), problem.code, message, "Mend the routine: see `audioguide check`."
            )
        return
    except RequestError as error:
        yield Problem(document.place(("routine",)), "unknown-routine", error.message, error.hint)
        return
    known = {next(names_of(step)) for step in routine.steps if isinstance(step, PoseStep)}
    for pose in applicable(preset.options, routine).missing:
        message = f"{preset.routine} has no {pose!r} any more, so this is not used."
        yield Problem(
            place_of(document, pose), "unknown-pose", message, suggest(pose, known) or "Take it out.", "warning"
        )


def place_of(document: Document, pose: str) -> SourceLocation:
    """Where a pose is named: the key of a hold, or an item of `skip`."""
    for path, place in document.places.items():
        if path[:-1] == ("options", "holds") and path[-1] == pose:
            return document.keys[path]
        if path[:-1] == ("options", "skip") and str(document.value(path)) == pose:
            return place
    return document.place(("options",))
