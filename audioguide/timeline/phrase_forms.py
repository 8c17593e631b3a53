"""The words of a language: what stands in a file of `voices/prompts/`, and which placeholders each text holds."""

from __future__ import annotations

import re
from typing import Annotated, Generic, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from audioguide.errors import suggest
from audioguide.model.timeline import Phase
from audioguide.schema.form import Form, problem

MOST_TEXT = 200
"""Characters of one of the session's own texts: they are said often, and some of them in a hurry."""

T = TypeVar("T")


def _holds(*needed: str, optional: tuple[str, ...] = ()) -> AfterValidator:
    """A text to be spoken with exactly these placeholders, and optional ones."""
    known = (*needed, *optional)

    def check(text: str) -> str:
        if not any(map(str.isalpha, text)):
            raise problem("no-words", "There is nothing to say here.", "Write at least one word.")
        if len(text) > MOST_TEXT:
            raise problem("too-long", f"This text is too long: at most {MOST_TEXT} characters.", "Shorten it.")
        given = re.findall(r"\{(\w*)\}", text)
        for word in given:
            if word not in known:
                hint = suggest(word, known) if known else "Take it out."
                raise problem("unknown-placeholder", f"{{{word}}} stands for nothing here.", hint)
        if re.search(r"[{}]", re.sub(r"\{\w+\}", "", text)):
            raise problem("lone-brace", "A brace here has no partner.", "Placeholders look like {next}.")
        for word in needed:
            if word not in given:
                raise problem("invalid", f"{{{word}}} is missing in this text.", "Put it where it belongs.")
        return " ".join(text.split())

    return AfterValidator(check)


def _three(words: tuple[str, ...]) -> tuple[str, ...]:
    if len(words) != 3:
        raise problem("invalid", f"A countdown of three has {len(words)} words here.", "Write three, two and one.")
    return words


def _code(text: str) -> str:
    if not re.fullmatch(r"[a-z]{3}", text):
        raise problem("not-a-language", f"{text!r} is no code of ISO 639-2.", "Write three small letters, as eng.")
    return text


def _point(text: str) -> str:
    if len(text) != 1:
        raise problem("invalid", "The sign before decimals is a single one.", 'Write "." or ",".')
    return text


def _several(value: object) -> object:
    return [value] if isinstance(value, str) else value


Text = Annotated[str, _holds()]
Next = Annotated[str, _holds("next")]
Pose = Annotated[str, _holds("pose")]
SideOfPose = Annotated[str, _holds("pose", "side")]
Round = Annotated[str, _holds("round", "rounds")]
RoundOfPose = Annotated[str, _holds("pose", "round", "rounds")]
Seconds = Annotated[str, _holds("seconds")]
Pattern = Annotated[str, _holds("pattern")]
One = Annotated[str, _holds(optional=("n",))]
"""One of a unit, which may need no number: `eine Minute`."""

Many = Annotated[str, _holds("n")]
MinutesAndSeconds = Annotated[str, _holds("minutes", "seconds")]
OwnSide = Annotated[str, _holds("side", optional=("word",))]

Turns = Annotated[tuple[T, ...], BeforeValidator(_several), Field(min_length=1)]
"""One text or several, which are said in turn."""


class Variants(Form, Generic[T]):
    """What is said where it fits (`full`), and what is said where it does not."""

    full: Turns[T]
    short: Text


class BreathTexts(Form):
    """The words of each phase of the breath."""

    inhale: Variants[Text] = Field(alias="in")
    hold: Variants[Text]
    exhale: Variants[Text] = Field(alias="out")
    rest: Variants[Text]

    def of(self, phase: Phase) -> Variants[Text]:
        """The words of a phase."""
        return {"in": self.inhale, "hold": self.hold, "out": self.exhale, "rest": self.rest}[phase]

    @model_validator(mode="after")
    def _in_pairs(self) -> BreathTexts:
        if len(self.inhale.full) != len(self.exhale.full):
            reason = f"There are {len(self.inhale.full)} wordings for in, and {len(self.exhale.full)} for out."
            raise problem("invalid", reason, "They are said in pairs: write as many for one as for the other.")
        return self


class BreathingTexts(Form):
    """A breathing exercise: how it is announced, phase by phase, and how it ends."""

    name: Turns[Text]
    inhale: Seconds = Field(alias="in")
    hold: Seconds
    exhale: Seconds = Field(alias="out")
    rest: Seconds
    release: Turns[Text]
    next: Text
    title: Pattern

    def of(self, phase: Phase) -> str:
        """How a phase is announced."""
        return {"in": self.inhale, "hold": self.hold, "out": self.exhale, "rest": self.rest}[phase]


class DurationTexts(Form):
    """A length of time; `{n}` is a number, in words or figures."""

    second: One
    seconds: Many
    minute: One
    minutes: Many
    breath: One
    breaths: Many
    both: MinutesAndSeconds


class Language(Form):
    """All the words that a session itself says in a language, and a few that texts are searched for."""

    code: Annotated[str, AfterValidator(_code)]
    begin: Text
    ten: Text
    countdown: Annotated[tuple[Text, ...], AfterValidator(_three)]
    halfway: Turns[Text]
    release: Turns[Text]
    rest: Variants[Next]
    last_rest: Variants[Text]
    side: SideOfPose
    plain: Pose
    round: Round
    breath: BreathTexts
    breathing: BreathingTexts
    introduction: Text
    nothing: Text
    title_round: RoundOfPose
    numbers: Annotated[tuple[Text, ...], Field(min_length=1)]
    point: Annotated[str, AfterValidator(_point)] = "."
    duration: DurationTexts
    sides: tuple[Turns[Text], ...] = ()
    own_side: tuple[OwnSide, ...] = ()
    articles: tuple[Text, ...] = ()
