"""What a file carries, read: the routine, the options in force, and what belongs to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from audioguide.carried.payload import FAMILY, FORMAT
from audioguide.carried.tree import data_in, document_of, labelled
from audioguide.errors import Problem, RequestError
from audioguide.output.tags.embedded import find_payload
from audioguide.resources import shown
from audioguide.routine.customise import Options
from audioguide.routine.document import Document
from audioguide.routine.load import settled, unrolled
from audioguide.routine.model import Routine
from audioguide.routine.sources import Bundle, File


@dataclass(frozen=True)
class Carried:
    """A session as it came in a file. Voices, backgrounds and prompts are not read yet: what stands here is data."""

    file: str
    title: str
    options: Options
    voice: str
    bundle: Bundle
    voices: Mapping[str, Document]
    backgrounds: Mapping[str, Document]
    prompts: Document | None

    def routine(self) -> Routine:
        """The routine, with no options applied. RoutineError holds all that is wrong with it."""
        return settled(*self.attempt())

    def attempt(self) -> tuple[Routine | None, tuple[Problem, ...]]:
        """As much of the routine as can be read, and every problem with it."""
        routine, problems = unrolled(self.bundle.root, self.bundle)
        return routine and replace(routine, title=self.title), problems


def read_carried(path: Path, name: str = "") -> Carried:
    """What the file at `path` carries; `name` is what messages call it.

    RequestError when it carries nothing, or nothing that this version can read; RoutineError with all that is wrong
    with what it carries.
    """
    return carried_in(find_payload(path, name), name or shown(path))


def carried_in(payload: bytes, file: str) -> Carried:
    """What stands in a payload; `file` names it in messages. Raises as `read_carried`."""
    from audioguide.carried.form import CarriedForm  # forms are slow to make
    from audioguide.routine.validate import validate
    from audioguide.routine.wishes import options_of

    data = data_in(payload, file)
    written = data.get("format")
    if isinstance(written, str) and written.startswith(FAMILY) and written != FORMAT:
        raise RequestError(f"{file} was made by a newer audioguide.", "Bring this one up to date.")
    if written != FORMAT:
        raise RequestError(f"{file} carries something that is no session.", "Get it again from where it came from.")
    form = validate(document_of(data, file, labelled("")), CarriedForm)

    def documents(kind: str, found: Mapping[str, dict[str, object]]) -> dict[str, Document]:
        return {name: document_of(data, file, labelled(f"{kind} {name}")) for name, data in found.items()}

    root = File(form.id, "", document_of(form.routine, file, labelled("")))
    return Carried(
        file=file,
        title=form.title,
        options=options_of(form.options),
        voice=form.voice,
        bundle=Bundle(root, documents("routine", form.routines), documents("pose", form.poses)),
        voices=documents("voice", form.voices),
        backgrounds=documents("background", form.backgrounds),
        prompts=document_of(form.prompts, file, labelled("prompts")) if form.prompts else None,
    )
