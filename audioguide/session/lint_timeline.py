"""What a good editor would say about a session as it is heard: warnings that need the routine and its timeline.

Each is placed where it was written in the routine's own file; an included routine is told of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from audioguide.errors import Problem, SourceLocation
from audioguide.model import holds
from audioguide.model.routine import BreatheStep, PoseStep, Prompt, Routine, SayStep, Step
from audioguide.model.timeline import Cue, Timeline
from audioguide.schema.document import Document, Keys
from audioguide.session.lint_text import LanguagePatterns, make_warning
from audioguide.timeline.prompts import find_prompt_starts
from audioguide.units import RATE, format_duration, to_frames

LONGEST_SILENCE = 60.0
"""Seconds between two clips, before a listener with closed eyes wonders whether the session is over."""

_TOLD = ("say", "name", "instructions", "begin", "prompt")
"""The roles of speech that may announce a silence; a countdown does not."""


def check_timeline(
    document: Document, routine: Routine, timeline: Timeline, wording: LanguagePatterns
) -> Iterator[Problem]:
    """All that is to be said about a session whose routine has no errors."""
    heard = _Heard(document, routine, timeline, wording)
    yield from heard.short_holds()
    yield from heard.unequal_sides()
    yield from heard.silences()
    yield from heard.lost_prompts()
    yield from heard.closing()


class _Heard:
    def __init__(self, document: Document, routine: Routine, timeline: Timeline, wording: LanguagePatterns) -> None:
        self.document, self.steps, self.wording = document, routine.steps, wording
        self.cues = tuple(timeline.cues)
        self.paths = {place: path for path, place in document.places.items() if path and isinstance(path[-1], int)}
        self.poses = [step for step in self.steps if isinstance(step, PoseStep)]

    def short_holds(self) -> Iterator[Problem]:
        """Holds that are written shorter than their pose is ever held."""
        for step in self.poses:
            shortest = step.pose.limits.shortest
            if (
                self.own(step)
                and step.origin == "step"
                and not step.pose.moving
                and holds.hold_seconds(step) < shortest - 1e-6
            ):
                message = f"A hold of {step.hold} is under the shortest of {step.pose.name!r}, which is"
                hint = "Lengthen it, or widen the pose's limits."
                yield make_warning(
                    step.hold_place or step.place, "under-limit", f"{message} {format_duration(shortest)}.", hint
                )

    def unequal_sides(self) -> Iterator[Problem]:
        """Poses that are held longer on one side than on the other."""
        totals: dict[str, dict[str, _Held]] = defaultdict(dict)
        for step in self.poses:
            for pose, side in self._sides(step):
                held = totals[pose.casefold()].setdefault(side, _Held(step))
                held.seconds += holds.hold_seconds(step) * step.rounds
                held.own = held.own or (step if self.own(step) else None)
        for sides in totals.values():
            missing = [side for side in self.wording.sides if side not in sides]
            lengths = [held.seconds for held in sides.values()]
            shortest = min(sides.values(), key=lambda held: held.seconds)
            if (place := shortest.own or next((held.own for held in sides.values() if held.own), None)) is None:
                continue
            if missing:
                name = shortest.step.pose.name
                if not shortest.step.pose.sides and self.wording.sides_in(name.split()[0]):
                    continue  # `Right angle pose` has no left one
                message = f"{name!r} is done on one side only."
            elif max(lengths) - min(lengths) > 0.01:
                each = " and ".join(f"{format_duration(held.seconds)} on the {side}" for side, held in sides.items())
                message = f"{self.wording.without_sides(shortest.step.pose.name)!r} is held for {each}."
            else:
                continue
            hint = "Give both sides the same time, as `sides:` in one step does."
            yield make_warning(place.hold_place or place.place, "unequal-sides", message, hint)

    def _sides(self, step: PoseStep) -> Iterator[tuple[str, str]]:
        """What a step does on which side, as its sides or its name have it."""
        named = self.wording.sides_in(step.pose.name)
        plain_name = self.wording.without_sides(step.pose.name)
        if step.pose.sides:
            for side in step.pose.sides:
                for word in self.wording.sides_in(side)[:1]:
                    yield plain_name, word
        elif len(set(named)) == 1:
            yield plain_name, named[0]

    def silences(self) -> Iterator[Problem]:
        """Long silences that nobody announced."""
        told: dict[int | None, list[str]] = defaultdict(list)
        longest: dict[SourceLocation, tuple[int, int]] = {}
        before = 0
        for cue in self.cues:
            if cue.kind != "speech":
                continue
            if before and (silence := cue.start - before) > to_frames(LONGEST_SILENCE):
                index = self._silent(before, cue)
                if index is not None and not self._announced(index, told):
                    place = self.steps[index].place
                    longest[place] = max((silence, index), longest.get(place, (0, 0)))
            if cue.role in _TOLD:
                told[cue.step].append(cue.text or "")
            before = cue.end
        for silence, index in longest.values():
            yield self._silence(self.steps[index], silence / RATE)

    def _silent(self, start: int, following: Cue) -> int | None:
        """The step in this file that most of a silence lies in, by its index."""
        overlaps = defaultdict[int | None, int](int)
        for cue in self.cues:
            if cue.kind in ("hold", "rest"):
                overlaps[cue.step] += max(0, min(cue.end, following.start) - max(cue.start, start))
        longest = max(overlaps, key=lambda step: overlaps[step], default=following.step)
        return next((n for n, step in enumerate(self.steps) if step.number == longest and self.own(step)), None)

    def _announced(self, index: int, told: dict[int | None, list[str]]) -> bool:
        texts = list(told[self.steps[index].number])
        while index and isinstance(step := self.steps[index - 1], SayStep):
            texts += told[step.number]
            index -= 1
        return any(map(self.wording.tells_length, texts))

    def _silence(self, step: Step, seconds: float) -> Problem:
        message = f"Nothing is said for about {format_duration(round(seconds))} here, and nothing announces that."
        if isinstance(step, PoseStep):
            hint = "Say {hold} in the instructions, or add prompts or a breath pattern."
            return make_warning(step.hold_place or step.place, "long-silence", message, hint)
        where = self.document.place((*self.paths[step.place], "rest"))
        return make_warning(where, "long-silence", message, "Say before it how long it is.")

    def lost_prompts(self) -> Iterator[Problem]:
        """A person's own words that are heard in no hold of their step."""
        spoken: dict[tuple[int | None, str | None], set[int]] = defaultdict(set)
        held: dict[int | None, list[Cue]] = defaultdict(list)
        for cue in self.cues:
            if cue.kind == "hold":
                held[cue.step].append(cue)
            elif cue.role == "prompt":
                for text in (cue.text, None):  # None: whatever the placeholders of a text were filled with
                    spoken[cue.step, text].add(cue.start)
        silent: dict[SourceLocation, Problem] = {}
        heard: set[SourceLocation] = set()
        for step in self.poses:
            for place, prompt in self._prompts(step) if self.own(step) else ():
                text = None if "{" in prompt.say else prompt.say
                starts = {
                    hold.start + moment
                    for hold in held[step.number]
                    for moment in find_prompt_starts(prompt, hold.frames)
                }
                if starts & spoken[step.number, text]:
                    heard.add(place)
                elif held[step.number]:
                    silent[place] = make_warning(place, "prompt-never-heard", *_why(step, prompt, bool(starts)))
        yield from (problem for place, problem in silent.items() if place not in heard)

    def _prompts(self, step: PoseStep) -> Iterator[tuple[SourceLocation, Prompt]]:
        """The prompts of a step that are written in this file, at the step and then at a pose in place."""
        path = self.paths[step.place]
        lists: tuple[Keys, ...] = ((*path, "prompts"), (*path, "pose", "prompts"))
        places = [
            self.document.place((*prompts, n))
            for prompts in lists
            if prompts in self.document.places
            for n in range(len(self.document.value(prompts) or ()))
        ]
        return zip(places, step.prompts, strict=False)

    def closing(self) -> Iterator[Problem]:
        """Whether anything is said after the last that is done."""
        done = [n for n, step in enumerate(self.steps) if isinstance(step, PoseStep | BreatheStep)]
        if done and not any(isinstance(step, SayStep) for step in self.steps[done[-1] :]):
            last = ("steps", len(self.document.value(("steps",))) - 1)
            message = "The session ends without a word: nothing is said after its last exercise."
            yield make_warning(self.document.place(last), "no-closing", message, "Add a step `- say:` that closes it.")

    def own(self, step: Step) -> bool:
        """Whether a step is written in the file itself, not in one that it includes."""
        return step.place in self.paths


@dataclass
class _Held:
    """How long a pose is held on one side; `own` is the first step of this file that does so."""

    step: PoseStep
    seconds: float = 0.0
    own: PoseStep | None = None


def _why(step: PoseStep, prompt: Prompt, has_moment: bool) -> tuple[str, str]:
    if step.pose.moving:
        message = f"{prompt.say!r} is never heard: a moving pose has only its breath words or counts."
        return message, "Say it in the instructions."
    if has_moment:
        message = f"{prompt.say!r} is never heard: it is longer than what is left of the hold, or meets another prompt."
        return message, "Shorten it, or move it."
    message = f"{prompt.say!r} is never heard: the hold takes {format_duration(holds.hold_seconds(step))}."
    return message, "Choose a moment within it, as half."
