"""Wordings in turn: told by the moment alone, and no two alike next to each other."""

import os
import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.timeline.turns import ROUND, Turn

COUNTS = st.integers(1, 30)
SEEDS = st.text(max_size=10)
STEPS = st.integers(1, 10_000)


def chosen(seed, step, nth, count, further=0):
    return Turn(seed, step, nth).choose("halfway", range(count), further)


@given(SEEDS, STEPS, COUNTS.filter(lambda count: count > 1))
def test_within_a_step_neighbours_differ(seed, step, count):
    heard = [chosen(seed, step, nth, count) for nth in range(20)]
    assert all(one != next for one, next in pairwise(heard))


@given(SEEDS, STEPS, st.integers(0, 30), st.integers(3, 30))
def test_the_next_step_begins_with_another_than_was_heard_last(seed, step, last, count):
    heard = chosen(seed, step, last, count)
    assert chosen(seed, step + 1, 0, count) != heard
    assert count == 3 or chosen(seed, step + 2, 0, count) != heard


@given(SEEDS, STEPS, COUNTS)
def test_within_a_hold_all_wordings_come_round(seed, step, count):
    heard = {chosen(seed, step, 0, count, further) for further in range(ROUND)}
    assert len(heard) == count if count < 10 else len(heard) > 9


@given(SEEDS, COUNTS)
def test_over_a_session_all_wordings_come_round(seed, count):
    heard = {chosen(seed, step, 0, count) for step in range(ROUND)}
    assert len(heard) == count if count < 10 else len(heard) > 9


def test_a_name_that_is_no_text_is_a_seed_too():
    assert chosen("\udcff", 1, 0, 5) in range(5)


def test_steps_of_one_measure_do_not_all_get_the_same():
    """As they would in a fixed order of five: a say, a pose and three things more, again and again."""
    for seed in "abcdef":
        assert len({chosen(seed, step, 0, 5) for step in range(3, 60, 5)}) >= 4


def test_another_routine_has_another_order():
    def heard(seed):
        return tuple(chosen(seed, step, 0, 5) for step in range(5))

    assert len({heard(f"routine {number}") for number in range(20)}) > 10


CODE = """
from audioguide.timeline.turns import Turn
print(*(Turn("taster", step).choose("rest", "abcd") for step in range(4)))
"""


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_every_run_and_every_machine_chooses_alike(hash_seed):
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    run = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, env=environment, check=True)
    assert run.stdout.split() == ["b", "d", "a", "c"]
