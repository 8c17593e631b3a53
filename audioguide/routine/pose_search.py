"""Chooses the poses of a composed session: a search for the set that costs least. Its table is composing.yaml. Pure.

A set has one order: through the places from the feet to the floor, and within one as the table has it. So the search
adds to the few best sets the poses with which they cost least, then exchanges single ones while that helps.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations, pairwise
from random import Random
from typing import Any, get_args

from audioguide.errors import RequestError, suggest
from audioguide.model import holds
from audioguide.model.notation import parse_length
from audioguide.model.options import write_seconds
from audioguide.model.routine import TARGETS, Equipment, Level, LevelTexts, PoseStep, Position
from audioguide.model.selectors import slug
from audioguide.routine.lead_over import Station, station_of
from audioguide.routine.wishes import Wishes, composing_rules
from audioguide.units import parse_pause

BEAM = 3
DOSED = 300.0  # seconds: in a shorter session everything is done once
LETTERS, OTHER_LETTERS, SENTENCE = (
    16.0,
    14.5,
    0.75,
)  # in English, other languages; a second, and seconds: no voice is asked, since holds are fitted when it speaks
PAUSE = re.compile(r"\{[^}]*?(\d+)s\}")
AROUND, CHANGE, BREATH = 38.0, 7.0, 10.0  # seconds of opening and closing, of words for a change, and of a slow breath
EASY = 0.08  # this share more or less is made up by holds, and nobody notices

Poses = tuple["PoseChoice", ...]


@dataclass(frozen=True, slots=True, eq=False)
class PoseChoice:
    """A pose as it would be done: how it is written, where, its rank in the order, what it helps, and its own cost.

    `floor` is its place, too, but one for two places with no move to speak of between them.
    """

    step: PoseStep
    written: dict[str, Any]
    place: Station
    floor: str
    rank: tuple[int, int, str]
    kind: str
    bend: str
    seconds: float
    helps: dict[str, float]
    cost: float


def estimate_speech(text: str, language: str) -> float:
    """Seconds that a text takes, with its pauses."""
    spoken = sum(map(str.isalnum, PAUSE.sub("", text))) / (LETTERS if language == "en" else OTHER_LETTERS)
    return spoken + SENTENCE * len(re.findall(r"[.!?](?:\s|$)", text)) + sum(map(int, PAUSE.findall(text)))


@dataclass(frozen=True)
class PoseChooser:
    """Chooses poses for wishes; `recent` are the ids of those that were done yesterday."""

    library: Sequence[PoseStep]
    wishes: Wishes
    recent: Collection[str] = ()

    @cached_property
    def occasion(self) -> dict[str, Any]:
        """What is liked on the occasion."""
        return dict(composing_rules()["occasions"][self.wishes.occasion or "any"])

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        """The parts of the body that the session is for."""
        parts = {"whole body": composing_rules()["whole body"]}
        return tuple(dict.fromkeys(part for one in self.wishes.targets for part in parts.get(one, [one])))

    @property
    def level(self) -> Level:
        """How much is said: little, where there is little time."""
        return self.wishes.words or ("brief" if self.wishes.length < 1.6 * DOSED else "normal")

    @property
    def breaths(self) -> int:
        """How many slow breaths there are at either end."""
        return next(count for least, count in ((900, 6), (DOSED, 4), (180, 2), (0, 0)) if self.wishes.length >= least)

    @property
    def ends_quietly(self) -> bool:
        """Whether there are slow breaths at the end, too, unless the last pose is rest."""
        return self.wishes.length >= DOSED and "rest" in self.occasion["last"]

    @cached_property
    def pinned(self) -> frozenset[str]:
        """The ids of the poses that are to be in it. RequestError for one that the library has not."""
        named = {slug(name): str(one.pose.id) for one in self.library for name in (one.pose.name, one.pose.id or "")}
        if unknown := next((name for name in self.wishes.pinned if slug(name) not in named), None):
            raise RequestError(f"There is no pose {unknown!r}.", suggest(unknown, named) or "See `audioguide poses`.")
        return frozenset(named[slug(name)] for name in self.wishes.pinned)

    @cached_property
    def earlier(self) -> frozenset[str]:
        """The ids of the poses that up to two seeds before have: a seed is asked for to have another session."""
        seeds = range(self.wishes.seed - self.wishes.seed % 3, self.wishes.seed)
        others = (replace(self, wishes=replace(self.wishes, seed=seed)) for seed in seeds)
        return frozenset(str(one.step.pose.id) for other in others for one in other.choose()[1])

    @cached_property
    def choices(self) -> Poses:
        """All poses that may be done, in their order. RequestError for a word in `without` that means nothing."""
        avoided = set().union(*map(self._find_avoided, self.wishes.without))
        allowed = (one for one in self.library if one.pose.id not in avoided and self._is_possible(one))
        return tuple(sorted(map(self._make_choice, allowed), key=lambda one: one.rank))

    def _find_avoided(self, word: str) -> set[str | None]:
        rules, plain, words = composing_rules(), slug(word), (*TARGETS, *get_args(Position), *get_args(Equipment))
        known: dict[str, set[str | None]] = {slug(word): set() for word in words}
        for pose in (step.pose for step in self.library):
            places = station_of(pose), pose.position or ""
            for name in (*pose.loads, *pose.equipment, *pose.targets, *places, pose.id or "", pose.name):
                known.setdefault(slug(name), set()).add(pose.id)
        spared = {slug(key): names for key, names in (*rules["meant"].items(), *rules["spared"].items())}
        if plain not in {**spared, **known}:
            hint = suggest(plain, {**spared, **known})
            raise RequestError(f"Nothing here is called {word!r}, so it cannot be left out.", hint)
        return set().union(*(known.get(slug(name), set()) for name in (word, *spared.get(plain, ()))))

    def _is_possible(self, step: PoseStep) -> bool:
        pose, rules = step.pose, composing_rules()
        if not {*pose.equipment} <= {*self.wishes.equipment} or pose.id in self.pinned:
            return pose.id in self.pinned and {*pose.equipment} <= {*self.wishes.equipment}
        hard = self.wishes.demand == "easy" and pose.id in rules["demanding"]
        return station_of(pose) in self.occasion["places"] and not hard and pose.id not in rules["apart"]

    def _make_choice(self, step: PoseStep) -> PoseChoice:
        rules, wanted, pose, id = composing_rules(), self.wanted, step.pose, str(step.pose.id)
        usual = "rest" if {"relaxation", "recovery"} & {*pose.targets} else "stretch"
        usual = "loosen" if pose.breath_words else "strengthen" if pose.reps else usual
        kind = next((kind for kind, ids in rules["kinds"].items() if id in ids), usual)
        bend = next((bend for bend, ids in rules["bends"].items() if id in ids), "")
        written: dict[str, Any] = {"pose": id}
        if kind == "rest" and pose.hold and pose.hold.unit == "seconds":
            share = round(min(1800.0, self.wishes.length) * self.occasion.get("rest", 0.1) / 10) * 10
            written["hold"] = write_seconds(min(max(pose.limits.shortest, share), pose.limits.longest))
        elif self.wishes.length >= DOSED:
            written |= rules["doses"].get(id, {})
        hold = parse_length(written["hold"]) if "hold" in written else step.hold
        step = replace(step, hold=hold, rounds=written.get("rounds", 1), rest=parse_pause(written.get("rest", 0)))
        place, related = station_of(pose), rules["related"]
        near = {one: 0.5 for one in wanted if {*related.get(one, ())} & {*pose.targets}}
        helps = near | {one: 1.0 for one in wanted if one in pose.targets}
        seconds, weights, order = self._estimate(step), rules["weights"], rules["order"]
        minute = 0.0 if 1.0 in helps.values() else weights["related" if helps else "beside"]
        minute -= sum(self.occasion["liked"].get(one, 0.0) for one in (kind, place, id))
        cost = minute * seconds / 60 + weights["yesterday"] * (id in self.recent)
        cost -= weights["best"] * any(id in rules["best"].get(target, ()) for target in wanted)
        cost += weights[self.wishes.demand] * (id in rules["demanding"])
        cost += weights["earlier"] * (id in self.earlier)
        cost += weights["chance"] * Random(f"{self.wishes.seed} {id}").random() * (self.wishes.seed > 0)
        kinds = ("loosen", "strengthen", "stretch", "rest")
        rank = order.index(id) if id in order else len(order) + kinds.index(kind)
        floor, ranks = rules["beside each other"].get(place, place), (rules["places"].index(place), rank, id)
        return PoseChoice(step, written, place, floor, ranks, kind, bend, seconds, helps, cost)

    def _estimate(self, step: PoseStep) -> float:
        pose, sides = step.pose, max(1, len(step.pose.sides))
        texts = (pose.instructions, pose.caution or LevelTexts(), LevelTexts(pose.release))
        words = sum(estimate_speech(one.for_level(self.level) or "", self.wishes.language) for one in texts)
        settle = 4.0 if pose.settle is None else pose.settle
        return 7 + words + holds.duration(step) + sides * (settle + 4 * step.rounds)

    def seconds(self, poses: Sequence[PoseChoice]) -> float:
        """About how long a session of these poses is, before it is fitted."""
        breaths = self.breaths * (1 + (self.ends_quietly and not (poses and poses[-1].kind == "rest")))
        changes = len({one.place for one in poses})
        around = AROUND * (1.0 if self.wishes.language == "en" else 1.2)  # as slower voices have it
        return around + BREATH * breaths + sum(one.seconds for one in poses) + CHANGE * changes

    def price(self, poses: Poses) -> float:
        """What a session of these poses costs, which stand in their order."""
        weights, wanted, minutes = composing_rules()["weights"], self.wanted, self.wishes.length / 60
        more = self.seconds(poses) / 60 - minutes
        short, over = max(0.0, abs(more) - EASY * minutes), max(0.0, more - EASY * minutes)
        total: float = sum(one.cost for one in poses) + weights["length"] * short + weights["too-long"] * over
        helped, covered = Counter[str](), set[str]()
        for one in poses:
            for target, share in one.helps.items():
                helped[target] += round(one.seconds * share)
                covered |= {target} if share == 1 else set()
        all_help = sum(helped.values()) or 1
        total += weights["uncovered"] * (len(wanted) - len(covered)) * min(1.0, minutes / 2 / len(wanted))
        total += weights["unbalanced"] * sum(max(0.0, 1 / len(wanted) - helped[one] / all_help) for one in wanted)
        floors = Counter(one.floor for one in poses)
        total += weights["change"] * len(floors) * min(2.0, 15 / minutes)
        total += weights["alone"] * sum(count == 1 for count in floors.values()) * (len(poses) > 3)
        strength = sum(one.seconds for one in poses if one.kind == "strengthen") / 60
        total += weights["much-strength"] * max(0.0, strength - 0.4 * minutes)
        total += weights["rests"] * max(0, sum(one.kind == "rest" for one in poses) - self.occasion.get("rests", 1))
        total += weights["alike"] * sum(map(self._alike.__getitem__, combinations(poses, 2)))
        return total + self._price_order(poses) if poses else total

    def _price_order(self, poses: Poses) -> float:
        rules, warm, back = composing_rules(), False, False
        total: float = 0.0
        weights, last = rules["weights"], poses[-1]
        for one in poses:
            strains = one.kind == "strengthen" or one.bend == "back"
            warm = warm or one.kind == "loosen"
            if not warm and one.kind != "rest":
                total += weights["cold" if strains else "stretch-cold"] * self.occasion.get("cold", 1.0)
            back = one.bend == "back" or (back and one.bend != "forward")
        total += weights["unanswered"] * back
        total += weights["last"] * min(1.0, self.wishes.length / 600) * (last.kind not in self.occasion["last"])
        total += weights["nowhere"] * (last.place not in rules["ends"])
        total += weights["rest-early"] * sum(a.kind == "rest" != b.kind for a, b in pairwise(poses))
        return total

    @cached_property
    def _alike(self) -> dict[tuple[PoseChoice, PoseChoice], float]:
        """How alike two poses are that stand in this order, from 0 to 1: the parts that both are for, of one kind."""
        pairs = {}
        for one, other in combinations(self.choices, 2):
            parts, others = {*one.step.pose.targets}, {*other.step.pose.targets}
            pairs[one, other] = len(parts & others) / len(parts | others or "?") * (one.kind == other.kind)
        return pairs

    def choose(self) -> tuple[float, Poses]:
        """What the poses cost that cost least, and these in their order."""
        start = tuple(one for one in self.choices if one.step.pose.id in self.pinned)
        beam = [(self.price(start), start)]
        best = beam[0]
        while beam and (beam[0][1] == start or beam[0][0] < best[0]):
            best = beam[0]
            grown = {poses: cost for _, before in beam for cost, poses in self._add(before)}
            beam = sorted(((cost, poses) for poses, cost in grown.items()), key=_by_cost)[:BEAM]
        while True:
            rest = (tuple(other for other in best[1] if other is not one) for one in best[1] if one not in start)
            fewer = sorted(((self.price(poses), poses) for poses in rest if poses), key=_by_cost)
            others = (*fewer, *self._add(best[1]), *(one for _, poses in fewer[: 2 * BEAM] for one in self._add(poses)))
            found = min(others, key=_by_cost, default=best)
            if found[0] >= best[0] - 1e-9:
                return best
            best = found

    def _add(self, poses: Poses) -> Iterator[tuple[float, Poses]]:
        for one in self.choices:
            if one not in poses:
                more = tuple(sorted((*poses, one), key=lambda one: one.rank))
                yield self.price(more), more


def _by_cost(found: tuple[float, Poses]) -> tuple[float, tuple[tuple[int, int, str], ...]]:
    return found[0], tuple(one.rank for one in found[1])
