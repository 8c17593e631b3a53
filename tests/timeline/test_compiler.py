"""Contract 2: what is heard, and when."""

from dataclasses import replace
from itertools import pairwise, product

import pytest
from any_routine import WRITTEN, read
from fakes import FakeVoice
from hypothesis import given
from hypothesis import strategies as st
from rules import keeps_the_rules

from audioguide.errors import RoutineError
from audioguide.model.options import Options
from audioguide.model.routine import BackgroundSpec
from audioguide.model.timeline import Stretch, Utterance
from audioguide.routine.customise import customise
from audioguide.routine.load import load
from audioguide.routine.sources import read_pose
from audioguide.system import paths
from audioguide.timeline.compiler import LEAD_IN, SESSION_START, Compiler, compile
from audioguide.timeline.phrases import LanguageTexts, Phrases, find_phrases
from audioguide.timeline.scheduler import BREATHER
from audioguide.units import MP3_FRAME, RATE, to_frames

WORDS = find_phrases("en")
VOICE = FakeVoice()


def first_wordings(data, key=""):
    """A language of which each first wording is said, and never another."""
    if isinstance(data, dict):
        return {key: first_wordings(value, key) for key, value in data.items()}
    return data[:1] if key in ("halfway", "release", "full", "name") else data


PLAIN = Phrases(LanguageTexts.model_validate(first_wordings(WORDS.texts.model_dump(by_alias=True))))


def compiled(text, write, voice=VOICE, **options):
    routine = customise(load(write(text)), Options(**options)).routine
    timeline = compile(routine, voice.measure, PLAIN)
    keeps_the_rules(routine, timeline)
    return timeline


def pose_routine(step, extra=""):
    return f"title: t\n{extra}steps:\n  - {step}\n"


def said(timeline, role=None):
    return [cue.text for cue in timeline.cues if cue.kind == "speech" and role in (None, cue.role)]


def hold_of(timeline):
    return next(cue for cue in timeline.cues if cue.kind == "hold")


STILL = "{pose: {name: Pose, hold: %s, limits: 1s..600s}%s}"


@pytest.mark.parametrize("path", paths.routine_files().values(), ids=lambda path: path.stem)
def test_every_shipped_routine_keeps_the_rules(path):
    for level, scale, pace in product(("brief", "normal", "full"), (0.5, 1, 2), (8.0, 15.0, 40.0)):
        routine = customise(load(path), Options(level=level, scale=scale)).routine
        keeps_the_rules(routine, compile(routine, FakeVoice(pace).measure, find_phrases(routine.language)))


def test_the_order_of_a_pose(write):
    text = pose_routine(
        "{pose: {name: Bird, sides: [left, right], instructions: Do it., hold: 12s}, rounds: 2, rest: 5s}"
    )
    timeline = compiled(text, write)
    chapters = [chapter.title for chapter in timeline.chapters]
    assert chapters == ["Introduction", "Bird, round 1 of 2", "Bird, round 2 of 2"]
    outside = ("name", "instructions", "begin", "release", "say")
    assert [cue.text for cue in timeline.cues if cue.role in outside] == [
        *("Bird, left.", "Do it.", "Begin.", "And release."),
        *("Bird, right.", "Begin.", "And release.", "Rest."),
        *("Bird, left. Last round.", "Begin.", "And release."),
        *("Bird, right. Last round.", "Begin.", "And release."),
    ]


def test_a_short_hold_opens_with_a_chime(write):
    for seconds, kind in ((9.99, "chime"), (10, "speech")):
        timeline = compiled(pose_routine(STILL % (f"{seconds}s", "")), write)
        hold = hold_of(timeline)
        opening = max((cue for cue in timeline.cues if cue.end <= hold.start), key=lambda cue: cue.end)
        assert opening.kind == kind
        assert opening.frames == to_frames(0.25) or kind == "speech"


def test_settling_takes_longer_when_the_position_changes(write):
    pose = "pose: {name: P, position: %s, hold: 10s, instructions: Do it.}"
    steps = [pose % "supine", pose % "supine", pose % "prone", (pose % "prone") + ", settle: 1s"]
    text = "title: t\nsteps:\n" + "".join(f"  - {{{step}}}\n" for step in steps)
    cues = [cue for cue in compiled(text, write).cues if cue.kind == "speech"]
    waits = [second.start - first.end for first, second in pairwise(cues) if second.role == "begin"]
    assert waits == [to_frames(8), to_frames(3), to_frames(8), to_frames(1)]


@pytest.mark.parametrize(("level", "cycles"), [("brief", [0]), ("normal", [0, 1, 4, 7, 10]), ("full", list(range(12)))])
def test_which_breaths_are_voiced(write, level, cycles):
    text = pose_routine(STILL % ("125s", ", breath: 4-6"))
    timeline = compiled(text, write, level=level)
    hold = hold_of(timeline)
    breaths = [cue for cue in timeline.cues if cue.kind == "breath"]
    assert len(breaths) == 24
    assert breaths[-1].end - hold.start == to_frames(120)
    outs = [cue for cue in timeline.cues if cue.role == "breath" and "out" in cue.text.lower()]
    voiced = [(cue.start - hold.start) // to_frames(10) for cue in outs]
    taken = {6, 11} if level != "brief" else set()  # by "halfway" and "ten seconds", whichever they meet
    assert set(cycles) - taken <= set(voiced) <= set(cycles)


def test_no_breath_pattern_means_no_breath_cues(write):
    timeline = compiled(pose_routine(STILL % ("60s", "")), write)
    assert not [cue for cue in timeline.cues if cue.kind == "breath" or cue.role == "breath"]
    assert said(timeline, "halfway") == ["Halfway."]
    assert said(timeline, "ten") == ["Ten seconds."]
    assert said(timeline, "countdown") == ["Three.", "Two.", "One."]


@pytest.mark.parametrize(
    ("seconds", "roles"),
    [
        (9.9, set()),
        (10, {"countdown"}),
        (19.9, {"countdown"}),
        (20, {"countdown", "halfway"}),
        (29.9, {"countdown", "halfway"}),
        (30, {"countdown", "halfway", "ten"}),
    ],
)
def test_what_a_hold_of_some_length_says(write, seconds, roles):
    timeline = compiled(pose_routine(STILL % (f"{seconds}s", "")), write)
    assert {cue.role for cue in timeline.cues} & {"countdown", "halfway", "ten"} == roles


def test_who_gives_way(write):
    """At 20 s half lies on ten seconds before the end, where the second in-breath begins, too."""
    timeline = compiled(pose_routine(STILL % ("20s", ", breath: 4-6")), write)
    at_half = [
        cue.text
        for cue in timeline.cues
        if cue.kind == "speech" and cue.start == hold_of(timeline).start + to_frames(10)
    ]
    assert at_half == ["Halfway."]
    own = ", breath: 4-6, prompts: [{at: half, say: My own words.}, {at: -3s, say: Nearly there.}]"
    timeline = compiled(pose_routine(STILL % ("20s", own)), write)
    assert said(timeline, "prompt") == ["My own words.", "Nearly there."]
    assert not said(timeline, "halfway")
    assert "Three." not in said(timeline)


def test_own_prompts_in_all_their_moments(write):
    own = (
        ", prompts: [{at: 5s, say: a}, {at: -5s, say: b}, {at: half, say: c}, {every: 20s, say: d}, {at: 90s, say: e}]"
    )
    timeline = compiled(pose_routine(STILL % ("60s", own)), write)
    hold = hold_of(timeline)
    prompts = [(cue.text, round((cue.start - hold.start) / RATE)) for cue in timeline.cues if cue.role == "prompt"]
    assert prompts == [("a", 5), ("d", 20), ("c", 30), ("d", 40), ("b", 55)]


def test_a_breath_word_longer_than_its_phase_is_shortened_and_then_left_out(write):
    for pace, expected in ((15, "Breathe in."), (6, "In."), (1.5, None)):
        timeline = compiled(pose_routine(STILL % ("9s", ", breath: 1.5-1.5")), write, FakeVoice(pace))
        assert (said(timeline, "breath") or [None])[0] == expected


def test_moving_poses_have_only_their_words(write):
    pose = "{name: Cat, breath: 4-6, hold: 4 breaths, breath_words: {in: Arch, out: Round}}"
    timeline = compiled(pose_routine(f"{{pose: {pose}}}"), write)
    assert said(timeline, "breath") == ["Arch", "Round"] * 4
    assert not {"halfway", "ten", "countdown"} & {cue.role for cue in timeline.cues}


def test_counts_are_never_left_out(write):
    pose = "{name: Squat, reps: 12, tempo: %s}"
    timeline = compiled(pose_routine(f"{{pose: {pose % '2-1-2'}}}"), write)
    hold = hold_of(timeline)
    counts = [cue for cue in timeline.cues if cue.role == "count"]
    assert [cue.text for cue in counts][:3] == ["One.", "Two.", "Three."]
    assert [cue.start - hold.start for cue in counts] == [to_frames(5) * n for n in range(12)]
    slow = compiled(pose_routine(f"{{pose: {pose % '0.3-0-0.2'}}}"), write)
    assert len(said(slow, "count")) == 12
    assert hold_of(slow).asked > 12 * 0.5


def test_a_rest_is_exactly_its_length_and_grows_only_where_not_even_one_word_fits(write):
    text = "title: t\nsteps:\n  - rest: %s\n  - pose: bridge\n"
    for seconds, announced, length in ((20, "Rest. Next, Bridge.", 20), (1, "Rest.", 1), (0.3, "Rest.", None)):
        timeline = compiled(text % f"{seconds}s", write)
        rest = next(cue for cue in timeline.cues if cue.kind == "rest")
        assert said(timeline, "say") == [announced, *said(timeline, "say")[1:]]
        assert rest.frames == (to_frames(length) if length else VOICE.measure(Utterance("Rest.", "say")))


def test_breathing_voices_every_cycle(write):
    timeline = compiled("title: t\nsteps:\n  - breathe: {pattern: 4-7-8, rounds: 4}\n", write)
    hold = hold_of(timeline)
    assert (hold.pose, hold.asked) == (None, 76)
    assert [cue.phase for cue in timeline.cues if cue.kind == "breath"] == ["in", "hold", "out"] * 4
    assert len(said(timeline, "breath")) == 12
    assert not any(said(timeline, role) for role in ("halfway", "ten", "countdown"))


def test_a_caution_is_said_once_in_a_session(write):
    pose = "{name: %s, hold: 10s, caution: Mind your knees., instructions: Do it.}"
    text = "title: t\nsteps:\n" + "".join(f"  - pose: {pose % name}\n" for name in "AB")
    timeline = compiled(text, write)
    assert said(timeline).count("Mind your knees.") == 1
    assert said(timeline)[:3] == ["A.", "Mind your knees.", "Do it."]


def test_placeholders_are_filled(write):
    text = """\
title: t
steps:
  - say: First comes {next}.
  - pose:
      name: Bird
      hold: 1m30s
      limits: 5s..2m
      sides: [left, right]
      instructions: "{pose}, for {hold}, {side} first, then {next}."
  - pose: bridge
"""
    timeline = compiled(text, write)
    assert said(timeline, "say")[0] == "First comes Bird."
    assert said(timeline, "instructions")[0] == "Bird, for one minute and 30 seconds, left first, then Bridge."


def test_a_changed_hold_moves_all_that_follows_by_whole_mp3_frames(write):
    text = "title: t\nsteps:\n  - {pose: bridge, hold: %s}\n  - pose: cat-cow\n  - pose: childs-pose\n"
    before, after = (compiled(text % f"{seconds}s", write) for seconds in (20, 21.2345))
    shift = after.chapters[2].start - before.chapters[2].start
    assert shift % MP3_FRAME == 0
    later = lambda timeline: [cue for section in timeline.sections[2:] for cue in section.cues]  # noqa: E731
    unplaced = [replace(cue, start=cue.start + shift) for cue in later(before)]
    assert unplaced == later(after)


def test_a_text_with_pauses_is_said_in_pieces(write):
    text = 'title: t\nsteps:\n  - say: "One. {pause 2s} Two. {pause 0.1s} Three. {pause 5s}"\n  - say: Four.\n'
    first, second, third, fourth = (cue for cue in compiled(text, write).cues if cue.kind == "speech")
    assert [cue.text for cue in (first, second, third, fourth)] == ["One.", "Two.", "Three.", "Four."]
    assert second.start - first.end == to_frames(2)
    assert third.start - second.end == to_frames(0.25), "never less than the gap between two clips"
    assert fourth.start - third.end == to_frames(5)


def test_a_pause_that_a_text_begins_with_is_all_the_silence_before_it(write):
    said = 'title: t\nsteps:\n  - pose: {name: P, hold: 5s, instructions: "{pause 5s} Fold."}\n'
    timeline = compiled(said + '  - say: "{pause 2s} Two."\n  - say: "{pause 0.1s} Three."\n', write)
    cues = [cue for cue in timeline.cues if cue.kind == "speech"]
    silence = {after.text: after.start - before.end for before, after in pairwise(cues)}
    assert (silence["Fold."], silence["Two."], silence["Three."]) == (to_frames(5), to_frames(2), to_frames(0.25))


def test_words_after_until_begin_so_long_after_their_text_did(write):
    text = 'title: t\nsteps:\n  - say: "One. {until 9.25s} Two. {until 0.1s} Three. {Until 1:00}"\n'
    text += '  - say: "Four. {pause 3s} {until 7s} Five. {pause 9s} {until 12s} Six."\n'
    text += '  - pose: {name: P, hold: 5s, instructions: "{until 4s} Fold."}\n  - say: "{until 7s} Seven."\n'
    cues = compiled(text, write).cues
    at = {cue.text: cue.start for cue in cues}
    two = next(cue for cue in cues if cue.text == "Two.")
    assert at["Two."] - at["One."] == to_frames(9.25)
    assert at["Three."] - two.end == to_frames(0.25), "never less than the gap between two clips"
    assert at["Four."] - at["One."] == to_frames(60), "a text that ends with a mark lasts until then"
    text = 'title: t\nsteps:\n  - say: "Go on. {until %ss}"\n  - say: Four.\n'
    (go_on, four), (_, late) = (compiled(text % end, write).cues for end in (1, 0.1))
    assert four.start == go_on.start + to_frames(1) < go_on.end + BREATHER, "with no more silence"
    assert late.start == go_on.end + to_frames(0.25), "as soon as it may"
    assert at["Five."] - at["Four."] == to_frames(7)
    assert at["Six."] - next(cue for cue in cues if cue.text == "Five.").end == to_frames(9)
    assert at["Fold."] - next(cue for cue in cues if cue.role == "name").end == to_frames(4)
    release = [cue for cue in cues if cue.kind == "speech"][-2]
    assert at["Seven."] - max(release.end, next(cue for cue in cues if cue.chime == "release").end) == to_frames(7)


def test_a_pause_in_instructions_keeps_their_role_and_begin_exact(write):
    timeline = compiled(pose_routine('{pose: {name: P, hold: 10s, instructions: "Sit. {pause 3s} Fold."}}'), write)
    assert said(timeline, "instructions") == ["Sit.", "Fold."]


def test_words_may_open_a_chapter(write):
    text = "title: t\nsteps:\n  - say: Hello.\n  - {say: Walk., chapter: Warming up}\n  - pose: bridge\n"
    timeline = compiled(text, write)
    assert [chapter.title for chapter in timeline.chapters] == ["Introduction", "Warming up", "Bridge"]
    assert [cue.text for cue in timeline.sections[1].cues] == ["Walk."]
    timeline = compiled(text.replace("  - say: Hello.\n", ""), write)
    assert [chapter.title for chapter in timeline.chapters] == ["Warming up", "Bridge"], "with nothing to introduce"
    assert timeline.cues[0].start == LEAD_IN


def test_sections_come_before_the_rest_is_measured(write):
    routine = load(write("title: t\nsteps:\n  - say: One.\n  - pose: bridge\n  - say: Last of all.\n"))
    asked = []

    def measure(utterance):
        asked.append(utterance.text)
        return VOICE.measure(utterance)

    first, _ = Compiler(routine, measure, WORDS).compile_section(SESSION_START)
    assert first.chapter.title == "Introduction"
    assert asked == ["One."]


def test_a_session_of_over_twelve_hours_is_refused(write):
    routine = load(write("title: t\nsteps:\n  - repeat: 700\n    steps:\n      - {pose: bridge, hold: 60s}\n"))
    with pytest.raises(RoutineError, match="longer than 12h"):
        compile(routine, FakeVoice(characters_per_second=1).measure, WORDS)


@given(WRITTEN, st.sampled_from([2.0, 8.0, 15.0, 60.0]), st.sampled_from([None, 0.5, 2.0]))
def test_any_routine_at_any_pace_keeps_the_rules(written, pace, scale):
    routine = customise(read(written), Options(scale=scale, beyond_limits=True)).routine
    keeps_the_rules(routine, compile(routine, FakeVoice(pace).measure, WORDS))


def test_the_library_is_within_its_own_limits():
    for id in paths.pose_files():
        pose = read_pose(id)[0]
        if pose.hold and not pose.is_moving and pose.hold.unit == "seconds":
            assert pose.limits.shortest <= pose.hold.amount <= pose.limits.longest, id


def test_words_between_poses_name_the_poses_around_them(write):
    text = 'title: t\nsteps:\n  - pose: bridge\n  - say: "That was {pose}. Then comes {next}."\n'
    assert said(compiled(text, write), "say")[-1] == "That was Bridge. Then comes a moment of rest."
    assert said(compiled(text + "  - pose: cat-cow\n", write), "say")[1] == "That was Bridge. Then comes Cat-cow."


ALWAYS = """
title: t
defaults: {background: {name: ocean, during: always}}
steps:
  - say: Hello.
  - {pose: {name: One, hold: 20s}, rounds: 2}
  - {pose: {name: Two, hold: 20s}, background: {name: rain, during: holds}}
  - {rest: 20s, background: singing-bowls}
  - say: That is all.
"""


def test_what_sounds_always_is_laid_from_step_to_step(write):
    timeline = compiled(ALWAYS, write)
    ocean, bowls = BackgroundSpec("ocean", "always"), BackgroundSpec("singing-bowls", "always")
    intro, one, again, two = timeline.sections
    for section in (intro, one, again):
        assert section.backgrounds == (Stretch(ocean, section.chapter.start, section.chapter.end),)
    assert [section.following for section in timeline.sections] == [ocean, ocean, None, None]
    (rest,) = [cue for cue in two.cues if cue.kind == "rest"]
    end = rest.end
    assert two.backgrounds == (Stretch(bowls, rest.start, end), Stretch(ocean, end, two.chapter.end))
    assert rest.background == bowls
    assert [cue.background.title for cue in timeline.cues if cue.kind == "hold"] == ["ocean", "ocean", "rain"]


def test_what_sounds_in_holds_only_is_laid_nowhere_else(write):
    timeline = compiled(ALWAYS.replace(", during: always", ""), write)
    assert all(not section.backgrounds and section.following is None for section in timeline.sections)


def test_a_silent_chime_moves_nothing(write):
    bell, silent = (compiled(ALWAYS, write, chime=chime) for chime in ("bell", "none"))
    assert [replace(cue, sound=None) for cue in bell.cues] == list(silent.cues)
    assert {cue.sound for cue in bell.cues if cue.kind == "chime"} == {"bell"}
