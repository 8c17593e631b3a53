"""What is heard of the encoder's noise: `python tests/bench/listening.py [ROUTINE [BACKGROUND]]`.

Of each of LAME's levels, with the bit reservoir and without: the processor time, as a ratio to the usual one, and how
far its noise lies over what the sound itself masks. The measure is the noise-to-mask ratio after Brandenburg and Sporer
("NMR and Masking Flag", AES 11th conference, 1992) in its simplest form: energies of 24 Bark bands in frames of 23 ms,
spread as Schroeder, Atal and Hall have it (JASA 66, 1979), with the mask 14.5 dB + band under tones and 5.5 dB under
noise, by the flatness of the spectrum. It is no listening test: it says where one would have to listen.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from numpy.typing import NDArray

from audioguide import load
from audioguide.export.formats import FORMATS
from audioguide.system.ffmpeg import find_ffmpeg
from audioguide.units import RATE, to_frames

WINDOW, HOP = 1024, 512
DELAY = 1105
"""Audio frames by which bare MP3 frames come later, once they are decoded."""

LEVELS = (5, 7)
USUAL = 5

_HERTZ = np.fft.rfftfreq(WINDOW, 1 / RATE)
_BARK = 13 * np.arctan(0.00076 * _HERTZ) + 3.5 * np.arctan((_HERTZ / 7500) ** 2)
_BANDS = np.eye(25)[np.clip(_BARK.astype(int), 0, 24)]
_APART = np.subtract.outer(np.arange(25), np.arange(25)) + 0.474
_SPREAD = 10 ** ((15.81 + 7.5 * _APART - 17.5 * np.sqrt(1 + _APART**2)) / 10)
_FLOOR = 10 ** (-80 / 10) * (WINDOW / 4) ** 2
"""What nobody hears: a tone 80 dB below full scale, 64 below the voice."""


def spectra(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """Power by frame and line, of one channel."""
    views = np.lib.stride_tricks.sliding_window_view(sound, WINDOW)[::HOP]
    power: NDArray[np.float64] = np.abs(np.fft.rfft(views * np.hanning(WINDOW), axis=1)) ** 2
    return power


def over_the_mask(sound: NDArray[np.float32], decoded: NDArray[np.float32]) -> NDArray[np.float64]:
    """Noise to mask in dB, by frame and band; -inf where there is no noise to speak of."""
    power, noise = spectra(sound), spectra(decoded - sound) @ _BANDS
    flatness = 10 * np.log10(np.exp(np.log(power + 1e-12).mean(axis=1)) / (power.mean(axis=1) + 1e-12))
    tonal = np.clip(flatness / -60, 0, 1)[:, None]
    offset = tonal * (14.5 + np.arange(25)) + (1 - tonal) * 5.5
    mask = (power @ _BANDS) @ _SPREAD.T * 10 ** (-offset / 10) + _FLOOR
    return 10 * np.log10(np.maximum(noise, 1e-12) / mask)


def encoded(raw: Path, level: int, reservoir: int) -> tuple[bytes, float]:
    """The sound as bare MP3 frames, and the seconds of processor that took."""
    form = FORMATS[".mp3"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [find_ffmpeg(), "-v", "error", "-nostdin", "-f", form.sample, "-ar", str(RATE), "-ac", "2", "-i", raw]
    more = ["-reservoir", str(reservoir), "-compression_level", str(level), "pipe:1"]
    made = subprocess.run([*command, *form.arguments, *more], capture_output=True, check=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return made, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(routine: str, background: str | None = None) -> None:
    """Measure and print."""
    form = FORMATS[".mp3"]
    with TemporaryDirectory() as folder, load(routine, background=background).stream() as live:
        mix = np.concatenate([stems.mix for stems in live.stems()])[: to_frames(240)]
        raw = Path(folder, "mix.raw")
        raw.write_bytes(form.prepare(mix))
        usual = encoded(raw, USUAL, 1)[1]
        print(f"{routine}, {background or 'as written'}, {len(mix) / RATE / 60:.0f} minutes; noise to mask in dB")
        print(
            f"{'level':>6}{'reservoir':>10}{'time':>7}{'mean':>8}{'worst 1 %':>11}"
            f"{'frames over the mask':>22}{'> 16 kHz':>10}"
        )
        for level in LEVELS:
            for reservoir in (1, 0):
                content, took = encoded(raw, level, reservoir)
                command = [find_ffmpeg(), "-v", "error", "-f", "mp3", "-i", "pipe:0", "-f", "f32le", "pipe:1"]
                heard = np.frombuffer(
                    subprocess.run(command, input=content, capture_output=True, check=True).stdout, "<f4"
                )
                decoded = heard.reshape(-1, 2)[DELAY : DELAY + len(mix), 0]
                ratio = over_the_mask(mix[: len(decoded), 0], decoded)
                worst = ratio[:, :22].max(axis=1)  # above that few hear anything
                high = (
                    spectra(decoded)[:, _HERTZ > 16_000].sum()
                    / spectra(mix[: len(decoded), 0])[:, _HERTZ > 16_000].sum()
                )
                print(
                    f"{level:>6}{'on' if reservoir else 'off':>10}{took / usual:>7.2f}{ratio[:, :22].mean():>8.1f}"
                    f"{np.quantile(worst, 0.99):>11.1f}{(worst > 0).mean():>21.2%}{10 * np.log10(high):>8.0f} dB"
                )


if __name__ == "__main__":
    main(*(sys.argv[1:] or ["lower-back-cool-down"]))
