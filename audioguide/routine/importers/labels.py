"""What stands before a colon, in a column's head or in a line of a list: the name of an exercise, a label, a dose."""

from dataclasses import dataclass
from typing import Literal

from audioguide.routine.importers.doses import Dose, read_dose
from audioguide.routine.importers.vocabulary import Vocabulary

LabelKind = Literal["instructions", "dose", "information", "section", "variant", "speaker", "rest", "name", "title"]
ColumnKind = Literal[
    "name", "hold", "reps", "sets", "rest", "side", "breath", "instructions", "direction", "number", "time", ""
]


@dataclass(frozen=True, slots=True)
class Label:
    """What a text begins with, up to its colon; `end` is where the rest begins.

    `instructions`: `How to:`, `Cue:`. `dose`: `Duration:`, `Hold:`, `Reps:`. `information`: `Level:`, `Equipment:`, not
    said. `section`: `Phase 1:`, `Exercise 1.2:`, `Warm-up:`. `variant`: `Standing:`. `speaker`: `Instructor:`, `VO:`.
    `name`: any other few words.
    """

    kind: LabelKind
    name: str
    end: int


def find_label(text: str, vocabulary: Vocabulary) -> Label | None:
    """The label at the beginning of a text, or None."""
    return None


def column_kind(head: str, vocabulary: Vocabulary) -> ColumnKind:
    """What the cells under this name of a column are: `Exercise` a name, `Reps/Time` a hold or reps, `Notes` words."""
    return ""


def read_cell(head: str, cell: str, vocabulary: Vocabulary) -> Dose:
    """The dose in a cell of a column with this name: `Sets` and `3`, `Reps/Time` and `60s` or `12`, `Hold` and `30`."""
    return read_dose(cell, vocabulary, loose=True)


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list of exercises: its name, and its dose; `certain`: a sign joins them."""

    name: str
    dose: Dose
    certain: bool


def parse_listed(line: str, vocabulary: Vocabulary) -> Listed | None:
    """A line of a list, a heading: `Plank – 45 s`, `30 sec squats x 3`, `Tree pose: 30s each side`; else None."""
    dose = read_dose(line, vocabulary, loose=True)
    name = dose.rest_of(line)
    return Listed(name, dose, True) if dose and name and len(name.split()) <= 8 else None
