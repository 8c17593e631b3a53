"""How long each pose was held in a session: what was really heard, without what was skipped."""

from collections import Counter
from collections.abc import Sequence

from audioguide.model.routine import PoseStep, Step
from audioguide.model.selectors import names_of
from audioguide.model.timeline import Section
from audioguide.units import RATE

SLACK = RATE // 2  # frames by which a position may run ahead of what was played, in the middle of a block


class HeldPoses:
    """Follows a session that begins at a frame, and adds up what is heard of each hold."""

    def __init__(self, steps: Sequence[Step], position: int = 0) -> None:
        self._poses = {step.number: next(names_of(step)) for step in steps if isinstance(step, PoseStep)}
        self._position, self._played = position, 0
        self._heard = Counter[tuple[object, ...]]()

    def follow(self, sections: Sequence[Section], position: int, played: int) -> None:
        """The session is at a frame now, after so many played ones. Where the two differ, there was a jump."""
        first, self._position = self._position, position
        frames, self._played = played - self._played, played
        if position <= first or abs(position - first - frames) > SLACK:
            return
        for section in sections:
            if section.chapter.start < position and section.chapter.end > first:
                holds = [cue for cue in section.cues if cue.kind == "hold" and cue.step in self._poses]
                for count, cue in enumerate(holds):
                    heard = max(0, min(cue.end, position) - max(cue.start, first))
                    key = self._poses[cue.step or 0], cue.step, cue.round, cue.side, count
                    self._heard[key] = min(self._heard[key] + heard, cue.frames)

    @property
    def longest(self) -> dict[str, float]:
        """The seconds of the longest hold of each pose, by its id, or by the name of one without."""
        longest: dict[str, float] = {}
        for (pose, *_), frames in self._heard.items():
            longest[str(pose)] = max(longest.get(str(pose), 0.0), round(frames / RATE, 1))
        return {pose: seconds for pose, seconds in longest.items() if seconds}
