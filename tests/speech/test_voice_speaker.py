"""The speaker: what is known is not spoken again, what is awaited comes first, what fails is told to who waits."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from queue import PriorityQueue

import numpy as np
import pytest

import audioguide
from audioguide.errors import EnvironmentFailure, RequestError
from audioguide.model.timeline import Utterance
from audioguide.speech import voice_speaker
from audioguide.speech.clip import ClipCache
from audioguide.speech.engines.engine import Engine
from audioguide.speech.speaker import Fallbacks, Speaker
from audioguide.speech.voice_speaker import ProgressCounter, VoiceSpeaker
from audioguide.speech.voices import find_profile
from audioguide.units import RATE

HEART = find_profile("heart")


class StepEngine(Engine):
    """Speaks a tone whose length is the text's; halts at each text named `halt` until `go` is set."""

    sample_rate, version = 24_000, ""

    def __init__(self, version: str = "1", halt: str = "") -> None:
        super().__init__(HEART)
        self.version = version
        self.halt = halt
        self.go = threading.Event()
        self.halted = threading.Event()
        self.spoken: list[str] = []

    def speak(self, text: str, rate: float) -> np.ndarray:
        self.spoken.append(text)
        if text == self.halt:
            self.halted.set()
            assert self.go.wait(20)
        if text == "...":
            raise RequestError("There is nothing to say in '...'.")
        if text.lower() == "quiet":
            return np.zeros(1000, np.float32)
        if text == "broken":
            raise RuntimeError("the model broke")
        count = round(2400 * len(text) / rate)
        return (0.2 * np.sin(np.arange(count) / 20)).astype(np.float32)


def say(text: str) -> Utterance:
    return Utterance(text, "say")


def prefetch(speaker: VoiceSpeaker, texts: Iterable[str]) -> None:
    for text in texts:
        speaker.prefetch(say(text))


@pytest.fixture
def cache(tmp_path: Path) -> ClipCache:
    return ClipCache(tmp_path / "clips")


@pytest.fixture(params=["cached", "uncached"])
def any_cache(request: pytest.FixtureRequest, tmp_path: Path) -> ClipCache:
    """A cache, and one that can keep nothing."""
    (tmp_path / "file").touch()
    return ClipCache(tmp_path / ("clips" if request.param == "cached" else "file/clips"))


def test_measure_and_clip_agree(any_cache: ClipCache) -> None:
    with VoiceSpeaker(HEART, StepEngine(), any_cache) as speaker:
        for text in ("one", "two words", "three words here"):
            frames = speaker.measure(say(text))
            clip = speaker.clip_for(say(text))
            assert clip.shape == (frames,)
            assert clip.dtype == np.float32
            assert np.array_equal(clip, speaker.clip_for(say(text)))


def test_a_fresh_clip_equals_the_one_from_the_cache(cache: ClipCache) -> None:
    with VoiceSpeaker(HEART, StepEngine(), cache) as speaker:
        fresh = speaker.clip_for(say("hello"))
        frames = speaker.measure(say("hello"))
    engine = StepEngine()
    with VoiceSpeaker(HEART, engine, cache) as speaker:
        assert speaker.is_cached(say("hello"))
        assert speaker.measure(say("hello")) == frames
        assert speaker.clip_for(say("hello")).tobytes() == fresh.tobytes()
    assert engine.spoken == []


def test_a_clip_is_spoken_once_however_it_is_written(cache: ClipCache) -> None:
    engine = StepEngine()
    with VoiceSpeaker(HEART, engine, cache) as speaker:
        prefetch(speaker, ["rest now", "rest now", " rest\n now "])
        speaker.measure(say("rest now"))
        speaker.clip_for(Utterance("rest  now", "instructions"))
    assert engine.spoken == ["rest now"]


def test_the_clip_depends_on_voice_part_and_version(cache: ClipCache) -> None:
    voices = [
        (HEART, StepEngine()),
        (HEART, StepEngine(version="2")),
        (replace(HEART, model="other"), StepEngine()),
        (replace(HEART, seed=9), StepEngine()),
        (replace(HEART, gain=replace(HEART.gain, narration=0.0)), StepEngine()),
        (replace(HEART, rate=replace(HEART.rate, narration=1.5)), StepEngine()),
    ]
    for voice, engine in voices:
        with VoiceSpeaker(voice, engine, cache) as speaker:
            assert not speaker.is_cached(say("hello"))
            speaker.measure(say("hello"))
    with VoiceSpeaker(replace(HEART, title="Renamed", name="mine"), StepEngine(), cache) as speaker:
        assert speaker.is_cached(say("hello"))
        assert not speaker.is_cached(Utterance("hello", "breath"))
        slow, normal = speaker.measure(Utterance("hello", "breath")), speaker.measure(say("hello"))
    assert slow > normal


def test_a_damaged_clip_is_made_again(cache: ClipCache) -> None:
    with VoiceSpeaker(HEART, StepEngine(), cache) as speaker:
        whole = speaker.clip_for(say("hello"))
    (path,) = cache.blobs.folder.rglob("*.clip")
    content = bytearray(path.read_bytes())
    content[-100] ^= 1
    path.write_bytes(content)
    engine = StepEngine()
    with VoiceSpeaker(HEART, engine, cache) as speaker:
        assert np.array_equal(speaker.clip_for(say("hello")), whole)
    assert engine.spoken == ["hello"]
    with VoiceSpeaker(HEART, engine, cache) as speaker:
        assert np.array_equal(speaker.clip_for(say("hello")), whole)
    assert engine.spoken == ["hello"]


class CountingQueue(PriorityQueue):
    """Tells how much was ever put into any of its kind."""

    total = 0

    def put(self, *item: object) -> None:
        super().put(*item)
        CountingQueue.total += 1


def test_what_is_awaited_comes_before_what_is_made_ahead(cache: ClipCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice_speaker, "PriorityQueue", CountingQueue)
    engine = StepEngine(halt="a")
    with VoiceSpeaker(HEART, engine, cache, threads=1) as speaker:
        prefetch(speaker, "abcde")
        engine.halted.wait(20)
        waiting = [threading.Thread(target=speaker.measure, args=[say(text)]) for text in ("d", "new")]
        for number, thread in enumerate(waiting):
            thread.start()
            while CountingQueue.total < 5 + number + 1:  # until it is in the queue
                time.sleep(0.001)
        engine.go.set()
        for thread in waiting:
            thread.join()
        for text in "abcde":
            speaker.measure(say(text))
    assert engine.spoken == ["a", "d", "new", "b", "c", "e"]


def test_what_is_told_first_is_begun_while_the_rest_is_still_being_told(cache):
    engine = StepEngine(halt="first")
    begun_in_time = []

    def told():
        yield say("first")
        begun_in_time.append(engine.halted.wait(20))
        yield say("second")

    with Speaker([VoiceSpeaker(HEART, engine, cache)], Fallbacks()) as speaker:
        speaker.prefetch(told())
        engine.go.set()
        assert begun_in_time == [True]


def test_progress_counts_to_the_end(cache: ClipCache) -> None:
    told: list[tuple[int, int]] = []
    counter = ProgressCounter(lambda *counts: told.append(counts))
    with VoiceSpeaker(HEART, StepEngine(), cache, threads=1, progress=counter) as speaker:
        prefetch(speaker, ["a", "...", "b"])
        for text in "ab":
            speaker.measure(say(text))
    assert told[-1] == (3, 3)
    assert [made for made, _ in told] == [1, 2, 3]


@pytest.mark.parametrize("ask", ["measure", "clip_for"])
def test_what_fails_is_told_to_who_waits(any_cache: ClipCache, ask: str) -> None:
    with VoiceSpeaker(HEART, StepEngine(), any_cache) as speaker:
        prefetch(speaker, ["...", "quiet", "broken", "fine"])
        for text, said in (("...", "nothing to say"), ("quiet", "made no sound for 'quiet'")):
            with pytest.raises(RequestError, match=said):
                getattr(speaker, ask)(say(text))
        with pytest.raises(RuntimeError, match="the model broke"):
            getattr(speaker, ask)(say("broken"))
        assert speaker.measure(say("fine")) > 0


def test_closing_drops_what_is_not_begun_and_frees_who_waits(cache: ClipCache) -> None:
    engine = StepEngine(halt="a")
    speaker = VoiceSpeaker(HEART, engine, cache, threads=1)
    prefetch(speaker, "abcde")
    engine.halted.wait(20)
    told: list[str] = []

    def wait() -> None:
        try:
            speaker.measure(say("e"))
        except EnvironmentFailure as failure:
            told.append(str(failure))

    waiting = threading.Thread(target=wait)
    waiting.start()
    closing = threading.Thread(target=speaker.close)
    closing.start()
    waiting.join(20)
    assert told == ["Stopped before 'e' was spoken."]
    engine.go.set()
    closing.join(20)
    assert not closing.is_alive()
    assert engine.spoken == ["a"]
    with pytest.raises(EnvironmentFailure, match="Stopped"):
        speaker.measure(say("later"))


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("lexicon.yaml", "# mine\npsoas: {ipa: ˈsoʊ.əs, sy: so us}\n", "lexicon.yaml:2:23: There is no key 'sy' here."),
        ("lexicon.yaml", "psoas: {ipa: Ω}\n", "lexicon.yaml:1:14: 'Ω' is not a sound of English."),
        ("spoken/en.yaml", "range: [x]\n", "spoken/en.yaml:1:"),
        ("heart.yaml", "engine: hibari\nmodel: heart\nlanguage: en\nrat: 1\n", "heart.yaml:4:1: There is no key 'rat'"),
        ("", "", "AUDIOGUIDE_CACHE_MB is 'abc', and has to be a whole number of megabytes. Set it to 1000"),
    ],
)
def test_what_is_wrong_with_a_voice_is_told_with_its_place_before_anything_is_said(
    home: Path, monkeypatch: pytest.MonkeyPatch, file: str, text: str, said: str
) -> None:
    if file:
        path = home / "voices" / file
        path.parent.mkdir(parents=True)
        path.write_text(text, "utf-8")
    else:
        monkeypatch.setenv("AUDIOGUIDE_CACHE_MB", "abc")
    with pytest.raises(RequestError) as told:
        VoiceSpeaker(find_profile("heart"))
    assert said in str(told.value)
    with pytest.raises(RequestError) as told:
        audioguide.load("taster").compile()
    assert said in str(told.value)
    assert "taster.yaml" not in str(told.value)


class Oops(Exception):
    """What a callback raises."""


def raising(*_: object) -> None:
    raise Oops("no")


@pytest.mark.parametrize(
    "callbacks", [{"progress": ProgressCounter(raising)}, {"tell": raising}], ids=["progress", "tell"]
)
@pytest.mark.parametrize("ahead", [True, False])
def test_what_a_callback_raises_is_raised_where_a_clip_is_waited_for(cache, callbacks, ahead) -> None:
    engine = StepEngine()
    engine.online = True
    before = set(threading.enumerate())
    with VoiceSpeaker(HEART, engine, cache, **callbacks) as speaker:
        if ahead:
            with contextlib.suppress(Oops):
                prefetch(speaker, "ab")
        for text in ("c", "a"):
            with pytest.raises(Oops):
                speaker.measure(say(text))
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize("what", ["timeline", "export", "play"])
def test_a_callback_that_raises_ends_a_session(own_cache: Path, write_routine, what: str) -> None:
    """The real voice, and all threads that a session has."""
    session = audioguide.load(write_routine)
    before = set(threading.enumerate())

    def play() -> None:
        with session.stream(raising) as live:
            live.reach(RATE * 3600)

    acts = {
        "timeline": lambda: session.compile(raising),
        "export": lambda: session.export(own_cache / "x.wav", spoken=raising),
        "play": play,
    }
    with pytest.raises(Oops):
        acts[what]()
    assert set(threading.enumerate()) <= before


def test_a_clip_of_another_length_than_was_measured_is_no_part_of_a_session(cache: ClipCache) -> None:
    engine = StepEngine()
    with VoiceSpeaker(HEART, engine, cache) as speaker:
        speaker.measure(say("hello"))
        (path,) = cache.blobs.folder.rglob("*.clip")
        path.write_bytes(b"damaged")
        engine.speak = lambda text, rate: StepEngine.speak(engine, text + "!", rate)  # as a service may
        with pytest.raises(EnvironmentFailure, match="another length than was measured"):
            speaker.clip_for(say("hello"))


def silences(clip: np.ndarray) -> list[float]:
    """Seconds of each stretch under −66 dBFS, a wave's passage through zero aside."""
    loud = np.flatnonzero(np.abs(clip) > 10 ** (-66 / 20))
    return [round(gap / RATE, 3) for gap in np.diff(loud) if gap > 0.01 * RATE]


@pytest.mark.parametrize("pause", [0.3, 0.71])
def test_every_voice_pauses_alike_between_sentences(cache: ClipCache, pause: float) -> None:
    engine = StepEngine()
    with VoiceSpeaker(replace(HEART, pause=pause), engine, cache) as speaker:
        for role in ("say", "breath"):
            assert silences(speaker.clip_for(Utterance("Lie down. Rest! Why?", role))) == [pause, pause]
    assert engine.spoken == 2 * ["Lie down.", "Rest!", "Why?"]


def test_the_shortest_pause_still_has_the_fades(cache: ClipCache) -> None:
    with VoiceSpeaker(replace(HEART, pause=0.0), StepEngine(), cache) as speaker:
        assert silences(speaker.clip_for(say("One. Two."))) == [0.07]


def test_a_pause_matters_only_to_what_has_one(cache: ClipCache) -> None:
    with VoiceSpeaker(HEART, StepEngine(), cache) as speaker:
        prefetch(speaker, ["One.", "One. Two."])
        for text in ("One.", "One. Two."):
            speaker.measure(say(text))
    with VoiceSpeaker(replace(HEART, pause=0.5), StepEngine(), cache) as speaker:
        assert speaker.is_cached(say("One."))
        assert not speaker.is_cached(say("One. Two."))


def test_recordings_are_asked_for_whole(cache: ClipCache) -> None:
    engine = StepEngine()
    engine.needs_full_text = True
    with VoiceSpeaker(HEART, engine, cache) as speaker:
        speaker.measure(say("Lie down. Rest."))
    assert engine.spoken == ["Lie down. Rest."]


def test_a_sentence_that_is_silent_is_named(cache: ClipCache) -> None:
    with (
        VoiceSpeaker(HEART, StepEngine(), cache) as speaker,
        pytest.raises(RequestError, match="made no sound for 'Quiet'"),
    ):
        speaker.measure(say("Lie down. Quiet"))


def test_a_clip_that_was_used_lately_is_not_read_again(cache: ClipCache) -> None:
    with VoiceSpeaker(HEART, StepEngine(), cache) as speaker:
        first = speaker.clip_for(say("one"))
        for path in cache.blobs.folder.rglob("*.clip"):
            path.unlink()
        assert speaker.clip_for(say("one")) is first


LINE = "Lie on your back with your knees bent"


def estimate(*sentences: str, rate: float = 1.0, letters: float = 19.5, pause: float = 0.8) -> float:
    """Seconds."""
    rates = replace(HEART.rate, narration=rate)
    with VoiceSpeaker(replace(HEART, rate=rates, letters=letters, pause=pause)) as speaker:
        return speaker.estimate(Utterance(" ".join(sentences), "say")) / RATE


def test_the_estimate_grows_with_words_and_slows_with_the_rate() -> None:
    assert estimate(LINE) == pytest.approx(1.8, abs=0.3)
    assert estimate(LINE, rate=0.5) == pytest.approx(2 * estimate(LINE), abs=0.001)
    assert estimate(LINE, letters=10) > 1.5 * estimate(LINE)
    assert estimate("Lie, on your back, with your knees bent") > estimate(LINE) + 0.3


def test_the_estimate_pauses_between_sentences_as_the_voice_does() -> None:
    two = estimate("Lie on your back.", "Bend your knees.", pause=0)
    assert estimate("Lie on your back.", "Bend your knees.", pause=0.8) == pytest.approx(two + 0.8, abs=0.001)
    assert estimate("Lie on your back.", "Bend your knees.", rate=0.5) == pytest.approx(2 * two + 0.8, abs=0.001)


@pytest.fixture
def write_routine(tmp_path: Path) -> Path:
    path = tmp_path / "short.yaml"
    path.write_text("title: t\nsteps:\n  - say: One.\n  - say: Two.\n  - say: Three.\n", "utf-8")
    return path


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AUDIOGUIDE_CACHE", str(tmp_path))
    return tmp_path


def run(code: str) -> subprocess.CompletedProcess[str]:
    prelude = (
        "import os, signal, sys\nfrom audioguide.speech.voice_speaker import VoiceSpeaker\n"
        "from audioguide.speech.voices import find_profile\n"
        "from audioguide.model.timeline import Utterance\nspeaker = VoiceSpeaker(find_profile('heart'))\n"
    )
    return subprocess.run([sys.executable, "-c", prelude + code], capture_output=True, text=True, timeout=60)


def test_known_clips_load_no_engine(own_cache: Path) -> None:
    use = "u = Utterance('Begin.', 'begin')\nprint(speaker.measure(u), len(speaker.clip_for(u)))\nspeaker.close()\n"
    first = run(use)
    second = run(use + "assert not {'hibari', 'onnxruntime'} & set(sys.modules)\n")
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    frames, samples = first.stdout.split()
    assert frames == samples
    assert first.stdout == second.stdout


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="sends a POSIX signal")
def test_ctrl_c_ends_it_at_once_and_leaves_whole_clips(own_cache: Path) -> None:
    done = run(
        "with speaker:\n"
        "    said = [Utterance(f'Sentence number {n}, of very many.', 'say') for n in range(3000)]\n"
        "    [speaker.prefetch(one) for one in said]\n"
        "    for utterance in said[:20]: speaker.measure(utterance)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    [speaker.measure(u) for u in said]\n"
    )
    assert "KeyboardInterrupt" in done.stderr
    clips = list(own_cache.rglob("*.clip"))
    cache = ClipCache(own_cache / "clips")
    assert 20 <= len(clips) < 2900
    assert all(cache.load(path.stem) is not None for path in clips)
