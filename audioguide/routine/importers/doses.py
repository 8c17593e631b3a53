"""Reads doses: how long, how often, on which sides, with how much rest, in which breath: one grammar for all places.

A text is scanned into tokens whose codes make one string; the rules (`words/grammar.yaml`) are patterns on that string,
and each of their groups names the field that its token fills.
"""

import re
from dataclasses import dataclass, fields
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal

from audioguide.routine.importers.lengths import Duration, Groups, load_rules, read_groups, scan
from audioguide.routine.importers.vocabulary import Sides, Vocabulary, fold


@dataclass(frozen=True)
class Dose:
    """What a text asks for. 0, "" and None: it does not say.

    `hold` is the time of the exercise itself (also of work in intervals), `rest` that after each set (or each rep, see
    `between`). `times`: done so often, and it does not say whether sets or reps. `repeat`: it says to repeat, so often
    in all. `sides`: both get it; `side`: only this one. `other_side`: it says to do the other side now. `breath`: the
    phases in order (`("in", 4.0)`, `("hold", 4.0)`, `("out", 6.0)`), `pattern` one that is written as such (`4-7-8`),
    `total` how long all of it is done. `guesses` are sentences. `spans`: the parts of the text that were used.
    """

    hold: Duration | None = None
    reps: int = 0
    sets: int = 0
    times: int = 0
    rest: Duration | None = None
    between: Literal["", "sets", "reps"] = ""
    sides: Sides | None = None
    side: str = ""
    breath: tuple[tuple[str, float], ...] = ()
    pattern: str = ""
    tempo: str = ""
    total: Duration | None = None
    repeat: int = 0
    other_side: bool = False
    guesses: tuple[str, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()

    def __bool__(self) -> bool:
        return any(_values_of(self))

    def _said(self) -> dict[str, Any]:
        return {name: value for name, value in zip(_FIELDS, _values_of(self), strict=True) if value}

    def merge(self, other: "Dose") -> "Dose":
        """With what a text after this one adds. What both say stays as it is here; `spans` are lost."""
        said = self._said()
        _add(said, other._said())
        return Dose(**said)

    @property
    def breath_pattern(self) -> str:
        """As a routine writes it (`4-6`, `4-7-8`); "" where there is no breath in and out."""
        phases = {"in": 0.0, "hold": 0.0, "out": 0.0, "empty": 0.0}
        for phase, seconds in self.breath:
            phases["empty" if phase == "hold" and phases["out"] else phase] = seconds
        if self.pattern or not (phases["in"] and phases["out"]):
            return self.pattern
        return "-".join(f"{seconds:g}" for seconds in phases.values() if seconds or phases["empty"])

    def is_all_of(self, text: str, vocabulary: Vocabulary) -> bool:
        """Whether a text asks for nothing else: `Do 10 reps.`, `Then repeat on the other side.`"""
        rest = self.rest_of(text)
        return len(rest) < 80 and bool(self) and not re.search(r"\w", vocabulary.bag("doing").sub("", fold(rest)))

    def rest_of(self, text: str) -> str:
        """The text without the parts that were used, and without the signs that joined them to it."""
        return " ".join(self.pieces_of(text))

    def pieces_of(self, text: str) -> list[str]:
        """What stands before, between and after the parts of a text that were used, where it has words."""
        ends = [0, *(edge for span in self.spans for edge in span), len(text)]
        kept = []
        for start, end in zip(ends[::2], ends[1::2], strict=True):
            part = text[start:end]
            part = part.lstrip(" ,;:–—-|/•·.)]") if start else part
            part = part.rstrip(" ,;:–—-|/•·.([") if end < len(text) else part
            kept += [part.strip(" ,;:–—-|/•·")] if any(sign.isalnum() for sign in part) else []
        return kept


_LONGEST = 2_000  # characters: no sentence or line is longer, so what is longer asks for nothing
_LISTS = ("breath", "guesses")  # what is added up where several parts of a text say it
_FIELDS = [one.name for one in fields(Dose) if one.name != "spans"]
_values_of = attrgetter(*_FIELDS)


@lru_cache(256)
def read_dose(text: str, vocabulary: Vocabulary, loose: bool = False, column: str = "") -> Dose:
    """What a text asks for; in a sentence, a length needs a word that says what it is.

    `loose`: the text stands where a dose is expected (an item, a heading, a cell, brackets): a bare length is a hold.
    `column`: the code of the column that a cell stands in (`s` sets, `r` reps, `h` a hold, `R` a rest).
    """
    if len(text) > _LONGEST or (not vocabulary.counts(text) and (not loose or len(text) > 60)):
        return Dose()
    tokens, codes = scan(text, vocabulary, column)
    said: dict[str, Any] = {}
    spans: list[tuple[int, int]] = []
    for match in (load_rules("named", "sentences", "items") if loose else load_rules("sentences")).finditer(codes):
        more = _read_fields(read_groups(match, tokens), vocabulary)
        if all(name in _LISTS or said.get(name, value) == value for name, value in more.items()) and _add(said, more):
            start = match.start()
            while start and codes[start - 1] in "f&eA":
                start -= 1
            spans.append((tokens[start].start, tokens[match.end() - 1].end))
    return Dose(**said, spans=tuple(spans))


def _add(said: dict[str, Any], more: dict[str, Any]) -> bool:
    """Add what is not said yet, and whether there was any. A hold of some seconds after a breath is part of it."""
    hold = more.get("hold")
    if hold and hold.seconds < 30 and "breath" in said and not {"hold"} & said.keys() | {"breath"} & more.keys():
        more = more | {"hold": None, "breath": (("hold", hold.seconds),)}
    new = {name: value for name, value in more.items() if value and (name in _LISTS or name not in said)}
    if not new.keys() - {"guesses"}:
        return False
    said |= {name: said.get(name, ()) + value if name in _LISTS else value for name, value in new.items()}
    return True


def _read_fields(groups: Groups, vocabulary: Vocabulary) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, (token, *_) in groups.items():
        value = token.value
        if isinstance(value, tuple) and token.code == "N":
            found["guesses"] = (f"Of {value[0]:g} to {value[1]:g}, the lower number is taken.",)
            value = value[0]
        pair, first = value if token.code == "l" else vocabulary.sides
        match name:
            case "hold" | "rest" | "total":
                found[name] = value if isinstance(value, Duration) else Duration(float(value))
            case "reps" | "sets" | "repeat" | "times" | "many":
                found["reps" if name == "many" else name] = min(int(value), 999)
            case "in" | "keep" | "out" if not getattr(value, "vague", False):
                phase = ("hold" if name == "keep" else name, value.seconds if isinstance(value, Duration) else value)
                found["breath"] = (*found.get("breath", ()), phase)
            case "sides" | "both":
                found["sides"] = pair
            case "other":
                found |= {"other_side": True, "sides": first}
            case "between":
                found["between"] = "sets" if token.code == "s" else "reps"
            case "brief" if value.seconds <= 180:  # "30-second plank"; a "15-minute meditation" is a title
                found["hold"] = value
            case "side" | "pattern" | "tempo":
                found[name] = value
    return found
