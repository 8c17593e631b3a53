"""Counted holds: reps that are held, and the phases of a tempo."""

import pytest
from any_routine import read
from fakes import FakeVoice
from hypothesis import given
from hypothesis import strategies as st
from rules import keeps_the_rules

from audioguide.model import holds
from audioguide.model.options import Options
from audioguide.routine.customise import customise
from audioguide.routine.load import load
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases
from audioguide.units import RATE, to_frames

WORDS = find_phrases("en")
VOICE = FakeVoice()


def heard(routine, language="en", voice=VOICE):
    """The length of each hold, and what is said in it: when, in seconds, its role and its text."""
    timeline = compile(routine, voice.measure, find_phrases(language))
    keeps_the_rules(routine, timeline)
    found = []
    for hold in (cue for cue in timeline.cues if cue.kind == "hold"):
        inside = [cue for cue in timeline.cues if cue.kind == "speech" and hold.start <= cue.start < hold.end]
        said = [((cue.start - hold.start) / RATE, cue.role, cue.text) for cue in inside]
        found.append((hold.frames / RATE, said))
    return found


@pytest.fixture
def one(write):
    """What is heard in the first hold of a step."""

    def make(step, language="en", voice=VOICE, **options):
        routine = load(write(f"title: t\nlanguage: {language}\nsteps:\n  - {step}\n"))
        return heard(customise(routine, Options(**options)).routine, language, voice)[0]

    return make


def test_ten_holds_of_five_seconds(one):
    """The times are as written: 10 × 5 s and nine rests of 3 s, not 12.6 s a rep."""
    seconds, said = one("{pose: {name: Quad set, reps: 10, hold: 5s}, rest: 3s}")
    assert seconds == 77
    count = round(0.2 + len("Hold.") / 15 + 0.25, 3)
    assert [(round(at, 3), text) for at, _, text in said[:3]] == [(0, "Hold."), (count, "One."), (5, "And relax.")]
    numbers = ["Two.", "Three.", "Four.", "Five.", "Six.", "Seven.", "Eight.", "Nine.", "Ten."]
    later = [(8.0 * n + offset, text) for n, number in enumerate(numbers, 1) for offset, text in enumerate([number])]
    assert [(at, text) for at, role, text in said if role == "count"][1:] == later
    assert [at for at, _, text in said if text == "Relax."] == [8.0 * n + 5 for n in range(1, 9)]
    assert len(said) == 10 + 9 + 1, "the chime ends the last rep"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ["Halte.", "Eins.", "Und lass locker.", "Zwei.", "Locker.", "Drei."]),
        ("es", ["Mantén.", "Uno.", "Y relaja.", "Dos.", "Relaja.", "Tres."]),
    ],
)
def test_in_other_languages(one, language, words):
    assert [text for *_, text in one("{pose: {name: Puente, hold: 5s}, reps: 3, rest: 4s}", language)[1]] == words


@pytest.mark.parametrize(
    ("hold", "rest", "texts"),
    [
        ("5s", "1s", ["Hold.", "One.", "Relax.", "Two.", "Relax.", "Three."]),
        ("5s", "0s", ["Hold.", "One.", "Two.", "Three."]),
        ("1s", "2s", ["One.", "And relax.", "Two.", "Relax.", "Three."]),
    ],
)
def test_what_does_not_fit_is_left_out(one, hold, rest, texts):
    seconds, said = one(f"{{pose: {{name: P, hold: {hold}}}, reps: 3, rest: {rest}}}")
    assert seconds == 3 * int(hold[0]) + 2 * int(rest[0])
    assert [text for *_, text in said] == texts


def test_only_a_count_that_does_not_fit_makes_a_rep_longer(one):
    slow = FakeVoice(3.0)  # "Three." takes 2.2 s
    seconds, said = one("{pose: {name: P, hold: 1s}, reps: 3, rest: 1s}", voice=slow)
    assert [text for *_, text in said] == ["One.", "Two.", "Three."]
    assert [round(at, 3) for at, *_ in said] == [0, 2.45, 4.9]
    assert seconds == pytest.approx(4.9 + 2.2)


def test_the_phases_of_a_tempo(one):
    seconds, said = one("{pose: {name: Leg raise, reps: 2, tempo: 3-5-3}}")
    assert seconds == 22
    assert [(at if text not in ("Lift.",) else round(at, 2), text) for at, _, text in said] == [
        *((0, "One."), (0.72, "Lift."), (3, "Hold."), (8, "Lower.")),
        *((11, "Two."), (11.72, "Lift."), (14, "Hold."), (19, "Lower.")),
    ]


@pytest.mark.parametrize(
    ("pose", "texts"),
    [
        ("reps: 1", ["One."]),  # a tempo that nobody wrote
        ("reps: 1, tempo: 1-1-1", ["One."]),
        ("reps: 1, tempo: 2-1-2", ["One.", "Lift.", "Lower."]),
        ("reps: 1, tempo: 0-2-2", ["One.", "Hold.", "Lower."]),
        ("reps: 1, tempo: 2-0-2, tempo_words: {effort: Down., return: Up.}", ["One.", "Down.", "Up."]),
        ("reps: 1, tempo: 2-0-3, tempo_words: {effort: Down as slowly as you can.}", ["One.", "Lower."]),
        ("reps: 1, tempo: 3-0-3, hold: 4s", ["Hold.", "One."]),
    ],
)
def test_which_phases_are_said(one, pose, texts):
    assert [text for *_, text in one(f"pose: {{name: P, {pose}}}")[1]] == texts


DOSES = st.fixed_dictionaries(
    {"reps": st.integers(1, 30), "hold": st.floats(1, 40).map(lambda x: round(x, 2)), "rounds": st.integers(1, 3)},
    optional={
        "rest": st.floats(0, 30).map(lambda x: round(x, 2)),
        "sides": st.lists(st.sampled_from(["left", "right"]), min_size=1, max_size=4),
        "order": st.sampled_from(["sides-first", "rounds-first"]),
        "settle": st.sampled_from(["0s", "5s"]),
    },
)


@given(DOSES, st.sampled_from([2.5, 15.0, 60.0]))
def test_any_dose(dose, pace):
    """`keeps_the_rules` counts, and wants 250 ms between any two clips; this wants the length of each set."""
    written = {"title": "Any", "steps": [{"pose": {"name": "Set", "sides": ["left", "right"]}, **dose}]}
    if "sides" not in dose:
        del written["steps"][0]["pose"]["sides"]
    routine = read(written)
    found = heard(routine, voice=FakeVoice(pace))
    assert len(found) == dose["rounds"] * len(dose.get("sides", "x"))
    whole = round(dose["reps"] * dose["hold"] + (dose["reps"] - 1) * dose.get("rest", 0), 6)
    longest = max(len(text) for _, said in found for _, role, text in said if role == "count") / pace + 0.2
    if longest < dose["hold"] - 0.25:
        assert {seconds for seconds, _ in found} == {to_frames(whole) / RATE}
        assert [holds.hold_seconds(step) for step in routine.steps] == [pytest.approx(whole)] * len(routine.steps)


def test_the_hold_of_a_text_is_that_of_a_rep(write):
    step = "pose: {name: P, hold: 5s, instructions: 'Press for {hold}.'}\n    reps: 4"
    routine = load(write(f"title: t\nsteps:\n  - {step}\n"))
    timeline = compile(routine, FakeVoice().measure, WORDS)
    assert "Press for five seconds." in [cue.text for cue in timeline.cues]
    assert to_frames(20) in [cue.frames for cue in timeline.cues if cue.kind == "hold"]
