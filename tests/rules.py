"""Contract 2 as checks on a timeline, shared by the tests of generated and of shipped routines."""

from itertools import pairwise

from audioguide.model import holds
from audioguide.model.cues import Cues
from audioguide.model.routine import BreatheStep, PoseStep, RestStep, Routine, SayStep
from audioguide.model.timeline import KINDS, Cue, Timeline
from audioguide.units import MP3_FRAME, RATE, to_frames

GAP = to_frames(0.25)


def keeps_the_rules(routine: Routine, timeline: Timeline) -> None:
    cues = list(timeline.cues)
    keeps_time(timeline)
    for step in routine.steps:
        of_step = [cue for cue in cues if cue.step == step.number]
        match step:
            case SayStep():
                assert [cue.role for cue in of_step] == ["say"] * max(1, len(of_step))
            case RestStep():
                rest = next(cue for cue in of_step if cue.kind == "rest")
                announced = [cue for cue in of_step if cue.kind == "speech"]
                assert rest.frames == to_frames(step.length) or rest.end == announced[-1].end
                assert rest.frames >= to_frames(step.length)
            case BreatheStep():
                one_hold(of_step, step.seconds, step.cues)
                voiced = {cue.start for cue in of_step if cue.role == "breath"}
                breaths = [cue for cue in of_step if cue.kind == "breath"]
                assert voiced <= {cue.start for cue in breaths}
                assert all(first.end == second.start for first, second in pairwise(breaths))
                (hold,) = [cue for cue in of_step if cue.kind == "hold"]
                assert (breaths[0].start, breaths[-1].end) == (hold.start, hold.end)  # whole breaths, without a drift
            case PoseStep():
                every_side_and_round(step, of_step)


def keeps_time(timeline: Timeline) -> None:
    """What holds for any timeline, whatever its routine, and whatever was changed while it was heard."""
    cues = list(timeline.cues)
    in_order(cues)
    chapters_lie_on_the_grid(timeline)
    for first, second in pairwise([cue for cue in cues if cue.kind == "speech"]):
        assert first.end + GAP <= second.start, (first, second)
    assert min(cue.start for cue in cues) == to_frames(0.5) or timeline.sections[0].cues == ()


def in_order(cues: list[Cue]) -> None:
    keys = [(cue.start, KINDS.index(cue.kind)) for cue in cues]
    assert keys == sorted(keys)
    assert all(cue.frames > 0 for cue in cues)


def chapters_lie_on_the_grid(timeline: Timeline) -> None:
    chapters = timeline.chapters
    assert chapters[0].start == 0
    for first, second in pairwise(chapters):
        assert first.end == second.start
        assert second.start % MP3_FRAME == 0
    for section in timeline.sections:
        for cue in section.cues:
            assert section.chapter.start <= cue.start
            assert cue.end <= section.chapter.end


def every_side_and_round(step: PoseStep, cues: list[Cue]) -> None:
    for round in range(1, step.rounds + 1):
        sides = step.pose.sides or (None,)
        here_all = [cue for cue in cues if cue.round == round and cue.kind != "rest"]
        names = [nth for nth, cue in enumerate(here_all) if cue.role == "name"]
        unnamed = not names and step.cues.names in ("off", "short")
        names = [0] if unnamed else names
        assert unnamed or [here_all[nth].side for nth in names] == list(sides)
        for index, (begin, end) in enumerate(pairwise([*names, len(here_all)])):
            here = [cue for cue in here_all[begin:end] if cue.side == sides[index]]
            roles = [cue.role for cue in here]
            assert "release" in roles
            first = round == 1 and index == 0
            wanted = first and step.pose.instructions.for_level(step.level) is not None
            assert ("instructions" in roles) == wanted
            if step.pose.reps:
                counted(step, here)
            else:
                one_hold(here, holds.hold_seconds(step), step.cues)
    rests = [cue for cue in cues if cue.kind == "rest"]
    assert len(rests) == (step.rounds - 1 if step.rest else 0)


def counted(step: PoseStep, cues: list[Cue]) -> None:
    """As many counts as reps, each at the start of its rep, which grows only where the count does not fit."""
    one_hold(cues, None, step.cues)
    (hold,) = [cue for cue in cues if cue.kind == "hold"]
    counts = [cue for cue in cues if cue.role == "count"]
    assert len(counts) == step.pose.reps
    cycle = max(holds.cycle_seconds(step) * RATE, max(cue.frames for cue in counts) + GAP)
    starts = [cue.start - hold.start for cue in counts]
    assert [abs(start - number * cycle) <= 1 for number, start in enumerate(starts)][1:] == [True] * (len(counts) - 1)
    first = [cue.role for cue in cues if hold.start <= cue.start < counts[0].end and cue.kind == "speech"]
    assert (starts[0], first) == (0, ["count"]) or first == ["prompt", "count"]
    if cycle == holds.cycle_seconds(step) * RATE and counts[-1].end < hold.end:
        assert hold.frames == to_frames(holds.hold_seconds(step))


def one_hold(cues: list[Cue], asked: float | None, wanted: Cues) -> None:
    (hold,) = [cue for cue in cues if cue.kind == "hold"]
    if asked is not None:
        assert abs(hold.frames - to_frames(asked)) <= 1
    assert hold.frames == to_frames(hold.asked)
    opening = [cue for cue in cues if cue.role == "begin" or cue.chime == "start"]
    assert len(opening) == (wanted.begin != "off")
    assert all(cue.end + GAP == hold.start for cue in opening)
    assert all((cue.kind == "chime") == (wanted.begin == "short" or hold.asked < 10) for cue in opening)
    (chime,) = [cue for cue in cues if cue.chime == "release"]
    assert chime.start == hold.end
    inside = [cue for cue in cues if cue.kind == "speech" and hold.start <= cue.start < hold.end]
    assert all(cue.end <= hold.end for cue in inside)
    for cue in inside:
        left = hold.end - cue.start
        match cue.role:
            case "halfway":
                late = to_frames(3) if hold.pose is None and hold.round is None else 0
                assert 0 <= cue.start - hold.start - hold.frames // 2 <= late
                assert hold.frames >= to_frames(20)
                assert wanted.halfway != "off"
            case "ten":
                assert left == to_frames(10)
                assert wanted.ten != "off"
                assert hold.frames >= to_frames(30)
            case "countdown":
                assert left in map(to_frames, (1,) if wanted.countdown == "short" else (1, 2, 3))
                assert wanted.countdown != "off"
                assert hold.frames >= to_frames(10)
            case "breath":
                (phase,) = [other for other in cues if other.kind == "breath" and other.start == cue.start]
                assert cue.frames <= phase.frames
                assert wanted.breath != "none"
    for tick in (cue for cue in cues if cue.chime == "tick"):
        assert hold.start < tick.start
        assert tick.end < hold.end
        assert wanted.tick in ("on", "short")
