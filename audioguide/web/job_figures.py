"""The figures of a session, as its player draws them."""

from typing import Any

from audioguide.draw.figure_svg import figure_moments
from audioguide.model import holds
from audioguide.model.chapter_figure import ChapterFigure, figure_of
from audioguide.model.routine import PoseStep, Routine

_MOMENTS = 5  # at which a moving figure is drawn; the page goes between them


def describe_figures(routine: Routine) -> dict[str, Any]:
    """The figures of a session, each once: `drawings` of one at its moments, and for each step by number which of them
    shows a side ("" before one is named), whether it moves, and the phases of a rep in seconds.
    """
    drawings: dict[ChapterFigure, int] = {}
    steps = {}
    for step in routine.steps:
        if isinstance(step, PoseStep) and step.pose.figure:
            shown = {side: figure_of(step, side) for side in ("", *step.pose.sides)}
            sides = {side: drawings.setdefault(one, len(drawings)) for side, one in shown.items() if one}
            rep = holds.rep_phases(step) if step.pose.reps else None
            steps[step.number] = {"sides": sides, "moves": step.pose.is_moving, "rep": rep}
    moments = [figure_moments(one.figure, _MOMENTS if one.moves else 1, one.side) for one in drawings]
    return {"steps": steps, "drawings": moments}
