"""The online voice against a real server that misbehaves: every fault is tried again, and told in one sentence."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from loudness import integrated_loudness
from speech_server import SpeechServer, certify, speech

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.model.timeline import Utterance
from audioguide.speech.clip import ClipCache
from audioguide.speech.engines.engine import EngineFailure, make_engine
from audioguide.speech.engines.gtts import GttsEngine
from audioguide.speech.engines.http import RateLimitedClient, RateLimiter, Timeouts
from audioguide.speech.voice_speaker import VoiceSpeaker
from audioguide.speech.voices import VoiceProfile, find_profile
from audioguide.system.paths import voice_files

TIMES = Timeouts()
SHORT = Timeouts(connect=5.0, read=0.4, total=0.8)
"""For the faults that are nothing but waiting."""


class Waits:
    """Waits that take no time; a clock goes on by them all the same."""

    def __init__(self) -> None:
        self.now = 0.0
        self.seconds: list[float] = []

    def __call__(self, _ending: threading.Event, seconds: float) -> bool:
        self.now += seconds
        self.seconds.append(round(seconds, 3))
        return False

    def client(self, times: Timeouts = TIMES, gap: float = 0.0) -> RateLimitedClient:
        return RateLimitedClient(times, RateLimiter(gap, lambda: self.now), self)


@pytest.fixture
def server():
    with SpeechServer() as server:
        yield server


@pytest.fixture
def waits() -> Waits:
    return Waits()


@pytest.fixture
def engine(server: SpeechServer, waits: Waits) -> GttsEngine:
    return GttsEngine(find_profile("gtts"), waits.client(), server.origin)


def test_a_text_is_spoken(engine: GttsEngine, server: SpeechServer, waits: Waits) -> None:
    samples = engine.speak("Breathe in, and breathe out.", 1.0)
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert integrated_loudness(samples, engine.sample_rate) == pytest.approx(-19, abs=0.2)
    assert server.texts == ["Breathe in, and breathe out."]
    assert waits.seconds == []


def test_a_long_text_is_sent_in_pieces_and_joined_with_pauses(engine: GttsEngine, server: SpeechServer) -> None:
    text = (
        "Rest your forearms on the frame, with your elbows a little below your shoulders, and step gently through it."
    )
    samples = engine.speak(text, 1.0)
    assert server.texts == [text[:80], text[81:]]
    one, two = (engine.speak(piece, 1.0) for piece in server.texts)
    apart = (len(one) + len(two)) / 24_000 - 0.22  # soft ends only outside
    assert len(samples) / 24_000 == pytest.approx(apart + 0.25, abs=0.02)
    slower = engine.speak(text, 0.5)
    assert len(slower) / 24_000 == pytest.approx(len(samples) / 24_000 + 0.25, abs=0.02)


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("429", "gets too many requests"),
        ("status 500", "refuses to answer (500 Internal Server Error)"),
        ("redirect", "refuses to answer (302 Found)"),
        ("hang", "does not answer in time"),
        ("drip", "does not answer in time"),
        ("half-body", "breaks off in the middle"),
        ("half-sound", "sends damaged sound"),
        ("few-frames", "sends only part of the sound"),
        ("silence", "sends only part of the sound"),
        ("no-sound", "sends no sound"),
        ("empty-sound", "sends no sound"),
        ("noise", "sends damaged sound"),
        ("empty", "sends nothing"),
        ("page", "sends a web page instead of sound"),
        ("huge", "sends too much data"),
        ("reset", "cannot be reached"),
    ],
)
def test_every_fault_is_tried_again_and_then_told(server: SpeechServer, waits: Waits, fault: str, why: str) -> None:
    text = "Lie down, and let your knees fall to one side."
    speech(text)  # which takes the server a while when it is asked for first
    client = waits.client(SHORT if fault in ("hang", "drip") else Timeouts())
    engine = GttsEngine(find_profile("gtts"), client, server.origin)
    server.faults.extend([fault])
    assert len(engine.speak(text, 1.0))
    assert waits.seconds == [2]
    waits.seconds.clear()
    server.faults.extend([fault] * 4)
    with pytest.raises(EngineFailure) as caught:
        engine.speak(text, 1.0)
    assert str(caught.value) == (
        f"localhost {why}. What was spoken is cached: run it again to go on from there, "
        "or go on offline with --fallback heart."
    )
    assert waits.seconds == [2, 4, 8]
    assert server.texts == [text] * 6


@pytest.mark.parametrize(("asked", "waited"), [("1", 2), ("30", 30), ("Wed, 21 Oct 2015 07:28:00 GMT", 2), ("x", 2)])
def test_a_server_is_left_alone_for_as_long_as_it_asks(
    engine: GttsEngine, server: SpeechServer, waits: Waits, asked: str, waited: float
) -> None:
    server.faults.append(f"429 {asked}")
    engine.speak("Begin.", 1.0)
    assert waits.seconds == [waited]


def test_a_server_that_asks_for_too_long_is_not_waited_for(
    engine: GttsEngine, server: SpeechServer, waits: Waits
) -> None:
    server.faults.append("429 121")
    with pytest.raises(EnvironmentFailure, match="too many requests"):
        engine.speak("Begin.", 1.0)
    assert waits.seconds == []


def test_a_pause_that_is_asked_for_is_everybodys(server: SpeechServer, waits: Waits) -> None:
    client = waits.client(gap=1.0)
    server.faults.append("429 20")
    GttsEngine(find_profile("gtts"), client, server.origin).speak("Begin.", 1.0)
    GttsEngine(find_profile("gtts-gb"), client, server.origin).speak("And release.", 1.0)
    assert waits.seconds == [20, 1]


@pytest.mark.parametrize("status", [400, 404])
def test_what_will_not_change_is_not_tried_again(engine: GttsEngine, server: SpeechServer, status: int) -> None:
    server.faults.append(f"status {status}")
    with pytest.raises(EnvironmentFailure, match=str(status)):
        engine.speak("Begin.", 1.0)
    assert len(server.asked) == 1


def test_a_server_that_is_not_there(waits: Waits) -> None:
    with SpeechServer() as gone:
        pass
    with pytest.raises(EnvironmentFailure, match=r"localhost cannot be reached\."):
        GttsEngine(find_profile("gtts"), waits.client(), gone.origin).speak("Begin.", 1.0)
    assert waits.seconds == [2, 4, 8]


@pytest.mark.slow
def test_a_request_a_second_whoever_asks(server: SpeechServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real clock and the rate limiter of the process, for two engines on four threads."""
    let_through: list[float] = []

    def acquire(limiter: RateLimiter, acquire_once=RateLimiter.acquire) -> float:
        left = acquire_once(limiter)
        if not left:
            let_through.append(time.monotonic())
        return left

    monkeypatch.setattr(RateLimiter, "acquire", acquire)
    engines = [GttsEngine(find_profile(name), RateLimitedClient(), server.origin) for name in ("gtts", "gtts-gb")]
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: engines[number % 2].speak(f"Number {number}.", 1.0), range(4)))
    assert len(server.asked) == len(let_through) == 4
    assert min(late - early for early, late in pairwise(sorted(let_through))) >= 1.0


def test_what_is_under_way_ends_when_the_engine_is_let_go(server: SpeechServer) -> None:
    engine = GttsEngine(find_profile("gtts"), RateLimitedClient(Timeouts(), RateLimiter(0.0)), server.origin)
    for fault in ("hang", "429 60"):  # once while the server is silent, once while it is left alone
        server.faults.append(fault)
        asked = len(server.asked)
        with ThreadPoolExecutor(1) as thread:
            speaking = thread.submit(engine.speak, "Begin.", 1.0)
            while len(server.asked) == asked:
                time.sleep(0.01)
            engine.unload()
            with pytest.raises(EnvironmentFailure, match="Stopped"):
                speaking.result(5)
    assert len(
        GttsEngine(find_profile("gtts"), RateLimitedClient(Timeouts(), RateLimiter(0.0)), server.origin).speak(
            "Begin.", 1.0
        )
    )


@pytest.mark.real("openssl")
def test_a_server_that_proves_nothing_is_refused_and_told_nothing(
    tmp_path: Path, waits: Waits, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certify(tmp_path / "server.pem", "localhost")
    with SpeechServer(certificate) as server:
        engine = GttsEngine(find_profile("gtts"), waits.client(), server.origin)
        with pytest.raises(EnvironmentFailure, match=r"cannot be trusted: its certificate is not the right one\."):
            engine.speak("Begin.", 1.0)
        assert (waits.seconds, server.asked) == ([], [])
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))  # a machine's own authority is heeded
        assert len(engine.speak("Begin.", 1.0))


@pytest.mark.parametrize("name", sorted(name for name in voice_files() if name.startswith("gtts")))
def test_the_shipped_accents_are_of_the_service(server: SpeechServer, waits: Waits, name: str) -> None:
    voice = find_profile(name)
    assert isinstance(make_engine(voice), GttsEngine)
    GttsEngine(voice, waits.client(), server.origin).speak("Begin.", 1.0)
    (asked,) = server.asked
    assert voice.language.startswith(asked.language)
    address = GttsEngine(voice).build_request("Begin.").url
    assert address == f"https://translate.google.{voice.model}/_/TranslateWebserverUi/data/batchexecute"


@pytest.mark.parametrize(("language", "sent"), [("en-GB", "en"), ("pt-PT", "pt-PT"), ("fr-ca", "fr-CA"), ("DE", "de")])
def test_languages(server: SpeechServer, waits: Waits, language: str, sent: str) -> None:
    GttsEngine(replace(find_profile("gtts"), language=language), waits.client(), server.origin).speak("Om.", 1.0)
    assert server.asked[0].language == sent


def test_a_language_that_the_service_has_not(server: SpeechServer, waits: Waits) -> None:
    engine = GttsEngine(replace(find_profile("gtts"), language="tlh"), waits.client(), server.origin)
    with pytest.raises(RequestError, match="'tlh', which the service does not speak"):
        engine.speak("Qapla'", 1.0)
    assert server.asked == []


@pytest.mark.parametrize("text", ["", "...", "😀", "Сядьте", "坐下"])
def test_what_it_cannot_say_is_not_sent(engine: GttsEngine, server: SpeechServer, text: str) -> None:
    assert engine.cannot_say(text)
    with pytest.raises(RequestError):
        engine.speak(text, 1.0)
    assert server.asked == []


def test_other_letters_in_their_own_language(server: SpeechServer, waits: Waits) -> None:
    voice = replace(find_profile("gtts"), language="ru")
    assert len(GttsEngine(voice, waits.client(), server.origin).speak("Сядьте прямо.", 1.0))


def test_markup_is_spoken_as_text(engine: GttsEngine, server: SpeechServer) -> None:
    engine.speak('<break time="1s"/> 5 < 6 & "so on"', 1.0)
    assert server.texts == ['<break time="1s"/> 5 < 6 & "so on"']


def utterances(count: int) -> list[Utterance]:
    return [Utterance(f"This is number {number}.", "say") for number in range(count)]


def test_what_was_spoken_stays_and_the_next_run_goes_on_from_there(
    tmp_path: Path, server: SpeechServer, waits: Waits
) -> None:
    voice, cache, told = find_profile("gtts"), ClipCache(tmp_path), list[str]()

    def speaker() -> VoiceSpeaker:
        return VoiceSpeaker(voice, GttsEngine(voice, waits.client(), server.origin), cache, threads=1, tell=told.append)

    server.faults.extend(["none", "none", *["reset"] * 4])
    with speaker() as first:
        assert [first.measure(utterance) > 0 for utterance in utterances(2)] == [True, True]
        with pytest.raises(EngineFailure):
            first.measure(utterances(3)[2])
        assert not first.is_cached(utterances(3)[2])
    asked = len(server.asked)
    with speaker() as second:
        assert all(second.measure(utterance) for utterance in utterances(4))
    assert server.texts[asked:] == ["This is number 2.", "This is number 3."]
    assert told == ["The voice Google (US) speaks online: the texts leave this machine, each once."] * 2
    with speaker() as third:
        assert all(third.measure(utterance) for utterance in utterances(4))
    assert len(told) == 2


def test_ending_a_speaker_ends_its_requests(tmp_path: Path, server: SpeechServer) -> None:
    voice: VoiceProfile = find_profile("gtts")
    server.faults.extend(["hang"] * 2)
    speaker = VoiceSpeaker(
        voice, GttsEngine(voice, RateLimitedClient(Timeouts(), RateLimiter(0.0)), server.origin), ClipCache(tmp_path)
    )
    for utterance in utterances(3):
        speaker.prefetch(utterance)
    while len(server.asked) < 2:
        time.sleep(0.01)
    speaker.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "speech"]
