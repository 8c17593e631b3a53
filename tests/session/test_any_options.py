"""Whatever is asked for of a shipped routine: a session in which all is in order, or one sentence."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from audioguide.errors import RequestError
from audioguide.model.options import Options
from audioguide.model.routine import LEVELS, Length, LengthChange, PoseStep
from audioguide.session.open import open_session
from audioguide.session.preset import resolve
from audioguide.system import paths
from audioguide.units import to_frames

LENGTHS = st.builds(Length, st.sampled_from([1, 5, 17.5, 60, 400]))
LENGTHS |= st.builds(Length, st.integers(1, 12), st.just("breaths"))
LENGTHS |= st.builds(LengthChange, st.sampled_from([5, -5, 30, -300]))
LENGTHS |= st.builds(LengthChange, st.sampled_from([1, -2, 9]), st.just("breaths"))
SIDES = st.sampled_from([("left",), ("left", "left", "right"), ("right",)])


@st.composite
def sessions(draw):
    id = draw(st.sampled_from(sorted(paths.routine_files())))
    steps = resolve(id, Options()).routine.steps
    poses = [step.pose.id or step.pose.name for step in steps if isinstance(step, PoseStep)]
    name = st.sampled_from([*poses, *(str(step.number) for step in steps)])

    def by_pose(values):
        return st.lists(st.tuples(name, values), max_size=2).map(tuple)

    options = {
        "hold": LENGTHS,
        "holds": by_pose(LENGTHS),
        "rounds": by_pose(st.integers(1, 9)),
        "reps": by_pose(st.integers(1, 12)),
        "sides": by_pose(SIDES),
        "swap": by_pose(st.sampled_from(sorted(paths.pose_files()))),
        "settle": st.sampled_from([0.0, 5.0]),
        "scale": st.sampled_from([0.3, 1.25, 4]),
        "length": st.sampled_from([200.0, 500.0, 900.0, 2000.0]),
        "level": st.sampled_from(LEVELS),
        "pace": st.sampled_from([0.5, 0.9, 2]),
        "skip": st.lists(name, max_size=2).map(tuple),
        "keep": st.lists(name, max_size=2).map(tuple),
        "beyond_limits": st.just(True),
    }
    chosen = draw(st.lists(st.sampled_from(sorted(options)), min_size=1, max_size=5, unique=True))
    return id, Options(voice="pico-us", **{name: draw(options[name]) for name in chosen})


@given(sessions())
def test_any_options_make_a_session_or_one_sentence(asked):
    try:
        session = open_session(*asked)
        timeline = session.outline.timeline
    except RequestError as error:
        assert error.message
        return
    assert session.pack().payload
    said = [cue for cue in timeline.cues if cue.kind == "speech"]
    assert all(after.start - before.end >= to_frames(0.25) - 1 for before, after in pairwise(said))
    assert [cue.start for cue in timeline.cues] == sorted(cue.start for cue in timeline.cues)
