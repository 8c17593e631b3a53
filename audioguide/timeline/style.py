"""What a good editor would say about a file as it is written: its texts and figures, before anything is timed.

Every function takes a document and yields warnings, each where the text or the figure stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from audioguide.errors import Code, Place, Problem
from audioguide.routine.document import Document, Keys
from audioguide.routine.model import LEVELS
from audioguide.routine.values import parse_pattern
from audioguide.timeline.wording import Wording

LONGEST_SENTENCE = 25
"""Words. More are hard to follow by ear."""

LONGEST_CYCLE, LONGEST_BREATH_HOLD = 20.0, 10.0
"""Seconds of one breath, and of a held one: what a listener without practice can follow at ease."""

_SPOKEN = ("say", "begin", "release", "instructions", "caution")
_BREAK = re.compile(r"(?<=[.!?…])\s+|\s*\{pause\b[^{}]*\}\s*")
_TIME = r"\d+(?:\.\d+)?\s*(?:s|secs?|seconds?|m|mins?|minutes?)\b"
_MARK = re.compile(
    rf"[\[(<]\s*(?:(?:pause|gap|silence|wait|break)\b[^\])>]*|{_TIME}\s*)[\])>]|(?<!\S)/{_TIME}", re.IGNORECASE
)


def warning(place: Place, code: Code, message: str, hint: str) -> Problem:
    """A finding that leaves the routine usable."""
    return Problem(place, code, message, hint, "warning")


def remarks(document: Document) -> Iterator[Problem]:
    """About each text and each breath pattern on its own: true whatever else is wrong with the file."""
    for path, text in _texts(document):
        for sentence in _BREAK.split(text):
            if (count := sum(any(map(str.isalnum, word)) for word in sentence.split())) > LONGEST_SENTENCE:
                message = f"This sentence has {count} words, which is hard to follow by ear."
                hint = f"Make two of it: {LONGEST_SENTENCE} words are the most."
                yield warning(_start(document, path, sentence), "long-sentence", message, hint)
        for mark in _MARK.finditer(text):
            message = f"{mark[0]!r} would be read aloud."
            yield warning(_start(document, path, mark[0]), "pause-mark", message, "Write {pause 5s} for a silence.")
    for path, place in document.places.items():
        if path and (path[-1] == "breath" or path[-2:] == ("breathe", "pattern")):
            yield from _breathing(document.value(path), place)


def _breathing(written: Any, place: Place) -> Iterator[Problem]:
    try:
        pattern = parse_pattern(written)
    except ValueError:
        return  # an error already
    if pattern.cycle > LONGEST_CYCLE:
        message = f"One breath of {pattern} takes {pattern.cycle:g} seconds, longer than most people can follow."
        yield warning(place, "long-cycle", message, f"Keep it within {LONGEST_CYCLE:g} seconds.")
    if (held := max(pattern.hold, pattern.rest)) > LONGEST_BREATH_HOLD:
        message = f"The breath is held for {held:g} seconds in {pattern}."
        yield warning(place, "long-breath-hold", message, f"Hold it for at most {LONGEST_BREATH_HOLD:g} seconds.")


def habits(document: Document, wording: Wording) -> Iterator[Problem]:
    """About each pose and pose step: keys that do nothing, words that are missing, or wrong on one of the sides."""
    for path in document.places:
        value = _written(document.value(path)) if path else {}
        if "pose" in value:
            if "rest" in value and value.get("rounds", 1) == 1:
                message = "This rest is between rounds, and there is one round only."
                yield _idle(document, (*path, "rest"), message, "Add rounds, or a step `- rest:` after this one.")
            if isinstance(value["pose"], dict):
                yield from _pose(document, (*path, "pose"), wording)


def _written(value: Any) -> dict[str, Any]:
    """The keys of a mapping that have a value: one with nothing after its colon does nothing. {} of anything else."""
    return {key: inner for key, inner in value.items() if inner is not None} if isinstance(value, dict) else {}


def _pose(document: Document, path: Keys, wording: Wording) -> Iterator[Problem]:
    pose = _written(document.value(path))
    if "release" not in pose:
        message = f"{pose['name']!r} has no words for coming out of it: one hears only {wording.release!r}"
        hint = "Add release: and say how."
        yield warning(document.place((*path, "name")), "no-release", message, hint)
    moving = "reps" in pose or "breath_words" in pose
    if moving and "limits" in pose:
        yield _idle(document, (*path, "limits"), "Limits are for still holds, and this pose moves.", "Take them out.")
    if "tempo" in pose and "reps" not in pose:
        yield _idle(document, (*path, "tempo"), "There is a tempo, and no reps that follow it.", "Add reps.")
    yield from _fixed_sides(document, path, wording)


def _idle(document: Document, path: Keys, message: str, hint: str) -> Problem:
    return warning(document.keys.get(path) or document.place(path), "no-effect", message, hint)


def _fixed_sides(document: Document, path: Keys, wording: Wording) -> Iterator[Problem]:
    """Words that are said on every side, and name one: `Lower your left leg`, also on the right."""
    written = _written(document.value(path)).get("sides", ())
    sides = [word for side in written for word in wording.sides_in(str(side))[:1]]
    if len(set(sides)) < 2:
        return
    for key, text in _texts(document):
        if key[: len(path)] != path or not {"begin", "release", "prompts", "breath_words"} & {key[len(path)]}:
            continue
        if wording.names_own_side(text) and len(named := set(wording.sides_in(text))) == 1:
            message = f"This is said on every side, and names the {named.pop()}."
            yield warning(document.place(key), "fixed-side", message, "Write {side}, or leave the side out.")


def _texts(document: Document) -> Iterator[tuple[Keys, str]]:
    """Every text that is spoken, and where it stands."""
    for path in document.places:
        *above, key = path or ("",)
        around = above[-1] if above else ""
        if (
            key in _SPOKEN
            or (key in LEVELS and around in ("instructions", "caution"))
            or (key in ("in", "out") and around == "breath_words")
        ) and isinstance(text := document.value(path), str):
            yield path, text


def _start(document: Document, path: Keys, part: str) -> Place:
    """Where a part of a text begins. A text with escapes in it is known by its beginning alone."""
    place = document.place(path)
    lines = document.text.splitlines(keepends=True)
    offset = sum(map(len, lines[: place.line - 1])) + place.column - 1
    found = re.compile(r"\s+".join(map(re.escape, part.split()))).search(document.text, offset)
    if not found:
        return place
    before = document.text[: found.start()]
    return Place(place.file, before.count("\n") + 1, found.start() - (before.rfind("\n") + 1) + 1)
