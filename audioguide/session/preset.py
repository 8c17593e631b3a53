"""Presets: a routine with options, saved under a name as a small file in the user's folder.

A preset outlives changes of its routine. Options for poses that the routine no longer has are left out with a note. A
step number is saved together with its pose (`7 bridge`), so that it never reaches another one.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any, Literal

from audioguide.errors import Code, Problem, RequestError, RoutineError, SourceLocation, suggest
from audioguide.model.notation import CONTROLS
from audioguide.model.options import Options, to_data
from audioguide.model.routine import PoseStep, Routine
from audioguide.model.selectors import applicable, names_of, slug, stable_selector
from audioguide.routine import load
from audioguide.routine.load import find_routine, is_path, load_with_source
from audioguide.routine.sources import LocalSources, RoutineSource, SourceFile
from audioguide.schema.document import LARGEST_FILE, Document, read_document
from audioguide.session.config import Config, locate_files
from audioguide.system import paths
from audioguide.system.files import make_folder, write_text
from audioguide.system.paths import is_file

if TYPE_CHECKING:
    from audioguide.session.embedded import EmbeddedSession

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_ROUTINE_KEY = re.compile(rb"^[{ ]*[\"']?(?:routine|wishes)[\"']?\s*:", re.MULTILINE)
Read = Callable[[str | Path, Mapping[str, str] | None, str | None], tuple[Routine, RoutineSource]]
Layer = Literal["asked", "sound file", "preset", "settings"]
_HEAD = """\
# A preset of audioguide: a routine with options, with the same words as on the command line.
# To change it, edit this file, or layer options over it: audioguide show {name} --hold 40s --save {name}
"""


@dataclass(frozen=True)
class Preset:
    """A preset's file; `routine` is an id or an absolute path."""

    name: str
    document: Document
    routine: str
    options: Options
    path: Path


@dataclass(frozen=True)
class ResolvedRoutine:
    """A routine, and its options in all their layers.

    `options` are in force: what is `asked` for now, over the preset or the sound file, over the settings.
    `saved_options`, which a preset saves, are those without the settings. `written` are the routine's files, `source`
    is its id or absolute path, `embedded` the session in a sound file. `notes` are for the listener. `plan` is what an
    exported file is to carry of a plan for weeks.
    """

    routine: Routine
    written: RoutineSource
    source: str
    asked: Options
    saved_options: Options
    options: Options
    config: Config | None = None
    preset: Preset | None = None
    embedded: EmbeddedSession | None = None
    notes: tuple[str, ...] = ()
    plan: Mapping[str, Any] | None = None

    @property
    def key(self) -> str:
        """Its key in the log: a routine's id, or the real path of its file or preset."""
        path = self.preset.path if self.preset else Path(self.source)
        return os.path.realpath(path) if self.preset or path.is_absolute() else self.source

    def layer(self, option: str, pose: str | None = None) -> Layer:
        """The layer that set an option in force."""
        if self.asked.sets(option, pose):
            return "asked"
        if self.embedded:
            return "sound file"
        return "preset" if self.preset and self.preset.options.sets(option, pose) else "settings"

    def origin(self, option: str, pose: str | None = None) -> str | None:
        """Where an option in force was written, as `mine.yaml:3`; None for one that is asked for now."""
        match self.layer(option, pose):
            case "sound file" if self.embedded:
                return self.embedded.file
            case "preset" if self.preset:
                return location(self.preset.document, option)
            case "settings" if option == "length" and self.options.length == self.routine.usual_length:
                return self.routine.file
            case "settings" if self.config and self.config.document:
                return location(self.config.document, option)
        return None


def location(document: Document, option: str) -> str:
    """`mine.yaml:3`, where a preset or the settings have an option."""
    place = document.keys.get(("options", option.replace("_", "-")))
    return f"{document.file}:{place.line}" if place else document.file


def resolve(
    source: str | Path,
    options: Options,
    config: Config | None = None,
    columns: Mapping[str, str] | None = None,
    read: Read = load_with_source,
) -> ResolvedRoutine:
    """The routine of an id, a file or a preset, with `options` over the preset's, over the settings.

    In the texts of its files `{name}` stands for the value of a column of that name. `read` loads them.

    A sound file carries all options that were in force, and the settings do not apply to it. Options for poses that
    the routine does not have are left out. RequestError and RoutineError as for `load`, also for a wrong preset.
    """
    options = locate_files(options, Path())
    if sound := find_sound(source):
        from audioguide.session.embedded import read_embedded

        file = read_embedded(sound)
        written, all_options = file.bundle.collect(), options.over(file.options)
        name = str(sound.absolute())
        routine, kept = file.routine(), (options, all_options, all_options)
        return ResolvedRoutine(routine, written, name, *kept, embedded=file, notes=routine.notes)
    path = find_preset(source)
    preset = parse_preset(read_document(path), path) if path else None
    language = (
        options.over(preset.options if preset else Options()).over(config.options if config else Options()).language
    )
    if preset:
        routine, written = load_preset_routine(preset, columns, language, read)
    else:
        routine, written = read(source, columns, language)
    saved, notes = options, list(routine.notes)
    is_id = isinstance(source, str) and not is_path(source) and source in paths.routine_files()
    reference = str(source) if is_id else str(Path(source).absolute())
    if preset:
        reference, own = preset.routine, applicable(preset.options, routine, options)
        saved = options.over(own.options)
        if own.missing:
            notes.append(f"The preset {preset.name} no longer matches: {', '.join(own.missing)}.")
        notes += (
            f"The preset {preset.name} names step {number}, which is {label} now. Write `{number} {label}` in it, "
            "and a change of the routine will be noticed."
            for number, label in own.bare.items()
        )
        routine = replace(routine, id=preset.name, title=f"{routine.title} ({preset.name})", file=preset.document.file)
    in_force = saved.over(_find_defaults(config, routine, saved))
    return ResolvedRoutine(routine, written, reference, options, saved, in_force, config, preset, notes=tuple(notes))


def _find_defaults(config: Config | None, routine: Routine, saved: Options) -> Options:
    defaults = applicable(config.options, routine, saved).options if config else Options()
    defaults = defaults if defaults.language == routine.language else replace(defaults, language=None)
    return defaults.over(Options(length=routine.usual_length))


def resolve_data(
    data: Mapping[str, Any], options: Options, config: Config | None = None, path: Path | None = None
) -> ResolvedRoutine:
    """The routine in plain data, with the keys of a routine file, and options. Raises as `resolve`."""
    from audioguide.schema.json_document import to_document, to_json_object
    from audioguide.session.embedded import label_of

    document = to_document(to_json_object(data, "The routine"), "routine", label_of(""))
    return resolve_document(document, options, config, path)


def resolve_document(
    document: Document, options: Options, config: Config | None = None, path: Path | None = None
) -> ResolvedRoutine:
    """The routine in a document, which may be a part of the file at `path`, and options. Raises as `resolve`."""
    options = locate_files(options, Path())
    file, files = SourceFile("routine", "", document, path.parent if path else Path()), LocalSources(find_routine)
    routine = load.require_valid(*load.expand_routine(file, files))
    routine = replace(routine, id=slug(routine.title) or "routine")
    in_force, source = options.over(_find_defaults(config, routine, options)), str(path or "")
    written = files.collect(file)
    return ResolvedRoutine(routine, written, source, options, options, in_force, config, notes=routine.notes)


def folder() -> Path:
    """Where presets are kept."""
    return paths.user_dir() / "presets"


def find_sound(source: str | Path) -> Path | None:
    """The path of a source that is a sound file, or a page with a session in it; None for others, also other HTML."""
    path = Path(source)
    if path.suffix.lower() == ".html":
        from audioguide.export.formats import read_label  # slow to load

        return path if read_label(path) else None
    return path if path.suffix.lower() in load.SOUND_ENDINGS else None


def find_preset(source: str | Path) -> Path | None:
    """The file of a preset, given by name or as a path; None for others."""
    if isinstance(source, str) and not is_path(source):
        if source in paths.routine_files():
            return None
        if path := paths.preset_files().get(source):
            return path
    path = Path(source)
    return path if path.suffix in paths.ENDINGS and (path.parent == folder() or _is_preset(path)) else None


def _is_preset(path: Path) -> bool:
    try:
        # Most files are routines, which are long to parse: a line that begins with the key tells them apart at once.
        with path.open("rb") as file:
            if not _ROUTINE_KEY.search(file.read(LARGEST_FILE)):
                return False
        data = read_document(path).data
    except (OSError, RequestError):
        return False  # reading it as a routine tells what is wrong
    if "plan" in data:
        shown = paths.display_path(path)
        raise RequestError(f"{shown} is a plan.", f"`audioguide play --next {quote(shown)}` plays what is due of it.")
    return "routine" in data and "steps" not in data


def parse_preset(document: Document, path: Path) -> Preset:
    """The preset in a document of the file at `path`; a path in it begins at its folder. RoutineError if wrong."""
    from audioguide.routine.options_form import PresetForm, to_options  # slow to load, and few sessions need it
    from audioguide.schema.validate import validate

    form = validate(document, PresetForm)
    routine = form.routine
    if is_path(routine) or (routine not in paths.routine_files() and is_file(path.parent / routine)):
        routine = str((path.parent / paths.expand(routine)).absolute())
    return Preset(path.stem, document, routine, locate_files(to_options(form.options), path.parent), path)


def load_preset_routine(
    preset: Preset,
    columns: Mapping[str, str] | None = None,
    language: str | None = None,
    read: Read = load_with_source,
) -> tuple[Routine, RoutineSource]:
    """The routine of a preset, and its files. RequestError when it is gone, RoutineError when it is wrong."""
    try:
        return read(preset.routine, columns, language)
    except RoutineError:
        raise
    except RequestError as error:
        similar = f"{error.hint} " if error.hint.startswith("Did you mean") else ""
        delete = f"audioguide delete {quote(preset.name)}"
        hint = f"{similar}Mend it in {preset.document.file}, or delete it with `{delete}`."
        raise RequestError(f"The routine of the preset {preset.name} is gone: {error.message}", hint) from None


def check_source(resolved: ResolvedRoutine) -> None:
    """Raises RequestError for a plan, and for a sound file, which may be gone later: no preset can be made of it."""
    _is_preset(Path(resolved.source))  # raises for a plan
    if resolved.embedded:
        file, id = quote(resolved.embedded.file), quote(resolved.routine.id)
        raise RequestError(
            f"A preset is of a routine on this machine, and that of {resolved.embedded.file} is only in there.",
            f"Take it out with `audioguide import {file} -o {id}.yaml`, then save that one.",
        )


def check_name(name: str) -> None:
    """Raises RequestError for a name that no preset can have; its hint is a similar one that is possible."""
    if not _NAME.fullmatch(name):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
        offer = slug(plain)[:80].strip("-")
        hint = f"Try --save {offer}." if _NAME.fullmatch(offer) else "Try one like morning-short."
        raise RequestError(f"{name!r} cannot be a preset's name: those have small letters, digits and hyphens.", hint)
    if name in paths.routine_files():
        raise RequestError(f"{name} is the id of a routine, so no preset can have it.", f"Try --save my-{name}.")


def save(name: str, resolved: ResolvedRoutine) -> Path:
    """Save a routine's options as a preset; returns its file. RequestError for a bad name, else EnvironmentFailure."""
    from audioguide.schema.yaml_writer import to_yaml

    check_name(name)
    check_source(resolved)
    if CONTROLS.search(resolved.source):
        raise RequestError("The name of the routine's file is not text, so no preset can name it.", "Rename the file.")
    options = resolved.saved_options.with_poses(lambda row, pose: stable_selector(pose, resolved.routine))
    text = to_yaml({"routine": resolved.source, "options": to_data(options)})
    make_folder(folder())
    path = paths.preset_files().get(name) or folder() / f"{name}.yaml"
    write_text(path, _HEAD.format(name=name) + text)
    return path


def presets_of(routine: str) -> tuple[str, ...]:
    """The names of the presets of a routine, by its id."""
    found = []
    for name, path in paths.preset_files().items():
        with suppress(RequestError):  # a file that cannot be read is not counted
            if parse_preset(read_document(path), path).routine == routine:
                found.append(name)
    return tuple(found)


def check_preset(document: Document, path: Path) -> Iterator[Problem]:
    """Every problem of a preset's file. What no longer matches its routine is a warning, since the rest works."""
    try:
        preset = parse_preset(document, path)
    except RoutineError as error:
        yield from error.problems
        return
    try:
        routine, _ = load_preset_routine(preset)
    except RequestError as error:
        code: Code = "unknown-routine"
        message, hint = error.message, error.hint
        if isinstance(error, RoutineError):
            code, hint = error.problems[0].code, "Mend the routine: see `audioguide check`."
            message = f"The routine {preset.routine} of this preset cannot be used: {error.problems[0].message}"
        yield Problem(document.place(("routine",)), code, message, hint)
        return
    known = {next(names_of(step)) for step in routine.steps if isinstance(step, PoseStep)}
    for pose in applicable(preset.options, routine).missing:
        message = f"{preset.routine} has no {pose!r} any more, so this is not used."
        hint = suggest(pose, known) or "Take it out."
        yield Problem(find_pose(document, pose), "unknown-pose", message, hint, "warning")


def find_pose(document: Document, pose: str) -> SourceLocation:
    """The place of a pose in the options of a file: the key of a value, or an item of a list."""
    for path, place in document.places.items():
        if path[:1] == ("options",) and len(path) == 3:
            if path[-1] == pose:
                return document.keys[path]
            if isinstance(path[-1], int) and str(document.value(path)) == pose:
                return place
    return document.place(("options",))
