"""What a script became, as a listener meets it: exercises with their doses, breathing, silences and words in order.

Taken from the routine file and from what was printed alone, and not from what the importer says of itself.
"""

from __future__ import annotations

import contextlib
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from itertools import zip_longest
from pathlib import Path
from typing import Any

from fakes import FakeVoice
from ruamel.yaml import YAML

from audioguide.cli.main import run
from audioguide.routine.load import load
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases
from audioguide.units import RATE, parse_duration

PAUSE = re.compile(r"\{(pause|until) ([^}]*)\}")
KEYS = {"poses", "breathes", "silences", "silence", "quiet", "said", "says", "not_said"}
KEYS |= {"title", "language", "source", "chapters", "longest", "onsets", "told"}
TEXTS = ("say", "name", "instructions", "release", "begin", "caution")


def call(*arguments: object) -> tuple[int, str, str]:
    """Run a command: its exit code, stdout and stderr."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run([str(argument) for argument in arguments])
    return code, out.getvalue(), err.getvalue()


class Imported:
    """The routine that `audioguide import` wrote, and what it told."""

    def __init__(self, script: Path) -> None:
        self.file = script.with_suffix(".yaml")
        self.code, _, told = call("import", script, "-o", self.file)
        self.told = told.splitlines()
        self.data: Mapping[str, Any] = YAML(typ="safe").load(self.file) if self.file.exists() else {"steps": []}
        self.steps = list(_expand(self.data["steps"]))

    @property
    def poses(self) -> list[str]:
        """Each exercise as `NAME | 3 x 10 reps of 5s | 2 sides | rest 20s`."""
        return [_describe(step) for step in self.steps if "pose" in step]

    @property
    def holds(self) -> list[float]:
        """Seconds of each hold that is not counted in breaths."""
        return [float(hold) for pose in self.poses for hold in re.findall(r"([\d.]+)s\b", pose.split(" | ")[1])]

    @property
    def breathes(self) -> list[str]:
        """Each breathing exercise as `4-4-6 x 3` or `5-5 for 180s`."""
        found = [step["breathe"] for step in self.steps if "breathe" in step]
        amounts = [f"for {_seconds(one['for'])}" if "for" in one else f"x {one.get('rounds')}" for one in found]
        return [f"{one['pattern']} {amount}" for one, amount in zip(found, amounts, strict=True)]

    @property
    def silences(self) -> list[float]:
        """Seconds of each rest and each pause, in their order."""
        found = []
        for step in self.steps:
            if "rest" in step and "pose" not in step:
                found.append(parse_duration(step["rest"]))
            for text in _texts(step):
                found += [parse_duration(length) for kind, length in PAUSE.findall(text) if kind == "pause"]
        return found

    @property
    def texts(self) -> list[str]:
        """All that is spoken of this routine's own words, a text each, without pauses."""
        return [" ".join(PAUSE.sub(" ", text).split()) for step in self.steps for text in _texts(step)]

    @property
    def said(self) -> list[str]:
        """The words of these texts."""
        return words(" ".join(self.texts))

    @property
    def chapters(self) -> list[str]:
        """The chapters that are named."""
        return [step["chapter"] for step in self.steps if "chapter" in step]

    def onsets(self) -> list[tuple[float, str]]:
        """When each text begins, in seconds of the session, in a voice of one pace."""
        timeline = compile(load(self.file), FakeVoice().measure, find_phrases("en"))
        cues = [cue for cue in timeline.cues if cue.kind == "speech" and cue.text]
        return [(cue.start / RATE, cue.text) for cue in cues]


def check(found: Imported, wanted: Mapping[str, Any]) -> None:
    """Fail unless a routine is what is wanted of it.

    `poses` (`*`: any), `breathes`, `silences` and `chapters` are all that there are, in order (`*` stands for any name,
    `short` for a pause of up to 5 s, `5..15` for one between these), `silence` is the sum of the pauses, `quiet` with
    the holds. `said` are all
    words that are spoken, in order, `says` some of them, `not_said` none of them. `longest` is a bound for every hold
    and pause in seconds. `onsets` are the seconds of the session at which texts begin. `told` is what stands on stderr
    about a line, as a pattern.
    """
    if wanted.get("poses") != "*":
        for pose, other in zip_longest(found.poses, wanted.get("poses", ()), fillvalue=""):
            same = fnmatch(pose.casefold(), other.casefold())
            assert same, f"poses:\n    {found.poses}\nand not\n    {wanted.get('poses', [])}"
    assert found.breathes == wanted.get("breathes", [])
    if "silences" in wanted:
        for silence, other in zip_longest(found.silences, wanted["silences"], fillvalue=-1):
            assert is_as_long(silence, other), f"silences: {found.silences} and not {wanted['silences']}"
    if "silence" in wanted:
        assert is_as_long(sum(found.silences), wanted["silence"]), (
            f"silences: {found.silences}, not {wanted['silence']}"
        )
    if "quiet" in wanted:
        assert is_as_long(sum(found.silences) + sum(found.holds), wanted["quiet"]), f"{found.poses}, {found.silences}"
    if "said" in wanted:
        assert found.said == words(wanted["said"])
    spoken = rest = f" {' '.join(found.said)} "
    for text in wanted.get("says", ()):
        _, between, rest = rest.partition(f" {' '.join(words(text))} ")
        assert between, f"{text!r} is not said (in this order): {found.texts}"
        rest = f" {rest}"
    for text in wanted.get("not_said", ()):
        plain = " ".join(words(text))
        is_said = f" {plain} " in spoken if plain else text in " ".join(found.texts)
        assert not is_said, f"{text!r} is said: {found.texts}"
    if "chapters" in wanted:
        assert [one.casefold() for one in found.chapters] == [one.casefold() for one in wanted["chapters"]]
    assert fnmatch(found.data["title"].casefold(), wanted.get("title", "*").casefold()), f"title: {found.data['title']}"
    assert found.data.get("language", "en") == wanted.get("language", "en")
    assert wanted.get("source", "") in str(found.data.get("source", ""))
    if "longest" in wanted:
        assert max([0.0, *found.silences, *found.holds]) <= wanted["longest"]
    for line, pattern in wanted.get("told", {}).items():
        about = [one for one in found.told if re.search(rf":{line}:|\blines? {line}\b", one, re.I)]
        assert any(re.search(pattern, one, re.I) for one in about), (
            f"line {line}: {pattern!r} is not told: {found.told}"
        )
    if "onsets" in wanted:
        starts = found.onsets()
        for text, seconds in wanted["onsets"].items():
            found_at = [at for at, said in starts if said.lstrip('“"').startswith(text)]
            asked = seconds if isinstance(seconds, list) else [seconds]
            same = len(asked) == len(found_at) and all(abs(a - b) < 0.06 for a, b in zip(asked, found_at, strict=True))
            assert same, f"{text!r} begins at {found_at} and not {asked}: {starts}"


def is_as_long(silence: float, wanted: Any) -> bool:
    bounds = "0.3..5" if wanted == "short" else str(wanted)
    return float(bounds.split("..")[0]) - 0.01 <= silence <= float(bounds.split("..")[-1]) + 0.01


def words(text: str) -> list[str]:
    """The words of a text, in small letters; an accent belongs to its letter."""
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFC", text).casefold())


def _expand(steps: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for step in steps:
        for _ in range(step.get("repeat", 1)):
            yield from _expand(step["steps"]) if "repeat" in step else [step]


def _texts(step: Mapping[str, Any]) -> Iterator[str]:
    pose = step.get("pose") or {}
    for key in TEXTS:
        text = step.get(key) if key == "say" else pose.get(key)
        yield from text.values() if isinstance(text, Mapping) else [text] if text else []


def _describe(step: Mapping[str, Any]) -> str:
    pose = step["pose"]
    both = {**pose, **{key: value for key, value in step.items() if key != "pose"}}
    reps, hold = both.get("reps"), both.get("hold")
    amount = f"{reps} reps" + (f" of {_seconds(hold)}" if hold else "") if reps else _seconds(hold)
    rounds = both.get("rounds", both.get("sets", 1))
    parts = [pose["name"], f"{rounds} x {amount}" if rounds > 1 else amount]
    if both.get("sides"):
        parts.append(f"{len(both['sides'])} sides")
    if both.get("rest"):
        parts.append(f"rest {_seconds(both['rest'])}")
    return " | ".join(parts)


def _seconds(length: Any) -> str:
    return str(length) if length is None or "breath" in str(length) else f"{parse_duration(length):g}s"
