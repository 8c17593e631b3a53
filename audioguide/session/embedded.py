"""Reads the session that an exported file carries: routine, options, voices, backgrounds and phrases."""

from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from audioguide.errors import AudioguideError, Problem, RequestError
from audioguide.export.formats import find_payload
from audioguide.export.tags import LONGEST_TITLE, PAYLOAD_FORMAT, SAFE_ID
from audioguide.export.tags.one_file import COVER, read_page
from audioguide.model.notation import CONTROLS
from audioguide.model.options import Options
from audioguide.model.routine import Routine
from audioguide.routine.load import expand_routine, require_valid
from audioguide.routine.options_form import OptionsForm
from audioguide.routine.sources import BundledSources, RoutineSource, SourceFile, read_pose
from audioguide.schema.document import Document, Keys
from audioguide.schema.form import Form, Name, problem
from audioguide.schema.json_document import Label, parse_json_object, to_document
from audioguide.system import paths
from audioguide.system.ffmpeg import run_ffmpeg
from audioguide.system.paths import display_path

_KINDS = {"routines": "routine", "poses": "pose", "voices": "voice", "backgrounds": "background"}


def label_of(name: str) -> Label:
    """Labels for places in a part called `name`: `routine hip-openers, step 2`, `pose bridge`; "" is the routine."""
    return partial(_label, name)


def _label(name: str, path: Keys) -> tuple[str, int]:
    if not name and len(path) > 1 and path[0] in _KINDS:
        return _label(f"{_KINDS[str(path[0])]} {path[1]}", path[2:])
    if not name and len(path) > 1 and path[0] == "routine":
        path = path[1:]
    numbers: list[int] = []
    while len(path) > 1 and path[0] == "steps" and isinstance(path[1], int):
        numbers, path = [*numbers, path[1] + 1], path[2:]
    if numbers:
        step = f"step {'.'.join(map(str, numbers))}"
        return f"{name}, {step}" if name else step, numbers[0]
    return name or str(path[0] if path else "routine"), 1


Data = dict[str, Any]


def _check_printable(text: str) -> str:
    if CONTROLS.search(text):
        raise problem("control-character", "There is a control character in this title.", "Take it out.")
    return text


def _check_id(text: str) -> str:
    if not SAFE_ID.fullmatch(text):  # not as `pattern`, whose letters and digits are others than those of Python
        raise problem("not-an-id", f"{text!r} cannot be the id.", "Get the file again.")
    return text


def _check_steps(steps: object) -> object:
    if isinstance(steps, dict) and not isinstance(steps.get("steps"), list):
        raise problem("not-a-routine", "This is no routine: it has no steps.", "Get the file again.")
    return steps


def _check_plan(plan: object) -> object:
    if isinstance(plan, dict) and isinstance(plan.get("routine"), str):  # a stranger's path of this machine
        raise problem("not-a-routine", "The plan in here names a routine elsewhere.", "Get the file again.")
    return plan


RoutineData = Annotated[Data, BeforeValidator(_check_steps)]


class EmbeddedForm(Form):
    """A session in its file.

    `options` are all that were in force, `voice` is who spoke. What `routine` names is found in `routines` and `poses`
    alone; `voices`, `backgrounds` and `prompts` (the phrases of the language) come before those of the machine. `cover`
    is whether the picture of the file is a person's own.
    """

    format: str
    mark: str = ""
    id: Annotated[str, AfterValidator(_check_id)]
    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE), AfterValidator(_check_printable)]
    options: OptionsForm
    voice: Name
    routine: RoutineData
    routines: Annotated[dict[Name, RoutineData], Field(max_length=500)] = Field(default_factory=dict)
    poses: Annotated[dict[str, Data], Field(max_length=5_000)] = Field(default_factory=dict)
    voices: Annotated[dict[Name, Data], Field(max_length=20)] = Field(default_factory=dict)
    backgrounds: Annotated[dict[Name, Data], Field(max_length=50)] = Field(default_factory=dict)
    prompts: Data | None = None
    plan: Annotated[Data | None, BeforeValidator(_check_plan)] = None
    cover: bool = False


@dataclass(frozen=True)
class EmbeddedSession:
    """The session in a file. Its voices, backgrounds, prompts and plan are not validated yet."""

    file: str
    title: str
    options: Options
    voice: str
    bundle: BundledSources
    voices: Mapping[str, Document]
    backgrounds: Mapping[str, Document]
    prompts: Document | None
    cover: bytes = b""
    plan: Data | None = None

    def routine(self) -> Routine:
        """The routine, with no options applied. RoutineError holds all that is wrong with it."""
        return require_valid(*self.check())

    def check(self) -> tuple[Routine | None, tuple[Problem, ...]]:
        """As much of the routine as can be read, and every problem with it."""
        routine, problems = expand_routine(self.bundle.root, self.bundle)
        return routine and replace(routine, title=self.title), problems


def read_embedded(path: Path, name: str = "") -> EmbeddedSession:
    """The session in the file at `path`, which messages call `name`.

    RequestError when there is none, or none that this version can read; RoutineError with all that is wrong with it.
    """
    return parse_embedded(find_payload(path, name), name or display_path(path), path)


def parse_embedded(payload: bytes, file: str, path: Path | None = None) -> EmbeddedSession:
    """The session in a payload; `file` names it in messages, `path` is that of its sound. Raises as `read_embedded`."""
    from audioguide.routine.options_form import to_options
    from audioguide.schema.validate import validate

    data = parse_json_object(payload, file)
    if data.get("format") != PAYLOAD_FORMAT:
        if str(data.get("format")).startswith("audioguide-session/"):
            raise RequestError(f"{file} was made by a newer audioguide.", "Bring this one up to date.")
        raise RequestError(f"{file} carries something that is no session.", "Get it again from where it came from.")
    form = validate(to_document(data, file, label_of("")), EmbeddedForm)

    def documents(kind: str, found: Mapping[str, dict[str, object]]) -> dict[str, Document]:
        return {name: to_document(data, file, label_of(f"{kind} {name}")) for name, data in found.items()}

    root = SourceFile(form.id, "", to_document(form.routine, file, label_of("")))
    return EmbeddedSession(
        file=file,
        title=form.title,
        options=replace(to_options(form.options), cover=None),  # no file of this machine: `cover` below is its own
        voice=form.voice,
        bundle=BundledSources(root, documents("routine", form.routines), documents("pose", form.poses)),
        voices=documents("voice", form.voices),
        backgrounds=documents("background", form.backgrounds),
        prompts=to_document(form.prompts, file, label_of("prompts")) if form.prompts else None,
        cover=read_cover(path) if form.cover and path else b"",
        plan=form.plan,
    )


def read_cover(path: Path) -> bytes:
    """The picture in a sound file; empty where it was taken out or changed to what is none: then another is drawn."""
    from audioguide.draw.cover import fit_cover

    first = ("-c", "copy", "-frames:v", "1", "-f", "image2pipe", "pipe:1")
    for place in ("0:v:1", "0:v:0") if path.suffix.lower() == ".m4b" else ("0:v:0",):  # after those of its chapters
        with suppress(AudioguideError, ValueError):
            if path.suffix.lower() == ".html":
                return fit_cover(b64decode(read_page(path, COVER) or b""), path.name)
            return fit_cover(run_ffmpeg(("-i", f"file:{path}", "-map", place, *first), path, 10).stdout, path.name)
    return b""


_SETTINGS = frozenset({"hold", "breath"})
"""A pose of the library leaves these to what is around it, if they are set there; an inlined pose does not."""


def to_routine_data(session: EmbeddedSession) -> Data:
    """The routine of a sound file as data for one file of this machine."""
    return inline_routine(session.bundle.collect(), session.title)


def inline_routine(written: RoutineSource, title: str, *, own: bool = True) -> Data:
    """A routine as data for one file: with the steps of included routines, and with the poses that this machine does
    not have, or has otherwise; without `own` also with those of the user.
    """
    language = str(written.routine.get("language", "en"))
    kept = {id: data for id, data in written.poses.items() if not _has_pose(id, data, language, own)}
    root, written = dict(written.routine), replace(written, poses=kept)
    outer = _add_settings(root.get("defaults") or {}, frozenset())
    return {**root, "title": title[:120], "steps": list(_inline_steps(root["steps"], written, outer))}


def _has_pose(id: str, data: Any, language: str, own: bool) -> bool:
    with suppress(RequestError):
        is_own = paths.is_user_file(paths.pose_file(id) or Path())
        return bool(read_pose(id, language)[1].data == data) and (own or not is_own)
    return False


def _inline_steps(steps: list[Data], written: RoutineSource, outer: frozenset[str]) -> Iterator[Data]:
    for step in steps:
        if "pose" in step:
            yield {**step, "pose": _inline_pose(step["pose"], written, _add_settings(step, outer))}
        elif "repeat" in step:
            yield {**step, "steps": list(_inline_steps(step["steps"], written, _add_settings(step, outer)))}
        elif "include" in step:
            yield _inline_routine(step, written, outer)
        else:
            yield step


def _inline_routine(step: Data, written: RoutineSource, outer: frozenset[str]) -> Data:
    """The steps of an included routine, in its defaults and in the settings of the including step, which count more."""
    routine = written.included[str(step["include"])]
    own = {key: value for key, value in (routine.get("defaults") or {}).items() if key != "voice"}
    given = {key: value for key, value in step.items() if key != "include"}
    inner = list(_inline_steps(routine["steps"], written, _add_settings(given, _add_settings(own, outer))))
    for settings in (given, own):
        if settings:
            inner = [{"repeat": 1, **settings, "steps": inner}]
    return inner[0] if len(inner) == 1 else {"repeat": 1, "steps": inner}


def _inline_pose(pose: Any, written: RoutineSource, outer: frozenset[str]) -> Any:
    if isinstance(pose, dict) or pose not in written.poses:
        return pose
    return {"id": pose, **{key: value for key, value in written.poses[pose].items() if key not in outer}}


def _add_settings(settings: Mapping[str, Any], outer: frozenset[str]) -> frozenset[str]:
    return outer | {key for key in _SETTINGS if settings.get(key) is not None}
