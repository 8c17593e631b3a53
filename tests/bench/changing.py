"""What a press of + costs, by the length of the session: python tests/bench/changing.py [HOURS].

Prints, for a session of half an hour and each four times as long, the processor time until the new version is in force,
and until all of it is compiled; then the same where the hold is kept going.
"""

from __future__ import annotations

import sys
import time
from functools import cache

import numpy as np
from compiling import estimate, routine
from numpy.typing import NDArray

from audioguide.model.timeline import Utterance
from audioguide.session.stream import StreamVersion
from audioguide.sound.mixer import Mixer
from audioguide.timeline.compiler import Compiler
from audioguide.timeline.edit_hold import EditCommand, EditTime, apply_edit
from audioguide.timeline.edits import NO_EDITS, HoldEdits
from audioguide.timeline.phrases import find_phrases
from audioguide.units import RATE, to_frames


def silent(utterance: Utterance) -> NDArray[np.float32]:
    """A clip of nothing: only the compiling of versions is timed."""
    return np.zeros(estimate(utterance), np.float32)


@cache
def session(steps: int) -> StreamVersion:
    """The steps of the cool-down, over and over, all made."""
    version = StreamVersion(Compiler(routine(steps), estimate, find_phrases("en")), Mixer(silent))
    while version.extend():
        pass
    return version


def press(version: StreamVersion, steps: int, command: EditCommand) -> tuple[float, float]:
    """Milliseconds of processor time: until the version is there, and until the rest of it is."""
    hold = next(cue for cue in version.sections[1].cues if cue.kind == "hold")
    at = EditTime(hold.start + to_frames(2), hold.start + to_frames(2.3))
    plan = routine(steps)
    begun = time.process_time()
    edits: HoldEdits
    edits, _ = apply_edit(plan, version.sections[1], NO_EDITS, command, at)
    changed = version.with_edits(edits, 1, at.change_frame)
    there = time.process_time()
    while changed.extend():
        pass
    return 1000 * (there - begun), 1000 * (time.process_time() - begun)


def main() -> None:
    """Print the curve."""
    most = float(sys.argv[1]) if len(sys.argv) > 1 else 8
    print(f"{'hours':>6} {'sections':>9} {'+ there':>9} {'+ made':>9} {'= there':>9}")
    steps = 25
    while True:
        version = session(steps)
        longer, made = min(press(version, steps, "longer") for _ in range(5))
        kept = min(press(version, steps, "keep") for _ in range(5))[0]
        hours = (version.frames or 0) / RATE / 3600
        print(f"{hours:6.2f} {len(version.sections):9} {longer:6.2f} ms {made:6.1f} ms {kept:6.2f} ms")
        if hours * 4 > most * 1.3:
            break
        steps *= 4


if __name__ == "__main__":
    main()
