"""The figure of a chapter or of a hold: that of the pose which is done in it, on the side on which it is done."""

from dataclasses import dataclass

from audioguide.model.figure import Figure
from audioguide.model.routine import PoseStep, Routine
from audioguide.model.timeline import Timeline


@dataclass(frozen=True, slots=True)
class ChapterFigure:
    """A figure and the side that it shows: 0, as it is written in the pose, or 1, the other one."""

    figure: Figure
    side: int = 0

    @property
    def moves(self) -> bool:
        """Whether it has more than one posture."""
        return self.figure.moves


def figure_of(step: PoseStep, side: str | None = None) -> ChapterFigure | None:
    """The figure of a pose on a `side`, which a cue names; None where it has none."""
    pose = step.pose
    if pose.figure is None:
        return None
    sides = pose.all_sides or pose.sides
    return ChapterFigure(pose.figure, sides.index(side) % 2 if side in sides else 0)


def chapter_figures(routine: Routine, timeline: Timeline) -> tuple[ChapterFigure | None, ...]:
    """The figure of each chapter, on the side of its first hold; None where a chapter does no pose that has one."""
    steps = {step.number: step for step in routine.steps if isinstance(step, PoseStep)}
    holds = (next((cue for cue in section.cues if cue.kind == "hold"), None) for section in timeline.sections)
    return tuple(figure_of(steps[hold.step], hold.side) if hold and hold.step in steps else None for hold in holds)
