"""Reads a document as a form: gives the form, or every problem at once, each at the place where it is written."""

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from copy import deepcopy
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from pydantic import Tag, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from audioguide.errors import Code, Problem, RoutineError, suggest
from audioguide.schema.document import MOST_PROBLEMS, Document, Keys, Record
from audioguide.schema.form import Form
from audioguide.schema.form_cache import remember, remember_file

F = TypeVar("F", bound=Form | Record)


@cache
def type_adapter(form: Any) -> TypeAdapter[Any]:
    """The adapter that reads plain data as a form or a record, and writes it."""
    return TypeAdapter(form)


def validate(document: Document, form: type[F]) -> F:
    """The document, read as `form`. RoutineError has all that is wrong with it."""
    found, problems = validate_part(document, form)
    if found is None:
        raise RoutineError(problems)
    return found


def validate_kept(document: Document, form: type[F]) -> F:
    """As `validate`, of data that is the same in many runs of the program."""
    return remember(form.__qualname__, document.data, lambda: validate(document, form))


def read_as(path: Path, form: type[F]) -> F:
    """The document in a file, read as `form`, in this run or an earlier one. Raises as those two do."""
    return remember_file(form.__qualname__, path, lambda document: validate(document, form))


def validate_part(
    document: Document, form: type[F], replace: Callable[[Any, Keys], None] | None = None
) -> tuple[F | None, tuple[Problem, ...]]:
    """The part of a document that can be read as `form` (None where nothing can), and the problems of the rest.

    With `replace`, wrong keys are left out, and what is wrong then is replaced by it, in the data, at its path.
    """
    data, problems = deepcopy(document.data) if replace else document.data, tuple[Problem, ...]()
    for repair in (_remove_key, replace, None) if replace else (None,):
        try:
            return cast(F, type_adapter(cast(Hashable, form)).validate_python(data)), problems
        except ValidationError as error:
            details = error.errors(include_url=False)
        spoilt = {detail["loc"][:length] for detail in details for length in range(len(detail["loc"]))}
        # pydantic also calls a list with wrong items too short.
        details = [detail for detail in details if detail["type"] != "too_short" or detail["loc"] not in spoilt]
        problems = problems or problems_of(document, details, form)
        if repair:
            for detail in details:
                repair(data, locate(detail, form)[0])
    return None, problems


def _remove_key(data: Any, path: Keys) -> None:
    *parents, key = path
    for part in parents:
        data = data[part] if not isinstance(data, dict) or part in data else {}
    if isinstance(data, dict):
        data.pop(key, None)


def locate(detail: ErrorDetails, form: Any) -> tuple[Keys, Any, list[str]]:
    """The path of a problem in a document, the form that is read there, and the kinds that may stand there.

    pydantic's location also contains the members of unions ("@say") and marks keys ("[key]"). Documents may have keys
    with such names, so these parts are dropped only where pydantic puts them.
    """
    location, path = detail["loc"], list[str | int]()
    if location[-1:] == ("[key]",) and location[-2:-1] == (detail["input"],):
        location = location[:-1]
    members, tags, kinds = list[type[Any]](), list[str](), list[str]()
    for part in location:
        if part in tags:
            kinds = [tag.removeprefix("@") for tag in tags]
            kind = str(part).removeprefix("@")
            named = (member for member in members if kind in member.model_fields)
            # Required: `rest` is also a setting of a pose step.
            form = next((member for member in named if member.model_fields[kind].is_required()), form)
            tags = []
            continue
        path.append(part)
        if isinstance(part, str):
            parts = list(_walk(_fields(form).get(part)))
            origins = [get_origin(part) or part for part in parts]
            members = [form for form in origins if isinstance(form, type) and issubclass(form, Form | Record)]
            tags = [part.tag for part in parts if isinstance(part, Tag)]
            form = members[0] if members else form
    return tuple(path), form, kinds


@cache
def _fields(form: Any) -> dict[str, Any]:
    hints = get_type_hints(form, include_extras=True)
    if issubclass(form, Form):
        return {field.alias or name: hints[name] for name, field in form.model_fields.items()}
    return {field.name: hints[field.name] for field in fields(form)}


def _walk(annotation: Any) -> Iterator[Any]:
    yield annotation
    for inner in get_args(annotation):
        yield from _walk(inner)


def problems_of(document: Document, details: Sequence[ErrorDetails], form: type[Any]) -> tuple[Problem, ...]:
    """The errors of pydantic as problems, the first `MOST_PROBLEMS` of them; a key that is misspelt is not missing."""
    found = [(locate(detail, form)[0], problem_of(document, detail, form)) for detail in details[:MOST_PROBLEMS]]
    meant = {(path[:-1], one.hint) for path, one in found if one.code == "unknown-key"}
    kept = [
        one for path, one in found if one.code != "missing-key" or (path[:-1], f"Did you mean {path[-1]}?") not in meant
    ]
    if (more := len(details) - MOST_PROBLEMS) > 0:
        place = problem_of(document, details[MOST_PROBLEMS], form).place
        kept.append(Problem(place, "invalid", f"There are {more} more problems.", "Mend those above first."))
    return tuple(kept)


def problem_of(document: Document, detail: ErrorDetails, form: type[Any]) -> Problem:
    """An error of pydantic as a problem at its place in the document."""
    path, read_as, kinds = locate(detail, form)
    match detail["type"]:
        case "extra_forbidden" | "unexpected_keyword_argument":
            place = document.keys.get(path) or document.place(path)
            return Problem(place, *_describe_unknown_key(document.value(path[:-1]), path, read_as, kinds))
        case "missing":
            key = {"inhale": "in", "exhale": "out"}.get(str(path[-1]), path[-1])  # pydantic names the fields
            place = document.place(path[:-1])
            return Problem(place, "missing-key", f"{key!r} is missing here.", f"Add {key}: to it.")
    written = document.keys.get(path) if detail["loc"][-1:] == ("[key]",) else None
    return Problem(written or document.place(path), *_describe_wrong_value(path, detail))


def _describe_unknown_key(owner: Any, path: Keys, form: Any, kinds: list[str]) -> tuple[Code, str, str]:
    key = str(path[-1])
    written = [kind for kind in kinds if kind in owner]
    if key in written and len(written) > 1 and isinstance(path[-2], int):
        return "mixed-step", f"One step cannot be both {written[0]!r} and {key!r}.", "Give each a dash of its own."
    hint = _add_space(key) or suggest(key, _fields(form)) or "Take it out, or see the README's keys."
    return "unknown-key", f"There is no key {key!r} here.", hint


def _add_space(text: Any) -> str:
    found = re.fullmatch(r"([\w-]+):(\S.*)", str(text))
    return f"Put a space after the colon: `{found[1]}: {found[2]}`." if found else ""


def _describe_wrong_value(path: Keys, detail: ErrorDetails) -> tuple[Code, str, str]:
    key = str(path[-1]) if path else ""
    named = [part for part in path if isinstance(part, str)]
    where = repr(named[-1]) if named else "This file"
    value, context = detail["input"], detail.get("ctx", {})
    given = {dict: "a mapping", list: "a list", type(None): "nothing"}.get(type(value)) or repr(value)
    if "fix" in context:  # from `form.problem`
        return cast(Code, detail["type"]), context["reason"], context["fix"]
    match detail["type"]:
        case "literal_error":
            return "no-such-choice", f"{where} cannot be {given}.", f"Write {context['expected']}."
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than" as kind:
            (bound,) = context.values()  # under "ge", "gt", "le" or "lt"
            end, way = ("least", "more") if kind.startswith("greater") else ("most", "less")
            return "out-of-range", f"{key!r} cannot be {given}: {bound} is the {end}.", f"Write {bound} or {way}."
        case "float_type" | "float_parsing" | "finite_number" | "int_type" | "int_parsing" | "int_from_float" as kind:
            whole = "whole " if kind.startswith("int") else ""
            return "not-a-number", f"{key!r} has to be a {whole}number, not {given}.", "Write it in figures."
        case "string_type":
            return "not-text", f"{where} has to be text, not {given}.", "Write words after the colon."
        case "list_type" | "tuple_type":
            return "not-a-list", f"{key!r} has to be a list, not {given}.", "Write each item on a line with a dash."
        case "model_type" | "model_attributes_type" | "dataclass_type" | "dict_type":
            message = f"{where} has to be a mapping of keys, not {given}."
            return "not-a-mapping", message, _add_space(value) or "Write each key on a line below it, with a colon."
        case "too_short" | "string_too_short":
            return "empty", f"{key!r} is empty.", "Add something to it, or take it out."
        case "string_too_long" | "too_long":
            return "too-long", f"{where} is too long: at most {context['max_length']}.", "Shorten it."
        case "string_pattern_mismatch" if key == "id":
            return "not-an-id", f"{given} cannot be the id.", "Write small letters, digits and hyphens."
        case "string_pattern_mismatch":
            return "not-a-language", f"{given} cannot be the {key}.", "Write two small letters, as en."
    return "invalid", f"{where}: {detail['msg']}.", "See `audioguide schema` for what belongs here."
