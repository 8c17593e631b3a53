"""Routine text to Routine, and every problem at once."""

from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from audioguide.errors import RequestError, RoutineError
from audioguide.model.routine import BackgroundSpec, BreatheStep, BreathPattern, Length, PoseStep, RestStep, SayStep
from audioguide.routine.load import load, salvage
from audioguide.schema.document import parse_document
from audioguide.system import paths

EXAMPLE = """\
title: Lower-back cool-down
description: A gentle floor sequence for after a run.
tags: [cool-down, lower-back]
defaults: {hold: 30s, breath: 4-6, background: warm-drone, voice: heart, level: normal}
steps:
  - say: Walk around for a minute until your breath has settled.
  - pose: childs-pose
  - pose: pelvic-tilt
    hold: 2 breaths
    rounds: 3
    rest: 10s
  - pose:
      name: Doorway chest opener
      instructions: Rest your forearms on the frame and step gently through.
      hold: 30s
      limits: 10s..60s
      sides: [left arm, right arm]
  - breathe: {pattern: 4-7-8, rounds: 4}
  - rest: 20s
  - repeat: 2
    steps: [{pose: cat-cow}, {rest: 5s}]
  - include: taster
"""


def problems(path):
    with pytest.raises(RoutineError) as caught:
        load(path)
    return [str(problem).partition(path.name + ":")[2] for problem in caught.value.problems]


def test_every_kind_of_step(write):
    routine = load(write(EXAMPLE))
    kinds = [type(step) for step in routine.steps[:10]]
    assert kinds[:6] == [SayStep, PoseStep, PoseStep, PoseStep, BreatheStep, RestStep]
    assert kinds[6:] == [PoseStep, RestStep, PoseStep, RestStep]
    assert [step.number for step in routine.steps] == list(range(1, len(routine.steps) + 1))
    childs_pose, tilt, opener = routine.steps[1:4]
    assert (childs_pose.hold, childs_pose.origin) == (Length(30), "default")
    assert (tilt.hold, tilt.rounds, tilt.rest) == (Length(2, "breaths"), 3, 10)
    assert opener.pose.sides == ("left arm", "right arm")
    assert not opener.in_library
    assert routine.steps[4].pattern == BreathPattern(4, 7, 8, 0)
    assert routine.steps[1].place.line == 7
    assert routine.steps[-1].place.file.endswith("taster.yaml")


@pytest.mark.parametrize("path", paths.routine_files().values(), ids=lambda path: path.stem)
def test_every_shipped_routine_loads(path):
    assert load(path).steps


def test_a_bare_id_and_its_nearest():
    assert load("taster").id == "taster"
    with pytest.raises(RequestError, match=r"Did you mean taster\?"):
        load("tasster")


@pytest.mark.parametrize(
    ("steps", "hold", "breath"),
    [
        ("- pose: childs-pose", "45s", "4-6"),
        ("- {pose: childs-pose, hold: 20s}", "20s", "4-6"),
        ("- {repeat: 1, hold: 25s, steps: [{pose: childs-pose}]}", "25s", "4-6"),
        ("- {repeat: 1, hold: 25s, breath: 3-5, steps: [{pose: childs-pose, hold: 22s}]}", "22s", "3-5"),
    ],
)
def test_the_nearest_setting_counts(write, steps, hold, breath):
    step = load(write(f"title: t\nsteps:\n  {steps}\n")).steps[0]
    assert (str(step.hold), str(step.breath)) == (hold, breath)


BEDS = """
title: t
defaults: {background: {name: ocean, during: always, gain: -16}, chime: bowl}
steps:
  - say: Hello.
  - {pose: bridge, background: rain}
  - {pose: bridge, background: {gain: -20}, chime: none}
  - {repeat: 1, background: {during: holds}, steps: [{pose: bridge, background: {name: rain}}, {rest: 5s}]}
  - {rest: 20s, background: singing-bowls}
  - {breathe: {pattern: 4-6, rounds: 2}, background: none, chime: wood}
"""


def test_a_background_says_what_it_says_and_leaves_the_rest_as_it_is_around(write):
    say, rain, soft, held, rest, bowls, breathe = load(write(BEDS)).steps
    ocean = BackgroundSpec("ocean", "always", -16.0)
    assert say.background == ocean
    assert rain.background == replace(ocean, name="rain")
    assert soft.background == replace(ocean, gain=-20.0)
    assert held.background == replace(ocean, name="rain", during="holds")
    assert (rest.background, rest.held) == (replace(ocean, during="holds"), False)
    assert (bowls.background, bowls.held) == (replace(ocean, name="singing-bowls"), True)
    assert breathe.background is None
    assert [step.chime for step in (rain, soft, breathe)] == ["bowl", None, "wood"]


def test_without_a_word_it_is_the_drone_in_the_holds_and_the_bell(write):
    (step,) = load(write("title: t\nsteps:\n  - pose: bridge\n")).steps
    assert (step.background, step.chime) == (BackgroundSpec("warm-drone", None, -13.0, -24.0), "bell")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("background: {gian: -3}", "There is no key 'gian' here. Did you mean gain?"),
        ("background: {gain: 3}", "'gain' cannot be 3"),
        ("background: {during: alway}", "'during' cannot be 'alway'. Write 'holds' or 'always'."),
        ("background: {between: -20}", "`between` is for a background that sounds between the holds as well."),
        ("background: [rain]", "'background' has to be text"),
        ("chime: gong", "'chime' cannot be 'gong'. Write 'bell', 'bowl', 'wood' or 'none'."),
    ],
)
def test_a_wrong_background_or_chime_is_located(write, written, said):
    (found,) = problems(write(f"title: t\nsteps:\n  - {{pose: bridge, {written}}}\n"))
    assert found.startswith("3:")
    assert said in found


def test_an_include_brings_its_defaults_and_the_including_step_outranks_them(write):
    write("title: inner\ndefaults: {hold: 20s, level: full}\nsteps:\n  - pose: childs-pose\n", "inner.yaml")
    outer = "title: outer\ndefaults: {hold: 50s}\nsteps:\n  - include: inner\n  - {include: inner, hold: 25s}\n"
    first, second = load(write(outer)).steps
    assert (first.hold, first.level) == (Length(20), "full")
    assert (second.hold, second.level) == (Length(25), "full")


def test_everything_wrong_is_found_in_one_pass(write):
    text = """\
titel: a
steps:
  - pose: chlds-pose
  - pose: childs-pose
    hld: 4
  - poze: x
  - {pose: bird-dog, hold: -5s}
  - say: hello {nam}
  - rest: 20
    say: x
  - breathe: {pattern: 4, rounds: 0}
"""
    assert problems(write(text)) == [
        "1:1: There is no key 'titel' here. Did you mean title? [unknown-key]",
        "3:11: There is no pose 'chlds-pose' in the library. Did you mean childs-pose? [unknown-pose]",
        "5:5: There is no key 'hld' here. Did you mean hold? [unknown-key]",
        "6:5: A step is one of pose, say, rest, breathe, repeat, include; this is none of them. Did you mean pose? "
        "[unknown-step]",
        "7:28: -5s is not a length of time: it has to be more than 0 seconds. Write 45s, 1m30s, 1:30 or 2 min. "
        "[not-a-hold]",
        "8:10: {nam} stands for nothing. Known: hold, next, pose, round, rounds, side. "
        "A batch file may have a column 'nam'. [unknown-placeholder]",
        "9:5: One step cannot be both 'say' and 'rest'. Give each a dash of its own. [mixed-step]",
        "11:24: 4 is not a breath pattern. Write 4-6, 4-7-8 or 4-4-4-4. [not-a-breath-pattern]",
        "11:35: 'rounds' cannot be 0: 1 is the least. Write 1 or more. [out-of-range]",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("title: a\nsteps:\n\t- say: hi\n", "3:1: There is a tab here"),
        ("title: a\ntitle: b\nsteps:\n  - say: hi\n", "2:1: The key 'title' stands here a second time"),
        ("title: a\nsteps: []\n", "2:8: 'steps' is empty."),
        ("", "1:1: The file is empty."),
        ("just words\n", "1:1: This is not a routine"),
        ("title: [a\n", "1:8: The [ that opens here is never closed."),
        ("title: a\nsteps: &s\n  - {repeat: 2, steps: *s}\n", "3:24: This alias stands for something"),
        ("[" * 3000, "1:1001: This is nested too deeply"),
        ("title: a\nsteps:\n  - include: routine\n", "3:14: This includes itself: routine → routine."),
        ("title: a\nsteps:\n  - {repeat: 999, steps: [{repeat: 999, steps: [{rest: 1}]}]}\n", "3:5: With this the"),
        ("title: a\nsteps:\n  - rest: 12h\n  - rest: 1s\n", "4:5: With this the session is longer than 12h"),
        ("title: a\nsteps:\n  - {pose: bridge, hold: 1e9}\n", "3:26: 1000000000 is longer than"),
        ("title: a\nsteps:\n  - pose: {name: x, breath_words: {in: a, out: b}}\n", "3:11: 'x' is done by the breath"),
        ("title: a\nsteps:\n  - pose: {name: x, hold: 2 breaths}\n", "3:27: 2 breaths is counted in breaths"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(write, text, expected):
    assert problems(write(text))[0].startswith(expected)


def test_aliases_do_not_fill_the_memory(write):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    assert "There is far too much in this file" in problems(write("\n".join(lines)))[0]


@pytest.mark.parametrize("raw", [b"\xff\xfet\x00i\x00", b"title: caf\xe9\n", b"\x00\x01\x02"])
def test_other_encodings_and_binaries_are_located(tmp_path, raw):
    path = tmp_path / "routine.yaml"
    path.write_bytes(raw)
    assert problems(path)[0].startswith("1:")


def test_a_byte_order_mark_is_no_matter(tmp_path):
    path = tmp_path / "routine.yaml"
    path.write_bytes(b"\xef\xbb\xbftitle: a\nsteps:\n  - say: hi\n")
    assert load(path).title == "a"


ODD_KEYS = st.sampled_from(["", "@", "@say", "@pose", "@levels", "[key]", "0", "-1", "\0", "\n", "😀", "\ud800"])
"""Among them those that pydantic has in its locations."""

YAMLISH = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 10**10) | st.sampled_from([10**400, -(10**400)]),
        st.floats(),
        st.sampled_from(["childs-pose", "4-6", "30s", "-5s", "5 breaths", "full", "breath", "{pose}", ""]),
        st.text(max_size=6),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(
            st.sampled_from(
                "title steps pose say rest breathe repeat include hold rounds pattern name sides prompts at every "
                "instructions defaults limits tempo reps breath_words in out optional zzz".split()
            )
            | ODD_KEYS,
            inner,
            max_size=5,
        ),
    ),
    max_leaves=25,
)


@given(
    st.dictionaries(st.sampled_from(["title", "steps", "defaults", "tags", "pose", "say", "zzz"]) | ODD_KEYS, YAMLISH)
)
@example({"@": None})
@example({"title": "T", "pose": "bridge", "say": "Two kinds, and no step."})
@example({"title": "\ud800"})
@example({"title": "T", "\ud800": 1})
@example({"title": "T", "steps": {"": None}})
@example({"title": "T", "steps": [{"@say": 1}, {"say": "Hi.", "@say": 1}, {"pose": {"name": "A", "@pose": {}}}]})
@example({"title": "T", "steps": [{"repeat": 2, "steps": [{"rest": 1, "": 1}, {"repeat": 2, "steps": [{"@": 1}]}]}]})
@example({"title": "T", "steps": [{"pose": "bridge", "hold": 10**400, "rounds": 10**400}]})
@example({"title": "T", "steps": [{"say": "Hi. {pause " + "9" * 400 + ":00:00} Ho."}]})
def test_anything_is_a_routine_or_has_located_problems(data):
    import json

    try:
        document = parse_document(json.dumps(data), "any.yaml")
        form, problems = salvage(document)
    except RoutineError as error:
        form, problems = None, error.problems
        assert {problem.code for problem in problems} == {"bad-character"}
    assert form is not None or problems
    for problem in problems:
        assert problem.place.line >= 1
        assert problem.message.endswith((".", "!", "?")), problem.message
        assert problem.hint.endswith((".", "?")), problem
        assert "\n" not in problem.message


@pytest.mark.parametrize(
    ("yaml", "said"),
    [
        ('"@say": 1', "2:1: There is no key '@say' here."),
        ("say: Hi.\npose: bridge", "2:1: There is no key 'say' here."),
        ('steps: [{say: Hi., "@say": 1}]', "2:20: There is no key '@say' here. Did you mean say?"),
        ('steps: [{pose: {name: A, instructions: {"@levels": 1}}}]', "2:41: There is no key '@levels' here."),
        ('steps: [{pose: {name: A, prompts: [{say: a, at: half, "@": 1}]}}]', "2:55: There is no key '@' here."),
        ("steps: [{repeat: 2, steps: [{say: Hi., chaptr: A}]}]", "2:40: There is no key 'chaptr' here. Did you mean"),
        ('steps: [{repeat: 2, steps: [{rest: 1, "": 1}]}]', "2:39: There is no key '' here."),
        ("steps: {'': }", "2:8: 'steps' has to be a list, not a mapping."),
        (f"steps: [{{pose: bridge, rounds: 0x{'f' * 5000}}}]", "2:32: 'rounds' has to be a whole number"),
        (r'tags: ["\ud800"]', "2:11: This escape stands for no character."),
        (r'"\ud800": 1', "2:4: This escape stands for no character."),
        (f"steps: [{{pose: {'a' * 300}}}]", "2:16: There is no pose"),
        (f"steps: [{{include: {'é' * 120}}}]", "2:19: There is no routine"),
    ],
)
def test_odd_keys_and_values_are_located(write, yaml, said):
    found = problems(write(f"title: T\n{yaml}\n"))
    assert any(problem.startswith(said) for problem in found), found


def test_two_halves_of_a_letter_are_one_as_in_json(write):
    assert load(write(r'{"title": "\ud83d\ude00 A", "steps": [{"say": "Hi."}]}')).title == "😀 A"


def test_words_between_poses_know_only_the_poses_around_them(write):
    assert problems(write("title: t\nsteps:\n  - say: Hold it for {hold}.\n")) == [
        "3:10: {hold} stands for nothing outside a pose. Between poses there are {pose}, the one before, and {next}. "
        "[unknown-placeholder]"
    ]
