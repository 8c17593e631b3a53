"""What a listener edits while hearing it: on any routine, at any moment, whatever is wished."""

from dataclasses import dataclass, field, replace

import pytest
from any_routine import WRITTEN, read
from fakes import FakeVoice
from hypothesis import assume, given
from hypothesis import strategies as st
from rules import keeps_time

from audioguide.model.routine import BreatheStep
from audioguide.model.timeline import Timeline
from audioguide.routine.load import load
from audioguide.timeline.compiler import SESSION_START, Compiler, compile, compile_sections
from audioguide.timeline.edit_hold import AT_LIMIT, FADE, EditTime, apply_edit
from audioguide.timeline.edits import NO_EDITS, PlayedCues
from audioguide.timeline.phrases import find_phrases
from audioguide.units import MP3_FRAME, RATE, to_frames

WORDS = find_phrases("en")
VOICE = FakeVoice()
MARGIN = to_frames(0.3)
KEYS = st.sampled_from(["longer", "shorter", "keep"])


@dataclass(frozen=True)
class Version:
    """A session as it is played: its edits, and the sections with their starts."""

    compiler: Compiler
    starts: tuple
    sections: tuple
    edits: dict = field(default_factory=dict)
    message: str = ""

    @property
    def timeline(self):
        return Timeline("", "", self.sections)

    @property
    def cues(self):
        return list(self.timeline.cues)

    def holds(self, step=None):
        return [cue for cue in self.cues if cue.kind == "hold" and step in (None, cue.step)]

    def step(self, cue):
        return next(step for step in self.compiler.routine.steps if step.number == cue.step)

    def press(self, key, position, beyond_limits=False):
        since = position + MARGIN
        index = max(n for n, section in enumerate(self.sections) if section.chapter.start <= since)
        at = EditTime(position, since)
        edits, message = apply_edit(
            self.compiler.routine, self.sections[index], self.edits, key, at, beyond_limits=beyond_limits
        )
        if edits == self.edits:
            return replace(self, message=message)
        later = compile_from(
            self.compiler, self.starts[index], edits, PlayedCues.from_section(self.sections[index], since)
        )
        return Version(
            self.compiler,
            (*self.starts[:index], *later.starts),
            (*self.sections[:index], *later.sections),
            edits,
            message,
        )


def compile_from(compiler, start, edits=NO_EDITS, before=None):
    starts, made = [], []
    while start:
        starts.append(start)
        section, start = compiler.compile_section(start, edits, *([before] if before else []))
        made.append(section)
        before = None
    return Version(compiler, tuple(starts), tuple(made), edits)


def version(routine, voice=VOICE):
    return compile_from(Compiler(routine, voice.measure, WORDS), SESSION_START)


# One routine.

TEXT = """
title: t
steps:
  - pose: {name: Bird, hold: 30s, sides: [left, right], limits: 5s..40s}
  - {pose: {name: Squat, reps: 4}, rounds: 2, rest: 10s}
  - breathe: {pattern: 4-4, rounds: 3}
  - rest: 20s
"""


@pytest.fixture
def one(write):
    return version(load(write(TEXT)))


def said(one):
    """What is said in the first hold, by its role, and when: seconds into it."""
    hold = one.holds()[0]
    inside = [cue for cue in one.cues if cue.kind == "speech" and hold.start <= cue.start < hold.end]
    return [(cue.role, (cue.start - hold.start) / RATE) for cue in inside]


def test_the_session_is_as_much_longer_as_its_holds(one):
    longer = one.press("longer", one.holds()[1].start + to_frames(3))
    assert longer.message == "Bird, right: 35 s"
    assert [hold.asked for hold in longer.holds(1)] == [30, 35]
    more = longer.timeline.frames - one.timeline.frames
    assert more % MP3_FRAME == 0
    assert abs(more - to_frames(5)) < MP3_FRAME


def test_at_its_limit_nothing_moves_any_more(one):
    begun = one.holds()[0].start + to_frames(3)
    longest = one.press("longer", begun).press("longer", begun)
    assert longest.message == f"Bird, left: 40 s, {AT_LIMIT}"
    again = longest.press("longer", begun)
    assert (again.message, again.timeline) == (longest.message, longest.timeline)


COUNTDOWN = [("countdown", 32), ("countdown", 33), ("countdown", 34)]


@pytest.mark.parametrize(
    ("seconds", "there"),
    [
        (12, [("halfway", 17.5), ("ten", 25), *COUNTDOWN]),
        (16, [("halfway", 15), ("ten", 25), *COUNTDOWN]),
        (20.5, [("halfway", 15), ("ten", 20), ("ten", 25), *COUNTDOWN]),
        (27.5, [("halfway", 15), ("ten", 20), ("countdown", 27), *COUNTDOWN]),
    ],
)
def test_what_tells_the_time_left_moves(one, seconds, there):
    """Halfway is not said again, everything else is."""
    assert said(one.press("longer", one.holds()[0].start + to_frames(seconds))) == there


def test_less_than_was_heard_ends_the_hold(one):
    hold = one.holds()[0]
    shorter = one.press("shorter", hold.start + to_frames(26))
    assert shorter.message == "Bird, left ends"
    left, right = shorter.holds(1)
    assert to_frames(26.6) <= left.frames < to_frames(28)
    assert right.asked == 25


def test_a_hold_that_is_over_does_not_change(one):
    position = one.holds()[0].end - 100
    assert one.press("longer", position).message == "There is no hold here to change."


def test_reps_breaths_and_rests(one):
    squat, breathing = one.holds(2)[0], one.holds(3)[0]
    assert one.press("longer", squat.start + to_frames(7)).message == "Squat: 5 reps"
    assert [hold.asked for hold in one.press("longer", squat.start).holds(2)] == [25, 25]
    ended = one.press("shorter", squat.start + to_frames(17))
    assert (ended.message, [hold.asked for hold in ended.holds(2)]) == ("Squat: 4 reps, its shortest", [20, 15])
    assert one.press("shorter", breathing.start + to_frames(1)).message == "Breathing 4-4: 2 breaths"
    rests = [cue for cue in one.cues if cue.kind == "rest"]
    assert [one.press("longer", rest.start + to_frames(2)).message for rest in rests] == ["Rest: 15 s", "Rest: 25 s"]
    assert one.press("keep", rests[0].start + to_frames(2)).message.startswith("A rest cannot be kept going")


def test_the_second_left_is_not_the_first(write):
    """Both sides are `left`: an edit of the second one does not reach back, and one of the first goes on to it."""
    pose = "{pose: {name: Bird, hold: 30s, sides: [left, right], limits: 5s..40s}, sides: [left, left, right]}"
    one = version(load(write(f"title: t\nsteps:\n  - {pose}\n")))
    first, second, _ = one.holds()
    assert [hold.asked for hold in one.press("longer", second.start + to_frames(3)).holds()] == [30, 35, 35]
    assert [hold.asked for hold in one.press("shorter", first.start + to_frames(3)).holds()] == [25, 25, 25]
    kept = one.press("keep", second.start + to_frames(3))
    assert [hold.asked for hold in kept.holds()] == [30, None, 30]


def test_a_hold_that_ends_beyond_its_limit_does_not_end_before(write):
    one = version(
        load(write("title: A\nsteps:\n- {pose: {name: A, limits: 5s..20s}, hold: 20s, breath: 4-6, snap: breath}"))
    )
    start = one.holds()[0].start
    ended = one.press("keep", start).press("shorter", start + to_frames(20))
    assert ended.message == "A ends"
    again = ended.press("longer", start + to_frames(20))
    assert again.holds()[0].frames == ended.holds()[0].frames > to_frames(20)


def test_a_breath_that_was_ended_is_not_taken_back(write):
    """Of 19 breaths and a little of the next one, the little was heard."""
    one = version(load(write("title: t\nsteps:\n  - {breathe: {pattern: 1.5-1.5, rounds: 2}}\n")))
    start = one.holds()[0].start
    ended = one.press("keep", start).press("shorter", start + to_frames(57.3))
    again = ended.press("shorter", start + to_frames(57.3))
    assert (ended.message, again.message) == ("Breathing 1.5-1.5 ends", "Breathing 1.5-1.5: 20 breaths, its shortest")
    assert begun(again, start + to_frames(57.6)) == begun(ended, start + to_frames(57.6))


def test_reps_that_are_held_come_and_go_whole(write):
    """Counted in reps, whatever they last: what was heard of them stays, and the others keep their times."""
    step = "{pose: {name: Press, hold: 5s}, reps: 10, rest: 3s, rounds: 2}"
    one = version(load(write(f"title: t\nsteps:\n  - {step}\n")))
    start = one.holds()[0].start
    longer = one.press("longer", start + to_frames(20))
    assert (longer.message, [hold.asked for hold in longer.holds()]) == ("Press: 11 reps", [85, 85])
    relaxed = [(cue.start - start) / RATE for cue in longer.cues if "elax" in (cue.text or "") and cue.round == 1]
    assert relaxed == [8.0 * n + 5 for n in range(10)]
    shorter = one.press("shorter", start + to_frames(67))
    assert (shorter.message, [hold.asked for hold in shorter.holds()]) == ("Press: 9 reps", [69, 69])
    resting = one.press("shorter", start + to_frames(70))  # after the ninth: no cue before now is changed
    assert (resting.message, [hold.asked for hold in resting.holds()]) == ("Press ends", [70.6, 69])
    assert [hold.asked for hold in one.press("shorter", start + to_frames(74)).holds()] == [77, 69]
    kept = one.press("keep", start + to_frames(20)).press("keep", start + to_frames(90))
    assert to_frames(90) < kept.holds()[0].frames < to_frames(93)
    shortest = one  # in "Hold.", before the first count
    for _ in range(10):
        shortest = shortest.press("shorter", start)
    assert (shortest.message, shortest.holds()[0].asked) == ("Press: 1 rep, its shortest", 5)


def test_a_breath_that_should_have_begun_before_is_not_taken_up_in_its_middle(write):
    """Of a third breath from 20 s on there was no room; at 22 s there is, but nobody breathes out first."""
    one = version(load(write("title: t\nsteps:\n  - {pose: {name: P, hold: 25s}, breath: 4-6}\n")))
    start = one.holds()[0].start
    for seconds, starts in ((19, [0, 4, 10, 14, 20, 24]), (22, [0, 4, 10, 14])):
        longer = one.press("longer", start + to_frames(seconds))
        assert [(cue.start - start) / RATE for cue in longer.cues if cue.kind == "breath"] == starts


def test_what_is_kept_going_has_no_end_to_tell_of(one):
    hold = one.holds()[0]
    kept = one.press("keep", hold.start + to_frames(12))
    assert kept.holds()[0].asked is None
    assert said(kept) == []
    over = kept.press("keep", hold.start + to_frames(300))
    assert over.holds()[0].frames == to_frames(300) + MARGIN + FADE
    assert over.holds()[1] == replace(one.holds()[1], start=over.holds()[1].start)


# Any routine.


@given(WRITTEN, st.data())
def test_a_section_depends_on_its_start_alone(written, data):
    routine = read(written)
    whole = version(routine)
    index = data.draw(st.integers(0, len(whole.starts) - 1))
    later = compile_sections(routine, VOICE.measure, WORDS, whole.starts[index]).values()
    assert [section for section, _ in later] == list(whole.sections[index:])


PRESSES = st.tuples(KEYS, st.integers(0, 20), st.one_of(st.floats(0, 1), st.floats(-5, 3), st.floats(0, 120)))
"""Which key is pressed in which hold (or rest), and when: a share of it, or so many seconds after its start."""


@given(WRITTEN, st.lists(PRESSES, min_size=1, max_size=6), st.sampled_from([2.0, 15.0, 60.0]), st.booleans())
def test_after_any_presses_what_was_played_stays_and_the_rules_are_kept(written, presses, pace, beyond):
    one = version(read(written), FakeVoice(pace))
    for key, number, when in presses:
        held = [cue for cue in one.cues if cue.kind in ("hold", "rest")]
        assume(held)
        cue = held[number % len(held)]
        position = cue.start + (int(when * cue.frames) if 0 <= when <= 1 else to_frames(when))
        position = min(max(position, 0), one.timeline.frames - 1)
        before, one = one, one.press(key, position, beyond)
        since = position + MARGIN
        assert begun(one, since) == begun(before, since)
        keeps_time(one.timeline)
        for hold in one.holds() if one.edits != before.edits else ():
            check_hold(hold, one, since)


def begun(one, since):
    """The cues that have begun by a frame. What goes on after it may end elsewhere: a hold, and with it a breath."""
    cues = [cue for cue in one.cues if cue.start < since]
    going = ("hold", "rest", "breath")
    return [replace(cue, frames=0, asked=None) if cue.kind in going and cue.end >= since else cue for cue in cues]


def check_hold(hold, one, since):
    """Contract 2 for a hold that may have been changed; what was said of its old end is where it was."""
    kept = hold.asked is None
    last = max((other.end for other in one.holds(hold.step) if other.start < hold.start), default=0)
    near = [cue for cue in one.cues if last < cue.start <= hold.end]  # the same side may come twice
    here = [cue for cue in near if (cue.step, cue.round, cue.side) == (hold.step, hold.round, hold.side)]
    opening = [cue for cue in here if cue.role == "begin" or cue.chime == "start"][-1:]
    assert opening or one.step(hold).cues.begin == "off"
    assert all(cue.end + to_frames(0.25) == hold.start for cue in opening)
    (chime,) = [cue for cue in here if cue.chime == "release"]
    assert chime.start == hold.end
    breaths = {cue.start for cue in here if cue.kind == "breath"}
    inside = [cue for cue in here if hold.start <= cue.start < hold.end and cue.kind in ("speech", "breath")]
    assert all(cue.end <= hold.end for cue in inside)
    assert sum(cue.role == "halfway" for cue in inside) <= 1
    counts = [cue.text for cue in inside if cue.role == "count"]
    assert counts == [WORDS.count(n + 1) for n in range(len(counts))]
    for cue in inside:
        left = hold.end - cue.start
        if cue.role == "breath":
            assert cue.start in breaths
        if cue.start >= since and cue.role in ("halfway", "ten", "countdown"):
            assert not kept
            late = to_frames(3) if isinstance(one.step(hold), BreatheStep) else 0
            half = hold.frames - hold.frames // 2
            moments = {"halfway": range(half - late, half + 1), "ten": [to_frames(10)]}
            assert left in moments.get(cue.role, [to_frames(1), to_frames(2), to_frames(3)])


@given(WRITTEN, st.data(), st.lists(st.sampled_from(["longer", "shorter"]), min_size=1, max_size=3))
def test_before_the_hold_begins_it_is_as_if_it_had_been_asked_for(written, data, keys):
    """Of a pose whose words do not name the hold: what was said of it before the change cannot be unsaid."""
    assume("{hold}" not in str(written) and "halfway-session" not in str(written))  # planned, not as it is edited
    routine = read(written)
    changed = version(routine)
    assume(changed.holds())
    for key in keys:
        hold = data.draw(st.sampled_from(changed.holds()))
        named = next(cue.start for cue in changed.cues if cue.step == hold.step)
        changed = changed.press(key, named - MARGIN)
    lengths = {hold.step: edit.length for hold, edit in changed.edits.items()}
    steps = [held(step, lengths[step.number]) if step.number in lengths else step for step in routine.steps]
    again = compile(replace(routine, steps=tuple(steps)), VOICE.measure, WORDS)
    assert changed.sections == again.sections


def held(step, length):
    if isinstance(step, BreatheStep):
        return replace(step, rounds=int(length.amount), climb=step.rounds)
    if length.unit == "reps":
        return replace(step, pose=replace(step.pose, reps=int(length.amount)))
    return replace(step, hold=length)


@given(WRITTEN, st.floats(0, 1), st.integers(1, 4))
def test_longer_and_shorter_again_is_as_it_was(written, share, times):
    assume("{hold}" not in str(written))
    one = version(read(written))
    position = int(share * (one.timeline.frames - 1))
    other = one
    for key in ["longer"] * times + ["shorter"] * times:
        other = other.press(key, position, beyond_limits=True)
        assume("ends" not in other.message)  # what would be over by now is over
    assert other.sections == one.sections
