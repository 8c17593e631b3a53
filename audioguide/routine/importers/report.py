"""What became of each word of a script: said, a name, a time, or left out; and what had to be guessed."""

import html
import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from textwrap import wrap

from audioguide.errors import SourceLocation
from audioguide.routine.importers.lengths import Duration
from audioguide.routine.importers.pieces import show_length
from audioguide.routine.importers.script_blocks import ScriptSource

_WORD = re.compile(r"[^\W_]+")
_TAG = re.compile(r"<(?!!--)[/!?a-z][^<>]*>", re.IGNORECASE)
# What to write where a guess is wrong, by what its message says: told with the first of each.
_HINTS = {
    "line in bold that stands": "If it is none, write it without the stars.",
    "taken for a heading": "If it is none, end it with a full stop.",
    "named by its first": "For another name, write a heading above it.",
    "Three dots": "For another length, write [pause 2s] in their place.",
    "does not say how long": "For another length, write [pause 5s].",
    "a slow one": "For another length, write it in seconds.",
    "is taken as": "For another length, write it in seconds.",
    "shorter time": "For another length, write that one alone.",
    "is followed by": "For no pause, leave the length out.",
    "before its hold": "For after it, leave a line free above it.",
    "of this part": "For the last exercise alone, write the number beside it.",
    "in the heading is taken": "For none, leave it out there.",
    "asks for a pause is not": "If it is to be said, write it in a sentence.",
}
_WRITTEN = re.compile(r"(?:[^\W_]|&#?\w{1,30};)+")
_LONGEST = 2_000  # characters of a text that are shown
_FAR = 60  # words after the last one that was found, within which the next is looked for


def _find_words(row: str) -> Iterator[tuple[str, int]]:
    """The words of a line, with where each stands in it: `&uuml;` and its like are letters."""
    for match in _WRITTEN.finditer(row):
        yield from ((word, match.start()) for word in _WORD.findall(html.unescape(match[0])))


@dataclass(frozen=True, slots=True)
class Assumption:
    """Something that the text does not say, and how it was understood; or words that are `left_out`, and why."""

    place: SourceLocation
    message: str
    left_out: bool = False

    def __str__(self) -> str:
        if self.left_out:
            return f"left out: line {self.place.line}: {self.message}"
        return f"{self.place.file}:{self.place.line}: {self.message}"


class Report:
    """Every word of a source with its fate, and all guesses. What has no fate in the end was left out."""

    def __init__(self, source: ScriptSource) -> None:
        self.source = source
        text = _TAG.sub(lambda match: re.sub("[^\n]", " ", match[0]), "\n".join(source.rows))
        rows = [list(_find_words(row)) for row in text.split("\n")]
        self._starts = [0]
        for row in rows:
            self._starts.append(self._starts[-1] + len(row))
        self._words = [word for row in rows for word, _ in row]
        self._folded = [word.casefold() for word in self._words]
        self._columns = [column for row in rows for _, column in row]
        self._fates = [""] * len(self._words)
        self._guesses: list[Assumption] = []
        self._sorts: dict[str, tuple[int, int]] = {}
        self._hints = dict(_HINTS)
        for note in source.notes:
            self.guess(note.place, note.message)
        for left in source.left_out:
            self.leave_out(left.place, left.text, left.why)

    def use(self, place: SourceLocation, text: str, fate: str) -> None:
        """Words from this place on are `said`, a `name`, a `title`, a `chapter`, a `time`, a `mark` …"""
        line = min(place.line, len(self._starts) - 1)
        at = bisect_left(self._columns, place.column - 1, *self._starts[line - 1 : line + 1])
        for word in _WORD.findall(text.casefold()):
            for index in range(at, min(at + _FAR, len(self._words))):
                if not self._fates[index] and self._folded[index] == word:
                    self._fates[index], at = fate, index
                    break

    def leave_out(self, place: SourceLocation, text: str, why: str) -> None:
        """Words from this place on are not said, for this reason."""
        self.use(place, text, f"left out, {why}")
        self._guesses.append(Assumption(place, f"{why} “{_shorten(' '.join(text.split()))}”", left_out=True))

    def guess(self, place: SourceLocation, message: str, sort: str = "") -> None:
        """Something was guessed; of one `sort` only the first is told, with the number of the others."""
        index, count = self._sorts.get(sort, (len(self._guesses), 0)) if sort else (len(self._guesses), 0)
        if not count:
            hint = next((part for part in self._hints if part in message), "")
            self._guesses.append(Assumption(place, f"{message} {self._hints.pop(hint, '')}".rstrip()))
        if sort:
            self._sorts[sort] = index, count + 1

    def tell_lengths(self, place: SourceLocation, shown: str, *lengths: Duration | None) -> None:
        """What lengths that are read there leave open: the breath that is meant, the end of a range that counts."""
        for length in filter(None, lengths):
            if length.breaths:
                self.guess(place, "A breath is taken as a slow one: 4s in, 6s out.", "breaths")
            if length.upper:
                self.guess(place, f"Of {shown}, the shorter time is taken: {show_length(length)}.")

    def assumptions(self) -> tuple[Assumption, ...]:
        """All guesses and all that is left out, by line."""
        told = dict.fromkeys(self._guesses)
        for index, count in self._sorts.values():
            if count > 1:
                more = f" The same in {count - 1} more place{'' if count == 2 else 's'}."
                guess = self._guesses[index]
                told = {Assumption(one.place, one.message + more * (one is guess)): None for one in told}
        lines: dict[str, list[int]] = {}
        for line, fates in enumerate(self._runs(), start=1):
            for fate, words in fates:
                if fate in ("left out", "a label"):
                    lines.setdefault(f"{fate} “{_shorten(words)}”".removeprefix("left out "), []).append(line)
        for words, (line, *others) in lines.items():
            also = f", also in line {', '.join(map(str, others))}" if others else ""
            told[Assumption(SourceLocation(self.source.file, line, 1), words + also, left_out=True)] = None
        return tuple(sorted(told, key=lambda one: one.place))

    def _runs(self) -> Iterator[list[tuple[str, str]]]:
        """For each line its words, in runs of one fate."""
        for start, end in zip(self._starts, self._starts[1:], strict=False):
            pairs = zip(self._fates[start:end], self._words[start:end], strict=True)
            runs = groupby(((fate or "left out", word) for fate, word in pairs), key=lambda pair: pair[0])
            yield [(fate, " ".join(word for _, word in run)) for fate, run in runs]

    def explain(self, width: int) -> Iterator[tuple[str, str]]:
        """Each line of the source, and under it what became of it, no wider than `width`."""
        for number, (row, runs) in enumerate(zip(self.source.rows, self._runs(), strict=False), start=1):
            told = runs[0][0] if len(runs) == 1 else " · ".join(f"{fate}: {words}" for fate, words in runs)
            yield (
                f"{number:>5}  {row}".rstrip(),
                "\n".join(wrap(told, width - 1, initial_indent=" " * 7, subsequent_indent=" " * 9)),
            )


def _shorten(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"
