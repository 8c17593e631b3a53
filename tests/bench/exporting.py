"""How long an export takes: with nothing known, with the clips, with all but one hold or sentence; and one LAME thread.

All take turns, so every ratio is of runs a few seconds apart. LAME is the product's own ffmpeg, given the same samples
from a file on the disk and the same bit rate, in a single pass with the bit reservoir on, and writes a file.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from itertools import count
from pathlib import Path

import numpy as np
from programs import seconds, surroundings, taking_turns
from rows import Row, Settings, ratios, row
from sessions import HOLD, export, routine

from audioguide.export.formats import FORMATS
from audioguide.system.ffmpeg import find_ffmpeg
from audioguide.units import RATE

ROUNDS = {20: 5, 60: 2}
HOLD_CHANGED = {20: 0.5, 60: 0.8}
"""Seconds that an export may take after one hold was changed."""
USUAL, OURS = 5, 7
"""LAME's levels. A segment at ours is as good as a single pass at the usual one, as far as `listening.py` can tell."""
_BLOCK = 2**20


class Known:
    """A session that was exported before, in a folder of its own."""

    def __init__(self, folder: Path, minutes: int) -> None:
        self.folder, self.minutes = folder, minutes
        self.cache = folder / "cache"
        self.session = routine(folder, minutes)
        self._number = count(1)
        self.all_known()

    def _export(self, session: Path, cache: Path, *options: str) -> float:
        return seconds(export(session, self.folder / "session.mp3", *options), cache)

    def cold(self) -> float:
        """With an empty cache."""
        with tempfile.TemporaryDirectory(dir=self.folder) as empty:
            return self._export(self.session, Path(empty))

    def clips_known(self) -> float:
        """With every clip, and nothing encoded."""
        shutil.rmtree(self.cache / "pieces")
        return self._export(self.session, self.cache)

    def all_known(self) -> float:
        """With everything that an export of it left."""
        return self._export(self.session, self.cache)

    def hold_changed(self) -> float:
        """With another length of one hold, one that it never had."""
        return self._export(self.session, self.cache, "--hold", f"{HOLD}={30.5 + next(self._number) / 2}")

    def sentence_changed(self) -> float:
        """With a sentence that was never said before."""
        said = f"Sit tall, turn from your ribs, and count to {next(self._number)} as you look over your shoulder."
        (self.folder / "changed").mkdir(exist_ok=True)
        return self._export(routine(self.folder / "changed", self.minutes, said), self.cache)

    def lame(self, level: int) -> list[str | Path]:
        """The command that encodes its samples at one of LAME's levels; they are laid in a file first."""
        form, whole, samples = FORMATS[".mp3"], self.folder / "whole.wav", self.folder / "session.raw"
        reader = [find_ffmpeg(), "-v", "error", "-nostdin"]
        subprocess.run(export(self.session, whole), env=surroundings(self.cache), capture_output=True, check=True)
        decode = [*reader, "-i", whole, "-f", "f32le", "pipe:1"]
        with samples.open("wb") as file, subprocess.Popen(decode, stdout=subprocess.PIPE) as decoder:
            assert decoder.stdout
            while block := decoder.stdout.read(8 * _BLOCK):
                file.write(form.prepare(np.frombuffer(block, "<f4").reshape(-1, 2)))
        whole.unlink()
        shape = ["-f", form.sample, "-ar", str(RATE), "-ac", "2"]
        alone = " ".join(form.arguments).replace("-reservoir 0", "-reservoir 1").split()
        alone[alone.index("-compression_level") + 1] = str(level)
        return [*reader, *shape, "-i", samples, *alone, "-y", self.folder / "lame.mp3"]


def measure(settings: Settings) -> list[Row]:
    """Both lengths."""
    rows: list[Row] = []
    for minutes, rounds in ROUNDS.items():
        with tempfile.TemporaryDirectory() as folder:
            rows += _measure(Known(Path(folder), minutes), settings.rounds(rounds))
    return rows


def _measure(known: Known, rounds: int) -> list[Row]:
    encode, fast = known.lame(USUAL), known.lame(OURS)
    cold, clips, same, hold, sentence, lame, faster = taking_turns(
        rounds,
        known.cold,
        known.clips_known,
        known.all_known,
        known.hold_changed,
        known.sentence_changed,
        lambda: seconds(encode),
        lambda: seconds(fast),
    )
    bounded = known.minutes == 20  # the longer session shows how it grows

    def of(bound: float) -> float | None:
        return bound if bounded else None

    name, lame_ratio = f"{known.minutes} min", "x LAME"
    turns = "the same round's LAME"
    hold_in_percent = [100 * part for part in ratios(hold, cold)]
    return [
        row(f"{name}: nothing known", cold, "s", "an empty cache: speaks, mixes, encodes"),
        row(f"{name}: clips known", clips, "s", "the clips of an export, not its encoded segments"),
        row(f"{name}: all known", same, "s", "the export before it was of the same session"),
        row(f"{name}: one hold changed", hold, "s", "another length every round", most=HOLD_CHANGED[known.minutes]),
        row(f"{name}: one sentence changed", sentence, "s", "one never said before every round", most=of(1.5)),
        row(f"{name}: one LAME thread", lame, "s", "the same samples from a file, a single pass at its usual level, 5"),
        row(f"{name}: one LAME thread, at our level", faster, "s", "the same at level 7: see pieces.md"),
        row(f"{name}: nothing known, of LAME", ratios(cold, lame), lame_ratio, f"over {turns}", most=of(0.9)),
        row(f"{name}: clips known, of LAME", ratios(clips, lame), lame_ratio, f"over {turns}", most=of(0.6)),
        row(f"{name}: nothing known, of LAME at our level", ratios(cold, faster), lame_ratio, f"over {turns}"),
        row(f"{name}: clips known, of LAME at our level", ratios(clips, faster), lame_ratio, f"over {turns}"),
        row(f"{name}: one hold changed, of nothing known", hold_in_percent, "%", "in the same round"),
    ]
