from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.model.timeline import Chapter, Cue, Section
from audioguide.player.commands import Command, SeekTo
from audioguide.player.transport import (
    HoldChange,
    Jump,
    Message,
    TimelinePosition,
    TransportState,
    apply_command,
    leaves_open_hold,
    shift_frame,
)
from audioguide.routine.load import load
from audioguide.timeline.compiler import compile
from audioguide.timeline.phrases import find_phrases
from audioguide.units import to_frames

S = to_frames(1)


def chapter(start: int, end: int, step: int | None, *clips: tuple[int, int], closing: int | None = None) -> Section:
    """A chapter from second to second, with clips, and the hold of a step from its middle on."""
    cues = [Cue("speech", first * S, (last - first) * S, step=1) for first, last in clips]
    if step is not None:
        cues.append(Cue("hold", (start + end) // 2 * S, S, step=step))
    if closing is not None:
        cues.append(Cue("speech", closing * S, S, step=99))
    return Section(Chapter(f"{step}", start * S, end * S), tuple(cues))


SECTIONS = (
    chapter(0, 20, None, (1, 4), (6, 18)),
    chapter(20, 60, 2, (20, 22), (24, 33)),
    chapter(60, 100, 2, (60, 62)),
    chapter(100, 140, 3, (100, 102), closing=130),
)
WHOLE = 140 * S
POSES = st.sampled_from(list(Command))
STEPS = (Command.FORWARD, Command.FAR_FORWARD, Command.BACK, Command.FAR_BACK)


def place(second: float, *, made: int = 4, whole: bool = True) -> TimelinePosition:
    sections = SECTIONS[:made]
    return TimelinePosition(round(second * S), sections, sections[-1].chapter.end if sections else 0, whole)


def jump(command: Command | SeekTo, where: TimelinePosition) -> float | None:
    """The second that it jumps to."""
    _, events = apply_command(TransportState(), command, where)
    return next((event.frame / S for event in events if isinstance(event, Jump)), None)


def told(command: Command | SeekTo, where: TimelinePosition) -> str:
    _, events = apply_command(TransportState(), command, where)
    return " ".join(event.text for event in events if isinstance(event, Message))


@pytest.mark.parametrize(
    ("command", "at", "to"),
    [
        (Command.FORWARD, 40, 45),
        (Command.BACK, 45, 40),
        (Command.FAR_FORWARD, 40, 100),
        (Command.FAR_BACK, 99, 39),
        (Command.BACK, 3, 0),
        (Command.BACK, 37, 24),  # in the middle of what is said from 24 to 33: to its start
        (Command.FORWARD, 20.5, 24),  # into the middle of it: to its start
        (Command.FORWARD, 24, 33),  # and from there to its end
        (Command.FORWARD, 139, 140),
        (Command.FAR_FORWARD, 139, 140),
        (SeekTo(30 * S), 40, 24),
        (SeekTo(30 * S), 27, 33),
        (SeekTo(25 * S), 27, 24),
        (SeekTo(-5), 27, 0),
        (SeekTo(999 * S), 27, 140),
        (Command.NEXT, 25, 60),
        (Command.NEXT, 20, 60),
        (Command.PREVIOUS, 25, 20),
        (Command.PREVIOUS, 22, 0),
        (Command.PREVIOUS, 2, 0),
        (Command.REPEAT, 97, 60),
        (Command.SKIP, 25, 100),  # both rounds
        (Command.SKIP, 70, 100),
        (Command.SKIP, 5, 20),  # the introduction is no pose
        (Command.SKIP, 110, 130),  # after the last pose come the closing words
    ],
)
def test_where_a_seek_goes(command: Command | SeekTo, at: float, to: float) -> None:
    assert jump(command, place(at)) == to
    assert told(command, place(at)) == ""


def sided(start: int, *names: int) -> Section:
    """A chapter of 40 seconds with a side announced at each of these seconds."""
    cues = tuple(Cue("speech", name * S, S, role="name", step=1) for name in names)
    return Section(Chapter("Pigeon", start * S, (start + 40) * S), cues)


@pytest.mark.parametrize(
    ("command", "at", "to"),
    [
        (Command.NEXT, 0, 22),  # the right side
        (Command.NEXT, 21.9, 22),
        (Command.NEXT, 22, 40),  # the next pose, of which the first side is announced a little later
        (Command.NEXT, 39, 40),
        (Command.NEXT, 40.2, 55),
        (Command.PREVIOUS, 30, 22),  # the same side from its start
        (Command.PREVIOUS, 24, 0),  # the side before
        (Command.PREVIOUS, 42, 22),  # the last side of the pose before
        (Command.PREVIOUS, 59, 55),
        (Command.PREVIOUS, 1, 0),
        (Command.SKIP, 5, 40),  # skipping leaves out both sides
        (Command.REPEAT, 30, 0),  # and repeating is for both
    ],
)
def test_next_and_previous_are_poses_and_sides(command: Command, at: float, to: float) -> None:
    sections = (sided(0, 0, 22), sided(40, 40, 55, 68))
    assert jump(command, TimelinePosition(round(at * S), sections, 80 * S, complete=True)) == to


def test_next_goes_through_all_holds_of_a_routine_one_by_one_and_previous_back() -> None:
    sections = compile(load("hip-openers"), lambda utterance: S, find_phrases("en")).sections
    holds = [cue for section in sections for cue in section.cues if cue.kind == "hold"]
    end, position, met = sections[-1].chapter.end, 0, []
    while (to := jump(Command.NEXT, TimelinePosition(position, sections, end, complete=True))) is not None:
        position = round(to * S)
        met.append(next(hold for hold in holds if hold.start > position))
    assert met == holds
    for hold in reversed(holds):
        assert position <= hold.start
        position = round((jump(Command.PREVIOUS, TimelinePosition(position, sections, end, complete=True)) or 0) * S)
    assert position == 0


@pytest.mark.parametrize("command", [Command.NEXT, Command.SKIP])
def test_after_the_last_part_there_is_none(command: Command) -> None:
    assert jump(command, place(135)) is None
    assert "last part" in told(command, place(135))


@pytest.mark.parametrize("command", [Command.FAR_FORWARD, Command.NEXT, Command.SKIP, SeekTo(WHOLE)])
def test_goes_as_far_as_the_session_is_made(command: Command | SeekTo) -> None:
    making = place(45, made=2, whole=False)
    assert jump(command, making) == 60
    assert "not ready yet" in told(command, making)
    at_its_end = place(60, made=2, whole=False)
    assert jump(command, at_its_end) is None
    assert "not ready yet" in told(command, at_its_end)


@pytest.mark.parametrize("command", [Command.NEXT, Command.PREVIOUS, Command.SKIP, Command.LONGER, Command.FORWARD])
def test_before_there_is_anything_it_says_so(command: Command) -> None:
    nothing = place(0, made=0, whole=False)
    assert jump(command, nothing) is None
    assert told(command, nothing) == "The session is not ready yet."


def test_pause_and_mute_are_undone_by_the_same_key() -> None:
    state = TransportState()
    for command in (Command.PAUSE, Command.MUTE):
        once, _ = apply_command(state, command, place(30))
        assert once != state
        assert apply_command(once, command, place(30))[0] == state


def test_a_seek_leaves_a_pause_as_it_is() -> None:
    state, events = apply_command(TransportState(paused=True), Command.FORWARD, place(40))
    assert state.paused
    assert events == (Jump(45 * S),)


@pytest.mark.parametrize(
    ("command", "message"), [(Command.VOICE_DOWN, "Voice -2 dB"), (Command.BACKGROUND_UP, "Background +2 dB")]
)
def test_a_volume_is_told(command: Command, message: str) -> None:
    assert told(command, place(30)) == message


@pytest.mark.parametrize(
    ("command", "wish"), [(Command.LONGER, "longer"), (Command.SHORTER, "shorter"), (Command.KEEP, "keep")]
)
def test_a_hold_is_changed_by_who_made_it(command: Command, wish: str) -> None:
    assert apply_command(TransportState(), command, place(30)) == (TransportState(), (HoldChange(wish),))


@given(st.lists(st.one_of(POSES, st.builds(SeekTo, st.integers(-S, WHOLE + S)))), st.integers(1, 4), st.booleans())
def test_whatever_is_asked_it_stays_in_bounds(commands: list[Command | SeekTo], made: int, whole: bool) -> None:
    state, where = TransportState(), place(0, made=made, whole=whole)
    for command in commands:
        before = state
        state, events = apply_command(state, command, where)
        assert -30 <= state.voice <= 0
        assert -30 <= state.background <= 6
        assert not before.stopped or (state == before and not events)
        for event in events:
            if isinstance(event, Jump):
                assert 0 <= event.frame <= where.available
                where = TimelinePosition(event.frame, where.sections, where.available, whole)
    assert state.stopped is (Command.STOP in commands)


@given(st.integers(0, WHOLE), st.sampled_from(STEPS))
def test_a_seek_on_always_goes_on_and_a_seek_back_always_back(position: int, command: Command) -> None:
    where = TimelinePosition(position, SECTIONS, WHOLE, complete=True)
    to = jump(command, where)
    if command in (Command.FORWARD, Command.FAR_FORWARD):
        assert position == WHOLE if to is None else to * S > position
    else:
        assert position == 0 if to is None else to * S < position
    if to is not None:
        frame = round(to * S)
        assert not any(cue.start < frame < cue.end for part in SECTIONS for cue in part.cues if cue.kind == "speech")


def kept(seconds: int) -> tuple[Section, ...]:
    """Two sides, the left one being held for so long, and what follows."""
    end = 30 + seconds
    holds = (
        Cue("hold", 30 * S, seconds * S, step=2, side="left", asked=None if seconds > 99 else 1.0),
        Cue("hold", (end + 10) * S, 10 * S, step=2, side="right", asked=10.0),
    )
    sides = Section(Chapter("Sides", 20 * S, (end + 30) * S), holds)
    return (chapter(0, 20, None), sides, chapter(end + 30, end + 60, 3))


@pytest.mark.parametrize(
    ("to", "leaves_it", "goes_to"),
    [(5, True, 5), (20, False, 20), (45, False, 45), (3629, False, None), (3640, True, 60), (3660, True, 80)],
)
def test_a_jump_leaves_a_hold_that_is_kept_going(to: int, leaves_it: bool, goes_to: int | None) -> None:
    """Not within its chapter up to its end; what lies beyond is nearer once it is let go."""
    before = TimelinePosition(40 * S, kept(3600), 3690 * S, complete=True)
    after = TimelinePosition(40 * S, kept(20), 110 * S, complete=True)
    assert leaves_open_hold(to * S, before) is leaves_it
    assert goes_to is None or shift_frame(to * S, before, after) == goes_to * S
    assert not leaves_open_hold(to * S, after)


SIDES = kept(20)  # left from 30 s to 50 s, right from 60 s on


def at(second: float, *, since: float = 0, time: float = 0) -> TimelinePosition:
    """Where it is, having played from a second on, at a time."""
    frame = round(second * S)
    return TimelinePosition(frame + S // 10, SIDES, 110 * S, True, heard=frame, landed=round(since * S), time=time)


@pytest.mark.parametrize("command", [Command.LONGER, Command.KEEP])
@pytest.mark.parametrize(
    ("second", "since", "ended"),
    [(49, 0, None), (50, 0, 50), (51.9, 0, 50), (52.1, 0, None), (51, 50, None), (51, 49, 50), (61, 0, None)],
)
def test_a_hold_can_be_longer_for_two_seconds_after_its_end(
    command: Command, second: float, since: float, ended: int | None
) -> None:
    """Not where the listener has gone to what comes after it, and not once the next one has begun."""
    _, (change,) = apply_command(TransportState(), command, at(second, since=since))
    assert change == HoldChange({Command.LONGER: "longer"}.get(command, "keep"), ended and ended * S)
    assert apply_command(TransportState(), Command.SHORTER, at(second, since=since))[1] == (HoldChange("shorter"),)


def test_one_press_too_many_is_not_meant_for_the_next_side() -> None:
    state, came = TransportState(), []
    for time, second in ((0, 44), (1, 45), (2, 51), (3, 51), (4, 61), (6, 63), (7, 64)):
        state, events = apply_command(state, Command.SHORTER, at(second, time=time))
        came += events
    change, late = HoldChange("shorter"), Message("Too late: that hold is over, and stays as it was.")
    assert came == [change, change, late, late, late, change, change]
