"""The samples of two sessions and the frames of one MP3.

Numbers with a fraction are added up in another order on another processor, and another encoder writes other bytes: so
hashes are held on machines like the one that wrote them, and everywhere else the levels of 20 ms each, to 0.05 dB.
"""

from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from contracts.program import FREEZING, HERE
from extras import needs

pytestmark = needs("py_nanotts")

SOUNDS = HERE / "sounds"
HASHES = HERE / "frozen" / "hashes.json"

RATE = 44_100
WINDOW = RATE // 50


def machine() -> str:
    """What decides how numbers with a fraction come out, and which encoder writes."""
    import imageio_ffmpeg

    lame = f"lameenc {version('lameenc')}" if find_spec("lameenc") else "no lameenc"
    path = Path("/proc/cpuinfo")
    info = path.read_text("utf-8") if path.exists() else ""
    flags, kind = (
        set(re.findall(r"[a-z]\w+", info)),
        " ".join(re.findall(r"(?m)^(?:cpu family|model)\s*: (.*)$", info)[:2]),
    )
    wide = " ".join(sorted(flags & {"avx2", "fma", "avx512f", "avx512_skx", "avx512vl", "asimd"}))
    numpy = ".".join(np.__version__.split(".")[:2])
    ffmpeg = imageio_ffmpeg.get_ffmpeg_version()
    return f"{platform.system()} {platform.machine()} {kind} {wide}, numpy {numpy}, {lame}, {ffmpeg}"


def hold(name: str, content: bytes) -> None:
    known = json.loads(HASHES.read_text("utf-8")) if HASHES.exists() else {}
    digest = hashlib.sha256(content).hexdigest()
    if FREEZING:
        known.setdefault(name, {})[machine()] = digest
        HASHES.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", "utf-8")
    if (here := known[name].get(machine())) is not None:
        assert digest == here


def samples(path: Path) -> np.ndarray:
    """Shape (frames, 2), of any sound file."""
    raw = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", path, "-f", "f32le", "-ac", "2", "-ar", str(RATE), "-"],
        capture_output=True,
        check=True,
    ).stdout
    return np.frombuffer(raw, np.float32).reshape(-1, 2)


def levels(sound: np.ndarray) -> np.ndarray:
    """Of each 20 ms, dB in hundredths, at least -100 dB; shape (windows, 2)."""
    windows = sound[: len(sound) // WINDOW * WINDOW].reshape(-1, WINDOW, 2).astype(np.float64)
    power = np.maximum((windows**2).mean(axis=1), 1e-10)
    return np.round(1_000 * np.log10(power)).astype(int)


@pytest.mark.real("ffmpeg")
@pytest.mark.parametrize("name", ["spoken", "mixed"])
def test_a_session_has_the_frozen_samples(program, name):
    path = program.folder / f"{name}.wav"
    program.run("export", SOUNDS / f"{name}.yaml", "-o", path)
    found, frozen = levels(samples(path)), HERE / "frozen" / f"{name}.levels"
    if FREEZING:
        np.savetxt(frozen, found, "%d")
    assert np.abs(found - np.loadtxt(frozen, dtype=int)).max() <= 5
    hold(f"{name}.wav", path.read_bytes())


@pytest.mark.real("ffmpeg")
def test_an_mp3_has_the_frozen_frames(program):
    path = program.folder / "mixed.mp3"
    program.run("export", SOUNDS / "mixed.yaml", "-o", path)
    content = path.read_bytes()
    assert content[:3] == b"ID3"
    size = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(reversed(content[6:10])))
    wanted = np.loadtxt(HERE / "frozen" / "mixed.levels", dtype=int)
    decoded = levels(samples(path))
    assert decoded.shape == wanted.shape
    loud = wanted > -6_000
    assert np.abs(decoded - wanted)[loud].mean() < 50
    hold("mixed.mp3", content[10 + size :])
