"""The notations of cues and of breathing: what is written is read back, and nonsense is told, never more than that."""

from pathlib import Path

from hypothesis import assume, given
from hypothesis import strategies as st

from audioguide.errors import RoutineError
from audioguide.model.cues import CUES, parse_cues
from audioguide.model.notation import parse_pattern
from audioguide.routine.load import check_routine
from audioguide.schema.document import parse_document
from audioguide.schema.yaml_writer import to_yaml
from audioguide.units import LONGEST_SESSION

WORDS = st.sampled_from(["on", "off", "short", "4-6", "2+1-6", "halfway=off", "", "none", "3m"]) | st.text(max_size=5)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS
KEYS = st.sampled_from([*CUES, "pattern", "to", "for", "rounds"]) | st.text(max_size=3)
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=6
)
PATTERNS = st.sampled_from(["4-6", "2+1-6", "4-7-8", "0.5-0.5", "3.3-4.4", "5-1-7.7-2"])


@given(st.text("0123456789+-. ", max_size=14))
def test_a_breath_pattern_is_read_back_or_refused(text):
    try:
        pattern = parse_pattern(text)
    except ValueError as error:
        assert str(error).endswith(".")
    else:
        assert parse_pattern(str(pattern)) == pattern


@given(st.dictionaries(st.sampled_from([*CUES, "halfwy"]), st.sampled_from(["on", "off", "short", "all"]), min_size=1))
def test_cues_in_a_line_are_read_back_or_refused(written):
    text = ",".join(f"{name}={value}" for name, value in written.items())
    try:
        cues = parse_cues(text)
    except ValueError as error:
        assert any(value not in CUES.get(name, ((), ""))[0] for name, value in written.items())
        assert "no cue" in str(error) or "cannot be" in str(error)
    else:
        assert cues.to_data() == written
        assert parse_cues(str(cues)) == cues


@given(ANYTHING, ANYTHING)
def test_whatever_stands_there_is_a_routine_or_has_a_problem(one, other):
    steps = [{"breathe": one, "cues": other}, {"rest": "5s", "cues": one}, {"pose": {"name": "A"}, "cues": other}]
    text = to_yaml({"title": "t", "defaults": {"cues": one}, "steps": steps})
    try:
        document = parse_document(text, "a.yaml")
    except RoutineError as error:  # such as a NUL character
        assert error.problems
        return
    routine, problems = check_routine(Path("a.yaml"), document)
    assert routine is not None or problems


@given(PATTERNS, PATTERNS, st.integers(2, 60), st.floats(1, 3600))
def test_a_ladder_fills_its_time_from_one_pattern_to_the_other(first, last, rounds, seconds):
    def read(**length):
        written = {"title": "t", "steps": [{"breathe": {"pattern": first, "to": last, **length}}]}
        routine, _ = check_routine(Path("a.yaml"), parse_document(to_yaml(written), "a.yaml"))
        assume(routine is not None)
        return routine.steps[0]

    step = read(rounds=rounds)
    cycles = [step.cycle_at(cycle) for cycle in range(rounds)]
    assert [str(pattern) for _, pattern in (cycles[0], cycles[-1])] == [first, last]
    assert abs(step.seconds - sum(pattern.cycle for _, pattern in cycles)) < 1e-6
    timed = read(**{"for": f"{seconds}s"})
    longer = timed.rounds + 1
    mean = (parse_pattern(first).cycle + parse_pattern(last).cycle) / 2
    assert timed.rounds == 1 or timed.seconds <= seconds + 1e-6
    assert longer * mean > seconds
    assert timed.seconds <= LONGEST_SESSION
