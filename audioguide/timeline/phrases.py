"""What a session itself says in one language: the form of a file in `voices/prompts/`, and the texts made from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from audioguide.model.cues import Cues
from audioguide.model.routine import BreatheStep, BreathPart, BreathPattern, Length
from audioguide.schema.document import Document
from audioguide.schema.form import Form, check_words, problem
from audioguide.schema.validate import read_as, validate
from audioguide.system import paths
from audioguide.system.files import cache_by_file

MOST_TEXT = 200  # characters of one text: these texts are said often, and some of them quickly
Wordings = tuple[str, ...]  # ways to say one thing, the fullest first: where one does not fit, the next is tried
T = TypeVar("T")


def _placeholders(*needed: str, optional: tuple[str, ...] = (), may_be_empty: bool = False) -> AfterValidator:
    def check(text: str) -> str:
        if not text.strip():
            if may_be_empty:
                return ""
            hint = f"Only these may be empty: {', '.join(MAY_BE_EMPTY)}."
            raise problem("no-words", "There is nothing to say here.", hint)
        if len(text) > MOST_TEXT:
            raise problem("too-long", f"This text is too long: at most {MOST_TEXT} characters.", "Shorten it.")
        check_words(text, (*needed, *optional))
        for word in needed:
            if f"{{{word}}}" not in text:
                raise problem("invalid", f"{{{word}}} is missing in this text.", "Put it where it belongs.")
        return " ".join(text.split())

    return AfterValidator(check)


def _check_countdown(words: tuple[str, ...]) -> tuple[str, ...]:
    if words and len(words) != 3:
        raise problem("invalid", f"The countdown has {len(words)} words, not three.", "Write three, two and one.")
    return words


def _check_language_code(text: str) -> str:
    if not re.fullmatch(r"[a-z]{3}", text):
        raise problem("not-a-language", f"{text!r} is not an ISO 639-2 code.", "Write three small letters, as eng.")
    return text


Text = Annotated[str, _placeholders()]
Phases = Annotated[str, _placeholders("phases")]
Plain = Annotated[str, _placeholders("pose")]
Seconds = Annotated[str, _placeholders("seconds")]
One = Annotated[str, _placeholders(optional=("n",))]  # one of a unit, which may need no number: `eine Minute`
Many = Annotated[str, _placeholders("n")]
# One text, or several that are said in turn.
_as_list = BeforeValidator(lambda value: [value] if isinstance(value, str) else value)
InTurn = Annotated[tuple[T, ...], _as_list, Field(min_length=1)]
# Cues, which are left out where they are empty.
MAY_BE_EMPTY = ("begin", "ten", "countdown", "halfway", "halfway_session", "again", "last_round", "round", "breath")
_as_tuple = BeforeValidator(lambda value: [] if value in ("", None) else value)
_as_text = BeforeValidator(lambda value: "" if value in ([], None) else value)
CueText = Annotated[str, _as_text, _placeholders(may_be_empty=True)]


class Variants(Form, Generic[T]):
    """What is said where there is room (`full`, if anything), and what is said where there is not."""

    full: Annotated[tuple[T, ...], _as_list, _as_tuple]
    short: Text


class TextVariants(Variants[Text]):
    """Texts that are always there."""


class RestVariants(Variants[Annotated[str, _placeholders("next")]]):
    """The announcement of a rest before something."""


class PhaseVariants(Variants[Text]):
    """The words for a part of the breath, if any."""

    short: CueText


_as_words = BeforeValidator(lambda value: {"full": [], "short": ""} if value in ("", [], None) else value)


class PhaseTexts(Form, Generic[T]):
    """Something for each part of the breath; where there is nothing for a second inhale, that for an inhale counts."""

    inhale: T = Field(alias="in")
    more: T | None = None
    hold: T
    exhale: T = Field(alias="out")
    rest: T

    def of(self, part: BreathPart) -> T:
        """What there is for a part."""
        texts = {"more": self.more or self.inhale, "hold": self.hold, "out": self.exhale, "rest": self.rest}
        return texts.get(part, self.inhale)


class BreathTexts(PhaseTexts[Annotated[PhaseVariants, _as_words]]):
    """The breath words."""

    @model_validator(mode="after")
    def _in_pairs(self) -> BreathTexts:
        if self.inhale.full and self.exhale.full and len(self.inhale.full) != len(self.exhale.full):
            reason = f"There are {len(self.inhale.full)} wordings for in, and {len(self.exhale.full)} for out."
            raise problem("invalid", reason, "They are said in pairs: write as many for one as for the other.")
        return self


class BreathingTexts(PhaseTexts[Seconds]):
    """A breathing exercise: how it is announced, phase by phase, and how it ends."""

    name: InTurn[Text]
    then: Phases = "{phases}."
    start: Phases = "{phases}."
    end: Phases = "{phases}."
    release: InTurn[Text]
    next: Text
    title: Annotated[str, _placeholders("pattern")]


class RepTexts(Form):
    """What is said in counted poses: the phases of a tempo, and the hold of a rep."""

    effort: Text
    hold: Text
    back: Text = Field(alias="return")
    relax: TextVariants


class DurationTexts(Form):
    """A length of time; `{n}` is a number, in words or figures."""

    second: One
    seconds: Many
    minute: One
    minutes: Many
    breath: One
    breaths: Many
    both: Annotated[str, _placeholders("minutes", "seconds")]


class LanguageTexts(Form):
    """A file of `voices/prompts/`: everything a session itself says, and a few words that `check` looks for."""

    code: Annotated[str, AfterValidator(_check_language_code)]
    begin: CueText
    ten: CueText
    countdown: Annotated[tuple[Text, ...], _as_tuple, AfterValidator(_check_countdown)]
    halfway: Annotated[tuple[Text, ...], _as_list, _as_tuple]
    halfway_session: CueText = ""
    start_in: Annotated[str, _placeholders("time")] | None = None
    release: InTurn[Text]
    rest: RestVariants
    last_rest: TextVariants
    side: Annotated[str, _placeholders("pose", "side")]
    plain: Plain
    round: Annotated[str, _as_text, _placeholders("round", "rounds", may_be_empty=True)]
    again: CueText | None = None
    last_round: CueText | None = None
    breath: BreathTexts
    breathing: BreathingTexts
    reps: RepTexts
    introduction: Text
    nothing: Text
    title_round: Annotated[str, _placeholders("pose", "round", "rounds")]
    once_more: Annotated[tuple[Plain, ...], Field(min_length=2, max_length=2)] = ("{pose}", "{pose}")
    numbers: Annotated[tuple[Text, ...], Field(min_length=1)]
    point: Annotated[str, Field(min_length=1, max_length=1)] = "."
    duration: DurationTexts
    sides: tuple[InTurn[Text], ...] = ()
    own_side: tuple[Annotated[str, _placeholders("side", optional=("word",))], ...] = ()
    articles: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Phrases:
    """What a session says in one language. Every method returns text that is ready to be spoken.

    What people wait for with closed eyes ("begin", ten seconds, the countdown) is always said alike and is read from
    `texts`. The rest has several variants, which take turns from step to step, and within a step from hold to hold.
    The variant depends on the step alone (`turn`), so a chapter keeps its words whatever changes in earlier ones.
    """

    texts: LanguageTexts
    turn: int = 0

    def for_step(self, step: int, nth: int = 0) -> Phrases:
        """The phrases for the `nth` hold (from 0) of a step, all its sides and rounds counted.

        Within a step the step's own variant and the one before it alternate, so that none is heard twice in a row.
        """
        return replace(self, turn=step - nth % 2)

    def choose(self, variants: Sequence[str], offset: int = 0) -> str:
        """The variant whose turn it is, or the one `offset` places further."""
        return variants[(self.turn + offset) % len(variants)]

    def name(self, pose: str, side: str | None, round: int, rounds: int, cues: Cues) -> str:
        """`Pigeon, left side. Again.`, or without the name `Again, left side.`; "" where nothing is to be said."""
        texts, which = self.texts, self._round(round, rounds, cues)
        named = cues.names == "on" or (cues.names == "short" and round == 1)
        joins = not named and which and cues.rounds == "short"  # a side is said in one sentence with a short round
        called = pose if named else which.rstrip(".") if joins else ""
        name = fill_placeholders(texts.side if side else texts.plain, pose=called, side=side or "") if called else side
        return " ".join(filter(None, (name and _sentence(name), "" if joins else which)))

    def _round(self, round: int, rounds: int, cues: Cues) -> str:
        short = self.texts.last_round if round == rounds else self.texts.again
        if rounds == 1 or cues.rounds == "off" or (cues.rounds == "short" and (round == 1 or short == "")):
            return ""
        numbers = {"round": self.number(round), "rounds": self.number(rounds)}
        text = short if short and cues.rounds == "short" else fill_placeholders(self.texts.round, **numbers)
        return text and _sentence(text)

    def again(self, pose: str, time: int) -> str:
        """The name of a pose that comes for the second or third time: `Bridge, once more`."""
        return fill_placeholders(self.texts.once_more[time - 2], pose=pose) if time > 1 else pose

    def title(self, pose: str, round: int, rounds: int) -> str:
        """The title of a pose's chapter: `Pigeon, round 2 of 3`."""
        if rounds == 1:
            return pose
        return fill_placeholders(self.texts.title_round, pose=pose, round=str(round), rounds=str(rounds))

    def breath(self, part: BreathPart, own: str | None = None, offset: int = 0) -> Wordings:
        """The words for a part, and a short form: a moving pose's `own`, else the variant `offset` places further."""
        words = self.wordings(self.texts.breath.of(part), offset)
        return (own, *words[-1:]) if own else words

    def rest(self, next: str | None) -> Wordings:
        """The announcement of a rest; `next` is the pose or exercise after it."""
        wordings = self.wordings(self.texts.last_rest if next is None else self.texts.rest)
        return tuple(_sentence(fill_placeholders(text, next=next or "")) for text in wordings)

    def wordings(self, variants: Variants[Any], offset: int = 0) -> Wordings:
        """The variant whose turn it is (or `offset` places further) and the short form, as far as there are any."""
        full = [self.choose(variants.full, offset)] if variants.full else []
        return tuple(filter(None, (*full, variants.short)))

    def breathing(self, step: BreatheStep, *, follows: bool = False) -> str:
        """The announcement of a breathing exercise: `We breathe together. In for four. Out for six.`

        One that `follows` another is announced as such, and a ladder with its two ends.
        """
        texts, opening = self.texts.breathing, self.choose(self.texts.breathing.name)
        if not (follows or step.to):
            return " ".join([opening, *map(_sentence, self._parts(step.pattern))])
        said = [texts.then] if follows else [opening, texts.start]
        ends = [(said.pop(), step.pattern), *([(texts.end, step.to)] if step.to else [])]
        for text, pattern in ends:
            phases = ", ".join(part[:1].lower() + part[1:].rstrip(".") for part in self._parts(pattern))
            said.append(_sentence(fill_placeholders(text, phases=phases)))
        return " ".join(said)

    def _parts(self, pattern: BreathPattern) -> list[str]:
        parts = [(self.texts.breathing.of(part), seconds) for part, seconds in pattern.parts if seconds]
        return [fill_placeholders(text, seconds=self.number(seconds)) for text, seconds in parts]

    def breathing_title(self, step: BreatheStep) -> str:
        """The title of a breathing exercise's chapter."""
        return fill_placeholders(self.texts.breathing.title, pattern=str(step))

    def count(self, number: int) -> str:
        """The count of a rep: `Three.`"""
        return _sentence(self.number(number))

    def number(self, value: float) -> str:
        """A number in words where the language's table has it, else in digits."""
        numbers = self.texts.numbers
        if value == int(value) and 1 <= value <= len(numbers):
            return numbers[int(value) - 1]
        return f"{value:g}".replace(".", self.texts.point)

    def duration(self, length: Length) -> str:
        """`thirty seconds`, `1 minute and 30 seconds`, `five breaths`.

        Nobody says `73.42 seconds`: from 10 s on a length is rounded to whole seconds, beyond a minute to 5 seconds.
        """
        texts, seconds = self.texts.duration, length.amount
        if length.unit == "breaths":
            return self._amount(seconds, texts.breath, texts.breaths)
        if seconds != int(seconds) and seconds >= 10:
            seconds = round(seconds) if seconds < 60 else 5 * round(seconds / 5)
        whole_minutes, rest = divmod(seconds, 60)
        minutes = self._amount(whole_minutes, texts.minute, texts.minutes)
        if whole_minutes and not rest:
            return minutes
        part = self._amount(rest, texts.second, texts.seconds)
        return fill_placeholders(texts.both, minutes=minutes, seconds=part) if whole_minutes else part

    def _amount(self, value: float, one: str, many: str) -> str:
        return fill_placeholders(one if value == 1 else many, n=self.number(value))


def fill_placeholders(template: str, **values: str) -> str:
    """A text with each `{word}` replaced; one without a value is left out."""
    return " ".join(re.sub(r"\{(\w+)\}", lambda match: values.get(match[1], ""), template).split())


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def find_phrases(language: str) -> Phrases:
    """The phrases of a language; RequestError if there are none, RoutineError if their file is wrong."""
    return load_phrases(paths.prompts_file(language))


@cache_by_file
def load_phrases(path: Path) -> Phrases:
    """The phrases in a file; RoutineError with everything that is wrong with it."""
    return Phrases(read_as(path, LanguageTexts))


def parse_phrases(document: Document) -> Phrases:
    """The phrases in a document; RoutineError with everything that is wrong with it."""
    return Phrases(validate(document, LanguageTexts))
