"""A session as one filter graph of ffmpeg over the files of `material`, in two ways, of which the faster counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import count
from pathlib import Path

from material import STEMS, Part

from audioguide.system.ffmpeg import find_ffmpeg

GROUP = 30
"""Inputs of one `amix`."""


def command(parts: Sequence[Part], total: int, output: Path, way: str) -> list[str | Path]:
    """The command that makes a session; `way` is one of `WAYS`."""
    files = sorted({part.file for part in parts})
    inputs = [word for file in files for word in ("-i", file)]
    graph = output.with_suffix(".graph")
    graph.write_text(";\n".join([*_copies(parts, files), *WAYS[way](parts, total)]), "utf-8")
    made = ["-/filter_complex", graph, "-map", "[session]", "-c:a", "libmp3lame", "-b:a", "128k", "-y", output]
    return [find_ffmpeg(), "-v", "error", "-nostdin", *inputs, *made]


def _copies(parts: Sequence[Part], files: Sequence[str]) -> list[str]:
    """A stream for each part, named by its number: [p0], [p1] …"""
    uses = Counter(part.file for part in parts)
    names = {file: [f"[p{n}]" for n, part in enumerate(parts) if part.file == file] for file in files}
    return [f"[{n}:a]asplit={uses[file]}{''.join(names[file])}" for n, file in enumerate(files)]


def _joined(parts: Sequence[Part], total: int) -> list[str]:
    """Each layer end to end with silence in the gaps, then the layers mixed."""
    lines: list[str] = []
    for layer in STEMS.values():
        numbers = [n for n, part in enumerate(parts) if part.layer == layer]
        for n, following in zip(numbers, [*numbers[1:], None], strict=True):
            end = parts[n].start + parts[n].frames
            gap = max(0, (total if following is None else parts[following].start) - end)
            before = f"adelay={parts[n].start}S:all=1," if n == numbers[0] else ""
            lines.append(f"[p{n}]{before}apad=pad_len={gap}[g{n}]" if gap else f"[p{n}]{before}anull[g{n}]")
        ends = "".join(f"[g{n}]" for n in numbers)
        lines.append(f"{ends}concat=n={len(numbers)}:v=0:a=1[{layer}]")
    layers = "".join(f"[{layer}]" for layer in STEMS.values())
    return [*lines, f"{layers}amix=inputs={len(STEMS)}:normalize=0[session]"]


def _delayed(parts: Sequence[Part], total: int) -> list[str]:
    """Each part behind its own silence, mixed in groups, then the groups mixed."""
    lines = [f"[p{n}]adelay={part.start}S:all=1[d{n}]" for n, part in enumerate(parts)]
    lines[-1] = lines[-1].replace("[d", f",apad=whole_len={total}[d")
    names, number = [f"[d{n}]" for n in range(len(parts))], count()
    while len(names) > 1:
        groups = [names[at : at + GROUP] for at in range(0, len(names), GROUP)]
        names = [f"[m{next(number)}]" for _ in groups]
        for group, name in zip(groups, names, strict=True):
            lines.append(f"{''.join(group)}amix=inputs={len(group)}:normalize=0{name}")
    return [*lines, f"{names[0]}anull[session]"]


WAYS = {"concat with silences": _joined, "adelay and amix in groups": _delayed}
