"""Reads doses: how long, how often, on which sides, with how much rest, in which breath: one grammar for all places.

A text is scanned into tokens whose codes (`vocabulary.CODES`) make one string; a rule is a pattern on that string, and
each of its groups names the field that the token in it fills.
"""

import re
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, Self

from audioguide.routine.importers.lengths import Duration, Range, Token, scan
from audioguide.routine.importers.vocabulary import Vocabulary

Sides = tuple[str, str]
Between = Literal["", "sets", "reps"]


@dataclass(frozen=True)
class Dose:
    """What a text asks for. 0, "" and None: it does not say.

    `hold` is the time of the exercise itself (also of work in intervals), `rest` that after each set (or each rep, see
    `between`). `times`: done so often, and the text does not say whether sets or reps (`sets_of` decides). `rounds`: as
    `sets`, but of all that stands before or under it where no exercise is named. `repeat`: it says to repeat.
    `sides`: both get it; `side`: only this one. `other_side`: it says to do the other side now.
    `breath` are the phases in order (`("in", 4.0)`, `("hold", 4.0)`, `("out", 6.0)`), `pattern` one that is written as
    such (`4-7-8`), `total` how long all of it is done. `guesses` are sentences. `spans` are the parts of the text that
    were used.
    """

    hold: Duration | None = None
    reps: int = 0
    sets: int = 0
    rounds: int = 0
    times: int = 0
    rest: Duration | None = None
    between: Between = ""
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
        return bool(self.spans)

    def merge(self, other: Self) -> Self:
        """With what a text after this one adds. What both say stays as it is here; `spans` are lost."""
        changes: dict[str, Any] = {
            one.name: getattr(other, one.name)
            for one in fields(self)
            if one.name not in ("breath", "guesses", "spans") and not getattr(self, one.name)
        }
        breath = self.breath + other.breath
        if self.breath and not self.hold and other.hold and not other.breath and other.hold.seconds < 30:
            breath, changes["hold"] = (*breath, ("hold", other.hold.seconds)), None
        return replace(self, **changes, breath=breath, guesses=self.guesses + other.guesses, spans=())

    @property
    def breath_pattern(self) -> str:
        """As a routine writes it (`4-6`, `4-7-8`); "" where there is no breath in and out."""
        if self.pattern:
            return self.pattern
        phases = {"in": 0.0, "hold": 0.0, "out": 0.0, "empty": 0.0}
        for phase, seconds in self.breath:
            phases["empty" if phase == "hold" and phases["out"] else phase] = seconds
        if not phases["in"] or not phases["out"]:
            return ""
        after = list(phases.values()) if phases["empty"] else [phases["in"], phases["hold"], phases["out"]]
        return "-".join(f"{seconds:g}" for seconds in after if seconds or phases["empty"])

    def rest_of(self, text: str) -> str:
        """The text without the parts that were used, and without the signs that joined them to it."""
        left, position = "", 0
        for start, end in self.spans:
            between = text[position:start]
            left += between if position == 0 or any(sign.isalnum() for sign in between) else " "
            position = end
        left += text[position:]
        left = re.sub(r"[(\[]\s*[)\]]", " ", left)
        left = re.sub(r"\s+([,;:.!?)])", r"\1", " ".join(left.split()))
        return left.strip(" ,;:–—-|/•·")


_TAIL = r"(?=[.,;:!?)\]…-]|$)"
_BY = r"[W&d]{0,3}"
# Where a rule is `loose` it only counts where a dose is expected: in lines of lists, headings, cells, brackets.
_STRICT = (
    rf"N?[xt]?(?:A|e|/|d|f){{0,2}}z|[@y][DN]|D[Ae/]{{1,2}}z|n[^.!?;]{{0,8}}?D",  # noqa: F541
    r"N/N|N[°%]",
    r"(?P<tempo>(?<=i)P|(?<=i:)P)",
    r"P[^.!?DN]{0,4}f{1,2}(?P<total>D)",
    r"(?P<hold>D)j[/,&-]?(?P<rest>D)R",
    r"w:?f{0,2}(?P<hold>D)|(?P<hold>D)-?w",
    r"(?P<rest>D)f?R(?:f?k[de]?(?:s|(?P<reps_between>r))?)?|R[:=f-]{0,3}(?P<rest>D)(?:f?k[de]?(?:s|(?P<reps_between>r)))?",
    r"(?P<rest>D)k[de]?(?:s|(?P<reps_between>r))|[Rp]k[de]?(?:s|(?P<reps_between>r))[:=f]{0,2}(?P<rest>D)",
    r"(?P<sets>N)x(?P<reps>N)(?:x(?P<hold>D))?r?|(?P<sets>N)x(?P<hold>D)|(?P<hold>D)\)?x(?P<times>N)",
    r"(?P<sets>N)[xt]?s[fx@]{0,2}(?P<reps>N)W?r?(?![/a-z])|(?P<sets>N)[xt]?s[fx@]{0,2}(?P<hold>D)",
    r"I[^.!?DNIEhR]{0,6}(?P<in>[DN])|E[^.!?DNIEhR]{0,6}(?P<out>[DN])",
    r"(?P<pattern>P)[-,]?W{0,2}[bY]|Y[^.!?DN]{0,3}(?P<pattern>P)|(?P<pattern>(?<![N-])N-N)-?Y",
    r"a[^.!?DN]{0,4}?(?P<repeat>N)W?[xts]?|a[^.!?DN]{0,4}?(?P<repeat>o)|(?P<times>o)",
    r"(?P<sets>N)W?s(?![a-zW])|(?P<sets>N)W?s|s[:=](?P<sets>N)",
    r"(?P<reps>N)W{0,2}r|r[:=](?P<reps>N)",
    r"h[^.!?…;hRpDN]{0,12}?(?P<hold>D)|(?P<hold>D)-?h|hf?(?P<hold>N)" + _TAIL,
    r"(?P<times>N)[xt](?![NDW])",
    r"[fj]?e(?P<sides>l)|[fj]B(?P<sides>l)|(?<=D)(?P<both>e)" + _TAIL,
    r"^[&Wa,]{0,4}a[^.!?DN]{0,6}?(?:O(?P<other>l)|(?P<other>l)$)|^[&W]{0,2}d?O(?P<other>l)" + _TAIL,
)
_LOOSE = (
    r"s(?P<sets>N)|r(?P<reps>N)|x(?P<times>N)(?![NDW])",
    r"(?P<hold>D)",
    r"(?P<pattern>P)",
    r"B(?P<sides>l)|(?P<both>c[/&+]c)|\((?P<side>[cL]l?)\)|(?:[,-])(?P<side>[cL]l?)$",
)


def _compile(rules: tuple[str, ...]) -> re.Pattern[str]:
    """One pattern of all rules; a group stands in it several times, so each gets a number."""
    numbers = iter(range(1000))
    return re.compile("|".join(re.sub(r"\(\?P<(\w+)>", lambda g: f"(?P<{g[1]}_{next(numbers)}>", one) for one in rules))


_RULES = {False: _compile(_STRICT), True: _compile(_STRICT + _LOOSE)}


def read_dose(text: str, vocabulary: Vocabulary, loose: bool = False) -> Dose:
    """What a text asks for; in a sentence, a length needs a word that says what it is.

    `loose`: the text stands where a dose is expected (an item, a heading, a cell, brackets): a bare length is a hold.
    """
    scanned = scan(text, vocabulary)
    dose = Dose()
    spans: list[tuple[int, int]] = []
    for match in _RULES[loose].finditer(scanned.codes):
        found = {name.rpartition("_")[0]: match.span(name) for name, part in match.groupdict().items() if part}
        if found:
            tokens = {name: scanned.tokens[start] for name, (start, _) in found.items()}
            dose = dose.merge(_fill(tokens, vocabulary))
            spans.append((scanned.tokens[match.start()].start, scanned.tokens[match.end() - 1].end))
    return replace(dose, spans=tuple(spans))


def _fill(tokens: dict[str, Token], vocabulary: Vocabulary) -> Dose:
    fields: dict[str, Any] = {}
    guesses: list[str] = []
    for name, token in tokens.items():
        value = token.value
        if isinstance(value, Range):
            guesses.append(f"Of {value.low:g} to {value.high:g}, the lower number is taken.")
            value = value.low
        match name:
            case "hold" | "rest" | "total":
                fields[name] = value if isinstance(value, Duration) else Duration(float(value))
            case "reps" | "sets" | "repeat" | "times":
                fields[name] = min(int(value), 999)
            case "in" | "out":
                seconds = value.seconds if isinstance(value, Duration) else value
                fields["breath"] = ((name, seconds),)
            case "pattern" | "tempo":
                fields[name] = value
            case "sides":
                fields["sides"] = value.pair
            case "both":
                fields["sides"] = tuple(vocabulary.data["limbs"][0]["pair"])
            case "other":
                fields |= {"other_side": True, "sides": value.first}
            case "side":
                fields["side"] = value
            case "reps_between":
                fields["between"] = "reps"
    return Dose(**fields, guesses=tuple(guesses))
