"""Turns pieces into the steps of a routine: plain data, with the place of each."""

from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from audioguide.errors import SourceLocation
from audioguide.routine.importers import exercise
from audioguide.routine.importers.asked import is_exercise, is_movement, is_rest
from audioguide.routine.importers.lengths import Duration
from audioguide.routine.importers.pieces import Again, At, Heading, Piece, Start, Time, Words, show_length
from audioguide.routine.importers.report import Report
from audioguide.routine.importers.vocabulary import Vocabulary
from audioguide.schema.document import Keys
from audioguide.units import format_duration

LONG_PAUSE = 10.0  # seconds from which on a pause after the words of an exercise is its hold
SHORTEST = 0.05  # seconds: what is shorter is no pause
MOST_SAID = 1_200  # characters in one `say`: a minute and a half of talk
LEAD_IN = 0.5  # seconds before the first step of a session


@dataclass
class StepBuilder:
    """The steps so far, and what has been read since the last of them."""

    report: Report
    vocabulary: Vocabulary
    steps: list[dict[str, Any]] = field(default_factory=list)
    places: dict[Keys, SourceLocation] = field(default_factory=dict)
    heading: Heading | None = None
    waiting: list[Words | Time] = field(default_factory=list)
    since: int = 0  # the step that a repetition begins with
    calm: int = 0  # 1: more is felt than done, so only what tells to move is an exercise; 2: a meditation: nothing is
    still: bool = False  # the last pause under this heading was one
    base: float | None = None  # where in a text with time codes the text that is being read begins

    def add_all(self, pieces: list[Piece]) -> None:
        """Add the steps that all pieces make."""
        index = 0
        while index < len(pieces):
            piece = pieces[index]
            index += 1
            match piece:
                case Heading():
                    self._end_heading()
                    self.heading, self.since, self.still = piece, len(self.steps), False
                case Start():
                    self._add_words()
                    self._announce()
                    self.since = len(self.steps)
                case Again():
                    self._add_words()
                    self._repeat(piece.times, piece.place)
                case At():
                    self._go_to(piece)
                case Words():
                    self.waiting.append(piece)
                case Time():
                    index = self._add_time(piece, pieces, index)
        self._end_heading()

    def _add_time(self, time: Time, pieces: list[Piece], index: int) -> int:
        dose = time.dose
        if dose.breath_pattern:
            self._add_breathing(time)
        elif time.kind == "rest" and (time.seconds >= 3 or dose.rest):
            self._add_rest(time)
        elif time.kind != "pause" and not (time.seconds or dose.reps or (dose.times and (time.named or not time.text))):
            self._add_loose(time)
        elif time.kind in ("hold", "dose") or self._is_hold(time):
            hold = dose.hold or (time.length if time.seconds else None)
            return self._add_pose(replace(time, dose=replace(dose, hold=hold)), pieces, index)
        elif time.seconds >= SHORTEST:
            self.waiting.append(time)
        return index

    def _add_loose(self, time: Time) -> None:
        """What was meant for an exercise, but there is none: repeats the steps of this part, or is said."""
        times = max(*exercise.count(time.dose))
        steps = self.steps[self.since :]
        certain = time.source == "line" or any("say" not in step for step in steps)
        if times > 1 and certain and (time.dose.repeat or time.dose.sets):
            self._add_words()
            self.report.use(time.place, time.text, "a time")
            self._repeat(times, time.place)
        elif time.text:
            self.waiting.append(Words(time.text, time.place, time.block, time.item))

    def _repeat(self, times: int, place: SourceLocation, is_guess: bool = True) -> None:
        inner = self.steps[self.since :]
        if not inner:
            return
        if len(inner) == 1 and inner[0].get("breathe", {}).get("rounds") == 1:
            inner[0]["breathe"]["rounds"] = times
            return
        if is_guess:
            self.report.guess(place, f"All of this part is done {times} times.")
        moved = {keys: where for keys, where in self.places.items() if len(keys) > 1 and int(keys[1]) >= self.since}
        for keys in moved:
            del self.places[keys]
        here: Keys = ("steps", self.since)
        self.places |= {here: moved.get(here, place), (*here, "repeat"): place}
        self.places |= {(*here, "steps", int(keys[1]) - self.since, *keys[2:]): where for keys, where in moved.items()}
        self.steps[self.since :] = [{"repeat": times, "steps": inner}]
        self.since += 1

    def _is_hold(self, pause: Time) -> bool:
        if pause.seconds < LONG_PAUSE or pause.source == "count" or not self._has_words():
            return False
        silence = not self.heading and self.vocabulary.has("silences", pause.text)
        if not silence and self._is_exercise():
            return True
        still = f"A pause of {pause} after words that name no movement stays silent."
        self.still = True
        self.report.guess(pause.place, f"{still} For a hold, write [hold {pause}].", "still")
        return False

    def _has_words(self) -> bool:
        return any(isinstance(part, Words) for part in self.waiting)

    def _is_named(self, first: int) -> bool:
        return any(isinstance(part, Words) and part.lead for part in self.waiting[first:])

    def _is_exercise(self) -> bool:
        first = exercise.find_own(self.waiting, None, self.vocabulary)
        own = [part.text for part in self.waiting[first:] if isinstance(part, Words)]
        about = [self.heading.text] if self.heading else []
        text = " ".join((*about, *own))
        stills = self.vocabulary.has("stills", text)
        placed = [one for one in own if self.vocabulary.starts("settles", one) and (self.calm or len(one.split()) < 6)]
        placed = [] if self.heading and not self.calm else placed
        led = [one for one in own if one not in placed and is_movement(one, self.vocabulary)]
        if self.calm:
            stills += self.vocabulary.has("releases", own[-1]) if own else 0
        if (
            self.calm > 1
            or own == placed
            or (not led and (self.calm or stills or (self.still and not self._is_named(first))))
            or (self.calm and stills)
        ):
            return False
        return bool(own) and is_exercise(text, self.vocabulary)

    def _add_pose(self, time: Time, pieces: list[Piece], index: int) -> int:
        """Add an exercise with this time as its dose; returns the index of the first piece that is not about it."""
        first = exercise.find_own(self.waiting, self.heading, self.vocabulary)
        own = self.waiting[first:]
        named = self.heading
        if not own and not named:
            poses = [step["pose"] for step in self.steps if "pose" in step]
            if time.source == "label" and not poses:
                self.report.guess(time.place, f"Nothing is held for {time} here, since no exercise stands before it.")
                return index
            if time.source != "label":
                # A second hold in a row, or one before any words: there is no name for a pose.
                self._add_rest(time)
                return index
            named = Heading(poses[-1]["name"], time.place)
        self.waiting = self.waiting[:first]
        if self.waiting:
            self._add_words()  # with a chapter for the heading, which is used up then
            named = self.heading if own else named
        if own and isinstance(own[0], Words) and own[0].lead:
            self._announce()
        several = any("pose" in step for step in self.steps[self.since :])
        self.report.use(time.place, time.text, "a time")
        index, time, described, release = exercise.find_described(
            pieces, index, time, self.vocabulary, self.report, several
        )
        step, places = exercise.build_pose(named, own, time, described, release, self.report)
        counted = "reps" in step and "hold" not in step["pose"]
        sets = 0 if counted or time.dose.between == "reps" else step.get("rounds", 1)
        # A rest is heard between rounds; with reps that are held, it lies between the reps.
        alone = sets == 1 and "reps" not in step and not time.dose.between
        after = step.pop("rest", None) if alone or (sets > 1 and "reps" in step) else None
        if after and sets > 1:
            del step["rounds"]
        self._add_step(step, places)
        if after:
            self._add_step({"rest": after}, {(): time.place, ("rest",): time.place})
        if after and sets > 1:
            since, self.since = self.since, len(self.steps) - 2
            self._repeat(sets, time.place, is_guess=False)
            self.since = since
        self.waiting, self.heading = [], None
        return index

    def _announce(self) -> None:
        """Say the heading over exercises that have names of their own."""
        if heading := self.heading:
            self._add_say([Words(heading.text, heading.place)])

    def _add_breathing(self, time: Time) -> None:
        dose = time.dose
        self._add_words()
        self._announce()
        sets, reps = exercise.count(replace(dose, hold=None, between=""))
        length = dose.total or dose.hold
        amount = {"for": show_length(length)} if length and length.seconds else {"rounds": max(sets, reps, 1)}
        self.report.use(time.place, time.text, "a time")
        breath = {"breathe": {"pattern": dose.breath_pattern, **amount}}
        self._add_step(breath, {(): time.place, ("breathe",): time.place})

    def _add_rest(self, time: Time) -> None:
        last = self.waiting[-1] if self.waiting else None
        if isinstance(last, Words) and is_rest(last.text.strip(" ."), self.vocabulary):
            self.waiting.pop()  # the rest itself says it
            self.report.use(last.place, last.text, "a time")
        elif time.text:
            self.waiting.append(Words(time.text, time.place, time.block, time.item))
        self._add_words()
        length = time.length if time.seconds else time.dose.rest or time.length
        seconds = replace(time, length=length).seconds
        if seconds >= SHORTEST:
            self._add_step({"rest": format_duration(seconds)}, {(): time.place, ("rest",): time.place})

    def _go_to(self, at: At) -> None:
        """Let the words that follow begin at their time."""
        if self.base is None:
            self._add_words()
            self.base = at.start if self.steps else LEAD_IN
        elif not self.waiting or len(exercise.spoken_text(self.waiting)) > MOST_SAID:
            self._add_words()
            last = self.steps[-1] if self.steps else {}
            if at.start > self.base and "say" in last:
                last["say"] += f" {{until {format_duration(at.start - self.base)}}}"
            self.base = at.start
            return
        if at.start > self.base:
            self.waiting.append(Time("pause", Duration(at.start - self.base), at.place, "until"))

    def _end_heading(self) -> None:
        heading = self.heading
        if heading and heading.dose:
            dose = heading.dose
            time = Time("hold", dose.hold or Duration(), heading.place, "label", dose)
            if not any("pose" in step for step in self.steps[self.since :]) and self._is_exercise():
                if dose.hold:
                    self.report.guess(heading.place, f"The time in the heading is taken for the hold: {time}.")
                self._add_pose(time, [], 0)
        self._add_words()
        if self.heading:
            self.report.leave_out(self.heading.place, self.heading.text, "a heading without words")
            self.heading = None

    def _add_words(self) -> None:
        """Add what was read as words between poses, a step a paragraph; the first one opens the heading's chapter."""
        waiting: list[Words | Time] = []
        size = 0
        for _, group in groupby(self.waiting, key=lambda part: self.base is None and part.block):
            for part in group:
                length = len(part.text) if isinstance(part, Words) else 0
                if length and size and size + length > MOST_SAID and self.base is None:
                    self._add_say(waiting)
                    waiting, size = [], 0
                waiting.append(part)
                size += length
            if size:
                self._add_say(waiting)
                waiting, size = [], 0
        self.waiting = []
        seconds = sum(part.seconds for part in waiting if isinstance(part, Time))
        if seconds >= 1:
            place = next(part.place for part in waiting if isinstance(part, Time))
            self._add_step({"rest": format_duration(seconds)}, {(): place, ("rest",): place})

    def _add_say(self, parts: list[Words | Time]) -> None:
        spoken = [part for part in parts if isinstance(part, Words)]
        place = spoken[0].place
        step: dict[str, Any] = {"say": exercise.spoken_text(parts)}
        places: dict[Keys, SourceLocation] = {(): place, ("say",): place}
        for words in spoken:
            self.report.use(words.place, words.text, "said")
        if self.heading:
            step["chapter"] = exercise.split_name(self.heading.text)[0]
            places["chapter",] = self.heading.place
            self.report.use(self.heading.place, self.heading.text, "a chapter")
            if self.heading.dose:
                message = f"The time in the heading {self.heading.timed!r} is that of the whole part, and no hold."
                self.report.guess(self.heading.place, message)
            self.heading = None
        self._add_step(step, places)

    def _add_step(self, step: dict[str, Any], places: dict[Keys, SourceLocation]) -> None:
        here: Keys = ("steps", len(self.steps))
        self.places |= {(*here, *keys): place for keys, place in places.items()}
        self.steps.append(step)
