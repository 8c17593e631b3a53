"""Rules of a language for what it writes short: patterns, and what is said in their place, from `voices/spoken/`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, partial
from typing import Annotated, TypeAlias

from annotated_types import Len

from audioguide.errors import RequestError, suggest
from audioguide.schema.document import Record

Match: TypeAlias = "re.Match[str]"
Words = Annotated[str, Len(1, 400)]
Table = dict[Words, Words]
Said: TypeAlias = tuple[str | int, ...]  # what a rule says, in parts: texts and groups

NUMBER = r"\d+(?:[.,]\d+){0,6}"
ALONE = r"(?<![\w.,:/–-])"  # not in the middle of a word or of a number
# A Roman number up to 39; larger ones are mostly abbreviations.
_PARTS = {"n": NUMBER, "alone": ALONE, "end": r"(?!\w)", "roman": "(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})(?![A-Za-z])"}
# No rule is for a number before a long word, as 30 seconds; but 1 and 21 are said otherwise before some words.
_PLAIN = re.compile(r"(?:[^\W\d_]|[\s,.!?;:'’…()“”-]|(?<=[^\W\d_] )\d?[02-9](?= [^\W\d_]{6}))*")
_NAME = re.compile(r"\{([a-z_]+)\}")
_LOOKUP = re.compile(r"\{([\w-]+):([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class Rule(Record):
    r"""A regular expression with `{names}` of sets, and what is said: \1 is a group, `{table:\1}` is looked up."""

    written: Annotated[str, Len(1)]
    said: Annotated[str, Len(0, 400)]


class Rewriter:
    """The rules of a language, compiled when a text may need them. RequestError for one that is wrong."""

    def __init__(
        self, rules: Sequence[Rule], sets: Mapping[str, Iterable[str]], tables: Mapping[str, Table], language: str
    ) -> None:
        self._rules, self._sets, self._tables, self._language = rules, sets, tables, language
        known = {*_PARTS, *sets, *tables}
        for name in (name for rule in rules for name in _NAME.findall(rule.written) if name not in known):
            message = f"A rule in voices/spoken/{language}.yaml names {{{name}}}, which is no set and no table there."
            raise RequestError(message, suggest(name, known) or "Add it to the sets.")

    def rewrite(self, text: str) -> str:
        """The text with all said that there are rules for, in their order; those for numbers follow the others."""
        for pattern, said in self._for_words:
            text = pattern.sub(partial(self._say, said), text)
        for pattern, said in () if _PLAIN.fullmatch(text) else self._for_numbers:
            text = pattern.sub(partial(self._say, said), text)
        return text

    def _say(self, parts: Said, match: Match) -> str:
        said = "".join([part if isinstance(part, str) else match[part] or "" for part in parts])
        while "{" in said and (looked := _LOOKUP.sub(self._look_up, said)) != said:
            said = looked
        return begin_sentence(said, match)

    def _look_up(self, lookup: Match) -> str:
        table, key = lookup.groups()
        if table == "digits":
            return ", ".join(" ".join(digits) for digits in re.findall(r"\d+", key))
        if table == "roman":
            values = [{"I": 1, "V": 5, "X": 10}[sign] for sign in key]
            return str(sum(-one if one < max(values[place:]) else one for place, one in enumerate(values)))
        if table.startswith("spellout-"):
            return _spell(self._language, table, int(key))
        entries = self._tables.get(table, {})
        return entries.get(key) or entries.get(key.lower()) or entries.get(key.lstrip("0"), key)

    @cached_property
    def _for_words(self) -> list[tuple[re.Pattern[str], Said]]:
        return [self._compile(rule) for rule in self._rules if not _has_number(rule)]

    @cached_property
    def _for_numbers(self) -> list[tuple[re.Pattern[str], Said]]:
        return [self._compile(rule) for rule in self._rules if _has_number(rule)]

    def _compile(self, rule: Rule) -> tuple[re.Pattern[str], Said]:
        said = tuple(int(part) if place % 2 else part for place, part in enumerate(re.split(r"\\(\d)", rule.said)))
        try:
            pattern = re.compile(_NAME.sub(self._part, rule.written))
            pattern.sub(rule.said, "")
        except (re.error, IndexError, OverflowError) as wrong:
            message = f"{rule.written!r} in voices/spoken/{self._language}.yaml is no rule: {wrong}."
            raise RequestError(message, "Mend the regular expression.") from None
        return pattern, said

    def _part(self, name: Match) -> str:
        words = self._sets.get(name[1]) or self._tables.get(name[1]) or ()
        return _PARTS.get(name[1]) or f"(?:{any_of(words)})"


def _has_number(rule: Rule) -> bool:
    return any(part in rule.written for part in (r"\d", "{n}", "{alone}"))


def begin_sentence(said: str, match: Match) -> str:
    """What is said for a match, with a capital where that had one (Fig.), or begins a sentence without a letter."""
    if not said[:1].islower():
        return said
    before, written = match.string[max(0, match.start() - 2) : match.start()], match.group()
    begins = (before[:1] in tuple(".!?…") and before[1:] == " " and not written[:1].isalpha()) or written[:2].istitle()
    return said[0].upper() + said[1:] if begins else said


def any_of(texts: Iterable[str]) -> str:
    """A pattern of any of the texts, which prefers the longest one."""
    return "|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True)) or r"(?!)"


@cache
def _spell(language: str, ruleset: str, number: int) -> str:
    """The number in words, as CLDR's rules of that name say it in the language; in figures, where there are none."""
    from unicode_rbnf.engine import RbnfEngine, RbnfError

    try:
        return RbnfEngine.for_language(language).format_number(number, ruleset_names=[ruleset]).text
    except (ValueError, RbnfError):
        return str(number)
