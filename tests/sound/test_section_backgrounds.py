"""What lies under a session: in holds and always, from one section to the next, for every shipped preset."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest
from fakes import FakeVoice

from audioguide.model.routine import BackgroundSpec
from audioguide.routine.load import load
from audioguide.sound.background import find_background
from audioguide.sound.mixer import Mixer
from audioguide.system import paths
from audioguide.system.ffmpeg import measure_loudness
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases
from audioguide.units import RATE, db_to_amplitude, to_frames

ANCHOR = 16 * 8192
CROSSFADE = to_frames(2)

VOICE = FakeVoice()
PRESETS = sorted(name for name in paths.background_files() if name != "music")  # which is a person's own
NARRATION = -16.0

ROUTINE = """
title: t
defaults: {{breath: 4-6, background: {{name: {name}, {how}}}}}
steps:
  - say: Walk around for a minute, until your breath has settled.
  - {{pose: {{name: Sitting, hold: 40s, settle: 8s}}}}
  - {{pose: {{name: Lying, hold: 30s, settle: 8s}}{more}}}
  - rest: 20s
  - say: That is all.
"""


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Gives the timeline and the background's stem of a small session."""
    path = tmp_path_factory.mktemp("beds") / "routine.yaml"

    @lru_cache(maxsize=8)
    def mixed(name="warm-drone", how="during: always", more=""):
        path.write_text(ROUTINE.format(name=name, how=how, more=more))
        timeline = compile(load(path), VOICE.measure, find_phrases("en"))
        return timeline, stem_of(timeline.sections)

    return mixed


@pytest.fixture(scope="module", params=PRESETS)
def name(request):
    """Every preset: whatever is asked of it is asked before the next one's turn."""
    return request.param


def stem_of(sections):
    mixer = Mixer(VOICE.clip_for)
    for section in sections:
        mixer.add(section)
    return mixer.stems(0, mixer.available).background


def level(stem, start, end):
    """LU relative to the narration."""
    return measure_loudness(stem[start:end]) - NARRATION


def quiet(timeline, margin=16 * RATE // 10):
    """Stretches of 2 s and more with nobody speaking near."""
    edge = 0
    for cue in sorted((cue for cue in timeline.cues if cue.kind == "speech"), key=lambda cue: cue.start):
        if cue.start - edge > 2 * margin + to_frames(2):
            yield edge + margin, cue.start - margin
        edge = max(edge, cue.end)


def holds(timeline):
    return [cue for cue in timeline.cues if cue.kind == "hold"]


# Always.


def test_sounds_from_the_first_to_the_last_frame(mixed):
    _, stem = mixed()
    heard = np.abs(stem).max(axis=1)
    assert not stem[0].any()
    assert heard[-1] < 1e-6
    windows = heard[: len(heard) // 2205 * 2205].reshape(-1, 2205).max(axis=1)
    assert (windows[10:-10] > 1e-5).all()


def test_is_at_its_gain_in_holds_and_lower_between(mixed):
    timeline, stem = mixed("pink-noise", "during: always, gain: -15, between: -27")
    hold = holds(timeline)[0]
    inside = [(a, b) for a, b in quiet(timeline) if hold.start + to_frames(2) <= a and b <= hold.end - to_frames(2)]
    outside = [(a, b) for a, b in quiet(timeline) if all(b < one.start or a > one.end for one in holds(timeline))]
    assert inside
    assert outside
    assert all(level(stem, a, b) == pytest.approx(-15, abs=1) for a, b in inside)
    assert all(level(stem, a, b) == pytest.approx(-27, abs=1) for a, b in outside)


@pytest.mark.parametrize("how", ["gain: -13", "gain: -8", "during: always, between: -16", "during: always, gain: -7"])
def test_is_under_speech_however_loud_it_is_meant(mixed, how):
    timeline, stem = mixed("pink-noise", how)
    spoken = [cue for cue in timeline.cues if cue.kind == "speech" and cue.frames > to_frames(0.4)]
    assert all(level(stem, cue.start, cue.end) <= -20 for cue in spoken)


def test_what_is_quiet_anyway_is_not_lowered_under_speech(mixed):
    timeline, stem = mixed("pink-noise", "during: always, gain: -24, between: -24")
    section = timeline.sections[0].chapter
    assert level(stem, section.start + to_frames(2), section.end - to_frames(2)) == pytest.approx(-24, abs=0.7)


@pytest.mark.parametrize("section", [1, 2])
def test_one_section_flows_into_the_next(mixed, name, section):
    """On the joined signal no click, and neither a dip nor a bump where the sections meet.

    An equal-power crossfade would not do: with it warm-drone comes to 1.6 LU here, and to 3 elsewhere.
    """
    timeline, stem = mixed(name, "during: always, gain: -24, between: -24")
    border = timeline.sections[section].chapter.start
    around = stem[border - to_frames(4) : border + to_frames(3)].astype(np.float64)
    steps = np.abs(np.diff(around, n=4, axis=0)).max(axis=1)
    at = to_frames(4)
    assert steps[at - 50 : at + 50].max() <= max(1.5 * np.delete(steps, slice(at - 50, at + 50)).max(), 1e-6)
    windows = [
        measure_loudness(stem[first : first + to_frames(1)])
        for first in range(border - to_frames(4), border + to_frames(2), to_frames(0.5))
    ]
    assert max(windows) - min(windows) < {"ocean": 12, "breath-swell": 4, "singing-bowls": 4, "rain": 4}.get(name, 1), (
        windows
    )


def test_the_next_section_goes_on_where_the_last_one_led(mixed, name):
    """The last frames of a section are those of the generator just before `ANCHOR`."""
    timeline, stem = mixed(name, "during: always, gain: -24, between: -24")
    border = timeline.sections[2].chapter.start
    expected = find_background(name).make_source().block(ANCHOR - 40, 80) * db_to_amplitude(-24 + 13)
    assert np.abs(stem[border - 40 : border + 40] - expected).max() < 1e-3 * np.abs(expected).max() + 1e-6


def test_a_section_sounds_the_same_wherever_it_lies(mixed):
    timeline, stem = mixed("ocean", "during: always")
    first, second = timeline.sections[1], timeline.sections[2]
    moved = shifted(second, second.chapter.start + 1152 * 7)
    longer = replace(first, chapter=replace(first.chapter, end=moved.chapter.start))
    again = stem_of([timeline.sections[0], longer, moved])
    length = second.chapter.end - second.chapter.start
    here = stem[second.chapter.start : second.chapter.start + length]
    assert again[moved.chapter.start : moved.chapter.start + length].tobytes() == here.tobytes()


def shifted(section, start):
    by = start - section.chapter.start
    return replace(
        section,
        chapter=replace(section.chapter, start=start, end=section.chapter.end + by),
        cues=tuple(replace(cue, start=cue.start + by) for cue in section.cues),
        backgrounds=tuple(replace(one, start=one.start + by, end=one.end + by) for one in section.backgrounds),
    )


def test_crossfades_into_another_background(mixed):
    """The drone of the first pose goes as the noise of the second comes, in the last two seconds before it."""
    more = ", background: brown-noise"
    timeline, stem = mixed("warm-drone", "during: always, gain: -24, between: -24", more)
    border = timeline.sections[2].chapter.start
    here = [
        measure_loudness(stem[at : at + to_frames(0.8)])
        for at in range(border - to_frames(5), border + to_frames(3), to_frames(0.4))
    ]
    assert max(here) - min(here) < 4
    drone = find_background("warm-drone").make_source()
    start = timeline.sections[1].chapter.start
    for at, share in ((border - CROSSFADE - RATE, 1.0), (border - CROSSFADE // 2, 0.7), (border + RATE, 0.0)):
        expected = drone.block(ANCHOR + at - start, 8192).astype(np.float64)
        heard = stem[at : at + 8192].astype(np.float64)
        found = (heard * expected).sum() / (expected**2).sum() / db_to_amplitude(-24 + 13)
        assert found == pytest.approx(share, abs=0.12)


def test_a_background_that_begins_later_comes_out_of_nothing(mixed):
    more = ", background: {name: rain, during: always}"
    timeline, stem = mixed("none", "gain: -13", more)
    start, end = timeline.sections[2].chapter.start, next(cue.start for cue in timeline.cues if cue.kind == "rest")
    assert not stem[: start - CROSSFADE].any()
    assert stem[start - 400 : start].any()
    assert stem[end].any()
    assert not stem[end + CROSSFADE :].any()
    assert_no_click("rain", stem)


def test_a_rest_with_a_background_of_its_own_sounds_like_a_hold(write):
    text = ROUTINE.format(name="warm-drone", how="during: holds", more="").replace(
        "- rest: 20s", "- {rest: 20s, background: singing-bowls}"
    )
    timeline = compile(load(write(text)), VOICE.measure, find_phrases("en"))
    rest = next(cue for cue in timeline.cues if cue.kind == "rest")
    stem = stem_of(timeline.sections)
    assert rest.background == BackgroundSpec("singing-bowls", "holds")
    assert level(stem, rest.end - to_frames(12), rest.end - to_frames(2)) == pytest.approx(-13, abs=3)
    assert not stem[rest.end :].any()


def test_breathes_with_the_hold_while_it_sounds_always(mixed):
    """In a hold with breaths it is the very sound that it is without `always`."""
    always, stem = mixed("breath-swell", "during: always")
    held, alone = mixed("breath-swell", "during: holds")
    assert [cue.start for cue in holds(always)] == [cue.start for cue in holds(held)]
    for hold in holds(held):
        inside = slice(hold.start + to_frames(1.5), hold.end - to_frames(1.5))
        assert np.array_equal(stem[inside], alone[inside])


# Of every preset (contract 5).


def test_levels_of_the_stem(mixed, name):
    timeline, stem = mixed(name, "during: holds")
    inside = []
    for hold in holds(timeline):
        spans = [(max(a, hold.start + to_frames(2)), min(b, hold.end - to_frames(2))) for a, b in quiet(timeline)]
        inside += [stem[a:b] for a, b in spans if b - a > RATE]
        spoken = [cue for cue in timeline.cues if cue.kind == "speech" and hold.start < cue.start < hold.end]
        under = measure_loudness(np.concatenate([stem[cue.start : cue.end] for cue in spoken]))
        assert under - NARRATION <= -20
    assert -14 <= measure_loudness(np.concatenate(inside)) - NARRATION <= -12


def test_nothing_clicks(mixed, name):
    """The start, the end, swells, ducks and crossfades: no step that the background itself does not have."""
    assert_no_click(name, *(mixed(name, how)[1] for how in ("during: holds", "during: always")))


def assert_no_click(name, *stems):
    """The fourth difference lets a step through 16 times, and music hardly at all."""
    own, *steps = (
        np.abs(np.diff(sound.astype(np.float64), n=4, axis=0)).max()
        for sound in (find_background(name).make_source().block(0, to_frames(100)), *stems)
    )
    assert max(steps) <= 1.3 * own
