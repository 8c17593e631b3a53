"""The form of a pose's figure. A figure that is wrong is told of, and its pose is used without it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, get_args

from pydantic import BeforeValidator, Field, ValidationError, WithJsonSchema, WrapValidator, model_validator

from audioguide.errors import Problem, suggest
from audioguide.model.figure import LIMBS, BodyPart, Figure, KeyFrame, Limb, Prop, Segment, View, joint_faults
from audioguide.schema import form
from audioguide.schema.document import Document, Keys
from audioguide.schema.form_cache import remember
from audioguide.schema.json_document import LARGEST_FIGURE, is_large

MOST_FRAMES = 8

_ANGLE = {"type": "number", "minimum": -720, "maximum": 720}
_SEGMENT = {"anyOf": [_ANGLE, {"type": "array", "items": _ANGLE, "minItems": 2, "maxItems": 2}]}


def _read_angle(value: object, most: int = 720) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= most:  # nan is not, either
        reason = f"An angle is a number from {-most} to {most} degrees, not {str(value)[:40]!r}."
        raise form.problem("not-a-number", reason, "0 is right, 90 up, 180 left, -90 down.")
    return float(value)


def _read_segment(value: object) -> Segment:
    angle, depth = value if isinstance(value, list) and len(value) == 2 else (value, 0)
    return _read_angle(angle), _read_angle(depth, 90)


def _limb(*parts: str) -> BeforeValidator:
    def read(value: object) -> Limb:
        value = [value] if len(parts) == 1 else value
        if not isinstance(value, list) or len(value) != len(parts):
            reason = f"Here belong {len(parts)} angles: {', '.join(parts)}."
            raise form.problem("not-a-list", reason, f"Write [{', '.join(['-90'] * len(parts))}].")
        return tuple(map(_read_segment, value))

    return BeforeValidator(read)


_LIMB = WithJsonSchema({"type": "array", "items": _SEGMENT, "minItems": 2, "maxItems": 3})
Spine = Annotated[Limb, _limb("lower half from the hips", "upper half"), _LIMB]
Arm = Annotated[Limb, _limb("upper arm", "forearm", "hand"), _LIMB]
Leg = Annotated[Limb, _limb("thigh", "shin", "foot"), _LIMB]


class KeyFrameForm(form.Form):
    """One posture, in angles on the page: 0 is right, 90 up. What is far is like what is near where it is left out."""

    spine: Spine
    head: Annotated[Limb, _limb("head"), WithJsonSchema(_SEGMENT)]
    near_arm: Arm
    far_arm: Arm | None = None
    near_leg: Leg
    far_leg: Leg | None = None


def _check_prop(value: object) -> object:
    if value not in get_args(Prop):
        raise form.problem("no-such-choice", f"There is no prop {value!r}.", suggest(str(value), get_args(Prop)))
    return value


class FigureForm(form.Form):
    """A figure: a view, key frames, what rests on the ground, and props."""

    view: View = "side"
    props: dict[Annotated[Prop, BeforeValidator(_check_prop)], BodyPart] = Field(default_factory=dict)
    on_floor: Annotated[tuple[BodyPart, ...], Field(max_length=17)] = ()
    frames: Annotated[list[KeyFrameForm], Field(min_length=1, max_length=MOST_FRAMES)]

    @model_validator(mode="before")
    @classmethod
    def _check_size(cls, value: object) -> object:
        if is_large(value, LARGEST_FIGURE):
            reason = f"There are over {LARGEST_FIGURE:,} values in this figure."
            raise form.problem("too-large", reason, f"It has at most {MOST_FRAMES} frames.")
        return value


def _spare(value: object, read: Callable[[object], FigureForm]) -> FigureForm | None:
    with suppress(ValidationError):  # `figure_problems` tells of it
        return read(value)
    return None


SparedFigure = Annotated[FigureForm | None, WrapValidator(_spare)]
"""None also where it is wrong: a pose is heard without its figure."""


def build_figure(written: FigureForm) -> Figure:
    """The figure of a form."""
    frames = tuple(
        KeyFrame(one.spine, one.head, **{limb: getattr(one, limb) or _copy(one, limb, written.view) for limb in LIMBS})
        for one in written.frames
    )
    return Figure(frames, written.view, tuple(written.props.items()), tuple(dict.fromkeys(written.on_floor)))


def _copy(frame: KeyFrameForm, limb: str, view: View) -> Limb:
    """A far limb that nobody wrote: mirrored, or seen from the side a little beside the near one."""
    near: Limb = getattr(frame, limb.replace("far", "near"))
    if view != "side":
        axis = frame.spine[limb == "far_arm"][0]
        return tuple((2 * axis - angle, depth) for angle, depth in near)
    turn = -4.0 if limb == "far_arm" else 4.0
    return (near[0][0] + turn, near[0][1]), (near[1][0] + turn / 2, near[1][1]), near[2]


def figure_problems(document: Document, *, joints: bool = False) -> Iterator[Problem]:
    """What is wrong with the figures in a document, as warnings; with `joints` also what no body does."""
    from audioguide.schema.validate import problems_of, type_adapter

    for path in _find_figures(document.data, ()):
        try:
            written = document.value(path)
            read = partial(type_adapter(FigureForm).validate_python, written)
            figure = build_figure(remember(FigureForm.__qualname__, written, read))
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]
            detail["loc"] = (*path, *detail["loc"])
            yield from (replace(one, severity="warning") for one in problems_of(document, [detail], FigureForm))
            continue
        for index, frame in enumerate(figure.frames if joints and figure.view == "side" else ()):
            for joint in joint_faults(frame):
                message, place = f"The {joint} is bent as no {joint.split()[-1]} bends.", ("frames", index)
                hint = "Look at it with `audioguide poses draw POSE -o FILE`; docs/figures.md has the angles."
                yield Problem(document.place((*path, *place)), "impossible-joint", message, hint, "warning")


def _find_figures(value: Any, path: Keys) -> Iterator[Keys]:
    if isinstance(value, dict):
        if value.get("figure") is not None and "name" in value:
            yield (*path, "figure")
        for key in ("steps", "pose"):
            yield from _find_figures(value.get(key), (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _find_figures(inner, (*path, index))
