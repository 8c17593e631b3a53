"""`--length` beyond what holds can do: what gives way, in which order, no more than that takes, and what stays."""

import math
from collections import Counter
from functools import cache
from itertools import pairwise

import pytest
from any_routine import WRITTEN, read
from fakes import FakeVoice
from hypothesis import event, given
from hypothesis import strategies as st
from rules import keeps_the_rules

from audioguide.errors import RequestError
from audioguide.model.options import Options
from audioguide.model.routine import BreatheStep, Length, PoseStep, RestStep, SayStep
from audioguide.routine.customise import customise
from audioguide.routine.load import load
from audioguide.system import paths
from audioguide.timeline.compiler import compile
from audioguide.timeline.edits import HoldEdit, HoldId, summarize_edits, to_options
from audioguide.timeline.fit import LengthFitter
from audioguide.timeline.hold_solver import find_elastic_holds
from audioguide.timeline.length_search import LONGEST_PAUSES, SHORTEST_PAUSES, LengthSearch, SectionLengths
from audioguide.timeline.moves import RoutineVariants
from audioguide.timeline.phrases import find_phrases
from audioguide.timeline.resume import make_bookmark, resolve_bookmark
from audioguide.units import RATE, to_frames

WORDS, VOICE = find_phrases("en"), FakeVoice()

FLOOR = """\
title: t
steps:
  - say: Welcome.
  - rest: 20s
  - pose: {name: Fold, hold: 20s, limits: 10s..30s, position: standing, targets: [back, hamstrings]}
  - say: Come down to the floor.
  - pose: {name: Cat, hold: 20s, limits: 10s..30s, position: all-fours, targets: [back]}
    rounds: 3
    rest: 10s
  - say: Shake out your wrists.
  - rest: 12s
  - pose: {name: Dog, hold: 20s, limits: 10s..30s, sides: [left, right], position: all-fours, targets: [calves, back]}
  - say: Lie down.
  - pose: {name: Bridge, hold: 20s, limits: 10s..30s, position: supine, targets: [back],
      instructions: {brief: Lift., normal: Lift your hips. Keep your neck long and your knees over your heels.}}
  - say: Rest your arms beside you.
  - breathe: {pattern: 4-6, rounds: 6}
  - say: Goodbye.
"""


def seconds(routine, voice=VOICE):
    return compile(routine, voice.measure, find_phrases(routine.language)).frames / RATE


def fit(routine, length, voice=VOICE, **more):
    """The fitted routine; its timeline keeps the rules, and takes the length, to the frame."""
    phrases = find_phrases(routine.language)
    found = LengthFitter(routine, cache(voice.measure), phrases, **more).fit(length)
    timeline = compile(found.routine, voice.measure, phrases)
    keeps_the_rules(found.routine, timeline)
    assert timeline.frames == to_frames(length)
    return found


def poses(routine):
    return [step for step in routine.steps if isinstance(step, PoseStep)]


def names(routine):
    return [step.pose.name for step in poses(routine)]


def said(routine):
    return [step.text for step in routine.steps if isinstance(step, SayStep)]


def position_changes(routine):
    positions = [step.pose.position for step in poses(routine) if step.pose.position]
    return sum(first != second for first, second in pairwise(positions))


def stays_sensible(before, after):
    """What holds however short or long a session becomes."""
    was = {step.number: step for step in before.steps}
    assert position_changes(after) <= position_changes(before)
    assert names(after)[:1] == names(before)[:1], "the first pose stays"
    exercises = [i for i, step in enumerate(before.steps) if isinstance(step, PoseStep | BreatheStep)] or [0]
    first, last = exercises[0], exercises[-1] + 1
    for part in (before.steps[:first], before.steps[last:]):
        assert {step.number for step in part} <= {step.number for step in after.steps}, "so do opening and closing"
    assert max(Counter(names(after)).values(), default=0) <= max(3, *Counter(names(before)).values(), 0)
    assert len({step.number for step in after.steps}) == len(after.steps)
    for step in after.steps:
        old = was.get(step.number)
        match step:
            case PoseStep() if old is None:
                assert step.again in (2, 3)
                assert was[step.written].pose.name == step.pose.name
            case PoseStep():
                assert 1 <= step.rounds <= 2 * old.rounds
                assert step.pose.sides == old.pose.sides
                assert 0.5 <= step.settling <= 2
            case BreatheStep():
                assert min(3, old.rounds) <= step.rounds <= 2 * old.rounds
            case RestStep():
                assert min(2, old.length) <= step.length <= 2 * old.length + 0.05


QUICK = {("lower-back-cool-down", 0.4), ("core-and-back", 2.5), ("feierabend", 0.5)}
FACTORS = (0.4, 0.5, 0.7, 0.9, 1.1, 1.5, 2.0, 2.5)


@pytest.mark.parametrize(
    ("path", "factor"),
    [
        pytest.param(path, factor, id=f"{name}-{factor}", marks=[pytest.mark.slow] * ((name, factor) not in QUICK))
        for name, path in paths.routine_files().items()
        for factor in FACTORS
    ],
)
def test_shipped_routines_take_any_length_from_two_fifths_to_five_halves(path, factor):
    routine = customise(load(path), Options()).routine
    length = round(factor * seconds(routine))
    if len(poses(routine)) < 3:
        least, most = LengthFitter(routine, cache(VOICE.measure), find_phrases(routine.language)).find_range()
        if not least <= length <= most:
            with pytest.raises(RequestError, match="it takes"):
                fit(routine, length)
            return
    found = fit(routine, length)
    stays_sensible(routine, found.routine)
    if len(poses(routine)) >= 3:
        assert found.silence <= 2


@given(WRITTEN, st.floats(0.3, 3))
def test_any_routine_takes_any_length_of_its_range(written, factor):
    routine = read(written)
    least, most = LengthFitter(routine, cache(VOICE.measure), WORDS).find_range()
    length = round(factor * seconds(routine), 2)
    event("fits" if least <= length <= most else "impossible")
    try:
        stays_sensible(routine, fit(routine, length).routine)
    except RequestError:
        assert not least <= length <= most


@given(WRITTEN, st.floats(0.3, 3))
def test_no_single_move_can_be_spared(written, factor):
    if "halfway-session" in str(written):  # those words come and go with what is around them
        return
    routine, lengths = read(written), SectionLengths(cache(VOICE.measure), WORDS)
    target = to_frames(factor * seconds(routine))
    shorter = factor < 1
    variants = RoutineVariants(routine, shorter, find_elastic_holds(routine, False, only_holds=False))
    search = LengthSearch(variants, lengths)
    moves, _ = search.find(target) or ([], 1.0)
    event(f"{min(len(moves), 5)} moves or more")
    bound = (SHORTEST_PAUSES, 0.0) if shorter else (LONGEST_PAUSES, math.inf)
    for move in set(moves):
        fewer = list(moves)
        fewer.remove(move)
        frames = search.frames(fewer, *bound)
        assert frames > target if shorter else frames < target, move


def test_what_weighs_more_moves_later(write):
    routine = load(write(FLOOR))
    whole, steps = seconds(routine), {step.number: step for step in routine.steps}
    seen: dict[str, float] = {}
    for length in range(round(whole) - 5, round(whole * 0.3), -5):
        found = fit(routine, length)
        after = {step.number: step for step in found.routine.steps}
        pairs = [(steps[number], step) for number, step in after.items()]
        changed = {
            "pauses": any(isinstance(now, RestStep) and now.length != was.length for was, now in pairs),
            "rounds": any(getattr(now, "rounds", 1) != getattr(was, "rounds", 1) for was, now in pairs),
            "words": any(getattr(now, "level", "normal") != "normal" for _, now in pairs),
            "poses": len(names(found.routine)) < 4,
        }
        for what in changed:
            if changed[what]:
                seen.setdefault(what, length)
    assert list(seen) == ["pauses", "rounds", "words", "poses"]


def test_words_that_lead_to_poses_go_with_the_last_of_these(write):
    routine = load(write(FLOOR.replace("rounds: 3", "rounds: 1")))
    left = {}
    for length in range(round(seconds(routine)), 60, -3):
        try:
            found = fit(routine, length)
        except RequestError:
            break
        left[tuple(names(found.routine))] = said(found.routine)
    without_cat, without_dog, alone = left["Fold", "Dog", "Bridge"], left["Fold", "Cat", "Bridge"], left[("Fold",)]
    assert {"Come down to the floor.", "Shake out your wrists."} <= set(without_cat)
    assert "Come down to the floor." in without_dog
    assert "Shake out your wrists." not in without_dog
    assert "Come down to the floor." not in alone
    assert "Lie down." in alone, "the closing lies there"
    assert {"Welcome.", "Goodbye.", "Rest your arms beside you."} <= set(alone)


def test_what_the_person_pinned_does_not_move(write):
    wishes = Options(holds=(("cat", Length(30)),), rounds=(("bridge", 1), ("12", 5)), keep=("dog",))
    routine = customise(load(write(FLOOR)), wishes).routine
    least, most = LengthFitter(routine, VOICE.measure, WORDS).find_range()
    for length in (math.ceil(least), math.floor(most)):
        found = fit(routine, length)
        assert {"Cat", "Bridge", "Dog"} <= set(names(found.routine))
        assert Counter(names(found.routine))["Cat"] == Counter(names(found.routine))["Bridge"] == 1
        cat, bridge = (
            next(step for step in poses(found.routine) if step.pose.name == name) for name in ("Cat", "Bridge")
        )
        assert cat.hold == Length(30)
        assert bridge.rounds == 1
        assert [step.rounds for step in found.routine.steps if isinstance(step, BreatheStep)] == [5]
    for length in (least - 1, most + 1):
        with pytest.raises(
            RequestError, match=r"Cat \(held 30s\), Dog \(kept\), Bridge \(1 round\), Breathing 4-6 \(5 rounds\)"
        ):
            fit(routine, length)
    levelled = customise(load(write(FLOOR)), Options(level="normal")).routine
    for length in (130, 600):
        assert {step.level for step in poses(fit(levelled, length, words_stay=True).routine)} == {"normal"}


@pytest.mark.parametrize(
    ("language", "second", "third"),
    [
        ("en", "Bridge, once more.", "Bridge, a third time."),
        ("de", "Bridge, noch einmal.", "Bridge, ein drittes Mal."),
        ("es", "Bridge, una vez más.", "Bridge, por tercera vez."),
    ],
)
def test_a_pose_that_comes_again_is_announced_as_such_and_briefly_told(write, language, second, third):
    routine = load(write(FLOOR.replace("steps:", f"language: {language}\nsteps:")))
    fitter = LengthFitter(routine, VOICE.measure, find_phrases(language))
    found = fit(routine, math.floor(fitter.find_range()[1]))
    bridges = [step for step in poses(found.routine) if step.pose.name == "Bridge"]
    assert [step.again for step in bridges] == [1, 2, 3]
    assert found.routine.steps[-4:-3] == tuple(bridges[-1:]), "before the closing"
    timeline = compile(found.routine, VOICE.measure, find_phrases(language))
    spoken = [cue.text for cue in timeline.cues if cue.step == bridges[1].number and cue.kind == "speech"]
    assert spoken[:2] == [second, "Lift."]
    assert third in [cue.text for cue in timeline.cues]
    assert {second[:-1], third[:-1]} <= {chapter.title for chapter in timeline.chapters}


@pytest.mark.slow
def test_sides_that_are_steps_of_their_own_stay_together(write):
    text = FLOOR.replace("sides: [left, right], ", "sides: [left, right], ").replace(
        "targets: [calves, back]}", "targets: [back]}\n    rounds: 3\n    order: rounds-first"
    )
    routine = load(write(text))
    assert names(routine).count("Dog") == 2
    whole = seconds(routine)
    for length in range(round(whole * 0.3), round(whole * 2.5), 20):
        found = fit(routine, length)
        dogs = [step for step in poses(found.routine) if step.pose.name == "Dog"]
        assert [step.pose.sides for step in dogs] == [("left",), ("right",)] * (len(dogs) // 2)
        assert all(left.rounds == right.rounds for left, right in zip(dogs[::2], dogs[1::2], strict=True))


def test_the_doses_of_held_reps_stay(write):
    text = FLOOR.replace("targets: [hamstrings, back]}", "targets: [back]}")
    text = text.replace("limits: 10s..30s, position: supine", "position: supine").replace(
        "  - say: Rest your arms",
        "  - pose: {name: Quad set, reps: 10, hold: 5s}\n    rest: 3s\n  - say: Rest your arms",
    )
    routine = load(write(text))
    for factor in (0.5, 2):
        found = fit(routine, round(factor * seconds(routine)))
        for step in poses(found.routine):
            if step.pose.name == "Quad set":
                assert (step.pose.reps, step.rep_hold, step.rest) == (10, 5, 3)


def test_a_pose_that_comes_again_is_left_resumed_and_saved_as_any_other(write):
    routine = load(write(FLOOR))
    found = fit(routine, math.floor(LengthFitter(routine, VOICE.measure, WORDS).find_range()[1])).routine
    again = next(step for step in poses(found) if step.pose.name == "Bridge" and step.again == 2)
    sections = compile(found, VOICE.measure, WORDS).sections
    hold = next(cue for section in sections for cue in section.cues if cue.step == again.number and cue.kind == "hold")
    mark = make_bookmark(found.steps, sections, hold.start + 1)
    assert mark.step == again.number
    assert resolve_bookmark(mark, found.steps) == mark
    first = next(step for step in poses(routine) if step.pose.name == "Bridge")
    assert resolve_bookmark(mark, routine.steps).step == first.number
    (edited,) = summarize_edits(found, {HoldId("hold", again.number, 1, 0): HoldEdit(Length(25))})
    assert edited.step == first.number
    assert to_options([edited], routine)[0].holds == (("Bridge", Length(25)),)
