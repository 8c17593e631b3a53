"""Fuzz by hand: `PYTHONPATH=.:tests python -m fuzz [TARGET...] [--inputs N] [--seed N] [--keep]`.

Every find is made small, printed with its traceback, and with `--keep` written into the corpus.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from pathlib import Path

from fuzz.minimiser import minimise
from fuzz.runner import Find, fuzz, share_out
from fuzz.target import HERE, outcome, targets


def main() -> None:
    """Run, and print what is found."""
    arguments = argparse.ArgumentParser("python -m fuzz", description=__doc__.splitlines()[0])
    arguments.add_argument("targets", nargs="*", metavar="TARGET", help=", ".join(targets()))
    arguments.add_argument("--inputs", type=int, default=10_000, help="of all targets together")
    arguments.add_argument("--seed", type=int, default=int(time.time()), help="another run; default: by the clock")
    arguments.add_argument("--workers", type=int, default=2)
    arguments.add_argument("--keep", action="store_true", help="write finds into the corpus")
    asked = arguments.parse_args()
    names = [name for name in targets() if any(name.startswith(one) for one in asked.targets or [""])]
    print(f"seed {asked.seed}", flush=True)
    wanted = share_out(asked.inputs, names)
    tallies = fuzz(wanted, seed=asked.seed, workers=asked.workers, told=lambda find: _tell(find, keep=asked.keep))
    print(
        f"{'target':16}{'inputs':>9}{'accepted':>10}{'ways':>8}{'finds':>7}{'slowest':>9}{'memory':>9}{'a second':>10}"
    )
    for name, one in tallies.items():
        rate = one.inputs / one.busy if one.busy else 0
        print(
            f"{name:16}{one.inputs:9,}{one.accepted / max(1, one.inputs):10.0%}{len(one.known):8}{len(one.finds):7}"
            f"{one.slowest:8.2f}s{one.memory / 1e6:6.0f} MB{rate:10,.0f}"
        )
        if one.slowest > 0.5:
            _keep(one.worst, name, Path("build") / "fuzz" / "slow", f"{one.slowest:.1f}s-")


def _tell(find: Find, *, keep: bool) -> None:
    run = targets()[find.target].run
    small = find.data
    if find.outcome.trace and "TooMuch" not in find.outcome.shape and "MemoryError" not in find.outcome.shape:
        small = minimise(small, lambda data: outcome(run, data).shape == find.outcome.shape, 20)
    path = _keep(small, find.target, HERE / "corpus" if keep else Path("build") / "fuzz", "")
    print(f"\n{find.target} {find.number}: {find.outcome.shape}\n  {small[:300]!r}\n  {path}")
    print(find.outcome.trace[-1800:], flush=True)


def _keep(data: bytes, target: str, folder: Path, mark: str) -> Path:
    path = folder / target / (mark + hashlib.sha256(data).hexdigest()[:10])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


if __name__ == "__main__":
    main()
