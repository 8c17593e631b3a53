"""What a plan makes of how its sessions felt: four cautious rules. They are pure, and only ever slow a plan down.

1. **Right or easier goes on.** Lengths grow when the plan says so, and never faster: to feel strong for a day is no
   reason for more (the source material: "gradually increasing", "avoid forcing yourself"). No answer counts as right.
2. **Harder holds.** After a session that felt harder, the next growth is left out, and the lengths stay.
3. **Pain stops.** The pose that hurt is left out of the next session, the day after is a day of rest, and the next
   growth is left out for all poses. The pose comes back at its first length and grows from there, since the length
   that hurt is no length to begin with. Whom something hurts is told to ask a professional: a program cannot tell a
   stretch from an injury (the source material: "if you feel any discomfort at all", skip it).
4. **Nothing done, nothing grows.** Without a session that counts since the last growth, the body is not readier.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

from audioguide.player.history import SessionRecord

ASK = "If it hurts again or goes on hurting, ask a doctor or a physiotherapist before you do it again."


@dataclass(frozen=True, slots=True)
class Adapted:
    """What is due now. `steps`: how often lengths have grown; `restarted`: the same for each pose that hurt, since.

    `left_out` are the poses to leave out of this session, `rest_day` a day on which nothing is due, `reasons` a
    sentence for each thing that is other than planned.
    """

    steps: int
    restarted: Mapping[str, int]
    left_out: tuple[str, ...]
    rest_day: date | None
    reasons: tuple[str, ...]

    def steps_of(self, pose: str) -> int:
        """How often the length of a pose has grown."""
        return self.restarted.get(pose, self.steps)


def adapt(periods: Sequence[Sequence[SessionRecord]]) -> Adapted:
    """Apply the rules to the sessions of a plan, in order. A period is what lies between two growths that the plan
    foresees, mostly a week; the last one goes on now.
    """
    steps, restarted, reasons = 0, dict[str, int](), list[str]()
    for number, period in enumerate(periods, 1):
        restarted |= dict.fromkeys(_find_hurt(period), 0)
        if number < len(periods):
            obstacle = _find_obstacle(period)
            if not obstacle:
                steps += 1
                restarted = {pose: count + 1 for pose, count in restarted.items()}
            elif number == len(periods) - 1:
                reasons.append(f"The lengths stay as they are: {obstacle}.")
    told = [record for record in chain(*periods) if record.counts or record.felt or record.hurt]
    last = told[-1] if told else None
    if last is None or not last.hurt:
        return Adapted(steps, restarted, (), None, tuple(reasons))
    what = f"{' and '.join(last.hurt)} hurt on {last.day:%a} {last.day.day} {last.day:%b}: left out this time."
    return Adapted(steps, restarted, last.hurt, last.day + timedelta(days=1), (f"{what} {ASK}", *reasons))


def _find_hurt(period: Sequence[SessionRecord]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain.from_iterable(record.hurt for record in period)))


def _find_obstacle(period: Sequence[SessionRecord]) -> str:
    """Why lengths do not grow after a period; "" where they do."""
    if hurt := _find_hurt(period):
        return f"{' and '.join(hurt)} hurt"
    if any(record.felt == "harder" for record in period):
        return "the last ones felt harder than right"
    return "" if any(record.counts for record in period) else "no session was done since they last grew"
