"""`--length`: exact to the frame, in proportion, within limits; and what it says when that cannot be."""

import re
from itertools import pairwise

import pytest
from any_routine import WRITTEN, read
from fakes import FakeVoice
from hypothesis import event, given
from hypothesis import strategies as st
from rules import keeps_the_rules

from audioguide.errors import RequestError
from audioguide.model import holds
from audioguide.model.options import Options
from audioguide.model.routine import Length, PoseStep
from audioguide.routine.customise import customise
from audioguide.routine.load import load
from audioguide.system import paths
from audioguide.timeline.compiler import compile
from audioguide.timeline.fit import LengthFitter
from audioguide.timeline.phrases import find_phrases
from audioguide.units import RATE, format_clock, parse_duration, to_frames

WORDS = find_phrases("en")
VOICE = FakeVoice()

THREE = """\
title: t
steps:
  - say: Welcome.
  - pose: {name: First, hold: 30s, limits: 10s..60s}
  - pose: {name: Second, hold: 60s, limits: 10s..90s, sides: [left, right]}
  - rest: 20s
  - pose: {name: Third, hold: 15s, limits: 15s..20s}
  - say: Goodbye.
"""


def fit_length(routine, length, measure, phrases, only_holds=True, **more):
    return LengthFitter(routine, measure, phrases, only_holds=only_holds, **more).fit(length)


def fitted(routine, length, voice=VOICE, **more):
    """The fitted routine; its timeline keeps the rules, takes the length, and ends soon after its last sound."""
    found = fit_length(routine, length, voice.measure, WORDS, **more)
    timeline = compile(found.routine, voice.measure, WORDS)
    keeps_the_rules(found.routine, timeline)
    assert timeline.frames == to_frames(length)
    return found, timeline


def seconds(routine):
    return {step.number: holds.hold_seconds(step) for step in routine.steps if isinstance(step, PoseStep)}


def natural(routine, voice=VOICE):
    return compile(routine, voice.measure, WORDS).frames / RATE


def span(error):
    """The shortest and the longest that an error states, in seconds."""
    return [parse_duration(text) for text in re.findall(r"\d+(?::\d+)+", str(error).partition("it takes")[2])]


@pytest.mark.parametrize("change", [-15, -5, -0.1, 0.001, 7, 33.3])
def test_holds_move_in_proportion_and_the_whole_is_exact(write, change):
    routine = load(write(THREE))
    found, timeline = fitted(routine, round(natural(routine) + change, 3))
    before, after = seconds(routine), seconds(found.routine)
    assert after[2] / before[2] == pytest.approx(after[3] / before[3], rel=0.005)
    assert timeline.sections[-1].padding < to_frames(0.2)


def test_a_pose_at_its_limit_stays_there_and_is_named(write):
    routine = load(write(THREE))
    found, _ = fitted(routine, natural(routine) + 70)
    assert seconds(found.routine)[5] == 20
    assert found.clamped == {"Third": "Third (20s)"}
    shorter, _ = fitted(routine, natural(routine) - 40)
    assert shorter.clamped == {"Third": "Third (15s)"}


def test_what_was_meant_stays(write):
    text = """\
title: t
defaults: {breath: 4-6}
steps:
  - pose: bridge
  - {pose: childs-pose, hold: 3 breaths}
  - pose: cat-cow
  - pose: {name: Squat, reps: 8}
  - breathe: {pattern: 4-6, rounds: 4}
  - pose: {name: Free, hold: 30s}
"""
    routine = customise(load(write(text)), Options(holds=(("bridge", Length(25)),))).routine
    found, _ = fitted(routine, natural(routine) + 20)
    assert seconds(found.routine) == seconds(routine) | {6: pytest.approx(50, abs=0.1)}


def test_holds_that_end_with_a_breath_move_by_whole_breaths(write):
    text = """\
title: t
defaults: {breath: 4-6}
steps:
  - {pose: {name: Snapped, hold: 30s, limits: 10s..60s}, snap: breath}
  - pose: {name: Free, hold: 30s, limits: 10s..60s}
"""
    routine = load(write(text))
    for change in (-30, -14, -3, 3, 14, 30, 49):
        found, _ = fitted(routine, round(natural(routine) + change, 2))
        assert seconds(found.routine)[1] % 10 == 0


def test_what_the_end_takes_up_in_silence_is_known(write):
    text = "title: t\ndefaults: {snap: breath, breath: 4-6}\nsteps:\n"
    text += "  - pose: {name: P, hold: 20s, sides: [left, right]}\n    rounds: 2\n"
    routine = load(write(text))
    found = fit_length(routine, round(natural(routine)) + 30, VOICE.measure, WORDS)
    assert found.silence == pytest.approx(30, abs=0.6)
    assert fit_length(routine, round(natural(routine)) + 41, VOICE.measure, WORDS).silence < 3


def test_what_is_said_follows_the_holds(write):
    text = THREE.replace("limits: 10s..90s,", "limits: 10s..90s, instructions: 'Stay for {hold}.',")
    routine = load(write(text))
    for change in range(-60, 60, 7):
        found, timeline = fitted(routine, round(natural(routine) + change, 1))
        said = next(cue.text for cue in timeline.cues if cue.role == "instructions")
        hold = seconds(found.routine)[3]
        whole = round(hold) if hold < 60 else 5 * round(hold / 5)
        assert said == f"Stay for {WORDS.duration(Length(whole))}."


def test_begin_comes_and_goes_with_ten_seconds(write):
    text = "title: t\nsteps:\n" + "  - pose: {name: P, hold: 10s, limits: 8s..12s}\n" * 4
    routine = load(write(text))
    for tenths in range(-60, 60, 3):
        fitted(routine, round(natural(routine) + tenths / 10, 1))


def test_holds_whose_words_change_at_the_solution_keep_their_side_of_it(write):
    text = "title: t\nsteps:\n  - pose: {name: Once, hold: 15s, sides: [left, right]}\n    settle: 0s\n"
    text += "  - pose: {name: Twice, hold: 15s, sides: [left, right]}\n    rounds: 2\n"
    voice = FakeVoice(8)
    routine = load(write(text))
    for change in range(-36, -24):
        fitted(routine, natural(routine, voice) + change, voice)


@pytest.mark.parametrize("change", [-130, +200])
def test_an_impossible_length_names_the_shortest_and_the_longest_that_can(write, change):
    routine = load(write(THREE))
    command = "audioguide show three --only holds"
    with pytest.raises(RequestError, match="--beyond-limits") as caught:
        fit_length(routine, natural(routine) + change, VOICE.measure, WORDS, command=command)
    shortest, longest = span(caught.value)[:2]
    nearest = format_clock(to_frames(shortest if change < 0 else longest))
    assert caught.value.hint.endswith(f"Try: {command} --length {nearest}")
    for length in (shortest, longest):
        fitted(routine, length)
    for length in (shortest - 1, longest + 1):
        with pytest.raises(RequestError):
            fit_length(routine, length, VOICE.measure, WORDS)


def test_the_longest_that_can_is_stated_with_what_the_end_takes_up(write):
    text = "title: t\nsteps:\n  - repeat: 50\n    steps:\n      - pose: {name: P, hold: 20s, limits: 5s..60s}\n"
    routine = load(write(text))
    with pytest.raises(RequestError) as caught:
        fit_length(routine, 10_000, VOICE.measure, WORDS)
    longest = span(caught.value)[1]
    fitted(routine, longest)
    with pytest.raises(RequestError):
        fit_length(routine, longest + 2, VOICE.measure, WORDS)


def test_only_what_can_still_give_is_advised(write):
    routine = load(write(THREE))
    for length, more, advised in (
        (100, {}, "Without --only holds it can. Other holds are possible with --beyond-limits."),
        (100, {"beyond_limits": True}, ""),
        (5000, {}, "Other holds are possible with --beyond-limits."),
        (1, {"beyond_limits": True}, ""),
    ):
        if advised or length < 100:
            with pytest.raises(RequestError) as caught:
                fit_length(routine, length - 10, VOICE.measure, WORDS, **more)
            assert caught.value.hint == advised
        else:
            fitted(routine, length - 10, **more)


def test_limits_can_be_lifted(write):
    routine = load(write(THREE))
    found, _ = fitted(routine, natural(routine) + 300, beyond_limits=True)
    assert max(seconds(found.routine).values()) > 90
    fitted(routine, natural(routine) - 120, beyond_limits=True)


def test_a_session_without_elastic_holds_has_one_length(write):
    routine = load(write("title: t\nsteps:\n  - say: Only words.\n  - breathe: {pattern: 4-6, rounds: 3}\n"))
    with pytest.raises(RequestError, match="nothing in it can move"):
        fit_length(routine, 300, VOICE.measure, WORDS)


def test_many_rounds_share_what_is_left(write):
    text = "title: t\nsteps:\n  - repeat: 40\n    steps:\n      - pose: {name: P, hold: 20s, sides: [left, right]}\n"
    routine = load(write(text))
    for change in (-200, -7.77, 0.5, 3.21, 400):
        found, timeline = fitted(routine, round(natural(routine) + change, 2))
        lengths = seconds(found.routine).values()
        assert max(lengths) - min(lengths) < 0.03, "one MP3 frame at most between rounds"
        assert timeline.sections[-1].padding < to_frames(0.1)


@pytest.mark.parametrize("path", paths.routine_files().values(), ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "level", ["normal", *(pytest.param(level, marks=pytest.mark.slow) for level in ("brief", "full"))]
)
def test_shipped_routines_take_the_length_that_is_asked(path, level):
    routine = customise(load(path), Options(level=level)).routine
    whole = natural(routine)
    for percent in (-15, -8, 3, 12, 30):
        length = round(whole * (1 + percent / 100))
        try:
            fitted(routine, length)
        except RequestError as error:
            ends = span(error)
            assert not ends or not min(ends) <= length <= max(ends)


@given(WRITTEN, st.sampled_from([8.0, 15.0, 40.0]), st.floats(0.6, 1.6))
def test_any_routine_takes_any_length_between_its_ends(written, pace, factor):
    routine, voice = read(written), FakeVoice(pace)
    length = round(natural(routine, voice) * factor, 2)
    try:
        fitted(routine, length, voice)
        event("fits at once")
    except RequestError as error:
        ends = span(error)
        event("impossible")
        for end in ends:
            fitted(routine, end, voice)
        assert all(first < second for first, second in pairwise(ends))
        assert not ends or not min(ends) <= length <= max(ends)
