"""Reads lines of prose: sentences, the marks between them, and the times that they ask for."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from audioguide.errors import SourceLocation
from audioguide.routine.importers import asked
from audioguide.routine.importers.doses import Dose, read_dose
from audioguide.routine.importers.lengths import Duration
from audioguide.routine.importers.marks import Mark, find_marks
from audioguide.routine.importers.pieces import Heading, Piece, Time, Words, used_words
from audioguide.routine.importers.report import Report
from audioguide.routine.importers.script_blocks import TextLine
from audioguide.routine.importers.vocabulary import Vocabulary, fold

LONGEST_ASKED = 3600.0  # seconds: "wait 48 hours" is for another day
MOST_BREATHING = 8  # sentences that lead a breath together
LONGEST_SENTENCE = 600  # characters: a longer one is said in parts
_SENTENCE = re.compile(r"[.!?][\"'”’)\]]{0,3}\s+(?![a-z])|\n")
_STRAY = re.compile(r"^[\s.,;:!?)\]}>–—/-]+|(?<![\s(\[{<–—/-])[\s(\[{<–—/-]+$")
_OPEN = re.compile(r"[\[({<][^\])}>]{0,60}$")
_NUMBER = re.compile(r"(?:\d{1,2}|[^\W\d_]{2,12})[.,!…]*")  # a count may stand in lines of its own


class _Text:
    """Lines of prose as one text, and where each line starts in it."""

    def __init__(self, lines: Sequence[TextLine]) -> None:
        self.lines, self.starts, self.text = lines, list[int](), ""
        for before, line in zip(("", *(line.text for line in lines)), lines, strict=False):
            if self.text:
                short = len(before) < 60 and line.text[:1].isupper() and not _NUMBER.fullmatch(line.text)
                self.text += "\n" if short and before[-1:] not in ",;:" else " "
            self.starts.append(len(self.text))
            self.text += line.text

    def place(self, offset: int) -> SourceLocation:
        at = max(0, bisect_right(self.starts, offset) - 1)
        place = self.lines[at].place
        return place._replace(column=place.column + offset - self.starts[at])


class SentenceReader:
    """Reads prose of one language. `timed`: the text has time codes, so that the times in its words are only said."""

    def __init__(self, report: Report, vocabulary: Vocabulary) -> None:
        self.report, self.vocabulary, self.timed = report, vocabulary, False

    def read(self, lines: Sequence[TextLine], block: int, item: bool) -> Iterator[Piece]:
        """The pieces of a paragraph, or of an item of a list."""
        if not lines:
            return
        text = _Text(lines)
        if _OPEN.search(lines[-1].text):
            message = "A bracket is opened here and not closed, so its words are said."
            self.report.guess(lines[-1].place, message)
        position = 0
        for mark in find_marks(text.text, self.vocabulary):
            if mark.kind == "spoken":
                continue
            yield from self._split(text, position, mark.start, block, item)
            yield from self.read_mark(mark, text.text[mark.start : mark.end], text.place(mark.start), block)
            position = mark.end
        yield from self._split(text, position, len(text.text), block, item)

    def read_mark(self, mark: Mark, shown: str, place: SourceLocation, block: int) -> Iterator[Piece]:
        """What a mark stands for; what is not said of it is told."""
        report, length = self.report, mark.duration
        if mark.kind == "section":
            report.use(place, mark.words, "chapter")
            report.leave_out(place, shown, "a direction")
            yield Heading(mark.words, place, 6, guessed=True, timed="section")
            return
        pause = Time("rest" if mark.kind == "rest" else "hold" if mark.kind == "hold" else "pause", length, place)
        if mark.kind in ("direction", "count-in"):
            why = "a direction" if mark.kind == "direction" else "the program counts down itself"
            report.leave_out(place, shown, why)
            if not pause.seconds or self.timed:
                return
            report.guess(place, f"A pause of {pause} is kept of {shown}")
        else:
            report.use(place, shown, "said" if mark.kind == "count" else "a time")
            self._tell_guess(mark, " ".join(shown.split()), pause)
        source: Literal["count", "dots", "written"] = mark.kind if mark.kind in ("count", "dots") else "written"
        if not self.timed:
            dose = Dose(hold=length) if mark.kind == "hold" else Dose()
            yield replace(pause, source=source, text=shown if mark.kind == "pause" else "", block=block, dose=dose)

    def _tell_guess(self, mark: Mark, shown: str, pause: Time) -> None:
        place, length = pause.place, mark.duration
        if mark.kind == "count":
            self.report.guess(place, "Numbers that are counted are said about one a second.", "count")
        elif mark.kind == "dots":
            self.report.guess(place, f"Three dots are a pause of {pause}.", "dots")
        elif not mark.certain:
            self.report.guess(place, f"Taken as a pause of {pause}, and not said: {shown}")
        elif mark.defaulted or length.vague:
            message = f"{shown} does not say how long, and is taken as {pause}."
            self.report.guess(place, message, f"bare {pause}")
        self.report.tell_lengths(place, shown, length)

    def _split(self, text: _Text, start: int, end: int, block: int, item: bool) -> Iterator[Piece]:
        found = list(self._find_sentences(text, start, end, block, item))
        at = 0
        while at < len(found):
            texts = [] if self.timed else [words.text for words in found[at : at + MOST_BREATHING]]
            dose, count = read_breathing(texts, self.vocabulary)
            if count:
                yield from breathe(dose, found[at : at + count], self.report, self.vocabulary)
            else:
                yield from self._read_sentence(found[at], text.text)
            at += count or 1

    def _find_sentences(self, text: _Text, start: int, end: int, block: int, item: bool) -> Iterator[Words]:
        cuts = [match.end() for match in _SENTENCE.finditer(text.text, start, end)]
        for left, right in pairwise((start, *cuts, end)):
            sentence = text.text[left:right]
            words = _STRAY.sub("", sentence) if left == start else sentence.strip()
            place = text.place(left + len(sentence) - len(sentence.lstrip()))
            while len(words) > LONGEST_SENTENCE:
                cut = words.rfind(" ", 1, LONGEST_SENTENCE)
                cut = cut if cut > 0 else LONGEST_SENTENCE
                if any(sign.isalnum() for sign in words[:cut]):
                    yield Words(words[:cut], place, block, item)
                words = words[cut:].strip()
            if any(sign.isalnum() for sign in words):
                yield Words(words, place, block, item)

    def _read_sentence(self, words: Words, around: str) -> Iterator[Piece]:
        text, place, vocabulary = words.text, words.place, self.vocabulary
        if self.timed:
            yield words
            return
        dose = read_dose(text, vocabulary)
        found = asked.find_asked(text, vocabulary)
        if found and found.duration.seconds > LONGEST_ASKED:
            found = None
        if found and asked.is_breathing(around, vocabulary):
            found = asked.find_asked(text, vocabulary, True)
        whole = read_dose(text, vocabulary, loose=True)
        if whole.is_all_of(text, vocabulary) and (
            (whole.hold and whole.sides) or (whole.sets and whole.reps and whole.rest)
        ):
            self.report.use(place, text, "a time")  # "2 minutes per side."
            self.report.tell_lengths(place, repr(text), whole.hold, whole.rest)
            kind: Literal["hold", "dose"] = "hold" if whole.hold else "dose"
            yield Time(kind, whole.hold or Duration(), place, "wording", whole, "", words.block, words.item)
            return
        if found is None or (
            found.kind != "rest" and dose and not (dose.hold or dose.breath) and dose.is_all_of(text, vocabulary)
        ):
            yield from self._read_dose(words, dose)
            return
        if found.kind == "pause" and whole.rest and whole.is_all_of(text, vocabulary):
            found, dose = replace(found, kind="rest"), whole  # "Pause 10 Sekunden."
        time = Time(found.kind, found.duration, place, "wording", block=words.block, item=words.item)
        self.report.tell_lengths(place, repr(found.text), found.duration)
        if found.kind == "rest":
            yield replace(time, dose=dose if dose.rest else Dose(rest=found.duration), text=text)
            return
        self.report.tell_lengths(place, repr(text), dose.rest)
        if found.kind == "pause" or not found.certain:
            self.report.guess(place, f"{found.text!r} is followed by {time}.")
        elif found.duration.vague:
            self.report.guess(place, f"{found.text!r} is taken as {time}.", found.text.lower())
        if found.kind == "hold":
            time = replace(time, dose=replace(dose, hold=found.duration, spans=()))
            if words.item and dose.is_all_of(text, vocabulary):
                self.report.use(place, text, "a time")
                yield replace(time, source="label")
                return
        name = ""
        tail = text.rpartition(found.text)[2].strip(" .!")
        if found.certain and (not tail or read_dose(tail, vocabulary, loose=True).is_all_of(tail, vocabulary)):
            name = re.sub(r"[\s,;–—-]+(?:\w{1,3}\s*)?$", "", text[: text.find(found.text)])
        lead = vocabulary.bag("leads").sub("", fold(name))  # "Then" alone is no name
        name = name if re.search(r"[^\W_]", lead) else ""
        yield replace(words, text=text[: found.end].strip(" –—-"), name=name)
        yield time
        if rest := text[found.end :].strip():
            yield replace(words, text=rest)

    def _read_dose(self, words: Words, dose: Dose) -> Iterator[Piece]:
        """What a sentence without a hold of its own asks for: `Do 10 reps.`, `Repeat on the other side.`"""
        time = Time("dose", Duration(), words.place, "wording", dose, words.text, words.block, words.item)
        if not dose or (dose.breath and not dose.breath_pattern):
            yield words
        elif dose.breath_pattern or dose.is_all_of(words.text, self.vocabulary):
            yield time
        elif (dose.sets and not dose.spans[0][0]) or (
            (dose.sets or dose.reps or dose.times) and asked.is_movement(words.text, self.vocabulary)
        ):
            left = dose.rest_of(words.text)
            if re.search(r"[^\W_]", left):
                yield replace(words, text=left)
            yield replace(time, text=used_words(dose, words.text), named=True)
        else:
            yield words


def read_breathing(texts: Sequence[str], vocabulary: Vocabulary) -> tuple[Dose, int]:
    """The breathing that the first of some sentences ask for together, and how many they are; 0 where there is none.

    `Inhale for 4 seconds`, `Hold for 4 seconds`, `Exhale for 6 seconds`, `Repeat three rounds`.
    """
    dose, count = Dose(), 0
    for number, text in enumerate(texts[:MOST_BREATHING], start=1):
        more = read_dose(text, vocabulary, loose=bool(dose.breath_pattern))
        led = bool(more.breath or more.pattern)
        if not (led or (dose and more.is_all_of(text, vocabulary))) or (led and dose.breath_pattern):
            break
        dose = replace(dose.merge(more), spans=((0, 0),))
        count = number if dose.breath_pattern else 0
    return dose, count


def breathe(dose: Dose, found: Sequence[Words], report: Report, vocabulary: Vocabulary) -> Iterator[Piece]:
    """The time of a breathing exercise, after those of its sentences that say more than it does."""
    for words in found:
        if read_dose(words.text, vocabulary).is_all_of(words.text, vocabulary):
            report.use(words.place, words.text, "a time")
        else:
            yield words
    yield Time("dose", Duration(), found[0].place, "wording", dose, "", found[0].block, found[0].item)
