"""Plain data to frozen records and back: what a note keeps (`remember.py`), and what a form made of a document.

Plain data is what JSON has. A record, which is a dataclass or a named tuple, is a mapping of its fields; `=` says which
record it is, where one of several may stand. Nothing is checked here: the data was checked before it was written.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

T = TypeVar("T")
Build = Callable[[Any], Any]

_KIND = "="


def built(kind: type[T], data: Any) -> T:
    """A record from plain data; those in its fields are found by their types."""
    build = _builder(cast(Hashable, kind))
    return cast(T, build(data) if build else data)


def plain(value: Any) -> Any:
    """Plain data from which `built` makes an equal value."""
    kind: Any = type(value)
    if _is_record(kind):
        return {_KIND: kind.__name__, **{name: plain(getattr(value, name)) for name in _names(kind)}}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {key: plain(one) for key, one in value.items()}
    return value


def _is_record(kind: Any) -> bool:
    return isinstance(kind, type) and (is_dataclass(kind) or (issubclass(kind, tuple) and hasattr(kind, "_fields")))


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else kind._fields


@cache
def _builder(kind: Any) -> Build | None:
    """What makes a value of a type from plain data; None where the data is the value."""
    if _is_record(kind):
        return _record(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _one_of([one for one in arguments if _is_record(one)])
    if origin is tuple:
        return _tuple(_builder(arguments[0]))
    if origin in (dict, Mapping):
        return _mapping(_builder(arguments[1]))
    return None


def _record(kind: Any) -> Build:
    hints = get_type_hints(kind)
    builders = [(name, make) for name in _names(kind) if (make := _builder(hints[name]))]

    def build(data: Any) -> Any:
        values = dict(data)
        values.pop(_KIND, None)
        for name, make in builders:
            if name in values:
                values[name] = make(values[name])
        return kind(**values)

    return build


def _one_of(kinds: list[Any]) -> Build | None:
    if not kinds:
        return None
    builders = {kind.__name__: cast(Build, _builder(kind)) for kind in kinds}

    def build(data: Any) -> Any:
        if not isinstance(data, dict):
            return data  # None, or a plain value that may stand in its place
        return builders[data[_KIND]](data)

    return build


def _tuple(build: Build | None) -> Build:
    return lambda data: tuple(map(build, data)) if build else tuple(data)


def _mapping(build: Build | None) -> Build | None:
    return (lambda data: {key: build(value) for key, value in data.items()}) if build else None
