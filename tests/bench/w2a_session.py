"""A session made as workout-to-audio tools make it: python w2a_session.py PARTS.json OUTPUT.mp3 FFMPEG.

What is said and every chime go into a file for each exercise, one after the other with silence between; each file is
encoded, and the files are joined as they are. Such tools have no background, so it is left out. A program of its own,
without audioguide.
"""

import json
import subprocess
import sys
import wave
from pathlib import Path

FRAME = 4  # bytes: 16 bits, stereo


def exercise(parts: list[tuple[str, int]], start: int, end: int, place: Path) -> None:
    """The file of one exercise: what begins within these frames, with silence before and after."""
    with wave.open(str(place), "wb") as file:
        file.setparams((2, 2, 44100, 0, "NONE", ""))
        at = start
        for name, begins in parts:
            file.writeframes(bytes(FRAME * max(0, begins - at)))
            with wave.open(name, "rb") as sound:
                file.writeframes(sound.readframes(sound.getnframes()))
                at = max(at, begins) + sound.getnframes()
        file.writeframes(bytes(FRAME * max(0, end - at)))


def main(plan: str, output: str, ffmpeg: str) -> None:
    session = json.loads(Path(plan).read_text("utf-8"))
    sounds = [(name, start) for name, start, _ in session["parts"] if Path(name).name.startswith(("voice", "chimes"))]
    starts, tool = session["exercises"], (ffmpeg, "-v", "error", "-nostdin", "-y")
    made = []
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], session["frames"]], strict=True), 1):
        place = Path(f"{output}.{number:03}.wav")
        exercise([(name, at) for name, at in sounds if start <= at < end], start, end, place)
        made.append(place.with_suffix(".mp3"))
        subprocess.run([*tool, "-i", place, "-b:a", "128k", made[-1]], check=True)
        place.unlink()
    names = Path(f"{output}.txt")
    names.write_text("".join(f"file '{name}'\n" for name in made), "utf-8")
    subprocess.run([*tool, "-f", "concat", "-safe", "0", "-i", names, "-c", "copy", output], check=True)
    for name in (*made, names):
        name.unlink()


if __name__ == "__main__":
    main(*sys.argv[1:])
