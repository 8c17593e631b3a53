"""Turns pieces into the steps of a routine: plain data, with the place of each."""

from dataclasses import dataclass, field
from typing import Any

from audioguide.errors import SourceLocation
from audioguide.routine.importers import exercise
from audioguide.routine.importers.exercise import Chunk
from audioguide.routine.importers.phrasing import is_exercise, is_rest
from audioguide.routine.importers.text_pieces import Assumptions, Break, Heading, Pause, Piece, Words
from audioguide.schema.document import Keys
from audioguide.units import format_duration

LONG_PAUSE = 10.0  # seconds from which on a pause after the words of an exercise is its hold
LONGEST_IN_HEADING = 180.0  # seconds: a longer time in a heading is that of all that stands under it
SHORTEST = 0.05  # seconds: what is shorter is no pause
MOST_SAID = 1_200  # characters in one `say`: a minute and a half of talk


@dataclass
class StepBuilder:
    """The steps so far, and what has been read since the last of them."""

    assumptions: Assumptions
    steps: list[dict[str, Any]] = field(default_factory=list)
    places: dict[Keys, SourceLocation] = field(default_factory=dict)
    heading: Heading | None = None
    chunks: list[Chunk] = field(default_factory=list)

    def add_all(self, pieces: list[Piece]) -> None:
        """Add the steps that all pieces make."""
        index = 0
        while index < len(pieces):
            piece = pieces[index]
            index += 1
            match piece:
                case Heading():
                    self._end_heading()
                    self.heading = piece
                case Break():
                    self.chunks.append(Chunk(item=piece.item))
                case Words():
                    self._current_chunk().parts.append(piece)
                case Pause() if piece.seconds < SHORTEST:
                    continue
                case Pause() if piece.kind == "rest" and piece.seconds >= 3:
                    self._add_rest(piece)
                case Pause() if self._is_hold(piece):
                    index = self._add_pose(piece, pieces, index)
                case Pause():
                    self._current_chunk().parts.append(piece)
        self._end_heading()

    def _current_chunk(self) -> Chunk:
        if not self.chunks:
            self.chunks.append(Chunk())
        return self.chunks[-1]

    def _is_hold(self, pause: Pause) -> bool:
        if pause.kind == "hold":
            return True
        if pause.seconds < LONG_PAUSE or pause.source == "count" or not any(chunk.words for chunk in self.chunks):
            return False
        if self._is_exercise():
            return True
        still = f"A pause of {pause} after words that name no movement stays silent."
        self.assumptions.once("still", pause.place, f"{still} For a hold, write [hold {pause}].")
        return False

    def _is_exercise(self) -> bool:
        _, own = exercise.exercise_span(self.chunks, None)
        about = self.heading.text if self.heading else ""
        return bool(own) and is_exercise(" ".join((about, *(chunk.text for chunk in own))).strip())

    def _add_pose(self, pause: Pause, pieces: list[Piece], index: int) -> int:
        """Add an exercise with this pause as its hold; returns the index of the first piece that is not about it."""
        before, own = exercise.exercise_span(self.chunks, self.heading)
        if not own and not self.heading:
            # A second hold in a row, or one before any words: there is no name for a pose.
            self._add_rest(pause)
            return index
        self.chunks = before
        self._add_words()  # with a chapter for the heading, which is used up then
        index, described, release = exercise.trailing_context(pieces, index, pause)
        step, places = exercise.build_pose(self.heading, own, pause, described, release, self.assumptions)
        self._add_step(step, places)
        if not exercise.has_own_name(own):
            self.heading = None
        self.chunks = []
        return index

    def _add_rest(self, pause: Pause) -> None:
        last = self._current_chunk().parts
        if last and isinstance(word := last[-1], Words) and word.text.strip(" .").lower() == "rest":
            last.pop()  # the rest itself says it
        self._add_words()
        self._add_step({"rest": format_duration(pause.seconds)}, {(): pause.place, ("rest",): pause.place})

    def _end_heading(self) -> None:
        heading = self.heading
        if heading and heading.amount:
            pause = Pause(heading.amount, heading.place, source="wording", times=heading.times, sides=heading.sides)
            if is_rest(heading.text.strip(" .:")) and not any(chunk.words for chunk in self.chunks):
                self.heading = None  # the rest itself says it
                self._add_rest(pause)
            elif pause.seconds <= LONGEST_IN_HEADING and self._is_exercise():
                self.assumptions.add(heading.place, f"The time in the heading is taken for the hold: {pause}.")
                self._add_pose(pause, [], 0)
        self._add_words()
        if self.heading:
            message = f"The heading {self.heading.text!r} has no words of its own and is left out."
            self.assumptions.add(self.heading.place, message)
            self.heading = None

    def _add_words(self) -> None:
        """Add what was read as words between poses, a step a paragraph; the first one opens the heading's chapter."""
        waiting: list[Words | Pause] = []
        for chunk in self.chunks:
            if not chunk.words:
                waiting += chunk.parts
                continue
            for part in exercise.split_chunk(Chunk([*waiting, *chunk.parts]), MOST_SAID):
                step: dict[str, Any] = {"say": part.routine_text}
                places: dict[Keys, SourceLocation] = {(): part.place, ("say",): part.place}
                if self.heading:
                    step["chapter"] = exercise.split_name(self.heading.text)[0]
                    places["chapter",] = self.heading.place
                    self.heading = None
                self._add_step(step, places)
            waiting = []
        self.chunks = []
        seconds = sum(part.seconds for part in waiting if isinstance(part, Pause))
        if seconds >= 1:
            place = next(part.place for part in waiting if isinstance(part, Pause))
            self._add_step({"rest": format_duration(seconds)}, {(): place, ("rest",): place})

    def _add_step(self, step: dict[str, Any], places: dict[Keys, SourceLocation]) -> None:
        here: Keys = ("steps", len(self.steps))
        self.places |= {(*here, *keys): place for keys, place in places.items()}
        self.steps.append(step)
