"""Reads doses: how long, how often, on which sides, with how much rest, in which breath: one grammar for all places.

A text is scanned into tokens whose codes (`vocabulary.CODES`) make one string; a rule is a pattern on that string, and
each of its groups names the field that its token fills. A rule without a group takes words out that are no dose.
"""

import re
from dataclasses import dataclass, fields
from typing import Any, Literal

from audioguide.routine.importers.lengths import Duration, NumberRange, Token, compile_rules, read_groups, scan
from audioguide.routine.importers.vocabulary import Limb, Vocabulary, fold

Sides = tuple[str, str]


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
        return bool(self._said())

    def _said(self) -> dict[str, Any]:
        return {name: value for name in _FIELDS if (value := getattr(self, name))}

    def merge(self, other: "Dose") -> "Dose":
        """With what a text after this one adds. What both say stays as it is here; `spans` are lost."""
        joined = self._said()
        _join(joined, other._said())
        return Dose(**joined)

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
        return bool(self) and not re.search(r"\w", vocabulary.bag("doing").sub("", fold(self.rest_of(text))))

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


_LISTS = ("breath", "guesses")  # what is added up where several parts of a text say it
_FIELDS = [one.name for one in fields(Dose) if one.name != "spans"]
_END = r"(?=[.,;:!?)\]…-]|$)"
_OFTEN = r"(?![Ae/fd]{0,2}z)"  # not "a day": how often, not how much
_EACH = r"k[de]?(?:s|(?P<reps_between>r))"
_RESTS = r"(?:f?[Rp]|\.f?[Rp](?![:=f]?D))"  # "30 s rest", "30 Sek. Pause"; not "Plank 30 s. Rest 10 s."
_PATTERN = r"(?:(?P<pattern>P)[-,]?W{0,2}[bYQ]|[YbQIi][^.!?DN]{0,3}(?P<pattern>P)|(?P<pattern>Q))"
_NAMED = r"(?<=[Wl])[hw](?=[-:(,]{1,2}(?:Nx)?[DN])"  # "Wall hold: 30 s" names an exercise
_STRICT = (
    r"[Nox]?[xt]?[Ae/df]{0,2}z|[@y]f?[DGN]|D[Ade/]{1,2}z|n[^.!?;,&]{0,8}?[DG]|N/N|N[°%]",
    r"i:?(?P<tempo>P)",
    rf"{_PATTERN}(?:[^.!?DNRh]{{0,4}}(?P<total>D))?",
    r"[If]?g?f{0,2}(?P<in>[DN])g?[,;&/-]{0,2}(?:hf{0,2}(?P<keep>[DN])[,;&/-]{0,2})?(?:qf{0,2}(?P<out>[DN])|(?P<out>[DN])q)(?:[,f]{1,3}(?P<total>D))?",
    r"Y[^.!?DNIE]{0,3}(?P<in>[DN])f?[Ag](?:[,;&-]{0,2}(?P<out>[DN])f?q)?|Y[^.!?DNIE]{0,3}(?P<out>[DN])f?q",
    r"I[^.!?DNIEhR]{0,6}(?P<in>[DN])|E[^.!?DNIEhR]{0,6}(?P<out>[DN])(?:[,f]{1,3}(?P<total>D))?",
    r"(?P<hold>D)j[/,&-]?(?P<rest>D)[Rq]",
    rf"f{{0,2}}(?P<rest>[DG])(?:\.?f?(?:R|p(?=f?k))|\.R(?![:=f]?D))(?:f?{_EACH}|k)?|(?P<rest>D)[Rp]?f?{_EACH}",
    rf"R[:=f(-]{{0,3}}(?P<rest>D)(?:f?{_EACH}|k)?|[Rp]{_EACH}[:=f(]{{0,2}}(?P<rest>D)|R[:=](?P<rest>N)",
    r"w[:=]?f{0,2}(?P<hold>D)[/,;|-]{1,2}[pR][:f]?(?P<rest>D)|w[:=]?f{0,2}(?P<hold>[DN])(?![xtrs])|(?P<hold>[DG])\.?w",
    r"(?P<sets>N)x(?P<reps>N)(?:x(?P<hold>D))?r?|(?:(?<![Wl])h:?)?(?P<sets>N)x(?P<hold>D)[hw]?|(?P<hold>D)[.)]?x(?P<times>N)",
    rf"(?P<sets>N)x?s[fx@:-]{{0,2}}(?:(?P<reps>N)(?:W?r)?(?![/a-zN])|(?P<hold>D)(?!{_RESTS}|k)[hw]?)",
    rf"a[^.!?DN]{{0,4}}?(?:(?P<repeat>N)W?[xts]|(?P<repeat>o)){_OFTEN}|(?:(?P<repeat>N)[xts]|(?P<repeat>o))W?a"
    rf"|(?P<times>o){_OFTEN}",
    rf"x?(?P<sets>N)W?s{_OFTEN}|s\.?[:=](?P<sets>N)|x?(?P<reps>N)W{{0,2}}r{_OFTEN}|r\.?[:=](?P<reps>N)",
    rf"h[^.!?…;hRpD@ynxsr]{{0,12}}?(?P<hold>D)(?!f?[Rk])|(?P<hold>[DG])(?:\.?f?|[Wdgfl]{{1,5}})h|h[:f]?(?P<hold>N){_END}",
    rf"(?P<times>N)(?:t|x(?![NDW])){_OFTEN}",
    r"(?P<reps>N)(?=/l|[fj~]?[eB]l|c[/&+]c)|/(?P<sides>l)|x(?P<reps>N)(?=[,;(]{0,2}f?e?h)",
    rf"[fj~]?e[fd]{{0,2}}(?P<sides>l)|[fj~]B(?P<sides>l)|(?<=[DNtrxh])(?P<both>e){_END}|(?P<both>K)",
    rf"(?:^[&Wa,]{{0,4}}|(?<=[,;&]))a[^.!?DNeB]{{0,6}}?(?:[Ov](?P<other>l)|(?P<other>l)(?:&a)?{_END}|(?P<other>L)l?)",
    rf"^(?P<other>l)a{_END}|(?:^[&Wa,fjd]{{0,4}}|(?<=[,;&]))(?P<other>Z)|^[&W]{{0,2}}d?(?:[Ov](?P<other>l)|(?P<other>l)O){_END}",
    r"^[^.!?DN]{0,5}?(?:[Ov](?P<other>l)|(?P<other>l)O)[^.!?DN]{0,3}a",
)
_LOOSE = (
    r"s(?P<sets>N)|r(?P<reps>N)|x(?P<times>N)(?![NDW])|(?P<times>N)x(?=W)|^(?P<many>N)(?=[WhlY])",
    rf"p[:=f]{{0,3}}(?P<rest>D)|(?P<rest>D)\.?f?p|(?P<hold>D)/(?P<rest>D)|^(?P<hold>D)f(?=W)|[fx]{{0,2}}(?P<hold>D)(?!{_RESTS}|k)",
    rf"(?P<hold>G){_END}|(?P<brief>G)(?=W)|(?P<pattern>P)",
    rf"B(?P<sides>l)(?:{_END}|(?=e?D))|(?P<both>[cL][/&+][cL])|\((?P<side>[cL]l?)\.?\)|[,-](?P<side>[cL]l?)\.?$"
    r"|(?<=[Wl,])(?P<side>[cL])(?=[-,:(]{1,2}[DN])",
)
_RULES = {
    False: compile_rules("[^Wdq.,;:!?&l'\"()-]", *_STRICT),
    True: compile_rules("[^Wdq.;:!?&l'\")]", _NAMED, *_STRICT, *_LOOSE),
}


def read_dose(text: str, vocabulary: Vocabulary, loose: bool = False, column: str = "") -> Dose:
    """What a text asks for; in a sentence, a length needs a word that says what it is.

    `loose`: the text stands where a dose is expected (an item, a heading, a cell, brackets): a bare length is a hold.
    `column`: the code of the column that a cell stands in (`s` sets, `r` reps, `h` a hold, `R` a rest).
    """
    if not vocabulary.counts(text) and not loose:
        return Dose()
    tokens, codes = scan(text, vocabulary, column)
    joined: dict[str, Any] = {}
    spans: list[tuple[int, int]] = []
    for match in _RULES[loose].finditer(codes):
        more = _read_fields(read_groups(match, tokens), vocabulary)
        if all(joined.get(name, value) == value or name in _LISTS for name, value in more.items()) and _join(
            joined, more
        ):
            start = match.start()
            while start and codes[start - 1] in "f&eA":
                start -= 1
            spans.append((tokens[start].start, tokens[match.end() - 1].end))
    return Dose(**joined, spans=tuple(spans))


def _join(joined: dict[str, Any], more: dict[str, Any]) -> bool:
    """Add what is not said yet, breaths and guesses to those there; whether that was anything. A hold after a breath
    of some seconds is that of the breath.
    """
    hold = more.get("hold")
    if "breath" in joined and "hold" not in joined and "breath" not in more and hold and hold.seconds < 30:
        more = {name: value for name, value in more.items() if name != "hold"} | {"breath": (("hold", hold.seconds),)}
    new = {name: value for name, value in more.items() if name not in joined or name in _LISTS}
    if not new.keys() - {"guesses"}:
        return False
    new = {name: joined.get(name, ()) + value if name in _LISTS else value for name, value in new.items()}
    joined |= new
    return True


def _read_fields(groups: dict[str, list[Token]], vocabulary: Vocabulary) -> dict[str, Any]:
    found: dict[str, Any] = {}
    guesses: list[str] = []
    breath: list[tuple[str, float]] = []
    for name, (token, *_) in groups.items():
        value = token.value
        if isinstance(value, NumberRange):
            guesses.append(f"Of {value.low:g} to {value.high:g}, the lower number is taken.")
            value = value.low
        elif isinstance(value, Duration) and value.upper and name in ("hold", "rest", "total"):
            guesses.append("Of a range of lengths, the shorter one is taken.")
        limb: Limb = value if isinstance(value, Limb) else vocabulary.limb
        match name:
            case "hold" | "rest" | "total":
                found[name] = value if isinstance(value, Duration) else Duration(float(value))
            case "reps" | "sets" | "repeat" | "times":
                found[name] = min(int(value), 999)
            case "in" | "keep" | "out":
                phase = "hold" if name == "keep" else name
                breath.append((phase, value.seconds if isinstance(value, Duration) else value))
            case "sides" | "both":
                found["sides"] = limb.pair
            case "other":
                found |= {"other_side": True, "sides": limb.first}
            case "reps_between":
                found["between"] = "reps"
            case "brief" if value.seconds <= 180:  # "30-second plank"; a "15-minute meditation" is a title
                found["hold"] = value
            case "many":
                found["reps"] = int(value)
            case "side" | "pattern" | "tempo":
                found[name] = value
    found |= {"breath": tuple(breath)} if breath else {}
    return found | {"guesses": tuple(guesses)} if guesses else found
