import numpy as np
import pytest

from audioguide.model.routine import CHIMES
from audioguide.sound.chimes import render_answer, render_chime
from audioguide.system.ffmpeg import measure_loudness
from audioguide.timeline.scheduler import RELEASE_CHIME, RELEASE_DELAY, START_CHIME, TICK
from audioguide.units import to_frames

LOUDNESS = -22.0

KINDS = [("release", RELEASE_CHIME), ("start", START_CHIME)]
CHIMES_AS_HEARD = [(sound, *kind) for sound in CHIMES for kind in KINDS]


@pytest.mark.parametrize(("sound", "kind", "count"), CHIMES_AS_HEARD)
def test_has_its_level_and_length(sound, kind, count):
    bell = render_chime(sound, kind, count)
    assert (bell.shape, bell.dtype, bell.flags.c_contiguous) == ((count, 2), np.float32, True)
    assert measure_loudness(bell) == pytest.approx(LOUDNESS, abs=0.1)
    assert np.abs(bell).max() < 0.35
    assert abs(bell.mean()) < 1e-5  # -80 dB under its peak


@pytest.mark.parametrize(
    ("sound", "kind", "count"),
    [*CHIMES_AS_HEARD, ("wood", "tick", TICK), ("bell", "release", to_frames(0.6)), ("wood", "start", 100)],
)
def test_begins_and_ends_in_silence_without_a_click(sound, kind, count):
    bell = render_chime(sound, kind, count)
    assert not bell[0].any()
    assert not bell[-1].any()
    if count > 1000:
        surrounded = np.pad(bell.astype(np.float64), ((10, 10), (0, 0)))
        assert np.abs(np.diff(surrounded, n=4, axis=0)).max() < 1e-3


def test_a_tick_is_20_lu_under_speech_and_still_heard():
    assert -40 < measure_loudness(render_chime("wood", "tick", TICK)) <= -36


@pytest.mark.parametrize(
    ("kind", "under"), [*[(kind, 10) for kind in ("up", "down", "double", "on", "back")], ("count", 16)]
)
def test_an_answer_is_10_lu_under_speech_and_tells_up_from_down(kind, under):
    tick = render_answer(kind)
    assert measure_loudness(tick) == pytest.approx(-16 - under, abs=0.1)
    assert not tick[0].any()
    assert not tick[-1].any()
    assert np.abs(np.diff(np.pad(tick.astype(np.float64), ((10, 10), (0, 0))), n=4, axis=0)).max() < 1e-3
    first, last = (np.count_nonzero(np.diff(np.sign(part))) for part in (tick[500:2_000, 0], tick[3_000:4_500, 0]))
    assert {
        "up": last > 1.2 * first,
        "on": last > 1.2 * first,
        "down": first > 1.2 * last,
        "back": first > 1.2 * last,
    }.get(kind, abs(first - last) < 10)


@pytest.mark.parametrize(("sound", "kind", "count"), CHIMES_AS_HEARD)
def test_dies_away(sound, kind, count):
    energy = (render_chime(sound, kind, count)[:, 0].astype(np.float64).reshape(-1, count // 5) ** 2).sum(axis=1)
    assert (np.diff(energy) < 0).all()
    assert energy[-1] < energy[0] / 100


@pytest.mark.parametrize("sound", CHIMES)
@pytest.mark.parametrize("seconds", [0.1, 0.2, 0.4])
def test_the_release_chime_does_not_ring_into_the_words_after_it(sound, seconds):
    """Nothing of it is louder than 14 LU under the voice when they begin (it is 30 LU and more)."""
    assert to_frames(0.6) <= RELEASE_CHIME <= to_frames(1.2)
    tail = np.zeros((to_frames(0.4), 2), np.float32)
    rest = render_chime(sound, "release", RELEASE_CHIME)[RELEASE_DELAY:][: to_frames(seconds)]
    tail[: len(rest)] = rest
    assert measure_loudness(tail) + 10 * np.log10(0.4 / seconds) < -16 - 30


def test_is_made_once_and_cannot_be_changed():
    assert render_chime("bell", "release", 1000) is render_chime("bell", "release", 1000)
    with pytest.raises(ValueError, match="read-only"):
        render_chime("bell", "release", 1000)[0] = 1
