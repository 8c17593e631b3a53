"""A background as a file of `voices/backgrounds/` has it. Loaded where one is read: pydantic is slow."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Optional

from annotated_types import Interval, Len
from pydantic import ModelWrapValidatorHandler, create_model, model_validator

from audioguide.routine.written import Form, slip
from audioguide.sound.motion import Depth, WaveMotion
from audioguide.sound.sound import BUILT_IN, KINDS

Decibels = Annotated[float, Interval(ge=-60, le=20)]


class _AnyLayerForm(Form):
    """One layer: a kind with its numbers, in a field of that name; its level, and what moves it."""

    level: Decibels = 0.0
    breath: Depth | None = None
    waves: WaveMotion | None = None

    @model_validator(mode="wrap")
    @classmethod
    def _with_other_kinds(cls, data: Any, handler: ModelWrapValidatorHandler[_AnyLayerForm]) -> _AnyLayerForm:
        """Read kinds that are not built in, too."""
        words = set(data) - cls.model_fields.keys() if isinstance(data, dict) else ()
        others = _fields(word for word in words if KINDS.find(word))
        return create_model("LayerForm", __base__=cls, **others).model_validate(data) if others else handler(data)

    @model_validator(mode="after")
    def _one_kind(self) -> _AnyLayerForm:
        words = self.model_fields_set - _AnyLayerForm.model_fields.keys()
        if len([word for word in words if getattr(self, word) is not None]) != 1:
            fix = f"Write one of {', '.join(KINDS.names())} in it."
            raise slip("invalid", "A layer has one kind, and this has not.", fix)
        return self


def _fields(words: Iterable[str]) -> dict[str, Any]:
    return {word: (Optional[KINDS.find(word)], None) for word in words}  # noqa: UP045 – of a value, not of a type


LayerForm = create_model("LayerForm", __base__=_AnyLayerForm, **_fields(BUILT_IN))


class PresetForm(Form):
    """A background. `level` (dB) brings it to the usual loudness; where it is left out, that is measured."""

    description: str = ""
    level: Decibels | None = None
    layers: Annotated[list[LayerForm], Len(1, 12)]  # type: ignore[valid-type]  # made above
