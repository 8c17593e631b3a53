"""A file held against its form, as plain data: at once where the same text was held against it before."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from audioguide.remember import code, digest, recall, remember
from audioguide.resources import shown
from audioguide.routine.document import Document, parse, text_of


class Checked(NamedTuple):
    """What a form made of a document, and what stands in it."""

    made: Any
    data: Any


def checked(path: Path, form: str) -> Checked:
    """A file against a form, which is named (`module:Class`) and not handed over, since forms are slow to load.

    RequestError when the file cannot be read, RoutineError with all that is wrong with it.
    """
    text = text_of(path)
    name = digest("form", code(), form, text)
    if known := recall(name):
        return Checked(*known)
    found = checked_document(parse(text, shown(path)), form)
    remember(name, found)
    return found


def checked_document(document: Document, form: str) -> Checked:
    """A document against a form. RoutineError as of a file."""
    from audioguide.routine.validate import adapter, validate

    module, _, name = form.partition(":")
    kind = getattr(import_module(module), name)
    made = adapter(kind).dump_python(validate(document, kind), serialize_as_any=True)
    return Checked(json.loads(json.dumps(made)), document.data)  # as it comes back from a note
