"""Writes plain data as YAML that is easy to read and edit."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from audioguide.schema.document import FRACTION, WHOLE

WIDTH = 100  # Columns. A longer text is folded into several lines.
# Line breaks of Unicode. The library escapes them in double quotes, and reads them as spaces anywhere else.
RARE_BREAKS = re.compile("[\x85\u2028\u2029]")
# The library also folds lines that begin with a space, in which a break is read as a break.
_INDENTED = re.compile(r"^[ \t]", re.MULTILINE)
TEXT = "tag:yaml.org,2002:str"


def to_yaml(data: Any) -> str:
    """The data as YAML 1.2, which is read back as the same data."""
    text: str = yaml.dump(_choose_styles(data), None, _Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return text


class _Row(list[Any]):
    """A list that is written in a row."""


class _Folded(str):
    """A text that is written in several lines."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]  # it has no types
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)  # the items of lists, too

    def ignore_aliases(self, data: Any) -> bool:
        return True  # what occurs twice is written twice


# Text that is a number in YAML 1.2, but not in the library's 1.1, must be quoted.
_Dumper.add_implicit_resolver("tag:yaml.org,2002:int", WHOLE, list("+-0123456789"))
_Dumper.add_implicit_resolver("tag:yaml.org,2002:float", FRACTION, list("+-.0123456789"))
_Dumper.add_representer(
    str, lambda dumper, text: dumper.represent_scalar(TEXT, text, '"' if RARE_BREAKS.search(text) else None)
)
_Dumper.add_representer(_Row, lambda dumper, row: dumper.represent_sequence("tag:yaml.org,2002:seq", row, True))
_Dumper.add_representer(_Folded, lambda dumper, text: dumper.represent_scalar(TEXT, text, ">"))


def _choose_styles(value: Any, key: str = "") -> Any:
    match value:
        case Mapping():
            return {key: _choose_styles(item, key) for key, item in value.items()}
        case list():
            # Steps are written with a line for each item; other lists are short.
            return [_choose_styles(item) for item in value] if key == "steps" else _Row(value)
        case str() if len(value) > WIDTH - 20 and " " in value:
            return value if RARE_BREAKS.search(value) or _INDENTED.search(value) else _Folded(value)
    return value
