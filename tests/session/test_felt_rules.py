"""The cautious rules: what a plan makes of how its sessions felt."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from audioguide.player.history import SessionRecord
from audioguide.session.felt_rules import ASK, adapt

MONDAY = datetime(2026, 12, 7, 18, 30, tzinfo=UTC)


def session(week=0, felt="right", *hurt, heard=900.0):
    started = MONDAY + timedelta(weeks=week)
    return SessionRecord(1, "a", "A", started, heard, 900, "finished", None, False, felt=felt, hurt=hurt)


def test_right_and_easier_and_no_answer_go_on_as_planned():
    adapted = adapt([[session()], [session(1, "easier")], [session(2, None)], []])
    assert (adapted.steps, adapted.left_out, adapted.rest_day, adapted.reasons) == (3, (), None, ())
    assert adapt([]).steps == adapt([[]]).steps == 0


def test_harder_holds_the_lengths_for_the_next_week_only():
    hard = [[session()], [session(1), session(1, "harder")]]
    assert adapt(hard).steps == 1
    held = adapt([*hard, []])
    assert (held.steps, held.left_out) == (1, ())
    assert held.reasons == ("The lengths stay as they are: the last ones felt harder than right.",)
    assert adapt([*hard, [session(2)], []]).steps == 2


def test_pain_takes_the_pose_out_of_the_next_session_and_nothing_grows():
    painful = [[session()], [session(1), session(1, "right", "bridge")]]
    now = adapt(painful)
    assert (now.steps, now.left_out, now.rest_day) == (1, ("bridge",), date(2026, 12, 15))
    assert now.reasons == (f"bridge hurt on Mon 14 Dec: left out this time. {ASK}",)
    after = adapt([*painful, [session(2)]])
    assert (after.steps, after.steps_of("bridge"), after.steps_of("cat-cow")) == (1, 0, 1)
    assert (after.left_out, after.rest_day) == ((), None), "it comes back, at its first length"
    later = adapt([*painful, [session(2)], []])
    assert (later.steps, later.steps_of("bridge")) == (2, 1)


def test_a_session_that_hurt_counts_as_told_even_when_it_was_stopped():
    assert adapt([[session(), replace(session(0, None, "bridge"), heard=60, end="stopped")]]).left_out == ("bridge",)


def test_without_a_session_nothing_grows():
    assert adapt([[session()], [], []]).steps == 1
    assert adapt([[session(heard=120)], []]).reasons == (
        "The lengths stay as they are: no session was done since they last grew.",
    )


FEELINGS = st.builds(session, st.just(0), st.sampled_from(["easier", "right", "harder", None]), heard=st.just(900.0))
PAINFUL = st.builds(session, st.just(0), st.just("right"), st.sampled_from(["bridge", "cat-cow"]))


@given(st.lists(st.lists(FEELINGS | PAINFUL, max_size=3), min_size=1, max_size=8))
def test_nothing_ever_grows_faster_than_planned_or_after_pain(periods):
    adapted = adapt(periods)
    assert 0 <= adapted.steps < len(periods)
    assert all(0 <= adapted.steps_of(pose) <= adapted.steps for pose in ("bridge", "cat-cow", "cobra"))
    before = adapt(periods[:-1]).steps if len(periods) > 1 else 0
    if len(periods) > 1 and any(one.hurt or one.felt == "harder" for one in periods[-2]):
        assert adapted.steps == before
