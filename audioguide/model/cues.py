"""What a session says besides what has to be said, cue by cue: each can be had, left out, or made short."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Literal, get_args

from audioguide.errors import suggest

OnOff = Literal["on", "off"]
OnOffShort = Literal["on", "off", "short"]
Voiced = Literal["none", "first", "some", "all"]
"""Which breaths are led: none, the first, the first two and then every third, or all."""


def _cue(kind: Any, meaning: str) -> Any:
    return field(default=None, metadata={"about": (get_args(kind), meaning)})


@dataclass(frozen=True, slots=True)
class Cues:
    """How each cue is wanted; None where nobody said."""

    halfway: OnOffShort | None = _cue(OnOffShort, "The word at half of a hold; short is the shortest one.")
    ten: OnOffShort | None = _cue(OnOffShort, 'The word ten seconds before the end of a hold; short is "Ten".')
    countdown: OnOffShort | None = _cue(OnOffShort, 'Three, two, one before the end of a hold; short is "One" alone.')
    tick: OnOffShort | None = _cue(OnOffShort, "A soft tick each second of a hold; short is in its last three.")
    breath: Voiced | None = _cue(Voiced, "Which breaths the voice leads; some are the first two and every third.")
    names: OnOffShort | None = _cue(OnOffShort, "The name of a pose; short is in its first round. A side is said.")
    rounds: OnOffShort | None = _cue(OnOffShort, 'Which round it is; short is "again" and "last round".')
    next: OnOff | None = _cue(OnOff, "What comes next, in a rest.")
    begin: OnOffShort | None = _cue(OnOffShort, "The word that opens a hold; short is a chime.")
    halfway_session: OnOff | None = _cue(OnOff, "The news that half of the session is over.")
    keys: OnOff | None = _cue(OnOff, "While it plays on the computer: a soft tick that answers each key.")
    end: OnOff | None = _cue(OnOff, "While it plays on the computer: a bell after the last words.")

    def over(self, under: Cues) -> Cues:
        """These cues on top of others: what is said here counts."""
        return Cues(*(over or under for over, under in zip(_values(self), _values(under), strict=True)))

    def to_data(self) -> dict[str, str]:
        """The cues that somebody said something about, by the words of a file."""
        return {name: value for name, value in zip(CUES, _values(self), strict=True) if value}

    def __str__(self) -> str:
        return ",".join(f"{name}={value}" for name, value in self.to_data().items())


_values = attrgetter(*(one.name for one in fields(Cues)))
AS_USUAL = Cues()
# What is done where nobody said. In a breathing exercise the breath is what counts.
USUAL = Cues("on", "on", "on", "off", "some", "on", "short", "on", "on", "off", "on", "on")
USUAL_IN_BREATHING = Cues("off", "off", "off", "off", "all", next="on", begin="on", halfway_session="off")
BREATH_BY_LEVEL: Mapping[str, Voiced] = {"brief": "first", "normal": "some", "full": "all"}
# The cues by their names in a file: what each may be, and what it is.
CUES: Mapping[str, tuple[tuple[str, ...], str]] = {
    one.name.replace("_", "-"): one.metadata["about"] for one in fields(Cues)
}


def split_cues(text: str) -> dict[str, str]:
    """`halfway=off,breath=all` as names and values; ValueError where it is not written so."""
    cues: dict[str, str] = {}
    for part in text.split(","):
        name, equals, value = (word.strip() for word in part.partition("="))
        if not (name and equals and value):
            raise ValueError(f"{part.strip()!r} is no cue. Write halfway=off, or several with commas between them.")
        if name in cues:
            raise ValueError(f"The cue {name!r} is there twice. Keep one of them.")
        cues[name] = value
    return cues


def parse_cues(text: str) -> Cues:
    """`halfway=off,breath=all`."""
    cues = split_cues(text)
    for name, value in cues.items():
        if name not in CUES:
            raise ValueError(f"There is no cue {name!r}. {suggest(name, CUES)}".rstrip())
        if value not in (choices := CUES[name][0]):
            *others, last = choices
            raise ValueError(f"The cue {name!r} cannot be {value!r}. Write {', '.join(others)} or {last}.")
    return Cues(**{name.replace("-", "_"): value for name, value in cues.items()})  # type: ignore[arg-type]
