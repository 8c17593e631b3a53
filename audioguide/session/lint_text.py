"""Warnings about a file as it is written: its texts, breath patterns and keys, each at its place."""

import re
from bisect import bisect
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from audioguide.errors import Code, Problem, SourceLocation, suggest
from audioguide.model.notation import parse_pattern
from audioguide.model.routine import LEVELS, TARGETS
from audioguide.schema.document import Document, Keys
from audioguide.system.files import cache_by_file
from audioguide.system.paths import prompts_file
from audioguide.timeline.phrases import load_phrases

LONGEST_SENTENCE = 25  # words: longer sentences are hard to follow by ear
LONGEST_CYCLE, LONGEST_BREATH_HOLD = 20.0, 10.0  # seconds of a breath and of holding it, for an untrained listener
_NEVER = "(?!)"  # the pattern that no text matches
_TEXT_KEYS = ("say", "begin", "release", "instructions", "caution")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|\s*\{(?:pause|until)\b[^{}]*\}\s*")
_TIME = r"\d+(?:\.\d+)?\s*(?:s|secs?|seconds?|m|mins?|minutes?)\b"
_PAUSE_MARK = re.compile(
    rf"[\[(<]\s*(?:(?:pause|gap|silence|wait|break)\b[^\])>]*|{_TIME}\s*)[\])>]|(?<!\S)/{_TIME}", re.IGNORECASE
)


@dataclass(frozen=True)
class LanguagePatterns:
    """Regular expressions that recognise sides and lengths of time in the texts of one language.

    `sides` are its words for the sides, in small letters and in their first form; `release` is its release text.
    `own_side` finds a side of the listener's body: `your left knee`, not `what is left`. `length` finds a number with
    a unit of time, as in `one long minute`.
    """

    sides: tuple[str, ...]
    release: str
    own_side: re.Pattern[str]
    length: re.Pattern[str]
    _forms: dict[str, str]
    _side: re.Pattern[str]

    def sides_in(self, text: str) -> list[str]:
        """The sides that a text names, in order."""
        return [self._forms[form.lower()] for form in self._side.findall(text)]

    def without_sides(self, name: str) -> str:
        """A name without the sides in it, and without the punctuation around them: `Pigeon, left` is `Pigeon`."""
        return " ".join(re.sub(r"[^\w'’]+", " ", self._side.sub(" ", name)).split()) or name


def load_patterns(language: str) -> LanguagePatterns:
    """The patterns of a language; RequestError when it has no phrases."""
    return _build_patterns(prompts_file(language))


@cache_by_file
def _build_patterns(path: Path) -> LanguagePatterns:
    phrases = load_phrases(path)
    texts, duration = phrases.texts, phrases.texts.duration
    forms = {form.lower(): side[0].lower() for side in texts.sides for form in side}
    # A length is said like `{n} seconds`: the words beside the number are the unit.
    numbers = {*texts.numbers, *texts.articles}
    amounts = (duration.second, duration.seconds, duration.minute, duration.minutes, duration.breath, duration.breaths)
    units = {" ".join(word for word in text.split() if word not in {"{n}", *numbers}) for text in amounts}
    return LanguagePatterns(
        tuple(side[0].lower() for side in texts.sides),
        phrases.choose(texts.release),
        _pattern("|".join(_phrase_pattern(phrase, _alternatives(forms)) for phrase in texts.own_side) or _NEVER),
        _pattern(_alternatives(units), rf"(?:\d|\b(?:{_alternatives(numbers)})\b)(?:[\s-]+\w+)?[\s-]*"),
        forms,
        _pattern(_alternatives(forms)),
    )


def _pattern(words: str, before: str = "") -> re.Pattern[str]:
    return re.compile(rf"{before}\b({words})\b", re.IGNORECASE)


def _phrase_pattern(phrase: str, sides: str) -> str:
    """`your {side}` as a pattern; `{word}` is any single word."""
    parts = {"{side}": f"(?:{sides})", "{word}": r"\w+"}
    return r"\s+".join(parts.get(word) or re.escape(word) for word in phrase.split())


def _alternatives(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or _NEVER


def make_warning(place: SourceLocation, code: Code, message: str, hint: str) -> Problem:
    """A finding that leaves the routine usable."""
    return Problem(place, code, message, hint, "warning")


def check_texts(document: Document) -> Iterator[Problem]:
    """Warnings about each text and each breath pattern on its own. The file may have errors."""
    for path, text in list_texts(document):
        for sentence in _SENTENCE_END.split(text):
            if (count := sum(any(map(str.isalnum, word)) for word in sentence.split())) > LONGEST_SENTENCE:
                message = f"This sentence has {count} words, which is hard to follow by ear."
                hint = f"Make two of it: {LONGEST_SENTENCE} words are the most."
                yield make_warning(
                    locate_part(document, document.place(path), sentence), "long-sentence", message, hint
                )
        for mark in _PAUSE_MARK.finditer(text):
            place, message = locate_part(document, document.place(path), mark[0]), f"{mark[0]!r} would be read aloud."
            yield make_warning(place, "pause-mark", message, "Write {pause 5s} for a silence.")
    for path, place in document.places.items():
        if path and (path[-1] == "breath" or path[-2:] in (("breathe", "pattern"), ("breathe", "to"))):
            yield from _check_breathing(document.value(path), place)


def _check_breathing(written: Any, place: SourceLocation) -> Iterator[Problem]:
    try:
        pattern = parse_pattern(written)
    except ValueError:
        return  # an error of its own
    if pattern.cycle > LONGEST_CYCLE:
        message = f"One breath of {pattern} takes {pattern.cycle:g} seconds, longer than most people can follow."
        yield make_warning(place, "long-cycle", message, f"Keep it within {LONGEST_CYCLE:g} seconds.")
    if (held := max(pattern.hold, pattern.rest)) > LONGEST_BREATH_HOLD:
        message = f"The breath is held for {held:g} seconds in {pattern}."
        yield make_warning(place, "long-breath-hold", message, f"Hold it for at most {LONGEST_BREATH_HOLD:g} seconds.")


def check_keys(document: Document, patterns: LanguagePatterns) -> Iterator[Problem]:
    """Warnings about poses and their steps: keys without effect, missing words, words that are wrong on one side."""
    for path in document.places:
        if path[-1:] == ("pose",) and isinstance(document.value(path), dict):
            yield from _check_pose(document, path, patterns)


def _given_keys(value: Any) -> dict[str, Any]:
    """A mapping without the keys that have nothing after their colon; {} for any other value."""
    return {key: inner for key, inner in value.items() if inner is not None} if isinstance(value, dict) else {}


def _check_pose(document: Document, path: Keys, patterns: LanguagePatterns) -> Iterator[Problem]:
    pose = _given_keys(document.value(path[:-1])) | _given_keys(document.value(path))  # the step's keys as well
    if "release" not in pose:
        message = f"{pose['name']!r} has no words for coming out of it: one hears only {patterns.release!r}"
        hint = "Add release: and say how."
        yield make_warning(document.place((*path, "name")), "no-release", message, hint)
    if "limits" in pose and is_limitless(pose):
        message = "Limits are for still holds, and this pose moves."
        yield warn_idle(document, (*path, "limits"), message, "Take them out.")
    if "tempo" in pose and "reps" not in pose:
        yield warn_idle(document, (*path, "tempo"), "There is a tempo, and no reps that follow it.", "Add reps.")
    elif "tempo" in pose and "hold" in pose:
        yield warn_idle(document, (*path, "tempo"), "Each rep is held, so it has no tempo.", "Take one of them out.")
    for number, target in enumerate(pose.get("targets", ())):
        if target not in TARGETS:
            place, hint = document.place((*path, "targets", number)), suggest(str(target), TARGETS)
            hint = hint or f"There are {', '.join(TARGETS)}."
            yield make_warning(place, "unknown-target", f"{target!r} is not a target that poses are found by.", hint)
    yield from _find_fixed_sides(document, path, patterns)


def is_limitless(pose: dict[str, Any]) -> bool:
    """Whether a pose as it is written has nothing that limits are for: a still hold, of all of it or of each rep."""
    return pose.get("breath_words") is not None or (pose.get("reps") is not None and pose.get("hold") is None)


def warn_idle(document: Document, path: Keys, message: str, hint: str) -> Problem:
    """A warning about a key without effect."""
    return make_warning(document.keys.get(path) or document.place(path), "no-effect", message, hint)


def _find_fixed_sides(document: Document, path: Keys, patterns: LanguagePatterns) -> Iterator[Problem]:
    """Words that are said on every side, and name one: `Lower your left leg`, also on the right."""
    sides = _given_keys(document.value(path)).get("sides", ())
    if len({word for side in sides for word in patterns.sides_in(str(side))[:1]}) < 2:
        return
    for key, text in list_texts(document):
        if key[: len(path)] != path or not {"begin", "release", "prompts", "breath_words"} & {key[len(path)]}:
            continue
        if patterns.own_side.search(text) and len(named := set(patterns.sides_in(text))) == 1:
            message = f"This is said on every side, and names the {named.pop()}."
            yield make_warning(document.place(key), "fixed-side", message, "Write {side}, or leave the side out.")


def list_texts(document: Document) -> Iterator[tuple[Keys, str]]:
    """The spoken texts of a document, with their paths."""
    for path in document.places:
        around, key = ("", "", *path)[-2:]
        if (
            key in _TEXT_KEYS
            or (key in LEVELS and around in ("instructions", "caution"))
            or (key in ("in", "out") and around == "breath_words")
        ) and isinstance(text := document.value(path), str):
            yield path, text


def locate_part(document: Document, place: SourceLocation, part: str) -> SourceLocation:
    """The place where a part of the text at a place begins; of the whole text, if escapes in it hide the part."""
    if place.file != document.file:  # an original's text, in a language file
        return place
    starts = _line_starts(document.text)
    offset = starts[min(place.line, len(starts)) - 1] + place.column - 1
    found = re.compile(r"\s+".join(map(re.escape, part.split()))).search(document.text, offset)
    if not found:
        return place
    line = bisect(starts, found.start())
    return SourceLocation(place.file, line, found.start() - starts[line - 1] + 1)


@lru_cache(4)
def _line_starts(text: str) -> list[int]:
    return [0, *accumulate(map(len, text.splitlines(keepends=True)))]
