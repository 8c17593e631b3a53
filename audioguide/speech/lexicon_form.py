"""A lexicon as it is written: a file `lexicon.yaml` of `voices/`."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, model_validator

from audioguide.errors import nearest
from audioguide.routine.written import Form, slip
from audioguide.speech.phonemes import embedded


def _pronounceable(ipa: str) -> str:
    try:
        embedded(ipa)
    except ValueError as error:
        hint = "Write it in the phonetic alphabet, as ˈsoʊ.əs for psoas; docs/lexicon.md lists its signs."
        raise slip("bad-character", str(error), hint) from None
    return ipa


def _readable(say: str) -> str:
    if not any(map(str.isalpha, say)):
        raise slip("no-words", "There is nothing to say here.", "Spell the word as it sounds, as so us for psoas.")
    return say


class EntryForm(Form):
    """How one word is said, as it is written: both, one of them, or the respelling alone in place of the mapping."""

    ipa: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_pronounceable)] = ""
    say: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_readable)] = ""

    @model_validator(mode="before")
    @classmethod
    def _written(cls, given: Any) -> Any:
        if isinstance(given, str):
            return {"say": given}
        if given is None or given == {}:
            raise slip("empty", "There is no reading here.", "Write {ipa: ˈsoʊ.əs, say: so us}.")
        if isinstance(given, dict) and (unknown := [key for key in given if key not in cls.model_fields]):
            hint = nearest(unknown[0], cls.model_fields)
            raise slip("unknown-key", f"There is no key {unknown[0]!r} here.", hint)
        return given


class LexiconForm(Form):
    """A lexicon as it is written: words and phrases, each with its reading."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, EntryForm]

    def entries(self) -> dict[str, EntryForm]:
        """The entries by what they are written under."""
        return self.__pydantic_extra__
