"""What stands before a colon, in a column's head or in a line of a list: a label, the name of an exercise, its dose."""

import re
from dataclasses import dataclass
from functools import lru_cache

from audioguide.routine.importers.doses import Dose, read_dose
from audioguide.routine.importers.lengths import scan
from audioguide.routine.importers.vocabulary import Vocabulary, fold

_LABEL = re.compile(r"(.{1,60}?)\s?(?:\.\s)?[:：](?!\d\d|//|\w)\s?")
_AFFIXES = re.compile(r"\([^()]*\)|[\d.#/]+\b|[^\w\s/-]")
_CODES = {"hold": "h", "reps": "r", "sets": "s", "rest": "R"}
_LOOSE = re.compile(r"\w,?\s*$")


@dataclass(frozen=True, slots=True)
class Label:
    """What a text begins with, up to its colon; `end` is where the rest begins.

    `instructions`: `How to:`, `Cue:`. `dose`: `Duration:`, `Hold:`, `Reps:`. `information`: `Level:`, `Equipment:`, not
    said. `section`: `Phase 1:`, `Exercise 1.2:`, `Warm-up:`. `variant`: `Standing:`. `speaker`: `Instructor:`, `VO:`.
    `direction`: `SFX:`, all of it not said. `rest`: `Rest:`. `next`: `Next exercise:`. `name`: any other few words.
    """

    kind: str
    name: str
    end: int


@lru_cache(256)
def find_label(text: str, vocabulary: Vocabulary) -> Label | None:
    """The label at the beginning of a text, or None: it ends with a colon, and no sentence ends before that."""
    match = _LABEL.match(text)
    if match is None or (kind := label_kind(match[1], vocabulary)) is None:
        return None
    return Label(kind, match[1].strip(" *_-–—•"), match.end())


def label_kind(name: str, vocabulary: Vocabulary) -> str | None:
    """What a name is that a colon follows, or that stands in bold; None where it is no name but a sentence."""
    kind = vocabulary.labels.get(_plain(name)) or vocabulary.labels.get(_plain(_AFFIXES.sub(" ", name)))
    if kind is None and is_section(name, vocabulary) and re.search(r"\d", name):
        return "section"
    return kind or (None if len(name.split()) > 8 or re.search(r"[.!?;]\s", name) else "name")


def is_section(name: str, vocabulary: Vocabulary) -> bool:
    """Whether it names a part of a session (`Opening`, `Warm-up`, `Phase 1`), whose length is for information only."""
    return bool(vocabulary.starts("sections", name)) and len(name.split()) <= 8


def column_kind(head: str, vocabulary: Vocabulary) -> str:
    """What the cells under this name of a column are: `Exercise` a name, `Reps/Time` reps, `Notes` words."""
    head = head.replace("_", " ")
    names = (_plain(head), _plain(_AFFIXES.sub(" ", head)), *map(_plain, re.split(r"[/&+|(]| or | x ", head)))
    names += tuple(names[1].split())
    kinds = [vocabulary.columns[name] for name in names if name in vocabulary.columns]
    return "reps" if "reps" in kinds and kinds[0] == "hold" else kinds[0] if kinds else ""


def read_cell(head: str, cell: str, vocabulary: Vocabulary) -> Dose:
    """The dose in a cell of a column with this name: `Sets` and `3`, `Reps/Time` and `60s` or `12`."""
    kind = column_kind(head, vocabulary)
    unit = next((token for token in scan(head, vocabulary)[0] if token.code in "uv"), None)
    if kind in ("hold", "rest") and unit and re.fullmatch(r"\d[\d\s.,–-]*", cell.strip()):
        cell = f"{cell.strip()} {head[unit.start : unit.end]}"
    column = "" if "x" in scan(cell, vocabulary)[1] else _CODES.get(kind, "")
    return read_dose(cell, vocabulary, loose=True, column=column)


def _plain(name: str) -> str:
    return " ".join(fold(name).strip(" :*_-–—•|").split())


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list of exercises: its name and dose. `certain`: a sign joins them. `rest`: words behind."""

    name: str
    dose: Dose
    certain: bool
    rest: str = ""


def parse_listed(line: str, vocabulary: Vocabulary) -> Listed | None:
    """A line of a list, a heading: `Plank – 45 s`, `30 sec squats x 3`, `Tree pose: 30s each side`; else None."""
    if len(line) > 120:
        return None
    dose = read_dose(line, vocabulary, loose=True)
    name, *rest = dose.pieces_of(line) or [""]
    asks = dose.hold or dose.reps or dose.sets or dose.times
    if not asks or not re.search("[Wl]", scan(name, vocabulary)[1]) or dose.is_all_of(line, vocabulary):
        return None
    moves, codes = vocabulary.has("moves", name), scan(line, vocabulary)[1]
    bare = re.search("^N[WlhY]|[Wl][:-]N([,;(]|$)", codes)
    if not moves and (bare or (dose.spans[0][0] == 0 and (line[-1] == "." or name[0].islower()))):
        return None  # "2 blankets", "Level: 3", "twice as heavy" are no exercises, "10 squats", "Squats: 10" are
    if (bare and "," in name) or name[-1] in "…!?" or (dose.hold and dose.hold.vague and dose.hold.seconds < 10):
        return None
    before, after, size = line[: dose.spans[0][0]], line[dose.spans[-1][1] :], len(name.split())
    signed = bool(dose.reps or dose.sets or dose.times or dose.sides) or not _LOOSE.search(before or "-")
    signed = signed or (before.endswith((", ", ",")) and moves > 0 and not after.strip(" ."))
    released = size > 3 and vocabulary.starts("releases", name)
    prose = not signed and (rest or size > 5 or vocabulary.has("prose", name))
    if (
        prose
        or released
        or size > 8
        or (rest and after[:2].strip().isalnum() and before.rstrip()[-1:] not in (":", "–"))
    ):
        return None
    return Listed(name, dose, signed, " ".join(rest))
