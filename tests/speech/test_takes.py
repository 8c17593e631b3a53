"""Takes: where the words are in what a microphone heard, and what is wrong with them, in one sentence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.speech.takes import clean_take, judge_take, measure_room
from audioguide.units import RATE, db_to_amplitude

ROOM = -70.0


def noise(seconds: float, level: float = ROOM) -> np.ndarray:
    return np.random.default_rng(1).normal(0, db_to_amplitude(level), round(seconds * RATE)).astype(np.float32)


def voice(seconds: float, level: float = -20.0) -> np.ndarray:
    """Harmonics of 120 Hz in syllables of a quarter of a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * 120 * number * time) / number for number in range(1, 9))
    spoken = tone * (0.55 + 0.45 * np.cos(2 * np.pi * 4 * time))
    return (spoken / np.sqrt(np.mean(spoken**2)) * db_to_amplitude(level)).astype(np.float32)


def take(*parts: np.ndarray) -> np.ndarray:
    sound = np.concatenate(parts)
    return sound + noise(len(sound) / RATE)[: len(sound)]


def quiet(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE), np.float32)


def seconds(words: np.ndarray) -> float:
    """Without what is kept of the room."""
    return len(words) / RATE - 0.48


def test_the_words_are_kept_with_some_of_the_room():
    words, fault = judge_take(take(quiet(1), voice(1.5), quiet(0.2), voice(1), quiet(2)), ROOM, 2.7)
    assert fault == ""
    assert seconds(words) == pytest.approx(2.7, abs=0.03)
    assert words[0] == words[-1] == 0


def test_keys_and_knocks_that_lie_apart_are_not_kept():
    key = noise(0.03, -20)
    heard = take(quiet(0.1), key, quiet(0.5), voice(1), quiet(0.6), key, quiet(0.1))
    words, fault = judge_take(heard, ROOM, 1.0)
    assert (fault, seconds(words)) == ("", pytest.approx(1.0, abs=0.03))
    assert np.abs(words[: RATE // 5]).max() < 0.01
    assert judge_take(take(quiet(1), key, quiet(1)), ROOM, 1.0)[1].startswith("No voice was heard.")


def test_a_soft_consonant_right_at_a_word_is_kept():
    soft = noise(0.12, -62)  # the f of "five", hardly over the room
    words, fault = judge_take(take(quiet(1), soft, voice(1), soft, quiet(1)), ROOM, 1.0)
    assert (fault, seconds(words)) == ("", pytest.approx(1.24, abs=0.03))


FAULTS = {
    "It is clipped": take(quiet(1), (voice(2, -3) * 2).clip(-1, 1), quiet(1)),
    "No voice was heard": take(quiet(2)),
    "The first word may be cut off": take(voice(2), quiet(1)),
    "The last word may be cut off": take(quiet(1), voice(2)),
    "It is too quiet": take(quiet(1), voice(2, -52), quiet(1)),
    "It takes 0.5 s, and 2.0 s were expected": take(quiet(1), voice(0.5), quiet(1)),
    "It takes 6.0 s, and 2.0 s were expected": take(quiet(1), voice(6), quiet(1)),
    "It takes 2.5 s, and the session has 2.3 s for it": take(quiet(1), voice(2.5), quiet(1)),
}


@pytest.mark.parametrize("said", FAULTS)
def test_what_is_wrong_is_told_in_one_sentence(said: str):
    fault = judge_take(FAULTS[said], ROOM, 2.0, 2.3)[1]
    assert fault.startswith(said)
    assert fault.endswith((".", "?"))


@pytest.mark.parametrize(("under", "told"), [(23, True), (29, False)])
def test_a_room_that_is_loud(under: float, told: bool):
    room = noise(7, -20 - under)
    level, hum = measure_room(room[: 3 * RATE])
    assert (level, hum) == (pytest.approx(-20 - under, abs=1), "")
    heard = np.concatenate([quiet(1), voice(2), quiet(1)]) + room[3 * RATE :]
    words, fault = judge_take(heard, level, 2.0)
    assert fault.startswith("The room is heard, only") == told
    assert seconds(words) == pytest.approx(2.0, abs=0.1)


@pytest.mark.parametrize("mains", [50, 60])
def test_hum_is_named(mains: int):
    time = np.arange(3 * RATE) / RATE
    hum = sum(0.01 / number * np.sin(2 * np.pi * mains * number * time) for number in (1, 2, 3, 5))
    room = clean_take((hum + noise(3)).astype(np.float32), RATE)
    assert f"It hums at {mains} Hz" in measure_room(room)[1]


def test_rumble_an_offset_and_another_rate_do_not_matter():
    heard = take(quiet(1), voice(2), quiet(1))
    time = np.arange(len(heard)) / RATE
    rumbling = heard + 0.1 + 0.05 * np.sin(2 * np.pi * 20 * time)
    cleaned = clean_take(rumbling[::2].astype(np.float32), RATE // 2)
    assert len(cleaned) == pytest.approx(len(heard), abs=2)
    words, fault = judge_take(cleaned[RATE // 4 : -RATE // 4], ROOM, 2.0)
    assert (fault, seconds(words)) == ("", pytest.approx(2.0, abs=0.1))


@given(st.integers(0, 3 * RATE), st.floats(-120, 6), st.floats(-100, 0), st.integers(0, 9))
def test_nothing_that_is_heard_is_too_strange(count: int, level: float, room: float, kind: int):
    heard = (noise(count / RATE, level) if kind else np.full(count, 1.0, np.float32)).clip(-1, 1)
    words, fault = judge_take(heard, room, 1.0)
    assert len(words) <= len(heard)
    assert len(words) or fault.startswith("No voice was heard.")
