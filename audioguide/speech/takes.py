"""Takes of a person who records a text: where its words are in what was heard, and what is wrong with them.

A room or a voice has a level in dBFS, and so has each `MOMENT` of a sound.
"""

from __future__ import annotations

import math

from audioguide.arrays import NDArray, np
from audioguide.speech.clip import FADE_IN, FADE_OUT, fade_ends
from audioguide.units import RATE, to_frames

MOMENT = to_frames(0.01)
_OVER_ROOM_DB, _UNDER_VOICE_DB = 10.0, -40.0  # what is louder than both, against the room and the voice, is a word
_SOFT_DB, _SOFTEST = 4.0, 30  # an f or a breath right at a word, over the room: it belongs to it, for so many moments
_JOINED, _SHORTEST = 25, 6  # moments: silence within a text, and the least of a word: a key is shorter, and apart
_MARGIN = 24  # moments of the room that are kept on both sides, from which the engine knows how loud it is
_GATED_DB = -75.0  # a microphone that gives less in a room hears its noise only while somebody speaks
_CLIPPED, _QUIET_DB, _CLEAN_DB = 0.985, -45.0, 30.0
_LOW, _HUM = 75.0, 800.0  # Hz: no voice is as low as a footstep, and mains hum is between the two


def clean_take(heard: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """What was heard, in one channel, at `RATE` and without rumble."""
    import soxr

    spectrum = np.fft.rfft(soxr.resample(heard, rate, RATE, quality="VHQ"))
    spectrum *= np.clip(np.linspace(0, RATE / 2 / _LOW, len(spectrum)) * 3 - 2, 0, 1)
    return np.fft.irfft(spectrum).astype(np.float32)


def measure_room(room: NDArray[np.float32]) -> tuple[float, str]:
    """The level of a room in which nobody speaks, and a remark if most of that is mains hum. A knock does not count."""
    power, pitch = np.abs(np.fft.rfft(room * np.hanning(len(room)))) ** 2, np.fft.rfftfreq(len(room), 1 / RATE)
    power[(pitch < _LOW) | (pitch > _HUM)] = 0
    hums = [mains for mains in (50, 60) if power[abs((pitch + 25) % mains - 25) < 1.5].sum() > 0.6 * power.sum()]
    remark = f" It hums at {hums[0]} Hz: keep chargers and other cables away." if hums else ""
    return max(_GATED_DB, float(np.percentile(measure_levels(room), 75))), remark


def judge_take(
    heard: NDArray[np.float32], room: float, expected: float = 0.0, most: float = math.inf
) -> tuple[NDArray[np.float32], str]:
    """The words of a take with some of the room around them, and what is wrong with them in a sentence, or "".

    `room` is the level of the room, `expected` about how many seconds the text takes, 0 for a part of a speech, and
    `most` how many the session has for it.
    """
    levels = measure_levels(heard)
    first, last, level = find_words(levels, room)
    if first == last:
        return heard[:0], "No voice was heard. Is the microphone muted, not allowed, or another one meant?"
    cut = heard[max(0, first - _MARGIN) * MOMENT : (last + _MARGIN) * MOMENT].copy()
    fade_ends(cut, FADE_IN, FADE_OUT)
    seconds, apart, usual = (last - first) / 100, level - room, expected or (last - first) / 100
    clipped, length = np.count_nonzero(np.abs(heard) > _CLIPPED) > 2, f"It takes {seconds:.1f} s"
    faults = {
        "It is clipped: go away from the microphone a little, or turn its level down.": clipped,
        "The first word may be cut off: wait a moment after you have pressed the key.": expected and first < 3,
        "The last word may be cut off: wait a moment before you press the key.": expected and last > len(levels) - 3,
        "It is too quiet: come closer to the microphone, or turn its level up.": level < _QUIET_DB,
        f"The room is heard, only {apart:.0f} dB under your voice: come closer, or make it quieter.": apart < _CLEAN_DB,
        f"{length}, and {usual:.1f} s were expected: were some words left out?": seconds < 0.5 * usual - 0.2,
        f"{length}, and {usual:.1f} s were expected: were these the words?": seconds > 2 * usual + 0.6,
        f"{length}, and the session has {most:.1f} s for it: say it faster.": seconds > most,
    }
    return cut, next((fault for fault, found in faults.items() if found), "")


def measure_levels(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """The level of each moment of a sound, −100 for silence."""
    moments = sound[: len(sound) // MOMENT * MOMENT].reshape(-1, MOMENT).astype(np.float64)
    return np.asarray(10 * np.log10(np.mean(np.square(moments), axis=1) + 1e-10))


def find_words(levels: NDArray[np.float64], room: float) -> tuple[int, int, float]:
    """The first moment of the words in a room of this level, the one after the last, and the level of the voice."""
    voice = float(np.sort(levels)[-10:].min(initial=0.0))  # a knock that is louder lasts less
    loud = np.flatnonzero(levels > max(room + _OVER_ROOM_DB, voice + _UNDER_VOICE_DB))
    groups = np.split(loud, np.flatnonzero(np.diff(loud) > _JOINED) + 1)
    words = [moment for group in groups if len(group) >= _SHORTEST for moment in group]
    if not words:
        return 0, 0, voice
    soft = np.convolve(levels, np.ones(3) / 3, "same") > max(room, np.percentile(levels, 5)) + _SOFT_DB
    before, after = soft[: words[0]][::-1][:_SOFTEST], soft[words[-1] + 1 :][:_SOFTEST]
    reach = [int(np.argmin(np.append(side, False))) for side in (before, after)]
    return int(words[0]) - reach[0], int(words[-1]) + 1 + reach[1], voice
