"""Reads a script that people have as the document of a routine, and writes that as YAML."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePath
from shlex import quote
from textwrap import wrap
from typing import Any

from audioguide.errors import Problem, RequestError, RoutineError, SourceLocation
from audioguide.routine.importers.asked import is_exercise
from audioguide.routine.importers.exercise import split_name
from audioguide.routine.importers.outline import Outliner
from audioguide.routine.importers.pieces import Heading, Piece, Time, Words
from audioguide.routine.importers.read_text import read_script_source, read_text_source
from audioguide.routine.importers.report import Assumption, Report
from audioguide.routine.importers.script_blocks import ScriptSource
from audioguide.routine.importers.steps import LONG_PAUSE, StepBuilder
from audioguide.routine.importers.vocabulary import Vocabulary, find_language, load_vocabulary
from audioguide.schema.document import LARGEST_FILE, Document, Keys
from audioguide.schema.yaml_writer import WIDTH, to_yaml
from audioguide.system.paths import printable, prompts_file

_MOST_NOTES = 5  # lines about assumptions that are shown before a session begins
_NAMES = {"en": "English", "de": "German", "es": "Spanish", "fr": "French"}


@dataclass(frozen=True)
class Script(Document):
    """A document that was made from a script. Its places point into the text; `assumptions` are shown to the user."""

    assumptions: tuple[Assumption, ...] = field(default=(), repr=False)
    report: Report | None = field(default=None, repr=False, compare=False)

    def explain(self, width: int) -> Iterator[tuple[str, str]]:
        """Each line of the script, and what became of it, no wider than `width`."""
        return self.report.explain(width) if self.report else iter(())

    @property
    def notes(self) -> tuple[str, ...]:
        """The first few assumptions, and how to see the others."""
        lines = tuple(map(str, self.assumptions))
        if len(lines) <= _MOST_NOTES:
            return lines
        more = len(lines) - _MOST_NOTES + 1
        return (*lines[:-more], f"There are {more} more: see `audioguide import {quote(self.file)}`.")


def read_script(path: Path) -> Script:
    """The routine in a script. RequestError when it cannot be read, RoutineError when there is nothing to say in it."""
    return understand(read_script_source(path))


def parse_script(text: str, file: str) -> Script:
    """The routine in the text of a script; the ending of `file`, and its looks, say which kind of text it is."""
    return understand(read_text_source(text, file))


def understand(source: ScriptSource) -> Script:
    """The routine in the blocks of a script."""
    report, file = Report(source), source.file
    start = SourceLocation(file, 1, 1)
    language = _find_language(source, report)
    vocabulary = load_vocabulary(language)
    moves, stills = (vocabulary.has(bag, "\n".join(source.rows)) for bag in ("moves", "stills"))
    heads = "\n".join(block.lines[0].text for block in source.blocks if block.kind == "heading")
    meant = vocabulary.has("meditations", f"{source.title}\n{source.rows[0]}\n{heads}")
    calm = (2 if meant else 1) if stills > max(3, 0.8 * moves) else 0
    outliner = Outliner(source, report, vocabulary, calm > 0)
    found, read = _take_title(outliner.read(), vocabulary, report)
    builder = StepBuilder(report, vocabulary, calm=calm)
    builder.add_all(read)
    rests = any(isinstance(piece, Time) and piece.kind == "rest" for piece in read)
    if all(step.keys() <= {"rest"} for step in builder.steps) and not rests:
        hint = "Write what is to be said."
        raise RoutineError([Problem(start, "empty-file", "There are no words in this file.", hint)])
    from_file = printable(PurePath(file).stem).replace("-", " ").replace("_", " ")
    title = split_name(source.title)[0] or found or split_name(from_file)[0].capitalize()
    if not any(sign.isalnum() for sign in title):
        title = "Untitled"
    data: dict[str, Any] = {"title": title}
    if outliner.author:
        data["source"] = outliner.author
    if language != "en":
        data["language"] = language
    data["steps"] = builder.steps
    places: dict[Keys, SourceLocation] = {(): start, **{(key,): start for key in data}, **builder.places}
    return Script(
        file, data, places, dict(places), "\n".join(source.rows), assumptions=report.assumptions(), report=report
    )


def _find_language(source: ScriptSource, report: Report) -> str:
    """The language of a script: as its head says, else by its words."""
    language = source.language
    place = SourceLocation(source.file, 1, 1)
    if not language:
        blocks = (block for block in source.blocks if block.kind != "time")
        texts = dict.fromkeys(line.text for block in blocks for line in (*block.columns, *block.lines))
        language = find_language("\n".join(texts)) or "en"
        if language != "en":
            name = _NAMES.get(language, language)
            message = f"This is taken for {name}, so `language: {language}` is set. If it is another language,"
            report.guess(place, f"{message} write `language: en` between two lines of --- at the top.")
    try:
        prompts_file(language)
    except RequestError:
        message = f"The program has no words of its own in {_NAMES.get(language, repr(language))} yet, such as “begin”:"
        report.guess(place, f"{message} write them, as docs/languages.md says, before you play the routine.")
    return language


def _take_title(read: list[Piece], vocabulary: Vocabulary, report: Report) -> tuple[str, list[Piece]]:
    """The title that the first heading gives, or "", and the pieces without it.

    It is the title if it stands alone on its level, or with nothing under it. It stays a heading, too, where all that
    is under it is one exercise; and it is only that where in plain text other exercises follow.
    """
    if not read or not isinstance(first := read[0], Heading) or first.timed == "section":
        return "", read
    ends = [index for index, piece in enumerate(read) if index and isinstance(piece, Heading)]
    under = read[1 : ends[0] if ends else None]
    others = [heading for heading in read[1:] if isinstance(heading, Heading)]
    words = " ".join(piece.text for piece in under if isinstance(piece, Words))
    moves = is_exercise(f"{first.text} {words[:5000]}", vocabulary)
    times = [(at, piece) for at, piece in enumerate(under) if isinstance(piece, Time)]
    held = [at for at, time in times if time.dose.hold or time.dose.reps or (moves and time.seconds >= LONG_PAUSE)]
    held = [at for n, at in enumerate(held) if not n or any(isinstance(one, Words) for one in under[held[n - 1] : at])]
    if words and others and ((first.guessed and held) or any(other.level <= first.level for other in others)):
        return "", read
    report.use(first.place, first.text, "the title")
    return split_name(first.text)[0], read if first.dose or _is_only_exercise(under, held) else read[1:]


def _is_only_exercise(under: list[Piece], held: list[int]) -> bool:
    """Whether an exercise of one paragraph, or of one list, is all that is held under a heading."""
    spoken = [index for index, piece in enumerate(under) if isinstance(piece, Words)]
    if any(isinstance(piece, Time) and piece.source == "label" and piece.kind == "hold" for piece in under):
        return True
    if len(held) != 1 or not spoken or spoken[0] > held[0]:
        return len(held) == 1
    words = [piece for piece in under[spoken[0] : held[0]] if isinstance(piece, Words)]
    return not words[0].lead and all(one.block == words[0].block or one.item for one in words)


def script_to_yaml(script: Script) -> str:
    """The routine file: the same data, with each assumption as a comment over its step. RequestError: too large."""
    return routine_to_yaml(script.data, script.file, _comments_by_step(script))


def routine_to_yaml(data: Mapping[str, Any], file: str, comments: Mapping[int, list[str]] | None = None) -> str:
    """A routine file with this data, made from `file`. `comments` stand over steps. RequestError: too large."""
    lines, told = [f"# Made from {printable(file)}.\n"], comments or {}
    for key, value in data.items():
        lines.append("steps:\n" if key == "steps" else to_yaml({key: value}))
        for first, end in pairwise(sorted({0, *told, len(value)}) if key == "steps" else ()):
            lines += [f"  # {line}\n" for line in told.get(first, ())]
            lines.append(to_yaml({"steps": value[first:end]}).partition("\n")[2])
    text = "".join(lines)
    if len(text.encode()) > LARGEST_FILE:
        raise RequestError(f"The routine of {file} would be larger than 1 MB.", "Split the text in two.")
    return text


def _comments_by_step(script: Script) -> dict[int, list[str]]:
    """The assumptions by the step that each one is about: the last that begins at or before its line."""
    found: dict[int, list[str]] = {}
    starts = [script.places["steps", index].line for index in range(len(script.data["steps"]))]
    index = 0
    for assumption in script.assumptions:
        while index + 1 < len(starts) and starts[index] < assumption.place.line >= starts[index + 1]:
            index += 1
        found.setdefault(index, []).extend(wrap(f"Line {assumption.place.line}: {assumption.message}", WIDTH - 4))
    return found
