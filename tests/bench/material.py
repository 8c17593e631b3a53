"""A session as files for other programs: each thing said, each chime, and the background of each hold, and when.

They are cut from the stems of an export, so nothing has to be spoken or made any more. What sounds twice is one file.
"""

from __future__ import annotations

import json
import subprocess
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from programs import surroundings
from sessions import export, timeline

from audioguide.system.ffmpeg import find_ffmpeg
from audioguide.units import RATE

STEMS = {"speech": "voice", "chime": "chimes", "hold": "background"}
"""The stem in which a cue of a kind sounds."""

_FRAME = 4  # bytes: 16 bits, stereo


@dataclass(frozen=True)
class Part:
    """A file, where it begins and how long it is, in frames; `layer` is its stem: parts of one do not overlap."""

    file: str
    start: int
    frames: int
    layer: str


def cut(session: Path, cache: Path, folder: Path) -> tuple[list[Part], int]:
    """The parts of a session, in order, as WAV files of 16 bits in `folder`; and the session's frames.

    parts.json in `folder` says the same to programs of their own, and at which frames an exercise begins.
    """
    told = timeline(session, cache)
    whole = folder / "whole.wav"
    subprocess.run(export(session, whole, "--stems"), env=surroundings(cache), capture_output=True, check=True)
    whole.unlink()
    parts: list[Part] = []
    for kind, layer in STEMS.items():
        stem, samples = folder / f"whole.{layer}.wav", folder / "stem.raw"
        decode = [find_ffmpeg(), "-v", "error", "-nostdin", "-i", stem, "-f", "s16le", "-y", samples]
        subprocess.run(decode, check=True)
        parts += _cut(samples, [cue for cue in told["cues"] if cue["kind"] == kind], layer, folder)
        stem.unlink()
        samples.unlink()
    parts.sort(key=lambda part: part.start)
    plan = [[part.file, part.start, part.frames] for part in parts]
    exercises = [round(chapter["start"] * RATE) for chapter in told["chapters"]]
    told_of = {"frames": told["frames"], "parts": plan, "exercises": exercises}
    (folder / "parts.json").write_text(json.dumps(told_of), "utf-8")
    return parts, told["frames"]


def _cut(samples: Path, cues: list[dict[str, Any]], layer: str, folder: Path) -> list[Part]:
    known: dict[object, str] = {}
    parts: list[Part] = []
    with samples.open("rb") as stem:
        for cue in cues:
            same = len(known) if layer == "background" else (cue["text"], cue["role"], cue["sound"], cue["frames"])
            if same not in known:
                known[same] = str(folder / f"{layer}-{len(known):04}.wav")
                stem.seek(cue["start_frame"] * _FRAME)
                with wave.open(known[same], "wb") as file:
                    file.setnchannels(2)
                    file.setsampwidth(2)
                    file.setframerate(RATE)
                    file.writeframes(stem.read(cue["frames"] * _FRAME))
            parts.append(Part(known[same], cue["start_frame"], cue["frames"], layer))
    return parts
