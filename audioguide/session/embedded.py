"""What a file carries, read: the routine, the options in force, and what belongs to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from audioguide.errors import Problem, RequestError
from audioguide.export.formats import find_payload
from audioguide.model.options import Options
from audioguide.model.routine import Routine
from audioguide.routine.load import expand_routine, require_valid
from audioguide.routine.options_form import OptionsForm
from audioguide.routine.sources import BundledSources, RoutineSource, SourceFile, read_pose
from audioguide.schema.document import Document, Keys
from audioguide.schema.form import Form, Name, problem
from audioguide.schema.json_document import Label, parse_json_object, to_document
from audioguide.session.embed import FAMILY, FORMAT, LONGEST_TITLE, SAFE_ID
from audioguide.system.paths import display_path


def label_of(name: str) -> Label:
    """Places in what is called so: `routine hip-openers, step 2`, `pose bridge`; "" is the routine, or all of it."""
    return partial(_label, name)


_KINDS = {"routines": "routine", "poses": "pose", "voices": "voice", "backgrounds": "background"}


def _label(name: str, path: Keys) -> tuple[str, int]:
    if not name and len(path) > 1 and path[0] in _KINDS:
        return _label(f"{_KINDS[str(path[0])]} {path[1]}", path[2:])
    if not name and len(path) > 1 and path[0] == "routine":
        path = path[1:]
    numbers: list[int] = []
    while len(path) > 1 and path[0] == "steps" and isinstance(path[1], int):
        numbers.append(path[1] + 1)
        path = path[2:]
    if numbers:
        step = f"step {'.'.join(map(str, numbers))}"
        return f"{name}, {step}" if name else step, numbers[0]
    return name or str(path[0] if path else "routine"), 1


Data = dict[str, Any]


def _safe(id: str) -> str:
    if not SAFE_ID.fullmatch(id):
        raise problem("not-an-id", "This cannot be the id of a routine.", "Write letters, digits and hyphens.")
    return id


def _printable(text: str) -> str:
    if not text.isprintable():
        raise problem("control-character", "There is a control character in this title.", "Take it out.")
    return text


def _check_steps(steps: object) -> object:
    if isinstance(steps, dict) and not isinstance(steps.get("steps"), list):
        raise problem("not-a-routine", "This is no routine: it has no steps.", "Get the file again.")
    return steps


RoutineData = Annotated[Data, BeforeValidator(_check_steps)]


class EmbeddedForm(Form):
    """A session in its file.

    `options` are all that were in force. `voice` is who spoke. What `routine` names is looked up in `routines` and
    `poses` alone; `voices`, `backgrounds` and `prompts` (the session's own words in its language) come before those of
    the machine.
    """

    format: str
    mark: str = ""
    id: Annotated[str, AfterValidator(_safe)]
    title: Annotated[str, Field(min_length=1, max_length=LONGEST_TITLE), AfterValidator(_printable)]
    options: OptionsForm
    voice: Name
    routine: RoutineData
    routines: Annotated[dict[Name, RoutineData], Field(max_length=500)] = Field(default_factory=dict)
    poses: Annotated[dict[str, Data], Field(max_length=5_000)] = Field(default_factory=dict)
    voices: Annotated[dict[Name, Data], Field(max_length=20)] = Field(default_factory=dict)
    backgrounds: Annotated[dict[Name, Data], Field(max_length=50)] = Field(default_factory=dict)
    prompts: Data | None = None


@dataclass(frozen=True)
class EmbeddedSession:
    """A session as it came in a file. Voices, backgrounds and prompts are not read yet: what stands here is data."""

    file: str
    title: str
    options: Options
    voice: str
    bundle: BundledSources
    voices: Mapping[str, Document]
    backgrounds: Mapping[str, Document]
    prompts: Document | None

    def routine(self) -> Routine:
        """The routine, with no options applied. RoutineError holds all that is wrong with it."""
        return require_valid(*self.check())

    def check(self) -> tuple[Routine | None, tuple[Problem, ...]]:
        """As much of the routine as can be read, and every problem with it."""
        routine, problems = expand_routine(self.bundle.root, self.bundle)
        return routine and replace(routine, title=self.title), problems


def read_embedded(path: Path, name: str = "") -> EmbeddedSession:
    """What the file at `path` carries; `name` is what messages call it.

    RequestError when it carries nothing, or nothing that this version can read; RoutineError with all that is wrong
    with what it carries.
    """
    return parse_embedded(find_payload(path, name), name or display_path(path))


def parse_embedded(payload: bytes, file: str) -> EmbeddedSession:
    """What stands in a payload; `file` names it in messages. Raises as `read_embedded`."""
    from audioguide.routine.options_form import to_options
    from audioguide.schema.validate import validate

    data = parse_json_object(payload, file)
    written = data.get("format")
    if isinstance(written, str) and written.startswith(FAMILY) and written != FORMAT:
        raise RequestError(f"{file} was made by a newer audioguide.", "Bring this one up to date.")
    if written != FORMAT:
        raise RequestError(f"{file} carries something that is no session.", "Get it again from where it came from.")
    form = validate(to_document(data, file, label_of("")), EmbeddedForm)

    def documents(kind: str, found: Mapping[str, dict[str, object]]) -> dict[str, Document]:
        return {name: to_document(data, file, label_of(f"{kind} {name}")) for name, data in found.items()}

    root = SourceFile(form.id, "", to_document(form.routine, file, label_of("")))
    return EmbeddedSession(
        file=file,
        title=form.title,
        options=to_options(form.options),
        voice=form.voice,
        bundle=BundledSources(root, documents("routine", form.routines), documents("pose", form.poses)),
        voices=documents("voice", form.voices),
        backgrounds=documents("background", form.backgrounds),
        prompts=to_document(form.prompts, file, label_of("prompts")) if form.prompts else None,
    )


_SETTINGS = frozenset({"hold", "breath"})
"""What a pose of the library leaves to what is around it, and a pose that is written in place does not."""


def to_routine_data(session: EmbeddedSession) -> Data:
    """The routine's data. Poses that this machine does not have, or has otherwise, stand in place, as do the steps of
    all that is included.
    """
    written = session.bundle.collect()
    root = dict(written.routine)
    around = _said(root.get("defaults") or {}, frozenset())
    return {**root, "title": session.title[:120], "steps": list(_steps(root["steps"], written, around))}


def _steps(steps: list[Data], written: RoutineSource, around: frozenset[str]) -> Iterator[Data]:
    for step in steps:
        if "pose" in step:
            yield {**step, "pose": _pose(step["pose"], written, _said(step, around))}
        elif "repeat" in step:
            yield {**step, "steps": list(_steps(step["steps"], written, _said(step, around)))}
        elif "include" in step:
            yield _included(step, written, around)
        else:
            yield step


def _included(step: Data, written: RoutineSource, around: frozenset[str]) -> Data:
    """The steps of an included routine. Its defaults are around what the including step says, which counts more."""
    routine = written.included[str(step["include"])]
    own = {key: value for key, value in (routine.get("defaults") or {}).items() if key != "voice"}
    said = {key: value for key, value in step.items() if key != "include"}
    inner = list(_steps(routine["steps"], written, _said(said, _said(own, around))))
    for settings in (said, own):
        if settings:
            inner = [{"repeat": 1, **settings, "steps": inner}]
    return inner[0] if len(inner) == 1 else {"repeat": 1, "steps": inner}


def _pose(pose: Any, written: RoutineSource, around: frozenset[str]) -> Any:
    if isinstance(pose, dict):
        return pose
    data = written.poses[str(pose)]
    if _is_here(str(pose), data):
        return pose
    kept = {key: value for key, value in data.items() if key not in around}
    return {"id": str(pose), **kept}


def _is_here(id: str, data: Mapping[str, Any]) -> bool:
    try:
        return bool(read_pose(id)[1].data == data)
    except RequestError:
        return False


def _said(settings: Mapping[str, Any], around: frozenset[str]) -> frozenset[str]:
    return around | {key for key in _SETTINGS if settings.get(key) is not None}
