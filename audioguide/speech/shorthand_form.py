"""How figures, signs and short forms are said in a language, as it is written: a file of `voices/spoken/`."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from audioguide.routine.written import Form

Said = Annotated[str, Field(min_length=1)]
Table = dict[Annotated[str, Field(min_length=1)], Said]


class CountForm(Form):
    """What is said of one and of several; `{n}` is the number."""

    one: Said
    many: Said


class UnitForm(CountForm):
    """A unit: how it is written after a number, and what half of one is called."""

    written: Annotated[list[Said], Field(min_length=1)]
    half: str = ""


class UnitsForm(Form):
    """The units of time, which lengths such as 1:30 are said in, and any others."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, UnitForm]
    hour: UnitForm
    minute: UnitForm
    second: UnitForm


class FractionForm(Form):
    """What is said of a fraction alone, and after the whole number `{n}`."""

    alone: Said
    after: Said


class ClockForm(Form):
    """What tells a time of day from a length: words before it, and words after it, each with how it is written."""

    before: list[Said]
    after: dict[str, list[Said]]


class BesideForm(Form):
    """Words that stand before, or after, what they tell the kind of."""

    before: list[Said]
    after: list[Said]


class ShorthandForm(Form):
    """A language as it is written."""

    range: Said
    breath: BesideForm
    times: CountForm
    product: Said
    joint: Annotated[str, Field(min_length=1)]
    units: UnitsForm
    fractions: dict[str, FractionForm]
    clock: ClockForm
    before_number: Table
    signs: Table
    slash: Said
    dot: Said
    words: Table
    last_words: Table
    kept: list[Said]
