"""What a script became, as a listener meets it: exercises with their doses, breathing, silences and words in order.

Taken from the routine file and from what was printed alone, and not from what the importer says of itself.
"""

from __future__ import annotations

import contextlib
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fakes import FakeVoice
from ruamel.yaml import YAML

from audioguide.cli.main import run
from audioguide.routine.load import load
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases
from audioguide.units import parse_duration

PAUSE = re.compile(r"\{(pause|until) ([^}]*)\}")
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
        """When each text begins, in seconds from the first, in a voice of one pace."""
        timeline = compile(load(self.file), FakeVoice().measure, find_phrases("en"))
        cues = [cue for cue in timeline.cues if cue.kind == "speech" and cue.text]
        return [(cue.start - cues[0].start, cue.text) for cue in cues]


def words(text: str) -> list[str]:
    """The words of a text, in small letters; a number, and a letter with its accents, is one."""
    text = unicodedata.normalize("NFC", text).replace("’", "'")
    return re.findall(r"[^\W_]+(?:'[^\W_]+)*", text.casefold())


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
