"""The online voice: Google Translate's. gTTS would send its requests all at once, unverified and without a timeout."""

from __future__ import annotations

import base64
import re
from functools import cached_property, partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from audioguide.arrays import NDArray, np
from audioguide.errors import RequestError, suggest
from audioguide.speech.clip import normalize_loudness
from audioguide.speech.engines.engine import Engine, EngineFailure, pcm_to_float
from audioguide.speech.engines.http import RateLimitedClient, RequestFailed
from audioguide.speech.normalize import split_clauses
from audioguide.speech.voices import VoiceProfile
from audioguide.system.ffmpeg import read_mp3

if TYPE_CHECKING:
    from pydub import AudioSegment
    from requests import PreparedRequest

MAX_CHARACTERS = 100  # per request: `gtts.gTTS.GOOGLE_TTS_MAX_CHARS`
_AUDIO = re.compile(rb'jQ1olc","\[\\"([A-Za-z0-9+/=]+)\\"]')  # where an answer holds the MP3, as in `gtts.gTTS.stream`
_CLAUSE_PAUSE, _WORD_PAUSE = 0.25, 0.05  # seconds at rate 1.0 between two parts of a sentence too long for one request
_SILENCE_DB, _BEFORE_MS, _AFTER_MS = -50.0, 60, 160  # the soft ends are as long at most; then it may hiss


class GttsEngine(Engine):
    """Speaks with Google Translate's voice for a language; `model`, a top-level domain (`co.uk`), sets the accent.

    It has one pace: `rate` only sets how long the pauses are. The loudness of every text is normalised, so a gain of
    0 dB is right. `origin` is another server with the same protocol, such as `http://localhost:8000`.
    """

    sample_rate = 24_000
    online, paced = True, False

    def __init__(
        self, profile: VoiceProfile, client: RateLimitedClient | None = None, origin: str | None = None
    ) -> None:
        super().__init__(profile)
        self._client, self._origin = client or RateLimitedClient(), origin

    @property
    def version(self) -> str:
        """The release of gTTS; changes of the service cannot be detected."""
        return f"{self.releases('gTTS')} pieces 3"

    def unload(self) -> None:
        """Cancel the requests under way; there is no model to unload."""
        self._client.cancel()

    def speak(self, text: str, rate: float) -> NDArray[np.float32]:
        """The text as float32 mono at 24 kHz. EngineFailure for a bad answer, RequestError for an unknown language."""
        import soxr

        if refusal := self.cannot_say(text):
            raise refusal
        parts = [part for part in split_clauses(text, MAX_CHARACTERS) if any(map(str.isalnum, part))]
        requests = [self.build_request(part) for part in parts]
        try:
            sounds = list(map(self._client.send, requests, (partial(_parse_answer, part) for part in parts)))
        except RequestFailed as failure:
            raise EngineFailure(
                f"{urlsplit(str(requests[0].url)).hostname} {failure}.",
                "What was spoken is cached: run it again to go on from there, or go on offline with --fallback heart.",
            ) from None
        pauses = [(_WORD_PAUSE if part[-1].isalnum() else _CLAUSE_PAUSE) / rate for part in parts]
        sound = _join(sounds, pauses)  # so far the service sends 24 kHz
        return normalize_loudness(soxr.resample(pcm_to_float(sound.raw_data), sound.frame_rate, 24_000), 24_000)

    def build_request(self, text: str) -> PreparedRequest:
        """The request for a text of at most `MAX_CHARACTERS` characters, not yet sent."""
        _ = self.version  # raises where gTTS is missing
        from gtts import gTTS  # type: ignore[import-untyped,unused-ignore]

        # `_language` has checked the language; the check of gTTS would turn pt-PT into pt.
        speech = gTTS(text, tld=self.profile.model, lang=self._language, lang_check=False, pre_processor_funcs=[])
        request: PreparedRequest = speech._prepare_requests()[0]  # the only one, since the text is short enough
        if self._origin:
            request.prepare_url(self._origin + request.path_url, None)
        return request

    @cached_property
    def _language(self) -> str:
        """The profile's language as the service calls it: `en` for `en-GB`, but `pt-PT` for `pt-PT`."""
        from gtts.lang import tts_langs  # type: ignore[import-untyped,unused-ignore]

        known: dict[str, str] = {tag.lower(): tag for tag in tts_langs()}
        wanted = self.profile.language.lower()
        for tag in (wanted, wanted.split("-")[0]):
            if tag in known:
                return known[tag]
        raise RequestError(
            f"The voice {self.profile.name} has the language {wanted!r}, which the service does not speak.",
            suggest(wanted, known.values()),
        )


def _parse_answer(text: str, answer: bytes) -> AudioSegment:
    """The speech in an answer. RequestFailed when there is none, or too little for the text."""
    found = _AUDIO.search(answer)
    if not found:
        page = answer.lstrip().startswith(b"<")
        raise RequestFailed(f"sends {'a web page instead of sound' if page else 'no sound' if answer else 'nothing'}")
    try:
        sound = read_mp3(base64.b64decode(found.group(1), validate=True))
    except ValueError:  # or binascii.Error, its subclass
        raise RequestFailed("sends damaged sound") from None
    # The service speaks 15 letters a second: where there are twice as many, half of the sound is missing.
    if sum(map(str.isalpha, text)) > 30.0 * sound.duration_seconds or sound.max_dBFS < _SILENCE_DB:
        raise RequestFailed("sends only part of the sound")
    return sound


def _join(sounds: list[AudioSegment], pauses: list[float]) -> AudioSegment:
    """The sounds in one channel with the pauses (seconds) between them, without the silence around each; the ends of
    the whole keep what is soft.
    """
    from pydub.silence import detect_leading_silence

    trimmed = []
    for number, sound in enumerate((one.set_channels(1).set_sample_width(2) for one in sounds), 1):
        before, after = (detect_leading_silence(side, _SILENCE_DB) for side in (sound, sound.reverse()))
        first = max(0, before - _BEFORE_MS * (number == 1))
        trimmed.append(sound[first : len(sound) - max(0, after - _AFTER_MS * (number == len(sounds)))])
    whole = trimmed[0]
    for sound, pause in zip(trimmed[1:], pauses, strict=False):
        whole = whole + whole.silent(round(1000 * pause), whole.frame_rate) + sound
    return whole
