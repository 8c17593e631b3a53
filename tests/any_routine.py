"""Generated routines in their written form: a failing example shrinks to a few lines of YAML that a person can read."""

from __future__ import annotations

from pathlib import Path

from hypothesis import note
from hypothesis import strategies as st

from audioguide.model import cues
from audioguide.model.routine import Routine
from audioguide.routine.load import check_routine
from audioguide.schema.document import parse_document
from audioguide.schema.yaml_writer import to_yaml

TEXTS = st.sampled_from(
    [
        "Hm.",
        "Bend your knees and fold.",
        "Stay for {hold}, {side}.",
        "Breathe. {pause 2s} And again.",
        "{until 2s} Breathe. {until 9.5s} And again. {until 12s}",
        "Lie down on your back. " * 6,
    ]
)
PHRASES = st.sampled_from(["Hm.", "Soften your jaw.", "Think of nothing but your breath for a while. " * 2])
PATTERNS = st.sampled_from(["4-6", "1.5-1.5", "4-7-8", "3.3-4.4", "0.5-2-6-1.5", "2+1-6"])
HOLDS = st.one_of(st.integers(1, 120).map(lambda n: f"{n}s"), st.integers(1, 9).map(lambda n: f"{n} breaths"))
SECONDS = st.floats(1, 120).map(lambda x: round(x, 2))
CUES = st.fixed_dictionaries({}, optional={name: st.sampled_from(how) for name, (how, _) in cues.CUES.items()})
PROMPTS = st.one_of(
    st.fixed_dictionaries({"say": PHRASES, "at": st.one_of(st.just("half"), st.sampled_from(["5s", "-4s", "70s"]))}),
    st.fixed_dictionaries({"say": PHRASES, "every": st.sampled_from(["7s", "20s"])}),
)
_POSE = {
    "sides": st.sampled_from([["left", "right"], ["one"], ["a", "b", "c"], ["left", "left", "right"]]),
    "position": st.sampled_from(["supine", "prone", "standing"]),
    "instructions": TEXTS,
    "caution": TEXTS,
    "release": TEXTS,
}
STILL = st.fixed_dictionaries(
    {"name": st.sampled_from(["Bridge", "A pose with quite a long name"]), "limits": st.just("1s..600s")},
    optional=_POSE,
)
LIMITED = st.fixed_dictionaries({"name": st.just("Held briefly"), "limits": st.sampled_from(["5s..20s", "8s..12s"])})
MOVING = st.fixed_dictionaries(
    {"name": st.just("Cat-cow"), "breath_words": st.just({"in": "Arch", "out": "Round your whole back slowly"})},
    optional=_POSE,
)
COUNTED = st.fixed_dictionaries(
    {
        "name": st.just("Squat"),
        "reps": st.integers(1, 25),
        "tempo": st.sampled_from(["2-1-2", "0.2-0-0.3", "3-5-3", "0-2-6.7"]),
    },
    optional=_POSE,
)
_STEP = {
    "rounds": st.integers(1, 3),
    "rest": st.sampled_from(["0s", "0.4s", "10s"]),
    "settle": st.sampled_from(["0s", "5s"]),
    "level": st.sampled_from(["brief", "normal", "full"]),
    "breath": PATTERNS,
    "snap": st.just("breath"),
    "prompts": st.lists(PROMPTS, max_size=3),
    "cues": CUES,
}
_HELD = {"hold": st.one_of(SECONDS, HOLDS)}
_POSE_STEPS = st.one_of(
    st.fixed_dictionaries({"pose": STILL}, optional=_STEP | _HELD),
    st.fixed_dictionaries({"pose": LIMITED}, optional=_STEP),
    st.fixed_dictionaries({"pose": MOVING}, optional=_STEP | {"hold": SECONDS}),
    # Each rep is held: with two minutes, some would be longer than a session may be.
    st.fixed_dictionaries({"pose": COUNTED}, optional=_STEP | {"hold": st.floats(1, 20).map(lambda x: round(x, 2))}),
)
_BREATHING = st.one_of(
    st.fixed_dictionaries({"pattern": PATTERNS} | more)
    for more in (
        {"rounds": st.integers(1, 6)},
        {"rounds": st.integers(2, 6), "to": PATTERNS},
        {"for": SECONDS},
        {"for": SECONDS.filter(lambda x: x > 40), "to": PATTERNS},
    )
)
_PLAIN = st.one_of(
    _POSE_STEPS,
    st.fixed_dictionaries({"say": st.sampled_from(["Welcome.", "Now {next}."])}, optional={"chapter": st.just("Part")}),
    st.fixed_dictionaries({"rest": SECONDS.filter(lambda x: x < 60)}, optional={"cues": CUES}),
    st.fixed_dictionaries({"breathe": _BREATHING}, optional={"cues": CUES}),
)
STEPS = st.one_of(
    _PLAIN,
    st.fixed_dictionaries({"repeat": st.integers(1, 3), "steps": st.lists(_PLAIN, min_size=1, max_size=3)}),
)
WRITTEN = st.fixed_dictionaries(
    {
        "title": st.just("Any"),
        "defaults": st.fixed_dictionaries({"breath": PATTERNS}, optional={"hold": st.just("15s"), "cues": CUES}),
        "steps": st.lists(STEPS, min_size=1, max_size=6),
    }
)


def read(written: dict) -> Routine:
    """The routine of a written form; the YAML is what hypothesis shows of a failing example."""
    text = to_yaml(written)
    note(text)
    routine, problems = check_routine(Path("any.yaml"), parse_document(text, "any.yaml"))
    assert routine is not None, problems
    assert not problems
    return routine
