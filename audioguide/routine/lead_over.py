"""The words that lead through a composed session in one language: the form of a file in `voices/openings/`."""

from collections.abc import Mapping, Sequence
from itertools import permutations
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field

from audioguide.errors import RequestError, suggest
from audioguide.model.routine import TARGETS, Equipment, Pose, Position
from audioguide.schema.form import Form, Phrase, Spoken, check_words, problem
from audioguide.schema.validate import read_as
from audioguide.system import paths
from audioguide.system.files import cache_by_file

Station = Literal[Position, "chair"]  # where a pose is done: `chair` is sitting on one, and `seated` on the floor
STATIONS = get_args(Station)
OCCASIONS = ("none", "after-run", "before-run", "desk", "before-sleep", "morning")
_MOST_NAMES = 3  # of targets in a title


def _for_each(*keys: str) -> AfterValidator:
    """Texts for each of these keys, and for no others."""

    def check(texts: Mapping[str, Any]) -> Mapping[str, Any]:
        if unlike := sorted(texts.keys() ^ {*keys}):
            hint = f"There have to be {len(keys)}, as in the English file."
            raise problem("unlike-original", f"These are missing here, or unknown: {', '.join(unlike[:3])}.", hint)
        return texts

    return AfterValidator(check)


def _filled(*placeholders: str) -> AfterValidator:
    def check(text: str) -> str:
        check_words(text, placeholders)
        return text

    return AfterValidator(check)


Wordings = Annotated[tuple[Spoken, ...], Field(min_length=1)]
ByOccasion = Annotated[dict[str, Wordings], _for_each(*OCCASIONS)]
ByStation = Annotated[dict[str, Wordings], _for_each(*STATIONS)]
ByChange = Annotated[dict[str, Wordings], _for_each(*(f"{a}-to-{b}" for a, b in permutations(STATIONS, 2)))]


class LeadOvers(Form):
    """Each method that takes a `turn` says the wording of that number, and after the last one the first again."""

    both: Annotated[str, _filled("others", "last")] = Field(alias="and")
    more: Phrase
    title_form: Annotated[str, _filled("targets", "length")] = Field(alias="title")
    minutes: Annotated[str, _filled("n")]
    description_form: Annotated[str, _filled("targets", "occasion")] = Field(alias="description")
    occasions: Annotated[dict[str, Phrase], _for_each(*OCCASIONS)]
    targets: Annotated[dict[str, Phrase], _for_each(*TARGETS)]
    equipment: Annotated[dict[str, Phrase], _for_each(*get_args(Equipment))]
    needs: Annotated[tuple[Annotated[str, _filled("things")], ...], Field(min_length=1)]
    openings: ByOccasion
    starts: ByStation
    settling: Wordings = Field(alias="settle")
    changes: ByChange
    rests: ByStation
    rising: ByStation
    closings: ByOccasion

    def title(self, targets: Sequence[str], seconds: float) -> str:
        """`Lower back and hips, 15 minutes`."""
        return self.title_form.format(targets=self._name(targets), length=self.minutes.format(n=round(seconds / 60)))

    def description(self, targets: Sequence[str], occasion: str | None) -> str:
        """What the session is for, in a line."""
        return self.description_form.format(targets=self._name(targets), occasion=self.occasions[occasion or "none"])

    def _name(self, targets: Sequence[str]) -> str:
        names = [self.targets[target] for target in targets]
        text = self._join([*names[: _MOST_NAMES - 1], self.more] if len(names) > _MOST_NAMES else names)
        return text[:1].upper() + text[1:]

    def _join(self, names: Sequence[str]) -> str:
        *others, last = names
        return self.both.format(others=", ".join(others), last=last) if others else last

    def opening(self, occasion: str | None, first: Station, equipment: Sequence[str], turn: int) -> str:
        """The welcome, what to fetch, and how to come into the first position."""
        things = [self.equipment[one] for one in equipment]
        needs = [_take(self.needs, turn).format(things=self._join(things))] if things else []
        return " ".join((_take(self.openings[occasion or "none"], turn), *needs, _take(self.starts[first], turn)))

    def settle(self, turn: int) -> str:
        """What is said before the first breaths."""
        return _take(self.settling, turn)

    def change(self, before: Station, after: Station, turn: int) -> str:
        """How to get from one position to another."""
        return _take(self.changes[f"{before}-to-{after}"], turn)

    def rest(self, last: Station, turn: int) -> str:
        """What is said before the last breaths."""
        return _take(self.rests[last], turn)

    def closing(self, occasion: str | None, last: Station, turn: int) -> str:
        """The end: up from the last position, except before sleep, where a person may stay as they lie."""
        rising = () if occasion == "before-sleep" else (_take(self.rising[last], turn),)
        return " ".join((*rising, _take(self.closings[occasion or "none"], turn)))


def _take(wordings: Sequence[str], turn: int) -> str:
    return wordings[turn % len(wordings)]


def station_of(pose: Pose) -> Station:
    """Where a pose is done; standing where it does not say."""
    return "chair" if pose.position == "seated" and "chair" in pose.equipment else pose.position or "standing"


def find_lead_overs(language: str) -> LeadOvers:
    """The words of a language, the user's before the shipped ones; RequestError where there are none."""
    known = paths.lead_over_files()
    if language not in known:
        hint = suggest(language, known)
        raise RequestError(f"Sessions cannot be composed in the language {language!r}.", hint, ("language", None))
    return _load(known[language])


@cache_by_file
def _load(path: Path) -> LeadOvers:
    return read_as(path, LeadOvers)
