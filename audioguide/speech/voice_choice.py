"""Which voices exist, which of them work on this machine, and which one speaks a language."""

import re
from dataclasses import dataclass

import numpy as np

from audioguide.errors import AudioguideError, EnvironmentFailure, RequestError, RoutineError
from audioguide.speech.clip import ANY_GAIN, even_narration
from audioguide.speech.engines.engine import is_online, list_profiles, make_engine
from audioguide.speech.languages import same_language
from audioguide.speech.normalize import split_sentences
from audioguide.speech.voices import ANY_MODEL, PARTS, ByPart, VoiceProfile, find_profile

DEFAULT_VOICE = "heart"  # speaks routines in its language that name no voice


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a voice is online, and why it cannot speak on this machine, if it cannot."""

    online: bool
    error: AudioguideError | None = None

    @property
    def missing(self) -> str | None:
        """What it misses on this machine: a sentence that says what to do, or None."""
        return str(self.error) if self.error else None


def check_availability(voice: VoiceProfile) -> Availability:
    """Find out whether a voice works on this machine, without loading its model."""
    online = False
    try:
        online = is_online(voice)
        _ = make_engine(voice).version
    except AudioguideError as error:
        return Availability(online, error)
    return Availability(online)


def check_voices(voice: VoiceProfile, *fallbacks: VoiceProfile) -> Availability:
    """As `check_availability`, of the voice that speaks a session here: the first one whose engine is not missing.

    RoutineError where one of their files, or of their lexicons, has a mistake.
    """
    found = check_availability(voice)
    if isinstance(found.error, RoutineError):
        raise found.error
    if isinstance(found.error, EnvironmentFailure) and fallbacks:
        instead = check_voices(*fallbacks)
        return found if instead.error else instead
    return found


def choose_voice(language: str) -> VoiceProfile:
    """The voice for a routine that names none, preferably offline and working here; else what can be had for it."""
    if same_language(find_profile(DEFAULT_VOICE).language, language):
        return find_profile(DEFAULT_VOICE)
    spoken = (voice.in_language(language) for voice in list_profiles())
    able = [voice for voice in spoken if same_language(voice.language, language)]
    if not able:
        raise RequestError(f"No voice speaks the language {language!r}.", "`audioguide voices` lists them.")
    named = [voice for voice in able if voice.model != ANY_MODEL]
    offline = [voice for voice in able if not is_online(voice)]
    works = (voice for voice in offline if check_availability(voice).missing is None)
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
    alike = (other for other in list_profiles() if same_language(other.language, voice.language))
    return next((other.sample for other in (voice, *alike) if other.sample), voice.title or voice.name)
