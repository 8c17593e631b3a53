"""Finds what stands in a text and is not said: pauses in brackets, stage directions, three dots, counted numbers."""

from dataclasses import dataclass
from typing import Literal

from audioguide.routine.importers import pauses
from audioguide.routine.importers.lengths import Duration
from audioguide.routine.importers.vocabulary import Vocabulary

MarkKind = Literal["pause", "hold", "rest", "dots", "count", "count-in", "direction", "section", "spoken"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of a text, from `start` to `end`, that is not said as it stands.

    `pause`, `hold`, `rest`: silence of `duration`; the words of the mark are not said. `dots`: three dots. `count`: the
    gap between two counted numbers, which are said. `count-in`: a start that is counted down (`Start in 3… 2… 1…`),
    which the program does itself: not said. `direction`: for who reads aloud (`(softly)`); where it holds a pause,
    `duration` is not 0. `section`: the name of a part (`[Opening – 2 min]`: `words` is `Opening`, `duration` for
    information). `spoken`: a bracket whose words are for the listener. `defaulted`: the length is not said;
    `certain`: not a guess.
    """

    start: int
    end: int
    kind: MarkKind
    duration: Duration = Duration()  # noqa: RUF009
    words: str = ""
    defaulted: bool = False
    certain: bool = True


def find_marks(text: str, vocabulary: Vocabulary) -> list[Mark]:
    """The marks in a text, in order."""
    found = []
    for mark in pauses.find_pause_marks(text):
        kind: MarkKind = mark.kind if mark.source == "written" else "count" if mark.source == "count" else "dots"
        length = Duration(mark.amount.seconds, mark.amount.breaths, mark.amount.upper)
        found.append(Mark(mark.start, mark.end, kind, length, "", mark.defaulted, not mark.uncertain))
    return found


def parse_pause(line: str, vocabulary: Vocabulary) -> Mark | None:
    """The pause of a line that only asks for one, without brackets: `Pause for a few seconds.`, `30s`; else None."""
    mark = pauses.parse_pause_line(line)
    if mark is None:
        return None
    return Mark(0, len(line), mark.kind, Duration(mark.amount.seconds, mark.amount.breaths), "", mark.defaulted)
