"""Pieces to the steps of a routine, as plain data with the place of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from audioguide.errors import SourceLocation
from audioguide.routine.importers import exercise
from audioguide.routine.importers.exercise import Chunk
from audioguide.routine.importers.phrasing import is_exercise, is_rest
from audioguide.routine.importers.text_pieces import Break, Guesses, Heading, Pause, Piece, Words
from audioguide.schema.document import Keys
from audioguide.units import format_duration

LONG_PAUSE = 10.0
"""Seconds from which on a pause after the words of an exercise is its hold."""

LONGEST_IN_HEADING = 180.0
"""Seconds: a longer time in a heading is that of all that stands under it."""

SHORTEST = 0.05
"""Seconds: what is shorter is no pause."""

MOST_SAID = 1_200
"""Characters in one `say`: a minute and a half of talk."""


@dataclass
class Assembly:
    """The steps so far, and what has been read since the last of them."""

    guesses: Guesses
    steps: list[dict[str, Any]] = field(default_factory=list)
    places: dict[Keys, SourceLocation] = field(default_factory=dict)
    heading: Heading | None = None
    chunks: list[Chunk] = field(default_factory=list)

    def read(self, pieces: list[Piece]) -> None:
        """Put all pieces into steps."""
        index = 0
        while index < len(pieces):
            piece = pieces[index]
            index += 1
            match piece:
                case Heading():
                    self.close()
                    self.heading = piece
                case Break():
                    self.chunks.append(Chunk(item=piece.item))
                case Words():
                    self.open().parts.append(piece)
                case Pause() if piece.seconds < SHORTEST:
                    continue
                case Pause() if piece.kind == "rest" and piece.seconds >= 3:
                    self.rest(piece)
                case Pause() if self.holds(piece):
                    index = self.pose(piece, pieces, index)
                case Pause():
                    self.open().parts.append(piece)
        self.close()

    def open(self) -> Chunk:
        """The chunk that is being read."""
        if not self.chunks:
            self.chunks.append(Chunk())
        return self.chunks[-1]

    def holds(self, pause: Pause) -> bool:
        """Whether a pause is a hold: because it says so, or because it is long and something is done in it."""
        if pause.kind == "hold":
            return True
        if pause.seconds < LONG_PAUSE or pause.source == "count" or not any(chunk.words for chunk in self.chunks):
            return False
        if self.moving():
            return True
        message = (
            f"A pause of {pause} after words that name no movement stays silent. For a hold, write [hold {pause}]."
        )
        self.guesses.once("still", pause.place, message)
        return False

    def moving(self) -> bool:
        """Whether the words just read are those of an exercise."""
        _, own = exercise.split(self.chunks, None)
        about = self.heading.text if self.heading else ""
        return bool(own) and is_exercise(" ".join((about, *(chunk.text for chunk in own))).strip())

    def pose(self, pause: Pause, pieces: list[Piece], index: int) -> int:
        """An exercise with this pause as its hold; returns where to go on, after the words that belong to it."""
        before, own = exercise.split(self.chunks, self.heading)
        if not own and not self.heading:
            # Held for a second time, or before a word was said: there is nothing to call it by.
            self.rest(pause)
            return index
        heading = self.heading
        if before:
            self.chunks = before
            self.say()
            heading = self.heading
        ahead = exercise.ahead(pieces, index, pause)
        step, places = exercise.pose(heading, own, pause, ahead, self.guesses)
        self.put(step, places)
        if not exercise.own_name(own):
            self.heading = None
        self.chunks = []
        return ahead.index

    def rest(self, pause: Pause) -> None:
        """A rest, after what was said before it."""
        last = self.open().parts
        if last and isinstance(word := last[-1], Words) and word.text.strip(" .").lower() == "rest":
            last.pop()  # it is said by the rest itself
        self.say()
        self.put({"rest": format_duration(pause.seconds)}, {(): pause.place, ("rest",): pause.place})

    def close(self) -> None:
        """The end of what stands under a heading."""
        heading = self.heading
        if heading and heading.amount:
            pause = Pause(heading.amount, heading.place, source="wording", times=heading.times, sides=heading.sides)
            if is_rest(heading.text.strip(" .:")) and not any(chunk.words for chunk in self.chunks):
                self.heading = None  # said by the rest itself
                self.rest(pause)
            elif pause.seconds <= LONGEST_IN_HEADING and self.moving():
                self.guesses.add(heading.place, f"The time in the heading is taken for the hold: {pause}.")
                self.pose(pause, [], 0)
        self.say()
        if self.heading:
            message = f"The heading {self.heading.text!r} has no words of its own and is left out."
            self.guesses.add(self.heading.place, message)
            self.heading = None

    def say(self) -> None:
        """What was read becomes words between poses, a step a paragraph; the first one opens the heading's chapter."""
        waiting: list[Words | Pause] = []
        for chunk in self.chunks:
            if not chunk.words:
                waiting += chunk.parts
                continue
            for part in exercise.cut(Chunk([*waiting, *chunk.parts]), MOST_SAID):
                step: dict[str, Any] = {"say": part.rendered}
                places: dict[Keys, SourceLocation] = {(): part.place, ("say",): part.place}
                if self.heading:
                    step["chapter"] = exercise.named(self.heading.text)[0]
                    places["chapter",] = self.heading.place
                    self.heading = None
                self.put(step, places)
            waiting = []
        self.chunks = []
        seconds = sum(part.seconds for part in waiting if isinstance(part, Pause))
        if seconds >= 1:
            place = next(part.place for part in waiting if isinstance(part, Pause))
            self.put({"rest": format_duration(seconds)}, {(): place, ("rest",): place})

    def put(self, step: dict[str, Any], places: dict[Keys, SourceLocation]) -> None:
        """One more step."""
        here: Keys = ("steps", len(self.steps))
        self.places |= {(*here, *keys): place for keys, place in places.items()}
        self.steps.append(step)
