"""What a file carries, read: the routine, the options in force, and what belongs to them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from audioguide.errors import Problem, RequestError, RoutineError, SourceLocation
from audioguide.export.tags.payload import find_payload
from audioguide.export.tags.tags import LARGEST_PAYLOAD
from audioguide.model.options import Options, as_written
from audioguide.model.routine import Length, Routine
from audioguide.model.selectors import slug
from audioguide.routine import library
from audioguide.routine.load import expand_routine, require_valid
from audioguide.routine.options_form import OptionsForm
from audioguide.routine.sources import BundledSources, RoutineSource, SourceFile
from audioguide.schema.document import LARGEST_TREE, Document, Keys, is_valid_unicode
from audioguide.schema.form import Form, Name, problem
from audioguide.system.paths import display_path

DEEPEST = 100
"""Levels of mappings and lists: a repeat takes two of them."""

Label = Callable[[Keys], tuple[str, int]]
"""What a place is called ("step 3"), and the number of its step, or 1."""


def data_in(payload: bytes, file: str) -> dict[str, Any]:
    """The data in a payload; RequestError where it is damaged, or is no mapping. `file` names it in messages."""
    try:
        data = json.loads(payload.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise RequestError(f"{file} carries something that is damaged.", "Get it again from where it came from.")
    return data


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number.")


def document_of(data: Mapping[str, Any], file: str, label: Label) -> Document:
    """Data as a document. RoutineError where it is deeper than `DEEPEST`, or has far too many values."""
    places: dict[Keys, SourceLocation] = {}

    def walk(value: Any, path: Keys) -> None:
        within, number = label(path)
        # A label has keys in it, and those are a stranger's: nothing that a terminal would act on.
        within = "".join(sign if sign.isprintable() else "?" for sign in within)
        place = places[path] = SourceLocation(file, number, 1, within)
        if len(path) > DEEPEST:
            raise RoutineError([Problem(place, "too-deep", "This is nested too deeply.", "Repeat less in a repeat.")])
        if len(places) > LARGEST_TREE:
            raise RoutineError([Problem(place, "too-large", "There is far too much in this.", "Use `repeat`.")])
        if isinstance(value, dict):
            for key, inner in value.items():
                _check_text(key, place)
                walk(inner, (*path, key))
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                walk(inner, (*path, index))
        elif isinstance(value, str):
            _check_text(value, place)

    walk(data, ())
    return Document(file, dict(data), places, places)


def _check_text(text: str, place: SourceLocation) -> None:
    if not is_valid_unicode(text):
        raise RoutineError([Problem(place, "bad-character", "This is no text.", "Write it again.")])


def depth(value: Any) -> int:
    """Levels of mappings and lists in plain data."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth, inner), default=0)


def labelled(name: str) -> Label:
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


FORMAT = "audioguide-session/1"
FAMILY = "audioguide-session/"

SAFE_ID = re.compile(r"\w[\w .,()'+&-]{0,119}")

LONGEST_TITLE = 300
"""Characters: a routine's title has 120, a preset's name besides."""

Data_payload = Mapping[str, Any]


@dataclass(frozen=True)
class EmbeddedAssets:
    """What a session has besides its routine, by name, as it is written: voices, backgrounds, its language's words."""

    voices: Mapping[str, Data_payload] = field(default_factory=dict)
    backgrounds: Mapping[str, Data_payload] = field(default_factory=dict)
    prompts: Data_payload | None = None


def payload(
    written: RoutineSource, id: str, title: str, options: Options, voice: str, belongings: EmbeddedAssets
) -> bytes | None:
    """A session for its file to carry, in which nothing tells where it was made, or when; None when it is too large.

    `options` are all that are in force, `voice` is who speaks.
    """
    data = {
        "format": FORMAT,
        "id": safe_id(id),
        "title": title[:LONGEST_TITLE],
        "options": as_written(_once(options)),
        "voice": voice,
        "routine": written.routine,
        "routines": written.included,
        "poses": written.poses,
        "voices": belongings.voices,
        "backgrounds": belongings.backgrounds,
        "prompts": belongings.prompts,
    }
    kept = {key: value for key, value in data.items() if value or key == "options"}
    if depth(kept) > DEEPEST:
        return None
    made = json.dumps(kept, separators=(",", ":")).encode("ascii")
    return made if len(made) <= LARGEST_PAYLOAD else None


def safe_id(id: str) -> str:
    """The id that a file carries: it names a file when that is exported again, so that it may lead nowhere else."""
    return id if SAFE_ID.fullmatch(id) else slug(id)[:80] or "session"


def read_mark(payload: bytes, mark: str) -> bytes:
    """A payload that says by which `Session.mark` its file was made."""
    return payload[:-1] + f',"mark":{json.dumps(mark)}}}'.encode() if payload and mark else payload


def _once(options: Options) -> Options:
    """The last hold that a pose is given counts, so it also stands last."""
    holds: dict[str, Length] = {}
    for pose, length in options.holds:
        holds.pop(pose, None)
        holds[pose] = length
    return replace(options, holds=tuple(holds.items()))


Data = dict[str, Any]


def _safe(id: str) -> str:
    if not SAFE_ID.fullmatch(id):
        raise problem("not-an-id", "This cannot be the id of a routine.", "Write letters, digits and hyphens.")
    return id


def _printable(text: str) -> str:
    if not text.isprintable():
        raise problem("control-character", "There is a control character in this title.", "Take it out.")
    return text


def _numbered(steps: object) -> object:
    if isinstance(steps, dict) and not isinstance(steps.get("steps"), list):
        raise problem("not-a-routine", "This is no routine: it has no steps.", "Get the file again.")
    return steps


RoutineData = Annotated[Data, BeforeValidator(_numbered)]


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
    """What stands in a payload; `file` names it in messages. Raises as `read_carried`."""
    from audioguide.routine.options_form import options_of
    from audioguide.schema.validate import validate

    data = data_in(payload, file)
    written = data.get("format")
    if isinstance(written, str) and written.startswith(FAMILY) and written != FORMAT:
        raise RequestError(f"{file} was made by a newer audioguide.", "Bring this one up to date.")
    if written != FORMAT:
        raise RequestError(f"{file} carries something that is no session.", "Get it again from where it came from.")
    form = validate(document_of(data, file, labelled("")), EmbeddedForm)

    def documents(kind: str, found: Mapping[str, dict[str, object]]) -> dict[str, Document]:
        return {name: document_of(data, file, labelled(f"{kind} {name}")) for name, data in found.items()}

    root = SourceFile(form.id, "", document_of(form.routine, file, labelled("")))
    return EmbeddedSession(
        file=file,
        title=form.title,
        options=options_of(form.options),
        voice=form.voice,
        bundle=BundledSources(root, documents("routine", form.routines), documents("pose", form.poses)),
        voices=documents("voice", form.voices),
        backgrounds=documents("background", form.backgrounds),
        prompts=document_of(form.prompts, file, labelled("prompts")) if form.prompts else None,
    )


Data_unpacked = dict[str, Any]
_SETTINGS = frozenset({"hold", "breath"})
"""What a pose of the library leaves to what is around it, and a pose that is written in place does not."""


def unpacked(carried: EmbeddedSession) -> Data_unpacked:
    """The routine's data. Poses that this machine does not have, or has otherwise, stand in place, as do the steps of
    all that is included.
    """
    written = carried.bundle.collect()
    root = dict(written.routine)
    around = _said(root.get("defaults") or {}, frozenset())
    return {**root, "title": carried.title[:120], "steps": list(_steps(root["steps"], written, around))}


def arguments(options: Options) -> str:
    """Options as they are written after a command; "" when there are none."""
    words: list[str] = []
    for key, value in as_written(options).items():
        if isinstance(value, dict):
            words += (word for pose, length in value.items() for word in ("--hold", f"{pose}={length}"))
        elif isinstance(value, list):
            words += (word for name in value for word in (f"--{key}", name))
        else:
            words += [f"--{key}"] if value is True else [f"--{key}", str(value)]
    return shlex.join(words)


def _steps(steps: list[Data_unpacked], written: RoutineSource, around: frozenset[str]) -> Iterator[Data_unpacked]:
    for step in steps:
        if "pose" in step:
            yield {**step, "pose": _pose(step["pose"], written, _said(step, around))}
        elif "repeat" in step:
            yield {**step, "steps": list(_steps(step["steps"], written, _said(step, around)))}
        elif "include" in step:
            yield _included(step, written, around)
        else:
            yield step


def _included(step: Data_unpacked, written: RoutineSource, around: frozenset[str]) -> Data_unpacked:
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
        return bool(library.read_pose(id)[1].data == data)
    except RequestError:
        return False


def _said(settings: Mapping[str, Any], around: frozenset[str]) -> frozenset[str]:
    return around | {key for key in _SETTINGS if settings.get(key) is not None}
