"""One voice stands in for another: a clip is measured and heard in the same voice, and each keeps its own level."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from speech_server import SpeechServer

from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.model.timeline import Utterance
from audioguide.speech.clip import ClipCache
from audioguide.speech.engines.engine import Engine, EngineFailure
from audioguide.speech.engines.gtts import GttsEngine
from audioguide.speech.engines.http import RateLimitedClient, RateLimiter, Timeouts
from audioguide.speech.speaker import Fallbacks, Speaker, find_fallbacks
from audioguide.speech.voice_speaker import ProgressCounter, VoiceSpeaker
from audioguide.speech.voices import find_profile, load_profile

HEART = find_profile("heart")


class Tone(Engine):
    """Speaks a tone as long as the text; fails from the text `fails` on, refuses what begins with "no"."""

    sample_rate, version, needs_full_text, lexicon_format = 24_000, "1", True, None

    def __init__(self, name: str, pace: int = 2400, fails: str = "") -> None:
        super().__init__(HEART)
        self.name, self.pace, self.fails = name, pace, fails
        self.broken = False
        self.spoken: list[str] = []

    def cannot_say(self, text: str) -> RequestError | None:
        return RequestError("It cannot.") if text.startswith("no") else None

    def speak(self, text: str, _rate: float) -> np.ndarray:
        self.spoken.append(text)
        self.broken = self.broken or text == self.fails
        if self.broken:
            raise EnvironmentFailure("The line is dead.")
        if text == "wrong":
            raise RequestError("That is wrong.")
        return (0.2 * np.sin(np.arange(self.pace * len(text)) / 20)).astype(np.float32)


def say(text: str) -> Utterance:
    return Utterance(text, "say")


def voice_speaker(tone: Tone, cache: ClipCache, **options: Any) -> VoiceSpeaker:
    return VoiceSpeaker(replace(HEART, engine=tone.name, title=tone.name), tone, cache, threads=1, **options)


@pytest.fixture
def voices(tmp_path: Path) -> Callable[..., tuple[Speaker, VoiceSpeaker, VoiceSpeaker]]:
    def voices(first: Tone, second: Tone, run: Fallbacks | None = None, told: list[str] | None = None):
        cache = ClipCache(tmp_path / "clips")
        speakers = [voice_speaker(tone, cache) for tone in (first, second)]
        tell = None if told is None else told.append
        return Speaker(speakers, run or Fallbacks(), tell), *speakers

    return voices


def test_all_after_a_failure_is_the_second_voice(voices) -> None:
    told: list[str] = []
    first, second = Tone("first", fails="three"), Tone("second", pace=4800)
    both, one, two = voices(first, second, told=told)
    texts = ["one", "two", "three", "four", "five"]
    with both, two:
        both.prefetch(map(say, texts))
        lengths = {text: both.measure(say(text)) for text in texts}
        for text in (*texts, *texts):
            assert both.measure(say(text)) == lengths[text] == len(both.clip_for(say(text)))
            assert both.is_cached(say(text))
        assert [one.is_cached(say(text)) for text in texts] == [True, True, False, False, False]
        assert [lengths[text] == two.measure(say(text)) for text in texts] == [False, False, True, True, True]
    assert told == ["The line is dead. From here on, second speaks."]


def test_a_voice_that_is_not_installed_is_stood_in_for(voices) -> None:
    class Missing(Tone):
        @property
        def version(self) -> str:
            raise EngineFailure("It is not installed.", "Install it.")

    told: list[str] = []
    both, _, two = voices(Missing("first"), Tone("second"), told=told)
    with both, two:
        both.prefetch([say("one"), say("two")])
        assert both.measure(say("one")) == two.measure(say("one"))
        assert both.measure(say("three")) == two.measure(say("three"))
    assert told == ["It is not installed. From here on, second speaks."]


def test_what_was_the_second_voices_stays_so_in_the_run(voices, tmp_path: Path) -> None:
    run = Fallbacks()
    both, *_ = voices(Tone("first", fails="one"), Tone("second", pace=4800), run)
    with both:
        length = both.measure(say("one"))
    first = Tone("first")  # the network is back
    again, *_ = voices(first, Tone("second", pace=4800), run)
    with again:
        assert again.measure(say("one")) == length
        assert again.measure(say("two"))
        assert again.cannot_say(say("nothing"))
    assert first.spoken == []
    fresh, *_ = voices(first, Tone("second", pace=4800))
    with fresh:
        assert fresh.measure(say("one")) < length


def test_what_the_first_refuses_is_the_seconds_alone(voices) -> None:
    class Willing(Tone):
        def cannot_say(self, text: str) -> None:
            return None

    first, second, told = Tone("first"), Willing("second"), list[str]()
    both, *_ = voices(first, second, told=told)
    with both:
        assert both.cannot_say(say("no way")) is None
        both.prefetch(map(say, ["yes", "no way"]))
        assert both.measure(say("no way")) == len(both.clip_for(say("no way")))
        assert both.measure(say("yes"))
        assert both.measure(say("no, no"))
        assert both.measure(say("aye"))
        assert both.estimate(say("no way")) > 0
    assert (first.spoken, second.spoken) == (["yes", "aye"], ["no way", "no, no"])
    assert told == []


def test_what_both_refuse_is_refused_and_a_wrong_request_stays_wrong(voices) -> None:
    second = Tone("second")
    both, *_ = voices(Tone("first"), second)
    with both:
        assert str(both.cannot_say(say("no"))) == "It cannot."
        with pytest.raises(RequestError, match="That is wrong"):
            both.measure(say("wrong"))
    assert second.spoken == []


def test_when_both_fail_that_is_told(voices) -> None:
    both, *_ = voices(Tone("first", fails="one"), Tone("second", fails="one"))
    with both, pytest.raises(EnvironmentFailure, match="The line is dead"):
        both.measure(say("one"))


def test_ending_is_no_failure(voices) -> None:
    told: list[str] = []

    class Slow(Tone):
        going = threading.Event()

        def speak(self, text: str, rate: float) -> np.ndarray:
            self.going.set()
            time.sleep(0.05)
            return super().speak(text, rate)

    second = Tone("second")
    both, *_ = voices(Slow("first"), second, told=told)
    ended: list[BaseException] = []

    def measure() -> None:
        try:
            both.measure(say("two"))
        except EnvironmentFailure as error:
            ended.append(error)

    with both:
        both.prefetch([say("one")])
        Slow.going.wait(5)
        waiting = threading.Thread(target=measure)
        waiting.start()
        time.sleep(0.01)
    waiting.join()
    assert len(ended) == 1
    assert (second.spoken, told) == ([], [])


def test_many_threads_hear_one_voice_each_text(voices) -> None:
    first, second = Tone("first", fails="text 20"), Tone("second", pace=4800)
    both, *_ = voices(first, second)
    texts = [f"text {number}" for number in range(40)]
    lengths: list[dict[str, int]] = []
    with both:
        both.prefetch(map(say, texts))

        def run(order: int) -> None:
            lengths.append({text: both.measure(say(text)) for text in texts[::order]})

        threads = [threading.Thread(target=run, args=(order,)) for order in (1, -1, 1, -1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(found == lengths[0] for found in lengths)
        assert all(len(both.clip_for(say(text))) == lengths[0][text] for text in texts)


def test_progress_is_the_sum(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    counts, cache = ProgressCounter(lambda made, asked: told.append((made, asked))), ClipCache(tmp_path)
    engines = Tone("first", fails="two"), Tone("second")
    with Speaker([voice_speaker(tone, cache, progress=counts) for tone in engines], Fallbacks()) as voice:
        for text in ("one", "two", "three"):
            voice.measure(say(text))
    assert told == [(1, 1), (2, 2), (3, 3), (4, 4)]


def profile_in(folder: Path, name: str, fallback: str = ""):
    text = f"engine: hibari\nmodel: heart\nlanguage: en\n{fallback and f'fallback: {fallback}'}\n"
    text += "rate: {narration: 1, breath: 1, count: 1}\ngain: {narration: 1, breath: 1, count: 1}\n"
    (folder / f"{name}.yaml").write_text(text)
    return load_profile(folder / f"{name}.yaml")


def names(fallbacks: Fallbacks) -> list[str]:
    return [profile.name for profile in fallbacks.profiles]


def test_who_stands_in(home: Path) -> None:
    (home / "voices").mkdir(parents=True)
    a, b, c = (profile_in(home / "voices", *pair) for pair in (("a", "b"), ("b", "a"), ("c", "gone")))
    assert names(find_fallbacks(HEART, None)) == names(find_fallbacks(HEART, "heart")) == []
    assert names(find_fallbacks(HEART, "a")) == ["a"]
    assert names(find_fallbacks(a, "heart")) == ["b", "heart"]
    assert names(find_fallbacks(b, "a")) == ["a"]
    with pytest.raises(RequestError, match="There is no voice 'gone'"):
        find_fallbacks(c, None)


def test_the_online_voice_fails_in_the_middle_and_heart_goes_on(tmp_path: Path) -> None:
    """The real engines: three texts, of which the network takes one."""
    told: list[str] = []
    with SpeechServer() as server:
        server.faults.extend(["none", *["page"] * 40])
        client = RateLimitedClient(Timeouts(), RateLimiter(0.0), lambda ended, _seconds: ended.is_set())
        online, cache = find_profile("gtts"), ClipCache(tmp_path)
        first = VoiceSpeaker(online, GttsEngine(online, client, server.origin), cache, threads=1, tell=told.append)
        second = VoiceSpeaker(HEART, cache=cache, tell=told.append)
        texts = ["Lie down on your back.", "Bend your knees.", "Rest."]
        with Speaker([first, second], Fallbacks(), told.append) as voice:
            lengths = [voice.measure(say(text)) for text in texts]
            clips = [voice.clip_for(say(text)) for text in texts]
            assert [first.is_cached(say(text)) for text in texts] == [True, False, False]
    assert lengths == [len(clip) for clip in clips]
    assert told == [
        "The voice Google (US) speaks online: the texts leave this machine, each once.",
        "localhost sends a web page instead of sound. From here on, Heart speaks.",
    ]
