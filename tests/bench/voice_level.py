"""Loudness, peaks, pace and speed of voices: of all that work offline, over `corpus.py`; or of one, in full.

    python tests/bench/voice_level.py [VOICE ...]
    python tests/bench/voice_level.py --full [VOICE]     over the shipped routines' own texts besides: English only

Loudness is BS.1770 integrated loudness in stereo (the mono clip on both channels), of clips laid half a second apart
and laid end to end: short words read lower with silence around them, and a session lies in between.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import corpus
import numpy as np
import soxr
from loudness import integrated_loudness

from audioguide.model.timeline import Role, Utterance
from audioguide.schema.document import read_document
from audioguide.speech.clip import ClipCache
from audioguide.speech.engines.engine import is_online, list_profiles
from audioguide.speech.languages import base_language
from audioguide.speech.normalize import split_sentences
from audioguide.speech.voice_choice import find_fault
from audioguide.speech.voice_speaker import VoiceSpeaker
from audioguide.speech.voices import VoiceProfile, find_profile
from audioguide.system import paths
from audioguide.units import RATE

LEVELS = ("brief", "normal", "full")


def narration_of(routine: Path, level: str) -> Iterator[Utterance]:
    """What is said outside the holds of a routine; templates are left as they are."""
    poses = {name: read_document(path).data for name, path in paths.pose_files().items()}
    for step in read_document(routine).data["steps"]:
        if "say" in step:
            yield Utterance(step["say"], "say")
        if isinstance(step.get("pose"), str):
            yield from narration_of_pose(poses[step["pose"]], level, int(step.get("rounds", 1)))


def narration_of_pose(pose: dict[str, Any], level: str, rounds: int) -> Iterator[Utterance]:
    """Name, instructions on the first side, begin and release, as often as they are said."""
    instructions = pose["instructions"]
    for time_said, side in enumerate((pose.get("sides") or [""]) * rounds):
        yield Utterance(f"{pose['name']}{', ' * bool(side)}{side}.", "name")
        if time_said == 0:
            yield Utterance(instructions if isinstance(instructions, str) else instructions[level], "instructions")
        yield Utterance("Begin.", "begin")
        yield Utterance(pose.get("release", "And release."), "release")


def loudness(clips: Sequence[np.ndarray], gap: float) -> float:
    """Integrated loudness in LUFS of clips laid `gap` seconds apart, on both channels."""
    silence = np.zeros(round(gap * RATE), np.float32)
    mono = np.concatenate([part for clip in clips for part in (clip, silence)])
    return float(integrated_loudness(np.ascontiguousarray(np.stack([mono, mono], axis=1)), RATE))


def true_peak(clip: np.ndarray) -> float:
    """The peak of the clip at four times the rate, in dB."""
    return float(20 * np.log10(np.abs(soxr.resample(clip, RATE, 4 * RATE)).max()))


def spread(values: Sequence[float]) -> str:
    """Least, middle and greatest."""
    return "{:6.2f} {:6.2f} {:6.2f}".format(*np.percentile(values, [0, 50, 100]))


def utterances(texts: Sequence[str], role: Role) -> list[Utterance]:
    return [Utterance(text, role) for text in texts]


def report_levels(speaker: VoiceSpeaker) -> None:
    """Loudness of routines, of random subsets, of breath words and counts; and how far off the estimates are."""
    print(f"{'':34}apart  joined LUFS  minutes  estimate")
    for name, path in paths.routine_files().items():
        for level in LEVELS:
            said = list(narration_of(path, level))
            clips = [speaker.clip_for(utterance) for utterance in said]
            length = sum(map(len, clips))
            off = sum(map(speaker.estimate, said)) / length - 1
            print(
                f"{name + ' ' + level:32} {loudness(clips, 0.5):6.2f}  {loudness(clips, 0):6.2f} "
                f"{length / RATE / 60:12.1f}   {off:+.1%}"
            )
    narration = [speaker.clip_for(utterance) for utterance in utterances(corpus.NARRATION, "say")]
    chance = random.Random(1)
    for size in (10, 20):
        subsets = [chance.sample(narration, size) for _ in range(300)]
        for gap in (0.5, 0):
            title = f"{size} sentences by chance, gap {gap:g} s"
            print(f"{title:34}{spread([loudness(subset, gap) for subset in subsets])}")
    for role, texts in (("breath", corpus.BREATH), ("breath", corpus.BREATH[:2]), ("count", corpus.COUNT)):
        clips = [speaker.clip_for(utterance) for utterance in utterances(texts, role)]
        print(f"{f'{role} words ({len(texts)})':32} {loudness(clips, 0.5):6.2f}  {loudness(clips, 0):6.2f}")


def report_peaks_and_pace(speaker: VoiceSpeaker) -> None:
    """True peaks of every clip, and the lengths of the short words."""
    said = {u for path in paths.routine_files().values() for level in LEVELS for u in narration_of(path, level)}
    said |= set(utterances(corpus.NARRATION, "say") + utterances(corpus.BREATH, "breath"))
    said |= set(utterances(corpus.COUNT, "count"))
    peaks = sorted(true_peak(speaker.clip_for(utterance)) for utterance in said)
    over = {limit: sum(peak > limit for peak in peaks) for limit in (-3, -2, -1, 0)}
    print(
        f"\ntrue peak of {len(peaks)} clips: {spread(peaks)} dBTP; above "
        + ", ".join(f"{limit} dB: {count}" for limit, count in over.items())
    )
    loud = np.concatenate([np.abs(speaker.clip_for(utterance)) for utterance in said])
    print(f"samples above -2 dBFS: {(loud > 10 ** (-2 / 20)).mean():.1e} of all")
    for role, texts in (("breath", corpus.BREATH), ("count", corpus.COUNT), ("begin", ("Begin.",))):
        lengths = [f"{u.text} {speaker.measure(u) / RATE:.2f}" for u in utterances(texts, role)]
        print(f"{role}, seconds: " + " · ".join(lengths))


def report_speed(voice: str) -> None:
    """First clip with nothing loaded, then the whole corpus, on one and on two threads; then from the cache."""
    said = utterances(corpus.NARRATION, "say")
    for threads in (1, 2):
        with tempfile.TemporaryDirectory() as folder:
            with VoiceSpeaker(find_profile(voice), cache=ClipCache(Path(folder)), threads=threads) as speaker:
                start = time.perf_counter()
                speaker.measure(Utterance("Begin.", "begin"))
                first = time.perf_counter() - start
                start = time.perf_counter()
                for utterance in said:
                    speaker.prefetch(utterance)
                length = sum(map(speaker.measure, said)) / RATE
                speed = length / (time.perf_counter() - start)
            print(f"{threads} threads: first clip {first:.2f} s, then {speed:.0f} x real time")
            cached = VoiceSpeaker(find_profile(voice), cache=ClipCache(Path(folder)))
            start = time.perf_counter()
            for utterance in said:
                cached.measure(utterance)
            print(f"measure, known: {(time.perf_counter() - start) / len(said) * 1e6:.0f} µs a clip")


HEAD = "voice      narration breath  count LUFS, sentences: least most    sd   dBTP  words/min letters/s  x real time"


def summary(voice: VoiceProfile) -> str:
    """A line on a voice: each part's loudness between apart and joined, its sentences', its peak, pace and speed.

    `letters/s` is what the profile's `letters` should be.
    """
    narration, breath, count = corpus.LANGUAGES[base_language(voice.language)]
    with tempfile.TemporaryDirectory() as folder, VoiceSpeaker(voice, cache=ClipCache(Path(folder))) as speaker:
        speaker.measure(Utterance(narration[0], "say"))  # with it the model is loaded
        start = time.perf_counter()
        for utterance in utterances(narration[1:], "say"):
            speaker.prefetch(utterance)
        said = [speaker.clip_for(utterance) for utterance in utterances(narration, "say")]
        speed = sum(map(len, said[1:])) / RATE / (time.perf_counter() - start)
        parts = [
            said,
            *([speaker.clip_for(u) for u in utterances(t, r)] for t, r in ((breath, "breath"), (count, "count"))),
        ]
    levels = [(loudness(clips, 0.5) + loudness(clips, 0)) / 2 for clips in parts]
    single = [loudness([clip], 0) for clip in said if len(clip) > RATE]
    peak = max(true_peak(clip) for clips in parts for clip in clips)
    seconds = sum(map(len, said)) / RATE
    split = [split_sentences(text) for text in narration]
    spoken = seconds - voice.pause * sum(len(parts) - 1 for parts in split)
    ends = 0.371 * sum(map(len, split)) + 0.151 * sum(text.count(",") for text in narration)
    letters = sum(map(str.isalnum, "".join(narration))) / (spoken * voice.rate.narration - ends)
    pace = len(" ".join(narration).split()) / seconds * 60
    counts = f"{min(map(len, parts[2])) / RATE:.2f}..{max(map(len, parts[2])) / RATE:.2f} s"
    return (
        f"{voice.name:10} {levels[0]:9.2f} {levels[1]:6.2f} {levels[2]:6.2f}"
        f"{min(single):24.1f} {max(single):5.1f} {statistics.pstdev(single):5.2f} {peak:6.1f}"
        f"{pace:10.0f} {letters:10.1f} {speed:10.0f}    counts {counts}"
    )


if __name__ == "__main__":
    if "--full" in sys.argv:
        name = sys.argv[-1] if sys.argv[-1] != "--full" else "heart"
        report_speed(name)
        with (
            tempfile.TemporaryDirectory() as folder,
            VoiceSpeaker(find_profile(name), cache=ClipCache(Path(folder))) as speaker,
        ):
            report_levels(speaker)
            report_peaks_and_pace(speaker)
    else:
        names = sys.argv[1:]
        found = [find_profile(name) for name in names] or [voice for voice in list_profiles() if not is_online(voice)]
        print(HEAD)
        for voice in found:
            print(find_fault(voice) or summary(voice))
