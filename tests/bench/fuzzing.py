"""Hostile inputs by the hundred thousand: how many, what they found, and the longest and largest of them."""

from __future__ import annotations

from collections.abc import Sequence

from fuzz.runner import Find, Tally, fuzz, share_out
from fuzz.target import MOST_MEMORY, MOST_SECONDS
from rows import Progress, Row, Settings, row, tell

INPUTS, LONG = 20_000, 1_000_000
SEED = 19


def measure(settings: Settings) -> list[Row]:
    """A run over all targets, in two processes: 20,000 inputs, in a long run a million."""
    wanted = share_out(LONG if settings.long else INPUTS)
    progress = Progress(sum(wanted.values()), "inputs")
    tallies = fuzz(wanted, seed=SEED, told=_tell, progress=progress).values()
    groups: dict[str, list[Tally]] = {"all inputs": [*tallies]}
    for tally in tallies:
        groups.setdefault(tally.target.group, []).append(tally)
    return [made for group, members in groups.items() for made in _rows(group, members)]


def _rows(group: str, members: Sequence[Tally]) -> list[Row]:
    inputs = sum(one.inputs for one in members)
    accepted, finds = sum(one.accepted for one in members), sum(len(one.finds) for one in members)
    shapes, rate = sum(len(one.known) for one in members), inputs / max(0.01, sum(one.busy for one in members))
    how = f"{accepted / max(1, inputs):.0%} accepted, {shapes:,} ways to come out, {rate:,.0f} a second and process"
    slowest, memory = max(one.slowest for one in members), max(one.memory for one in members)
    return [
        Row(f"{group}: finds", finds, f"of {inputs:,}", "0", finds == 0, how),
        row(f"{group}: the slowest", slowest, "s", "of processor time", most=MOST_SECONDS),
        row(f"{group}: memory", memory / 1e6, "MB", "the most beyond that of the program", most=MOST_MEMORY / 1e6),
    ]


def _tell(find: Find) -> None:
    tell(f"{find.target} {find.number}: {find.outcome.shape}\n  {find.data[:200]!r}")
