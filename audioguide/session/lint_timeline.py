"""Warnings about a session as it is heard. They need the routine without errors, and its timeline.

Only what is written in the routine's own file is reported; a file that it includes is checked on its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from audioguide.errors import Problem, SourceLocation
from audioguide.model import holds
from audioguide.model.notation import Until, split_pauses
from audioguide.model.routine import IN_PLACE_LIMITS, BreatheStep, PoseStep, Prompt, Routine, SayStep, Step
from audioguide.model.timeline import Cue, Timeline
from audioguide.schema.document import Document, Keys
from audioguide.session.lint_text import LanguagePatterns, make_warning, warn_idle
from audioguide.timeline.prompts import find_prompt_starts
from audioguide.units import RATE, format_duration, to_frames

LONGEST_SILENCE = 60.0  # seconds between two clips, before a listener wonders whether the session is over
LONG_HOLD = 60.0  # seconds of a hold that nobody set a limit for
LONGEST_SET = 180.0  # seconds of a set whose reps are held, before `hold` was rather meant for all of it
_ANNOUNCING_ROLES = ("say", "name", "instructions", "begin", "prompt")  # they may announce a silence; a countdown not


def check_timeline(
    document: Document, routine: Routine, timeline: Timeline, patterns: LanguagePatterns
) -> Iterator[Problem]:
    """All warnings about a session."""
    linter = _TimelineLinter(document, routine, timeline, patterns)
    yield from linter.find_short_holds()
    yield from linter.find_doubtful_doses()
    yield from linter.find_unequal_sides()
    yield from linter.find_long_silences()
    yield from linter.find_unheard_prompts()
    yield from linter.find_missing_closing()
    yield from linter.find_late_words()


class _TimelineLinter:
    def __init__(self, document: Document, routine: Routine, timeline: Timeline, patterns: LanguagePatterns) -> None:
        self.document, self.steps, self.patterns = document, routine.steps, patterns
        self.cues = timeline.cues
        self.paths = {place: path for path, place in document.places.items() if path and isinstance(path[-1], int)}
        self.poses = [step for step in self.steps if isinstance(step, PoseStep)]

    def is_own(self, step: Step) -> bool:
        return step.place in self.paths

    def find_short_holds(self) -> Iterator[Problem]:
        for step in self.poses:
            shortest = step.pose.limits.shortest
            is_written = self.is_own(step) and step.origin == "step" and not step.pose.is_moving
            if is_written and holds.hold_seconds(step) < shortest - 1e-6:
                limit = f"the shortest of {step.pose.name!r}, which is {format_duration(shortest)}"
                message, hint = f"A hold of {step.hold} is under {limit}.", "Lengthen it, or widen the pose's limits."
                yield make_warning(step.hold_place or step.place, "under-limit", message, hint)

    def find_doubtful_doses(self) -> Iterator[Problem]:
        frames = {cue.step: cue.frames for cue in self.cues if cue.kind == "hold"}
        for step in filter(self.is_own, self.poses):
            path, seconds, place = self.paths[step.place], holds.hold_seconds(step), step.hold_place or step.place
            written = self.document.value(path)
            if "rest" in written and step.rounds == 1 and step.rep_hold is None:
                message = "This rest is between rounds, and there is one round only."
                hint = "Add rounds, or a step `- rest:` below."
                yield warn_idle(self.document, (*path, "rest"), message, hint)
            if step.pose.limits == IN_PLACE_LIMITS and not step.pose.is_moving and seconds > LONG_HOLD:
                message = f"A hold of {step.hold} is long for a pose without limits."
                yield make_warning(place, "long-hold", message, f"If it is meant, add limits: 1s..{step.hold}.")
            if step.rep_hold and "reps" not in written and "hold" in written and seconds > LONGEST_SET:
                message = f"Each of {step.pose.reps} reps is held for {step.hold}, {format_duration(seconds)} in all."
                reps = holds.whole_cycles(step.rep_hold / sum(step.pose.tempo))
                yield make_warning(place, "long-hold", message, f"For reps of {step.hold} in all, write reps: {reps}.")
            if step.rep_hold and not step.rest and (step.pose.reps or 1) > 1:
                message = "There is no time to relax between the reps."
                yield make_warning(place, "no-rest", message, "Add rest: 3s to the step.")
            if step.pose.reps and (longer := frames[step.number] - to_frames(seconds)) > 1:
                message = f"The counts need more time than a rep has: {longer / RATE:.1f}s in all are added."
                yield make_warning(step.place, "short-rep", message, "Give the reps a slower tempo, or a longer hold.")

    def find_unequal_sides(self) -> Iterator[Problem]:
        totals: dict[str, dict[str, _SideTotal]] = defaultdict(dict)
        for step in self.poses:
            meant = self.is_own(step) and "sides" in self.document.value(self.paths[step.place])
            for pose, side in () if meant else self._list_sides(step):
                total = totals[pose.casefold()].setdefault(side, _SideTotal(step))
                total.seconds += holds.hold_seconds(step) * step.rounds
                total.own_step = total.own_step or (step if self.is_own(step) else None)
        for sides in totals.values():
            shortest = min(sides.values(), key=lambda total: total.seconds)
            own = shortest.own_step or next((total.own_step for total in sides.values() if total.own_step), None)
            if own and (message := self._describe_unequal(sides, shortest.step)):
                hint = "Give both sides the same time, as `sides:` in one step does."
                yield make_warning(own.hold_place or own.place, "unequal-sides", message, hint)

    def _list_sides(self, step: PoseStep) -> Iterator[tuple[str, str]]:
        """The name of a pose without its side, and each side that it is done on; nothing for a pose without sides."""
        words = [word for side in step.pose.sides for word in self.patterns.sides_in(side)[:1]]
        named = set(self.patterns.sides_in(step.pose.name))
        if not step.pose.sides and len(named) == 1:
            words = list(named)
        for word in words:
            yield self.patterns.without_sides(step.pose.name), word

    def _describe_unequal(self, sides: dict[str, _SideTotal], shortest: PoseStep) -> str | None:
        name = shortest.pose.name
        if any(side not in sides for side in self.patterns.sides):
            if not shortest.pose.sides and self.patterns.sides_in(name.split()[0]):
                return None  # `Right angle pose` has no left one
            return f"{name!r} is done on one side only."
        lengths = [total.seconds for total in sides.values()]
        if max(lengths) - min(lengths) <= 0.01:
            return None
        each = " and ".join(f"{format_duration(total.seconds)} on the {side}" for side, total in sides.items())
        return f"{self.patterns.without_sides(name)!r} is held for {each}."

    def find_long_silences(self) -> Iterator[Problem]:
        spoken: dict[int | None, list[str]] = defaultdict(list)
        longest: dict[SourceLocation, tuple[int, int]] = {}
        before = 0
        for cue in self.cues:
            if cue.kind != "speech":
                continue
            if before and (silence := cue.start - before) > to_frames(LONGEST_SILENCE):
                index = self._find_silent_step(before, cue)
                if index is not None and not self._is_announced(index, spoken):
                    place = self.steps[index].place
                    longest[place] = max((silence, index), longest.get(place, (0, 0)))
            if cue.role in _ANNOUNCING_ROLES:
                spoken[cue.step].append(cue.text or "")
            before = cue.end
        for silence, index in longest.values():
            step, length = self.steps[index], format_duration(round(silence / RATE))
            message = f"Nothing is said for about {length} here, and nothing announces that."
            place, hint = self.document.place((*self.paths[step.place], "rest")), "Say before it how long it is."
            if isinstance(step, PoseStep):
                hint = "Say {hold} in the instructions, or add prompts or a breath pattern."
                place = step.hold_place or step.place
            yield make_warning(place, "long-silence", message, hint)

    def _find_silent_step(self, start: int, next_speech: Cue) -> int | None:
        overlaps = defaultdict[int | None, int](int)
        for cue in self.cues:
            if cue.kind in ("hold", "rest"):
                overlaps[cue.step] += max(0, min(cue.end, next_speech.start) - max(cue.start, start))
        number = max(overlaps, key=lambda step: overlaps[step], default=next_speech.step)
        return next((n for n, step in enumerate(self.steps) if step.number == number and self.is_own(step)), None)

    def _is_announced(self, index: int, spoken: dict[int | None, list[str]]) -> bool:
        texts = list(spoken[self.steps[index].number])
        while index and isinstance(step := self.steps[index - 1], SayStep):
            texts += spoken[step.number]
            index -= 1
        return any(map(self.patterns.length.search, texts))

    def find_unheard_prompts(self) -> Iterator[Problem]:
        spoken: dict[tuple[int | None, str | None], set[int]] = defaultdict(set)
        held: dict[int | None, list[Cue]] = defaultdict(list)
        for cue in self.cues:
            if cue.kind == "hold":
                held[cue.step].append(cue)
            elif cue.role == "prompt":
                for text in (cue.text, None):  # None: whatever the placeholders of a text were filled with
                    spoken[cue.step, text].add(cue.start)
        unheard: dict[SourceLocation, Problem] = {}
        heard: set[SourceLocation] = set()
        for step in self.poses:
            for place, prompt in self._list_prompts(step) if self.is_own(step) else ():
                text = None if "{" in prompt.say else prompt.say
                holding = held[step.number]
                starts = {hold.start + due for hold in holding for due in find_prompt_starts(prompt, hold.frames)}
                if starts & spoken[step.number, text]:
                    heard.add(place)
                elif holding:
                    unheard[place] = _warn_of_unheard(place, step, prompt, is_due=bool(starts))
        yield from (problem for place, problem in unheard.items() if place not in heard)

    def _list_prompts(self, step: PoseStep) -> Iterator[tuple[SourceLocation, Prompt]]:
        path, document = self.paths[step.place], self.document
        lists: list[Keys] = [(*path, "prompts"), (*path, "pose", "prompts")]
        lists = [prompts for prompts in lists if prompts in document.places]
        places = [document.place((*keys, n)) for keys in lists for n in range(len(document.value(keys) or ()))]
        return zip(places, step.prompts, strict=False)

    def find_missing_closing(self) -> Iterator[Problem]:
        exercises = [n for n, step in enumerate(self.steps) if isinstance(step, PoseStep | BreatheStep)]
        if exercises and not any(isinstance(step, SayStep) for step in self.steps[exercises[-1] :]):
            last = ("steps", len(self.document.value(("steps",))) - 1)
            message = "The session ends without a word: nothing is said after its last exercise."
            yield make_warning(self.document.place(last), "no-closing", message, "Add a step `- say:` that closes it.")

    def find_late_words(self) -> Iterator[Problem]:
        spoken = defaultdict[int | None, list[Cue]](list)
        for cue in self.cues:
            if cue.kind == "speech":
                spoken[cue.step].append(cue)
        for step in (step for step in self.steps if isinstance(step, SayStep) and self.is_own(step)):
            cues, due, begin, end = iter(spoken[step.number]), 0, 0, 0
            for part in split_pauses(step.text):
                if isinstance(part, str):
                    cue = next(cues)
                    begin, end = begin or cue.start - due, cue.end
                    continue
                due = to_frames(part) if isinstance(part, Until) else due + to_frames(part)
                if end and isinstance(part, Until) and (late := end - begin - due) > 0:
                    message = (
                        f"The words before {{until {format_duration(part)}}} end about {late / RATE:.1f}s after it."
                    )
                    hint = "Write a later time, or fewer words."
                    yield make_warning(
                        self.document.place((*self.paths[step.place], "say")), "late-words", message, hint
                    )


@dataclass
class _SideTotal:
    """How long a pose is held on one side in all; `own_step` is the first step of this file that does so."""

    step: PoseStep
    seconds: float = 0.0
    own_step: PoseStep | None = None


def _warn_of_unheard(place: SourceLocation, step: PoseStep, prompt: Prompt, *, is_due: bool) -> Problem:
    if step.pose.is_moving:
        reason, hint = "a moving pose has only its breath words or counts", "Say it in the instructions."
    elif is_due:
        reason, hint = "it is longer than the rest of the hold, or meets another prompt", "Shorten it, or move it."
    else:
        reason = f"the hold takes {format_duration(holds.hold_seconds(step))}"
        hint = "Choose a moment within it, as half."
    return make_warning(place, "prompt-never-heard", f"{prompt.say!r} is never heard: {reason}.", hint)
