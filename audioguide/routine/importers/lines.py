"""Reads single lines, and the lines of one exercise: labels, pauses, names with their doses."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Literal, NamedTuple

from audioguide.routine.importers import labels
from audioguide.routine.importers.asked import find_asked, is_release, is_rest
from audioguide.routine.importers.doses import Dose, read_dose
from audioguide.routine.importers.lengths import Duration
from audioguide.routine.importers.marks import find_marks, parse_pause
from audioguide.routine.importers.pieces import Heading, Piece, Time, Words, used_words
from audioguide.routine.importers.report import Report
from audioguide.routine.importers.script_blocks import Block, TextLine
from audioguide.routine.importers.sentences import SentenceReader
from audioguide.routine.importers.vocabulary import Vocabulary

_BRACKETS = ("[", "(", "{", "<")
_AT_END = re.compile(r"(?:[.!?,;–—]\s+|\()([^.!?,;–—()]{2,60})\)?\.?$")
_CLAUSE_END = re.compile(r"(?<=[.!?,;:])\s+|\s+(?=[–—(])|(?<=\))\s*")
_DOSES = ("hold", "reps", "sets", "rest", "side", "breath")
_SAID_AFTER = ("speaker", "instructions", "next")  # labels that are not said themselves


class _Under(NamedTuple):
    """A line under the name of an exercise: its label, its dose, and which of its words that was read from."""

    line: TextLine
    label: labels.Label | None
    dose: Dose
    used: str


class LineReader:
    """Reads the lines of the block of this `number`."""

    def __init__(self, report: Report, vocabulary: Vocabulary) -> None:
        self.report, self.vocabulary, self.number = report, vocabulary, 0
        self._columns = set[TextLine]()  # whose names were used
        self.sentences = SentenceReader(report, vocabulary)

    def read(self, line: TextLine, item: bool, heading: bool = False) -> list[Piece] | None:
        """The pieces of a line that is no prose: a label, a pause, an exercise with its dose; None where it is prose.

        `heading`: its looks make a heading of it, so that it is no exercise.
        """
        report, vocabulary, text = self.report, self.vocabulary, line.text
        if text.startswith(_BRACKETS):
            return None
        if label := labels.find_label(text, vocabulary):
            pieces = self._read_label(label, line, item, heading)
            if pieces is not None:
                return pieces
        if self.sentences.timed:
            return None
        if line.italic and line.italic[0] == (0, len(text)):
            marks = find_marks(f"*{text}*", vocabulary)
            if marks and marks[0].kind != "spoken" and marks[0].end == len(text) + 2:
                return list(self.sentences.read_mark(marks[0], text, line.place, self.number))
        if not re.search(r"[.!?] ?[\[(<]|\[", text) and (mark := parse_pause(text, vocabulary)):
            report.guess(line.place, "A line that only asks for a pause is not said.", "line")
            bare = self.sentences.read_mark(mark, text, line.place, self.number)
            return [replace(one, source="line") if isinstance(one, Time) else one for one in bare]
        if not heading:
            if exercise := self.read_exercise(line, Dose(), []):
                return exercise
            end = line.bold[0][1] if line.bold and not line.bold[0][0] else len(text)
            if lead := self._read_named(text[:end], replace(line, text=text[end:].lstrip(" :.–—-"), bold=()), item):
                return lead
        part = _AT_END.search(text) if item and not heading else None
        if (
            part
            and part[0][0] in ",–—("
            and (more := read_dose(part[1], vocabulary, loose=True)).is_all_of(part[1], vocabulary)
        ):
            name = replace(line, text=text[: part.start()])
            if len(name.text.split()) <= 8 and (exercise := self.read_exercise(name, more, [], True, True)):
                report.use(line.place, part[1], "a time")
                report.tell_lengths(line.place, repr(part[1]), more.hold, more.rest)
                return exercise
        dose = read_dose(text, vocabulary, loose=True)
        if not dose.is_all_of(text, vocabulary) or (dose.hold and not (item or dose.reps or dose.sets)):
            return None
        if dose.hold or dose.reps or (item and dose.times) or (dose.rest and not vocabulary.has("prose", text)):
            return [self.labelled(dose, line)]
        if dose.times and item and not dose.repeat:
            return [self.labelled(replace(dose, reps=dose.times, times=0), line)]
        if dose.rest and not dose.between:
            return None
        return [Time("dose", Duration(), line.place, "line", dose, text, self.number, item)]

    def _read_label(self, label: labels.Label, line: TextLine, item: bool, heading: bool) -> list[Piece] | None:
        report, text = self.report, line.text
        after = text[label.end :].strip()
        value = replace(line, text=after[:1].upper() + after[1:], bold=())
        if label.kind in ("information", "direction"):
            report.leave_out(line.place, text, "information" if label.kind == "information" else "a direction")
            return []
        if label.kind in _SAID_AFTER:
            if label.kind == "speaker" and value.text.istitle() and value.text[-1].isalpha():
                report.leave_out(line.place, text, "information")  # "Teacher: Ines"
                return []
            if label.kind == "speaker":
                report.leave_out(line.place, text[: label.end], "who speaks")
            else:
                report.use(line.place, text[: label.end], "a label")
            if not value.text:
                return []
            pieces = self.read(value, item) or list(self.sentences.read([value], self.number, item))
            if label.kind == "next" and isinstance(first := pieces[0], Words):
                pieces[0] = replace(first, lead="listed")
            return pieces
        if label.kind in ("variant", "section") and not value.text:
            if label.kind == "section":
                report.guess(line.place, f"The name of a part is taken for a heading: {label.name!r}.")
            return [Heading(label.name, line.place, 6, guessed=True, timed=label.kind)]
        if value.text and not heading and labels.is_section(label.name, self.vocabulary):
            timed = self.read(value, item) or list(self.sentences.read([value], self.number, item))
            if any(
                isinstance(piece, Time) and (piece.dose.hold or piece.dose.reps or piece.dose.times) for piece in timed
            ):
                report.leave_out(line.place, text[: label.end], "the name of a part")
                first = timed[0]
                named = isinstance(first, Words) and not first.lead and len(first.text.split()) <= 5
                return [replace(first, lead="listed"), *timed[1:]] if named and isinstance(first, Words) else timed
        if label.kind in ("dose", "rest") and not read_dose(text, self.vocabulary).breath_pattern:
            dose = labels.read_cell(label.name, value.text, self.vocabulary)
            return [self.labelled(dose, line)] if dose else None
        dosed = label.kind == "name" and (line.bold or find_asked(value.text, self.vocabulary))
        if label.kind == "name" and not heading and (dosed or self._take_doses(value.text)[0]):
            return self.read_exercise(line, Dose(), []) or self._read_named(label.name, value, item)
        return None

    def _read_named(self, name: str, value: TextLine, item: bool) -> list[Piece]:
        """A name in bold, or before a colon, and what is said after it."""
        name = name.strip(" .:–—-")
        if not any(map(str.isalnum, name)) or not any(map(str.isalnum, value.text)):
            return []
        # "**Plank** (30 s): Elbows down.", "Plank: elbows down, 30 s. Breathe."
        dose, used, text = self._take_doses(value.text)
        under = [replace(value, text=text)] if any(map(str.isalnum, text)) else []
        if exercise := self.read_exercise(replace(value, text=name), dose, under, True, True):
            self.report.use(value.place, used, "a time")
            self.report.tell_lengths(value.place, repr(used), dose.hold, dose.rest)
            return exercise
        after = list(self.sentences.read([value], self.number, item))
        return [Words(name, value.place, self.number, item, "bold"), *after]

    def _take_doses(self, text: str) -> tuple[Dose, str, str]:
        """The dose of the clauses of a text that say nothing else, these clauses, and the text without them."""
        dose, used, kept = Dose(), list[str](), list[str]()
        for clause in _CLAUSE_END.split(text):
            bare = clause.strip(" .,;:!?–—()")
            more = read_dose(bare, self.vocabulary, loose=True)
            if not more.is_all_of(bare, self.vocabulary) or more.breath_pattern:
                kept.append(clause)
                continue
            dose = dose.merge(more)
            used.append(clause)
            if kept and clause.endswith((".", "!")):
                kept[-1] = kept[-1].rstrip(" ,;:–—") + "."
        return dose, " ".join(used), " ".join(kept).strip(" ,;:–—-")

    def labelled(self, dose: Dose, line: TextLine) -> Time:
        """The dose of a line that says nothing else."""
        self.report.use(line.place, line.text, "a time")
        self.report.tell_lengths(line.place, repr(line.text), dose.hold, dose.rest)
        kind: Literal["hold", "rest", "dose"] = "hold" if dose.hold or dose.reps else "dose"
        if dose.rest and kind == "dose" and not dose.between:
            kind = "rest"
        return Time(kind, dose.hold or dose.rest or Duration(), line.place, "label", dose, "", self.number)

    def read_row(self, block: Block) -> list[Piece]:
        """An exercise of a table, or what its row says."""
        columns = (*block.columns, *[replace(block.lines[0], text="")] * (len(block.lines) - len(block.columns)))
        kinds = [labels.column_kind(column.text, self.vocabulary) for column in columns]
        cells = [cell for cell in zip(kinds, columns, block.lines, strict=False) if cell[2].text]
        names, words, dose = [cell for kind, _, cell in cells if kind == "name"], list[TextLine](), Dose()
        named = "name" in kinds
        for kind, column, cell in cells:
            if (kind or not named) and column not in self._columns:
                self._columns.add(column)
                self.report.use(column.place, column.text, "a column")
            if kind in _DOSES and (more := labels.read_cell(column.text, cell.text, self.vocabulary)):
                dose = dose.merge(more)
                self.report.use(cell.place, cell.text, "a time")
                self.report.tell_lengths(cell.place, repr(cell.text), more.hold, more.rest)
            elif kind == "number":
                self.report.use(cell.place, cell.text, "a mark")
            elif kind in ("direction", "information") or (kind == "" and names):
                self.report.leave_out(cell.place, cell.text, f"in the column {column.text!r}")
            elif kind != "name":
                words.append(cell)
        if words and not any(kinds):
            words = [replace(words[0], text=", ".join(cell.text for cell in words))]
        rest = None if names and (dose.sets > 1 or dose.reps) else dose.rest
        dose = replace(dose, rest=None) if rest else dose
        pieces = self.read_exercise(names[0], dose, [*names[1:], *words], True, True) if names else []
        pause = rest or (None if pieces else dose.hold)
        for cell in () if pieces else (*names, *words):
            pieces += self.read(cell, False) or self.sentences.read([cell], self.number, False)
        if pause:
            pieces.append(Time("rest" if names else "pause", pause, block.lines[0].place, block=self.number))
        return pieces

    def read_exercise(
        self, head: TextLine, dose: Dose, under: Sequence[TextLine], nested: bool = False, named: bool = False
    ) -> list[Piece]:
        """An exercise: its name, what is said of it, and then its dose; nothing where it is none.

        `nested`: what is under it belongs to it; `named`: its head is a name, whatever it looks like.
        """
        vocabulary = self.vocabulary
        if self.sentences.timed or (head.text.startswith(_BRACKETS) and not named):
            return []
        listed = parse_listed(head.text, vocabulary)
        own = listed.dose if listed else read_dose(head.text, vocabulary, loose=True) if named else Dose()
        bold = bool(head.bold) and head.bold[0][1] - head.bold[0][0] >= len(head.text.rstrip(" :."))
        short = (
            len(head.text.split()) <= 8 and head.text[-1:] not in ".!?,;" and not read_dose(head.text, vocabulary, True)
        )
        dose = dose.merge(own)
        found: list[_Under] = []
        for line in under:
            label = labels.find_label(line.text, vocabulary)
            value = line.text[label.end :].strip() if label else line.text
            more = Dose()
            if label and label.kind in ("dose", "rest"):
                more = labels.read_cell(label.name, value, vocabulary)
            elif (only := read_dose(value, vocabulary, loose=True)).is_all_of(value, vocabulary):
                more = only
            named_too = label is not None and label.kind == "name"
            if not nested and more and (named_too or (listed and more.rest and not more.between)):
                return []
            asks = None if more else find_asked(value, vocabulary)
            if (asks and (asks.kind != "pause" or (listed and not nested))) or (
                not more and parse_listed(value, vocabulary)
            ):
                return []
            # What contradicts the dose so far, and a name that is not said, have no fate, and so are told.
            used = used_words(more, value) if label and label.kind not in ("dose", "rest") else line.text
            used = used if dose.merge(more) == more.merge(dose) else ""
            dose = dose.merge(more)
            found.append(_Under(line, label, more, used))
        dosed = any(one.label and one.label.kind == "dose" for one in found) or bool(found and found[0].dose)
        label = labels.find_label(head.text, vocabulary)
        if not (named or listed or bold or (short and (nested or dosed))):
            return []
        if not (dose.hold or dose.reps or dose.times or (named and dose.sets)) or dose.breath_pattern:
            return []
        if label and label.kind not in ("name", "section", "rest", "next"):
            return []
        name = listed.name if listed else own.rest_of(head.text).rstrip(" :.")
        name += f", {dose.side}" if dose.side else ""
        marked = any(mark.duration.seconds for mark in find_marks(name, vocabulary))
        if marked or not any(map(str.isalnum, name)):
            return []
        kind: Literal["rest", "hold"] = "rest" if is_rest(name, vocabulary) else "hold"
        time = Time(kind, dose.hold or Duration(), head.place, dose=dose, block=self.number)
        if own:
            self.report.use(head.place, used_words(own, head.text), "a time")
        pieces = self._read_under(found)
        if pieces and listed and dose.hold:
            self.report.guess(head.place, f"What stands under {name!r} is said before its hold of {time}.")
        self.report.tell_lengths(head.place, repr(head.text), own.hold, own.rest)
        spoken = [at for at, piece in enumerate(pieces) if isinstance(piece, Words)]
        last = pieces[spoken[-1]] if len(spoken) > 1 else None
        end = spoken[-1] if isinstance(last, Words) and is_release(last.text, vocabulary) else len(pieces)
        sentence = not under and head.text.endswith(".")  # its heading, if it has one for itself, is rather the name
        lead = Words(name, head.place, self.number, lead="bold" if sentence else "listed")
        self.number += not sentence
        return [lead, *pieces[:end], time, *pieces[end:]]

    def _read_under(self, found: Sequence[_Under]) -> list[Piece]:
        """What is said of an exercise, in the lines under its name."""
        pieces: list[Piece] = []
        for line, label, dose, used in found:
            if dose:
                self.report.use(line.place, used, "a time")
                self.report.tell_lengths(line.place, repr(line.text), dose.hold, dose.rest)
                continue
            if label and label.kind in ("information", "direction"):
                self.report.leave_out(line.place, line.text, "information")
                continue
            if label and label.kind in _SAID_AFTER:
                self.report.use(line.place, line.text[: label.end], "a label")
                line = replace(line, text=line.text[label.end :].strip())
            pieces += self.sentences.read([line] if line.text else [], self.number, False)
        return pieces


@lru_cache(256)  # a line is asked about from several sides
def parse_listed(text: str, vocabulary: Vocabulary) -> labels.Listed | None:
    """A line of a list of exercises; None also where a sentence ends in it, or it begins with "hold for …"."""
    dose = read_dose(text, vocabulary, loose=True)
    if dose.hold and dose.rest and len(text) < 120 and not re.search(r"[.!?]\s", text):
        after = text[dose.spans[-1][1] :].strip(" .,:;–—-()[]")
        if after and (dose.sets or dose.times):  # "Tabata (20s on, 10s off, 8 rounds): burpees"
            return labels.Listed(after, dose, True)
    listed = labels.parse_listed(text, vocabulary)
    if listed is None or listed.dose.is_all_of(text, vocabulary):
        return None
    start, found = listed.dose.spans[0][0], find_asked(text, vocabulary)
    asks = found and found.certain and (not start or found.text.strip(" .") == text.strip(" ."))
    ends = zip(listed.dose.spans, (*listed.dose.spans[1:], (len(text), 0)), strict=True)
    parted = any(re.search(r"[.!?]\s+[A-ZÀ-Þ\d]", text[end : following + 1]) for (_, end), (following, _) in ends)
    if asks or parted or re.search(r"[.!?](?:\s|$)", text[:start]):
        return None
    if ":" not in text[:start] and vocabulary.has("prose", text[listed.dose.spans[-1][1] :]) > 1:
        return None  # "Progress to 3 sets of 15 when this is easy"
    if listed.dose.rest_of(text) != listed.name or re.search(r":(?:\s+\S+){3}", listed.name):
        return None
    return None if not start and vocabulary.starts("prose", listed.name) else listed
