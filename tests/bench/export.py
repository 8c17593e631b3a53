"""How long a person waits, and how much memory it takes: `python tests/bench/export.py [PART...] [--hours 8]`.

The parts are `speed`, `memory`, `start`, `play`; without any, all are measured. Times are medians of runs that take
turns with what they are compared to, since the machine may be busy with something else. An export is compared with
one thread of LAME: the same ffmpeg, given the same samples from a file and the same arguments. `cold` is with an
empty clip cache, `warm` with every clip in it. `play` needs PulseAudio; its time ends at the first sample in the
sound server's own recording.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import mixing
import numpy as np
from programs import AUDIOGUIDE, peak_memory, seconds, summary, surroundings, taking_turns

from audioguide import compile, load
from audioguide.media import find_ffmpeg
from audioguide.output.formats import FORMATS
from audioguide.units import RATE

sys.path.append(str(Path(__file__).parents[1]))
from pulse import SoundServer, wait_until

ROUTINE = "lower-back-cool-down"
ROUNDS = 5


def export(routine: str | Path, output: Path) -> list[str | Path]:
    """The command that exports a routine."""
    return [*AUDIOGUIDE, "export", routine, "-o", output]


def lame(folder: Path) -> list[str | Path]:
    """The command that encodes the session's samples, which it lays in a file first, as `export` has them encoded."""
    form, samples, made = FORMATS[".mp3"], folder / "session.raw", folder / "session.wav"
    reader = [find_ffmpeg(), "-v", "error", "-nostdin"]
    subprocess.run(export(ROUTINE, made), env=surroundings(folder / "warm"), capture_output=True, check=True)
    subprocess.run([*reader, "-i", made, "-f", "f32le", samples], check=True)
    samples.write_bytes(form.prepare(np.fromfile(samples, "<f4").reshape(-1, 2)))
    shape = ["-f", form.sample, "-ar", str(RATE), "-ac", "2"]
    return [*reader, *shape, "-i", samples, *form.arguments, "-y", folder / "lame.mp3"]


def measure_speed(folder: Path) -> None:
    """Cold and warm export against LAME; compiling; mixing."""
    encode = lame(folder)

    def cold() -> float:
        with tempfile.TemporaryDirectory() as empty:
            return seconds(export(ROUTINE, folder / "cold.mp3"), Path(empty))

    def warm() -> float:
        return seconds(export(ROUTINE, folder / "warm.mp3"), folder / "warm")

    times = taking_turns(ROUNDS, cold, warm, lambda: seconds(encode))
    for name, taken in zip(("cold export", "warm export", "LAME, one thread"), times, strict=True):
        ratios = [one / other for one, other in zip(taken, times[2], strict=True)]
        print(f"{name:24}{summary(taken)}, {summary(ratios, 'x LAME')}")

    session = load(ROUTINE)
    compiling = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        timeline = compile(session)
        compiling.append(time.perf_counter() - begin)
    print(f"{'compile, clips cached':24}{summary(compiling)}, a session of {timeline.frames / RATE / 60:.1f} min")
    speeds = [mixing.measure("warm-drone", 0.0) for _ in range(3)]
    print(f"{'mixing on one core':24}{summary(speeds, 'x real time')}")


def measure_memory(folder: Path, hours: float) -> None:
    """Peak memory of a cold export of the session, and of one that repeats it for `hours`."""
    session = compile(load(ROUTINE)).frames / RATE
    again = folder / "again.yaml"
    times = round(hours * 3600 / session)
    again.write_text(f"title: Again\nsteps:\n  - repeat: {times}\n    steps: [{{include: {ROUTINE}}}]\n", "utf-8")
    peaks = []
    for routine, length in ((ROUTINE, session), (again, times * session)):
        with tempfile.TemporaryDirectory() as empty:
            peaks.append(peak_memory(export(routine, folder / "memory.mp3"), Path(empty)))
        print(f"{f'memory, {length / 60:.0f} min':24}{peaks[-1]:7.0f} MB")
    print(f"{'the longer one':24}{peaks[1] / peaks[0] - 1:+7.1%}")


def measure_start(_: Path) -> None:
    """`--help` over an interpreter that imports click."""
    shown, imported = taking_turns(
        4 * ROUNDS,
        lambda: seconds([*AUDIOGUIDE, "--help"]),
        lambda: seconds([sys.executable, "-c", "import click"]),
    )
    print(f"{'--help':24}{summary(shown)}, {median(shown) - median(imported):+.3f} s over `import click`")


def measure_play(folder: Path) -> None:
    """From starting `play` to its first sound, and without a background to its first word."""
    server = SoundServer(folder)

    def first_sound(cache: Path, *options: str) -> float:
        with server.recording() as recording:
            before = len(recording.frames)
            player = subprocess.Popen(
                [*AUDIOGUIDE, "play", ROUTINE, *options],
                env=surroundings(cache) | server.environment,
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            try:
                wait_until(lambda: bool(recording.frames[before:].any()), "the first sound")
            finally:
                player.send_signal(signal.SIGINT)
                player.wait()
            return float(np.flatnonzero(recording.frames[before:].any(axis=1))[0] / RATE)

    def cold(*options: str) -> float:
        with tempfile.TemporaryDirectory() as empty:
            return first_sound(Path(empty), *options)

    def warm() -> float:
        return first_sound(folder / "warm")

    try:
        seconds(export(ROUTINE, folder / "play.mp3"), folder / "warm")
        names = ("play, empty cache", "its first word", "play, full cache")
        for name, taken in zip(
            names, taking_turns(ROUNDS, cold, lambda: cold("--background", "none"), warm), strict=True
        ):
            print(f"{name:24}{summary(taken)}")
    finally:
        server.stop()


def main() -> None:
    parts = {"speed": measure_speed, "memory": measure_memory, "start": measure_start, "play": measure_play}
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("parts", nargs="*", choices=[[], *parts], metavar="PART", help=", ".join(parts))
    arguments.add_argument("--hours", type=float, default=3.0, help="the longer session for `memory`")
    asked = arguments.parse_args()
    for part in asked.parts or parts:
        with tempfile.TemporaryDirectory() as folder:
            os.environ["AUDIOGUIDE_CACHE"] = str(Path(folder, "warm"))
            more = (asked.hours,) if part == "memory" else ()
            parts[part](Path(folder), *more)


if __name__ == "__main__":
    main()
