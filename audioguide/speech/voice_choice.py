"""Which voices exist, which of them work on this machine, and which one speaks a language."""

from __future__ import annotations

import re

from audioguide.arrays import np
from audioguide.errors import AudioguideError, EnvironmentFailure, RequestError
from audioguide.speech.clip import ANY_GAIN, even_narration
from audioguide.speech.engines.engine import is_online, list_profiles, make_engine
from audioguide.speech.languages import same_language
from audioguide.speech.normalize import split_sentences
from audioguide.speech.voices import ANY_MODEL, PARTS, ByPart, VoiceProfile, find_profile

DEFAULT_VOICE = "heart"  # speaks routines in its language that name no voice


def find_fault(voice: VoiceProfile, *fallbacks: VoiceProfile) -> AudioguideError | None:
    """Why a voice does not work on this machine, as far as is known without loading its model; None if it does.

    One of the `fallbacks` may speak in its place where its engine is missing, but not where its file is wrong.
    """
    try:
        _ = make_engine(voice).version
    except AudioguideError as fault:
        mended = fallbacks and isinstance(fault, EnvironmentFailure) and not find_fault(*fallbacks)
        return None if mended else fault
    return None


def list_speaking(language: str) -> list[VoiceProfile]:
    """The voices that speak a language, by name."""
    spoken = (voice.in_language(language) for voice in list_profiles())
    return [voice for voice in spoken if same_language(voice.language, language)]


def choose_voice(language: str) -> VoiceProfile:
    """The voice for a routine that names none, preferably offline and working here; else what can be had for it."""
    if same_language(find_profile(DEFAULT_VOICE).language, language):
        return find_profile(DEFAULT_VOICE)
    if not (able := list_speaking(language)):
        raise RequestError(f"No voice speaks the language {language!r}.", "`audioguide voices` lists them.")
    named = [voice for voice in able if voice.model != ANY_MODEL]
    offline = [voice for voice in able if not is_online(voice)]
    works = (voice for voice in offline if not find_fault(voice))
    return next(works, [*(voice for voice in offline if voice in named), *named, *able][0])


def measure_gain(voice: VoiceProfile) -> ByPart[float]:
    """The gains that a voice needs, in quarters of a dB, measured as it says its sample at the pace of each part.

    Breath words and counts are 1 LU softer than narration. Raises as `Engine.speak`.
    """
    engine, texts = make_engine(voice), split_sentences(sample_text(voice))

    def find_gain(rate: float, softer: float) -> float:
        sound = np.concatenate([engine.speak(text, rate) for text in texts])
        return min(20.0, round(4 * (even_narration(sound, engine.sample_rate, ANY_GAIN) - softer)) / 4)

    try:
        return ByPart(*(find_gain(getattr(voice.rate, part), part != "narration") for part in PARTS))
    finally:
        engine.unload()


def with_gain(text: str, gain: ByPart[float]) -> str:
    """The text of a profile with another gain."""
    line = f"gain: {{narration: {gain.narration:g}, breath: {gain.breath:g}, count: {gain.count:g}}}\n"
    changed, count = re.subn(r"^gain:.*\n?(?:[ \t]+.*\n?)*", line, text, count=1, flags=re.MULTILINE)
    return changed if count else text.rstrip("\n") + "\n" + line


def sample_text(voice: VoiceProfile) -> str:
    """The text of a preview: the voice's own, or that of another voice of its language."""
    able = (voice, *list_speaking(voice.language))
    return next((other.sample for other in able if other.sample), voice.display_name)
