"""The commented routine that a person starts from."""

from __future__ import annotations

import json
import re
from pathlib import Path

from audioguide.routine.schema import FILE as SCHEMA

_NOT_TEXT = {"true", "false", "null"}

_SWITCH = f"""\
# VS Code completes and checks while you write: `audioguide schema -o {SCHEMA}` in this folder says how.
"""


def template(name: str, *, completed: bool) -> str:
    """The text of a new routine, titled after its file's `name`.

    `completed` says that the schema lies beside it, which its first line then tells an editor.
    """
    text = Path(__file__).with_name("template.yaml").read_text("utf-8")
    first = f"# yaml-language-server: $schema={SCHEMA}\n" if completed else _SWITCH
    return first + text.replace("TITLE", _title(name))


def _title(name: str) -> str:
    words = " ".join(re.split(r"[-_\s]+", name)).strip()[:120]
    if not any(letter.isalnum() for letter in words):
        return "My routine"
    title = words[0].upper() + words[1:]
    plain = re.fullmatch(r"[^\W\d_][\w ]*", title) and title.casefold() not in _NOT_TEXT
    return title if plain else json.dumps(title, ensure_ascii=False)
