"""How long `audioguide check` takes on 1,000 different files: python tests/bench/checking.py [FILES].

The files have 18 to 30 steps each, of every kind, as long as the shipped routines are; half of what they say is said
in no other file. The whole command is timed, with the start of Python.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from corpus import NARRATION

from audioguide.system import paths


def routine(number: int) -> str:
    """A routine that is like no other, without an error in it."""
    random.seed(number)
    poses = sorted(paths.pose_files())
    steps = [_say(number, 0)]
    for step in range(random.randint(16, 28)):
        steps.append(random.choice([_say, _pose, _pose, _in_place, _breathe, _rest])(number, step, *poses))
    steps.append(_say(number, 99))
    head = f"title: Routine {number}\ndescription: Made to be checked.\ntags: [bench]\ndefaults: {{breath: 4-6}}\n"
    return head + "steps:\n" + "".join(steps)


def _say(number: int, step: int, *_: str) -> str:
    said = random.sample(NARRATION[:60], 3)
    return f"  - say: >-\n      {said[0]}\n      {said[1]} This is number {number}, and part {step}.\n      {said[2]}\n"


def _pose(number: int, step: int, *poses: str) -> str:
    return f"  - pose: {random.choice(poses)}\n    rounds: {random.randint(1, 3)}\n    rest: {random.randint(5, 20)}s\n"


def _in_place(number: int, step: int, *_: str) -> str:
    said = random.sample(NARRATION[:60], 3)
    return (
        f"  - pose:\n      name: Stretch {step} of {number}\n      instructions:\n        brief: {said[0]!r}\n"
        f"        normal: {said[0] + ' ' + said[1]!r}\n        full: {' '.join(said)!r}\n"
        f"      hold: {random.randint(10, 60)}s\n      sides: [left leg, right leg]\n      release: Let go, and rest.\n"
    )


def _breathe(number: int, step: int, *_: str) -> str:
    return f"  - breathe: {{pattern: {random.choice(['4-6', '4-7-8', '4-4-4-4'])}, rounds: {random.randint(3, 8)}}}\n"


def _rest(number: int, step: int, *_: str) -> str:
    return f"  - rest: {random.randint(10, 50)}s\n"


def main() -> None:
    """Make the files, check them, print the figures."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"routine-{number:04}.yaml" for number in range(count)]
        for number, path in enumerate(files):
            path.write_text(routine(number), "utf-8")
        steps = sum(path.read_text("utf-8").count("\n  - ") for path in files)
        size = sum(path.stat().st_size for path in files)
        print(f"{count} files, {steps / count:.0f} steps and {size / count / 1000:.1f} kB each")
        begun = time.perf_counter()
        command = [sys.executable, "-m", "audioguide", "check", *files]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        took = time.perf_counter() - begun
        findings = len(done.stdout.splitlines())
        print(f"{took:.2f} s, {count / took:.0f} files/s, exit {done.returncode}, {findings} findings")


if __name__ == "__main__":
    main()
