"""Finds what the blocks of a script are: chapters, exercises with their doses, lists, tables; in their order."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice, pairwise, takewhile

from audioguide.errors import SourceLocation
from audioguide.routine.importers import labels
from audioguide.routine.importers.asked import find_asked, is_release
from audioguide.routine.importers.doses import Dose, read_dose
from audioguide.routine.importers.inline_text import FIELDS
from audioguide.routine.importers.lengths import Duration
from audioguide.routine.importers.lines import LineReader, parse_listed
from audioguide.routine.importers.marks import find_marks
from audioguide.routine.importers.pieces import Again, At, Heading, Piece, Start, Time, Words, count_seconds, used_words
from audioguide.routine.importers.report import Report
from audioguide.routine.importers.script_blocks import Block, ScriptSource, TextLine
from audioguide.routine.importers.sentences import MOST_BREATHING, breathe, read_breathing
from audioguide.routine.importers.times import join_times
from audioguide.routine.importers.vocabulary import Vocabulary

MOST_LISTED = 60  # items that tell whether a length is that of a list
LONGEST_HOLD = 180.0  # seconds: what is longer in a heading, or in a label, is the length of a part of the session
_NUMBER = re.compile(r"\(?(?:\d{1,2}|[ivx]{1,4})[.):]\s+(?=\S)", re.IGNORECASE)


class Outliner:
    """Reads the blocks of a source, in one language."""

    def __init__(self, source: ScriptSource, report: Report, vocabulary: Vocabulary, calm: bool) -> None:
        self.blocks, self.report, self.vocabulary, self._calm = list(source.blocks), report, vocabulary, calm
        self.author = ""
        self._lines = LineReader(report, vocabulary)
        self._pieces: list[Piece] = []
        self._section = 0  # the index of the piece that the section begins with
        self._again: Again | None = None  # after the list that has begun

    def read(self) -> list[Piece]:
        """The pieces in order."""
        at = 0
        while at < len(self.blocks):
            block, at = self._judge_heading(at)
            self._lines.number += 1
            if self._again and block.kind != "item":
                self._pieces.append(self._again)
                self._again = None
            self._use_marks([block])
            match block.kind:
                case "field":
                    self._add_field(block)
                case "time":
                    self._lines.sentences.timed = True
                    for line in block.lines:
                        self.report.use(line.place, line.text, "a time")
                    self._pieces.append(At(block.start, block.lines[0].place))
                case "heading":
                    at = self._add_heading(block, at)
                case "row":
                    self._add(self._lines.read_row(block))
                case _:
                    at = self._add_paragraph(block, at)
        self._pieces += [self._again] if self._again else []
        self._end_section(None)
        return join_times(self._pieces, self.report)

    def _judge_heading(self, at: int) -> tuple[Block, int]:
        """A block, and where the next is; a paragraph where only its looks make a heading of it, and it has a time."""
        block = self.blocks[at]
        text = block.lines[0].text if block.lines else ""
        if not block.why or text.endswith(":"):
            return block, at + 1
        silent = any(mark.kind in ("pause", "hold", "rest") for mark in find_marks(text, self.vocabulary))
        if not (silent or parse_listed(text, self.vocabulary) or find_asked(text, self.vocabulary)):
            return block, at + 1
        head = block.lines[0]
        if number := _NUMBER.match(text):
            self.report.use(head.place, number[0], "a mark")
            head = replace(head, text=text[number.end() :])
        lines = [head]
        after = self.blocks[at + 1] if at + 1 < len(self.blocks) else block
        if after.kind == "paragraph" and after.lines[0].place.line == head.place.line + 1:
            lines += after.lines
        return replace(block, kind="paragraph", why="", lines=tuple(lines)), at + 1 + (len(lines) > 1)

    def _use_marks(self, blocks: Sequence[Block]) -> None:
        for block in blocks:
            if block.mark:
                self.report.use(block.lines[0].place._replace(column=1), block.mark, "a mark")

    def _add_field(self, block: Block) -> None:
        name, value = block.lines
        kind = FIELDS.get(name.text.lower())
        if kind == "author":
            kind, self.author = kind if not self.author else "", self.author or value.text
        if kind:
            self.report.use(name.place, f"{name.text} {value.text}", f"the {kind}")
        else:
            self.report.leave_out(name.place, f"{name.text}: {value.text}", "information")

    def _add_heading(self, block: Block, at: int) -> int:
        (line,) = block.lines
        if number := _NUMBER.match(line.text):
            self.report.use(line.place, number[0], "a mark")
            line = replace(line, text=line.text[number.end() :])
        if line.text.isupper():
            line = replace(line, text=line.text.capitalize())  # a voice would spell out capitals
        if block.why and (pieces := self._lines.read(line, item=False, heading=True)) is not None:
            return self._add(pieces, line, at)
        marks = find_marks(line.text, self.vocabulary)
        if marks and marks[0].kind != "spoken" and line.text.strip("*_ .:") == line.text[marks[0].start : marks[0].end]:
            return self._add(self._read_prose([line], False), line, at)
        dose = read_dose(line.text, self.vocabulary, loose=True)
        if dose.rest and not dose.hold and dose.is_all_of(line.text, self.vocabulary):
            self._end_section(None)
            self._add([self._lines.labelled(dose, line)])
            return at
        heading = Heading(line.text.rstrip(" :"), line.place, block.level, bool(block.why))
        if (name := dose.rest_of(heading.text)) and self._is_list(dose, at):
            self._end_section(replace(heading, text=name))
            return self._begin_list(dose, line, at)
        if block.why:
            self.report.guess(line.place, f"{block.why} is taken for a heading: {heading.text!r}.")
        listed = parse_listed(heading.text, self.vocabulary)
        if listed:
            self.report.use(line.place, used_words(listed.dose, line.text), "a time")
            self.report.tell_lengths(line.place, repr(line.text), listed.dose.hold, listed.dose.rest)
            heading = replace(heading, text=listed.name, dose=listed.dose, timed=line.text)
            if _is_long(listed.dose) or (listed.dose.hold and labels.is_section(listed.name, self.vocabulary)):
                self._tell_information(line.place)
                heading = replace(heading, dose=Dose())
        self._end_section(heading)
        return at

    def _add(self, pieces: list[Piece], line: TextLine | None = None, at: int = 0) -> int:
        """Add pieces; if a line is but the dose of a list after it, that list. Returns the index of the next block."""
        time = pieces[0] if line and len(pieces) == 1 else None
        if line and isinstance(time, Time) and time.source in ("label", "line") and self._is_list(time.dose, at):
            return self._begin_list(time.dose, line, at)
        for piece in pieces:
            if isinstance(piece, Heading):
                self._end_section(self._vary(piece) if piece.timed == "variant" else piece)
            else:
                self._pieces.append(piece)
        return at

    def _vary(self, variant: Heading) -> Heading:
        """A heading for a variant of the exercise that the section is about: `Standing:` under `Quad stretch`."""
        base = self._pieces[self._section] if self._section < len(self._pieces) else None
        if not isinstance(base, Heading):
            return variant
        self.report.use(variant.place, variant.text, "a name")
        title = base.text.partition(", ")[0] if base.timed == "variant" else base.text
        if len(self._pieces) == self._section + 1:
            self.report.use(base.place, base.text, "a name")
            self._pieces.pop()
        return replace(variant, text=f"{title}, {variant.text[:1].lower()}{variant.text[1:]}", level=base.level)

    def _begin_list(self, dose: Dose, line: TextLine, at: int) -> int:
        """A dose over a list: of intervals if the list has names alone, else of rounds; the index of what is next."""
        times = _times(dose)
        items = list(takewhile(lambda block: block.kind == "item", self.blocks[at:]))
        self.report.use(line.place, used_words(dose, line.text) or line.text, "a time")
        self.report.tell_lengths(line.place, repr(line.text), dose.hold, dose.rest)
        self._pieces.append(Start())
        if not dose.hold:
            self._again = Again(times, line.place)
            return at
        one = len(items) == 1
        for block in items:
            self._lines.number += 1
            self._use_marks([block])
            place, name = block.lines[0].place, _join(block).rstrip(" .")
            time = replace(dose, sets=times, times=0, repeat=0) if one else Dose(hold=dose.hold)
            self._pieces.append(Words(name, place, self._lines.number, lead="listed"))
            self._pieces.append(Time("hold", dose.hold, place, dose=time, block=self._lines.number))
            if dose.rest and not one:
                self._pieces.append(Time("rest", dose.rest, line.place, block=self._lines.number))
        if times and not one:
            self._pieces.append(Again(times, line.place))
        return at + len(items)

    def _end_section(self, heading: Heading | None) -> None:
        """Give the doses of labels to the exercise that the section is, and begin the next one."""
        section = self._pieces[self._section :]
        head = section[0] if section and isinstance(section[0], Heading) else None
        _clear_single_leads(section)
        doses = [piece for piece in section if isinstance(piece, Time) and piece.source == "label"]
        named = any(isinstance(piece, Words) and piece.lead for piece in section)
        bare = section[1] if head and len(section) > 1 else None
        if isinstance(bare, Time) and bare.kind == "pause" and bare.source == "line":
            section[1] = bare = replace(bare, kind="hold", source="label", dose=Dose(hold=bare.length))
            doses.append(bare)
        if head and not named and any(time.kind != "rest" for time in doses):
            also = [one for one in section if isinstance(one, Time) and one.kind == "dose" and one not in doses]
            doses += also
            dose = Dose()
            for time in doses:
                dose = dose.merge(time.dose)
            section = [piece for piece in section if piece not in doses]
            within = heading is not None and heading.level > head.level and not heading.guessed
            if within or _is_long(dose):
                for time in doses:
                    self._tell_information(time.place)
            else:
                last = section[-1]
                released = len(section) > 2 and isinstance(last, Words) and is_release(last.text, self.vocabulary)
                hold = Time("hold", dose.hold or Duration(), doses[0].place, "label", dose)
                section.insert(len(section) - released, hold)
        self._pieces[self._section :] = section
        self._section = len(self._pieces)
        if heading and any(map(str.isalnum, heading.text)):
            self._pieces.append(heading)

    def _tell_information(self, place: SourceLocation) -> None:
        shown = self.report.source.rows[place.line - 1].strip()
        message = f"{shown!r} has the length of a whole part, and nothing is held for it. For a hold, write [hold 30s]."
        self.report.guess(place, message)

    def _add_paragraph(self, block: Block, at: int) -> int:
        """A paragraph, or an item with those under it; returns the index of the block after it."""
        item = block.kind == "item"
        inner = list(takewhile(lambda one: item and _is_within(one, block), self.blocks[at:]))
        items = list(takewhile(lambda one: one.kind == "item", self.blocks[at - 1 : at + 7]))
        dose, count = read_breathing([_join(one) for one in items], self.vocabulary)
        if count and not self._lines.sentences.timed:
            number = self._lines.number
            found = [Words(_join(one), one.lines[0].place, number, True) for one in items[:count]]
            self._use_marks(items[1:count])
            self._pieces += breathe(dose, found, self.report, self.vocabulary)
            return at - 1 + count
        after = None if item else self._open_part(list(block.lines), at)
        if after is not None:
            return after
        if self._is_part(block, inner, at):
            self.blocks[at:at] = [replace(block, mark="", lines=block.lines[1:])] if block.lines[1:] else []
            return at
        head, *more = block.lines
        under = [*more, *(line for one in inner for line in one.lines)]
        own = bool(inner) or (item and bool(more))
        if under and (exercise := self._lines.read_exercise(head, Dose(), under, own)):
            self._pieces += exercise
            self._use_marks(inner)
            return at + len(inner)
        if len(block.lines) == 1 and (pieces := self._lines.read(head, item)) is not None:
            return self._add(pieces, head, at)
        self._add_lines(list(block.lines), item)
        return at

    def _open_part(self, lines: list[TextLine], at: int) -> int | None:
        """Rounds or intervals for the list under them, perhaps with the name of a part; None where there are none."""
        place, name, dose = lines[0].place, "", Dose()
        if len(lines) > 1 and labels.is_section(lines[0].text, self.vocabulary):
            name = lines.pop(0).text
        label = labels.find_label(lines[0].text, self.vocabulary)
        if label and label.kind == "dose" and "," in lines[0].text[label.end :]:  # "Format: 30 s work, 15 s rest"
            self.report.use(lines[0].place, lines[0].text[: label.end], "a label")
            lines[0] = replace(lines[0], text=lines[0].text[label.end :].strip(), bold=())
        head = lines[0]
        while lines and (more := read_dose(lines[0].text, self.vocabulary, loose=True)):
            left = more.rest_of(lines[0].text)
            if re.search(r"[.!?]\s", left):
                return None
            if not more.is_all_of(lines[0].text, self.vocabulary):
                if dose or name or not labels.is_section(left, self.vocabulary):
                    break
                name = left
            dose = dose.merge(more)
            self.report.use(lines[0].place, used_words(more, lines[0].text), "a time")
            lines.pop(0)
        if not (dose.hold and dose.rest) and (not _times(dose) or dose.hold or dose.reps):
            return None
        before = self.blocks
        after = before[at].lines if not lines and at < len(before) else ()
        names = len(after) > 1 and before[at].kind == "paragraph"  # a line each
        items = [Block("item", (line,)) for line in (after if names else lines)]
        self.blocks = [*before[:at], *items, *before[at + names :]]
        if not self._is_list(dose, at):
            self.blocks = before
            return None
        if name:
            self.report.use(place, name, "a chapter")
            self._end_section(Heading(name.rstrip(" :"), place, 6, guessed=True, timed="section"))
        return self._begin_list(dose, head, at)

    def _is_list(self, dose: Dose, at: int) -> bool:
        """Whether a dose is that of the list which begins here: rounds of several exercises, or intervals of names."""
        items = list(takewhile(lambda block: block.kind == "item", self.blocks[at : at + MOST_LISTED]))
        listed = (one for one in items if parse_listed(one.lines[0].text, self.vocabulary))
        if dose.hold:
            few = re.compile(r"(?=.*\w)(?!.*\[)\S+( \S+){0,7}")  # words, and no mark
            named = all(few.fullmatch(_join(one)) and not one.level for one in items)
            return bool(items) and named and bool(dose.rest or _times(dose)) and not any(True for _ in listed)
        return _times(dose) > 0 and not dose.reps and len(list(islice(listed, 2))) > 1

    def _is_part(self, block: Block, inner: list[Block], at: int) -> bool:
        """Whether a line with a length is the name of a part of the session; then add its heading."""
        line = block.lines[0]
        listed = parse_listed(line.text, self.vocabulary)
        if not listed or not listed.dose.hold or listed.dose.reps or listed.dose.sides or _times(listed.dose):
            return False
        if re.search(r"\w{4}[.!?]$", line.text):  # a sentence
            return False
        mark = self.blocks[at].mark if at < len(self.blocks) and self.blocks[at].kind == "item" else block.mark
        over = bool(inner) or mark[:1].isalnum() != block.mark[:1].isalnum()  # a list
        part = labels.is_section(listed.name, self.vocabulary)
        long = _is_long(listed.dose)
        if not (over and (part or long)) and not (part and block.kind != "item") and not (self._calm and long):
            return False
        name = listed.name.capitalize() if listed.name.isupper() else listed.name
        self._end_section(Heading(name, line.place, 6, guessed=True, timed="section"))
        self.report.use(line.place, used_words(listed.dose, line.text), "a time")
        self._tell_information(line.place)
        return True

    def _add_lines(self, lines: list[TextLine], item: bool) -> None:
        prose: list[TextLine] = []
        if name := self._find_name(lines) if not item else None:
            self._pieces.append(name)
            lines.pop(0)
        while lines:
            dose, count = read_breathing([one.text for one in lines[:MOST_BREATHING]], self.vocabulary)
            if count > 1 and not self._lines.sentences.timed:  # a line each
                led = [Words(one.text, one.place, self._lines.number, item) for one in lines[:count]]
                self._pieces += [*self._read_prose(prose, item), *breathe(dose, led, self.report, self.vocabulary)]
                prose, lines = [], lines[count:]
                continue
            line = lines.pop(0)
            under = list(takewhile(self._is_description, lines)) if parse_listed(line.text, self.vocabulary) else []
            pieces = self._lines.read_exercise(line, Dose(), under) if under else []
            del lines[: len(under) if pieces else 0]
            if found := pieces or self._lines.read(line, item):
                self._add(self._read_prose(prose, item))
                self._add(found, line, len(self.blocks))
                prose = []
            elif found is None:
                prose.append(line)
        self._add(self._read_prose(prose, item))

    def _is_description(self, line: TextLine) -> bool:
        return line.text[-1:] in ".!?" and parse_listed(line.text, self.vocabulary) is None

    def _find_name(self, lines: Sequence[TextLine]) -> Words | None:
        """The name of an exercise in a short line over its description, which has a time."""
        head, *under = lines
        short = under and len(head.text.split()) <= 5 and head.text[-1:].isalnum() and under[0].text[:1].isupper()
        if not short or self._lines.sentences.timed or read_dose(head.text, self.vocabulary, loose=True):
            return None
        timed = any(find_asked(sentence, self.vocabulary) for line in under for sentence in line.text.split(". "))
        return Words(head.text, head.place, self._lines.number, lead="listed") if timed else None

    def _read_prose(self, lines: Sequence[TextLine], item: bool) -> list[Piece]:
        return list(self._lines.sentences.read(lines, self._lines.number, item))


def _is_within(inner: Block, item: Block) -> bool:
    return inner.kind in ("item", "paragraph") and inner.level > item.level


def _times(dose: Dose) -> int:
    """How often all of a list is done; 0: once."""
    times = dose.sets or dose.times or dose.repeat
    return times if times > 1 else 0


def _is_long(dose: Dose) -> bool:
    """Whether it is the length of a part of the session, by its size."""
    return dose.hold is not None and not (dose.reps or dose.sides) and count_seconds(dose.hold) > LONGEST_HOLD


def _join(block: Block) -> str:
    return " ".join(line.text for line in block.lines)


def _clear_single_leads(section: list[Piece]) -> None:
    """Keep bold words as names of exercises only where a heading has several of them; else the heading is the name."""
    if not section or not isinstance(section[0], Heading):
        return
    leads = [at for at, piece in enumerate(section) if isinstance(piece, Words) and piece.lead == "bold"]
    long = [isinstance(piece, Time) and (piece.kind == "hold" or piece.seconds >= 10) for piece in section]
    held = sum(any(long[left:right]) for left, right in pairwise((*leads, len(section))))
    for at in leads if held < 2 else ():
        if isinstance(words := section[at], Words):
            section[at] = replace(words, lead="")
