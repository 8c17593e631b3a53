"""Bookmarks: where a session that was left begins again."""

from dataclasses import replace

import pytest
from any_routine import WRITTEN, read
from fakes import FakeVoice
from hypothesis import given
from hypothesis import strategies as st

from audioguide.errors import RequestError
from audioguide.model.options import Options
from audioguide.routine.customise import customise
from audioguide.routine.load import load, load_with_source
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases
from audioguide.timeline.resume import (
    Bookmark,
    bookmark_step,
    find_start,
    make_bookmark,
    resolve_bookmark,
    snap_to_word_start,
)
from audioguide.units import to_frames

VOICE = FakeVoice()

ROUTINE = """\
title: t
steps:
  - say: Welcome. Walk around for a while, until your breath has settled and your legs feel light.
  - rest: 30s
  - pose: {name: Bridge, hold: 20s, sides: [left side, right side]}
    rounds: 2
    rest: 10s
  - say: Now turn around. {pause 5s} There is no hurry.
  - rest: 20s
  - breathe: {pattern: 4-6, rounds: 4}
  - pose: {name: Bridge, hold: 20s}
  - say: Roll onto one side.
  - say: Well done.
"""


def compile_session(text, write, **options):
    routine = customise(load(write(text)), Options(**options)).routine
    return routine.steps, compile(routine, VOICE.measure, find_phrases("en")).sections


@pytest.fixture
def session(write):
    return compile_session(ROUTINE, write)


def cues(sections, **wanted):
    every = (cue for section in sections for cue in section.cues)
    return [cue for cue in every if all(getattr(cue, key) == value for key, value in wanted.items())]


def resume_at(session, at):
    """The frame at which a session that was left at another frame begins again; None: at its start."""
    steps, sections = session
    mark = make_bookmark(steps, sections, at)
    return mark and find_start(sections, resolve_bookmark(mark, steps))


def test_it_begins_with_the_announcement_of_the_side(session):
    _, sections = session
    for round in (1, 2):
        for side in ("left side", "right side"):
            name, hold = (cues(sections, step=3, round=round, side=side, **one)[0] for one in ROLES)
            middle = hold.start + hold.frames // 2
            assert [resume_at(session, at) for at in (name.start, middle, hold.end + 1)] == [name.start] * 3


ROLES = ({"role": "name"}, {"kind": "hold"})


def test_other_steps_begin_where_they_begin(session):
    _, sections = session
    turn, other = cues(sections, step=4)
    assert resume_at(session, other.start + 1) == turn.start
    rest = cues(sections, step=5, kind="rest")[0]
    assert resume_at(session, rest.end - 1) == min(cue.start for cue in cues(sections, step=5))
    name, hold = (cues(sections, step=6, **one)[0] for one in ROLES)
    assert resume_at(session, hold.end - 1) == name.start


def test_from_a_rest_between_rounds_it_begins_with_the_next(session):
    steps, sections = session
    rest = cues(sections, step=3, kind="rest")[0]
    name = cues(sections, step=3, round=2, role="name")[0]
    at = rest.start + rest.frames // 2
    assert resume_at(session, at) == name.start
    assert resume_at((steps, sections[:2]), at) is None, "the next round is not made yet"
    assert make_bookmark(steps, sections, at) == Bookmark(3, "pose", "Bridge", 2, None, pytest.approx(at / 44100))


def test_a_bookmark_names_what_was_going_on(session):
    steps, sections = session
    hold = cues(sections, step=3, round=2, side="right side", kind="hold")[0]
    mark = make_bookmark(steps, sections, hold.start + 5)
    assert str(mark) == "Bridge, right side, round 2"
    assert mark.seconds == pytest.approx(hold.start / 44100, abs=0.01)
    breath = make_bookmark(steps, sections, cues(sections, step=6, kind="hold")[0].start)
    assert (breath.kind, str(breath)) == ("breathe", "Breathing 4-6")


def test_some_positions_have_no_bookmark(session, write):
    steps, sections = session
    first = sections[1].chapter.start
    assert make_bookmark(steps, sections, first - 1) is None, "the introduction"
    assert make_bookmark(steps, sections, first) is not None
    closing = cues(sections, step=8)[0].start
    assert make_bookmark(steps, sections, closing - 1) is not None
    assert make_bookmark(steps, sections, closing) is None
    steps, sections = compile_session("title: t\nsteps: [{pose: {name: Bridge, hold: 60s}}]\n", write)
    assert make_bookmark(steps, sections, to_frames(29)) is None, "hardly begun"
    assert make_bookmark(steps, sections, to_frames(30)) is not None


def test_a_bookmark_is_found_with_other_options(session, write):
    steps, sections = session
    mark = make_bookmark(steps, sections, cues(sections, step=6, kind="hold")[0].start)
    steps, sections = compile_session(ROUTINE, write, skip=("4", "5"), scale=2.0)
    assert find_start(sections, resolve_bookmark(mark, steps)) == cues(sections, step=6, role="name")[0].start


@pytest.mark.parametrize(
    ("mark", "found"),
    [
        (Bookmark(7, "pose", "bridge"), 7),
        (Bookmark(6, "pose", "Bridge"), 7),
        (Bookmark(5, "pose", "Bridge"), 3),  # as far from 3 as from 7: rather too much than too little
        (Bookmark(6, "pose", "Pigeon"), None),
        (Bookmark(2, "breathe", "Breathing 5-5"), 6),
        (Bookmark(40, "say", "Bridge"), 9),
    ],
)
def test_a_bookmark_is_found_in_an_edited_routine(session, mark, found):
    again = resolve_bookmark(mark, session[0])
    assert (again and again.step) == found


def test_a_round_or_side_that_is_gone_becomes_the_first(session):
    steps, sections = session
    first = cues(sections, step=3, role="name")[0]
    gone = Bookmark(3, "pose", "Bridge", 5, "middle")
    assert find_start(sections, resolve_bookmark(gone, steps)) == first.start
    assert find_start(sections, resolve_bookmark(replace(gone, round=2), steps)) > first.start


def test_a_step_is_found_by_its_name(session):
    steps, sections = session
    assert find_start(sections, bookmark_step(steps, "bridge")) == cues(sections, step=3, role="name")[0].start
    assert find_start(sections, bookmark_step(steps, "7")) == cues(sections, step=7, role="name")[0].start
    assert find_start(sections, bookmark_step(steps, "6")) == cues(sections, step=6, role="name")[0].start
    assert find_start(sections, bookmark_step(steps, "5")) == min(cue.start for cue in cues(sections, step=5))
    with pytest.raises(RequestError, match="Did you mean Bridge"):
        bookmark_step(steps, "brigde")


def test_what_is_not_compiled_yet_has_no_start(session):
    steps, sections = session
    assert find_start(sections[:2], bookmark_step(steps, "7")) is None
    assert snap_to_word_start(sections[:2], sections[2].chapter.start) is None
    assert snap_to_word_start([], 0) is None


def test_a_moment_in_a_word_becomes_its_start(session):
    _, sections = session
    turn, other = cues(sections, step=4)
    assert snap_to_word_start(sections, turn.end - 1) == turn.start
    assert snap_to_word_start(sections, turn.end) == turn.end
    assert snap_to_word_start(sections, other.start) == other.start


@given(WRITTEN, st.floats(0, 1))
def test_no_word_is_cut_wherever_it_was_left(written, where):
    routine = read(written)
    sections = compile(routine, VOICE.measure, find_phrases("en")).sections
    position = int(where * sections[-1].chapter.end)
    if start := resume_at((routine.steps, sections), position):
        for cue in cues(sections):
            assert not (cue.start < start < cue.end and cue.kind in ("speech", "hold")), cue
        assert resume_at((routine.steps, sections), start) in (start, None)  # None: within the first half minute
        assert start_is_near(sections, start, position)
    word = snap_to_word_start(sections, min(position, sections[-1].chapter.end - 1))
    assert not any(cue.start < word < cue.end for cue in cues(sections, kind="speech"))


def test_the_second_left_is_gone_on_with(write):
    steps = "steps:\n- rest: 30s\n- {pose: {name: A, sides: [left, left, right]}, hold: 20s}"
    routine = load(write(f"title: A\n{steps}"))
    sections = compile(routine, VOICE.measure, find_phrases("en")).sections
    names = [cue.start for cue in cues(sections, role="name")]
    held = cues(sections, kind="hold")[1]
    assert resume_at((routine.steps, sections), held.start + to_frames(3)) == names[1]


def start_is_near(sections, start, position):
    """Nothing is left out but a rest between rounds, and at most one hold is done again."""
    left_out = [cue for cue in cues(sections) if position < cue.start < start and cue.kind in ("speech", "hold")]
    again = [cue for cue in cues(sections, kind="hold") if start <= cue.start and cue.end <= position]
    return not [cue for cue in left_out if cue.role != "say"] and len(again) <= 1


def test_a_session_is_resumed_in_another_language(write, home):
    german = "title: t\nsteps:\n"
    for step in ROUTINE.splitlines()[2:]:
        german += "  - {pose: {name: Brücke}}\n" if "name: Bridge" in step else ""
        german += "  - {}\n" if step.startswith("  - ") and "Bridge" not in step else ""
    write(german.replace("{name: Brücke}", "{name: Brücke, sides: [links, rechts]}", 1), "routine.de.yaml")
    path = write(ROUTINE)
    english, other = (load_with_source(path, None, language)[0].steps for language in ("en", "de"))
    sections = compile_session(ROUTINE, write)[1]
    (left,) = [one for one in cues(sections, kind="hold") if one.round == 2 and one.side == "left side"]
    mark = make_bookmark(english, sections, left.start)
    assert str(resolve_bookmark(mark, other)) == "Brücke, round 2"
    assert make_bookmark(other, sections, left.start).title == "Bridge"
