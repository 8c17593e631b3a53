"""What a good editor would say: a broken routine for each warning, and none for what is well written."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audioguide.session.check import check
from audioguide.system import paths

CLOSING = "  - say: That is all for today.\n"


def found(path, text=None):
    """Each finding as its line, its code, and what stands at its place."""
    if text is not None:
        path.write_text(text, "utf-8")
    lines = path.read_text("utf-8").splitlines()
    places = [(problem.place.line, problem.code, problem.place.column) for problem in check(path)]
    return [f"{line} {code} {re.match(r'[^,}]*', lines[line - 1][column - 1 :])[0]}" for line, code, column in places]


def routine(*steps, head="", closing=CLOSING):
    return f"title: t\n{head}steps:\n" + "".join(f"  - {step}\n" for step in steps) + closing


def still(more="", name="Stretch", settings=""):
    return f"{{pose: {{name: {name!r}, release: Let go., hold: 40s, limits: 5s..600s{more}}}{settings}}}"


LONG = "and " * 18 + "on"
PROMPT = "prompts: [{say: Breathe., %s}]"

BROKEN = {
    "sides in names": (
        routine(still(name="Pigeon, left"), still(name="Pigeon, right", settings=", hold: 45s")),
        ["3 unequal-sides 40s"],
    ),
    "sides of one pose and of another step": (
        routine(still(", sides: [left leg, right leg]"), still(", sides: [left leg]")),
        ["3 unequal-sides 40s"],
    ),
    "a single side": (routine(still(", sides: [the right arm]")), ["3 unequal-sides 40s"]),
    "a name with a single side": (routine(still(name="Pigeon, left")), ["3 unequal-sides 40s"]),
    "too short": (routine(still(settings=", hold: 4s")), ["3 under-limit 4s"]),
    "another target": (routine(still(", targets: [hips, hamstring]")), ["3 unknown-target hamstring]"]),
    "a long cycle": (routine(still(settings=", breath: 10-11")), ["3 long-cycle 10-11"]),
    "a long cycle by default": (
        routine(still(), still(), head="defaults: {breath: 9-12}\n"),
        ["2 long-cycle 9-12"],
    ),
    "a long breath hold": (
        routine("breathe: {pattern: 4-10.5-5, rounds: 2}", "breathe: {pattern: 3-0-3-11, rounds: 2}"),
        ["3 long-breath-hold 4-10.5-5", "4 long-breath-hold 3-0-3-11"],
    ),
    "a long rest": (routine("say: Now rest.", "rest: 90s", still()), ["4 long-silence 90s"]),
    "a long hold": (routine(still(settings=", hold: 3m")), ["3 long-silence 3m"]),
    "a prompt after the end": (
        routine(still(settings=", " + PROMPT % "at: 41s")),
        ["3 prompt-never-heard {say: Breathe."],
    ),
    "a prompt before the start": (
        routine(still(settings=", " + PROMPT % "at: -41s")),
        ["3 prompt-never-heard {say: Breathe."],
    ),
    "a prompt that is too long": (
        routine(still(settings=", prompts: [{say: Breathe as slowly as you can., at: -1s}]")),
        ["3 prompt-never-heard {say: Breathe as slowly as you can."],
    ),
    "prompts that meet": (
        routine(still(settings=", prompts: [{say: Sink., at: 10s}, {say: Lift., at: 10s}]")),
        ["3 prompt-never-heard {say: Lift."],
    ),
    "every so often, which is never": (
        routine(still(", " + PROMPT % "every: 50s")),
        ["3 prompt-never-heard {say: Breathe."],
    ),
    "a prompt in a moving pose": (
        routine("{pose: {name: Squat, release: Stand., reps: 5, prompts: [{say: Up., at: half}]}}"),
        ["3 prompt-never-heard {say: Up."],
    ),
    "no release": (routine("pose: {name: Stretch}"), ["3 no-release Stretch"]),
    "late words": (
        routine(
            "say: 'Sit. {until 9s} Lie down on your back, and let go. {until 10s} {pause 1s} Breathe. {until 11s}'"
        ),
        ["3 late-words 'Sit. {until 9s"] * 2,
    ),
    "no closing": (routine("say: Hello.", still(), "rest: 5s", closing=""), ["5 no-closing rest: 5s"]),
    "no closing after breathing": (
        routine("breathe: {pattern: 4-6, rounds: 3}", closing=""),
        ["3 no-closing breathe: {pattern: 4-6"],
    ),
    "a long sentence": (
        routine(
            f"say: >-\n      A short one.\n      Then {LONG}\n      and on and on and on and on.\n      A short one."
        ),
        ["5 long-sentence Then and and and and and and and and and and and and and and and and and and on"],
    ),
    "a long sentence at one level": (
        routine(still(f", instructions: {{brief: Do it., full: '{LONG} {LONG}.'}}")),
        ["3 long-sentence " + f"{LONG} {LONG}.'"],
    ),
    "pauses that would be read aloud": (
        routine("say: Breathe in. [pause 5s] And out. (pause) Again. [30 seconds] Now. /5s"),
        [
            "3 pause-mark [pause 5s] And out. (pause) Again. [30 seconds] Now. /5s",
            "3 pause-mark (pause) Again. [30 seconds] Now. /5s",
            "3 pause-mark [30 seconds] Now. /5s",
            "3 pause-mark /5s",
        ],
    ),
    "one side on every side": (
        routine("pose: {name: Lunge, sides: [left, right], release: Put your left foot back.}"),
        ["3 fixed-side Put your left foot back."],
    ),
    "reps that were meant to take it all": (
        routine("{pose: squats, hold: 40s, rest: 3s}", "{pose: squats, hold: 8s, rest: 3s}"),
        ["3 long-hold 40s"],
    ),
    "a long hold without limits": (
        routine(
            "pose: {name: Sit, release: Up., hold: 61s, breath: 4-6}", "pose: {name: Lie, release: Up., hold: 60s}"
        ),
        ["3 long-hold 61s"],
    ),
    "no time to relax": (routine("{pose: bridge, reps: 5, hold: 5s}"), ["3 no-rest 5s"]),
    "quicker than the count": (
        routine("pose: {name: Hop, release: Stand., reps: 9, tempo: 0.2-0-0.3}"),
        ["3 short-rep pose: {name: Hop"],
    ),
    "a tempo of reps that are held": (
        routine("{pose: {name: Press, release: Stand., tempo: 2-1-2}, reps: 5, hold: 5s, rest: 5s}"),
        ["3 no-effect tempo: 2-1-2"],
    ),
    "a rest in one round": (routine("{pose: bridge, rest: 10s}"), ["3 no-effect rest: 10s"]),
    "a tempo without reps": (routine(still(", tempo: 2-1-2")), ["3 no-effect tempo: 2-1-2"]),
    "limits of a moving pose": (
        routine("pose: {name: Squat, release: Stand., reps: 5, limits: 5s..9s}"),
        ["3 no-effect limits: 5s..9s"],
    ),
}

CLEAN = {
    "what the step says": routine("{pose: {name: Squat, tempo: 3-1-3}, reps: 5, release: Stand.}"),
    "a side more often, as it is meant": routine("{pose: figure-four, sides: [left, left, right]}"),
    "a rest between reps": routine("{pose: bridge, reps: 5, hold: 5s, rest: 3s}"),
    "equal sides": routine(still(name="Pigeon, left"), still(name="Pigeon, right")),
    "sides that are none": routine(still(", sides: [to the front, to the back]")),
    "a name that only begins like a side": routine(still(name="Right angle pose")),
    "a rest that is announced": routine("say: Rest for a minute and a half.", "rest: 90s", still()),
    "a hold that is announced": routine(still(", instructions: 'Stay for {hold}.'", settings=", hold: 3m")),
    "a hold that is announced before": routine("say: Lie still for two long minutes.", still(settings=", hold: 2m")),
    "a paced hold": routine(still(settings=", hold: 3m, breath: 4-6")),
    "prompts with room": routine(still(", prompts: [{say: 'On {side}.', at: 10s}, {say: Lift., every: 15s}]")),
    "a prompt that is heard in one of two holds": routine(
        f"{{repeat: 1, steps: [{still(settings=', ' + PROMPT % 'at: 35s')}]}}"
    ),
    "both sides in one text": routine(
        "pose: {name: Lunge, sides: [left, right], release: Shake your left and your right leg.}"
    ),
    "what is left": routine("pose: {name: Lunge, sides: [left, right], release: Breathe out what is left.}"),
    "25 words": routine(f"say: {' '.join(['word'] * 25)}. {' '.join(['word'] * 25)}."),
    "words only": routine("say: Hello."),
}


@pytest.mark.parametrize("name", BROKEN)
def test_each_warning_at_its_place(tmp_path, name):
    text, expected = BROKEN[name]
    assert found(tmp_path / "routine.yaml", text) == expected


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_is_said_about_what_is_well_written(tmp_path, name):
    assert found(tmp_path / "routine.yaml", CLEAN[name]) == []


def test_what_a_warning_says(tmp_path):
    path = tmp_path / "routine.yaml"
    path.write_text(BROKEN["sides in names"][0], "utf-8")
    (problem,) = check(path)
    assert str(problem).endswith(
        "3:59: warning: 'Pigeon' is held for 40s on the left and 45s on the right. "
        "Give both sides the same time, as `sides:` in one step does. [unequal-sides]"
    )


def test_a_pose_file_is_checked_on_its_own(tmp_path):
    path = tmp_path / "lunge.yaml"
    text = "name: Lunge\nhold: 4s\nlimits: 5s..30s\nsides: [left]\nprompts: [{say: Sink., at: 1:00}]\n"
    assert found(path, text) == [
        *("1 no-release Lunge", "2 under-limit 4s", "2 unequal-sides 4s", "5 prompt-never-heard {say: Sink."),
    ]
    assert found(path, "name: Lunge\nid: other\nhold: 90s\n") == ["2 wrong-id other", "3 over-limit 90s"]
    assert found(path, "name: Lunge\nreps: 5\nhold: 9s\nrelease: Stand.\n") == []
    assert found(path, "name: Lunge\nbreath_words: {in: Up., out: Down.}\nrelease: Stand.\n") == []
    assert found(path, "name: Lunge\nrelase: Stand.\nsay: x\n") == [
        "2 unknown-key relase: Stand.",
        "3 unknown-key say: x",
    ]


def test_a_pose_of_the_library_is_not_told_again_in_each_routine(tmp_path, monkeypatch):
    paths.roots.cache_clear()
    monkeypatch.setenv("AUDIOGUIDE_HOME", str(tmp_path))
    try:
        poses = tmp_path / "scripts" / "poses"
        poses.mkdir(parents=True)
        lunge = "name: Lunge\nhold: 40s\nprompts: [{say: Sink., at: 50s}]\n"
        assert found(poses / "lunge.yaml", lunge) == ["1 no-release Lunge", "3 prompt-never-heard {say: Sink."]
        assert found(tmp_path / "routine.yaml", routine("pose: lunge")) == []
    finally:
        paths.roots.cache_clear()


def test_what_is_included_is_told_in_its_own_file(tmp_path):
    inner = tmp_path / "inner.yaml"
    assert found(inner, routine(still(settings=", hold: 3m"), closing="")) == [
        "3 no-closing {pose: {name: 'Stretch'",
        "3 long-silence 3m",
    ]
    assert found(tmp_path / "outer.yaml", routine("include: inner")) == []
    assert found(tmp_path / "open.yaml", routine("say: Hi.", "include: inner", closing="")) == [
        "4 no-closing include: inner"
    ]


def test_errors_keep_what_they_make_meaningless_to_themselves(tmp_path):
    text = routine("{pose: {name: A, relase: Go., breath: 10-11}}", f"say: {LONG} {LONG}", closing="")
    codes = ["3 unknown-key relase: Go.", "3 long-cycle 10-11", f"4 long-sentence {LONG} {LONG}"]
    assert found(tmp_path / "routine.yaml", text) == codes


def test_every_routine_and_pose_that_is_shipped_passes():
    scripts = Path(paths.roots()[-1]) / "scripts"
    files = [path for path in sorted(scripts.rglob("*.yaml")) if "." not in path.stem]
    assert files
    assert [str(problem) for path in files for problem in check(path)] == []


def test_the_readme_s_routines_pass(tmp_path):
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    blocks = [text for text in re.findall(r"```yaml\n(.*?)```", readme, re.DOTALL) if "\nsteps:" in text]
    assert blocks
    assert [found(tmp_path / "quiet.yaml", text) for text in blocks] == [[] for _ in blocks]


SECONDS = st.integers(1, 200).map(lambda seconds: f"{seconds}s")
TEXTS = st.sampled_from(
    ["Go.", "Lower your left leg.", "Stay for {hold}.", LONG, "In. [pause 3s] Out.", "Take a minute."]
)
PROMPTS = st.lists(
    st.one_of(
        st.fixed_dictionaries({"say": TEXTS, "at": st.one_of(SECONDS, SECONDS.map("-{}".format), st.just("half"))}),
        st.fixed_dictionaries({"say": TEXTS, "every": SECONDS}),
    ),
    max_size=3,
)
POSES = st.fixed_dictionaries(
    {"name": st.sampled_from(["Pigeon left", "Pigeon right", "Right", "Lunge"]), "limits": st.just("1s..300s")},
    optional={
        "hold": SECONDS,
        "sides": st.lists(st.sampled_from(["left", "right leg", "up"]), min_size=1, max_size=3),
        "release": TEXTS,
        "prompts": PROMPTS,
        "instructions": TEXTS,
        "reps": st.integers(1, 9),
        "tempo": st.sampled_from(["2-1-2", "20-20-20"]),
        "breath": st.sampled_from(["1-1", "4-6", "20-15-30"]),
        "breath_words": st.just({"in": "Reach up as far as you can.", "out": "Fold."}),
    },
).map(lambda pose: {**pose, "reps": None, "breath": "1-1"} if "breath_words" in pose else pose)
STEPS = st.lists(
    st.one_of(
        st.fixed_dictionaries(
            {"pose": POSES}, optional={"rounds": st.integers(1, 3), "rest": SECONDS, "prompts": PROMPTS}
        ),
        st.fixed_dictionaries({"say": st.sampled_from(["Hello.", LONG, "Rest for a minute."])}),
        st.fixed_dictionaries({"rest": SECONDS}),
        st.fixed_dictionaries(
            {"breathe": st.sampled_from([{"pattern": "4-12-8", "rounds": 2}, {"pattern": "1-1", "rounds": 99}])}
        ),
    ),
    min_size=1,
    max_size=6,
)


@given(steps=st.lists(STEPS, min_size=1, max_size=2))
def test_a_valid_routine_never_breaks_the_check(tmp_path_factory, steps):
    inner, *outer = steps
    tree = {"title": "t", "steps": [*inner, *({"repeat": 2, "steps": more} for more in outer)]}
    path = tmp_path_factory.getbasetemp() / "generated.yaml"
    path.write_text(json.dumps(tree), "utf-8")
    for problem in check(path):
        assert problem.severity == "warning", problem
        assert problem.hint.endswith((".", "?"))
        assert 1 <= problem.place.column <= len(path.read_text("utf-8"))
